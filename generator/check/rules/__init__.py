"""The rules, one topic a module. A new rule is one function, one line in its topic's RULES, and its tests."""

from __future__ import annotations

from typing import Final

from generator.check.rule import Rule
from generator.check.rules import (
    credentials,
    exposure,
    extra,
    kinds,
    monitoring,
    names,
    network,
    services,
    sql,
    tasks,
    triggers,
)

RULES: Final[tuple[Rule, ...]] = (
    *names.RULES,
    *triggers.RULES,
    *tasks.RULES,
    *kinds.RULES,
    *sql.RULES,
    *services.RULES,
    *exposure.RULES,
    *network.RULES,
    *monitoring.RULES,
    *extra.RULES,
    *credentials.RULES,
)
"""Every rule, topic by topic."""
