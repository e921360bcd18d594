"""Shapes of scalars: texts, numbers, and the texts that have a format of their own."""

from __future__ import annotations

import re
from collections.abc import Callable

from generator.diagnostics import Code, Span
from generator.kube import cron, identifiers
from generator.kube.durations import Duration, parse_duration
from generator.spec import codes
from generator.spec.expression import Text
from generator.spec.expression_text import parse_text
from generator.spec.shapes import Reading, Shape
from generator.spec.suggestions import did_you_mean
from generator.yamlio.nodes import MappingNode, Node, ScalarNode, SequenceNode, plain

_SEMVER = re.compile(
    r"(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)"
    r"(?:-(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*)?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_QUANTITY = re.compile(r"[+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?[0-9]{1,2})?")
_IMAGE = re.compile(
    r"(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]+)?/)?"
    r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)


class TextShape(Shape[str]):
    """A plain text. A number or boolean is taken as it was written (rulings L02); nothing is not."""

    expected = "a text"

    def read(self, node: Node, reading: Reading) -> str | None:
        if isinstance(node, ScalarNode) and not node.is_null:
            return node.text
        self.refuse(node, reading)
        return None


class Formatted(Shape[str]):
    """A text with rules of its own; `mistake` says in words what is wrong with one, or nothing."""

    def __init__(self, words: str, mistake: Callable[[str], str], code: Code = codes.BAD_FORMAT) -> None:
        self.expected = words
        self.mistake = mistake
        self.code = code

    def read(self, node: Node, reading: Reading) -> str | None:
        if not _is_text(node):
            self.refuse(node, reading)
            return None
        text = TEXT.read(node, reading)
        if text is None or not no_expression(text, node.span, reading):
            return None
        problem = self.mistake(text)
        if problem:
            reading.diagnostics.add(self.code, problem.partition(" | ")[0], node.span, hint=problem.partition(" | ")[2])
            return None
        return text


class DynamicShape(Shape[Text]):
    """A text that may hold `${{ }}`."""

    expected = "a text"

    def read(self, node: Node, reading: Reading) -> Text | None:
        if isinstance(node, ScalarNode) and not node.is_null:
            return parse_text(node.text, node.span, reading.diagnostics)
        self.refuse(node, reading)
        return None


class ConditionShape(Shape[Text]):
    """`${{ … }}`, or the literals true and false."""

    expected = "a condition in ${{ }}"

    def read(self, node: Node, reading: Reading) -> Text | None:
        if not isinstance(node, ScalarNode) or node.is_null:
            self.refuse(node, reading)
            return None
        if isinstance(node.value, bool):
            return parse_text("${{ " + str(node.value).lower() + " }}", node.span, reading.diagnostics)
        before = len(reading.diagnostics)
        text = parse_text(node.text, node.span, reading.diagnostics)
        if not text.whole and len(reading.diagnostics) == before:
            hint = (
                f"write ${{{{ {node.text} }}}}" if not text.expressions else "put the whole condition into one ${{ }}"
            )
            reading.diagnostics.add(
                codes.BARE_EXPRESSION, "a condition must be one ${{ }} and nothing else", node.span, hint=hint
            )
        return text if text.whole else None


class BooleanShape(Shape[bool]):
    """true or false."""

    expected = "true or false"

    def read(self, node: Node, reading: Reading) -> bool | None:
        if isinstance(node, ScalarNode) and isinstance(node.value, bool):
            return node.value
        self.refuse(node, reading)
        return None


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


class NumberShape(Shape[float]):
    """A number from `low` to `high`."""

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high
        self.expected = f"a number from {low:g} to {high:g}"

    def read(self, node: Node, reading: Reading) -> float | None:
        if not isinstance(node, ScalarNode) or isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
            self.refuse(node, reading)
            return None
        if not self.low <= node.value <= self.high:
            message = f"{node.text} is out of range: expected {self.expected}"
            reading.diagnostics.add(codes.OUT_OF_RANGE, message, node.span)
            return None
        return float(node.value)


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


class DataShape(Shape[Node]):
    """Any YAML; kept as the positioned node, read by whoever knows more about it."""

    expected = "any value"

    def read(self, node: Node, reading: Reading) -> Node | None:  # noqa: ARG002  # anything is good
        return node


class MappingShape(Shape[MappingNode]):
    """Any mapping, kept as its node."""

    expected = "a mapping"

    def read(self, node: Node, reading: Reading) -> MappingNode | None:
        if isinstance(node, MappingNode):
            return node
        self.refuse(node, reading)
        return None


class JsonShape(Shape[object]):
    """JSON in which every text may hold expressions: a call's body."""

    expected = "any value"

    def read(self, node: Node, reading: Reading) -> object | None:
        return _json(node, reading)


def _json(node: Node, reading: Reading) -> object:
    if isinstance(node, SequenceNode):
        return [_json(item, reading) for item in node.items]
    if isinstance(node, MappingNode):
        return {entry.key: _json(entry.value, reading) for entry in node.entries}
    return parse_text(node.value, node.span, reading.diagnostics) if isinstance(node.value, str) else node.value


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


def _is_text(node: Node) -> bool:
    return isinstance(node, ScalarNode) and not node.is_null


def no_expression(text: str, span: Span, reading: Reading) -> bool:
    """Whether the text is free of `${{`; reports it when not."""
    if "${{" in text:
        reading.diagnostics.add(codes.NO_EXPRESSION, "no expressions here", span, hint="write the value itself")
        return False
    return True


def name_key(text: str, span: Span, reading: Reading) -> bool:
    """Check the name of a service, workflow or task."""
    return _checked(span, reading, name_mistake(text))


def variable_key(text: str, span: Span, reading: Reading) -> bool:
    """Check the name of an input, output or variable."""
    good = identifiers.VARIABLE.fullmatch(text) is not None
    hint = "letters, digits and _, not a digit first"
    return _checked(span, reading, "" if good else f'"{text[:60]}" is not a name | {hint}')


def port_key(text: str, span: Span, reading: Reading) -> bool:
    """Check the name of a port."""
    return _checked(span, reading, port_name_mistake(text))


def path_key(text: str, span: Span, reading: Reading) -> bool:
    """Check an absolute path in a container."""
    return _checked(span, reading, path_mistake(text), codes.BAD_FORMAT)


def _checked(span: Span, reading: Reading, problem: str, code: Code = codes.BAD_NAME) -> bool:
    if problem:
        message, _, hint = problem.partition(" | ")
        reading.diagnostics.add(code, message, span, hint=hint)
    return not problem


def name_mistake(text: str) -> str:
    """What is wrong with a name, and the corrected one."""
    if identifiers.is_name(text):
        return ""
    if len(text) > identifiers.MAX_NAME:
        return f"the name has {len(text)} characters | {identifiers.MAX_NAME} is the limit"
    better = identifiers.corrected(text)
    return f'"{text}" cannot be a name | ' + (
        f"write {better}" if better else "lower-case letters, digits and -, a letter first"
    )


def port_name_mistake(text: str) -> str:
    """What is wrong with the name of a port."""
    hint = "at most 15 lower-case letters, digits and -, with a letter in it"
    return "" if identifiers.is_port_name(text) else f'"{text[:60]}" cannot name a port | {hint}'


def path_mistake(text: str) -> str:
    """What is wrong with an absolute path in a container."""
    if not text.startswith("/"):
        return f'"{text[:60]}" is not an absolute path | start it with /'
    if ":" in text or ".." in text.split("/"):
        return f'"{text[:60]}" cannot be a path in a container | no `:` and no `..`'
    return ""


def _pattern(pattern: re.Pattern[str], what: str, hint: str) -> Callable[[str], str]:
    return lambda text: "" if pattern.fullmatch(text) else f'"{text[:60]}" is not {what} | {hint}'


def _image_mistake(text: str) -> str:
    if len(text) <= 512 and _IMAGE.fullmatch(text):
        return ""
    return f'"{text[:80]}" is not an image | registry/repository:tag, the repository in lower case'


def _cron_mistake(text: str) -> str:
    problem = cron.cron_mistake(text)
    return f'"{text[:60]}" is not a schedule: {problem} | for example "0 3 * * *" (daily at 3:00)' if problem else ""


def _zone_mistake(text: str) -> str:
    return "" if cron.is_time_zone(text) else f'"{text[:60]}" is not a time zone | for example Etc/UTC or Europe/Paris'


def _url_path_mistake(text: str) -> str:
    return "" if text.startswith("/") else f'"{text[:60]}" is not a path | start it with /'


def _host_mistake(text: str) -> str:
    labels = text.removeprefix("*.").split(".")
    good = len(text) <= 253 and all(identifiers.LABEL.fullmatch(label) and len(label) <= 63 for label in labels)
    return "" if good else f'"{text[:60]}" is not a host name | for example shop.example.com'


TEXT = TextShape()
DYNAMIC = DynamicShape()
CONDITION = ConditionShape()
BOOLEAN = BooleanShape()
DATA = DataShape()
MAPPING = MappingShape()
JSON = JsonShape()
CONSTANT = ConstantShape()
DURATION = DurationShape()
DURATION_OR_ZERO = DurationShape(zero=True)
NAME = Formatted("a name", name_mistake, codes.BAD_NAME)
SEMVER = Formatted("a version", _pattern(_SEMVER, "a version", "three numbers as in 1.0.0, without v (SemVer 2)"))
QUANTITY = Formatted("a quantity", _pattern(_QUANTITY, "a quantity", "for example 100m, 0.5, 128Mi, 5Gi"))
IMAGE = Formatted("an image", _image_mistake)
CRON = Formatted("a schedule", _cron_mistake)
TIME_ZONE = Formatted("a time zone", _zone_mistake)
HOST = Formatted("a host name", _host_mistake)
PATH = Formatted("an absolute path", path_mistake)
PORT_NAME = Formatted("a port's name", port_name_mistake)
URL_PATH = Formatted("a path", _url_path_mistake)
PORT = IntegerShape(1, 65535)
COUNT = IntegerShape(0)
POSITIVE = IntegerShape(1)
