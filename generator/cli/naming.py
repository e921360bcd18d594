"""What was left out of a command on runs: it is wrong usage, and people are told what they can write there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from generator.runs.kubectl import Kubectl

NEWEST = 5


def which_run(kubectl: Kubectl) -> click.UsageError:
    """For whoever has not named a run: the newest there are."""
    from generator.runs.listing import list_runs
    from generator.runs.namespaces import missing

    def there_are() -> str:
        runs = list_runs(kubectl)[:NEWEST]
        names = ", ".join(f"{each.state.run} ({each.state.status})" for each in runs)
        newest = f"the newest in {kubectl.place}: {names}"
        return newest if runs else missing(kubectl) or f"there is none in {kubectl.place}"

    return _which("run", there_are)


def which_workflow(kubectl: Kubectl, release: str) -> click.UsageError:
    """For whoever has not named a workflow, or no release either: those that there are."""
    from generator.runs.launchers import unknown, workflows_here

    def there_are() -> str:
        found = workflows_here(kubectl)
        shown = {release: found[release]} if release in found else {} if release else found
        listed = "; ".join(f"the release {each} has {', '.join(names)}" for each, names in shown.items())
        return listed or unknown(kubectl, release)

    return _which("workflow" if release else "release and workflow", there_are)


def _which(what: str, there_are: Callable[[], str]) -> click.UsageError:
    from generator.runs.kubectl import Refused

    try:
        return click.UsageError(f"say which {what}; {there_are()}")
    except Refused as refused:
        return click.UsageError(f"say which {what}; those that there are cannot be listed: {refused}")
