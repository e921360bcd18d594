"""ConfigMap: the files of a service whose content the chart brings."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator

from generator.chart.model import Template
from generator.chart.nodes import FileBase64, FileText, Tree
from generator.diagnostics import Span
from generator.lower.component import Component
from generator.lower.context import Context
from generator.regexes import regex

_UNSENDABLE = regex("[\x00\x7f-\x9f\ufffe\uffff]")


def config_maps(context: Context, component: Component) -> Iterator[Template]:
    """The service's ConfigMap, when it has files. Its name stays; a checksum on the pods restarts them."""
    folder = f"files/{component.name}/"
    paths = sorted(path for path in context.files if path.startswith(folder))
    if paths:
        tree: dict[str, Tree] = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": context.metadata(component.name),
            **file_data(context, folder),
        }
        spans: dict[str, Span] = {"data": component.spec.span("files")}
        yield component.template("configmap", tree, spans)


def file_data(context: Context, folder: str) -> dict[str, Tree]:
    """`data` and `binaryData` of a ConfigMap with all files of a folder of the chart."""
    paths = sorted(path for path in context.files if path.startswith(folder))
    texts = [path for path in paths if _is_text(context.files[path])]
    parts: dict[str, Tree] = {
        "data": {path.removeprefix(folder): _text(path, context.files[path]) for path in texts},
        "binaryData": {path.removeprefix(folder): FileBase64(path) for path in paths if path not in texts},
    }
    return {key: part for key, part in parts.items() if part}


def _text(path: str, content: bytes) -> Tree:
    """Helm takes a byte order mark off a file; a text with one stands in the template itself."""
    return content.decode() if content.startswith(BOM_UTF8) else FileText(path)


def _is_text(content: bytes) -> bool:
    """Whether it can go to the cluster as text: UTF-8 without the characters that Helm 4 cannot send."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return False
    return not _UNSENDABLE.search(text)
