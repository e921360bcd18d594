"""The layer `references`: what one object says of another, one file a topic.

A rule gets all objects of a rendering and yields what is wrong with which of them.
"""

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from generator.manifest import Manifest
from generator.validate.model import Problem
from generator.validate.references import argo, leads, monitors, named, needs, selection
from generator.validate.world import World

ReferenceRule: TypeAlias = Callable[[World], Iterator[tuple[Manifest, Problem]]]

RULES: Final[tuple[ReferenceRule, ...]] = (
    *selection.RULES,
    *needs.RULES,
    *monitors.RULES,
    *leads.RULES,
    *named.RULES,
    *argo.RULES,
)
"""Every rule, in the order in which its problems are found."""
