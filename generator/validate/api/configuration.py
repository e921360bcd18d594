"""ConfigMaps and Secrets.

Source: kubernetes pkg/apis/core/validation (ValidateConfigMap, ValidateSecret). Values of Secrets are never shown.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, Final

from generator.kube import names
from generator.manifest import Path
from generator.validate.api import codes
from generator.validate.model import Data, ObjectRule, Problem, Problems

MAX_SIZE: Final = 1 << 20
_NEEDED: Final = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/dockercfg": (".dockercfg",),
}


_ACCOUNT: Final = "kubernetes.io/service-account.name"


def _config_map(data: Data) -> Problems:
    text, binary = data.get("data") or {}, data.get("binaryData") or {}
    yield from _keys(text, ("data",))
    yield from _keys(binary, ("binaryData",))
    for key in text.keys() & binary.keys():
        message = f'the key "{key}" is in data and in binaryData'
        yield Problem(codes.DUPLICATE, message, ("binaryData", key))
    size = sum(len(value.encode()) for value in text.values())
    for value in binary.values():
        size += len(_decoded(value))
    if size > MAX_SIZE:
        yield Problem(codes.TOO_LARGE, f"the ConfigMap holds {size} bytes; {MAX_SIZE} is the most", ("data",))


def _secret(data: Data) -> Problems:
    encoded, text = data.get("data") or {}, data.get("stringData") or {}
    yield from _keys(encoded, ("data",))
    yield from _keys(text, ("stringData",))
    values = {key: _decoded(value) for key, value in encoded.items()}
    values |= {key: value.encode() for key, value in text.items()}
    size = sum(map(len, values.values()))
    if size > MAX_SIZE:
        yield Problem(codes.TOO_LARGE, f"the Secret holds {size} bytes; {MAX_SIZE} is the most", ("data",))
    yield from _typed(str(data.get("type") or ""), values)
    annotations = (data.get("metadata") or {}).get("annotations") or {}
    if data.get("type") == "kubernetes.io/service-account-token" and not annotations.get(_ACCOUNT):
        yield Problem(codes.EMPTY, f"a Secret of this type needs the annotation {_ACCOUNT}", ("metadata",))


def _typed(kind: str, values: dict[str, bytes]) -> Problems:
    """What the built-in types of Secrets ask for."""
    for key in _NEEDED.get(kind, ()):
        if key not in values:
            yield Problem(codes.EMPTY, f'a Secret of type {kind} needs the key "{key}"', ("type",))
    if kind == "kubernetes.io/ssh-auth" and not values.get("ssh-privatekey"):
        yield Problem(codes.EMPTY, f'a Secret of type {kind} needs the key "ssh-privatekey"', ("type",))
    if kind == "kubernetes.io/basic-auth" and not values.keys() & {"username", "password"}:
        yield Problem(codes.EMPTY, f"a Secret of type {kind} needs username or password", ("type",))
    for key in (".dockerconfigjson", ".dockercfg"):
        if kind == f"kubernetes.io/{key[1:]}" and key in values and not _is_json_object(values[key]):
            yield Problem(codes.BASE64, f'the value of "{key}" is not JSON', ("data", key))


def _keys(values: Data, path: Path) -> Problems:
    for key in values:
        if mistake := names.config_key_mistake(key):
            yield Problem(codes.KEY, f'the key "{key}" must {mistake}', (*path, key))


def _decoded(text: Any) -> bytes:
    """What the base64 stands for; nothing for what is none, which the decoder has found already."""
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return b""


def _is_json_object(value: bytes) -> bool:
    try:
        return isinstance(json.loads(value), (dict, type(None)))
    except ValueError:
        return False


RULES = (ObjectRule(_config_map, ("ConfigMap",)), ObjectRule(_secret, ("Secret",)))
