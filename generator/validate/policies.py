"""Runs the policies.

Input: the well-typed data of one object, or all objects of a rendering. Output: what is wrong, of whatever severity.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from generator.kube.workloads import api_group
from generator.validate.model import Data, ObjectRule, Problems
from generator.validate.policy import RULES
from generator.validate.policy.workload import ContainerRule, Findings, PodRule, Workload, WorldRule
from generator.validate.world import World

_PODS: Final = tuple(rule for rule in RULES if isinstance(rule, PodRule))
_CONTAINERS: Final = tuple(rule for rule in RULES if isinstance(rule, ContainerRule))
_WORLD: Final = tuple(rule for rule in RULES if isinstance(rule, WorldRule))


def check_object(data: Data) -> Problems:
    """What is wrong with one object by itself; its pods are laid out once for all rules."""
    for rule in _rules(str(data.get("apiVersion", "")), str(data.get("kind", ""))):
        yield from rule.check(data)
    workload = Workload.of(data)
    if workload is None:
        return
    for pod_rule in _PODS:
        yield from pod_rule.check(workload)
    for container in workload.containers:
        for container_rule in _CONTAINERS:
            yield from container_rule.check(container)


@cache
def _rules(api_version: str, kind: str) -> tuple[ObjectRule, ...]:
    name = f"{api_group(api_version)}/{kind}".removeprefix("/")
    return tuple(rule for rule in RULES if isinstance(rule, ObjectRule) and (not rule.kinds or name in rule.kinds))


def check_world(world: World) -> Findings:
    """What is wrong with all objects together."""
    for rule in _WORLD:
        yield from rule.check(world)
