"""How the API server shares itself: FlowSchemas and PriorityLevelConfigurations.

Source: kubernetes pkg/apis/flowcontrol/validation, pkg/apis/flowcontrol/v1/defaults.go; k8s.io/apiserver
pkg/util/shufflesharding (RequiredEntropyBits).
"""

from __future__ import annotations

import math
from typing import Any, Final

from generator.manifest import Path
from generator.validate.api import codes, fields
from generator.validate.api.tables import DNS_LABEL, SUBDOMAIN, alone, checked, field, need, one_of, within
from generator.validate.model import Data, ObjectRule, Problem, Problems

_GROUP: Final = "flowcontrol.apiserver.k8s.io"
_MAX_PRECEDENCE: Final = 10_000
_MAX_QUEUES: Final = 10_000_000
_HASH_BITS: Final = 60
_KEYS: Final = {"ServiceAccount": "serviceAccount", "User": "user", "Group": "group"}
_VERBS: Final = ("get", "list", "create", "update", "delete", "deletecollection", "patch", "watch", "proxy")
_ALL: Final = alone("*")


def _verbs(value: Any, path: Path) -> Problems:
    if "*" in value:
        yield from _ALL(value, path)
        return
    for index, verb in enumerate(value):
        yield from fields.choice(verb, _VERBS, (*path, index))


def _namespaces(value: Any, path: Path) -> Problems:
    if "*" in value:
        yield from _ALL(value, path)
        return
    for index, name in enumerate(value):
        yield from DNS_LABEL(name, (*path, index))


def _urls(value: Any, path: Path) -> Problems:
    if "*" in value:
        yield from _ALL(value, path)
        return
    for index, url in enumerate(value):
        if mistake := _url_mistake(url):
            yield Problem(codes.PATH, f'the path "{url}" must {mistake}', (*path, index))


def _url_mistake(url: str) -> str:
    if not url.startswith("/"):
        return "begin with /"
    if url != "/" and (" " in url or "//" in url):
        return "hold no spaces and no //"
    has_odd_star = url.count("*") > 1 or (url.count("*") == 1 and not url.endswith("/*"))
    return "have * at most as its last part" if has_odd_star else ""


def _account(name: Any, path: Path) -> Problems:
    if name != "*":
        yield from SUBDOMAIN(name, path)


_SCHEMA: Final = (
    field("spec.matchingPrecedence", within(0, _MAX_PRECEDENCE)),  # 0 is the default
    field("spec.distinguisherMethod?.type", one_of("ByNamespace", "ByUser")),
    need("spec.priorityLevelConfiguration.name", SUBDOMAIN),
    need("spec.rules[].subjects"),
    need("spec.rules[].subjects[].kind", one_of(*_KEYS)),
    need("spec.rules[].subjects[].serviceAccount?.name", _account),
    need("spec.rules[].subjects[].serviceAccount?.namespace", DNS_LABEL),
    need("spec.rules[].subjects[].user?.name"),
    need("spec.rules[].subjects[].group?.name"),
    need("spec.rules[].resourceRules[].verbs", _verbs),
    need("spec.rules[].resourceRules[].apiGroups", _ALL),
    need("spec.rules[].resourceRules[].resources", _ALL),
    field("spec.rules[].resourceRules[].namespaces", _namespaces),
    need("spec.rules[].nonResourceRules[].verbs", _verbs),
    need("spec.rules[].nonResourceRules[].nonResourceURLs", _urls),
)


def _flow_schema(data: Data) -> Problems:
    yield from checked(data, _SCHEMA, ())
    spec = data.get("spec") or {}
    name = (data.get("metadata") or {}).get("name")
    if spec.get("matchingPrecedence") == 1 and name != "exempt":
        message = "only the FlowSchema exempt may have matchingPrecedence 1"
        yield Problem(codes.RANGE, message, ("spec", "matchingPrecedence"))
    for index, rule in enumerate(spec.get("rules") or ()):
        path = ("spec", "rules", index)
        if not rule.get("resourceRules") and not rule.get("nonResourceRules"):
            yield Problem(codes.RULE, "the rule names no resourceRules and no nonResourceRules", path)
        for number, subject in enumerate(rule.get("subjects") or ()):
            yield from _subject(subject, (*path, "subjects", number))
        for number, inner in enumerate(rule.get("resourceRules") or ()):
            if not inner.get("namespaces") and not inner.get("clusterScope"):
                message = "the rule needs namespaces, or clusterScope: true"
                yield Problem(codes.RULE, message, (*path, "resourceRules", number))


def _subject(subject: Data, path: Path) -> Problems:
    wanted = _KEYS.get(subject.get("kind") or "")
    for key in _KEYS.values() if wanted else ():
        if key == wanted and subject.get(key) is None:
            yield Problem(codes.SUBJECT, f"a subject of kind {subject['kind']} needs `{key}`", path)
        elif key != wanted and subject.get(key) is not None:
            yield Problem(codes.SUBJECT, f"`{key}` does not go with kind {subject['kind']}", (*path, key))


_LEVEL: Final = (
    need("spec.type", one_of("Exempt", "Limited")),
    *(
        row
        for kind in ("limited", "exempt")
        for row in (
            field(f"spec.{kind}.nominalConcurrencyShares", within(0)),
            field(f"spec.{kind}.lendablePercent", within(0, 100)),
        )
    ),
    field("spec.limited.borrowingLimitPercent", within(0)),
)


def _level(data: Data) -> Problems:
    yield from checked(data, _LEVEL, ())
    spec = data.get("spec") or {}
    kind, limited = spec.get("type") or "", spec.get("limited")
    is_exempt = (data.get("metadata") or {}).get("name") == "exempt"
    if is_exempt != (kind == "Exempt") and kind in ("Exempt", "Limited"):
        message = "the level exempt, and no other, has type Exempt"
        yield Problem(codes.COMBINATION, message, ("spec", "type"))
    for key in ("limited", "exempt"):
        if kind in ("Exempt", "Limited") and key != kind.lower() and spec.get(key) is not None:
            yield Problem(codes.ALTERNATIVES, f"`{key}` does not go with type {kind}", ("spec", key))
    if kind == "Limited" and limited is None:
        yield Problem(codes.ALTERNATIVES, "type Limited needs `limited`", ("spec",))
    elif limited is not None and kind == "Limited":
        yield from _response(limited.get("limitResponse") or {}, ("spec", "limited", "limitResponse"))


def _response(response: Data, path: Path) -> Problems:
    kind, queuing = response.get("type") or "", response.get("queuing")
    if kind not in ("Queue", "Reject"):
        yield Problem(codes.CHOICE, f'type "{kind}" must be one of Queue, Reject', (*path, "type"))
    elif kind == "Reject" and queuing is not None:
        yield Problem(codes.ALTERNATIVES, "`queuing` does not go with type Reject", (*path, "queuing"))
    elif kind == "Queue" and queuing is None:
        yield Problem(codes.ALTERNATIVES, "type Queue needs `queuing`", path)
    elif queuing is not None:
        yield from _queuing(queuing, (*path, "queuing"))


def _queuing(queuing: Data, path: Path) -> Problems:
    """The hand of a flow is one of many: its cards are dealt by a hash of 60 bits. A missing number has a default."""
    queues, hand = queuing.get("queues") or 64, queuing.get("handSize") or 8
    yield from fields.between(queuing.get("queueLengthLimit"), 0, None, (*path, "queueLengthLimit"))
    if not 1 <= queues <= _MAX_QUEUES:
        yield Problem(codes.RANGE, f"queues {queues} must be from 1 to {_MAX_QUEUES}", (*path, "queues"))
    if not 1 <= hand <= queues:
        yield Problem(codes.RANGE, f"handSize {hand} must be from 1 to queues ({queues})", (*path, "handSize"))
    elif hand > _HASH_BITS or math.ceil(sum(math.log2(queues - card) for card in range(hand))) > _HASH_BITS:
        message = f"handSize {hand} of {queues} queues needs more than {_HASH_BITS} bits of a hash"
        yield Problem(codes.RANGE, message, (*path, "handSize"))


RULES = (
    ObjectRule(_flow_schema, (f"{_GROUP}/FlowSchema",)),
    ObjectRule(_level, (f"{_GROUP}/PriorityLevelConfiguration",)),
)
