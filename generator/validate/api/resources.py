"""Resources of containers and of pods: requests, limits, claims of devices, what may be resized in place.

Source: kubernetes pkg/apis/core/validation (validateResourceRequirements, validatePodResourceConsistency,
validateResizePolicy), pkg/apis/core/helper (IsExtendedResourceName, IsOvercommitAllowed).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction
from typing import Any, Final

from generator.kube import names
from generator.kube.quantities import lenient_amount
from generator.manifest import Path
from generator.validate.api import codes, fields
from generator.validate.model import Data, Problem, Problems

NATIVE: Final = ("cpu", "memory", "ephemeral-storage")
_OF_PODS: Final = ("cpu", "memory")
_HUGE: Final = "hugepages-"


def of_container(value: Data, path: Path, claims: Collection[Any] = ()) -> Problems:
    """Requests and limits of a container; `claims` are the names of its pod's claims of devices."""
    yield from _amounts(value, path, NATIVE)
    yield from _claims(value.get("claims") or (), (*path, "claims"), claims)


def of_pod(spec: Data, path: Path) -> Problems:
    """Those of a whole pod, which its containers must fit into."""
    value = spec.get("resources")
    if value is None:
        return
    here = (*path, "resources")
    if (spec.get("os") or {}).get("name") == "windows":
        yield Problem(codes.COMBINATION, "resources of the pod do not go with Windows", here)
        return
    if value.get("claims") is not None:
        yield Problem(codes.COMBINATION, "claims stand in containers, not in the pod's resources", (*here, "claims"))
    yield from _amounts(value, here, _OF_PODS, extended=False)
    yield from _fitting(spec, value, here)


def overhead(value: Data, path: Path) -> Problems:
    """What the runtime class adds to a pod."""
    for name, quantity in value.items():
        yield from _amount(name, quantity, (*path, name), NATIVE, extended=True)


def resizing(items: Collection[Data], path: Path, restart: str) -> Problems:
    """What happens to a container whose resources change; `restart` is its pod's restartPolicy."""
    for index, item in enumerate(items):
        here = (*path, index)
        for key, allowed in (("resourceName", _OF_PODS), ("restartPolicy", ("NotRequired", "RestartContainer"))):
            if item.get(key) == "":
                yield Problem(codes.EMPTY, f"{key} is empty", (*here, key))
            yield from fields.choice(item.get(key), allowed, (*here, key))
        if restart == "Never" and item.get("restartPolicy") == "RestartContainer":
            message = "with restartPolicy Never, nothing can be restarted: write NotRequired"
            yield Problem(codes.COMBINATION, message, (*here, "restartPolicy"))
    yield from fields.unique(items, "resourceName", path)


def _amounts(value: Data, path: Path, native: tuple[str, ...], *, extended: bool = True) -> Problems:
    limits, requests = value.get("limits") or {}, value.get("requests") or {}
    for key, amounts in (("limits", limits), ("requests", requests)):
        for name, quantity in amounts.items():
            yield from _amount(name, quantity, (*path, key, name), native, extended=extended)
    for name, quantity in requests.items():
        yield from _within_limit(name, quantity, limits.get(name), (*path, "requests", name))
    named = {*limits, *requests}
    if any(name.startswith(_HUGE) for name in named) and not named & {"cpu", "memory"}:
        yield Problem(codes.COMBINATION, "huge pages need cpu or memory beside them", path)


def _amount(name: str, quantity: Any, path: Path, native: tuple[str, ...], *, extended: bool) -> Problems:
    yield from fields.quantity(quantity, path)
    if wrong := name_mistake(name, native, extended=extended):
        yield Problem(codes.CHOICE, wrong, path)
        return
    number = lenient_amount(quantity)
    if number is None:
        return
    size = lenient_amount(name.removeprefix(_HUGE)) if name.startswith(_HUGE) else None
    if size and number % size:
        yield Problem(codes.RANGE, f"{quantity} of {name} must be a multiple of the page's size", path)
    if _is_extended(name) and number.denominator != 1:
        yield Problem(codes.RANGE, f"{quantity} of {name} must be a whole number", path)


def name_mistake(name: str, native: tuple[str, ...] = NATIVE, *, extended: bool = True) -> str:
    """Why a name is none of a resource that containers have; "" when it is one."""
    if name in native or (name.startswith(_HUGE) and not names.label_key_mistake(name)):
        return ""
    if "/" not in name or not extended:
        beyond = ", or a name with a domain" if extended else ""
        return f'"{name}" is no resource here: {", ".join(native)}, {_HUGE}<size>{beyond}'
    if names.label_key_mistake(name) or (_is_extended(name) and names.label_key_mistake(f"requests.{name}")):
        return f'"{name}" is no name of a resource'
    return f'"{name}" must not begin with requests.' if name.startswith("requests.") else ""


def _is_extended(name: str) -> bool:
    """A device, as example.com/gpu; those of kubernetes.io are Kubernetes' own."""
    return "/" in name and "kubernetes.io/" not in name


def _within_limit(name: str, quantity: Any, limit: Any, path: Path) -> Problems:
    shared = not (name.startswith(_HUGE) or _is_extended(name))
    wanted, most = lenient_amount(quantity), lenient_amount(limit) if limit is not None else None
    if wanted is None:
        return
    if not shared and limit is None:
        yield Problem(codes.LIMIT, f"{name} needs a limit beside its request", path)
    elif most is None:
        return
    elif not shared and wanted != most:
        yield Problem(codes.LIMIT, f"the request of {name} ({quantity}) must be its limit ({limit})", path)
    elif wanted > most:
        yield Problem(codes.LIMIT, f"the request of {name} ({quantity}) is above the limit ({limit})", path)


def _claims(items: Collection[Data], path: Path, known: Collection[Any]) -> Problems:
    seen: set[tuple[str, str]] = set()
    for index, item in enumerate(items):
        name, request = item.get("name") or "", item.get("request") or ""
        if not name:
            yield Problem(codes.EMPTY, "the claim has no name", (*path, index))
            continue
        if request:
            yield from fields.named(request, names.dns_label_mistake, (*path, index, "request"))
        same = {(name, request), (name, "")} if request else {key for key in seen if key[0] == name}
        if seen & same:
            yield Problem(codes.DUPLICATE, f'the claim "{name}" is used twice', (*path, index, "name"))
        seen.add((name, request))
        if name not in known:
            message = f'the claim "{name}" is none of the pod\'s resourceClaims'
            yield Problem(codes.CHOICE, message, (*path, index, "name"))


def _fitting(spec: Data, value: Data, path: Path) -> Problems:
    requests, limits = value.get("requests") or {}, value.get("limits") or {}
    for name, needed in _aggregate(spec, "requests").items():
        most = lenient_amount(requests[name]) if name in requests else None
        if most is not None and needed > most:
            message = f"the containers request more {name} together than the pod ({requests[name]})"
            yield Problem(codes.LIMIT, message, (*path, "requests", name))
    for name, needed in _aggregate(spec, "limits").items():
        most = lenient_amount(limits[name]) if name in limits and name.startswith(_HUGE) else None
        if most is not None and needed > most:
            message = f"the containers' limits of {name} are above the pod's ({limits[name]})"
            yield Problem(codes.LIMIT, message, (*path, "limits", name))
    for index, item in enumerate(spec.get("containers") or ()):
        for name, quantity in ((item.get("resources") or {}).get("limits") or {}).items():
            most, own = (lenient_amount(limits[name]) if name in limits else None), lenient_amount(quantity)
            if most is not None and own is not None and own > most:
                message = f"the limit of {name} ({quantity}) is above the pod's ({limits[name]})"
                yield Problem(codes.LIMIT, message, (*path[:-1], "containers", index, "resources", "limits", name))


def _aggregate(spec: Data, key: str) -> dict[str, Fraction]:
    """What the containers of a pod ask for together: sidecars run beside all others, the other ones before them."""
    total: dict[str, Fraction] = {}
    for item in spec.get("containers") or ():
        _add(total, _of(item, key))
    beside: dict[str, Fraction] = {}
    first: dict[str, Fraction] = {}
    for item in spec.get("initContainers") or ():
        now = dict(beside)
        _add(now, _of(item, key))
        if item.get("restartPolicy") == "Always":
            beside = now
        for name, needed in now.items():
            first[name] = max(first.get(name, Fraction(0)), needed)
    _add(total, beside)
    return {name: max(total.get(name, Fraction(0)), first.get(name, Fraction(0))) for name in {*total, *first}}


def _of(item: Data, key: str) -> Iterator[tuple[str, Fraction]]:
    """Amounts of a container; without a request, its limit is one."""
    resources = item.get("resources") or {}
    amounts: Mapping[str, Any] = resources.get(key) or {}
    if key == "requests":
        amounts = {**(resources.get("limits") or {}), **amounts}
    for name, quantity in amounts.items():
        number = lenient_amount(quantity)
        if number is not None:
            yield name, number


def _add(total: dict[str, Fraction], amounts: Iterator[tuple[str, Fraction]] | Mapping[str, Fraction]) -> None:
    for name, number in amounts.items() if isinstance(amounts, Mapping) else amounts:
        total[name] = total.get(name, Fraction(0)) + number
