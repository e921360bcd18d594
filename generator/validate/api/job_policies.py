"""When a Job has failed, and when it has succeeded, by its own rules.

Source: kubernetes pkg/apis/batch/validation (validatePodFailurePolicy, validateSuccessPolicy).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from generator.kube import names
from generator.manifest import Path
from generator.regexes import regex
from generator.validate.api import codes, fields
from generator.validate.model import Data, Problem, Problems

_MOST_RULES, _MOST_CODES = 20, 255
_LONGEST_INDEXES: Final = 64 * 1024
_NUMBER: Final = regex(r"[+-]?[0-9]+", re.ASCII)


def failure_policy(spec: Data, path: Path) -> Problems:
    """The rules by which pods' failures count."""
    policy = spec.get("podFailurePolicy")
    if policy is None:
        return
    rules, here = policy.get("rules") or (), (*path, "podFailurePolicy", "rules")
    if len(rules) > _MOST_RULES:
        yield Problem(codes.RANGE, f"{len(rules)} rules; {_MOST_RULES} are the most", here)
    pod = (spec.get("template") or {}).get("spec") or {}
    known = {item.get("name") for key in ("containers", "initContainers") for item in pod.get(key) or ()}
    for index, rule in enumerate(rules):
        where = (*here, index)
        actions = ("Count", "FailIndex", "FailJob", "Ignore")
        yield from fields.word(rule.get("action"), actions, (*where, "action"))
        if rule.get("action") == "FailIndex" and spec.get("backoffLimitPerIndex") is None:
            yield Problem(codes.COMBINATION, "action FailIndex needs backoffLimitPerIndex", (*where, "action"))
        on, conditions = rule.get("onExitCodes"), rule.get("onPodConditions") or ()
        if (on is None) == (not conditions):
            message = "a rule has onExitCodes or onPodConditions"
            yield Problem(codes.ALTERNATIVES, message, where)
        if on is not None:
            yield from _exit_codes(on, (*where, "onExitCodes"), known)
        yield from _conditions(conditions, (*where, "onPodConditions"))


def _exit_codes(on: Data, path: Path, known: set[object]) -> Problems:
    operator, values = on.get("operator"), on.get("values") or ()
    yield from fields.word(operator, ("In", "NotIn"), (*path, "operator"))
    if on.get("containerName") is not None and on["containerName"] not in known:
        message = f'the pod has no container "{on["containerName"]}"'
        yield Problem(codes.CHOICE, message, (*path, "containerName"))
    if not 0 < len(values) <= _MOST_CODES:
        yield Problem(codes.EMPTY, f"values are missing, or more than {_MOST_CODES}", (*path, "values"))
    if operator == "In" and 0 in values:
        yield Problem(codes.RANGE, "0 is no failure", (*path, "values"))
    if list(values) != sorted(set(values)):
        yield Problem(codes.DUPLICATE, "values must be in order, each once", (*path, "values"))


def _conditions(items: Sequence[Data], path: Path) -> Problems:
    if len(items) > _MOST_RULES:
        yield Problem(codes.RANGE, f"{len(items)} conditions; {_MOST_RULES} are the most", path)
    for index, item in enumerate(items):
        yield from fields.named(item.get("type"), names.label_key_mistake, (*path, index, "type"), codes.LABEL)
        yield from fields.choice(item.get("status"), ("True", "False", "Unknown"), (*path, index, "status"))


def success_policy(spec: Data, path: Path) -> Problems:
    """The indexes with which an Indexed Job has succeeded."""
    policy, completions = spec.get("successPolicy"), spec.get("completions")
    if policy is None or spec.get("completionMode") != "Indexed":
        return
    most = (1 if spec.get("parallelism") is None else 0) if completions is None else completions
    rules, here = policy.get("rules") or (), (*path, "successPolicy", "rules")
    if not 0 < len(rules) <= _MOST_RULES:
        yield Problem(codes.EMPTY, f"rules are missing, or more than {_MOST_RULES}", here)
    for index, rule in enumerate(rules):
        where = (*here, index)
        count, indexes = rule.get("succeededCount"), rule.get("succeededIndexes")
        if count is None and indexes is None:
            yield Problem(codes.EMPTY, "a rule has succeededCount or succeededIndexes, or both", where)
        total = None if indexes is None else _total(indexes, most)
        if indexes is not None and (total is None or len(indexes) > _LONGEST_INDEXES):
            message = f'succeededIndexes "{indexes[:60]}" must be numbers below {most} in order, as 0,2-4'
            yield Problem(codes.RANGE, message, (*where, "succeededIndexes"))
        limit = most if indexes is None else min(most, total or 0)
        yield from fields.between(count, 0, limit, (*where, "succeededCount"))


def _total(text: str, completions: int) -> int | None:
    """How many indexes `0,2-4` names; None when it is not in order, or beyond the completions."""
    total, last = 0, None
    for part in text.split(",") if text else ():
        ends = part.split("-")
        if len(ends) > 2 or not all(_NUMBER.fullmatch(end) for end in ends):  # from and to
            return None
        low, high = int(ends[0]), int(ends[-1])
        out_of_order = (last is not None and low <= last) or (len(ends) > 1 and low >= high)
        if out_of_order or max(low, high) >= completions:
            return None
        total, last = total + high - low + 1, high
    return total
