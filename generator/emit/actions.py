"""Helm nodes as the text of template actions.

Stage: emit. Input: nodes of `generator.chart.nodes`. Output: pipelines (what stands between `{{` and `}}`), escaped
text.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from generator.chart.model import Alias
from generator.chart.nodes import (
    All,
    AnyOf,
    Argument,
    Builtin,
    Condition,
    Default,
    Dot,
    FileBase64,
    FilesChecksum,
    FileText,
    Include,
    Join,
    Kind,
    MoreThan,
    Not,
    Omit,
    Root,
    Scalar,
    Value,
)
from generator.records import dataclass
from generator.regexes import regex
from generator.yamlio import writer

_FIELD = regex(r"[A-Za-z_][A-Za-z0-9_]*")
_FOREIGN = regex(r"\{\{[^`\n]*?\}\}|\{\{")
_PRINTED = {Kind.TEXT: " | quote", Kind.INTEGER: " | int64", Kind.BOOLEAN: "", Kind.SCALAR: " | toYaml"}


def escape(text: str) -> str:
    """Template text that Helm prints as the given text: braces of others' template languages do not act."""
    return _FOREIGN.sub(lambda match: "{{ `" + match.group() + "` }}", text)


def action(pipeline: str) -> str:
    """One action that prints."""
    return "{{ " + pipeline + " }}"


@dataclass(frozen=True)
class Actions:
    """Writes nodes as pipelines.

    `chart` prefixes named templates; `alias` is the template's short name for a part of the values; `nested` says
    that the dot is not the root context, because a `with` or `range` is open.
    """

    chart: str
    alias: Alias | None = None
    nested: bool = False

    def inside(self) -> Actions:
        """The same, within a `with` or `range`."""
        return replace(self, nested=True)

    @property
    def root(self) -> str:
        """The root context."""
        return "$" if self.nested else "."

    def path(self, value: Value) -> str:
        """A value of values.yaml: `.Values.a.b`, or `$alias.b`."""
        base, rest = ("$.Values" if self.nested else ".Values"), value.path
        if self.alias and value.path[: len(self.alias.path)] == self.alias.path:
            base, rest = f"${self.alias.name}", value.path[len(self.alias.path) :]
        return _fields(base, rest)

    def subject(self, value: Value | Omit) -> str:
        """What stands after `with`."""
        if isinstance(value, Value):
            return self.path(value)
        read = self.pipeline(value.map)
        if isinstance(value.map, Include):
            read = f"({read} | fromYaml)"
        elif value.optional:
            read = f"({read} | default dict)"
        return " ".join(["omit", read, *map(go_literal, value.keys)])

    def condition(self, condition: Condition) -> str:
        """A condition, as it stands after `if`."""
        match condition:
            case Value():
                return self.path(condition)
            case Not(condition=inner):
                return f"not {self._operand(inner)}"
            case All(conditions=parts):
                return "and " + " ".join(self._operand(part) for part in parts)
            case AnyOf(conditions=parts):
                return "or " + " ".join(self._operand(part) for part in parts)
            case MoreThan(value=value, number=number):
                return f"gt (int {self.path(value)}) {number}"

    def _operand(self, condition: Condition) -> str:
        text = self.condition(condition)
        return text if isinstance(condition, Value) else f"({text})"

    def include(self, node: Include) -> str:
        """A named template with its arguments."""
        arguments = [self._argument(argument) for argument in node.arguments]
        passed = arguments[0] if len(arguments) == 1 else "(list " + " ".join(arguments) + ")"
        return f'include "{self.chart}.{node.helper}" {passed}'

    def _argument(self, argument: Argument) -> str:
        match argument:
            case Root():
                return self.root
            case Value():
                return self.path(argument)
            case Include():
                return f"({self.include(argument)})"
            case _:
                return go_literal(argument)

    def pipeline(self, node: Scalar) -> str:
        """What a node yields, unquoted and untyped: an operand for further functions."""
        match node:
            case Value():
                return self.path(node)
            case Dot(path=path):
                return _fields("", path) or "."
            case Include():
                return self.include(node)
            case Builtin(path=path):
                return f"$.{path}" if self.nested else f".{path}"
            case Join():
                return self._printf(node)
            case Default(value=value, fallback=fallback):
                other = go_literal(fallback) if isinstance(fallback, str) else f"({self.pipeline(fallback)})"
                return f"{self.path(value)} | default {other}"
            case FileText(path=path, gaps=gaps):
                filled = "".join(f" | replace {go_literal(f'@{name}@')} {self._gap(value)}" for name, value in gaps)
                return f"{self._files}.Get {go_literal(path)}{filled}"
            case FileBase64(path=path):
                return f"{self._files}.Get {go_literal(path)} | b64enc"
            case FilesChecksum(pattern=pattern):
                # AsConfig is empty when a file holds bytes that YAML cannot
                return f"({self._files}.Glob {go_literal(pattern)}).AsSecrets | sha256sum"
            case _:
                raise TypeError(f"{type(node).__name__} is not a pipeline")

    def _gap(self, value: str | Builtin | Include | Join) -> str:
        """What stands in a gap of a file, as an argument."""
        if isinstance(value, str):
            return go_literal(value)
        text = self.pipeline(value)
        return f"({text})" if " " in text else text

    @property
    def _files(self) -> str:
        return "$.Files" if self.nested else ".Files"

    def _printf(self, join: Join) -> str:
        texts = [part.replace("%", "%%") if isinstance(part, str) else _verb(part) for part in join.parts]
        operands = [self._safe(part) for part in join.parts if not isinstance(part, str)]
        arguments = [f"({text})" if " " in text else text for text in operands]
        return " ".join([f"printf {go_literal(''.join(texts))}", *arguments])

    def scalar(self, node: Scalar) -> str:
        """A YAML scalar on one line."""
        match node:
            case Value(kind=kind) | Dot(kind=kind):
                return action(self.pipeline(node) + _PRINTED[kind])
            case Join():
                return f'"{self._joined(node, _inside_quotes)}"'
            case Builtin() | Default() | FileText():
                return action(self.pipeline(node) + " | quote")
            case _:
                return action(self.pipeline(node))

    def block(self, join: Join, indent: int) -> str | None:
        """A string of several lines or with quotes as a readable block; None where a quoted string is better."""
        literals = "".join(part if isinstance(part, str) else "x" for part in join.parts)
        if "\n" not in literals and '"' not in literals:
            return None
        if not writer.is_block(literals if "\n" in literals else literals + "\n"):
            return None
        return writer.block(self._joined(join, str), indent)

    def _joined(self, join: Join, written: Callable[[str], str]) -> str:
        """The string's text, with an action for each part that is not literal."""
        texts = [escape(written(part)) if isinstance(part, str) else action(self._safe(part)) for part in join.parts]
        for index, text in enumerate(texts[:-1]):
            if text.endswith("{"):  # it would be read as part of the next action's delimiter
                texts[index] = text[:-1] + action("`{`")
        return "".join(texts)

    def _safe(self, part: Include | Builtin | Value) -> str:
        return self.pipeline(part) + (" | int64" if isinstance(part, Value) and part.kind is Kind.INTEGER else "")

    def json(self, node: Scalar) -> str:
        """A value inside a JSON document."""
        if isinstance(node, Value | Dot) and node.kind is Kind.INTEGER:
            return action(self.pipeline(node) + " | int64")
        return action(self.pipeline(node) + " | toJson")


def _inside_quotes(text: str) -> str:
    return writer.quote(text)[1:-1]


def _verb(part: Include | Builtin | Value) -> str:
    if isinstance(part, Value):
        return "%d" if part.kind is Kind.INTEGER else "%v"
    return "%s"


def go_literal(value: str | int) -> str:
    """A constant in an action: Go's interpreted strings take JSON's escapes."""
    return json.dumps(value, ensure_ascii=False)


def _fields(base: str, path: tuple[str, ...]) -> str:
    for position, key in enumerate(path):
        if not _FIELD.fullmatch(key):
            keys = " ".join(go_literal(key) for key in path[position:])
            return f"(index {base or '.'} {keys})"
        base = f"{base}.{key}"
    return base
