"""Options of the commands that work on a cluster, and how what they cannot do is told."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from generator.kube.durations import Duration

Command = TypeVar("Command", bound=Callable[..., Any])


def since(_context: click.Context, _parameter: click.Parameter, value: str) -> Duration | None:
    """How far back to look; None for all the way."""
    from generator.kube.durations import parse_duration

    duration = parse_duration(value) if value else None
    if value and duration is None:
        raise click.BadParameter(f"{value!r} is no duration; write it as in 90m, 24h or 7d")
    return duration


def _say(line: str) -> None:
    click.echo(line, err=True)


def cluster_options(command: Command) -> Command:
    """--namespace and --context, which the command gets as one `kubectl` argument; what is refused ends it.

    A command that takes a RUN is not called without one.
    """
    options = (
        click.option("-n", "--namespace", help="The namespace; the one of the kubeconfig's context by default."),
        click.option("--context", help="The context of the kubeconfig; the current one by default."),
        click.option("--kubectl", envvar="FLOWHELM_KUBECTL", default="kubectl", help="The kubectl to work through."),
    )

    @functools.wraps(command)
    def gathering(*, namespace: str | None, context: str | None, kubectl: str, **others: Any) -> Any:
        from generator.cli.naming import which_run
        from generator.runs.kubectl import Kubectl, Refused

        through = Kubectl(kubectl, context, namespace, tell=_say)
        if others.get("run") == "":
            raise which_run(through)
        try:
            return command(kubectl=through, **others)
        except Refused as refused:
            raise click.ClickException(str(refused)) from None

    return functools.reduce(lambda inner, option: option(inner), reversed(options), gathering)  # type: ignore[return-value]
