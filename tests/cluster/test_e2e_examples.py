"""The examples on a real cluster: each task's end, and what services and programs were asked, both as written.

All that are selected are installed and run at once, a few at a time; tests/cluster/examples/ holds what is expected.
"""

import difflib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from tests.cluster import stand_ins
from tests.cluster.example_runs import Played, play

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("gateway_api")]

EXAMPLES = sorted(path.stem for path in (Path(__file__).parent / "examples").glob("*.yaml"))
AT_ONCE = 4


@pytest.fixture(scope="module")
def playing(
    request: pytest.FixtureRequest, load: Path, helm4: Path, kubectl: Path
) -> Iterator[dict[str, Future[Played]]]:
    """The selected examples, being played."""
    selected = [
        str(item.callspec.params["example"])
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.path == request.path and hasattr(item, "callspec")
    ]

    def load_and_play(example: str) -> Played:
        stand_ins.load_example(load, example)
        return play(example, helm4, kubectl)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {example: pool.submit(load_and_play, example) for example in selected}


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_does_what_it_says(example: str, playing: dict[str, Future[Played]]) -> None:
    played = playing[example].result()
    if found := difference(played.expected, played.happened):
        pytest.fail(found, pytrace=False)
    assert played.out_of_order == []


def difference(expected: object, happened: object) -> str:
    """What differs, as a person reads it."""
    before, after = (yaml.safe_dump(account).splitlines() for account in (expected, happened))
    return "\n".join(difflib.unified_diff(before, after, "expected", "happened", n=8, lineterm=""))
