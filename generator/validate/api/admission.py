"""Webhooks and policies that the API server asks before it takes an object.

Source: kubernetes pkg/apis/admissionregistration/validation; k8s.io/apiserver pkg/util/webhook.
"""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

from generator.kube import names
from generator.kube.cel import RESERVED, Type
from generator.manifest import Path
from generator.regexes import regex
from generator.validate.api import codes, fields
from generator.validate.api.expressions import MESSAGE, POLICY, expression, result_type
from generator.validate.api.tables import (
    QUALIFIED,
    SEGMENT,
    SUBDOMAIN,
    Check,
    alone,
    at_most,
    checked,
    distinct,
    field,
    longest,
    named,
    need,
    one_of,
    selector,
    table,
    unique,
    within,
)
from generator.validate.model import Data, ObjectRule, Problem, Problems

_GROUP: Final = "admissionregistration.k8s.io"
_HOOKS: Final = (f"{_GROUP}/ValidatingWebhookConfiguration", f"{_GROUP}/MutatingWebhookConfiguration")
_OPERATIONS: Final = one_of("*", "CREATE", "UPDATE", "DELETE", "CONNECT")
_MATCH_POLICY: Final = one_of("Exact", "Equivalent")
_FAILURE_POLICY: Final = one_of("Fail", "Ignore")
_REVIEWS: Final = frozenset(("v1", "v1beta1"))
_IDENTIFIER: Final = regex(r"[_a-zA-Z][_a-zA-Z0-9]*")


def _not_empty(value: Any, path: Path) -> Problems:
    for index, item in enumerate(value):
        if item == "":
            yield Problem(codes.EMPTY, f"an item of {fields.what(path)} is empty", (*path, index))


def _resources(value: Any, path: Path) -> Problems:
    """Resources and subresources: a star covers what it stands for, so that must not be written as well."""
    yield from _not_empty(value, path)
    yield from alone("*/*")(value, path)
    plain = [text for text in value if text and "/" not in text]
    if "*" in plain and plain[-1] != "*":  # as the API server looks at it: the last one decides
        yield Problem(codes.COMBINATION, '"*" stands for all resources, so no other may stand beside it', path)
    whole, everywhere = set(), set()
    for index, text in enumerate(value):
        resource, slash, inner = text.partition("/")
        if not slash:
            continue
        if resource in whole or inner in everywhere:
            yield Problem(codes.COMBINATION, f'"{text}" is covered by another item', (*path, index))
        if inner == "*":
            whole.add(resource)
        if resource == "*":
            everywhere.add(inner)


_RULE: Final = (
    need("[].apiGroups", alone("*")),
    need("[].apiVersions", alone("*"), _not_empty),
    need("[].operations", alone("*")),
    field("[].operations[]", _OPERATIONS),
    need("[].resources", _resources),
    field("[].scope", one_of("Cluster", "Namespaced", "*")),
    field("[].resourceNames", distinct),
    field("[].resourceNames[]", SEGMENT),
)


def _rules(value: Any, path: Path) -> Problems:
    yield from checked(value, _RULE, path)


def _conditions(has_params: bool) -> Check:
    variables = {**POLICY, "params": "dyn"} if has_params else POLICY
    rows = (need("[].name", QUALIFIED), need("[].expression", expression(variables, "bool")))

    def check(value: Any, path: Path) -> Problems:
        yield from at_most(64)(value, path)
        yield from unique("name")([item for item in value if item.get("name")], path)
        yield from checked(value, rows, path)

    return check


def _reviews(value: Any, path: Path) -> Problems:
    yield from distinct(value, path)
    for index, version in enumerate(value):
        yield from fields.named(version, names.dns_1035_mistake, (*path, index))
    if not _REVIEWS & set(value):
        yield Problem(codes.CHOICE, f"{fields.what(path)} must hold v1 or v1beta1", path)


def webhook_client(value: Any, path: Path) -> Problems:
    """How a webhook is called: by a URL, or by a Service."""
    url, service = value.get("url"), value.get("service")
    yield from fields.exactly_one(value, ("url", "service"), path, "a webhook is called by a url or a service")
    if url is not None and service is None:
        yield from _url(url, (*path, "url"))
    elif service is not None and url is None:
        yield from checked(service, _SERVICE, (*path, "service"))


def _url(url: str, path: Path) -> Problems:
    try:
        parts = urlsplit(url)
        is_right = parts.scheme == "https" and bool(parts.netloc) and not (parts.query or parts.fragment)
        is_right = is_right and not re.search(r"[@\s]", parts.netloc) and (parts.port is None or parts.port >= 0)
    except ValueError:
        is_right = False
    # As Go reads it: a space may stand in the path, but nowhere else.
    if not is_right or url[:1].isspace() or re.search(r"[\x00-\x1f\x7f]|%(?![0-9A-Fa-f]{2})", url):
        message = f'the url "{url}" must be https://HOST/PATH, without user, query and fragment'
        yield Problem(codes.HOST, message, path)


def _url_path(value: Any, path: Path) -> Problems:
    if value in ("", "/"):
        return
    steps = value[1:].removesuffix("/").split("/")
    wrong = next((mistake for step in steps if (mistake := names.subdomain_mistake(step))), "")
    if not value.startswith("/") or wrong:
        what = f"{fields.what(path)} must begin with /, and each part of it must be a DNS name"
        yield Problem(codes.PATH, what, path)


_SERVICE: Final = (need("name"), need("namespace"), field("path", _url_path), field("port", fields.port))
_HOOK: Final = (
    need("webhooks[].name", named(names.hook_mistake)),
    field("webhooks[].rules", _rules),
    field("webhooks[].failurePolicy", _FAILURE_POLICY),
    field("webhooks[].matchPolicy", _MATCH_POLICY),
    need("webhooks[].sideEffects", one_of("None", "NoneOnDryRun")),
    field("webhooks[].timeoutSeconds", within(1, 30)),
    field("webhooks[].namespaceSelector", selector),
    field("webhooks[].objectSelector", selector),
    field("webhooks[].reinvocationPolicy", one_of("Never", "IfNeeded")),
    field("webhooks[].clientConfig", webhook_client),
    need("webhooks[].admissionReviewVersions", _reviews),
    field("webhooks[].matchConditions", _conditions(has_params=False)),
    field("webhooks", unique("name")),
)
_MATCH: Final = (
    field("matchPolicy", _MATCH_POLICY),
    field("namespaceSelector", selector),
    field("objectSelector", selector),
    field("resourceRules", _rules),
    field("excludeResourceRules", _rules),
)


def _matches(value: Any, path: Path) -> Problems:
    yield from checked(value, _MATCH, path)


def _group_version(value: Any, path: Path) -> Problems:
    group, slash, version = value.rpartition("/")
    mistake = names.subdomain_mistake(group) if slash and group else ""
    if value.count("/") > 1 or mistake or names.dns_1035_mistake(version):
        yield Problem(codes.NAME, f'{fields.what(path)} "{value}" must be a group and a version, as apps/v1', path)


def _one_line(value: Any, path: Path) -> Problems:
    if value and not value.strip():
        yield Problem(codes.EMPTY, f"{fields.what(path)} is blank", path)
    if re.search(r"[\r\n]", value.strip()):
        yield Problem(codes.COMBINATION, f"{fields.what(path)} must be one line", path)


def _variable_name(value: Any, path: Path) -> Problems:
    if not _IDENTIFIER.fullmatch(value) or value in RESERVED:
        yield Problem(codes.NAME, f'{fields.what(path)} "{value}" must be an identifier of CEL', path)


def _policy(data: Data) -> Problems:
    spec, path = data.get("spec") or {}, ("spec",)
    has_params = spec.get("paramKind") is not None
    variables: dict[str, Type] = {**POLICY, "params": "dyn"} if has_params else dict(POLICY)
    composed: dict[str, Type] = {}
    variables["variables"] = composed
    for index, variable in enumerate(spec.get("variables") or ()):
        check = expression({**variables, "variables": dict(composed)})
        yield from checked(
            variable, (need("name", _variable_name), need("expression", check)), (*path, "variables", index)
        )
        composed[str(variable.get("name"))] = result_type(str(variable.get("expression")), variables)
    message = {**MESSAGE, "variables": composed} | ({"params": "dyn"} if has_params else {})
    rows = (
        *_POLICY,
        field("matchConditions", _conditions(has_params)),
        need("validations[].expression", expression(variables, "bool")),
        field("validations[].messageExpression", _or_empty(expression(message, "string"))),
        need("auditAnnotations[].valueExpression", longest(5 << 10), expression(variables, "string", "null")),
    )
    yield from checked(spec, rows, path)
    metadata = data.get("metadata") or {}
    name = str(metadata.get("name") or f"{metadata.get('generateName') or ''}a")
    for index, annotation in enumerate(spec.get("auditAnnotations") or ()):
        key = f"{name}/{annotation.get('key') or ''}"
        yield from fields.named(key, names.label_key_mistake, (*path, "auditAnnotations", index, "key"))
    if not spec.get("validations") and not spec.get("auditAnnotations"):
        yield Problem(codes.EMPTY, "a policy needs validations or auditAnnotations", path)


def _or_empty(check: Check) -> Check:
    return lambda value, path: check(value, path) if value else iter(())


_POLICY: Final = (
    field("failurePolicy", _FAILURE_POLICY),
    need("paramKind?.apiVersion", _group_version),
    need("paramKind?.kind", named(lambda text: names.dns_1035_mistake(text.lower()))),
    need("matchConstraints.resourceRules"),
    field("matchConstraints", _matches),
    field("validations[].message", _one_line),
    field("validations[].reason", one_of("Forbidden", "Invalid", "RequestEntityTooLarge")),
    field("auditAnnotations", at_most(20), unique("key")),
)


def _actions(value: Any, path: Path) -> Problems:
    yield from distinct(value, path)
    if {"Deny", "Warn"} <= set(value):
        yield Problem(codes.COMBINATION, "Deny and Warn exclude each other", path)


_BINDING: Final = (
    need("policyName", SUBDOMAIN),
    need("validationActions", _actions),
    field("validationActions[]", one_of("Deny", "Warn", "Audit")),
    field("matchResources", _matches),
    field("paramRef?.name", named(names.segment_mistake, or_empty=True)),
    field("paramRef?.selector", selector),
    need("paramRef?.parameterNotFoundAction", one_of("Allow", "Deny")),
)


def _binding(data: Data) -> Problems:
    spec = data.get("spec") or {}
    yield from checked(spec, _BINDING, ("spec",))
    reference = spec.get("paramRef")
    if reference is not None:
        ways = {"name": reference.get("name") or None, "selector": reference.get("selector")}
        path = ("spec", "paramRef")
        yield from fields.exactly_one(ways, ("name", "selector"), path, "paramRef takes a name or a selector")


RULES = (
    ObjectRule(table(*_HOOK), _HOOKS),
    ObjectRule(_policy, (f"{_GROUP}/ValidatingAdmissionPolicy",)),
    ObjectRule(_binding, (f"{_GROUP}/ValidatingAdmissionPolicyBinding",)),
)
