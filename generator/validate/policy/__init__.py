"""The layer `policy`: one file a topic.

A rule gets the well-typed data of one object, of one that makes pods, of each container of it, or all objects together.
"""

from typing import Final, TypeAlias

from generator.validate.model import ObjectRule
from generator.validate.policy import (
    access,
    availability,
    batch,
    containers,
    exposure,
    isolation,
    namespaces,
    pod_security,
    pods,
    secrets,
)
from generator.validate.policy.workload import ContainerRule, PodRule, WorldRule

Rule: TypeAlias = ObjectRule | PodRule | ContainerRule | WorldRule

RULES: Final[tuple[Rule, ...]] = (
    *pod_security.RULES,
    *containers.RULES,
    *pods.RULES,
    *secrets.RULES,
    *access.RULES,
    *exposure.RULES,
    *batch.RULES,
    *namespaces.RULES,
    *availability.RULES,
    *isolation.RULES,
)
"""Every rule, in the order in which its problems are found."""
