"""A program that renders with Helm's library as `helm template` does.

Input: the arguments of `helm template` that `renderer` gives. Output: the manifests on stdout, or Helm's error on
stderr with exit code 1. A process of its own, because the library can end the process it runs in (endless recursion, no
memory) and must not be used after a fork.

The C interface is helm-c-sdk's (helm_c.h of helm-python-sdk 0.2): every call returns 0 or an error code, and takes
pointers for its answer and for an error text, both to be freed by the library.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generator.regexes import regex
from generator.yamlio.manifests import Document, Unreadable, load, split

_RELEASE_NAME = regex(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


class Failure(Exception):
    """What Helm would print after `Error: `."""


def main() -> int:
    """Render one chart; 0, or 1 with the reason on stderr."""
    try:
        sys.stdout.write(render(_arguments()))
    except Failure as failure:
        sys.stderr.write(f"Error: {failure}\n")
        return 1
    return 0


def render(arguments: argparse.Namespace) -> str:
    """The manifests as `helm template` prints them, ordered by template."""
    if len(arguments.release) > 53 or not _RELEASE_NAME.fullmatch(arguments.release):
        raise Failure(f'invalid release name "{arguments.release}"')
    helm = _Library()
    chart = helm.load(arguments.chart)
    metadata = json.loads(helm.text("helm_chart_metadata", chart))
    if metadata.get("type") == "library":
        raise Failure("library charts are not installable")
    _require_dependencies(metadata, json.loads(helm.text("helm_chart_dependencies", chart)))
    values: dict[str, Any] = {}
    for file in arguments.values:
        values = _merged(values, _values(Path(file)))
    for setting in arguments.set:
        values = _merged(values, json.loads(helm.text("helm_strvals_parse", setting.encode())))
    options = {
        "name": arguments.release,
        "namespace": arguments.namespace,
        "kube_version": arguments.kube_version,
        "api_versions": arguments.api_versions,
    }
    answer = helm.text("helm_render", chart, json.dumps(values).encode(), json.dumps(options).encode())
    rendered: dict[str, str] = json.loads(answer)
    if arguments.include_crds:
        rendered |= _custom_resources(helm, chart, metadata["name"])
    return "".join(
        f"---\n# Source: {path}\n{document.text}\n"
        for path, text in sorted(rendered.items())
        if not path.endswith("NOTES.txt") and not Path(path).name.startswith("_")
        for document in _checked(path, text)
    )


class _Library:
    """The loaded library."""

    def __init__(self) -> None:
        spec = importlib.util.find_spec("helm_python")
        folders = list(spec.submodule_search_locations or ()) if spec else []
        names = ("libhelm_c.so", "libhelm_c.dylib", "helm_c.dll", "libhelm_c.dll")
        found = [path for folder in folders for name in names if (path := Path(folder, "lib", name)).is_file()]
        if not found:
            raise Failure("helm-python-sdk holds no library for this machine")
        try:
            self._c = ctypes.CDLL(str(found[0]))
        except OSError as error:
            raise Failure(f"helm-python-sdk can't be loaded on this machine: {error}") from None

    def load(self, chart: str) -> ctypes.c_uint64:
        handle = ctypes.c_uint64()
        self._call("helm_chart_load", chart.encode(), ctypes.byref(handle))
        return handle

    def text(self, function: str, *arguments: Any) -> str:
        answer = ctypes.c_void_p()
        self._call(function, *arguments, ctypes.byref(answer))
        return self._taken(answer)

    def _call(self, function: str, *arguments: Any) -> None:
        error = ctypes.c_void_p()
        if getattr(self._c, function)(*arguments, ctypes.byref(error)):
            raise Failure(self._taken(error))

    def _taken(self, pointer: ctypes.c_void_p) -> str:
        text = ctypes.string_at(pointer.value).decode("utf-8", "replace") if pointer.value else ""
        self._c.helm_free_string(pointer)
        return text


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("command", choices=("template",))
    parser.add_argument("release")
    parser.add_argument("chart")
    parser.add_argument("--namespace", default="default")
    parser.add_argument("--kube-version", required=True)
    parser.add_argument("--api-versions", action="append", default=[])
    parser.add_argument("--values", action="append", default=[])
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--include-crds", action="store_true")
    return parser.parse_args()


def _values(path: Path) -> dict[str, Any]:
    try:
        read = load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"cannot load {path.name}: {error}") from None
    if isinstance(read, Unreadable):
        raise Failure(f"cannot load {path.name}: error converting YAML to JSON: yaml: line {read.line}: {read.message}")
    if not isinstance(read, dict | None):
        raise Failure(f"cannot load {path.name}: it is not a mapping")
    return read or {}


def _merged(low: dict[str, Any], high: dict[str, Any]) -> dict[str, Any]:
    merged = dict(low)
    for key, value in high.items():
        below = merged.get(key)
        merged[key] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _checked(path: str, text: str) -> Iterator[Document]:
    """The documents of a rendered template, each of which Helm itself would parse."""
    for document in split(text):
        read = load(document.text)
        if isinstance(read, Unreadable):
            where = f"line {document.line + read.line - 1}"
            raise Failure(f"YAML parse error on {path}: error converting YAML to JSON: yaml: {where}: {read.message}")
        yield document


def _require_dependencies(metadata: dict[str, Any], present: list[Any]) -> None:
    names = {entry.get("name") if isinstance(entry, dict) else entry for entry in present}
    missing = [entry["name"] for entry in metadata.get("dependencies") or () if entry["name"] not in names]
    if missing:
        raise Failure(f"found in Chart.yaml, but missing in charts/ directory: {', '.join(missing)}")


def _custom_resources(helm: _Library, chart: ctypes.c_uint64, name: str) -> dict[str, str]:
    crds: list[dict[str, Any]] = json.loads(helm.text("helm_chart_crds", chart))
    return {f"{name}/{crd['name']}": str(crd.get("data") or crd.get("content") or "") for crd in crds}


if __name__ == "__main__":
    sys.exit(main())
