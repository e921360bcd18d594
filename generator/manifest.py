"""A rendered Kubernetes object, as Helm printed it or as a user's file holds it.

Input: text that `render` or `inputs` read. Output: :class:`Manifest` values for `validate` and `diff`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.diagnostics import ObjectRef


@dataclass(frozen=True)
class Manifest:
    """One object.

    `data` is JSON-typed (dict, list, str, int, float, bool, None; keys are strings), read as Helm and kubectl read YAML.
    `source` is the template (`templates/reception/deployment.yaml`, relative to the chart) or file it came from; `line`
    is the first line of the document, counted from 1, in the rendered text or in the file; `values_file` is the values
    file it was rendered with (empty: the chart's own). `text` is the document as it was read.
    """

    data: Mapping[str, Any]
    source: str
    line: int = 1
    values_file: str = ""
    text: str = ""

    @property
    def ref(self) -> ObjectRef:
        """The object's identity, with empty strings for what is missing or not a string."""
        metadata = self.data.get("metadata")
        metadata = metadata if isinstance(metadata, Mapping) else {}
        return ObjectRef(
            _text(self.data.get("apiVersion")),
            _text(self.data.get("kind")),
            _text(metadata.get("name")),
            _text(metadata.get("namespace")),
        )

    @property
    def is_hook(self) -> bool:
        """Whether Helm runs the object as a hook instead of keeping it in the release."""
        metadata = self.data.get("metadata")
        annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
        return isinstance(annotations, Mapping) and "helm.sh/hook" in annotations


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
