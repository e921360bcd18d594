"""Stage resolve: the libraries that a spec imports, and those that they import (language rule 8, rulings C08, L08).

Input: the spec and the loader of the files it names. Output: a :class:`Home` for the spec that leads to all libraries;
each file is read once, however many import it. What is wrong in a library is reported at its own lines.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import field

from generator.diagnostics import Diagnostics, Note, Span
from generator.records import dataclass
from generator.resolve.reuse_codes import IGNORED, IMPORT_CYCLE, IMPORTED_TWICE, TOO_MANY_IMPORTS
from generator.source import AnyLoader, Opened
from generator.spec.model import Spec
from generator.spec.parser import parse_spec
from generator.yamlio.reader import read_spec_text

MAX_DEPTH = 10
"""Libraries that import each other, one behind the other."""

MAX_FILES = 100
MAX_BYTES = 8 * 1024 * 1024
"""Of all libraries together."""

_IGNORED = ("services", "environments", "extra", "dependencies")


@dataclass(eq=False)
class Home:
    """A file that workflows and templates come from: the spec, or a library.

    `prefix` goes before the names of its workflows and is empty for the spec itself: the alias of the library, behind
    those of the libraries that import it. `imports` has the libraries by alias; None is one that could not be read,
    which has been reported.
    """

    spec: Spec
    loader: AnyLoader
    shown: str
    text: str = ""
    prefix: str = ""
    imports: dict[str, Home | None] = field(default_factory=dict)

    @property
    def is_library(self) -> bool:
        """Whether it is imported."""
        return bool(self.prefix)

    def all_homes(self) -> Iterator[Home]:
        """This and all below, each once: the nearest first, those of one file by alias."""
        seen, waiting = {id(self)}, deque([self])
        while waiting:
            home = waiting.popleft()
            yield home
            for _, below in sorted(home.imports.items()):
                if below is not None and id(below) not in seen:
                    seen.add(id(below))
                    waiting.append(below)


def read_libraries(spec: Spec, loader: AnyLoader, shown: str, diagnostics: Diagnostics) -> Home:
    """The spec as a home, with all libraries below it."""
    root = Home(spec, loader, shown)
    reader = _Reader(diagnostics, [loader.identity])
    reader.read_imports(root)
    _name(root)
    return root


def _name(root: Home) -> None:
    """Give each library the aliases on the shortest way to it, the first of several by alphabet."""
    for home in root.all_homes():
        for alias, below in sorted(home.imports.items()):
            if below is not None and not below.prefix:
                below.prefix = "-".join(filter(None, (home.prefix, alias)))


@dataclass
class _Reader:
    """Reads files; `path` are those that are being read, one importing the next."""

    diagnostics: Diagnostics
    path: list[str]
    names: dict[str, str] = field(default_factory=dict)
    found: dict[str, Home | None] = field(default_factory=dict)
    size: int = 0
    full: bool = False

    def read_imports(self, home: Home) -> None:
        """Read what a file imports; a file that two aliases name is a mistake."""
        self.names[home.loader.identity] = home.shown
        first: dict[str, str] = {}
        for alias, written in home.spec.imports.items():
            span = home.spec.span("imports", alias)
            opened = home.loader.open(written, span, self.diagnostics)
            home.imports[alias] = None
            if opened is None:
                continue
            identity = opened.file.identity
            if identity in first:
                message = f"`{first[identity]}` and `{alias}` import one file"
                hint = f"use `{first[identity]}` for both"
                self.diagnostics.add(IMPORTED_TWICE, message, span, hint=hint)
                home.imports[alias] = self.found.get(identity)
                continue
            first[identity] = alias
            home.imports[alias] = self._library(opened, span)

    def _library(self, opened: Opened, span: Span) -> Home | None:
        file = opened.file
        if file.identity in self.path:
            self._report_cycle(file.identity, span)
            return None
        if file.identity not in self.found:
            self.found[file.identity] = None
            self.size += len(file.data)
            if self._is_too_much(span):
                return None
            self.diagnostics.import_file(file.shown, span, file.data.decode("utf-8-sig", "replace"))
            self.found[file.identity] = self._read(opened, span)
        return self.found[file.identity]

    def _read(self, opened: Opened, span: Span) -> Home | None:
        before = self.diagnostics.count_errors()
        root = read_spec_text(opened.file.data, opened.file.shown, self.diagnostics)
        spec = parse_spec(root, self.diagnostics) if root is not None else None
        if spec is None or self.diagnostics.count_errors() > before:
            return None
        home = Home(spec, opened.loader, opened.file.shown, opened.file.data.decode("utf-8-sig"))
        self._report_ignored(home, span)
        self.path.append(opened.file.identity)
        self.read_imports(home)
        self.path.pop()
        return home

    def _is_too_much(self, span: Span) -> bool:
        limits = (
            (len(self.path) > MAX_DEPTH, f"libraries import each other more than {MAX_DEPTH} files deep"),
            (len(self.found) > MAX_FILES, f"more than {MAX_FILES} libraries are imported in all"),
            (self.size > MAX_BYTES, f"the libraries have more than {MAX_BYTES >> 20} MiB together"),
        )
        message = next((words for exceeded, words in limits if exceeded), "")
        if message and not self.full:
            self.full = True
            hint = "put what belongs together into one file"
            self.diagnostics.add(TOO_MANY_IMPORTS, message, span, hint=hint)
        return bool(message)

    def _report_cycle(self, identity: str, span: Span) -> None:
        chain = [self.names[each] for each in self.path[self.path.index(identity) :]]
        message = f"files import each other: {' → '.join((*chain, chain[0]))}"
        self.diagnostics.add(IMPORT_CYCLE, message, span, hint="remove one of these imports")

    def _report_ignored(self, home: Home, span: Span) -> None:
        """Say once what of a library has no effect here (rulings C08)."""
        spec = home.spec
        notes = [Note(f"`{name}` stands here", spec.node.key_span(name)) for name in _IGNORED if spec.has(name)]
        notes += [
            Note(f"the triggers of `{name}` stand here", workflow.key_span("triggers"))
            for name, workflow in spec.workflows.items()
            if workflow.has("triggers")
        ]
        if notes:
            words = [name for name in _IGNORED if spec.has(name)]
            words += ["triggers"] if len(notes) > len(words) else []
            message = f"of {home.shown} only workflows and templates are imported, not its {', '.join(words)}"
            hint = "what several systems share belongs into a file of its own"
            self.diagnostics.add(IGNORED, message, span, hint=hint, notes=tuple(notes[:5]))
