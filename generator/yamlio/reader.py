"""Spec text → positioned nodes: YAML 1.2 core with merge keys, and leading-zero integers as text (rulings C03).

Input: a file's bytes and its name. Output: the root node, or None with the reasons in the diagnostics. The work is
bounded: by size, depth and the number of nodes after aliases are expanded. Nothing here recurses on the input.
"""

from __future__ import annotations

from dataclasses import field
from typing import Any

import yaml

from generator.diagnostics import Code, Diagnostics, Note, Position, Span
from generator.records import dataclass
from generator.regexes import regex
from generator.yamlio import codes
from generator.yamlio.json_texts import whole_characters
from generator.yamlio.nodes import Entry, MappingNode, Node, Scalar, ScalarNode, SequenceNode

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 100_000
_MAX_DIGITS = 309  # what fits a float

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
_INT = regex(r"[-+]?(?:0|[1-9][0-9]*)")
_BASED = regex(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = regex(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL = {"inf": float("inf"), "nan": float("nan")}
_TAGS = {"null", "bool", "int", "float", "str", "map", "seq"}
_CORE = "tag:yaml.org,2002:"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_spec_text(data: bytes, file: str, diagnostics: Diagnostics) -> Node | None:
    """Read one YAML document.

    Syntax ends the reading at its first error, since nothing behind it can be trusted; duplicate keys, tags and aliases
    are reported all at once.
    """
    start = Span.at(file, 1)
    if len(data) > MAX_BYTES:
        diagnostics.add(
            codes.TOO_LARGE, "the file is larger than 8 MiB", start, hint="put large data into files of their own"
        )
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _report_encoding(data, error, file, diagnostics)
        return None
    before = diagnostics.count_errors()
    composer = _Composer(file, text, diagnostics)
    try:
        root = composer.compose()
    except yaml.MarkedYAMLError as error:
        _report_syntax(error, text, file, diagnostics)
        return None
    except yaml.reader.ReaderError:
        _report_character(text, file, diagnostics)
        return None
    except _Refused:
        return None
    return root if diagnostics.count_errors() == before else None


class _Refused(Exception):
    """The text broke a bound; the reason stands in the diagnostics already."""


@dataclass
class _Open:
    """A collection whose end was not seen yet."""

    start: Position
    mapping: bool
    anchor: str | None
    values: list[Node] = field(default_factory=list)
    weight: int = 1


class _Composer:
    """Builds the node tree from the parser's events with a stack of its own."""

    def __init__(self, file: str, text: str, diagnostics: Diagnostics) -> None:
        self.file = file
        self.text = text
        self.diagnostics = diagnostics
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.stack: list[_Open] = []
        self.root: Node | None = None
        self.total = 0

    def compose(self) -> Node | None:
        loader = _Loader(whole_characters(self.text))
        documents = 0
        try:
            while loader.check_event():
                event = loader.get_event()
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        hint = "put it into a file of its own"
                        self._add(codes.DOCUMENTS, "a second document starts here", event, hint)
                        raise _Refused
                else:
                    self._take(event)
        finally:
            loader.dispose()
        if self.root is None:
            place = Span.at(self.file, 1)
            self.diagnostics.add(codes.SYNTAX, "the file is empty", place, hint="start with `flowhelm: v1`")
        return self.root

    def _take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            node = self._scalar(event)
            self._anchor(event.anchor, node, 1)
            self._place(node, 1)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._check_tag(event, event.tag)
            if len(self.stack) >= MAX_DEPTH:
                self._add(codes.TOO_LARGE, f"values are nested deeper than {MAX_DEPTH} levels", event)
                raise _Refused
            opened = _Open(_position(event.start_mark), isinstance(event, yaml.MappingStartEvent), event.anchor)
            self.stack.append(opened)
            if event.anchor:
                self.anchors.pop(event.anchor, None)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close(event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)

    def _alias(self, event: yaml.AliasEvent) -> None:
        if event.anchor in self.anchors:
            self._place(*self.anchors[event.anchor])
            return
        name = event.anchor
        inside = any(opened.anchor == name for opened in self.stack)
        self._add(codes.ALIAS, f"*{name} stands inside &{name}" if inside else f"no anchor &{name} before it", event)
        self._place(ScalarNode(self._span(event), None, ""), 1)

    def _close(self, event: yaml.Event) -> None:
        opened = self.stack.pop()
        # A block collection ends where the next token starts; its last value tells where it really ends.
        end = opened.values[-1].span.end if opened.values else _position(event.end_mark)
        span = Span(self.file, opened.start, max(end, opened.start))
        node = self._mapping(opened, span) if opened.mapping else SequenceNode(span, tuple(opened.values))
        self._anchor(opened.anchor, node, opened.weight)
        self._place(node, opened.weight)

    def _place(self, node: Node, weight: int) -> None:
        self.total += 1
        if self.stack:
            parent = self.stack[-1]
            parent.values.append(node)
            parent.weight += weight
        if weight > MAX_NODES or (self.stack and self.stack[-1].weight > MAX_NODES) or self.total > MAX_NODES:
            self.diagnostics.add(
                codes.ALIAS if self.total <= MAX_NODES else codes.TOO_LARGE,
                f"the file holds more than {MAX_NODES:,} values with its aliases expanded",
                node.span,
            )
            raise _Refused
        if not self.stack:
            self.root = node

    def _anchor(self, name: str | None, node: Node, weight: int) -> None:
        if name:
            self.anchors[name] = (node, weight)

    def _scalar(self, event: yaml.ScalarEvent) -> ScalarNode:
        span, text = self._span(event), event.value
        quoted = event.style in ("'", '"', "|", ">")
        tag = self._check_tag(event, event.tag)
        if quoted or tag == "str":
            return ScalarNode(span, text, text, quoted=True)
        if sum(char.isdigit() for char in text) > _MAX_DIGITS and (_INT.fullmatch(text) or _BASED.fullmatch(text)):
            self.diagnostics.add(codes.NUMBER, "this number has too many digits", span, hint="quote it to make it text")
            return ScalarNode(span, 0, text)
        return ScalarNode(span, core_value(text), text)

    def _mapping(self, opened: _Open, span: Span) -> MappingNode:
        own: dict[str, Entry] = {}
        merges: list[Node] = []
        for key, value in zip(opened.values[::2], opened.values[1::2], strict=True):
            if not isinstance(key, ScalarNode):
                self.diagnostics.add(codes.KEY, "a key must be plain text", key.span)
            elif key.text == "<<" and not key.quoted:
                merges.append(value)
            elif key.text in own:
                first = own[key.text].key_span
                note = (Note("first written here", first),)
                self.diagnostics.add(
                    codes.DUPLICATE_KEY,
                    f'key "{key.text}" is written twice',
                    key.span,
                    notes=note,
                    hint="remove one of the two",
                )
            else:
                own[key.text] = Entry(key.text, key.span, value)
        for merge in merges:
            self._merge(own, merge)
        return MappingNode(span, tuple(own.values()))

    def _merge(self, own: dict[str, Entry], value: Node) -> None:
        sources = value.items if isinstance(value, SequenceNode) else (value,)
        for source in sources:
            if isinstance(source, MappingNode):
                for entry in source.entries:
                    own.setdefault(entry.key, entry)
            else:
                self.diagnostics.add(codes.MERGE, "`<<` needs a mapping or a list of mappings", source.span)

    def _check_tag(self, event: yaml.Event, tag: str | None) -> str | None:
        if tag is None or tag == "!":
            return None if tag is None else "str"
        name = tag.removeprefix(_CORE)
        if name in _TAGS and tag.startswith(_CORE):
            return name
        self._add(codes.TAG, f'unknown tag "{tag}"', event, "remove the tag")
        return None

    def _span(self, event: yaml.Event) -> Span:
        return Span(self.file, _position(event.start_mark), _position(event.end_mark))

    def _add(self, code: Code, message: str, event: yaml.Event, hint: str = "") -> None:
        start = _position(event.start_mark)
        self.diagnostics.add(code, message, Span.at(self.file, start.line, start.column), hint=hint)


def core_value(text: str) -> Scalar:
    """The value of a plain scalar by the core schema with rulings C03's two differences."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INT.fullmatch(text):
        return int(text)
    if _BASED.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    sign = -1.0 if text[0] == "-" else 1.0
    word = text.lstrip("+-")
    name = word[1:]
    if word[:1] == "." and name.lower() in _SPECIAL and name in (name.lower(), name.title(), name.upper()):
        return sign * _SPECIAL[name.lower()]
    return text


def _position(mark: Any) -> Position:
    """The C and the Python parser have mark classes of their own, with the same fields."""
    return Position(mark.line + 1, mark.column + 1)


def _report_syntax(error: yaml.MarkedYAMLError, text: str, file: str, diagnostics: Diagnostics) -> None:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.splitlines() or [""]
    shown = lines[min(line, len(lines)) - 1]
    indent = shown[: len(shown) - len(shown.lstrip())]
    if "\t" in indent:
        span = Span.at(file, min(line, len(lines)), indent.index("\t") + 1)
        diagnostics.add(codes.TAB, "a tab is used for indentation", span, hint="use two spaces for each level")
        return
    notes: tuple[Note, ...] = ()
    if error.context and error.context_mark and error.context_mark.line != line - 1:
        place = Span.at(file, error.context_mark.line + 1, error.context_mark.column + 1)
        notes = (Note(error.context, place),)
    diagnostics.add(
        codes.SYNTAX,
        error.problem or "not valid YAML",
        Span.at(file, line, column),
        notes=notes,
        hint=_syntax_hint(error.problem or "", shown),
    )


def _syntax_hint(problem: str, line: str) -> str:
    if "mapping values are not allowed" in problem:
        return "quote a text that holds `: `, or check the indentation"
    if "could not find expected ':'" in problem:
        return "a key needs a colon and a space behind it"
    if "did not find expected" in problem or "while parsing" in problem:
        return "check the brackets, quotes and indentation here and in the lines above"
    if "cannot start any token" in problem and ("@" in line or "`" in line):
        return "quote a text that starts with @ or `"
    return ""


def _report_character(text: str, file: str, diagnostics: Diagnostics) -> None:
    place = next((i for i, char in enumerate(text) if not char.isprintable() and char not in "\t\n\r\x85\ufeff"), 0)
    line = text.count("\n", 0, place) + 1
    column = place - (text.rfind("\n", 0, place) + 1) + 1
    shown = f"U+{ord(text[place]):04X}" if text else "?"
    message = f"the control character {shown} is not allowed in YAML"
    diagnostics.add(
        codes.ENCODING, message, Span.at(file, line, column), hint='remove it, or write it as "\\x…" in double quotes'
    )


def _report_encoding(data: bytes, error: UnicodeDecodeError, file: str, diagnostics: Diagnostics) -> None:
    line = data.count(b"\n", 0, error.start) + 1
    column = len(data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode("utf-8", "replace")) + 1
    hint = "save the file as UTF-8" + (" (it looks like UTF-16)" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "")
    message = f"byte 0x{data[error.start]:02x} is not UTF-8"
    diagnostics.add(codes.ENCODING, message, Span.at(file, line, column), hint=hint)
