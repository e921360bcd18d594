"""Environments: the spec with an environment's overrides merged in, as far as the chart takes them as values (L10)."""

from __future__ import annotations

from generator.diagnostics import Diagnostics, Span
from generator.resolve import codes
from generator.resolve.merging import entries_of
from generator.spec.model import Spec
from generator.spec.parser import parse_spec
from generator.spec.suggestions import did_you_mean
from generator.yamlio.nodes import Entry, MappingNode, Node, SequenceNode, descend, merged

ANY = "*"
"""Stands for a name in a pattern; what lies below the end of a pattern is free."""

_SERVICE = (
    ("image",), ("replicas",), ("autoscale",), ("resources",), ("env",), ("placement",),
    ("storage", ANY, "size"), ("storage", ANY, "class"),
    ("expose", "host"), ("expose", "tls"), ("expose", "class"), ("expose", "annotations"),
)  # fmt: skip
_WORKFLOW = (
    ("timeout",), ("parallelism",), ("keep",), ("triggers", "schedule"),
    *(("tasks", ANY, key) for key in ("resources", "timeout", "env", "retry", "placement")),
)  # fmt: skip
PATTERNS = tuple(("services", ANY, *path) for path in _SERVICE) + tuple(("workflows", ANY, *path) for path in _WORKFLOW)


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
    """Walk the overrides down to where the patterns end."""
    for entry in entries_of(node):
        here = (*path, entry.key)
        if len(here) == 2 and not _is_known(base, entry, path[0], diagnostics):
            continue
        fitting = [pattern for pattern in PATTERNS if _matches(pattern, here)]
        below = base.get(entry.key) if isinstance(base, MappingNode) else None
        if not fitting:
            _refuse(here, entry.key_span, "", diagnostics)
        elif isinstance(below, SequenceNode) and here[-1] in ("expose", "schedule"):
            _refuse(here, entry.key_span, "the spec has several of them", diagnostics)
        elif not any(len(pattern) <= len(here) for pattern in fitting):
            _check(below, entry.value, here, diagnostics)


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
            diagnostics.add(codes.NOT_A_VALUE, message, over.key_span("tag"), hint=hint)


def _matches(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    return all(part in (ANY, key) for part, key in zip(pattern, path, strict=False))


def _is_known(base: Node | None, entry: Entry, kind: str, diagnostics: Diagnostics) -> bool:
    names = [each.key for each in entries_of(base)]
    if entry.key in names:
        return True
    guess = did_you_mean(entry.key, names)
    hint = f"did you mean `{guess}`?" if guess else f"{kind}: {', '.join(names)}"
    diagnostics.add(codes.UNKNOWN_OVERRIDE, f"the spec has no `{entry.key}` under `{kind}`", entry.key_span, hint=hint)
    return False


def _refuse(path: tuple[str, ...], span: Span, why: str, diagnostics: Diagnostics) -> None:
    allowed = sorted({pattern[len(path) - 1] for pattern in PATTERNS if _matches(pattern[:-1], path[:-1])
                      and len(pattern) >= len(path)} - {ANY})  # fmt: skip
    hint = why or (f"an environment may change here: {', '.join(allowed)}" if allowed else "")
    diagnostics.add(codes.NOT_A_VALUE, f"`{'.'.join(path)}` is not a value of the chart", span, hint=hint)
