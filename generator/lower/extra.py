"""`extra`: objects of the user's own, each a template of its own (language rule 11).

Stage: lower. Input: the objects as nodes. Output: templates that give them back as they were written: nothing is added,
because only their author knows what a label or a namespace would mean there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from generator.chart.model import Origin, Template
from generator.chart.nodes import Tree
from generator.diagnostics import Span
from generator.kube.identifiers import shortened
from generator.lower.context import Context
from generator.manifest import Path, path_text
from generator.yamlio.nodes import MappingNode, Node, ScalarNode, SequenceNode, plain

_MAX_FILE = 100


def extra_templates(context: Context) -> Iterator[Template]:
    """One template for each object: `templates/extra/<kind>-<name>.yaml`."""
    folder = next(name for name in ("extra", "extra-objects", "extras") if name not in context.system.services)
    seen: dict[str, int] = {}
    for node in context.system.spec.extra:
        tree = cast("dict[str, Tree]", plain(node))
        metadata = cast("dict[str, Tree]", tree["metadata"])
        file = re.sub("[^a-z0-9.]+", "-", f"{tree['kind']}-{metadata['name']}".lower())
        file = shortened(file.strip("-."), _MAX_FILE)
        seen[file] = seen.get(file, 0) + 1
        ending = f"_{seen[file]}" if seen[file] > 1 else ""
        yield Template(f"templates/{folder}/{file}{ending}.yaml", tree, Origin(node.span, dict(_places(node, ()))))


def _places(node: Node, path: Path) -> Iterator[tuple[str, Span]]:
    """Where each part of an object was written: a value, or the key of what has parts of its own."""
    if isinstance(node, MappingNode):
        for entry in node.entries:
            here = (*path, entry.key)
            yield path_text(here), entry.value.span if isinstance(entry.value, ScalarNode) else entry.key_span
            yield from _places(entry.value, here)
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.items):
            yield path_text((*path, index)), item.span
            yield from _places(item, (*path, index))
