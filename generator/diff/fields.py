"""Compares two trees field by field, lists by the keys that Kubernetes merges them by.

Input: two trees of one kind of object. Output: its :class:`FieldChange` values, in the order of their paths.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from difflib import SequenceMatcher
from typing import TypeAlias

from generator.diff.model import FieldChange, Leaf, Path, Tree, leaves, step
from generator.kube.lists import BY_NAME, ORDERED, ListType

ListTypes: TypeAlias = Callable[[Path], ListType | None]
"""The type of the list at a path, whose list items are written `[]`."""


def compare(old: Tree, new: Tree, list_types: ListTypes) -> tuple[FieldChange, ...]:
    """Every field that differs. A part that is on one side only is one change, not one for each field in it."""
    return tuple(_Comparison(list_types).walk(old, new, (), ()))


class _Comparison:
    """One comparison; `path` is shown to people, `place` is the same with `[]` for items."""

    def __init__(self, list_types: ListTypes) -> None:
        self._list_types = list_types

    def walk(self, old: Tree | None, new: Tree | None, path: Path, place: Path) -> Iterator[FieldChange]:
        if isinstance(old, dict) and isinstance(new, dict):
            for key in sorted({*old, *new}):
                yield from self.walk(old.get(key), new.get(key), (*path, step(key)), (*place, key))
        elif isinstance(old, list) and isinstance(new, list):
            yield from self._lists(old, new, path, place)
        elif old != new and not _only_defaults(old, new):
            yield FieldChange(path, old, new)

    def _lists(self, old: list[Tree], new: list[Tree], path: Path, place: Path) -> Iterator[FieldChange]:
        kind = self._list_types(place) or _guessed(old, new)
        if kind.keys:
            before, after = _by_key(old, kind), _by_key(new, kind)
            if before is not None and after is not None:
                yield from self._keyed(before, after, path, place)
                return
        if kind.ordered or kind.keys:
            yield from self._ordered(old, new, path, place)
        else:
            yield from self._unordered(old, new, path, place)

    def _keyed(self, old: dict[str, Tree], new: dict[str, Tree], path: Path, place: Path) -> Iterator[FieldChange]:
        yield from _reordered([key for key in old if key in new], [key for key in new if key in old], path)
        for key in sorted({*old, *new}):
            yield from self.walk(old.get(key), new.get(key), (*path, f"[{key}]"), (*place, "[]"))

    def _unordered(self, old: list[Tree], new: list[Tree], path: Path, place: Path) -> Iterator[FieldChange]:
        removed, added = _without(old, new), _without(new, old)
        if not removed and not added:
            yield from _reordered([_shown(item) for item in old], [_shown(item) for item in new], path)
        elif len(removed) == len(added) == 1:
            (before,), (after,) = removed, added
            yield from self.walk(before, after, (*path, f"[{new.index(after)}]"), (*place, "[]"))
        else:
            for item in removed:
                yield FieldChange((*path, f"[{old.index(item)}]"), item, None)
            for item in added:
                yield FieldChange((*path, f"[{new.index(item)}]"), None, item)

    def _ordered(self, old: list[Tree], new: list[Tree], path: Path, place: Path) -> Iterator[FieldChange]:
        if all(isinstance(item, Leaf) for item in (*old, *new)):
            if old != new:
                yield FieldChange(path, old, new)
            return
        before, after = [_frozen(item) for item in old], [_frozen(item) for item in new]
        matcher = SequenceMatcher(None, before, after, autojunk=False)
        for tag, i, i_end, j, j_end in matcher.get_opcodes():
            if tag == "equal":
                continue
            for offset in range(max(i_end - i, j_end - j)):
                was = old[i + offset] if i + offset < i_end else None
                now = new[j + offset] if j + offset < j_end else None
                index = j + offset if now is not None else i + offset
                yield from self.walk(was, now, (*path, f"[{index}]"), (*place, "[]"))


def _only_defaults(old: Tree | None, new: Tree | None) -> bool:
    """Whether a part came or went that no one wrote: it follows from another field that changed."""
    if old is not None and new is not None:
        return False
    part = old if new is None else new
    found = [leaf for _, leaf in leaves(part)] if part is not None else []
    return bool(found) and all(leaf.is_default for leaf in found)


def _guessed(old: list[Tree], new: list[Tree]) -> ListType:
    """Lists that no type of Kubernetes describes: by name when every item has one, else in order."""
    named = all(isinstance(item, dict) and isinstance(item.get("name"), Leaf) for item in (*old, *new))
    return BY_NAME if named else ORDERED


def _by_key(items: list[Tree], kind: ListType) -> dict[str, Tree] | None:
    """The items by their keys; None when one has none of them or two have the same."""
    found: dict[str, Tree] = {}
    for item in items:
        values = [_key_value(item, key) for key in kind.keys]
        if not any(values):
            return None
        found["/".join(value or "*" for value in values)] = item
    return found if len(found) == len(items) else None


def _key_value(item: Tree, key: str) -> str | None:
    tree: Tree | None = item
    for part in key.split("."):
        tree = tree.get(part) if isinstance(tree, dict) else None
    return str(tree.value) if isinstance(tree, Leaf) else None


def _reordered(before: list[str], after: list[str], path: Path) -> Iterator[FieldChange]:
    if before != after:
        yield FieldChange(path, _names(before), _names(after), order_only=True)


def _names(names: list[str]) -> list[Tree]:
    return [Leaf(name, name) for name in names]


def _without(items: list[Tree], others: list[Tree]) -> list[Tree]:
    """The items that are not among the others, as often as they are missing there."""
    missing = Counter(_frozen(item) for item in others)
    left = []
    for item in items:
        if missing[_frozen(item)]:
            missing[_frozen(item)] -= 1
        else:
            left.append(item)
    return left


def _shown(item: Tree) -> str:
    """A short name of an item, for telling the order of a list."""
    return " ".join(str(leaf.value) for _, leaf in leaves(item))


def _frozen(tree: Tree) -> Hashable:
    """A tree as a value that can be counted; equal when the trees are."""
    if isinstance(tree, dict):
        return frozenset((key, _frozen(part)) for key, part in tree.items())
    if isinstance(tree, list):
        return tuple(_frozen(part) for part in tree)
    return tree
