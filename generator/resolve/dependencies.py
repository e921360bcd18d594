"""Stage resolve: what a spec takes from where.

Input: a spec as a home, with its libraries. Output: for each import, the workflows and templates that are used of it,
and by what.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.records import dataclass
from generator.resolve.imports import Home


@dataclass(frozen=True)
class Dependency:
    """An import: `written` as in the spec, `file` as it is shown, which is empty when it could not be read.

    `workflows` and `templates`: what is used of it → the tasks or services that use it, as `workflow.task`.
    """

    alias: str
    written: str
    file: str
    workflows: dict[str, list[str]]
    templates: dict[str, list[str]]
    imports: tuple[Dependency, ...]


def dependencies(home: Home) -> tuple[Dependency, ...]:
    """The imports of a file, by alias, with those that they import."""
    return tuple(_dependency(home, alias) for alias in sorted(home.spec.imports))


def _dependency(home: Home, alias: str) -> Dependency:
    below = home.imports.get(alias)
    return Dependency(
        alias,
        home.spec.imports[alias],
        below.shown if below else "",
        _gathered(alias, _workflow_uses(home)),
        _gathered(alias, _template_uses(home)),
        dependencies(below) if below else (),
    )


def _gathered(alias: str, uses: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    """Uses of one alias, by what is used."""
    found: dict[str, list[str]] = {}
    for named, user in uses:
        prefix, dot, name = named.rpartition(".")
        if dot and prefix == alias:
            found.setdefault(name, []).append(user)
    return {name: sorted(users) for name, users in sorted(found.items())}


def _workflow_uses(home: Home) -> Iterator[tuple[str, str]]:
    for name, workflow in home.spec.workflows.items():
        for task, each in (*workflow.tasks.items(), *workflow.on_exit.items()):
            yield each.workflow, f"{name}.{task}"


def _template_uses(home: Home) -> Iterator[tuple[str, str]]:
    for name, each in (*home.spec.services.items(), *home.spec.templates.items()):
        yield each.extends, name
