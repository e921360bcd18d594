"""Objects of the user's own under `extra` (language rule 11)."""

from __future__ import annotations

from collections.abc import Iterator

from generator.check import codes
from generator.check.rule import Finding, Rule, Subject
from generator.diagnostics import Note, Span
from generator.kube.scopes import is_cluster_wide
from generator.kube.workloads import api_group
from generator.spec.shapes import written_text
from generator.yamlio.nodes import MappingNode, descend


def _text(node: MappingNode, *path: str) -> str:
    found = descend(node, path)
    return written_text(found) if found is not node else ""


def _namespace(node: MappingNode) -> str:
    metadata = node.get("metadata")
    return written_text(metadata.get("namespace")) if isinstance(metadata, MappingNode) else ""


def objects_twice(subject: Subject) -> Iterator[Finding]:
    """Two objects of one kind and name."""
    first: dict[tuple[str, ...], Span] = {}
    for node in subject.system.spec.extra:
        kind, name, span = _text(node, "kind"), _text(node, "metadata", "name"), node.span_of("metadata", "name")
        identity = (api_group(_text(node, "apiVersion")), kind, _namespace(node), name)
        if identity in first:
            notes = (Note("the first one is here", first[identity]),)
            yield Finding(codes.EXTRA_TWICE, f"{kind} {name} is there twice", span, "rename or remove one", notes)
        first.setdefault(identity, span)


def namespaces_without_meaning(subject: Subject) -> Iterator[Finding]:
    """A namespace in an object of the whole cluster."""
    for node in subject.system.spec.extra:
        kind = _text(node, "kind")
        if _namespace(node) and is_cluster_wide(api_group(_text(node, "apiVersion")), kind):
            message = f"a {kind} belongs to the whole cluster and has no namespace"
            yield Finding(codes.CLUSTER_WIDE, message, node.span_of("metadata", "namespace"), "remove it")


def fixed_names(subject: Subject) -> Iterator[Finding]:
    """Names that only one release of a namespace can have; said once."""
    extra = subject.system.spec.extra
    if extra:
        names = ", ".join(f"{_text(node, 'kind')} {_text(node, 'metadata', 'name')}" for node in extra[:5])
        names += f" and {len(extra) - 5} more" if len(extra) > 5 else ""
        message = f"only one release fits a namespace, because of fixed names: {names}"
        yield Finding(codes.FIXED_NAME, message, extra[0].span_of("metadata", "name"))


RULES: tuple[Rule, ...] = (objects_twice, namespaces_without_meaning, fixed_names)
