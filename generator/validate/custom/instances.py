"""Custom resources against what their definitions say and no JSON schema can.

Input: an object and the schema of its definition. Output: the object as the API server sees it (nulls dropped, defaults
filled in), and problems: lists that hold something twice, rules in CEL that are broken.
Source: apiextensions-apiserver, pkg/apiserver/schema/defaulting, …/listtype, …/cel.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from generator.kube import names
from generator.manifest import Path
from generator.records import dataclass
from generator.validate.api import codes as api_codes
from generator.validate.api import fields
from generator.validate.api.metadata import meta
from generator.validate.custom.rules import Rules
from generator.validate.model import Problem, Problems

Node = Mapping[str, Any]
_NOTHING: Final[Node] = {}


@dataclass(frozen=True)
class Judgement:
    """What is wrong with an object, and the rules in CEL that could not be evaluated on it."""

    problems: tuple[Problem, ...] = ()
    not_evaluated: frozenset[str] = frozenset()


def without_nulls(value: Any, node: Node) -> Any:
    """A copy without the nulls that mean nothing: those of fields that may not be null."""
    if isinstance(value, dict):
        result = {}
        for key, inner in value.items():
            below = _below(node, key)
            if inner is not None or below is None or below.get("nullable"):
                result[key] = without_nulls(inner, below or _NOTHING)
        return result
    return [without_nulls(item, _items(node)) for item in value] if isinstance(value, list) else value


def dropped(data: Any, plain: Any, path: Path = ()) -> Iterator[Path]:
    """The places in `data` that `without_nulls` has left out of `plain`."""
    if isinstance(data, dict):
        for key, inner in data.items():
            if key in plain:
                yield from dropped(inner, plain[key], (*path, key))
            else:
                yield (*path, key)
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from dropped(item, plain[index], (*path, index))


def defaulted(value: Any, node: Node) -> Any:
    """A copy of a value without nulls, in which what is missing has its default."""
    if isinstance(value, dict):
        known: Node = node.get("properties") or _NOTHING
        missing = {
            key: copy.deepcopy(below["default"])
            for key, below in known.items()
            if key not in value and below.get("default") is not None
        }
        whole = {**value, **missing}
        return {key: defaulted(inner, _below(node, key) or _NOTHING) for key, inner in whole.items()}
    if isinstance(value, list):
        below = _items(node)
        replaced = None if below.get("nullable") else below.get("default")
        return [defaulted(copy.deepcopy(replaced) if item is None else item, below) for item in value]
    return value


def judged(data: Any, schema: Node) -> Judgement:
    """What is wrong with an object that has the right structure."""
    rules = Rules()
    problems = [
        problem
        for path, value, node in _nodes(data, schema)
        for each in (_doubles, _embedded, rules.broken)
        for problem in each(value, node, path)
    ]
    return Judgement(tuple(problems), frozenset(rules.not_evaluated))


def _nodes(value: Any, node: Node, path: Path = ()) -> Iterator[tuple[Path, Any, Node]]:
    """Every value that the schema knows, but nulls, with its part of the schema."""
    if value is None or not node:
        return
    yield path, value, node
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _nodes(inner, _below(node, key) or _NOTHING, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _nodes(item, _items(node), (*path, index))


def _below(node: Node, key: str) -> Node | None:
    """The part of a schema for a key; None when it knows none."""
    inner = (node.get("properties") or _NOTHING).get(key, node.get("additionalProperties"))
    return inner if isinstance(inner, Mapping) else None


def _items(node: Node) -> Node:
    items = node.get("items")
    return items if isinstance(items, Mapping) else _NOTHING


def _doubles(value: Any, node: Node, path: Path) -> Problems:
    """What a list that is a set or a map holds twice."""
    kind, keys = node.get("x-kubernetes-list-type"), node.get("x-kubernetes-list-map-keys") or ()
    if kind not in ("set", "map") or not isinstance(value, list):
        return
    seen: set[str] = set()
    for index, item in enumerate(value):
        if kind == "map" and not isinstance(item, Mapping):
            continue
        part = {key: item[key] for key in keys if key in item} if kind == "map" else item
        text = json.dumps(part, sort_keys=True)
        if text in seen:
            name = next((step for step in reversed(path) if isinstance(step, str)), "the list")
            shown = ", ".join(f'{key} "{each}"' for key, each in part.items()) if kind == "map" else text
            yield Problem(
                api_codes.DUPLICATE, f"{shown or 'an item without a key'} is used twice in {name}", (*path, index)
            )
        seen.add(text)


def _embedded(value: Any, node: Node, path: Path) -> Problems:
    """The metadata of an object that stands in a field of another."""
    if node.get("x-kubernetes-embedded-resource") and isinstance(value, dict):
        metadata, here = value.get("metadata") or {}, (*path, "metadata")
        yield from fields.named(metadata.get("name") or None, names.segment_mistake, (*here, "name"))
        yield from meta(metadata, here)
