"""The lines that the text and the Markdown report of a diff share.

Input: changes of objects and fields. Output: lines, each with its sigil: `+` added, `-` removed, `~` changed, ` ` for
what is around. Texts of foreign manifests reach a terminal only with their control characters made visible.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import TypeAlias

from generator.diagnostics import Diagnostic
from generator.diff import codes
from generator.diff.model import ChartDiff, FieldChange, Leaf, ObjectChange, Status, Tree, dotted, leaves
from generator.diff.wording import SHORT, compact, described, is_default, listed
from generator.records import dataclass

Line: TypeAlias = tuple[str, str]

_ALIKE = 3
_CONTEXT = 2
_LONGEST = 200
SIGILS = {Status.ADDED: "+", Status.REMOVED: "-", Status.RENAMED: "~", Status.CHANGED: "~"}


def printable(text: str) -> str:
    """A text on one line, without characters that act on a terminal or hide in it."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def sections(diff: ChartDiff) -> Iterator[tuple[str, list[Diagnostic]]]:
    """The findings by consequence; empty sections are left out."""
    for title, members in codes.CONSEQUENCES:
        ids = {code.id for code in members}
        if found := [finding for finding in diff.findings if finding.code.id in ids]:
            yield title, found


def headline(change: ObjectChange) -> str:
    """Which object, and what becomes of it."""
    if change.status is Status.RENAMED and change.old:
        was = change.old.ref
        moved = was.namespace != change.ref.namespace and was.name == change.ref.name
        old_name = f"{was.namespace}/{was.name}" if moved else was.name
        return printable(
            f"{change.ref} renamed from {old_name} (Kubernetes deletes the old one and creates the new one)"
        )
    return printable(f"{change.ref} {change.status}")


@dataclass(frozen=True)
class Entry:
    """One object of a report, with the fields to be shown under it; or one change that many objects share."""

    sigil: str
    headline: str
    lines: tuple[Line, ...]


def entries(diff: ChartDiff) -> Iterator[Entry]:
    """What changes, object by object; a change that is the same in many objects comes once, before them."""
    shown = [change for change in diff.changes if change.status is not Status.UNCHANGED]
    lines = {index: [tuple(field_lines(field)) for field in change.fields] for index, change in enumerate(shown)}
    alike: dict[tuple[Line, ...], list[str]] = {}
    for index, change in enumerate(shown):
        for field, text in zip(change.fields, lines[index], strict=True):
            if change.status is Status.CHANGED and len(text) == 1 and not _is_hidden(field):
                alike.setdefault(text, []).append(str(change.ref))
    folded = {text: names for text, names in alike.items() if len(names) >= _ALIKE}
    for text, names in folded.items():
        yield Entry("~", printable(f"{len(names)} objects changed alike: {listed(names)}"), text)
    for index, change in enumerate(shown):
        own = [text for text in lines[index] if text not in folded or change.status is not Status.CHANGED]
        if own or not lines[index]:
            yield Entry(SIGILS[change.status], headline(change), tuple(line for text in own for line in text))


def _is_hidden(field: FieldChange) -> bool:
    parts = (part for part in (field.before, field.after) if part is not None)
    return any(leaf.is_hidden for part in parts for _, leaf in leaves(part))


def field_lines(change: FieldChange) -> Iterator[Line]:
    """One changed field: on one line when it is short, a long text line by line."""
    path = dotted(change.path)
    if change.order_only and change.before is not None and change.after is not None:
        yield "~", printable(f"{path}: order only: {_row(change.before)} → {_row(change.after)}")
        return
    texts = [
        part.value for part in (change.before, change.after) if isinstance(part, Leaf) and isinstance(part.value, str)
    ]
    if len(texts) == 2 and any("\n" in text for text in texts):
        yield "~", printable(f"{path}:")
        yield from _text_lines(*texts)
    elif change.before is None and change.after is not None:
        yield from _part_lines("+", path, change.after)
    elif change.after is None and change.before is not None:
        yield from _part_lines("-", path, change.before)
    else:
        yield "~", printable(described(change))


def _part_lines(sigil: str, path: str, part: Tree) -> Iterator[Line]:
    """A part that came or went: on one line, or one line for each field in it."""
    if isinstance(part, Leaf) or len(compact(part, SHORT + 1)) <= SHORT:
        yield sigil, printable(f"{path}: {compact(part, _LONGEST)}")
        return
    yield sigil, printable(f"{path}:")
    for line in _block(part, 1):
        yield sigil, printable(line)


def _block(tree: Tree, depth: int) -> Iterator[str]:
    indent = "  " * depth
    entries = ((f"{key}:", part) for key, part in sorted(tree.items())) if isinstance(tree, dict) else ()
    if isinstance(tree, list):
        entries = (("-", part) for part in tree)
    for label, part in entries:
        if is_default(part):
            continue
        short = compact(part, SHORT + 1)
        if isinstance(part, Leaf) or len(short) <= SHORT:
            yield f"{indent}{label} {compact(part, _LONGEST)}"
        else:
            yield f"{indent}{label}"
            yield from _block(part, depth + 1)


def _text_lines(old: str, new: str) -> Iterator[Line]:
    """Two texts line by line, with a little of what is around each change."""
    before, after = old.split("\n"), new.split("\n")
    for number, group in enumerate(SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(_CONTEXT)):
        if number:
            yield " ", "…"
        for tag, i, i_end, j, j_end in group:
            if tag == "equal":
                yield from ((" ", _cut(line)) for line in before[i:i_end])
            else:
                yield from (("-", _cut(line)) for line in before[i:i_end])
                yield from (("+", _cut(line)) for line in after[j:j_end])


def _cut(line: str) -> str:
    return f"  {printable(line if len(line) <= _LONGEST else line[: _LONGEST - 1] + '…')}".rstrip()


def _row(names: Tree) -> str:
    return ", ".join(str(name.value) for name in names if isinstance(name, Leaf)) if isinstance(names, list) else ""
