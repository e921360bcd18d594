"""Options of the commands that work on a cluster, and how what they cannot do is told."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def cluster_options(command: Command) -> Command:
    """--namespace and --context, which the command gets as one `kubectl` argument; what is refused ends it."""
    options = (
        click.option("-n", "--namespace", help="The namespace; the one of the kubeconfig's context by default."),
        click.option("--context", help="The context of the kubeconfig; the current one by default."),
        click.option("--kubectl", envvar="FLOWHELM_KUBECTL", default="kubectl", help="The kubectl to work through."),
    )

    @functools.wraps(command)
    def gathering(*, namespace: str | None, context: str | None, kubectl: str, **others: Any) -> Any:
        from generator.runs.kubectl import Kubectl, Refused

        try:
            return command(kubectl=Kubectl(kubectl, context, namespace), **others)
        except Refused as refused:
            raise click.ClickException(str(refused)) from None

    return functools.reduce(lambda inner, option: option(inner), reversed(options), gathering)  # type: ignore[return-value]
