"""`flowhelm init`: a first spec, with comments."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click


@click.command("init")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), default="spec.yaml")
@click.option("--name", help="Name of the system and its first service [default: the folder's].")
@click.option("--image", help="The service's container image [default: registry.example.com/NAME:0.1.0].")
@click.option("--port", type=click.IntRange(1, 65535), help="Where it listens [default: 8080].")
@click.option("-y", "--yes", is_flag=True, help="Ask nothing; take the defaults.")
def command(file: Path, name: str | None, image: str | None, port: int | None, yes: bool) -> None:
    """Write a first spec to FILE (spec.yaml), and the schema for editors beside it.

    \b
    flowhelm init
    flowhelm init deploy/spec.yaml --name shop --image registry.example.com/shop/web:1.0.0 --port 8080 --yes
    """  # noqa: D301  # \b is a character that click knows
    from generator.spec.schema import schema_text
    from generator.spec.starter import SCHEMA_FILE, image_problem, name_problem, starter_text, suggested_name

    if file.exists() or file.is_symlink():
        raise click.ClickException(f"{file} exists already; name another file, or remove it first")
    asking = not yes and sys.stdin.isatty()
    folder = file.parent.resolve().name
    name = _asked("Name", name, suggested_name(folder), name_problem, asking)
    image = _asked("Image", image, f"registry.example.com/{name}:0.1.0", image_problem, asking)
    if port is None:
        port = click.prompt("Port", type=click.IntRange(1, 65535), default=8080, err=True) if asking else 8080
    created = [_create(file, starter_text(name, image, port))]
    schema = file.with_name(SCHEMA_FILE)
    if not schema.exists():
        created.append(_create(schema, schema_text()))
    click.echo(f"created {' and '.join(created)}; next: flowhelm compile {file}", err=True)


def _asked(what: str, given: str | None, default: str, problem: Callable[[str], str], asking: bool) -> str:
    """The value that was given, or is given now; asked for again when it is wrong."""
    while True:
        value = given if given is not None else click.prompt(what, default=default, err=True) if asking else default
        assert isinstance(value, str)
        wrong = problem(value)
        if not wrong:
            return value
        if given is not None or not asking:
            raise click.UsageError(wrong)
        click.echo(wrong, err=True)


def _create(path: Path, text: str) -> str:
    from generator.write.replacement import create_file

    try:
        create_file(path, text.encode())
    except OSError as error:
        raise click.ClickException(f"cannot write {path}: {error.strerror}") from error
    return str(path)
