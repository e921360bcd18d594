"""Sub-charts: their entries in Chart.yaml, and what the values say of them.

Stage: lower. Input: the spec's `dependencies`. Output: entries; the key of each sub-chart in values.yaml takes any
value, so that `--set redis.x=y` works with a schema that is closed.
"""

from __future__ import annotations

from typing import Any, cast

from generator.chart.model import Dependency
from generator.chart.values import put
from generator.lower import codes, schemas
from generator.lower.context import Context
from generator.lower.values import Path
from generator.spec.dependency import Dependency as Written
from generator.yamlio.nodes import plain

_SECTION = "Charts that come with this one"


def declare_dependencies(context: Context) -> tuple[Dependency, ...]:
    """The entries of Chart.yaml. Called last: the key of a sub-chart must be one that the chart does not have."""
    written = context.system.spec.dependencies
    taken = context.values.roots | {"enabled", "tags"}
    keys: set[str] = set()
    for each in written:
        if each.key in taken | keys:
            owner = "another chart" if each.key in keys else "the chart itself"
            message = f"the values of {owner} stand under `{each.key}` already"
            context.diagnostics.add(codes.KEY_TAKEN, message, each.node.span, hint="give it an `alias`")
        keys.add(each.key)
    switches = {path: each for each in written for path in _switches(each)}
    first = [
        paths[0] for each in written if (paths := _switches(each))
    ]  # of several, Helm takes the first that is there
    for each in written:
        _declare(context, each, [path[1:] for path in first if path[0] == each.key])
        for tag in each.tags:
            doc = f"Install the charts with the tag {tag}; their own conditions win."
            context.values.leaf(("tags", tag), doc, schemas.FLAG, True, _SECTION, each.span("tags"))
    for path, each in switches.items():
        if path[0] in taken:
            message = f"`{'.'.join(path)}` is no value that the chart has"
            hint = f"begin with `{each.key}.`, or with a word of its own"
            context.diagnostics.add(codes.KEY_TAKEN, message, each.span("condition"), hint=hint)
        elif path[0] not in keys:
            doc, span = "Install the charts that ask for this.", each.span("condition")
            if path in first:
                context.values.leaf(path, doc, schemas.FLAG, True, _SECTION, span)
            else:
                context.values.optional(path, doc, schemas.FLAG, _SECTION, span)
    return tuple(_entry(each) for each in written)


def _switches(dependency: Written) -> list[Path]:
    return [tuple(path.split(".")) for path in dependency.condition.split(",") if path]


def _declare(context: Context, dependency: Written, switches: list[Path]) -> None:
    """The sub-chart's values: any, but for the switches, which are true or false."""
    values = cast("dict[str, Any]", plain(dependency.values)) if dependency.values else {}
    schema: dict[str, Any] = {"type": "object"}
    for path in switches:
        if _is_free(values, path):
            put(values, path, value=True)
        inner = schema
        for step in path:
            inner = inner.setdefault("properties", {}).setdefault(step, {"type": "object"})
        inner["type"] = "boolean"
    doc = f"Values of the chart {dependency.name} {dependency.version}."
    context.values.leaf((dependency.key,), doc, schema, values, _SECTION, dependency.node.span)


def _is_free(values: object, path: Path) -> bool:
    """Whether the values say nothing of a path yet."""
    for step in path:
        if not isinstance(values, dict):
            return False
        if step not in values:
            return True
        values = values[step]
    return False


def _entry(each: Written) -> Dependency:
    return Dependency(
        each.name, each.version, each.node.span, each.repository, each.condition, each.alias, tuple(each.tags)
    )
