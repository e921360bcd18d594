"""Trees that know where their parts came from.

Stage: lower. A builder of a part (a container, a pod) returns the tree and, for paths inside it, the user's spans;
whoever puts the part into an object moves the paths along.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from generator.chart.nodes import Tree
from generator.diagnostics import Span
from generator.records import dataclass


@dataclass(frozen=True)
class Located:
    """A map and the spans of what is inside it, by path (`containers[0].env[2]`)."""

    tree: Mapping[str, Tree]
    spans: Mapping[str, Span] = field(default_factory=dict)

    def under(self, prefix: str) -> dict[str, Span]:
        """The spans, for the map standing at `prefix` of something larger."""
        return {f"{prefix}.{path}" if path else prefix: span for path, span in self.spans.items()}
