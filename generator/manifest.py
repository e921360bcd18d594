"""A rendered Kubernetes object, as Helm printed it or as a user's file holds it.

Input: text that `render` or `inputs` read. Output: :class:`Manifests` for `validate` and `diff`: the objects, and the
documents that are none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from generator.diagnostics import ObjectRef
from generator.records import dataclass
from generator.regexes import regex
from generator.yamlio.manifests import Document, Path, Unreadable, load, split

__all__ = ["Broken", "Manifest", "Manifests", "Path", "path_text", "read_manifests"]

_SOURCE = regex(r"^# Source: (?:[^/\n]+/)?([^\n]+?)\r?$", re.MULTILINE)
_PLAIN_KEY = regex(r"[A-Za-z_$][-\w$]*")


@dataclass(frozen=True)
class Manifest:
    """One object.

    `data` is JSON-typed (dict, list, str, int, float, bool, None; keys are strings), read as Helm and kubectl read
    YAML. `source` is the template (`templates/reception/deployment.yaml`, relative to the chart) or file it came from;
    `line` is the first line of the document, counted from 1, in the rendered text or in the file; `values_file` is the
    values file it was rendered with (empty: the chart's own). `text` is the document as it was read; `root` is the
    place of the object in it (an item of a List isn't the whole document).
    """

    data: Mapping[str, Any]
    source: str
    line: int = 1
    values_file: str = ""
    text: str = ""
    root: Path = ()

    @cached_property
    def ref(self) -> ObjectRef:
        """The object's identity, with empty strings for what is missing or not a string."""
        metadata = self.data.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
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
        annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
        return isinstance(annotations, dict) and "helm.sh/hook" in annotations


@dataclass(frozen=True)
class Broken:
    """A document that is no object: why, and where in its source (`line` and `column` as for :class:`Manifest`).

    `is_other` says that it can be read, and is a list or a plain value; `text` is the document up to the line that
    can't be read.
    """

    message: str
    source: str
    line: int
    column: int = 1
    values_file: str = ""
    is_other: bool = False
    text: str = ""


@dataclass(frozen=True)
class Manifests:
    """What a stream of documents holds."""

    objects: tuple[Manifest, ...] = ()
    broken: tuple[Broken, ...] = ()

    def __add__(self, other: Manifests) -> Manifests:
        """Both, in order."""
        return Manifests(self.objects + other.objects, self.broken + other.broken)


def read_manifests(stream: str, source: str = "", values_file: str = "") -> Manifests:
    """The objects of a YAML stream. Each knows its template from Helm's `# Source:` line; without one it is `source`.

    A List counts as its items, as it does for kubectl. Documents that can't be read or hold no object come as `broken`.
    """
    objects: list[Manifest] = []
    broken: list[Broken] = []
    for document in split(stream):
        comment = None if source else _SOURCE.search(document.text)
        template = comment.group(1) if comment else source
        data = load(document.text)
        if isinstance(data, Unreadable):
            line = document.line + data.line - 1
            above = "\n".join(document.text.split("\n")[: data.line])
            broken.append(Broken(data.message, template, line, data.column, values_file, text=above))
        elif isinstance(data, dict):
            objects.extend(_objects(data, document, template, values_file))
        elif data is not None:
            what = "a list" if isinstance(data, list) else f"the value {json.dumps(data)[:60]}"
            message = f"the document is {what}, not an object"
            broken.append(Broken(message, template, document.line, 1, values_file, is_other=True))
    return Manifests(tuple(objects), tuple(broken))


def path_text(path: Path) -> str:
    """A path as findings show it: `spec.ports[0].name`, `metadata.labels["a.b/c"]`."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif _PLAIN_KEY.fullmatch(step):
            parts.append(f".{step}")
        else:
            parts.append(f"[{json.dumps(step, ensure_ascii=False)}]")
    return "".join(parts).removeprefix(".")


def _objects(data: dict[str, Any], document: Document, template: str, values_file: str) -> Iterator[Manifest]:
    items = data.get("items")
    if data.get("kind") == "List" and data.get("apiVersion") == "v1" and isinstance(items, list):
        for index, item in enumerate(items):
            if isinstance(item, dict):
                yield Manifest(item, template, document.line, values_file, document.text, ("items", index))
    else:
        yield Manifest(data, template, document.line, values_file, document.text)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
