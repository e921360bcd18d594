"""Environment variables, and the fields of pods that variables and files can be made of.

Source: kubernetes pkg/apis/core/validation (ValidateEnv, ValidateEnvFrom, validateObjectFieldSelector,
validateContainerResourceFieldSelector).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from generator.diagnostics import Severity
from generator.kube import names
from generator.kube.quantities import amount
from generator.manifest import Path
from generator.regexes import regex
from generator.validate.api import codes, fields
from generator.validate.model import Data, Problem, Problems

_SOURCES: Final = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
_SUBSCRIPT: Final = regex(r"(metadata\.(?:labels|annotations))\['(.*)'\]", re.DOTALL)
OF_VARIABLES: Final = frozenset(
    (
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
    )
)
OF_FILES: Final = frozenset(
    ("metadata.name", "metadata.namespace", "metadata.uid", "metadata.labels", "metadata.annotations")
)
_RESOURCES: Final = frozenset(
    f"{kind}.{name}" for kind in ("limits", "requests") for name in ("cpu", "memory", "ephemeral-storage")
)
_HUGE: Final = ("limits.hugepages-", "requests.hugepages-")
_BYTES: Final = frozenset(
    amount(f"1{suffix}") for suffix in ("", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
)
_CPU: Final = frozenset((amount("1"), amount("1m")))


def environment(item: Data, path: Path, volumes: Mapping[Any, Data]) -> Problems:
    """The variables of a container; `volumes` are those of its pod by name."""
    for index, variable in enumerate(item.get("env") or ()):
        yield from _variable(variable, (*path, "env", index), volumes)
    for problem in fields.unique(item.get("env") or (), "name", (*path, "env")):
        # The API server takes it, and the last one wins; server-side apply, and so Helm 4, does not.
        yield replace(problem, severity=Severity.WARNING, hint="Helm 4 refuses it; keep one of them")
    for index, source in enumerate(item.get("envFrom") or ()):
        here = (*path, "envFrom", index)
        yield from fields.exactly_one(source, ("configMapRef", "secretRef"), here, "envFrom takes one source")
        for key in ("configMapRef", "secretRef"):
            if source.get(key) is not None:
                yield from _name(source[key], key, (*here, key), names.completed)
        if source.get("prefix"):
            yield from fields.named(source["prefix"], names.env_name_mistake, (*here, "prefix"))


def _name(reference: Data, key: str, path: Path, whole: Callable[[str], str] = str) -> Problems:
    """The name of a ConfigMap or Secret; `whole` makes one of what the API server takes for the beginning of a name."""
    yield from fields.required(reference, "name", path, f"{key} has no name")
    if name := reference.get("name"):
        yield from fields.named(name, lambda text: names.subdomain_mistake(whole(text)), (*path, "name"))


def _variable(variable: Data, path: Path, volumes: Mapping[Any, Data]) -> Problems:
    if variable.get("name") == "":
        yield Problem(codes.EMPTY, "a variable without a name", (*path, "name"))
    elif variable.get("name"):
        yield from fields.named(variable["name"], names.env_name_mistake, (*path, "name"))
    source, here = variable.get("valueFrom"), (*path, "valueFrom")
    if source is None:
        return
    if variable.get("value"):
        yield Problem(codes.ALTERNATIVES, f"{variable.get('name')} has a value and valueFrom; one is allowed", path)
    yield from fields.exactly_one(source, _SOURCES, here, f"valueFrom of {variable.get('name')} takes one source")
    if (reference := source.get("fieldRef")) is not None:
        yield from field(reference, (*here, "fieldRef"), OF_VARIABLES)
    if (reference := source.get("resourceFieldRef")) is not None:
        yield from resource_field(reference, (*here, "resourceFieldRef"))
    for key in ("configMapKeyRef", "secretKeyRef"):
        if (reference := source.get(key)) is not None:
            yield from _name(reference, key, (*here, key))
            if reference.get("key") == "":
                yield Problem(codes.EMPTY, "the key is empty", (*here, key, "key"))
            elif reference.get("key") and (mistake := names.config_key_mistake(reference["key"])):
                yield Problem(codes.KEY, f'the key "{reference["key"]}" must {mistake}', (*here, key, "key"))
    if (reference := source.get("fileKeyRef")) is not None:
        yield from _file_key(reference, (*here, "fileKeyRef"), volumes)


def _file_key(reference: Data, path: Path, volumes: Mapping[Any, Data]) -> Problems:
    for key in ("key", "volumeName", "path"):
        if reference.get(key) == "":
            yield Problem(codes.EMPTY, f"{key} is empty", (*path, key))
    if reference.get("key"):
        yield from fields.named(reference["key"], names.env_name_mistake, (*path, "key"))
    if ".." in str(reference.get("path") or "").split("/"):
        yield Problem(codes.PATH, "the path holds no ..", (*path, "path"))
    name = reference.get("volumeName")
    if name and name not in volumes:
        yield Problem(codes.MOUNT, f'the pod has no volume "{name}"', (*path, "volumeName"))
    elif name and set(volumes[name]) - {"name", "emptyDir"}:
        yield Problem(codes.MOUNT, f'the volume "{name}" must be an emptyDir', (*path, "volumeName"))


def field(reference: Data, path: Path, allowed: frozenset[str]) -> Problems:
    """A field of the pod, for a variable or a file."""
    name = reference.get("fieldPath")
    if reference.get("apiVersion") not in (None, "", "v1"):
        yield Problem(codes.CHOICE, f'apiVersion "{reference["apiVersion"]}" must be v1', (*path, "apiVersion"))
    if name == "":
        yield Problem(codes.EMPTY, "fieldPath is empty", (*path, "fieldPath"))
    elif name and (found := _SUBSCRIPT.fullmatch(name)):
        key = found[2].lower() if found[1] == "metadata.annotations" else found[2]
        if mistake := names.label_key_mistake(key):
            yield Problem(codes.LABEL, f'the key "{found[2]}" must {mistake}', (*path, "fieldPath"))
    elif name and name not in allowed:
        message = f"fieldPath \"{name}\" must be one of {', '.join(sorted(allowed))}, or metadata.labels['key']"
        yield Problem(codes.CHOICE, message, (*path, "fieldPath"))


def resource_field(reference: Data, path: Path, *, of_file: bool = False) -> Problems:
    """A request or limit of a container, for a variable or a file, which must name the container."""
    name = reference.get("resource") or ""
    if of_file and not reference.get("containerName"):
        yield Problem(codes.EMPTY, "containerName is missing", path)
    elif reference.get("resource") == "":
        yield Problem(codes.EMPTY, "resource is empty", (*path, "resource"))
    elif name and name not in _RESOURCES and not name.startswith(_HUGE):
        allowed = ", ".join(sorted(_RESOURCES))
        yield Problem(codes.CHOICE, f'resource "{name}" must be one of {allowed}', (*path, "resource"))
    divisor = amount(reference["divisor"]) if reference.get("divisor") is not None else None
    known = _CPU if name.endswith(".cpu") else _BYTES
    if divisor and (name in _RESOURCES or name.startswith(_HUGE)) and divisor not in known:
        message = f'divisor "{reference["divisor"]}" must be 1 or {"1m" if known is _CPU else "a unit, as 1Mi"}'
        yield Problem(codes.CHOICE, message, (*path, "divisor"))
