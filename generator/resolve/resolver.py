"""Stage resolve: :class:`Spec` → :class:`System`.

Input: the spec as written and the loader of the files it names. Output: templates and defaults merged in, names bound,
expressions typed, environments as systems of their own. All mistakes of meaning are collected.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from generator.diagnostics import Diagnostics
from generator.resolve import codes
from generator.resolve.environments import spec_of_environment
from generator.resolve.model import System
from generator.resolve.services import bind_services, merged_services
from generator.resolve.texts import check_texts
from generator.resolve.workflows import bind_workflows
from generator.source import Loader
from generator.spec.model import Spec
from generator.spec.parts import File

MAX_FILES = 1024 * 1024
"""Bytes of all files together: what one ConfigMap holds (rulings L15)."""


def resolve(spec: Spec, loader: Loader, diagnostics: Diagnostics) -> System:
    """The system that the spec describes, with its environments."""
    system = _bound(spec, diagnostics)
    _check_templates(spec, diagnostics)
    files = _files(system, loader, diagnostics)
    environments = {}
    for name in spec.environments:
        overridden = spec_of_environment(spec, name, diagnostics)
        if overridden is not None:
            environments[name] = replace(_bound(overridden, diagnostics), files=files)
    return replace(system, files=files, environments=environments)


def _bound(spec: Spec, diagnostics: Diagnostics) -> System:
    complete = merged_services(spec, diagnostics)
    services = bind_services(spec, complete, diagnostics)
    system = System(spec, services, bind_workflows(spec, complete, services, diagnostics))
    check_texts(system, diagnostics)
    return system


def _check_templates(spec: Spec, diagnostics: Diagnostics) -> None:
    used = {record.extends for record in (*spec.services.values(), *spec.templates.values())}
    for name in spec.templates:
        if name not in used and spec.services:
            span = spec.node.index["templates"].value
            message = f"nothing extends the template `{name}`"
            diagnostics.add(codes.UNUSED_TEMPLATE, message, span.span_of(name), hint="remove it")  # type: ignore[union-attr]


def _files(system: System, loader: Loader, diagnostics: Diagnostics) -> dict[str, bytes]:
    """The content of every file that `from:` names."""
    found: dict[str, bytes] = {}
    for file in _all_files(system):
        if file.source and file.source not in found:
            span = file.span("from")
            content = loader.read_beside(file.source, span, diagnostics, MAX_FILES + 1)
            if content is not None:
                found[file.source] = content
                if sum(map(len, found.values())) > MAX_FILES:
                    message = "the files of the spec have more than 1 MiB together"
                    diagnostics.add(codes.BAD_FILE, message, span, hint="put large files into an image or a volume")
                    return found
    return found


def _all_files(system: System) -> Iterator[File]:
    for service in system.services.values():
        for owner in service.spec.containers:
            yield from owner.files.values()
    for workflow in system.workflows.values():
        for task in workflow.all_tasks():
            yield from task.spec.files.values()
