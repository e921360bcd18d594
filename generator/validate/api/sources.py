"""What volumes of pods are made of.

Source: kubernetes pkg/apis/core/validation (validateVolumeSource and what it calls).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from generator.kube import names
from generator.manifest import Path
from generator.regexes import regex
from generator.validate.api import codes, fields
from generator.validate.api.environment import OF_FILES, field, resource_field
from generator.validate.api.mounts import inside
from generator.validate.model import Data, Problem, Problems

NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "awsElasticBlockStore": ("volumeID",),
    "azureDisk": ("diskName", "diskURI"),
    "azureFile": ("secretName", "shareName"),
    "cephfs": ("monitors",),
    "cinder": ("volumeID",),
    "configMap": ("name",),
    "csi": ("driver",),
    "flexVolume": ("driver",),
    "gcePersistentDisk": ("pdName",),
    "gitRepo": ("repository",),
    "glusterfs": ("endpoints", "path"),
    "hostPath": ("path",),
    "iscsi": ("targetPortal", "iqn"),
    "nfs": ("server", "path"),
    "persistentVolumeClaim": ("claimName",),
    "photonPersistentDisk": ("pdID",),
    "portworxVolume": ("volumeID",),
    "quobyte": ("registry", "volume"),
    "rbd": ("monitors", "image"),
    "scaleIO": ("gateway", "system", "volumeName"),
    "secret": ("secretName",),
    "storageos": ("volumeName",),
    "vsphereVolume": ("volumePath",),
}
"""By kind of volume, what may be neither missing nor empty."""

_HOST_PATHS: Final = (
    "", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice",
)  # fmt: skip
_IQN: Final = regex(r"iqn\.\d{4}-\d{2}\.([A-Za-z0-9.-]+)(:[^,;*&$|\s]+)$")
_EUI, _NAA = regex(r"eui.[A-Za-z0-9]{16}"), regex(r"naa.[A-Za-z0-9]{32}")
_KEYS: Final = ("RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519")
_TEN_MINUTES, _LONGEST_TOKEN = 600, 2**32
_LONGEST_DRIVER: Final = 63
_LONGEST_TENANT: Final = 64
_RESERVED: Final = (".kubernetes.io", ".k8s.io")


def source(kind: str, value: Data, path: Path) -> Problems:
    """One source of a volume, `kind` being its key."""
    for key in NEEDED.get(kind, ()):
        yield from fields.required(value, key, path, f'a volume of kind {kind} needs "{key}"')
    check = _CHECKS.get(kind)
    if check is not None:
        yield from check(value, path)


def mode(number: int | None, path: Path) -> Problems:
    """The permissions of a file."""
    if number is not None and not 0 <= number <= 0o777:
        hint = "file modes are octal: write 0644 or 0o644" if number > 0o777 else ""
        yield Problem(codes.RANGE, f"{path[-1]} {number} must be from 0 to 0777 (511)", path, hint)


def driver(name: str | None, path: Path) -> Problems:
    """The name of a CSI driver."""
    if not name:
        return
    yield from fields.named(name.lower(), names.subdomain_mistake, path)
    if len(name) > _LONGEST_DRIVER:
        yield Problem(codes.NAME, f'the driver "{name}" must have at most {_LONGEST_DRIVER} characters', path)


def signer_mistake(text: str) -> str:
    """What is wrong with the name of a signer, in words that follow "must"."""
    domain, slash, path = text.partition("/")
    if not slash or not path:
        return "be written DOMAIN/PATH"
    if "." not in domain or names.subdomain_mistake(domain):
        return "begin with a domain of at least two parts"
    return "have a path of names" if names.subdomain_mistake(path) else ""


def _local(text: Any, path: Path) -> Problems:
    """A path below the volume, outside of what the kubelet keeps for itself."""
    yield from inside(text, path)
    if isinstance(text, str) and text.startswith("..") and not text.startswith("../"):
        yield Problem(codes.PATH, f'{path[-1]} "{text}" must not begin with ..', path)


def _items(items: Any, path: Path) -> Problems:
    for index, item in enumerate(items or ()):
        for key in ("key", "path"):
            if item.get(key) == "":
                yield Problem(codes.EMPTY, f"{key} is empty", (*path, index, key))
        yield from mode(item.get("mode"), (*path, index, "mode"))
        yield from _local(item.get("path"), (*path, index, "path"))


def _keys(value: Data, path: Path) -> Problems:
    """ConfigMap and secret."""
    yield from mode(value.get("defaultMode"), (*path, "defaultMode"))
    yield from _items(value.get("items"), (*path, "items"))


def _downward(value: Data, path: Path) -> Problems:
    yield from mode(value.get("defaultMode"), (*path, "defaultMode"))
    yield from _files(value.get("items"), (*path, "items"))


def _files(items: Any, path: Path) -> Problems:
    """Files made of fields of the pod."""
    for index, item in enumerate(items or ()):
        here = (*path, index)
        if item.get("path") == "":
            yield Problem(codes.EMPTY, "path is empty", (*here, "path"))
        yield from mode(item.get("mode"), (*here, "mode"))
        yield from _local(item.get("path"), (*here, "path"))
        yield from fields.exactly_one(item, ("fieldRef", "resourceFieldRef"), here, "the file takes one source")
        if (reference := item.get("fieldRef")) is not None:
            yield from field(reference, (*here, "fieldRef"), OF_FILES)
        if (reference := item.get("resourceFieldRef")) is not None:
            yield from resource_field(reference, (*here, "resourceFieldRef"), of_file=True)


def _projected(value: Data, path: Path) -> Problems:
    yield from mode(value.get("defaultMode"), (*path, "defaultMode"))
    seen: set[str] = set()
    for index, part in enumerate(value.get("sources") or ()):
        here = (*path, "sources", index)
        if len(part) > 1:
            yield Problem(codes.ALTERNATIVES, f"a source takes one of {', '.join(part)}", here)
        for kind in ("configMap", "secret"):
            if (inner := part.get(kind)) is not None:
                yield from fields.required(inner, "name", (*here, kind), f"{kind} has no name")
                yield from _items(inner.get("items"), (*here, kind, "items"))
        yield from _files((part.get("downwardAPI") or {}).get("items"), (*here, "downwardAPI", "items"))
        if (token := part.get("serviceAccountToken")) is not None:
            yield from _token(token, (*here, "serviceAccountToken"))
        for name, where in _paths(part, here):
            if name in seen:
                yield Problem(codes.DUPLICATE, f'the path "{name}" is used twice in the volume', where)
            seen.add(name)


def _paths(part: Data, path: Path) -> list[tuple[str, Path]]:
    found = []
    for kind in ("configMap", "secret", "downwardAPI"):
        for index, item in enumerate((part.get(kind) or {}).get("items") or ()):
            found.append((item.get("path"), (*path, kind, "items", index, "path")))
    return [(name, where) for name, where in found if name]


def _token(token: Data, path: Path) -> Problems:
    seconds, here = token.get("expirationSeconds"), (*path, "expirationSeconds")
    yield from fields.between(seconds, _TEN_MINUTES, _LONGEST_TOKEN, here)
    if token.get("path") == "":
        yield Problem(codes.EMPTY, "path is empty", (*path, "path"))
    yield from _local(token.get("path"), (*path, "path"))


def _host_path(value: Data, path: Path) -> Problems:
    if ".." in str(value.get("path", "")).split("/"):
        yield Problem(codes.PATH, "the path of a hostPath volume holds no ..", (*path, "path"))
    yield from fields.choice(value.get("type"), _HOST_PATHS, (*path, "type"))


def _iscsi(value: Data, path: Path) -> Problems:
    yield from fields.between(value.get("lun"), 0, 255, (*path, "lun"))
    for key in ("iqn", "initiatorName"):
        text = value.get(key)
        if text is None or (key == "iqn" and not text):
            continue
        if not (_IQN.search(text) if text.startswith("iqn") else _EUI.fullmatch(text) or _NAA.fullmatch(text)):
            yield Problem(codes.NAME, f'{key} "{text}" must begin with iqn, eui or naa, as iSCSI has it', (*path, key))
    if (value.get("chapAuthDiscovery") or value.get("chapAuthSession")) and value.get("secretRef") is None:
        yield Problem(codes.EMPTY, "with CHAP, a secretRef is needed", path)


def _fc(value: Data, path: Path) -> Problems:
    targets, ids = value.get("targetWWNs"), value.get("wwids")
    if bool(targets) == bool(ids):
        yield Problem(codes.ALTERNATIVES, "a volume of kind fc takes targetWWNs or wwids", path)
    if targets and value.get("lun") is None:
        yield Problem(codes.EMPTY, "targetWWNs need a lun", path)
    elif targets:
        yield from fields.between(value.get("lun"), 0, 255, (*path, "lun"))


def _azure_disk(value: Data, path: Path) -> Problems:
    yield from fields.word(value.get("cachingMode"), ("None", "ReadOnly", "ReadWrite"), (*path, "cachingMode"))
    kind, uri = value.get("kind"), str(value.get("diskURI") or "")
    yield from fields.word(kind, ("Shared", "Dedicated", "Managed"), (*path, "kind"))
    wanted = "/subscriptions/" if kind == "Managed" else "https://"
    if kind is not None and not uri.startswith(wanted):
        yield Problem(codes.COMBINATION, f"the diskURI of kind {kind} begins with {wanted}", (*path, "diskURI"))


def _quobyte(value: Data, path: Path) -> Problems:
    registry = value.get("registry") or ""
    if registry and any(":" not in pair for pair in registry.split(",")):
        yield Problem(codes.HOST, "registry must be host:port, or several with commas", (*path, "registry"))
    if len(value.get("tenant") or "") > _LONGEST_TENANT:
        yield Problem(codes.NAME, f"tenant may have {_LONGEST_TENANT} characters", (*path, "tenant"))


def _flex(value: Data, path: Path) -> Problems:
    for key in value.get("options") or {}:
        if f".{key.partition('/')[0].lower()}".endswith(_RESERVED):
            yield Problem(codes.KEY, f'the option "{key}" is kept for Kubernetes', (*path, "options", key))


def _storage_os(value: Data, path: Path) -> Problems:
    for key in ("volumeName", "volumeNamespace"):
        if value.get(key):
            yield from fields.named(value[key], names.dns_label_mistake, (*path, key))
    yield from _secret_of("secretRef")(value, path)


def _secret_of(key: str) -> Callable[[Data, Path], Problems]:
    def check(value: Data, path: Path) -> Problems:
        if value.get(key) is not None:
            yield from fields.required(value[key], "name", (*path, key), f"{key} has no name")

    return check


def _csi(value: Data, path: Path) -> Problems:
    yield from driver(value.get("driver"), (*path, "driver"))
    secret = value.get("nodePublishSecretRef")
    if secret is not None:
        here = (*path, "nodePublishSecretRef")
        yield from fields.required(secret, "name", here, "nodePublishSecretRef has no name")
        yield from fields.named(secret.get("name") or None, names.subdomain_mistake, (*here, "name"))


def _nfs(value: Data, path: Path) -> Problems:
    if not str(value.get("path") or "/").startswith("/"):
        yield Problem(codes.PATH, f'path "{value["path"]}" must be absolute', (*path, "path"))


def _partition(value: Data, path: Path) -> Problems:
    yield from fields.between(value.get("partition"), 0, 255, (*path, "partition"))


def _image(value: Data, path: Path) -> Problems:
    yield from fields.choice(value.get("pullPolicy"), ("Always", "IfNotPresent", "Never"), (*path, "pullPolicy"))


def _empty_dir(value: Data, path: Path) -> Problems:
    yield from fields.quantity(value.get("sizeLimit"), (*path, "sizeLimit"))


def _git_repo(value: Data, path: Path) -> Problems:
    yield from inside(value.get("directory"), (*path, "directory"))


def _flocker(value: Data, path: Path) -> Problems:
    if bool(value.get("datasetName")) == bool(value.get("datasetUUID")):
        yield Problem(codes.ALTERNATIVES, "a volume of kind flocker takes datasetName or datasetUUID", path)
    if "/" in (value.get("datasetName") or ""):
        yield Problem(codes.NAME, "datasetName holds no /", (*path, "datasetName"))


_CHECKS: Final[Mapping[str, Callable[[Data, Path], Problems]]] = {
    "awsElasticBlockStore": _partition,
    "azureDisk": _azure_disk,
    "cinder": _secret_of("secretRef"),
    "configMap": _keys,
    "csi": _csi,
    "downwardAPI": _downward,
    "emptyDir": _empty_dir,
    "fc": _fc,
    "flexVolume": _flex,
    "flocker": _flocker,
    "gcePersistentDisk": _partition,
    "gitRepo": _git_repo,
    "hostPath": _host_path,
    "image": _image,
    "iscsi": _iscsi,
    "nfs": _nfs,
    "projected": _projected,
    "quobyte": _quobyte,
    "secret": _keys,
    "storageos": _storage_os,
}
