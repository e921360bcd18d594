"""The page that tells what can't be changed is the table of the rules."""

from collections.abc import Callable, Iterator
from pathlib import Path

from generator.kube.immutable import ALL, Immutable

PAGE = Path(__file__).parents[2] / "docs" / "changes.md"
MARK = "| kind | fixed |"


def test_the_page_is_up_to_date(expect_file: Callable[[str, Path], None]) -> None:
    prose = PAGE.read_text("utf-8").partition(MARK)[0]
    expect_file(prose + "\n".join(table()) + "\n", PAGE)


def table() -> Iterator[str]:
    """The rows, one for all fields of a kind that are fixed alike."""
    yield f"{MARK} except | when | function of Kubernetes |"
    yield "|---|---|---|---|---|"
    rows: dict[tuple[str, str, str, str], list[str]] = {}
    for fixed in ALL:
        for kind in fixed.kinds:
            but = ", ".join(f"`{shown(path[len(fixed.path) :])}`" for path in fixed.but)
            key = (kind.removeprefix("/"), but, when(fixed), fixed.source)
            rows.setdefault(key, []).append(f"`{shown(fixed.path)}`")
    for (kind, but, condition, source), paths in sorted(rows.items()):
        yield f"| {kind} | {', '.join(paths)} | {but} | {condition} | `{source}` |"


def when(fixed: Immutable) -> str:
    """In which case a change is refused, or allowed."""
    said = ("once it is set" if fixed.once_set else "", "if written" if fixed.when_written else "", fixed.when)
    return "; ".join(filter(None, said))


def shown(path: tuple[str, ...]) -> str:
    """A path as people write it."""
    return "".join(part if part.startswith("[") else f".{part}" for part in path).removeprefix(".")
