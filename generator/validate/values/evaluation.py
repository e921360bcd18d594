"""Stage: templates → what they read of the values, without running them.

Input: the templates of a chart and its sub-charts. Output: :class:`Reading`. Wherever a value goes that is not
understood, all of it counts as read: a finding must be right, and a missed one is no harm. What a chart may make this
cost is bounded by a number of steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field

from generator.records import dataclass
from generator.validate.values import functions
from generator.validate.values.known import (
    ANY,
    UNKNOWN,
    Either,
    Items,
    Known,
    Place,
    Readers,
    Record,
    Root,
    Steps,
    Text,
    either,
    options_of,
)
from generator.validate.values.syntax import (
    Action,
    Branch,
    Call,
    Chain,
    Command,
    Dot,
    Identifier,
    Literal,
    Node,
    Operand,
    Pipeline,
    Variable,
)

_MAX_STEPS, _MORE_STEPS = 100_000, 50  # in all, and for each template more: real ones take fewer than 20
_MAX_CALLS = 30

FILES = "<templates>"
"""What stands for the folder of the templates in the name of a file, which is a template too."""


@dataclass(frozen=True)
class Mention:
    """Where a template writes a path of the values."""

    path: Steps
    file: str
    offset: int


@dataclass
class Reading:
    """What templates read; `mentions` in the order of the templates.

    `guarded` are the places that some template asks for before it takes them (`if`, `default` …) or makes itself.
    """

    readers: Readers = field(default_factory=Readers)
    mentions: dict[Mention, None] = field(default_factory=dict)
    guarded: set[Steps] = field(default_factory=set)
    is_complete: bool = True


@dataclass(frozen=True)
class Body:
    """The nodes of a template, and the file they stand in."""

    nodes: tuple[Node, ...]
    file: str


@dataclass(frozen=True)
class _Value:
    """What a pipeline was found to be, and the places that it names, each with the offset in the action."""

    pipeline: Pipeline
    value: Known
    mentions: tuple[tuple[Steps, int], ...]


class _TooMuch(Exception):
    """There are too many steps; never leaves this module."""


Scope = dict[str, Known]


@dataclass
class Evaluation:
    """Walks templates with the data they are given."""

    defined: Mapping[str, Body]
    subcharts: frozenset[Steps] = frozenset()
    reading: Reading = field(default_factory=Reading)
    used: set[str] = field(default_factory=set)
    takes_texts: bool = False
    """Whether `tpl` makes templates of texts."""
    _steps: int = 0
    _allowed: int = _MAX_STEPS
    _done: set[tuple[str, Known]] = field(default_factory=set)
    _calls: list[str] = field(default_factory=list)
    _file: str = ""
    _at: int = 0
    _asking: int = 0
    _values: dict[tuple[int, Known, Known, bool], _Value] = field(default_factory=dict)
    _noted: list[tuple[Steps, int]] = field(default_factory=list)

    def run(self, body: Body, data: Known) -> None:
        """Look at one template with its data."""
        if not self.reading.is_complete:
            return
        self._allowed += _MORE_STEPS
        try:
            self._body(body, data)
        except (_TooMuch, RecursionError):
            self.reading.is_complete = False
            self.reading.readers.read(())

    def _body(self, body: Body, data: Known) -> None:
        before = self._file, self._at, self._asking
        self._file, self._asking = body.file, 0
        self._nodes(body.nodes, data, {"": data})
        self._file, self._at, self._asking = before

    @contextmanager
    def asking(self) -> Iterator[None]:
        """What is looked at now may be missing."""
        self._asking += 1
        yield
        self._asking -= 1

    # --- nodes -------------------------------------------------------------------------------------------------------

    def _nodes(self, nodes: Sequence[Node], dot: Known, scope: Scope) -> None:
        for node in nodes:
            self._steps += 1
            if self._steps > self._allowed:
                raise _TooMuch
            self._at = node.at
            match node:
                case Action():
                    value = self._value(node.pipeline, dot, scope)
                    if not node.pipeline.names:
                        self.consume(value)
                case Call():
                    self.call(node.name, self._value(node.pipeline, dot, scope) if node.pipeline else UNKNOWN)
                case Branch():
                    self._branch(node, dot, scope)

    def _branch(self, node: Branch, dot: Known, scope: Scope) -> None:
        inner = dict(scope)
        if node.keyword == "range":
            self._range(node, dot, inner)
        else:
            with self.asking():
                value = self.guard(self._value(node.pipeline, dot, inner))
            self._nodes(node.body, value if node.keyword == "with" else dot, inner)
        self._nodes(node.otherwise, dot, inner)
        for name in scope:  # what the branch assigned may be so after it
            scope[name] = either((scope[name], inner[name])) if name not in node.pipeline.names else scope[name]

    def _range(self, node: Branch, dot: Known, inner: Scope) -> None:
        bare = Pipeline(node.pipeline.commands)
        with self.asking():
            element = self.element(self.guard(self._pipeline(bare, dot, inner)))
        names = node.pipeline.names
        if len(names) == 2:
            inner[names[0]] = UNKNOWN
        if names:
            inner[names[-1]] = element
        before = dict(inner)
        self._nodes(node.body, element, inner)
        if any(inner[name] != before[name] for name in before):  # the next turn sees what this one assigned
            self._nodes(node.body, element, inner)

    # --- expressions -------------------------------------------------------------------------------------------------

    def _value(self, pipeline: Pipeline, dot: Known, scope: Scope) -> Known:
        """What a pipeline is. In files, one that was looked at before with the same data reads what it read then."""
        if not pipeline.is_closed or self._calls:
            return self._pipeline(pipeline, dot, scope)
        key = (id(pipeline), dot, scope[""], self._asking > 0)
        known = self._values.get(key)
        if known is None:
            self._noted = []
            value = self._pipeline(pipeline, dot, scope)
            self._values[key] = _Value(pipeline, value, tuple(self._noted))
            return value
        for path, offset in known.mentions:
            self.reading.mentions.setdefault(Mention(path, self._file, self._at + offset))
        return known.value

    def _pipeline(self, pipeline: Pipeline, dot: Known, scope: Scope) -> Known:
        value: Known | None = None
        for command in pipeline.commands:
            value = self._command(command, value, dot, scope)
        assert value is not None
        for name in pipeline.names:
            scope[name] = either((scope.get(name, UNKNOWN), value)) if pipeline.is_assignment else value
        return value

    def _command(self, command: Command, piped: Known | None, dot: Known, scope: Scope) -> Known:
        first, *others = command.operands
        if isinstance(first, Identifier):
            is_asking = first.name in functions.ASKING
            self._asking += is_asking
            arguments = [self._operand(operand, dot, scope) for operand in others]
            self._asking -= is_asking
            if piped is not None:
                arguments.append(piped)
            if is_asking:
                for value in arguments:
                    self.guard(value)
            return functions.apply(self, first.name, arguments)
        value = self._operand(first, dot, scope)
        if others or piped is not None:  # a method
            for operand in others:
                self.consume(self._operand(operand, dot, scope))
            if piped is not None:
                self.consume(piped)
            self.consume(value)
            return UNKNOWN
        return value

    def _operand(self, operand: Operand, dot: Known, scope: Scope) -> Known:
        match operand:
            case Chain():
                value = self._operand(operand.base, dot, scope)
                for name in operand.fields:
                    value = self.field(value, name)
                self._mention(value, operand.offset)
                return value
            case Literal():
                return UNKNOWN if operand.text is None else Text(operand.text)
            case Dot():
                return dot
            case Variable():
                return scope.get(operand.name, UNKNOWN)
            case Identifier():
                return functions.apply(self, operand.name, ())
            case Pipeline():
                return self._pipeline(operand, dot, scope if operand.is_closed else dict(scope))

    def _mention(self, value: Known, offset: int) -> None:
        for option in options_of(value):
            if isinstance(option, Place) and ANY not in option.path:
                if self._asking:
                    self.reading.guarded.add(option.path)
                else:
                    self.reading.mentions.setdefault(Mention(option.path, self._file, self._at + offset))
                    if not self._calls:
                        self._noted.append((option.path, offset))

    # --- values ------------------------------------------------------------------------------------------------------

    def field(self, value: Known, name: str) -> Known:
        """What `.name` of a value is."""
        if not isinstance(value, Either):
            return self._field(value, name)
        return either(self._field(option, name) for option in value.options)

    def _field(self, value: Known, name: str) -> Known:
        match value:
            case Root():
                if name == "Subcharts":
                    return Record(tuple((key, Root((*value.prefix, key))) for key in self._keys(value.prefix)))
                if name == "Template":
                    return Record((("BasePath", Text(FILES)),))
                return Place(value.prefix) if name == "Values" else UNKNOWN
            case Place():
                if name == "AsMap" and not value.path:
                    return value
                return self.place((*value.path, name))
            case Record():
                return dict(value.entries).get(name, self._lost(name))
            case Text() | Items():
                return UNKNOWN
            case _:
                return self._lost(name)

    def _lost(self, name: str) -> Known:
        """A field of something unknown; where it is called Values, it may well be a chart's values."""
        return either(Place(prefix) for prefix in ((), *self.subcharts)) if name == "Values" else UNKNOWN

    def _keys(self, prefix: Steps) -> list[str]:
        depth = len(prefix)
        return sorted({path[depth] for path in self.subcharts if len(path) == depth + 1 and path[:depth] == prefix})

    def place(self, path: Steps) -> Place:
        """A place in the values, which is looked at now."""
        for same in _same(path, self.subcharts):
            self.reading.readers.touch(same)
        return Place(path)

    def item(self, value: Known, key: Known) -> Known:
        """What `index` finds under a key."""
        if not isinstance(key, Text):
            return self.element(value)
        if not isinstance(value, Either):
            return self._item(value, key.text)
        return either(self._item(option, key.text) for option in value.options)

    def _item(self, value: Known, key: str) -> Known:
        if isinstance(value, Items) and key.isdecimal():
            return value.items[int(key)] if int(key) < len(value.items) else UNKNOWN
        return self._field(value, key)

    def element(self, value: Known) -> Known:
        """Any item or value of a collection."""
        if not isinstance(value, Either):
            return self._element(value)
        return either(self._element(option) for option in value.options)

    def _element(self, value: Known) -> Known:
        match value:
            case Place():
                return self.place((*value.path, ANY))
            case Record():
                return either(entry for _, entry in value.entries)
            case Items():
                return either(value.items)
            case Root():
                return Place(value.prefix)
            case _:
                return UNKNOWN

    def guard(self, value: Known) -> Known:
        """The value, which may be missing."""
        for option in options_of(value):
            if isinstance(option, Place):
                self.reading.guarded.add(option.path)
        return value

    def consume(self, value: Known) -> None:
        """Everything in the value is read. The data of a chart counts where it can be nothing else."""
        if value is UNKNOWN or isinstance(value, Text):
            self._steps += 1
            return
        for option in options_of(value):
            self._steps += 1
            match option:
                case Place():
                    for same in _same(option.path, self.subcharts):
                        self.reading.readers.read(same)
                case Root() if option is value:
                    self.reading.readers.read(option.prefix)
                case Record():
                    for _, entry in option.entries:
                        self.consume(entry)
                case Items():
                    for item in option.items:
                        self.consume(item)
                case _:
                    pass

    # --- templates ---------------------------------------------------------------------------------------------------

    def call(self, name: str, data: Known) -> None:
        """Look at a defined template with this data; each data once."""
        body = self.defined.get(name)
        if body is None:
            self.consume(data)
            return
        self.used.add(name)
        if (name, data) in self._done:
            return
        if len(self._calls) >= _MAX_CALLS:
            self.consume(data)
            return
        self._done.add((name, data))
        self._calls.append(name)
        self._body(body, data)
        self._calls.pop()

    def call_any(self, data: Known) -> None:
        """Look at every defined template with this data: which one it is, is not known."""
        for name in self.defined:
            if not name.startswith(FILES):
                self.call(name, data)


def _same(path: Steps, subcharts: frozenset[Steps]) -> Iterator[Steps]:
    """A place, and where it stands too: `global` of a sub-chart is that of the charts above it."""
    yield path
    if "global" in path[1:]:
        for end in range(1, len(path)):
            if path[:end] in subcharts and path[end] == "global":
                for above in range(end):
                    yield (*path[:above], *path[end:])
