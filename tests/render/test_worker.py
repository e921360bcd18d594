"""What the library's worker adds to the library, so that it answers as the command line does."""

import argparse
from pathlib import Path
from typing import Any

import pytest

from generator.render import worker
from generator.render.worker import Failure


def test_values_are_merged_as_helm_merges_them(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: {x: 1, w: on}\nb: [1]\n")
    (tmp_path / "b.yaml").write_text("a: {x: 2, z: ~}\nb: [2]\n")
    low, high = (worker._values(tmp_path / name) for name in ("a.yaml", "b.yaml"))
    assert worker._merged(low, high) == {"a": {"x": 2, "w": True, "z": None}, "b": [2]}


@pytest.mark.parametrize("text", ["a: [", "- a"])
def test_values_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yaml").write_text(text)
    with pytest.raises(Failure, match=r"cannot load a\.yaml: "):
        worker._values(tmp_path / "a.yaml")


def test_empty_values(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("# nothing\n")
    assert worker._values(tmp_path / "a.yaml") == {}


def test_missing_dependencies_are_said_as_helm_says_it() -> None:
    metadata: dict[str, Any] = {"dependencies": [{"name": "redis"}, {"name": "pg"}]}
    with pytest.raises(Failure, match="missing in charts/ directory: pg"):
        worker._require_dependencies(metadata, [{"name": "redis"}])
    worker._require_dependencies({}, [])


def test_rendered_text_is_split_and_checked() -> None:
    assert [document.text for document in worker._checked("c/a.yaml", "a: 1\n---\n# none\n---\nb: 2")] == [
        "a: 1\n",
        "b: 2",
    ]
    with pytest.raises(Failure, match=r"YAML parse error on c/a\.yaml: .*line 4: "):
        list(worker._checked("c/a.yaml", "a: 1\n---\nb: [\n"))


def test_a_bad_release_name_is_refused() -> None:
    with pytest.raises(Failure, match='invalid release name "A_b"'):
        worker.render(argparse.Namespace(release="A_b"))
