"""Findings that are known, so that only new ones are shown.

Input: the JSON text of an earlier report (`--format json`), and today's findings. Output: :class:`Comparison`. A
finding is known by code, object and the path in it (without an object: by file, path and message), not by its line.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from generator.diagnostics import Diagnostics, ObjectRef, Span
from generator.inputs import codes
from generator.records import dataclass

MAX_SIZE = 64 << 20


@dataclass(frozen=True)
class Known:
    """One finding of a baseline: what it is about (see `Diagnostic.lasting`), and what it said."""

    lasting: tuple[str, ...]
    message: str
    shown: str
    """Code, object and path for people."""


@dataclass(frozen=True)
class _Broken:
    """Why a file is no baseline, and where in it."""

    message: str
    line: int = 1
    column: int = 1


@dataclass(frozen=True)
class Comparison:
    """Today's findings beside a baseline: those that are new, how many are known, and what is no longer found."""

    new: Diagnostics
    known: int
    gone: tuple[Known, ...]


def read_baseline(path: Path, diagnostics: Diagnostics) -> tuple[Known, ...] | None:
    """The findings of a baseline; None, with a finding (FH6211), when the file is none."""
    read = _read(path)
    if isinstance(read, _Broken):
        where = Span.at(str(path), read.line, read.column)
        hint = "write it with --write-baseline FILE, or keep what --format json prints"
        diagnostics.add(codes.BROKEN_BASELINE, f"{path}: {read.message}", where, hint=hint)
        return None
    return read


def compare(findings: Diagnostics, baseline: Sequence[Known]) -> Comparison:
    """Which findings the baseline does not have.

    Several findings about one thing are told apart by what they say; beyond that they are counted, so that a message
    that now says another number is not new, and a second mistake at a known place is.
    """
    left: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for entry in baseline:
        left[entry.lasting][entry.message] += 1
    reworded = [found for found in findings if not _taken(left[found.lasting], found.message)]
    new = Diagnostics(texts=findings.texts)
    for found in reworded:
        others = left[found.lasting]
        if not _taken(others, next(iter(+others), "")):
            new.report(found)
    return Comparison(new, len(findings) - len(new), tuple(_left(baseline, left)))


def _taken(left: Counter[str], message: str) -> bool:
    """Takes one of these away; False when there is none."""
    is_there = left[message] > 0
    left[message] -= is_there
    return is_there


def _left(baseline: Iterable[Known], left: Mapping[tuple[str, ...], Counter[str]]) -> Iterable[Known]:
    for entry in baseline:
        if _taken(left[entry.lasting], entry.message):
            yield entry


def _read(path: Path) -> tuple[Known, ...] | _Broken:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_SIZE + 1)
        if len(data) > MAX_SIZE:
            return _Broken(f"it is larger than {MAX_SIZE >> 20} MiB")
        document = json.loads(data.decode("utf-8-sig"))
    except OSError as error:
        return _Broken(f"it can't be read ({error.strerror})")
    except json.JSONDecodeError as error:
        return _Broken(f"it is no JSON ({error.msg})", error.lineno, error.colno)
    except (UnicodeDecodeError, RecursionError):
        return _Broken("it is no JSON text")
    findings = document.get("findings") if isinstance(document, dict) else None
    if not isinstance(findings, list):
        return _Broken('it has no list "findings"')
    entries = [_entry(entry) for entry in findings]
    if None in entries:
        return _Broken(f"findings[{entries.index(None)}] is no finding")
    return tuple(entry for entry in entries if entry)


def _entry(entry: object) -> Known | None:
    """A finding of the JSON format; None when it isn't one."""
    if not isinstance(entry, dict):
        return None
    code, message, file, path = (entry.get(key) for key in ("code", "message", "file", "path"))
    subject = _subject(entry.get("object"))
    if not (isinstance(code, str) and isinstance(message, str) and isinstance(file, str) and isinstance(path, str)):
        return None
    if subject is None:
        return Known((code, file, path, message), message, f"{code} {file}: {message}")
    place = f"{subject}, {path}" if path else str(subject)
    return Known((code, *subject.lasting, path), message, f"{code} {place}")


def _subject(data: object) -> ObjectRef | None:
    if not isinstance(data, dict):
        return None
    fields: list[Any] = [data.get(key) for key in ("apiVersion", "kind", "name", "namespace")]
    return ObjectRef(*fields) if all(isinstance(field, str) for field in fields) else None
