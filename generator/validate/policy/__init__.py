"""The layer `policy`: one file a topic. A rule gets the well-typed data of one object."""

from typing import Final

from generator.validate.model import ObjectRule
from generator.validate.policy import images, pod_security

RULES: Final[tuple[ObjectRule, ...]] = (*pod_security.RULES, *images.RULES)
"""Every rule, in the order in which its problems are found."""
