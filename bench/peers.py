"""The commands of a usual CI chain: Helm's template and lint, kubeconform -strict, kube-score; and their schemas.

kubeconform gets the schemas that flowhelm has, as files that need no network.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from generator.validate.schemas import Schemas, available_versions, schemas_for

Json: TypeAlias = Any

TEMPLATE, LINT, KUBECONFORM, KUBE_SCORE = "`helm template`", "`helm lint`", "`kubeconform -strict`", "`kube-score`"
CHAIN = (TEMPLATE, KUBECONFORM, LINT, KUBE_SCORE)
KINDS = {
    "apps/v1": ("Deployment",),
    "v1": ("ConfigMap", "Service", "ServiceAccount"),
    "autoscaling/v2": ("HorizontalPodAutoscaler",),
    "monitoring.coreos.com/v1": ("ServiceMonitor",),
    "networking.k8s.io/v1": ("NetworkPolicy",),
    "policy/v1": ("PodDisruptionBudget",),
}
"""What the corpus holds."""


def find_peer(name: str) -> str | None:
    """A program: that of scripts/fetch-peers, else that of the PATH, else None."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "flowhelm" / "peers"
    return shutil.which(name, path=f"{cache}{os.pathsep}{os.environ.get('PATH', '')}")


def peers(helm: str, chart: str, rendered: str, schemas: str, version: str) -> Iterator[tuple[str, list[str]]]:
    """The chain's commands that there are, by name; a command finds the chart rendered at `rendered`."""
    full = f"{version}.0"
    yield TEMPLATE, [helm, "template", "shop", chart, f"--kube-version={full}"]
    if kubeconform := find_peer("kubeconform"):
        location = f"{schemas}/{{{{ .ResourceKind }}}}{{{{ .KindSuffix }}}}.json"  # -n 1: the least CPU
        yield KUBECONFORM, [kubeconform, "-strict", "-n", "1", "-schema-location", location, rendered]
    yield LINT, [helm, "lint", chart, f"--kube-version={full}"]
    if kube_score := find_peer("kube-score"):
        yield (
            KUBE_SCORE,
            [kube_score, "score", f"--kubernetes-version=v{version}", "--exit-one-on-warning=false", rendered],
        )


def write_schemas(folder: Path, version: str) -> None:
    """A file for each kind of the corpus, which holds all that it refers to and no descriptions: the least to read."""
    schemas = schemas_for(version)
    assert schemas, f"{version} is none of {', '.join(available_versions())}"
    for api_version, kinds in KINDS.items():
        for kind in kinds:
            group, _, number = api_version.rpartition("/")
            suffix = f"{group.partition('.')[0]}-{number}" if group else number
            path = folder / f"{kind.lower()}-{suffix}.json"
            path.write_text(json.dumps(_alone(schemas, api_version, kind)), encoding="utf-8")


def _alone(schemas: Schemas, api_version: str, kind: str) -> Json:
    schema = schemas.find(api_version, kind)
    assert schema, f"{kind} has no schema"
    shared = {**schema.definitions, **schema.document.get("$defs", {})}
    document = _plain({key: value for key, value in schema.document.items() if key not in ("$defs", "$id")})
    needed: dict[str, Json] = {}
    wanted = [*_references(document)]
    while wanted:
        name = wanted.pop()
        if name not in needed:
            needed[name] = _plain(shared[name])
            wanted += _references(needed[name])
    return {**document, "$defs": needed}


def _plain(node: Json, is_fields: bool = False) -> Json:
    """A schema without descriptions, whose references lead into its own document."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    if not is_fields and "$ref" in node:
        return {"$ref": f"#/$defs/{node['$ref'].rpartition('/')[2]}"}
    dropped = () if is_fields else ("description",)
    return {
        key: _plain(value, not is_fields and key == "properties") for key, value in node.items() if key not in dropped
    }


def _references(node: Json) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _references(item)
    elif isinstance(node, Mapping):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value.rpartition("/")[2]
            else:
                yield from _references(value)
