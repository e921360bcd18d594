"""Environments: the spec with an environment's overrides merged in, as far as the chart takes them as values (L10)."""

from __future__ import annotations

from generator.diagnostics import Diagnostics
from generator.resolve import codes
from generator.resolve.merging import entries_of
from generator.spec.model import Spec
from generator.spec.parser import parse_spec
from generator.spec.suggestions import did_you_mean
from generator.yamlio.nodes import Entry, MappingNode, Node, SequenceNode, descend, merged

_NAMED = ("services", "workflows", "storage", "tasks")
"""Keys below which the base's names stand: an environment changes those, and adds none."""


def spec_of_environment(spec: Spec, name: str, diagnostics: Diagnostics) -> Spec | None:
    """The spec as it is in the environment; None when that says something an environment cannot say."""
    overrides = spec.environments[name]
    before = diagnostics.count_errors()
    base = MappingNode(spec.node.span, tuple(entry for entry in spec.node.entries if entry.key != "environments"))
    _check(base, overrides, (), diagnostics)
    _check_images(base, overrides, diagnostics)
    if diagnostics.count_errors() > before:
        return None
    node = merged(base, overrides)
    return parse_spec(node, diagnostics)


def _check(base: Node | None, node: Node, path: tuple[str, ...], diagnostics: Diagnostics) -> None:
    """Walk the overrides; report what the base has not, or has several of."""
    for entry in entries_of(node):
        below = base.get(entry.key) if isinstance(base, MappingNode) else None
        if path and path[-1] in _NAMED and len(path) % 2:
            if not _is_known(base, entry, path[-1], diagnostics):
                continue
        elif entry.key in ("expose", "schedule") and isinstance(below, SequenceNode):
            message, hint = f"the spec has several of `{entry.key}`", "an environment may change it where there is one"
            diagnostics.add(codes.NO_OVERRIDE, message, entry.key_span, hint=hint)
            continue
        _check(below, entry.value, (*path, entry.key), diagnostics)


def _check_images(base: MappingNode, overrides: MappingNode, diagnostics: Diagnostics) -> None:
    """A new tag beside the base's digest would have no effect: the digest wins."""
    services = base.get("services")
    for service in entries_of(overrides.get("services")):
        over = service.value.get("image") if isinstance(service.value, MappingNode) else None
        image = descend(services, (service.key, "image")) if services else None
        pinned = isinstance(image, MappingNode) and "digest" in image
        if pinned and isinstance(over, MappingNode) and "tag" in over and "digest" not in over:
            message = "the image's digest wins over this tag, so it would have no effect"
            hint = "give the digest of this tag too, or the whole image as a text"
            diagnostics.add(codes.NO_OVERRIDE, message, over.key_span("tag"), hint=hint)


def _is_known(base: Node | None, entry: Entry, kind: str, diagnostics: Diagnostics) -> bool:
    names = [each.key for each in entries_of(base)]
    if entry.key in names:
        return True
    guess = did_you_mean(entry.key, names)
    hint = f"did you mean `{guess}`?" if guess else f"{kind} of the spec: {', '.join(names) or 'none'}"
    diagnostics.add(codes.UNKNOWN_OVERRIDE, f"the spec has no `{entry.key}` under `{kind}`", entry.key_span, hint=hint)
    return False
