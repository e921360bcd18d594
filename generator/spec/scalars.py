"""Shapes of scalars: texts, numbers, booleans, durations, and data of any kind.

What a JSON Schema cannot say of them: how a number or boolean was spelt where a text belongs, the grammar inside
`${{ }}`, which time zones there are, that a range of a schedule runs backwards, that a duration is too long.
"""

from __future__ import annotations

from collections.abc import Callable

from generator.diagnostics import Code, Span
from generator.kube import durations
from generator.kube.credentials import credential_form
from generator.kube.durations import Duration, parse_duration
from generator.regexes import regex
from generator.spec import codes
from generator.spec.definitions import Definitions, JsonSchema, whole
from generator.spec.expression import Text
from generator.spec.expression_text import parse_text
from generator.spec.service_inputs import INPUT_PATTERN, input_named, with_services
from generator.spec.shapes import Reading, Shape
from generator.spec.suggestions import did_you_mean
from generator.yamlio.nodes import MappingNode, Node, ScalarNode, SequenceNode, plain

TEXT_TYPES = ["string", "number", "boolean"]
"""What a text may be written as: a number or boolean is taken as written (rulings L02)."""

# U+0000 no process can take. The others Helm 4 cannot send: the API server reads what it applies as YAML, which refuses
# them, and makes a space of U+0085 (tests/cluster/test_e2e_objects.py).
_NOWHERE = "\\x00\\x7f-\\x9f\\ufffe\\uffff"
NO_NUL = {"pattern": f"^[^{_NOWHERE}]*$"}
_UNSENDABLE = regex(f"[{_NOWHERE}]")
# `${{`, something, and the first `}}` outside a string (see `expression_lexer`).
_STRING = r"""'(?:[^'\\]|\\[\s\S])*'|""" + r'"(?:[^"\\]|\\[\s\S])*"'
_PIECE = rf"""[^'"}}{_NOWHERE} \t\r\n]|\}}(?!\}})|{_STRING}"""
_EXPRESSION = rf"\$\{{\{{[ \t\r\n]*(?:{_PIECE})(?:[ \t\r\n]|{_PIECE})*\}}\}}"
_DYNAMIC = {"pattern": whole(rf"(?:[^${_NOWHERE}]|\$(?!\{{\{{)|{_EXPRESSION})*")}
_JSON = {"pattern": whole(rf"(?:[^$]|\$(?!\{{\{{)|{_EXPRESSION})*")}
WHOLE_EXPRESSION = {"pattern": whole(_EXPRESSION)}
_NO_EXPRESSION = {"pattern": r"\$\{\{"}


class TextShape(Shape[str]):
    """A plain text. A number or boolean is taken as it was written (rulings L02); nothing is not."""

    expected = "a text"

    def read(self, node: Node, reading: Reading) -> str | None:
        if isinstance(node, ScalarNode) and not node.is_null:
            return node.text if has_no_nul(node, reading) else None
        self.refuse(node, reading)
        return None

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {"type": TEXT_TYPES, **NO_NUL}


class Formatted(Shape[str]):
    """A text with rules of its own.

    `mistake` says in words what is wrong with one, or nothing; `form` is the same as JSON Schema. In `plain` ones
    `${{` is text like any other; `strict` ones are never numbers or booleans.
    """

    def __init__(
        self,
        words: str,
        mistake: Callable[[str], str],
        form: JsonSchema,
        code: Code = codes.BAD_FORMAT,
        *,
        plain: bool = False,
        strict: bool = False,
    ) -> None:
        self.expected = words
        self.mistake = mistake
        self.form = form
        self.code = code
        self.plain = plain
        self.strict = strict

    def schema(self, definitions: Definitions) -> JsonSchema:
        text: JsonSchema = {"type": "string", **self.form}
        if not self.plain and not self.mistake("/${{"):
            text = {"allOf": [text, {"not": _NO_EXPRESSION}]}
        words = [{"const": word == "true"} for word in ("true", "false") if not self.mistake(word)]
        others = [] if self.strict else [*self._numbers(), *words]
        return {"anyOf": [text, *others]} if others else text

    def _numbers(self) -> list[JsonSchema]:
        """The numbers whose digits are a good text (rulings L02)."""
        if self.mistake("644"):
            return []
        kind = "integer" if self.mistake("64.4") else "number"
        return [{"type": kind, **({"minimum": 0} if self.mistake("-644") else {})}]

    def read(self, node: Node, reading: Reading) -> str | None:
        if not _is_text(node):
            self.refuse(node, reading)
            return None
        assert isinstance(node, ScalarNode)
        text = node.text
        if self.strict and not isinstance(node.value, str):
            self.refuse(node, reading, f'quote it: "{text[:40]}"')
            return None
        if not self.plain and not no_expression(text, node.span, reading):
            return None
        problem = self.mistake(text)
        if problem:
            message, _, hint = problem.partition(" | ")
            secret = bool(credential_form(text))  # the address of a library may hold a password
            reading.diagnostics.add(self.code, message, node.span, hint=hint, masked=secret)
            return None
        return text


class DynamicShape(Shape[Text]):
    """A text that may hold `${{ }}`."""

    expected = "a text"

    def read(self, node: Node, reading: Reading) -> Text | None:
        if isinstance(node, ScalarNode) and not node.is_null:
            return parsed(node.text, node.span, reading) if has_no_nul(node, reading) else None
        self.refuse(node, reading)
        return None

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {"type": TEXT_TYPES, **_DYNAMIC}


class CalledShape(Shape[str]):
    """The name of a service, or the input of `type: service` that brings it (rulings C08)."""

    expected = "the name of a service, or ${{ inputs.<name> }}"

    def read(self, node: Node, reading: Reading) -> str | None:
        text = TextShape().read(node, reading)
        if text is None or "${{" not in text:
            return text
        name, rest = input_named(text)
        if not name:
            message, hint = "only the name of an input can stand here", "write ${{ inputs.<name> }}, of type service"
            reading.diagnostics.add(codes.NO_EXPRESSION, message, node.span, hint=hint)
            return None
        return reading.given[name] + rest if name in reading.given else text

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {"type": TEXT_TYPES, "anyOf": [{**NO_NUL, "not": _NO_EXPRESSION}, {"pattern": whole(INPUT_PATTERN)}]}


class ConditionShape(Shape[Text]):
    """`${{ … }}`, or the literals true and false."""

    expected = "a condition in ${{ }}"

    def read(self, node: Node, reading: Reading) -> Text | None:
        if not isinstance(node, ScalarNode) or node.is_null:
            self.refuse(node, reading)
            return None
        if isinstance(node.value, bool):
            return parsed("${{ " + str(node.value).lower() + " }}", node.span, reading)
        before = len(reading.diagnostics)
        text = parsed(node.text, node.span, reading)
        if not text.whole and len(reading.diagnostics) == before:
            hint = (
                f"write ${{{{ {node.text} }}}}" if not text.expressions else "put the whole condition into one ${{ }}"
            )
            reading.diagnostics.add(
                codes.BARE_EXPRESSION, "a condition must be one ${{ }} and nothing else", node.span, hint=hint
            )
        return text if text.whole else None

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {"type": ["string", "boolean"], **WHOLE_EXPRESSION}


class BooleanShape(Shape[bool]):
    """true or false."""

    expected = "true or false"

    def read(self, node: Node, reading: Reading) -> bool | None:
        if isinstance(node, ScalarNode) and isinstance(node.value, bool):
            return node.value
        self.refuse(node, reading)
        return None

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {"type": "boolean"}


class IntegerShape(Shape[int]):
    """A whole number from `low` to `high`."""

    def __init__(self, low: int, high: int = 2**31 - 1) -> None:
        self.low, self.high = low, high
        self.expected = (
            f"a whole number of at least {low}" if high >= 2**31 - 1 else f"a whole number from {low} to {high}"
        )

    def read(self, node: Node, reading: Reading) -> int | None:
        if not isinstance(node, ScalarNode) or isinstance(node.value, bool) or not isinstance(node.value, int):
            quoted = isinstance(node, ScalarNode) and node.quoted and node.text.isdigit()
            self.refuse(node, reading, "remove the quotes" if quoted else "")
            return None
        if not self.low <= node.value <= self.high:
            message = f"{node.text} is out of range: expected {self.expected}"
            reading.diagnostics.add(codes.OUT_OF_RANGE, message, node.span)
            return None
        return node.value

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


class NumberShape(Shape[float]):
    """A number from `low` to `high`; with `between`, none of these two."""

    def __init__(self, low: float, high: float, *, between: bool = False) -> None:
        self.low, self.high, self.between = low, high, between
        self.expected = f"a number between {low:g} and {high:g}" if between else f"a number from {low:g} to {high:g}"

    def read(self, node: Node, reading: Reading) -> float | None:
        if not isinstance(node, ScalarNode) or isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
            self.refuse(node, reading)
            return None
        if not self.low <= node.value <= self.high or (self.between and node.value in (self.low, self.high)):
            message = f"{node.text} is out of range: expected {self.expected}"
            reading.diagnostics.add(codes.OUT_OF_RANGE, message, node.span)
            return None
        return float(node.value)

    def schema(self, definitions: Definitions) -> JsonSchema:
        if self.between:
            return {"type": "number", "exclusiveMinimum": self.low, "exclusiveMaximum": self.high}
        return {"type": "number", "minimum": self.low, "maximum": self.high}


class Choice(Shape[str]):
    """One of a few words; words in `later` are part of the language but not supported yet."""

    def __init__(self, *choices: str, later: tuple[str, ...] = ()) -> None:
        self.choices = choices
        self.later = later
        self.expected = " or ".join([", ".join(choices[:-1]), choices[-1]]) if len(choices) > 1 else choices[0]

    def read(self, node: Node, reading: Reading) -> str | None:
        if not _is_text(node):
            self.refuse(node, reading)
            return None
        assert isinstance(node, ScalarNode)
        if node.text in self.choices:
            return node.text
        if node.text in self.later:
            reading.diagnostics.add(
                codes.NOT_YET, f"`{node.text}` is not supported yet", node.span, hint=f"use {self.expected}"
            )
            return None
        guess = did_you_mean(node.text, self.choices)
        hint = f"did you mean `{guess}`?" if guess else f"choose {self.expected}"
        reading.diagnostics.add(codes.NOT_ONE_OF, f'"{node.text[:40]}" is not {self.expected}', node.span, hint=hint)
        return None

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {"enum": list(self.choices)}


class DurationShape(Shape[Duration]):
    """A length of time; zero only where it makes sense."""

    expected = "a duration (250ms, 10s, 5m, 1h)"

    def __init__(self, *, zero: bool = False) -> None:
        self.zero = zero

    def read(self, node: Node, reading: Reading) -> Duration | None:
        if not _is_text(node):
            self.refuse(node, reading)
            return None
        assert isinstance(node, ScalarNode)
        if not no_expression(node.text, node.span, reading):
            return None
        duration = parse_duration(node.text)
        if duration is None:
            hint = f"write {node.text}s for seconds" if node.text.isdigit() else "a number and a unit: ms, s, m, h or d"
            reading.diagnostics.add(codes.BAD_FORMAT, f'"{node.text[:40]}" is not a duration', node.span, hint=hint)
        elif duration.seconds == 0 and not self.zero:
            reading.diagnostics.add(codes.OUT_OF_RANGE, "a duration of zero makes no sense here", node.span)
            return None
        return duration

    def schema(self, definitions: Definitions) -> JsonSchema:
        form = {"type": "string", "pattern": whole(durations.PATTERN), "maxLength": durations.MAX_LENGTH}
        return form if self.zero else {**form, "allOf": [{"pattern": "[1-9]"}]}


class DataShape(Shape[Node]):
    """Any YAML; kept as the positioned node, read by whoever knows more about it."""

    expected = "any value"

    def read(self, node: Node, reading: Reading) -> Node | None:
        return node

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {}


class MappingShape(Shape[MappingNode]):
    """Any mapping, kept as its node."""

    expected = "a mapping"

    def read(self, node: Node, reading: Reading) -> MappingNode | None:
        if isinstance(node, MappingNode):
            return node
        self.refuse(node, reading)
        return None

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {"type": "object"}


class JsonShape(Shape[object]):
    """JSON in which every text may hold expressions: a call's body."""

    expected = "any value"

    def read(self, node: Node, reading: Reading) -> object | None:
        return _json(node, reading)

    def schema(self, definitions: Definitions) -> JsonSchema:
        return definitions.reference(self, "Json", self._definition)

    def _definition(self, definitions: Definitions) -> JsonSchema:
        inside = self.schema(definitions)
        return {**_JSON, "items": inside, "additionalProperties": inside}


def _json(node: Node, reading: Reading) -> object:
    if isinstance(node, SequenceNode):
        return [_json(item, reading) for item in node.items]
    if isinstance(node, MappingNode):
        return {entry.key: _json(entry.value, reading) for entry in node.entries}
    return parsed(node.value, node.span, reading) if isinstance(node.value, str) else node.value


class ConstantShape(Shape[object]):
    """A constant of any type: the default of an input or output."""

    expected = "a constant"

    def read(self, node: Node, reading: Reading) -> object | None:
        if isinstance(node, ScalarNode) and node.is_null:
            self.refuse(node, reading, "leave the key out instead")
            return None
        if (
            isinstance(node, ScalarNode)
            and isinstance(node.value, str)
            and not no_expression(node.value, node.span, reading)
        ):
            return None
        return plain(node)

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {"not": {"anyOf": [{"type": "null"}, {"type": "string", **_NO_EXPRESSION}]}}


def parsed(text: str, span: Span, reading: Reading) -> Text:
    """A text with its expressions, in which the services that are known stand for the inputs that bring them."""
    return with_services(parse_text(text, span, reading.diagnostics), reading.given)


def _is_text(node: Node) -> bool:
    return isinstance(node, ScalarNode) and not node.is_null


def has_no_nul(node: ScalarNode, reading: Reading) -> bool:
    """Whether the text is free of U+0000 and of the few others that cannot reach a cluster; reports it when not."""
    found = _UNSENDABLE.search(node.text)
    if found:
        message = f"the text holds the character U+{ord(found.group()):04X}"
        hint = "remove it, or put it into a file and say `from:`; it cannot go to a cluster as text"
        reading.diagnostics.add(codes.BAD_FORMAT, message, node.span, hint=hint)
    return found is None


def no_expression(text: str, span: Span, reading: Reading) -> bool:
    """Whether the text is free of `${{`; reports it when not."""
    if "${{" in text:
        reading.diagnostics.add(codes.NO_EXPRESSION, "no expressions here", span, hint="write the value itself")
        return False
    return True
