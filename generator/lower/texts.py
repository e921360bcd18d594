"""Texts of services with `${{ services.… }}` → strings of a template.

Stage: lower. Input: a :class:`Text` that resolve has bound. Output: a constant, or literals joined with the names
that Helm gives to objects. Before a release exists only constants and the names and ports of services are known,
joined by `+`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from generator.chart.nodes import Include, Join
from generator.diagnostics import Span
from generator.regexes import regex
from generator.resolve.model import Service
from generator.spec.expression import Binary, Expression, Literal, Name, Text

Part = str | Include
_EXPANDED = regex(r"\$+(?=\()|\${2,}")


class UnknownBeforeRun(Exception):
    """An expression of a service that only a running system could evaluate; `span` is its place."""

    def __init__(self, span: Span) -> None:
        super().__init__(span)
        self.span = span


def escaped(text: str) -> str:
    """The text such that Kubernetes, which expands `$(NAME)` in commands, arguments and variables, leaves it as it is.

    `$$` stands for `$` there (k8s.io/kubernetes third_party/forked/golang/expansion); one `$` before anything but `(`
    stays.
    """
    return _EXPANDED.sub(lambda match: match.group() * 2, text)


def fits_values(text: str) -> bool:
    """Whether the text can stand in values.yaml: Helm 3 cannot check one with control characters against a schema."""
    return all(character.isprintable() or character in "\t\n\r" for character in text)


def container_text(text: Text, services: Mapping[str, Service], host: Callable[[Service], Part]) -> str | Join:
    """A word of a command or the value of a variable. `host` gives the name under which a service is reached.

    Raises UnknownBeforeRun for an expression that cannot be known when the chart is made.
    """
    parts: list[Part] = []
    for part in text.parts:
        for piece in [part] if isinstance(part, str) else _parts(part, services, host):
            if parts and isinstance(piece, str) and isinstance(parts[-1], str):
                parts[-1] += piece
            else:
                parts.append(piece)
    parts = [escaped(part) if isinstance(part, str) else part for part in parts]
    if len(parts) <= 1 and all(isinstance(part, str) for part in parts):
        return "".join(part for part in parts if isinstance(part, str))
    return Join(tuple(parts))


def _parts(expression: Expression, services: Mapping[str, Service], host: Callable[[Service], Part]) -> list[Part]:
    match expression:
        case Literal(value=str(value)):
            return [value]
        case Literal(value=value) if value is not None:
            return [json.dumps(value)]
        case Name(parts=("services", service, "host")):
            return [host(services[service])]
        case Name(parts=("services", service, "url")):
            bound = services[service]
            main = bound.port("")
            return [f"{bound.scheme}://", host(bound), f":{main.port if main else 0}"]
        case Name(parts=("services", service, "ports", port)):
            return [str(services[service].spec.ports[port].port)]
        case Binary(operator="+", left=left, right=right):
            return [*_parts(left, services, host), *_parts(right, services, host)]
    raise UnknownBeforeRun(expression.span)
