"""`flowhelm update`: pin the git imports of a spec to what their branches and tags name now."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.options import Reporting, reporting_options
from generator.cli.output import show
from generator.diagnostics import Diagnostic, Diagnostics, Severity, Span

if TYPE_CHECKING:
    from generator.source.lock import Pin


@click.command("update")
@click.argument("spec", type=click.Path(path_type=Path))
@click.argument("aliases", nargs=-1, metavar="[ALIAS]...")
@click.option("--root", type=click.Path(path_type=Path), help="Folder that imports may come from.")
@reporting_options(("text", "json"))
def command(spec: Path, aliases: tuple[str, ...], root: Path | None, reporting: Reporting) -> None:
    """Pin the git imports of a spec in flowhelm.lock; with aliases, move only those.

    \b
    flowhelm update spec.yaml
    flowhelm update spec.yaml payments
    """  # noqa: D301  # \b is a character that click knows
    from generator.compiler import read_spec
    from generator.inputs.repositories import MovingFiles
    from generator.resolve.resolver import resolve
    from generator.source import Loader, read_source
    from generator.source.lock import lock_beside, lock_text, read_lock

    diagnostics = Diagnostics()
    lock = lock_beside(spec)
    pins = read_lock(lock, diagnostics if aliases else Diagnostics()) or {}
    source = read_source(spec, diagnostics)
    written = read_spec(source, diagnostics) if source else None
    lines: list[str] = []
    if written is not None and not diagnostics.has_errors:
        files = MovingFiles(pins, _moving(written.imports, aliases))
        resolve(written, Loader(spec, root, repositories=lambda: files), diagnostics)
        if not any(_is_of_reading(finding) for finding in diagnostics):
            lines = list(_news(pins, files.found)) or [f"{spec} has no git imports"]
            files.keep_others()
            lines = lines if _written(lock, lock_text(files.found), diagnostics) else []
    show(diagnostics, reporting, lines)
    raise click.exceptions.Exit(reporting.exit_code(diagnostics))


def _written(lock: Path, text: str, diagnostics: Diagnostics) -> bool:
    """Put the lock there in one step, if it changes and there is anything to pin; whether that worked."""
    from generator.source.lock import lock_text
    from generator.write.codes import UNWRITABLE
    from generator.write.disk import replace_file

    try:
        before = lock.read_text(encoding="utf-8") if lock.exists() else lock_text({})
        if text != before:
            replace_file(lock, text.encode())
    except OSError as error:
        diagnostics.add(UNWRITABLE, f"{lock} cannot be written: {os.strerror(error.errno or 0)}", Span.at(str(lock), 1))
        return False
    return True


def _moving(imports: Mapping[str, str], aliases: tuple[str, ...]) -> frozenset[str] | None:
    """The repositories that the aliases stand for; None when everything moves."""
    from generator.source.address import PREFIX, parse_address

    for alias in aliases:
        if alias not in imports:
            raise click.UsageError(f"there is no import {alias}; imports are {', '.join(imports) or 'none'}")
        if not imports[alias].startswith(PREFIX):
            raise click.UsageError(f"{alias} is the file {imports[alias]}: only git imports are pinned")
    return frozenset(parse_address(imports[alias]).repository for alias in aliases) if aliases else None


def _is_of_reading(finding: Diagnostic) -> bool:
    """Whether something could not be read, so that not all pins are known. With other errors, the imports can move."""
    return finding.severity is Severity.ERROR and finding.code.id.startswith(("FH0", "FH1", "FH2112", "FH2113"))


def _news(old: Mapping[str, Pin], new: Mapping[str, Pin]) -> Iterator[str]:
    """One line for each repository: where it was, and where it is."""
    for repository, pin in sorted(new.items()):
        before, now = old[repository].commit[:12] if repository in old else "", pin.commit[:12]
        if not before:
            yield f"{repository} is pinned to {now}"
        elif before == now:
            yield f"{repository} stays at {now}"
        else:
            yield f"{repository} moved from {before} to {now}"
