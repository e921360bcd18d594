"""A strategic merge patch on an object tree in which Helm nodes stand.

Stage: lower. Input: a tree, the patch as nodes of the spec. Output: the tree of the patched object: what Helm makes of
it is what a patch of the rendered object would give. Whatever values.yaml decides stays decided there, but for the
fields that the patch says. Source: https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import cast

from generator.chart.nodes import Dot, If, Include, Kind, Merge, Omit, Range, Tree, Value, With
from generator.diagnostics import Diagnostics, Span
from generator.kube.merge_keys import is_replaced, merge_key
from generator.lower import codes
from generator.manifest import Path, path_text
from generator.records import dataclass
from generator.yamlio.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode

_RETAIN = "$retainKeys"


@dataclass(frozen=True)
class Patching:
    """One patch at work. `parts` are the places of the object's parts, to which those of the patch are added."""

    group: str
    kind: str
    parts: dict[str, Span]
    diagnostics: Diagnostics

    def merged(self, tree: Tree, node: Node, path: Path) -> Tree:
        """What stands at `path` once the patch `node` is laid on it."""
        if isinstance(node, ScalarNode):
            self._note_replaced(tree, node.span)
            return cast("Tree", node.value)
        if isinstance(node, SequenceNode):
            return self._list(tree, node, path)
        if _directive(node) == "replace" or is_replaced(self.group, self.kind, _pattern(path)):
            self._note_replaced(tree, node.span)
            return self.plain(node, path)
        return self._map(tree, node, path)

    def plain(self, node: Node, path: Path) -> Tree:
        """What a part of a patch becomes where there is nothing to merge it with: no directives, nothing deleted."""
        if isinstance(node, ScalarNode):
            return cast("Tree", node.value)
        if isinstance(node, SequenceNode):
            kept = [item for item in node.items if _directive(item) not in ("delete", "replace")]
            return [self.plain(item, (*path, index)) for index, item in enumerate(kept)]
        return {entry.key: self.plain(entry.value, (*path, entry.key)) for entry in self._added(node, path)}

    # --- maps

    def _map(self, tree: Tree, node: MappingNode, path: Path) -> Tree:
        match tree:
            case If(condition=condition, then=then, otherwise=otherwise):
                return If(condition, self.merged(then, node, path), self._or_plain(otherwise, node, path))
            case With(value=Value() as value, body=Dot(path=()), otherwise=None):
                return self._opaque(replace(value, kind=Kind.TREE), node, path)
            case With(value=value, body=body, otherwise=otherwise):
                return With(value, self.merged(body, node, path), self._or_plain(otherwise, node, path))
            case Merge(parts=parts):
                return self._several(parts, node, path)
            case Value(kind=Kind.TREE) | Dot(kind=Kind.TREE) | Include(block=True):
                return self._opaque(tree, node, path)
            case Mapping():
                return self._entries(tree, node, path)
        self._note_replaced(tree, node.span)
        return self.plain(node, path)

    def _or_plain(self, tree: Tree | None, node: Node, path: Path) -> Tree:
        return self.plain(node, path) if tree is None else self.merged(tree, node, path)

    def _entries(self, tree: Mapping[str, Tree], node: MappingNode, path: Path) -> Mapping[str, Tree]:
        result = dict(tree)
        for entry in self._said(node, path):
            here = (*path, entry.key)
            if _deletes(entry.value):
                result.pop(entry.key, None)
            elif entry.key in result:
                result[entry.key] = self.merged(result[entry.key], entry.value, here)
            else:
                result[entry.key] = self.plain(entry.value, here)
        retained = node.get(_RETAIN)
        if isinstance(retained, SequenceNode):
            names = {item.text for item in retained.items if isinstance(item, ScalarNode)}
            result = {key: value for key, value in result.items() if key in names}
        return result

    def _opaque(self, tree: Value | Dot | Include, node: MappingNode, path: Path, optional: bool = False) -> Tree:
        """A map that is only known when Helm runs: the patch's fields stand beside the rest of it."""
        said = list(self._said(node, path))
        literal = {
            entry.key: self._below(tree, entry, (*path, entry.key)) for entry in said if not _deletes(entry.value)
        }
        rest = With(Omit(tree, tuple(entry.key for entry in said), optional))
        return Merge((literal, rest)) if literal else rest

    def _below(self, tree: Value | Dot | Include, entry: Entry, path: Path) -> Tree:
        if not isinstance(tree, Include) and isinstance(entry.value, MappingNode) and not _directive(entry.value):
            return self._opaque(replace(tree, path=(*tree.path, entry.key)), entry.value, path, optional=True)
        return self.plain(entry.value, path)

    def _several(self, parts: Sequence[Tree], node: MappingNode, path: Path) -> Tree:
        said = list(self._said(node, path))
        known = {key for part in parts if isinstance(part, Mapping) for key in part}
        here = MappingNode(node.span, tuple(entry for entry in said if entry.key in known))
        new = [entry for entry in said if entry.key not in known and not _deletes(entry.value)]
        keys = tuple(entry.key for entry in said)
        result: list[Tree] = []
        for part in parts:
            mine = _only(here, part) if isinstance(part, Mapping) else None
            result.append(self._entries(part, mine, path) if isinstance(part, Mapping) and mine else _less(part, keys))
        literal = {entry.key: self.plain(entry.value, (*path, entry.key)) for entry in new}
        return Merge((*result, literal) if literal else tuple(result))

    # --- lists

    def _list(self, tree: Tree, node: SequenceNode, path: Path) -> Tree:
        key = merge_key(self.group, self.kind, _pattern(path))
        if not key or any(_directive(item) == "replace" for item in node.items):
            self._note_replaced(tree, node.span)
            return self.plain(node, path)
        match tree:
            case If(condition=condition, then=then, otherwise=otherwise):
                return If(condition, self._list(then, node, path), self._or_plain(otherwise, node, path))
            case With(value=value, body=body, otherwise=otherwise) if otherwise is not None or _is_list(body):
                return With(value, self._list(body, node, path), self._or_plain(otherwise, node, path))
            case With() | Value(kind=Kind.TREE) | Dot(kind=Kind.TREE) | Include(block=True):
                return self._items([tree], node, path, key)
            case Sequence() if not isinstance(tree, str):
                return self._items(list(tree), node, path, key)
        return self.plain(node, path)

    def _items(self, items: list[Tree], node: SequenceNode, path: Path, key: str) -> Sequence[Tree]:
        """Items are merged with those of the same key; new ones follow, before what only values.yaml knows."""
        end = len(items)
        while end and not isinstance(items[end - 1], Mapping):
            end -= 1
        items, unknown = items[:end], items[end:]
        gone = set()
        for patch in node.items:
            mark = self._mark(patch, key)
            if mark is None or not isinstance(patch, MappingNode):
                continue
            index = next(
                (at for at, item in enumerate(items) if isinstance(item, Mapping) and item.get(key) == mark), -1
            )
            if _directive(patch) == "delete":
                gone |= {index} - {-1}
            elif index >= 0:
                items[index] = self._entries(cast("Mapping[str, Tree]", items[index]), patch, (*path, index))
            else:
                self.parts[path_text((*path, len(items)))] = patch.span
                items.append(self.plain(patch, (*path, len(items))))
        self._shift(path, gone)
        return [*(item for index, item in enumerate(items) if index not in gone), *unknown]

    def _mark(self, patch: Node, key: str) -> object:
        """By what an item is found; reports an item that does not say it."""
        found = patch.get(key) if isinstance(patch, MappingNode) else None
        if isinstance(found, ScalarNode) and not found.is_null:
            return found.value
        message = f"an item of this list needs `{key}`, by which it is merged"
        self.diagnostics.add(codes.BAD_PATCH, message, patch.span, hint=f"add `{key}:`")
        return None

    def _shift(self, path: Path, gone: set[int]) -> None:
        """Move the places of what stands behind removed items."""
        prefix = path_text(path)
        pattern = re.compile(rf"{re.escape(prefix)}\[(\d+)\](.*)", re.DOTALL)
        moved = {}
        for text in [text for text in self.parts if gone and text.startswith(f"{prefix}[")]:
            found = pattern.fullmatch(text)
            span = self.parts.pop(text)
            if found and (index := int(found[1])) not in gone:
                moved[f"{prefix}[{index - sum(each < index for each in gone)}]{found[2]}"] = span
        self.parts.update(moved)

    # --- places and findings

    def _said(self, node: MappingNode, path: Path) -> Iterator[Entry]:
        """The entries that are fields of the object; each is noted as the place of what it says."""
        for entry in node.entries:
            if entry.key.startswith("$"):
                self._check_directive(entry)
                continue
            scalar = isinstance(entry.value, ScalarNode)
            self.parts[path_text((*path, entry.key))] = entry.value.span if scalar else entry.key_span
            yield entry

    def _added(self, node: MappingNode, path: Path) -> Iterator[Entry]:
        return (entry for entry in self._said(node, path) if not _deletes(entry.value))

    def _check_directive(self, entry: Entry) -> None:
        value = entry.value.text if isinstance(entry.value, ScalarNode) else ""
        if entry.key == "$patch" and value not in ("merge", "replace", "delete"):
            message, hint = f'"{value[:40]}" is no way to patch', "write $patch: delete, replace or merge"
            self.diagnostics.add(codes.BAD_PATCH, message, entry.value.span, hint=hint)
        elif entry.key not in ("$patch", _RETAIN):
            message, hint = f"`{entry.key[:60]}` is no directive of a patch here", f"known here: $patch, {_RETAIN}"
            self.diagnostics.add(codes.BAD_PATCH, message, entry.key_span, hint=hint)

    def _note_replaced(self, tree: Tree, span: Span) -> None:
        """A value of the chart that the patch takes the place of would be set in vain."""
        for value in _values_in(tree):
            dotted = ".".join(value.path)
            message = f"the patch takes the place of the chart's value `{dotted}`, which has no effect any more"
            self.diagnostics.add(
                codes.VALUE_PATCHED, message, span, hint="say it in the spec where it has a key for it"
            )


def _directive(node: Node) -> str:
    found = node.get("$patch") if isinstance(node, MappingNode) else None
    return found.text if isinstance(found, ScalarNode) else ""


def _deletes(node: Node) -> bool:
    return _directive(node) == "delete" or (isinstance(node, ScalarNode) and node.is_null)


def _only(node: MappingNode, part: Mapping[str, Tree]) -> MappingNode | None:
    entries = tuple(entry for entry in node.entries if entry.key in part)
    return MappingNode(node.span, entries) if entries else None


def _less(tree: Tree, keys: tuple[str, ...]) -> Tree:
    """A part of a map without some keys."""
    match tree:
        case With(value=Value() as value, body=Dot(path=()), otherwise=None):
            return With(Omit(replace(value, kind=Kind.TREE), keys))
        case With(value=value, body=body, otherwise=otherwise):
            return With(value, _less(body, keys), _less_or_none(otherwise, keys))
        case If(condition=condition, then=then, otherwise=otherwise):
            return If(condition, _less(then, keys), _less_or_none(otherwise, keys))
        case Merge(parts=parts):
            return Merge(tuple(_less(part, keys) for part in parts))
        case Value() | Dot() | Include():
            return With(Omit(tree, keys))
        case Mapping():
            return {key: value for key, value in tree.items() if key not in keys}
    return tree


def _less_or_none(tree: Tree | None, keys: tuple[str, ...]) -> Tree | None:
    return None if tree is None else _less(tree, keys)


def _is_list(tree: Tree) -> bool:
    return isinstance(tree, Sequence) and not isinstance(tree, str)


def _pattern(path: Path) -> tuple[str, ...]:
    return tuple("[]" if isinstance(step, int) else step for step in path)


def _values_in(tree: object) -> Iterator[Value]:
    """The values of the chart that a tree reads."""
    if isinstance(tree, Value):
        yield tree
    elif isinstance(tree, Mapping):
        for inner in tree.values():
            yield from _values_in(inner)
    elif isinstance(tree, Sequence) and not isinstance(tree, str):
        for inner in tree:
            yield from _values_in(inner)
    elif isinstance(tree, With | If | Range | Merge | Include):
        for inner in vars(tree).values():
            yield from _values_in(inner)
