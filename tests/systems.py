"""Specs as tests write them, read up to the stage that is tested."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from generator.diagnostics import Diagnostics
from generator.resolve.model import System
from generator.resolve.resolver import resolve
from generator.source import Loader
from generator.spec.parser import parse_spec
from generator.yamlio.reader import read_spec_text

HEAD = "flowhelm: v1\nname: shop\nversion: 1.0.0\n"


def system_of(text: str, diagnostics: Diagnostics, *, head: str = HEAD) -> System:
    """The system that `text` describes under the usual first three lines; what resolving finds goes to the sink."""
    root = read_spec_text((head + dedent(text)).encode(), "spec.yaml", diagnostics)
    spec = parse_spec(root, diagnostics) if root is not None else None
    assert spec is not None, list(diagnostics)
    assert not diagnostics.has_errors, [finding.message for finding in diagnostics]
    return resolve(spec, Loader(Path("spec.yaml")), diagnostics)


def sound_system(text: str) -> System:
    """The system of a spec in which nothing is wrong up to here."""
    found = Diagnostics()
    system = system_of(text, found)
    assert not found.has_errors, [finding.message for finding in found]
    return system
