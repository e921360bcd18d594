"""Environment variables of a container.

Stage: lower. A constant becomes a value of the chart (`env.<NAME>`). A variable with an expression or a reference
stays in the template; the former may still be set by a value. Where environments add a variable or turn one into a
reference, it stands under `extraEnv`, which takes both forms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator.chart.nodes import AnyOf, Default, If, Include, Tree, Value
from generator.diagnostics import Span
from generator.lower import codes, schemas, texts
from generator.lower.context import Context
from generator.lower.values import Path
from generator.spec.expression import Text
from generator.spec.parts import EnvSource, KeyReference, Variable

Variables = Mapping[str, Variable]

OUTPUTS = "FLOWHELM_OUTPUTS"
"""The variable that tells a task where its outputs go; nobody else may set it."""


def lower_variables(
    context: Context, scope: Path, section: str, variants: Sequence[Variables], spans: Mapping[str, Span]
) -> Sequence[Tree]:
    """The items of a container's `env`, in the order of the spec.

    `scope` is where the container's values live; `variants` are its variables in the system itself and in each of its
    environments, in the order of `Context.variants`; `spans` are the places of the variables.
    """
    items = named_variables(context, scope, section, variants, spans)
    return [*items, *extra_items(extra_variables(context, scope, section, names_of(items), variants))]


def named_variables(
    context: Context, scope: Path, section: str, variants: Sequence[Variables], spans: Mapping[str, Span]
) -> list[Mapping[str, Tree]]:
    """The items that the template itself has."""
    items: list[Mapping[str, Tree]] = []
    for name in variants[0]:
        versions = [variant[name] for variant in variants if name in variant]
        item = _item(
            context, (*scope, "env", name), section, versions, variants[context.current][name], spans.get(name)
        )
        items += [{"name": name} | item] if item else []
    return items


def names_of(items: Sequence[Mapping[str, Tree]]) -> tuple[str, ...]:
    """The names of variables."""
    return tuple(str(item["name"]) for item in items)


def _item(
    context: Context, path: Path, section: str, versions: list[Variable], current: Variable, span: Span | None
) -> dict[str, Tree]:
    """What a variable's item says besides its name; nothing for one that belongs to `extraEnv`."""
    first, name = versions[0], path[-1]
    if all(_is_constant(version) for version in versions):
        return {"value": context.values.leaf(path, f"Variable {name}.", schemas.TEXT, _plain(current), section, span)}
    if isinstance(first, Text) and not _is_constant(first):
        if not all(version == first or _is_constant(version) for version in versions):
            return {}
        doc = f"Variable {name}, instead of what the chart sets."
        if _is_constant(current):
            value = context.values.leaf(path, doc, schemas.TEXT, _plain(current), section, span)
        else:
            value = context.values.optional(path, doc, schemas.TEXT, section, span)
        return {"value": Default(value, context.text(first))}
    if isinstance(first, KeyReference) and all(version == first for version in versions):
        return {"valueFrom": reference(first)}
    return {}


def extra_variables(
    context: Context, scope: Path, section: str, fixed: tuple[str, ...], variants: Sequence[Variables]
) -> Value:
    """Declare the value `extraEnv`: it may have none of the names in `fixed`, which the template has."""
    default: dict[str, object] = {}
    for name, variable in variants[context.current].items():
        if name in fixed:
            continue
        if isinstance(variable, Text) and variable.expressions:
            code = codes.NOT_A_VALUE
            context.diagnostics.add(code, f"the variable {name} cannot differ between environments", variable.span)
        else:
            default[name] = reference(variable) if isinstance(variable, KeyReference) else _plain(variable)
    forbidden = {"not": {"enum": [OUTPUTS, *fixed]}}
    schema = {**schemas.VARIABLES, "propertyNames": {**schemas.VARIABLES["propertyNames"], **forbidden}}
    doc = "More variables by name: a text, or a map as `valueFrom` takes it."
    return context.values.leaf((*scope, "extraEnv"), doc, schema, default, section)


def extra_items(extra: Value, over: Value | None = None, hidden: Sequence[str] = ()) -> list[Tree]:
    """The items of an `extraEnv`; those of `over`, and what is `hidden`, take the place of its own."""
    arguments: tuple[Value | str, ...] = (extra, *hidden, *([over] if over else []))
    condition = AnyOf((extra, over)) if over else extra
    return [If(condition, [Include("extraEnv", arguments, block=True)])]


def lower_sources(sources: Sequence[EnvSource]) -> list[Tree]:
    """The items of a container's `envFrom`."""
    items: list[Tree] = []
    for source in sources:
        kind, name = ("secretRef", source.secret) if source.secret else ("configMapRef", source.config)
        prefix: dict[str, Tree] = {"prefix": source.prefix} if source.prefix else {}
        items.append({kind: {"name": name} | ({"optional": True} if source.optional else {})} | prefix)
    return items


def reference(variable: KeyReference) -> dict[str, dict[str, str | bool]]:
    """What `valueFrom` says of a key of a Secret or ConfigMap."""
    kind, name = ("secretKeyRef", variable.secret) if variable.secret else ("configMapKeyRef", variable.config)
    optional: dict[str, str | bool] = {"optional": True} if variable.optional else {}
    return {kind: {"name": name, "key": variable.field} | optional}


def reads_secrets(variables: Variables, sources: Sequence[EnvSource]) -> bool:
    """Whether a secret reaches the program through its variables."""
    by_key = any(isinstance(variable, KeyReference) and variable.secret for variable in variables.values())
    return by_key or any(source.secret for source in sources)


def _is_constant(variable: Variable) -> bool:
    """Whether it is a text that a value can hold."""
    return isinstance(variable, Text) and variable.constant is not None and texts.fits_values(variable.constant)


def _plain(variable: Variable | None) -> str:
    return texts.escaped(variable.constant or "") if isinstance(variable, Text) else ""
