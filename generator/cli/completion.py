"""`flowhelm completion SHELL`: completion of commands, options and files in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print what a shell needs to complete commands and options.

    \b
    eval "$(flowhelm completion bash)"       # in ~/.bashrc; zsh alike, in ~/.zshrc
    flowhelm completion fish > ~/.config/fish/completions/flowhelm.fish
    """  # noqa: D301  # \b is a character that click knows
    from generator.cli import flowhelm

    kind = get_completion_class(shell)
    assert kind is not None, "click knows all three"
    completion = kind(flowhelm, {}, "flowhelm", "_FLOWHELM_COMPLETE")
    click.echo(completion.source_template % completion.source_vars())
