"""Stage spec: nodes → :class:`Spec`.

Input: the root node of a file. Output: the spec as written, every part with its place; what is wrong with the words of
the language is in the diagnostics, all of it.
"""

from __future__ import annotations

from generator.diagnostics import Diagnostics
from generator.spec import codes
from generator.spec.model import SPEC, Spec
from generator.spec.shapes import Reading
from generator.yamlio.nodes import MappingNode, Node


def parse_spec(root: Node, diagnostics: Diagnostics) -> Spec | None:
    """The spec, or None when the file is no mapping. Top-level keys that start with `x-` are left out (rulings C28)."""
    if not isinstance(root, MappingNode):
        diagnostics.add(codes.WRONG_TYPE, "a spec is a mapping", root.span, hint="start with `flowhelm: v1`")
        return None
    entries = tuple(entry for entry in root.entries if not entry.key.startswith("x-"))
    return SPEC.read(MappingNode(root.span, entries), Reading(diagnostics))
