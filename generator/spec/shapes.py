"""Shapes: what a key takes, and how a node of the file becomes a value of the model.

A record is a frozen class whose keys are declared by :func:`key`; the parser, the JSON Schema and the reference
documentation all come from these declarations. A shape reads a node, reports what is wrong with it and then returns
None, so that one reading finds all mistakes.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

from generator.diagnostics import Code, Diagnostics, Span
from generator.records import dataclass
from generator.spec import codes
from generator.spec.definitions import Definitions, JsonSchema
from generator.spec.suggestions import did_you_mean
from generator.yamlio.nodes import EMPTY, MappingNode, Node, ScalarNode, SequenceNode

T = TypeVar("T")
R = TypeVar("R", bound="Record")


@dataclass(frozen=True)
class Reading:
    """How to read: where findings go, and whether required keys are demanded (not in templates and defaults).

    `owner` is the key that what is read stands under: where a missing key is reported. `given` are the services that
    stand for inputs of `type: service`, by input.
    """

    diagnostics: Diagnostics
    complete: bool = True
    owner: Span | None = None
    given: Mapping[str, str] = dataclasses.field(default_factory=dict)


class Shape(ABC, Generic[T]):
    """One kind of value. `expected` names it in messages: "expected a duration, found a list".

    `inside` are the shapes that it is made of, for whoever lists the language.
    """

    expected = "a value"
    inside: tuple[Shape[Any], ...] = ()

    @abstractmethod
    def read(self, node: Node, reading: Reading) -> T | None:
        """The value, or None after reporting why there is none."""

    @abstractmethod
    def schema(self, definitions: Definitions) -> JsonSchema:
        """The JSON Schema of what :meth:`read` takes: no more and no less (tests/spec/test_schema.py)."""

    def refuse(self, node: Node, reading: Reading, hint: str = "") -> None:
        """Report a node of the wrong kind."""
        message = f"expected {self.expected}, found {described(node)}"
        reading.diagnostics.add(codes.WRONG_TYPE, message, node.span, hint=hint)


@dataclass(frozen=True)
class Key:
    """One key of a record: its shape, one line of documentation, its default, and how it is treated."""

    name: str
    shape: Shape[Any]
    doc: str
    default: object
    factory: Callable[[], object] | None
    required: bool
    later: str


def key(
    shape: Shape[Any],
    doc: str,
    *,
    default: object = None,
    factory: Callable[[], object] | None = None,
    required: bool = False,
    name: str = "",
    later: str = "",
) -> Any:
    """Declare a key of a record.

    `name` is the key as written when Python needs another one; `later` refuses the key for now and says what to do
    instead.
    """
    return Key(name, shape, doc, default, factory, required, later)


class Record:
    """What was written as a mapping: a frozen value with the keys that the subclass declares.

    Equal records say the same; `node` keeps the place of every part. A dataclass would do, but for the code it
    generates: for forty classes that took a tenth of a whole compilation.
    """

    _keys: ClassVar[Mapping[str, Key]] = {}
    node: MappingNode

    def __init_subclass__(cls) -> None:
        own = {attribute: declared for attribute, declared in vars(cls).items() if isinstance(declared, Key)}
        cls._keys = {**cls._keys, **own}
        for attribute, declared in own.items():
            setattr(cls, attribute, declared.default)

    def __init__(self, *, node: MappingNode = EMPTY, **values: object) -> None:
        for attribute, declared in self._keys.items():
            if declared.factory is not None and attribute not in values:
                values[attribute] = declared.factory()
        if unknown := values.keys() - self._keys.keys():
            raise TypeError(f"{type(self).__name__} has no {', '.join(sorted(unknown))}")
        self.__dict__.update(values, node=node)

    def __setattr__(self, name: str, value: object) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot assign to {name}")

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, attribute) == getattr(other, attribute) for attribute in self._keys)

    def __hash__(self) -> int:
        return hash(type(self))

    def __repr__(self) -> str:
        shown = (f"{name}={value!r}" for name, value in vars(self).items() if name != "node")
        return f"{type(self).__name__}({', '.join(shown)})"

    def span(self, *path: str | int) -> Span:
        """Where the value at `path` was written; the deepest written part of the path when it was not."""
        return self.node.span_of(*path)

    def key_span(self, name: str) -> Span:
        """Where the key itself was written; the whole record when it was not."""
        return self.node.key_span(name)

    def has(self, name: str) -> bool:
        """Whether the key was written, here or in what the record was merged from."""
        return name in self.node


def keys_of(record: type[Record]) -> dict[str, tuple[str, Key]]:
    """The keys of a record: as written → (name of the attribute, declaration), in the order of the declaration."""
    named = {attribute: declared.name or attribute for attribute, declared in record._keys.items()}
    return {
        named[attribute]: (attribute, dataclasses.replace(declared, name=named[attribute]))
        for attribute, declared in record._keys.items()
    }


@dataclass(frozen=True)
class Rule(Generic[R]):
    """What must hold for a record as a whole: `report` tells what does not, `schema` says the same as JSON Schema."""

    report: Callable[[R, Reading], None]
    schema: Callable[[Definitions], JsonSchema]


def exactly_one(*names: str) -> Rule[Any]:
    """The rule that exactly one of the keys is written."""
    words = ", ".join(f"`{name}`" for name in names)

    def report(record: Record, reading: Reading) -> None:
        written = [name for name in names if record.has(name)]
        unknown = (entry.key for entry in record.node.entries if entry.key not in keys_of(type(record)))
        if not written and any(did_you_mean(key, names) for key in unknown):
            return  # the unknown key is reported, with the one it was meant to be
        if len(written) != 1:
            span = record.key_span(written[1]) if written else record.node.span
            message = f"exactly one of {words} is needed, found {len(written) or 'none'}"
            reading.diagnostics.add(codes.EXCLUSIVE, message, span)

    return Rule(report, lambda _: {"oneOf": [{"required": [name]} for name in names]})


class RecordOf(Shape[R]):
    """A mapping with known keys. `rule` looks at the whole afterwards; `words` names it in messages."""

    def __init__(self, record: type[R], words: str, rule: Rule[R] | None = None, form: str = "key: value") -> None:
        self.record = record
        self.expected = words
        self.rule = rule
        self.form = form

    @cached_property
    def keys(self) -> dict[str, tuple[str, Key]]:
        """The record's keys, as :func:`keys_of` gives them."""
        return keys_of(self.record)

    def read(self, node: Node, reading: Reading) -> R | None:
        if not isinstance(node, MappingNode):
            refuse_other(self.expected, node, reading, self.form)
            return None
        keys = self.keys
        values: dict[str, Any] = {}
        unknown = [entry for entry in node.entries if entry.key not in keys]
        for entry in unknown:
            report_unknown(entry.key, entry.key_span, tuple(keys), self.expected, reading)
        for entry in node.entries:
            if entry.key in keys:
                attribute, declared = keys[entry.key]
                value = self._value(declared, entry.value, entry.key_span, reading)
                if value is not None:
                    values[attribute] = value
        if reading.complete:
            self.demand(node, reading)
        record = self.record(node=node, **values)
        if self.rule:
            self.rule.report(record, reading)
        return record

    def schema(self, definitions: Definitions) -> JsonSchema:
        return definitions.reference(self, self.record.__name__, self._definition)

    def _definition(self, definitions: Definitions) -> JsonSchema:
        required = [name for name, (_, declared) in self.keys.items() if declared.required]
        return {
            "description": " ".join((self.record.__doc__ or "").split()),
            "type": "object",
            "properties": {name: key_schema(declared, definitions) for name, (_, declared) in self.keys.items()},
            "additionalProperties": False,
            **({"required": required} if required and definitions.complete else {}),
            **(self.rule.schema(definitions) if self.rule else {}),
        }

    def _value(self, declared: Key, node: Node, span: Span, reading: Reading) -> object:
        if declared.later:
            message = f"`{declared.name}` is not supported yet"
            reading.diagnostics.add(codes.NOT_YET, message, span, hint=declared.later)
            return None
        return declared.shape.read(node, dataclasses.replace(reading, owner=span))

    def demand(self, node: MappingNode, reading: Reading) -> None:
        """Report the required keys that the node lacks, but for one that an unknown key was probably meant to be."""
        guesses = {did_you_mean(entry.key, self.keys) for entry in node.entries if entry.key not in self.keys}
        for name, (_, declared) in self.keys.items():
            if declared.required and name not in node and name not in guesses:
                message = f"{self.expected} needs `{name}`"
                span = reading.owner or head_span(node)
                reading.diagnostics.add(codes.MISSING_KEY, message, span, hint=f"{name}: {declared.doc}")


def key_schema(declared: Key, definitions: Definitions) -> JsonSchema:
    """The schema of one key. One that comes later takes nothing, and says so: editors show it, but do not offer it."""
    if declared.later:
        words = f"Not supported yet: {declared.later}."
        return {"not": {}, "description": f"{declared.doc} {words}", "deprecationMessage": words, "doNotSuggest": True}
    found = {**declared.shape.schema(definitions), "description": declared.doc}
    if not declared.required and declared.default not in (None, "", ()):
        found["default"] = declared.default
    return found


def report_unknown(name: str, span: Span, known: tuple[str, ...], where: str, reading: Reading) -> None:
    """Report an unknown key, with the known one that it was probably meant to be."""
    guess = did_you_mean(name, known)
    hint = (
        f"did you mean `{guess}`?" if guess else f"known here: {', '.join(known[:12])}{'…' if len(known) > 12 else ''}"
    )
    reading.diagnostics.add(codes.UNKNOWN_KEY, f"{where} has no key `{name}`", span, hint=hint)


def head_span(node: MappingNode) -> Span:
    """A short span at the start of a mapping: its first key, or its brace."""
    if node.entries:
        return node.entries[0].key_span
    return dataclasses.replace(node.span, end=node.span.start)


class ListOf(Shape[tuple[T, ...]]):
    """A list; `single` also takes one item that stands alone."""

    def __init__(self, item: Shape[T], *, single: bool = False, least: int = 0) -> None:
        self.item = item
        self.single = single
        self.least = least
        self.inside = (item,)
        self.expected = f"a list ({item.expected} each)"

    def read(self, node: Node, reading: Reading) -> tuple[T, ...] | None:
        if not isinstance(node, SequenceNode):
            if self.single and not (isinstance(node, ScalarNode) and node.is_null):
                one = self.item.read(node, reading)
                return None if one is None else (one,)
            self.refuse(node, reading)
            return None
        if len(node.items) < self.least:
            reading.diagnostics.add(codes.EMPTY, f"the list needs at least {self.least} item", node.span)
        inside = dataclasses.replace(reading, owner=None)
        values = [self.item.read(item, inside) for item in node.items]
        return tuple(value for value in values if value is not None)

    def schema(self, definitions: Definitions) -> JsonSchema:
        item = self.item.schema(definitions)
        several = {"type": "array", "items": item, **({"minItems": self.least} if self.least else {})}
        return {"anyOf": [item, several]} if self.single else several


@dataclass(frozen=True)
class NameRule:
    """What names may look like: `mistake` says what is wrong with one, `form` is the same as JSON Schema."""

    mistake: Callable[[str], str]
    form: JsonSchema
    code: Code = codes.BAD_NAME

    def check(self, text: str, span: Span, reading: Reading) -> bool:
        """Whether the name is good; reports it when not."""
        message, _, hint = self.mistake(text).partition(" | ")
        if message:
            reading.diagnostics.add(self.code, message, span, hint=hint)
        return not message


class MapOf(Shape[Mapping[str, T]]):
    """A mapping with names of the user's own; `name` checks them."""

    def __init__(self, value: Shape[T], words: str, name: NameRule | None = None, least: int = 0) -> None:
        self.value = value
        self.inside = (value,)
        self.name = name
        self.least = least
        self.expected = words

    def read(self, node: Node, reading: Reading) -> Mapping[str, T] | None:
        if not isinstance(node, MappingNode):
            refuse_other(self.expected, node, reading)
            return None
        if len(node.entries) < self.least:
            reading.diagnostics.add(codes.EMPTY, f"{self.expected} needs at least {self.least} entry", node.span)
        found = {}
        for entry in node.entries:
            good = self.name is None or self.name.check(entry.key, entry.key_span, reading)
            value = self.value.read(entry.value, dataclasses.replace(reading, owner=entry.key_span))
            if good and value is not None:
                found[entry.key] = value
        return found

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {
            "type": "object",
            "additionalProperties": self.value.schema(definitions),
            **({"propertyNames": self.name.form} if self.name else {}),
            **({"minProperties": self.least} if self.least else {}),
        }


class Either(Shape[T]):
    """Two forms of one value, told apart by the kind of node: a short one for scalars, a long one for mappings."""

    def __init__(self, short: Shape[Any], long: Shape[Any]) -> None:
        self.short = short
        self.long = long
        self.inside = (short, long)
        self.expected = f"{short.expected} or {long.expected}"

    def read(self, node: Node, reading: Reading) -> T | None:
        if isinstance(node, SequenceNode) or (isinstance(node, ScalarNode) and node.is_null):
            self.refuse(node, reading)
            return None
        value: T | None = (self.long if isinstance(node, MappingNode) else self.short).read(node, reading)
        return value

    def schema(self, definitions: Definitions) -> JsonSchema:
        return {"anyOf": [self.short.schema(definitions), self.long.schema(definitions)]}


def refuse_other(words: str, node: Node, reading: Reading, form: str = "key: value") -> None:
    """Report a node that is no mapping where `words` needs one."""
    message = f"{words} must be a mapping, found {described(node)}"
    reading.diagnostics.add(codes.WRONG_TYPE, message, node.span, hint=f"write it as {form}")


def described(node: Node) -> str:
    """What was found, in words for a message; long texts are cut."""
    if isinstance(node, SequenceNode):
        return "a list"
    if isinstance(node, MappingNode):
        return "a mapping"
    if node.value is None:
        return "nothing"
    if isinstance(node.value, bool):
        return f"the boolean {node.text}"
    if isinstance(node.value, str):
        return "a text" if len(node.text) > 40 or "\n" in node.text else f'the text "{node.text}"'
    return f"the number {node.text[:40]}"


def written_text(node: Node | None) -> str:
    """The text of a scalar node as written; empty for anything else."""
    return node.text if isinstance(node, ScalarNode) else ""
