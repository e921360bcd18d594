"""`patches`: strategic merge patches on the objects of a service or task (language rule 11).

Stage: lower. Input: an owner's templates and its patches, by kind. Output: the templates, patched; the patch's lines
are the places of what it says. An object is named by its kind; where a service has several of one kind, the others have
the ending of their file: `Service.headless`, `PersistentVolumeClaim.data`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from generator.chart.model import Origin, Template
from generator.diagnostics import Span
from generator.kube.workloads import api_group
from generator.lower import codes
from generator.lower.context import Context
from generator.lower.merging import Patching
from generator.spec.service import Service
from generator.spec.suggestions import did_you_mean
from generator.spec.workflow import Task
from generator.yamlio.nodes import Entry, MappingNode, ScalarNode

# A name for a part of an object: kind → the kind it is a part of, and where.
Parts = Mapping[str, tuple[str, tuple[str, ...]]]


def patched(
    context: Context, templates: Sequence[Template], owner: Service | Task, words: str, parts: Parts | None = None
) -> list[Template]:
    """The templates of `owner` ("service `web`" in words) with its patches; those that find no object are reported."""
    found = list(templates)
    written = owner.node.get("patches")
    if context.current or not isinstance(written, MappingNode):  # environments differ in values alone
        return found
    parts = parts or {}
    names = {label(template): index for index, template in enumerate(found)}
    for kind, patch in owner.patches.items():
        whole, inner = parts.get(kind, (kind, ()))
        index = _index(whole, found, names)
        if index is not None:
            context.patched.add(kind)
            found[index] = _patched(found[index], _inside(patch, inner), context)
        elif written.key_span(kind) not in [entry.key_span for entry in _defaults(context)]:
            known = sorted({*names, *(part for part, (of, _) in parts.items() if of in names)})
            _report_unknown(context, kind, written.key_span(kind), f"{words} has no", known)
    return found


def label(template: Template) -> str:
    """By what a patch finds an object: its kind, and the ending of its file."""
    *_, folder, file = template.path.split("/")
    ending = "connection" if folder == "tests" else file.removesuffix(".yaml").partition("-")[2]
    return f"{template.tree['kind']}.{ending}" if ending else str(template.tree["kind"])


def report_unused_defaults(context: Context) -> None:
    """Patches under `defaults` are for those who have the object; one that nobody has is a mistake."""
    for entry in () if context.current else _defaults(context):
        if entry.key not in context.patched:
            _report_unknown(context, entry.key, entry.key_span, "no service or task has a", ())


def _defaults(context: Context) -> tuple[Entry, ...]:
    """The patches that stand under `defaults`."""
    patches = context.system.spec.defaults.get("patches") if context.system.spec.defaults else None
    return patches.entries if isinstance(patches, MappingNode) else ()


def _index(kind: str, templates: Sequence[Template], names: Mapping[str, int]) -> int | None:
    if kind in names:
        return names[kind]
    alone = [index for index, template in enumerate(templates) if template.tree["kind"] == kind]
    return alone[0] if len(alone) == 1 else None


def _report_unknown(context: Context, kind: str, span: Span, words: str, known: Iterable[str]) -> None:
    guess = did_you_mean(kind, known)
    listed = ", ".join(known)
    hint = (f"did you mean `{guess}`? " if guess else "") + (f"it has: {listed}" if listed else "")
    context.diagnostics.add(codes.NO_SUCH_OBJECT, f"{words} {kind[:60]} to patch", span, hint=hint)


def _inside(patch: MappingNode, path: tuple[str, ...]) -> MappingNode:
    for key in reversed(path):
        patch = MappingNode(patch.span, (Entry(key, patch.span, patch),))
    return patch


def _patched(template: Template, patch: MappingNode, context: Context) -> Template:
    kind = str(template.tree["kind"])
    identity = _identity_changed(template, patch)
    if identity is not None:
        message = f"a patch cannot change `{identity.key}` of an object"
        if identity.key == "$patch":
            message = "a patch cannot remove or replace a whole object"
        hint = "other objects know this one by it; write an object of your own under `extra`"
        context.diagnostics.add(codes.BAD_PATCH, message, identity.key_span, hint=hint)
        return template
    patching = Patching(
        api_group(str(template.tree["apiVersion"])), kind, dict(template.origin.parts), context.diagnostics
    )
    tree = patching.merged(template.tree, patch, ())
    assert isinstance(tree, Mapping)
    return replace(template, tree=tree, origin=Origin(template.origin.span, patching.parts))


def _identity_changed(template: Template, patch: MappingNode) -> Entry | None:
    """What makes the object another one: its apiVersion, kind or name."""
    for entry in patch.entries:
        same = isinstance(entry.value, ScalarNode) and entry.value.value == template.tree.get(entry.key)
        if entry.key == "$patch" or (entry.key in ("apiVersion", "kind") and not same):
            return entry
        if entry.key == "metadata" and isinstance(entry.value, MappingNode):
            named = entry.value.index.get("name") or entry.value.index.get("$patch")
            if named:
                return named
        elif entry.key == "metadata":
            return entry
    return None
