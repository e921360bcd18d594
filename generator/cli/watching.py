"""`--watch`: a run until it has ended, and its verdict as the exit code."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, repeat
from typing import TYPE_CHECKING, TextIO

import click

from generator.cli import INTERRUPTED
from generator.cli.output import has_colour, is_terminal, styled

if TYPE_CHECKING:
    from generator.runs.kubectl import Kubectl


def watch(kubectl: Kubectl, run: str, out: TextIO, color: str = "auto") -> int:
    """Show the run until it has ended: on a terminal as a tree that lives, else what happens, a line each.

    Returns 0 when it succeeded or had nothing to do, else 1. Ctrl-C leaves it going.
    """
    from generator.runs.live import Screen, show_live
    from generator.runs.looking import look
    from generator.runs.tree import lines_of
    from generator.runs.watching import Patient, show_lines
    from generator.runtime.progress import SKIPPED, SUCCEEDED

    quiet = replace(kubectl, tell=None)  # which would end up in the middle of the tree
    looking = chain([kubectl], repeat(quiet))  # signs in, if at all, at the first look
    patient = Patient(lambda: look(next(looking), run, with_outputs=False))
    try:
        if is_terminal(out):
            style = partial(styled, coloured=has_colour(color, out))
            state = show_live(patient, Screen(out, partial(_size, out), style))
        else:
            state = show_lines(patient, partial(click.echo, file=out))
            click.echo(lines_of(state, 0.0)[0].text, file=out)
    except KeyboardInterrupt:
        again, end = (f"flowhelm {words}{kubectl.options}" for words in (f"status {run} --watch", f"cancel {run}"))
        click.echo(f"\nrun {run} goes on; look again with: {again}, end it with: {end}", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from None
    return 0 if state.status in (SUCCEEDED, SKIPPED) else 1


def _size(out: TextIO) -> Sequence[int]:
    """Columns and rows; some terminals do not tell theirs."""
    columns, rows = os.get_terminal_size(out.fileno())
    return (columns, rows) if columns and rows else shutil.get_terminal_size()
