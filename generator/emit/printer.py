"""One object tree → the text of a Helm template, as a person would write it.

Stage: emit. Input: a :class:`Template`. Output: text, one action a line, two spaces, lists indented below their key.
Literal text never acts as a template; constants are quoted where Go's YAML would take them for something else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from generator.chart.model import FileSet, Template
from generator.chart.nodes import (
    Dot,
    FileText,
    If,
    Include,
    Join,
    Json,
    Kind,
    Merge,
    Named,
    Range,
    Scalar,
    Tree,
    Value,
    With,
)
from generator.emit.actions import Actions, escape
from generator.yamlio import writer

Body = Callable[[Tree, Actions], list[str]]


def print_template(template: Template, chart: str, files: FileSet) -> str:
    """The template's text. `chart` is the chart's name, `files` the files that `.Files.Get` finds."""
    actions = Actions(chart, template.alias)
    lines = _Layout(files).entries(template.tree, 0, actions)
    if template.alias and any(f"${template.alias.name}" in line for line in lines):
        path = Actions(chart).path(Value(template.alias.path))
        lines.insert(0, f"{{{{- ${template.alias.name} := {path} }}}}")
    if template.condition:
        test = Actions(chart).condition(template.condition)
        lines = [f"{{{{- if {test} }}}}", *lines, "{{- end }}"]
    return "\n".join(lines) + "\n"


class _Layout:
    """Lines of nested maps and lists. All methods return lines that are already indented."""

    def __init__(self, files: FileSet) -> None:
        self._files = files

    def entries(self, tree: Mapping[str, Tree], indent: int, actions: Actions) -> list[str]:
        """The entries of a map."""
        return [line for key, value in tree.items() for line in self._entry(key, value, indent, actions)]

    def _entry(self, key: str, value: Tree, indent: int, actions: Actions) -> list[str]:
        if isinstance(value, If | With):
            return self._control(value, indent, actions, lambda tree, inner: self._entry(key, tree, indent, inner))
        head = " " * indent + escape(writer.scalar(key)) + ":"
        if isinstance(value, Merge):
            return [head, *self._merged(value, indent + 2, actions)]
        if _is_spliced(value):
            return [head, self._splice(value, indent + 2, actions)]
        if isinstance(value, Mapping) and value:
            return [head, *self.entries(value, indent + 2, actions)]
        if _is_list(value) and value:
            return [head, *self._items(cast("Sequence[Tree]", value), indent + 2, actions)]
        return f"{head} {self._inline(value, indent + 2, actions)}".split("\n")

    def _merged(self, merge: Merge, indent: int, actions: Actions) -> list[str]:
        return [line for part in merge.parts for line in self._part(part, indent, actions)]

    def _part(self, part: Tree, indent: int, actions: Actions) -> list[str]:
        """One of the maps that a `Merge` puts together."""
        if isinstance(part, If | With):
            return self._control(part, indent, actions, lambda tree, inner: self._part(tree, indent, inner))
        if isinstance(part, Named):
            return self._named(part, indent, actions)
        if isinstance(part, Mapping):
            return self.entries(part, indent, actions)
        return [self._splice(part, indent, actions)]

    def _named(self, part: Named, indent: int, actions: Actions) -> list[str]:
        head, *rest = self._entry("", part.value, indent, actions)
        return [" " * indent + actions.scalar(part.key) + head.lstrip().removeprefix('""'), *rest]

    def _items(self, items: Sequence[Tree], indent: int, actions: Actions) -> list[str]:
        return [line for item in items for line in self._item(item, indent, actions)]

    def _item(self, item: Tree, indent: int, actions: Actions) -> list[str]:
        if isinstance(item, If | With | Range):
            return self._control(item, indent, actions, lambda tree, inner: self._some(tree, indent, inner))
        if _is_spliced(item):
            return [self._splice(item, indent, actions)]
        if isinstance(item, Merge):
            return [" " * indent + "-", *self._merged(item, indent + 2, actions)]
        if (isinstance(item, Mapping) or _is_list(item)) and item:
            return self._dashed(item, indent, actions)
        return f"{' ' * indent}- {self._inline(item, indent + 2, actions)}".split("\n")

    def _some(self, tree: Tree, indent: int, actions: Actions) -> list[str]:
        """What a control node in a list holds: a list gives all its items."""
        return (
            self._items(cast("Sequence[Tree]", tree), indent, actions)
            if _is_list(tree)
            else self._item(tree, indent, actions)
        )

    def _dashed(self, item: Tree, indent: int, actions: Actions) -> list[str]:
        if isinstance(item, Mapping):
            first, *rest = self.entries(item, indent + 2, actions)
        else:
            first, *rest = self._items(cast("Sequence[Tree]", item), indent + 2, actions)
        if first.lstrip().startswith("{{-"):
            raise ValueError(f"the first entry of a list item must always be there: {first.strip()}")
        return [f"{' ' * indent}- {first[indent + 2 :]}", *rest]

    def _control(self, node: If | With | Range, indent: int, actions: Actions, body: Body) -> list[str]:
        pad = " " * indent
        if isinstance(node, If):
            inner, head, then, otherwise = actions, f"if {actions.condition(node.condition)}", node.then, node.otherwise
        elif isinstance(node, With):
            inner, head, then, otherwise = (
                actions.inside(),
                f"with {actions.subject(node.value)}",
                node.body,
                node.otherwise,
            )
        else:
            inner, head, then, otherwise = actions.inside(), f"range {actions.path(node.value)}", node.item, None
        lines = [f"{pad}{{{{- {head} }}}}", *body(then, inner)]
        if isinstance(otherwise, If):
            chained = self._control(otherwise, indent, actions, body)
            return [*lines, chained[0].replace("{{- if", "{{- else if", 1), *chained[1:]]
        if otherwise is not None:
            lines += [f"{pad}{{{{- else }}}}", *body(otherwise, actions)]
        return [*lines, f"{pad}{{{{- end }}}}"]

    def _splice(self, node: Tree, indent: int, actions: Actions) -> str:
        """Whole entries or items that an action prints at this depth."""
        if isinstance(node, Include):
            return f"{' ' * indent}{{{{- {actions.include(node)} | nindent {indent} }}}}"
        if isinstance(node, Value | Dot):
            return f"{' ' * indent}{{{{- toYaml {actions.pipeline(node)} | nindent {indent} }}}}"
        raise TypeError(f"{type(node).__name__} does not yield entries or items")

    def _inline(self, value: Tree, indent: int, actions: Actions) -> str:
        """What stands after `key:` or `-`; a block scalar has further lines."""
        if isinstance(value, str):
            return escape(writer.block(value, indent) if writer.is_block(value) else writer.scalar(value))
        if isinstance(value, bool | int | float):
            return writer.scalar(value)
        if isinstance(value, Mapping):
            return "{}"
        if _is_list(value):
            return "[]"
        if isinstance(value, Json):
            return writer.block("\n".join(_json(value.tree, 0, actions)) + "\n", indent)
        if isinstance(value, Join) and (block := actions.block(value, indent)):
            return block
        if isinstance(value, FileText):
            return self._file(value, indent, actions)
        return actions.scalar(cast("Scalar", value))

    def _file(self, node: FileText, indent: int, actions: Actions) -> str:
        """A file as a readable block where a block loses nothing, else as one quoted line."""
        text = self._files[node.path].decode()
        if not writer.is_block(text):
            return actions.scalar(node)
        header = "|" if text.endswith("\n") else "|-"
        return f"{header}\n{' ' * indent}{{{{- {actions.pipeline(node)} | nindent {indent} }}}}"


def _is_list(tree: Tree) -> bool:
    return isinstance(tree, Sequence) and not isinstance(tree, str)


def _is_spliced(tree: Tree) -> bool:
    return (isinstance(tree, Value | Dot) and tree.kind is Kind.TREE) or (isinstance(tree, Include) and tree.block)


def _json(tree: Tree, indent: int, actions: Actions) -> list[str]:
    pad = " " * indent
    if isinstance(tree, Mapping) and tree:
        entries = [
            [f"{pad}  {escape(json.dumps(key))}: {first.lstrip(' ')}", *rest]
            for key, value in tree.items()
            for first, *rest in [_json(value, indent + 2, actions)]
        ]
        return [pad + "{", *_commas(entries), pad + "}"]
    if _is_list(tree) and tree:
        items = [_json(item, indent + 2, actions) for item in cast("Sequence[Tree]", tree)]
        return [pad + "[", *_commas(items), pad + "]"]
    if isinstance(tree, str | bool | int | float | Mapping) or _is_list(tree):
        return [pad + escape(json.dumps(tree))]
    return [pad + actions.json(cast("Scalar", tree))]


def _commas(groups: list[list[str]]) -> list[str]:
    for group in groups[:-1]:
        group[-1] += ","
    return [line for group in groups for line in group]
