"""Stage resolve: :class:`Spec` → :class:`System`.

Input: the spec as written and the loader of the files it names. Output: templates and defaults merged in, names bound,
expressions typed, environments as systems of their own. All mistakes of meaning are collected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from generator.diagnostics import Diagnostics, Span
from generator.resolve import codes
from generator.resolve.environments import spec_of_environment
from generator.resolve.imports import Home, read_libraries
from generator.resolve.merging import templates_of
from generator.resolve.model import System
from generator.resolve.reuse_codes import UNUSED_IMPORT
from generator.resolve.services import bind_services, merged_services
from generator.resolve.texts import check_texts
from generator.resolve.workflows import bind_workflows
from generator.source import AnyLoader
from generator.spec.model import Spec
from generator.spec.service import Service

MAX_FILES = 1024 * 1024
"""Bytes of all files together: what one ConfigMap holds (rulings L15)."""


def resolve(spec: Spec, loader: AnyLoader, diagnostics: Diagnostics) -> System:
    """The system that the spec describes, with its environments."""
    home = read_libraries(spec, loader, spec.node.span.file, diagnostics)
    system = _bound(home, diagnostics)
    _check_templates(home, diagnostics)
    _check_imports(home, diagnostics)
    loaders = {each.shown: each.loader for each in home.all_homes()}
    files = _files(system, loaders, diagnostics)
    environments = {}
    for name in spec.environments:
        overridden = spec_of_environment(spec, name, diagnostics)
        if overridden is not None:
            environments[name] = replace(_bound(replace(home, spec=overridden), diagnostics), files=files)
    return replace(system, files=files, environments=environments)


def _bound(home: Home, diagnostics: Diagnostics) -> System:
    spec = home.spec
    complete = merged_services(home, diagnostics)
    services = bind_services(spec, complete, diagnostics)
    libraries = {each.prefix: each for each in home.all_homes() if each.is_library}
    system = System(
        spec,
        services,
        bind_workflows(home, complete, services, diagnostics),
        libraries={prefix: each.spec for prefix, each in libraries.items()},
        sources={each.shown: each.text for each in libraries.values()},
    )
    return replace(system, param_types=check_texts(system, diagnostics))


def _check_imports(home: Home, diagnostics: Diagnostics) -> None:
    """Report imports that could be read, and that no task and no service names."""
    spec = home.spec
    workflows = spec.workflows.values()
    tasks = [task for each in workflows for task in (*each.tasks.values(), *each.on_exit.values())]
    names = [*(task.workflow for task in tasks), *(each.extends for each in _extending(spec))]
    used = {name.rpartition(".")[0] for name in names}
    libraries = [each for each in home.imports.values() if each is not None]
    for alias, library in home.imports.items():
        if alias not in used and library is not None and libraries.count(library) == 1:
            span = spec.node.index["imports"].value.span_of(alias)  # type: ignore[union-attr]
            diagnostics.add(UNUSED_IMPORT, f"nothing uses the import `{alias}`", span, hint="remove it")


def _extending(spec: Spec) -> tuple[Service, ...]:
    return (*spec.services.values(), *spec.templates.values())


def _check_templates(home: Home, diagnostics: Diagnostics) -> None:
    """Every template extends ones that are there, also one that no service extends."""
    spec = home.spec
    for template in spec.templates.values():
        templates_of(home, template, diagnostics)
    used = {record.extends for record in _extending(spec)}
    astray = any(found.code is codes.UNKNOWN_TEMPLATE for found in diagnostics)  # it may be the one that was meant
    for name in spec.templates:
        if name not in used and spec.services and not astray:
            span = spec.node.index["templates"].value
            message = f"nothing extends the template `{name}`"
            diagnostics.add(codes.UNUSED_TEMPLATE, message, span.span_of(name), hint="remove it")  # type: ignore[union-attr]


def _files(system: System, loaders: Mapping[str, AnyLoader], diagnostics: Diagnostics) -> dict[tuple[str, str], bytes]:
    """The content of every file that `from:` or `file:` names, relative to the file in which that is written."""
    found: dict[tuple[str, str], bytes] = {}
    for source, span in _all_files(system):
        if source and (span.file, source) not in found:
            content = loaders[span.file].read_beside(source, span, diagnostics, MAX_FILES + 1)
            if content is not None:
                found[span.file, source] = content
                if sum(map(len, found.values())) > MAX_FILES:
                    message = "the files of the spec have more than 1 MiB together"
                    diagnostics.add(codes.BAD_FILE, message, span, hint="put large files into an image or a volume")
                    return found
    return found


def _all_files(system: System) -> Iterator[tuple[str, Span]]:
    """Every file that is named, and where."""
    owners = [owner.files for service in system.services.values() for owner in service.spec.containers]
    tasks = [task for workflow in system.workflows.values() for task in workflow.all_tasks()]
    for files in [*owners, *(task.spec.files for task in tasks)]:
        yield from ((file.source, file.span("from")) for file in files.values())
    yield from ((task.spec.sql.file, task.spec.sql.span("file")) for task in tasks if task.spec.sql)
