"""Which nodes a pod may run on, and when: affinity, tolerations, spreading, gates.

Source: kubernetes pkg/apis/core/validation (validateAffinity, ValidateTolerations, validateTopologySpreadConstraints,
validateSchedulingGates, validateReadinessGates).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final

from generator.kube import names
from generator.manifest import Path
from generator.validate.api import codes, fields
from generator.validate.model import Data, Problem, Problems

_OPERATORS: Final = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")
EFFECTS: Final = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_NEEDED: Final = "requiredDuringSchedulingIgnoredDuringExecution"
_WISHED: Final = "preferredDuringSchedulingIgnoredDuringExecution"


def placement(spec: Data, path: Path) -> Problems:
    """Everything that the scheduler is told."""
    yield from fields.labels(spec.get("nodeSelector"), (*path, "nodeSelector"))
    yield from tolerations(spec.get("tolerations") or (), (*path, "tolerations"))
    yield from _affinity(spec.get("affinity") or {}, (*path, "affinity"))
    yield from _spread(spec.get("topologySpreadConstraints") or (), (*path, "topologySpreadConstraints"))
    yield from _gates(spec, path)


def tolerations(items: Collection[Data], path: Path) -> Problems:
    """Which taints are borne."""
    for index, item in enumerate(items):
        here = (*path, index)
        operator = item.get("operator")
        yield from fields.choice(operator, ("Exists", "Equal"), (*here, "operator"))
        yield from fields.choice(item.get("effect"), EFFECTS, (*here, "effect"))
        if item.get("key"):
            yield from fields.named(item["key"], names.label_key_mistake, (*here, "key"), codes.LABEL)
        elif operator != "Exists":
            yield Problem(codes.COMBINATION, "a toleration without a key needs operator: Exists", here)
        if operator == "Exists" and item.get("value"):
            yield Problem(codes.COMBINATION, "operator Exists takes no value", (*here, "value"))
        elif item.get("value"):
            yield from fields.named(item["value"], names.label_value_mistake, (*here, "value"), codes.LABEL)
        if item.get("tolerationSeconds") is not None and item.get("effect") != "NoExecute":
            yield Problem(codes.COMBINATION, "tolerationSeconds needs effect: NoExecute", here)


def _affinity(affinity: Data, path: Path) -> Problems:
    node, here = affinity.get("nodeAffinity") or {}, (*path, "nodeAffinity")
    if node.get(_NEEDED) is not None:
        yield from node_selector(node[_NEEDED], (*here, _NEEDED))
    for index, item in enumerate(node.get(_WISHED) or ()):
        yield from fields.between(item.get("weight"), 1, 100, (*here, _WISHED, index, "weight"))
        yield from _node_term(item.get("preference") or {}, (*here, _WISHED, index, "preference"), any_value=True)
    for kind in ("podAffinity", "podAntiAffinity"):
        rules = affinity.get(kind) or {}
        for index, term in enumerate(rules.get(_NEEDED) or ()):
            yield from _pod_term(term, (*path, kind, _NEEDED, index))
        for index, item in enumerate(rules.get(_WISHED) or ()):
            yield from fields.between(item.get("weight"), 1, 100, (*path, kind, _WISHED, index, "weight"))
            yield from _pod_term(item.get("podAffinityTerm") or {}, (*path, kind, _WISHED, index, "podAffinityTerm"))


def node_selector(selector: Data, path: Path) -> Problems:
    """A selector of nodes: of pods, and of volumes."""
    if selector.get("nodeSelectorTerms") == []:
        yield Problem(codes.EMPTY, "nodeSelectorTerms has no term", (*path, "nodeSelectorTerms"))
    for index, term in enumerate(selector.get("nodeSelectorTerms") or ()):
        yield from _node_term(term, (*path, "nodeSelectorTerms", index))


def _node_term(term: Data, path: Path, *, any_value: bool = False) -> Problems:
    for index, expression in enumerate(term.get("matchExpressions") or ()):
        here = (*path, "matchExpressions", index)
        operator, values = expression.get("operator"), expression.get("values") or ()
        yield from fields.word(operator, _OPERATORS, (*here, "operator"))
        yield from fields.named(expression.get("key"), names.label_key_mistake, (*here, "key"), codes.LABEL)
        if operator in ("In", "NotIn") and not values:
            yield Problem(codes.EMPTY, f"the operator {operator} needs values", here)
        if operator in ("Exists", "DoesNotExist") and values:
            yield Problem(codes.COMBINATION, f"the operator {operator} takes no values", here)
        if operator in ("Gt", "Lt") and len(values) != 1:
            yield Problem(codes.COMBINATION, f"the operator {operator} takes exactly one value", here)
        for number, value in enumerate(() if any_value else values):
            yield from fields.named(value, names.label_value_mistake, (*here, "values", number), codes.LABEL)
    for index, expression in enumerate(term.get("matchFields") or ()):
        here = (*path, "matchFields", index)
        yield from fields.word(expression.get("operator"), ("In", "NotIn"), (*here, "operator"))
        yield from fields.word(expression.get("key"), ("metadata.name",), (*here, "key"))
        values = expression.get("values") or ()
        if len(values) != 1:
            yield Problem(codes.COMBINATION, "matchFields takes exactly one value", here)
        for number, value in enumerate(values):
            yield from fields.named(value, names.subdomain_mistake, (*here, "values", number))


def _pod_term(term: Data, path: Path) -> Problems:
    yield from fields.required(term, "topologyKey", path)
    if term.get("topologyKey"):
        key = term["topologyKey"]
        yield from fields.named(key, names.label_key_mistake, (*path, "topologyKey"), codes.LABEL)
    yield from fields.selector(term.get("labelSelector"), (*path, "labelSelector"))
    yield from fields.selector(term.get("namespaceSelector"), (*path, "namespaceSelector"))
    for index, name in enumerate(term.get("namespaces") or ()):
        yield from fields.named(name, names.dns_label_mistake, (*path, "namespaces", index))
    yield from _label_keys(term, path, ("matchLabelKeys", "mismatchLabelKeys"))
    both = set(term.get("matchLabelKeys") or ()) & set(term.get("mismatchLabelKeys") or ())
    for name in sorted(both):
        message = f'"{name}" stands in matchLabelKeys and in mismatchLabelKeys'
        yield Problem(codes.DUPLICATE, message, (*path, "matchLabelKeys"))


def _label_keys(item: Data, path: Path, keys: tuple[str, ...]) -> Problems:
    selector = item.get("labelSelector")
    for key in keys:
        for index, name in enumerate(item.get(key) or ()):
            yield from fields.named(name, names.label_key_mistake, (*path, key, index), codes.LABEL)
            if name in set(_selected(selector or {})):
                message = f'"{name}" stands in {key} and in labelSelector'
                yield Problem(codes.DUPLICATE, message, (*path, key, index))
        if item.get(key) and selector is None:
            yield Problem(codes.COMBINATION, f"{key} needs a labelSelector", (*path, key))


def _selected(selector: Data) -> Iterator[Any]:
    yield from selector.get("matchLabels") or ()
    yield from (expression.get("key") for expression in selector.get("matchExpressions") or ())


def _spread(items: Collection[Data], path: Path) -> Problems:
    for index, item in enumerate(items):
        here = (*path, index)
        yield from fields.between(item.get("maxSkew"), 1, None, (*here, "maxSkew"))
        yield from fields.between(item.get("minDomains"), 1, None, (*here, "minDomains"))
        yield from fields.word(
            item.get("whenUnsatisfiable"), ("DoNotSchedule", "ScheduleAnyway"), (*here, "whenUnsatisfiable")
        )
        if item.get("minDomains") is not None and item.get("whenUnsatisfiable") == "ScheduleAnyway":
            message = "minDomains needs whenUnsatisfiable: DoNotSchedule"
            yield Problem(codes.COMBINATION, message, (*here, "minDomains"))
        for key in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            yield from fields.word(item.get(key), ("Honor", "Ignore"), (*here, key))
        if item.get("topologyKey") == "":
            yield Problem(codes.EMPTY, "topologyKey is empty", (*here, "topologyKey"))
        yield from fields.selector(item.get("labelSelector"), (*here, "labelSelector"))
        yield from _label_keys(item, here, ("matchLabelKeys",))
    yield from fields.unique(items, ("topologyKey", "whenUnsatisfiable"), path)


def _gates(spec: Data, path: Path) -> Problems:
    for key, inner in (("schedulingGates", "name"), ("readinessGates", "conditionType")):
        for index, gate in enumerate(spec.get(key) or ()):
            if gate.get(inner) is not None:
                here = (*path, key, index, inner)
                yield from fields.named(gate[inner], names.label_key_mistake, here, codes.LABEL)
    yield from fields.unique(spec.get("schedulingGates") or (), "name", (*path, "schedulingGates"))
