"""The command line: one module a command, loaded when it is called."""

from __future__ import annotations

import gc
import importlib
import signal
import sys
from collections.abc import Sequence

import click

from generator import __version__

COMMANDS = (
    "compile",
    "validate",
    "diff",
    "init",
    "fmt",
    "explain",
    "schema",
    "deps",
    "update",
    "run",
    "runs",
    "status",
    "logs",
    "approve",
    "cancel",
    "retry",
    "completion",
)

_GARBAGE = 100_000
"""How many new objects make Python look for cycles. Commands make many objects and hardly a cycle: with the default of
700 a tenth of the time of `validate` went into looking."""

USAGE = 64
INTERRUPTED = 130


class _Commands(click.Group):
    """Finds a command in the module of its name, so that starting costs only what is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            if ctx.resilient_parsing:  # completion asks for whatever stands there
                return None
            from generator.spec.suggestions import did_you_mean

            meant = did_you_mean(cmd_name, COMMANDS)
            ctx.fail(f"there is no command {cmd_name!r}" + (f"; did you mean {meant}?" if meant else ""))
        command = importlib.import_module(f"generator.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="flowhelm")
def flowhelm() -> None:
    """Compile one YAML spec of services and workflows into one validated Helm chart.

    \b
    flowhelm init                        write a first spec
    flowhelm compile spec.yaml           make the chart in charts-out/<name>
    flowhelm validate charts-out/order   check any chart or manifests
    flowhelm diff OLD NEW                what a change does to the cluster
    flowhelm run RELEASE WORKFLOW        start a run; status, logs, approve, cancel and retry act on it
    flowhelm runs [RELEASE]              the runs that are kept, and how they did: --stats
    flowhelm fmt spec.yaml               bring a spec into one style; comments stay
    flowhelm explain FH2301              why a finding is one, and how to mend it
    flowhelm schema                      the language as JSON Schema, for editors
    flowhelm deps spec.yaml              what a spec uses from which library
    flowhelm update spec.yaml            pin the libraries that come from git
    """  # noqa: D301  # \b is a character that click knows


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 64 for wrong usage, 130 when interrupted, else what the command decides."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # `flowhelm … | head` ends in silence
    gc.set_threshold(_GARBAGE)
    try:
        code = flowhelm.main(args=arguments, prog_name="flowhelm", standalone_mode=False)
    except click.exceptions.Exit as leaving:
        code = leaving.exit_code
    except click.UsageError as error:
        error.show()
        code = USAGE
    except click.ClickException as error:
        error.show()
        code = 1
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        code = INTERRUPTED
    gc.freeze()  # the process ends: nothing that is left has to be looked at again
    sys.exit(code if isinstance(code, int) else 0)
