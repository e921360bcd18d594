"""`flowhelm deps`: what a spec uses from where."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from generator.cli.options import Reporting, reporting_options
from generator.cli.output import show
from generator.diagnostics import Diagnostics

if TYPE_CHECKING:
    from generator.resolve.dependencies import Dependency
    from generator.source.lock import Pin


@click.command("deps")
@click.argument("spec", type=click.Path(path_type=Path))
@click.option("--root", type=click.Path(path_type=Path), help="Folder that imports may come from.")
@reporting_options(("text", "json"))
def command(spec: Path, root: Path | None, reporting: Reporting) -> None:
    """Show the libraries of a spec: which commit they are pinned to, and what of them is used where.

    \b
    flowhelm deps examples/shop/spec.yaml
    flowhelm deps spec.yaml --format json
    """  # noqa: D301  # \b is a character that click knows
    from generator.compiler import pinned_beside, read_spec
    from generator.resolve.dependencies import dependencies
    from generator.resolve.imports import read_libraries
    from generator.source import Loader, read_source
    from generator.source.lock import lock_beside, read_lock

    diagnostics = Diagnostics()
    lock = lock_beside(spec)
    source = read_source(spec, diagnostics)
    written = read_spec(source, diagnostics) if source else None
    loader = Loader(spec, root, repositories=pinned_beside(spec))
    home = read_libraries(written, loader, spec.as_posix(), diagnostics) if written else None
    pins = read_lock(lock, Diagnostics()) or {}
    found = dependencies(home) if home else ()
    if reporting.format == "json":
        click.echo(json.dumps({"spec": spec.as_posix(), "imports": [_data(each, pins) for each in found]}, indent=2))
    elif home:
        click.echo(spec.as_posix())
        for line in _tree(found, pins) if found else ["└─ no imports"]:
            click.echo(line)
    if len(diagnostics):
        show(diagnostics, replace(reporting, format="text", quiet=True))
    raise click.exceptions.Exit(reporting.exit_code(diagnostics))


def _pin(dependency: Dependency, pins: Mapping[str, Pin]) -> str:
    """The commit of a git import; empty for a file, and where nothing is pinned."""
    pin = pins.get(dependency.file.partition("#")[0])
    return pin.commit if pin else ""


def _data(dependency: Dependency, pins: Mapping[str, Pin]) -> dict[str, Any]:
    commit = _pin(dependency, pins)
    return {
        "alias": dependency.alias,
        "import": dependency.written,
        "file": dependency.file,
        **({"commit": commit} if commit else {}),
        "workflows": dependency.workflows,
        "templates": dependency.templates,
        "imports": [_data(each, pins) for each in dependency.imports],
    }


def _tree(found: tuple[Dependency, ...], pins: Mapping[str, Pin]) -> Iterator[str]:
    for index, each in enumerate(found):
        last = index == len(found) - 1
        commit = _pin(each, pins)
        pinned = f" ({commit[:12]})" if commit else ""
        yield f"{'└─' if last else '├─'} {each.alias}: {each.written}{pinned}"
        uses = [*_uses("workflow", each.workflows), *_uses("template", each.templates)]
        inner = [*(uses or ["nothing is used of it"]), *_tree(each.imports, pins)]
        yield from (f"{'   ' if last else '│  '} {line}" for line in inner)


def _uses(word: str, uses: Mapping[str, list[str]]) -> Iterator[str]:
    return (f"{word} {name}: {', '.join(users)}" for name, users in uses.items())
