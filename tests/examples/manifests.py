"""Kubernetes objects as data, brought to one form so that two hands' manifests can be compared."""

import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

Object = dict[str, Any]

# What the API server fills in: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Probe
_PROBE_DEFAULTS = {
    "initialDelaySeconds": 0,
    "timeoutSeconds": 1,
    "periodSeconds": 10,
    "successThreshold": 1,
    "failureThreshold": 3,
}
_UNITS = {"": 1.0, "m": 1e-3, "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "k": 1e3, "M": 1e6, "G": 1e9}


def read(text: str) -> list[Object]:
    """The objects of a stream of manifests."""
    return [document for document in yaml.safe_load_all(text) if document]


def rendered(helm: Path, chart: Path, *arguments: str) -> list[Object]:
    """What Helm makes of a chart, hooks and tests included; the release has the chart's name."""
    command = [str(helm), "template", chart.name, str(chart), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return read(result.stdout)


def pod_templates(objects: Iterable[Object]) -> Iterator[tuple[str, Object]]:
    """Every pod that the objects make, with the object's kind and name."""
    for item in objects:
        name = f"{item['kind']}/{item['metadata']['name']}"
        spec = item.get("spec", {})
        if item["kind"] == "Pod":
            yield name, item
        elif item["kind"] == "CronJob":
            yield name, spec["jobTemplate"]["spec"]["template"]
        elif "template" in spec:
            yield name, spec["template"]


def containers(pod: Object) -> list[Object]:
    """The containers of a pod, those of its start included."""
    spec = pod["spec"]
    return [*spec.get("initContainers", ()), *spec["containers"]]


def amount(quantity: object) -> float:
    """A quantity as a number: 1000m is 1."""
    match = re.fullmatch(r"([0-9.]+)([a-zA-Z]*)", str(quantity))
    assert match, quantity
    return float(match[1]) * _UNITS[match[2]]


def amounts(quantities: dict[str, object]) -> dict[str, float]:
    """Requests or limits as numbers, but for ephemeral storage, which only one of the hands sets."""
    return {name: amount(value) for name, value in quantities.items() if name != "ephemeral-storage"}


def port_number(container: Object, port: object) -> int:
    """The number of a container's port that is given by number or name."""
    if isinstance(port, int):
        return port
    return next(int(entry["containerPort"]) for entry in container["ports"] if entry["name"] == port)


def probe(container: Object, kind: str) -> Object | None:
    """A probe with ports as numbers and with its defaults written out."""
    written = container.get(kind)
    if written is None:
        return None
    found = {**_PROBE_DEFAULTS, **written}
    for handler in ("httpGet", "tcpSocket"):
        if handler in found:
            found[handler] = {**found[handler], "port": port_number(container, found[handler]["port"])}
            if found[handler].get("scheme") == "HTTP":
                del found[handler]["scheme"]
    return found
