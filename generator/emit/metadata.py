"""Metadata → the text of Chart.yaml. Stage: emit."""

from __future__ import annotations

from typing import Any

from generator.chart.model import Dependency, Maintainer, Metadata
from generator.yamlio import writer


def print_metadata(metadata: Metadata) -> str:
    """The text of Chart.yaml; what was not given is left out."""
    fields: dict[str, Any] = {
        "apiVersion": "v2",
        "name": metadata.name,
        "description": metadata.description,
        "type": "application",
        "version": metadata.version,
        "appVersion": metadata.app_version,
        "kubeVersion": metadata.kube_version,
        "home": metadata.home,
        "icon": metadata.icon,
        "sources": metadata.sources,
        "keywords": metadata.keywords,
        "maintainers": [_maintainer(maintainer) for maintainer in metadata.maintainers],
        "annotations": metadata.annotations,
        "dependencies": [_dependency(dependency) for dependency in metadata.dependencies],
    }
    quoted = {"appVersion"}
    lines = [
        f"{key}: {writer.quote(value)}\n" if key in quoted else writer.write_yaml({key: value})
        for key, value in fields.items()
        if value
    ]
    return "".join(lines)


def _dependency(dependency: Dependency) -> dict[str, Any]:
    keys = ("name", "version", "repository", "condition", "alias", "tags")
    return {key: value for key in keys if (value := getattr(dependency, key))}


def _maintainer(maintainer: Maintainer) -> dict[str, str]:
    fields = {"name": maintainer.name, "email": maintainer.email, "url": maintainer.url}
    return {key: value for key, value in fields.items() if value}
