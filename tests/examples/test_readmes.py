"""What an example's README draws is what its spec says; each image it needs has a stand-in."""

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.examples.manifests import containers, pod_templates, rendered

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLES = sorted(path.parent.name for path in REPOSITORY.glob("examples/*/stand-in.json"))
REAL = {"busybox:1.37", "postgres:17-alpine", "python:3.13-slim"}
"""Images that need no stand-in: tools and databases are what they are."""


def drawn(readme: str) -> Iterator[tuple[str, str, str]]:
    """The edges of a README's Mermaid pictures as (workflow, before, after); words on an arrow do not count."""
    workflow = ""
    for line in "\n".join(re.findall(r"```mermaid\n(.*?)```", readme, re.DOTALL)).splitlines():
        line = re.sub(r'\["[^"]*"\]|\(\["[^"]*"\]\)|\{\{"[^"]*"\}\}', "", line.strip())
        if line.startswith("subgraph "):
            workflow = line.split()[1]
        elif "->" in line:
            line = re.sub(r"(--|-\.) .*? (-->|\.->)", "-->", line)
            groups = [[name.strip() for name in side.split("&")] for side in re.split(r"-->|-\.->", line)]
            for before, after in itertools.pairwise(groups):
                yield from ((workflow, one, other) for one in before for other in after)


def written(example: str) -> Iterator[tuple[str, str, str]]:
    """The edges of the compiled workflows."""
    for path in sorted((REPOSITORY / "charts-out" / example / "files").glob("*/plan.json")):
        plan = json.loads(path.read_text(encoding="utf-8"))
        for section in ("tasks", "on_exit"):
            for name, task in plan[section].items():
                yield from ((plan["workflow"], need, name) for need in task.get("needs", ()))


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_picture_is_the_graph(example: str) -> None:
    readme = (REPOSITORY / "examples" / example / "README.md").read_text(encoding="utf-8")
    assert sorted(drawn(readme)) == sorted(written(example))


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_image_has_a_stand_in(example: str, helm4: Path) -> None:
    table = json.loads((REPOSITORY / "examples" / example / "stand-in.json").read_text(encoding="utf-8"))
    pods = pod_templates(rendered(helm4, REPOSITORY / "charts-out" / example))
    assert {container["image"] for _, pod in pods for container in containers(pod)} - REAL == set(table)


def test_an_image_has_one_stand_in_however_many_examples_need_it() -> None:
    """They may be loaded into one cluster, one after the other."""
    tables = [
        json.loads((REPOSITORY / "examples" / example / "stand-in.json").read_text(encoding="utf-8"))
        for example in EXAMPLES
    ]
    everything = [(image, json.dumps(entry, sort_keys=True)) for table in tables for image, entry in table.items()]
    assert len(dict(everything)) == len(set(everything)) < len(everything)
