"""Stage: an input → manifests, whatever it is.

Input: an :class:`Input`, and two functions of the caller that compile a spec and render a chart. Output: manifests.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from generator.diagnostics import Diagnostics, Severity, Span
from generator.inputs import codes
from generator.inputs.archive import Refused
from generator.inputs.opened import Input, Kind, report
from generator.manifest import Manifests, read_manifests

MAX_FILE = 64 << 20
_SUFFIXES = (".yaml", ".yml", ".json")
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml")

Rendering: TypeAlias = Callable[[Path], Manifests | None]
"""A chart at a path → its manifests; None when that failed and was reported."""

Compiling: TypeAlias = Callable[[Path, Path | None], Manifests | None]
"""A spec at a path, and the root it comes from if that is known → its manifests; None when that failed."""


def load_manifests(
    source: Input,
    diagnostics: Diagnostics,
    *,
    compile_spec: Compiling,
    render_chart: Rendering,
    may_be_empty: bool = False,
) -> Manifests | None:
    """The manifests of an input; None when they could not be had, which is then in `diagnostics`.

    A folder without manifests is an error, unless it `may_be_empty`.

    Documents that are no objects come as `broken`; :func:`report_broken` makes findings of them.
    """
    if source.kind is Kind.SPEC:
        return compile_spec(source.path, source.root)
    if source.kind is Kind.CHART:
        return render_chart(source.path)
    try:
        return _read(source, diagnostics, may_be_empty)
    except Refused as refused:
        report(refused, source.named, diagnostics)
        return None


def report_broken(manifests: Manifests, diagnostics: Diagnostics) -> None:
    """A finding (FH6210) for each document that is no object."""
    for broken in manifests.broken:
        diagnostics.add(
            codes.NOT_AN_OBJECT,
            broken.message,
            Span.at(broken.source, broken.line, broken.column),
            values_file=broken.values_file,
        )


def manifest_files(folder: Path) -> Iterator[Path]:
    """The files of a folder that hold manifests, sorted; without hidden ones, charts in it and links to folders.

    A kustomization is what kustomize reads, and no object, even when it doesn't name its kind.
    """
    for parent, folders, files in os.walk(folder):
        here = Path(parent)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not (here / name / "Chart.yaml").exists()
        )
        named = (name for name in sorted(files) if name.endswith(_SUFFIXES) and name not in _KUSTOMIZATIONS)
        yield from (here / name for name in named if not name.startswith("."))


def charts_in(folder: Path) -> Iterator[Path]:
    """The charts below a folder, packaged ones too, sorted; without those in other charts and hidden folders."""
    for parent, folders, files in os.walk(folder):
        here = Path(parent)
        charts = [name for name in folders if (here / name / "Chart.yaml").is_file()]
        yield from (here / name for name in sorted((*charts, *(name for name in files if name.endswith(".tgz")))))
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in charts)


def _read(source: Input, diagnostics: Diagnostics, may_be_empty: bool) -> Manifests:
    if not source.path.is_dir():
        shown = _shown(source, source.path)
        found = read_manifests(_text(source.path), shown)
        if found == Manifests():  # what was to be piped in here may have failed
            message = f"{shown} is empty: there is no document in it"
            diagnostics.add(codes.LEFT_OUT, message, Span.at(shown, 1), severity=Severity.WARNING)
        return found
    found = Manifests()
    left_out = 0
    files = list(manifest_files(source.path))
    for file in files:
        shown = _shown(source, file)
        try:
            manifests = read_manifests(_text(file), shown)
        except Refused as refused:
            report(refused, shown, diagnostics)
            continue
        if _is_other(manifests):
            left_out += 1
            diagnostics.add(codes.LEFT_OUT, f"{shown} holds no Kubernetes object, and was left out", Span.at(shown, 1))
        else:
            found += manifests
    if left_out == len(files) and not may_be_empty:
        none = "none of its files holds a Kubernetes object" if files else "it holds no .yaml, .yml or .json file"
        raise Refused(codes.NO_MANIFESTS, f"there is no Chart.yaml in it, and {none}")
    return found


def _is_other(manifests: Manifests) -> bool:
    """Whether a file can be read, and has nothing to do with Kubernetes."""
    objects = any("apiVersion" in each.data or "kind" in each.data for each in manifests.objects)
    return not objects and all(broken.is_other for broken in manifests.broken)


def _shown(source: Input, file: Path) -> str:
    """A file as the user would name it."""
    if file == source.path:
        return "<stdin>" if source.named == "-" else source.named
    return f"{source.named.rstrip('/')}/{file.relative_to(source.path).as_posix()}"


def _text(file: Path) -> str:
    """The text of a file; raises Refused."""
    if not file.is_file():
        raise Refused(codes.UNREADABLE, f"{file.name} is no file, or a link that leads nowhere")
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_FILE + 1)
        if len(data) > MAX_FILE:
            raise Refused(codes.TOO_LARGE, f"{file.name} is larger than {MAX_FILE >> 20} MiB")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise Refused(codes.UNREADABLE, f"{file.name}: {os.strerror(error.errno or 0)}") from error
    except UnicodeDecodeError as error:
        raise Refused(codes.UNREADABLE, f"{file.name} is not UTF-8 text (byte {error.start + 1})") from error
