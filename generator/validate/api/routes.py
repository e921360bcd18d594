"""HTTPRoutes: the rules in CEL of their definition, and the keys of its lists.

Source: gateway-api 1.4, config/crd/standard (`x-kubernetes-validations`, `x-kubernetes-list-map-keys`); the API server
fills in defaults before it looks, and so do the rules here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from generator.kube.durations import parse_duration
from generator.manifest import Path
from generator.regexes import regex
from generator.validate.api import codes, fields
from generator.validate.model import Data, ObjectRule, Problem, Problems

# The field that goes with each type of a filter.
_FILTERS: Final = {
    "RequestHeaderModifier": "requestHeaderModifier",
    "ResponseHeaderModifier": "responseHeaderModifier",
    "RequestMirror": "requestMirror",
    "RequestRedirect": "requestRedirect",
    "URLRewrite": "urlRewrite",
    "ExtensionRef": "extensionRef",
}
_ONCE: Final = ("RequestHeaderModifier", "ResponseHeaderModifier", "RequestRedirect", "URLRewrite")
_PATHS: Final = {"ReplaceFullPath": "replaceFullPath", "ReplacePrefixMatch": "replacePrefixMatch"}
_NOT_IN_A_PATH: Final = ("//", "/./", "/../", "%2f", "%2F", "#")
_PATH: Final = regex(r"(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})+")
_MOST_MATCHES: Final = 128
_GROUP: Final = "gateway.networking.k8s.io"


def _route(data: Data) -> Problems:
    spec = data.get("spec") or {}
    yield from _parents(spec.get("parentRefs") or ())
    rules = spec.get("rules") or ()
    matches = sum(len(_matches(rule)) for rule in rules)
    if matches > _MOST_MATCHES:
        message = f"the rules have {matches} matches together; {_MOST_MATCHES} is the limit"
        yield Problem(codes.LIMIT, message, ("spec", "rules"))
    for index, rule in enumerate(rules):
        yield from _rule(rule, ("spec", "rules", index))


def _parents(parents: Sequence[Data]) -> Problems:
    """Two references to one parent must each tell which of its listeners it is about."""
    seen: set[tuple[str, ...]] = set()
    for index, parent in enumerate(parents):
        here = ("spec", "parentRefs", index)
        told = {bool(each.get("sectionName")) for each in parents if _parent(each) == _parent(parent)}
        if len(told) > 1 and not parent.get("sectionName"):
            message = "with several references to one parent, each needs a sectionName"
            yield Problem(codes.COMBINATION, message, here)
        whole = (*_parent(parent), str(parent.get("sectionName") or ""))
        if whole in seen:
            yield Problem(codes.DUPLICATE, "the same parent is there twice", here)
        seen.add(whole)


def _parent(parent: Data) -> tuple[str, str, str, str]:
    group, kind = parent.get("group", _GROUP), parent.get("kind", "Gateway")
    return str(group), str(kind), str(parent.get("name")), str(parent.get("namespace") or "")


def _matches(rule: Data) -> Sequence[Data]:
    """A rule without matches has the one for all paths."""
    found: Sequence[Data] = rule["matches"] if rule.get("matches") is not None else ({},)
    return found


def _rule(rule: Data, path: Path) -> Problems:
    matches, backends = _matches(rule), rule.get("backendRefs") or ()
    for index, match in enumerate(matches):
        yield from _match(match, (*path, "matches", index))
    yield from _filters(rule.get("filters") or (), (*path, "filters"))
    if backends and any(each.get("requestRedirect") is not None for each in rule.get("filters") or ()):
        yield Problem(codes.COMBINATION, "a redirect does not go with backendRefs", (*path, "backendRefs"))
    for index, backend in enumerate(backends):
        yield from _backend(backend, (*path, "backendRefs", index))
        yield from _filters(backend.get("filters") or (), (*path, "backendRefs", index, "filters"))
    has_one_prefix = len(matches) == 1 and _path_of(matches[0])[0] == "PathPrefix"
    for field in ("requestRedirect", "urlRewrite"):
        own = sum(_replaces_prefix(each, field) for each in rule.get("filters") or ())
        theirs = [sum(_replaces_prefix(each, field) for each in backend.get("filters") or ()) for backend in backends]
        if not has_one_prefix and (own == 1 or theirs.count(1) == 1):
            yield Problem(
                codes.COMBINATION, f"{field} with replacePrefixMatch needs exactly one PathPrefix match", path
            )
    yield from _timeouts(rule.get("timeouts") or {}, (*path, "timeouts"))


def _replaces_prefix(item: Data, field: str) -> bool:
    path = (item.get(field) or {}).get("path") or {}
    return path.get("type") == "ReplacePrefixMatch" and path.get("replacePrefixMatch") is not None


def _path_of(match: Data) -> tuple[str, str]:
    path = match["path"] if match.get("path") is not None else {}
    return path.get("type", "PathPrefix"), path.get("value", "/")


def _match(match: Data, path: Path) -> Problems:
    for key in ("headers", "queryParams"):
        yield from fields.unique(match.get(key) or (), "name", (*path, key))
    kind, text = _path_of(match)
    here = (*path, "path", "value")
    if kind not in ("Exact", "PathPrefix"):
        return
    if not text.startswith("/"):
        yield Problem(codes.PATH, f'path "{text}" must begin with / when its type is {kind}', here)
    for part in _NOT_IN_A_PATH:
        if part in text:
            yield Problem(codes.PATH, f'path "{text}" must not hold {part}', here)
    if text.endswith(("/..", "/.")):
        yield Problem(codes.PATH, f'path "{text}" must not end with .. or .', here)
    if not _PATH.fullmatch(text) and "#" not in text:
        message = f'path "{text}" holds a character that must be percent-encoded' if text else "the path is empty"
        yield Problem(codes.PATH, message, here)


def _filters(items: Sequence[Data], path: Path) -> Problems:
    types = Counter(item.get("type") for item in items)
    if types["RequestRedirect"] and types["URLRewrite"]:
        yield Problem(codes.COMBINATION, "RequestRedirect does not go with URLRewrite", path)
    for kind in _ONCE:
        if types[kind] > 1:
            yield Problem(codes.DUPLICATE, f"a filter of type {kind} is there twice", path)
    for index, item in enumerate(items):
        here = (*path, index)
        yield from _union(item, _FILTERS, here)
        for field in ("requestHeaderModifier", "responseHeaderModifier"):
            modifier = item.get(field) or {}
            for key in ("set", "add"):
                yield from fields.unique(modifier.get(key) or (), "name", (*here, field, key))
            removed = [{"name": name} for name in modifier.get("remove") or ()]
            yield from fields.unique(removed, "name", (*here, field, "remove"))
        for field in ("requestRedirect", "urlRewrite"):
            if (item.get(field) or {}).get("path") is not None:
                yield from _union(item[field]["path"], _PATHS, (*here, field, "path"))
        if item.get("requestMirror") is not None:
            yield from _mirror(item["requestMirror"], (*here, "requestMirror"))


def _union(data: Data, members: dict[str, str], path: Path) -> Problems:
    """The field that goes with the type is there, and no other."""
    kind = data.get("type")
    for name, field in members.items():
        if kind == name and data.get(field) is None:
            yield Problem(codes.ALTERNATIVES, f"type {kind} needs `{field}`", path)
        elif kind != name and data.get(field) is not None:
            yield Problem(codes.ALTERNATIVES, f"`{field}` does not go with type {kind}", (*path, field))


def _mirror(mirror: Data, path: Path) -> Problems:
    fraction = mirror.get("fraction")
    if mirror.get("percent") is not None and fraction is not None:
        yield Problem(codes.ALTERNATIVES, "percent and fraction exclude each other", (*path, "fraction"))
    if fraction and fraction.get("numerator", 0) > fraction.get("denominator", 100):
        yield Problem(codes.RANGE, "the numerator must be at most the denominator", (*path, "fraction"))
    yield from _backend(mirror.get("backendRef") or {"port": 1}, (*path, "backendRef"))


def _backend(backend: Data, path: Path) -> Problems:
    is_service = backend.get("group", "") == "" and backend.get("kind", "Service") == "Service"
    if is_service and backend.get("port") is None:
        yield Problem(codes.EMPTY, "a reference to a Service needs its port", path)


def _timeouts(timeouts: Data, path: Path) -> Problems:
    found = {key: parse_duration(str(timeouts[key])) for key in ("request", "backendRequest") if timeouts.get(key)}
    whole, part = found.get("request"), found.get("backendRequest")
    if whole and part and whole.seconds and part.seconds > whole.seconds:
        yield Problem(codes.RANGE, "backendRequest must not be longer than request", (*path, "backendRequest"))


RULES = (ObjectRule(_route, ("gateway.networking.k8s.io/HTTPRoute",)),)
