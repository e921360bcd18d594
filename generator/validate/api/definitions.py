"""CustomResourceDefinitions: names, versions, conversion. Their schemas are in `definition_schemas`.

Source: apiextensions-apiserver pkg/apis/apiextensions/validation (ValidateCustomResourceDefinition),
k8s.io/kubernetes api-approved.kubernetes.io (KEP 1111).
"""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

from generator.kube import names
from generator.manifest import Path
from generator.validate.api import codes, fields
from generator.validate.api.admission import webhook_client
from generator.validate.api.definition_schemas import field_at, root_schema
from generator.validate.api.tables import checked, distinct, field, named, need, one_of
from generator.validate.model import Data, ObjectRule, Problem, Problems

_APPROVED: Final = "api-approved.kubernetes.io"
_COLUMN: Final = (
    need("name"),
    need("type", one_of("integer", "number", "string", "boolean", "date")),
    field(
        "format", one_of("int32", "int64", "float", "double", "byte", "date", "date-time", "password", or_empty=True)
    ),
    need("jsonPath"),
)
_LONGEST_WARNING: Final = 256
_MOST_SELECTABLE: Final = 8
_WEBHOOK: Final = (
    need("webhook?.conversionReviewVersions", distinct),
    field("webhook?.conversionReviewVersions[]", named(names.dns_1035_mistake)),
)


def _lower(text: str) -> str:
    return names.dns_1035_mistake(text.lower())


_DEFINITION: Final = (
    need("spec.group", named(names.subdomain_mistake)),
    need("spec.scope", one_of("Cluster", "Namespaced")),
    need("spec.names.plural", named(names.dns_1035_mistake)),
    field("spec.names.singular", named(names.dns_1035_mistake, or_empty=True)),
    need("spec.names.kind", named(_lower)),
    field("spec.names.listKind", named(_lower, or_empty=True)),
    field("spec.names.shortNames[]", named(names.dns_1035_mistake)),
    field("spec.names.categories[]", named(names.dns_1035_mistake)),
    field("spec.versions[].name", named(names.dns_1035_mistake)),
)


def _definition(data: Data) -> Problems:
    yield from checked(data, _DEFINITION, ())
    spec, metadata = data.get("spec") or {}, data.get("metadata") or {}
    known, group = spec.get("names") or {}, spec.get("group") or ""
    name = metadata.get("name")
    wanted = f"{known.get('plural') or ''}.{group}"
    if name and name != wanted:
        message = f'name "{name}" must be the plural, a dot and the group: "{wanted}"'
        yield Problem(codes.NAME, message, ("metadata", "name"))
    if group and "." not in group:
        yield Problem(codes.NAME, f'group "{group}" must be a domain with a dot', ("spec", "group"))
    if known.get("kind") and known["kind"] == known.get("listKind"):
        yield Problem(codes.DUPLICATE, "kind and listKind must differ", ("spec", "names", "listKind"))
    if spec.get("preserveUnknownFields"):
        hint = "write x-kubernetes-preserve-unknown-fields into the schema"
        yield Problem(codes.COMBINATION, "preserveUnknownFields can't be true", ("spec", "preserveUnknownFields"), hint)
    yield from _approval(group, metadata.get("annotations") or {})
    yield from _versions(spec.get("versions") or (), ("spec", "versions"))
    yield from _conversion(spec.get("conversion") or {}, ("spec", "conversion"))


def _approval(group: str, annotations: Data) -> Problems:
    """Kubernetes' own groups take definitions that were reviewed, or say that they were not."""
    protected = re.search(r"(^|\.)(k8s|kubernetes)\.io$", group) and not group.endswith(".x-k8s.io")
    written = str(annotations.get(_APPROVED) or "")
    if not protected or written.startswith("unapproved"):
        return
    try:
        url = urlsplit(written)
        if url.scheme and url.netloc:
            return
    except ValueError:
        pass
    message = f"the group {group} is kept for Kubernetes: the annotation {_APPROVED} must name the review"
    yield Problem(codes.COMBINATION, message, ("metadata",), "choose a group of your own domain")


def _versions(versions: Any, path: Path) -> Problems:
    yield from fields.unique(versions, "name", path)
    stored = sum(bool(version.get("storage")) for version in versions)
    if stored != 1:
        message = f"exactly one version is the one that is stored; here are {stored}"
        yield Problem(codes.ALTERNATIVES, message, path, "write `storage: true` at one of them")
    yield from _shared_fields(versions, path)
    for index, version in enumerate(versions):
        here = (*path, index)
        schema = (version.get("schema") or {}).get("openAPIV3Schema")
        if schema is None:
            yield Problem(codes.EMPTY, "the version has no schema.openAPIV3Schema", here)
        else:
            resources = version.get("subresources") or {}
            has_status = resources.get("status") is not None
            yield from root_schema(schema, (*here, "schema", "openAPIV3Schema"), has_status=has_status)
        for number, column in enumerate(version.get("additionalPrinterColumns") or ()):
            where = (*here, "additionalPrinterColumns", number)
            yield from checked(column, _COLUMN, where)
            if column.get("jsonPath") and not column["jsonPath"].startswith("."):
                yield Problem(codes.PATH, "jsonPath must begin with a dot", (*where, "jsonPath"))
        yield from _deprecation(version, here)
        yield from _scale((version.get("subresources") or {}).get("scale"), (*here, "subresources", "scale"))
        yield from _selectable(version.get("selectableFields") or (), schema, (*here, "selectableFields"))


def _shared_fields(versions: Any, path: Path) -> Problems:
    """The API server keeps equal schemas once for all versions; fields of single versions have no schema then."""
    schemas = [version.get("schema") for version in versions]
    selected = [version.get("selectableFields") or [] for version in versions]
    if (
        len(versions) > 1
        and all(each == schemas[0] for each in schemas)
        and any(each != selected[0] for each in selected)
    ):
        message = "versions of one schema have the same selectableFields"
        yield Problem(codes.COMBINATION, message, path)


def _deprecation(version: Data, path: Path) -> Problems:
    warning, here = version.get("deprecationWarning"), (*path, "deprecationWarning")
    if warning is None:
        return
    if not version.get("deprecated"):
        yield Problem(codes.COMBINATION, "deprecationWarning needs deprecated: true", here)
    if not 0 < len(warning.encode()) <= _LONGEST_WARNING or not warning.isprintable():
        message = f"deprecationWarning must be one line of at most {_LONGEST_WARNING} characters"
        yield Problem(codes.NAME, message, here)


def _scale(scale: Data | None, path: Path) -> Problems:
    if scale is None:
        return
    for key, starts in (
        ("specReplicasPath", (".spec.",)),
        ("statusReplicasPath", (".status.",)),
        ("labelSelectorPath", (".spec.", ".status.")),
    ):
        text = scale.get(key)
        if not text and key == "labelSelectorPath":
            continue
        if not str(text or "").startswith(starts):
            message = f'{key} "{text or ""}" must begin with {" or ".join(starts)}'
            yield Problem(codes.PATH, message, (*path, key) if text is not None else path)


def _selectable(items: Any, schema: Data | None, path: Path) -> Problems:
    seen: set[str] = set()
    for index, item in enumerate(items):
        text = item.get("jsonPath") or ""
        found = field_at(schema or {}, text)
        if text.startswith(".metadata.") or found is None or not _is_selectable(found):
            message = f'jsonPath "{text}" must lead to a text, a whole number or a boolean of the schema'
            yield Problem(codes.PATH, message, (*path, index))
        elif text in seen:
            yield Problem(codes.DUPLICATE, f'jsonPath "{text}" is used twice', (*path, index, "jsonPath"))
        seen.add(text)
    if len(seen) > _MOST_SELECTABLE:
        yield Problem(codes.RANGE, f"{len(seen)} fields; {_MOST_SELECTABLE} are the most", path)


def _is_selectable(found: Data) -> bool:
    return found.get("type") in ("string", "boolean", "integer")


def _conversion(conversion: Data, path: Path) -> Problems:
    if not conversion:
        return
    yield from checked(conversion, (need("strategy", one_of("None", "Webhook")),), path)
    webhook, here = conversion.get("webhook"), (*path, "webhook")
    if conversion.get("strategy") != "Webhook":
        if webhook and (webhook.get("clientConfig") is not None or webhook.get("conversionReviewVersions")):
            yield Problem(codes.COMBINATION, "webhook needs strategy: Webhook", here)
        return
    if webhook is None or webhook.get("clientConfig") is None:
        yield Problem(codes.EMPTY, "strategy Webhook needs webhook.clientConfig", path)
    else:
        yield from webhook_client(webhook["clientConfig"], (*here, "clientConfig"))
    yield from checked(conversion, _WEBHOOK, path)
    versions = set((webhook or {}).get("conversionReviewVersions") or ())
    if versions and not versions & {"v1", "v1beta1"}:
        message = "conversionReviewVersions must hold v1"
        yield Problem(codes.CHOICE, message, (*here, "conversionReviewVersions"))


RULES = (ObjectRule(_definition, ("apiextensions.k8s.io/CustomResourceDefinition",)),)
