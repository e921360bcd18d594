"""Webhooks and policies that the API server asks before it takes an object.

Source: kubernetes pkg/apis/admissionregistration/validation, k8s.io/apiserver/pkg/util/webhook/validation.go.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final
from urllib.parse import urlsplit

from generator.kube import names
from generator.manifest import Path
from generator.validate.api import codes, fields
from generator.validate.api.expressions import expression_mistake
from generator.validate.api.tables import (
    SEGMENT,
    SUBDOMAIN,
    alone,
    at_most,
    checked,
    distinct,
    field,
    named,
    need,
    one_of,
    selector,
    unique,
    within,
)
from generator.validate.model import Data, ObjectRule, Problem, Problems

_GROUP: Final = "admissionregistration.k8s.io"
_OPERATIONS: Final = ("*", "CREATE", "UPDATE", "DELETE", "CONNECT")
_ACCEPTED: Final = ("v1", "v1beta1")
_NAMES: Final = frozenset(("object", "oldObject", "request", "namespaceObject", "authorizer"))
_VARIABLE: Final = re.compile(r"\bvariables\.(\w+)")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST_VALUE: Final = 5 * 1024


def _full_name_mistake(text: str) -> str:
    """A domain of at least three parts, as checks.example.com; a dot at its end is none."""
    if mistake := names.subdomain_mistake(text.removesuffix(".")):
        return mistake
    return "" if text.removesuffix(".").count(".") > 1 else "have at least three parts, as checks.example.com"


def _kind_mistake(text: str) -> str:
    return names.dns_1035_mistake(text.lower())


_RULE: Final = (
    need("operations", alone("*")),
    field("operations[]", one_of(*_OPERATIONS)),
    need("apiGroups", alone("*")),
    need("apiVersions", alone("*")),
    need("apiVersions[]"),
    need("resources", alone("*/*")),
    need("resources[]"),
    field("resourceNames", distinct),
    field("resourceNames[]", SEGMENT),
    field("scope", one_of("Cluster", "Namespaced", "*")),
)
_CONDITIONS: Final = (
    field("matchConditions", at_most(64), unique("name")),
    need("matchConditions[].name", named(names.label_key_mistake)),
    need("matchConditions[].expression"),
)
_HOOK: Final = (
    need("name", named(_full_name_mistake)),
    field("failurePolicy", one_of("Ignore", "Fail")),
    field("matchPolicy", one_of("Exact", "Equivalent")),
    need("sideEffects", one_of("None", "NoneOnDryRun")),
    field("timeoutSeconds", within(1, 30)),
    field("namespaceSelector", selector),
    field("objectSelector", selector),
    field("reinvocationPolicy", one_of("Never", "IfNeeded")),
    need("admissionReviewVersions", distinct),
    field("admissionReviewVersions[]", named(names.dns_1035_mistake)),
    *_CONDITIONS,
)


def _webhooks(data: Data) -> Problems:
    hooks = data.get("webhooks") or ()
    yield from fields.unique(hooks, "name", ("webhooks",))
    for index, hook in enumerate(hooks):
        here = ("webhooks", index)
        yield from checked(hook, _HOOK, here)
        for number, rule in enumerate(hook.get("rules") or ()):
            yield from _rule(rule, (*here, "rules", number))
        versions = hook.get("admissionReviewVersions") or ()
        if versions and not set(versions) & set(_ACCEPTED):
            message = "admissionReviewVersions must hold v1"
            yield Problem(codes.CHOICE, message, (*here, "admissionReviewVersions"))
        if (client := hook.get("clientConfig")) is not None:
            yield from webhook_client(client, (*here, "clientConfig"))
        for number, condition in enumerate(hook.get("matchConditions") or ()):
            where = (*here, "matchConditions", number, "expression")
            yield from _expression(condition.get("expression"), where, _NAMES, "bool")


def webhook_client(client: Data, path: Path) -> Problems:
    """How a webhook is reached."""
    yield from fields.exactly_one(client, ("url", "service"), path, "a webhook has a url or a service")
    if client.get("url") is not None and client.get("service") is None:
        yield from fields.named(client["url"], _url_mistake, (*path, "url"), codes.HOST)
    service = client.get("service")
    if service is not None and client.get("url") is None:
        here = (*path, "service")
        for key in ("name", "namespace"):
            if service.get(key) == "":
                yield Problem(codes.EMPTY, f"{key} of the service is empty", (*here, key))
        yield from fields.port(service.get("port"), (*here, "port"))
        yield from fields.named(service.get("path"), _path_mistake, (*here, "path"), codes.PATH)


def _url_mistake(text: str) -> str:
    try:
        url = urlsplit(text)
    except ValueError:
        return "be a URL"
    if url.scheme != "https" or not url.netloc:
        return "begin with https:// and a host"
    return "hold no user, query or fragment" if url.username is not None or url.query or url.fragment else ""


def _path_mistake(text: str) -> str:
    if text in ("", "/"):
        return ""
    steps = text[1:].removesuffix("/").split("/")
    if not text.startswith("/") or text == "//" or any(names.subdomain_mistake(step) for step in steps):
        return "begin with / and hold names between slashes"
    return ""


def _rule(rule: Data, path: Path) -> Problems:
    yield from checked(rule, _RULE, path)
    resources: list[str] = list(rule.get("resources") or ())
    here = (*path, "resources")
    plain = [name for name in resources if name and name != "*" and "/" not in name]
    if "*" in resources and plain and ("/" not in resources[-1] and resources[-1] != "*"):
        yield Problem(codes.COMBINATION, '"*" stands for all resources', here)
    all_of: set[str] = set()
    any_of: set[str] = set()
    for index, name in enumerate(resources):
        resource, slash, part = name.partition("/")
        if slash and (resource in all_of or part in any_of):
            yield Problem(codes.COMBINATION, f'"{name}" is in another item already', (*here, index))
        if slash and part == "*":
            all_of.add(resource)
        if slash and resource == "*":
            any_of.add(part)


def _expression(text: str | None, path: Path, variables: Collection[str], wanted: str) -> Problems:
    """An expression that is compiled when the object is made; a missing one is told elsewhere."""
    if not text:
        return
    if not text.strip():
        yield Problem(codes.EMPTY, f"{path[-1]} is empty", path)
    elif mistake := expression_mistake(text.strip(), variables, wanted):
        yield Problem(codes.NAME, f"{path[-1]} must {mistake}", path)


_MATCH: Final = (
    field("matchPolicy", one_of("Exact", "Equivalent")),
    field("namespaceSelector", selector),
    field("objectSelector", selector),
)


def _match(resources: Data, path: Path) -> Problems:
    yield from checked(resources, _MATCH, path)
    for key in ("resourceRules", "excludeResourceRules"):
        for index, rule in enumerate(resources.get(key) or ()):
            yield from _rule(rule, (*path, key, index))


_POLICY: Final = (
    field("spec.failurePolicy", one_of("Fail", "Ignore")),
    need("spec.paramKind?.apiVersion"),
    need("spec.paramKind?.kind", named(_kind_mistake)),
    need("spec.matchConstraints.resourceRules"),
    field("spec.variables", unique("name")),
    need("spec.variables[].expression"),
    need("spec.validations[].expression"),
    field("spec.validations[].reason", one_of("Unauthorized", "Forbidden", "Invalid", "RequestEntityTooLarge")),
    field("spec.auditAnnotations", at_most(20), unique("key")),
    need("spec.auditAnnotations[].valueExpression"),
)


def _policy(data: Data) -> Problems:
    yield from checked(data, _POLICY, ())
    spec = data.get("spec") or {}
    yield from checked(spec, _CONDITIONS, ("spec",))
    if (resources := spec.get("matchConstraints")) is not None:
        yield from _match(resources, ("spec", "matchConstraints"))
    if not spec.get("validations") and not spec.get("auditAnnotations"):
        yield Problem(codes.EMPTY, "a policy needs validations or auditAnnotations", ("spec",))
    yield from _param_kind(spec.get("paramKind") or {}, ("spec", "paramKind"))
    for index, variable in enumerate(spec.get("variables") or ()):
        if not _IDENTIFIER.fullmatch(variable.get("name") or ""):
            message = f'"{variable.get("name", "")}" is no name of a variable'
            yield Problem(codes.NAME, message, ("spec", "variables", index, "name"))
    for index, each in enumerate(spec.get("validations") or ()):
        here = ("spec", "validations", index)
        for key in ("message", "messageExpression"):
            text = each.get(key) or ""
            if text and not text.strip():
                yield Problem(codes.EMPTY, f"{key} is empty", (*here, key))
        if re.search(r"[\n\r]", (each.get("message") or "").strip()):
            yield Problem(codes.NAME, "the message holds a line break", (*here, "message"))
    name = str((data.get("metadata") or {}).get("name") or "")
    for index, each in enumerate(spec.get("auditAnnotations") or ()):
        here = ("spec", "auditAnnotations", index)
        if mistake := names.label_key_mistake(f"{name}/{each.get('key', '')}"):
            yield Problem(codes.LABEL, f'the key "{each.get("key", "")}" must {mistake}', (*here, "key"))
        if len((each.get("valueExpression") or "").strip()) > _LONGEST_VALUE:
            yield Problem(codes.TOO_LARGE, "valueExpression is too long", (*here, "valueExpression"))
    yield from _policy_expressions(spec)


def _policy_expressions(spec: Data) -> Problems:
    """Each may name the variables of the policy; one of these, those before it."""
    params = {"params"} if spec.get("paramKind") is not None else set()
    known: list[str] = []
    for key, inner, wanted in (
        ("variables", "expression", ""),
        ("validations", "expression", "bool"),
        ("validations", "messageExpression", "string"),
        ("matchConditions", "expression", "bool"),
        ("auditAnnotations", "valueExpression", "string"),
    ):
        own = {"variables"} if known and key != "matchConditions" else set()
        for index, each in enumerate(spec.get(key) or ()):
            text, here = each.get(inner), ("spec", key, index, inner)
            names_here = _NAMES | params | ({"variables"} if key == "variables" and known else own)
            yield from _expression(text, here, names_here, wanted)
            for name in _VARIABLE.findall(text or "") if key != "matchConditions" else ():
                if name not in known:
                    yield Problem(codes.NAME, f'there is no variable "{name}" here', here)
            if key == "variables":
                known.append(str(each.get("name") or ""))


def _param_kind(kind: Data, path: Path) -> Problems:
    version = kind.get("apiVersion")
    if not version:
        return
    group, slash, name = version.rpartition("/")
    if "/" in group or names.dns_1035_mistake(name) or (slash and group and names.subdomain_mistake(group)):
        message = f'apiVersion "{version}" must be a version, or a group and a version'
        yield Problem(codes.NAME, message, (*path, "apiVersion"))


_BINDING: Final = (
    need("spec.policyName", SUBDOMAIN),
    field("spec.paramRef?.name", named(names.segment_mistake, or_empty=True)),
    field("spec.paramRef?.selector", selector),
    need("spec.paramRef?.parameterNotFoundAction", one_of("Deny", "Allow")),
    need("spec.validationActions", distinct),
    field("spec.validationActions[]", one_of("Deny", "Warn", "Audit")),
)


def _binding(data: Data) -> Problems:
    spec: dict[str, Any] = dict(data.get("spec") or {})
    yield from checked(data, _BINDING, ())
    if (resources := spec.get("matchResources")) is not None:
        yield from _match(resources, ("spec", "matchResources"))
    if {"Deny", "Warn"} <= set(spec.get("validationActions") or ()):
        yield Problem(codes.COMBINATION, "Deny and Warn exclude each other", ("spec", "validationActions"))
    reference = spec.get("paramRef")
    if reference is not None and bool(reference.get("name")) == (reference.get("selector") is not None):
        yield Problem(codes.ALTERNATIVES, "paramRef has a name or a selector", ("spec", "paramRef"))


RULES = (
    ObjectRule(_webhooks, (f"{_GROUP}/ValidatingWebhookConfiguration", f"{_GROUP}/MutatingWebhookConfiguration")),
    ObjectRule(_policy, (f"{_GROUP}/ValidatingAdmissionPolicy",)),
    ObjectRule(_binding, (f"{_GROUP}/ValidatingAdmissionPolicyBinding",)),
)
