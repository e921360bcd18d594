"""Inputs of type service: the compiler puts the service in their place, wherever they stand in an expression."""

import pytest

from generator.diagnostics import Diagnostics, Span
from generator.spec.expression import Text, names
from generator.spec.expression_text import parse_text
from generator.spec.service_inputs import input_named, with_services


def text(value: str) -> Text:
    found = Diagnostics()
    parsed = parse_text(value, Span.at("spec.yaml", 1, 1, len(value)), found)
    assert not list(found)
    return parsed


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("${{ inputs.gate }}", "${{ services.pay }}"),
        ("<${{ inputs.gate.url }}>", "<${{ services.pay.url }}>"),
        ('${{ inputs["gate"].host }}', "${{ services.pay.host }}"),
        ("${{ inputs.gate.ports.http }}", "${{ services.pay.ports.http }}"),
        ('${{ inputs.gate["ports"]["http"] }}', "${{ services.pay.ports.http }}"),
        ("${{ inputs.gate.url + inputs.path }}", "${{ services.pay.url + inputs.path }}"),
        ("${{ !(inputs.gate.url in [inputs.gate.url]) }}", "${{ !(services.pay.url in [services.pay.url]) }}"),
        ("${{ inputs.a ? inputs.gate.url : inputs.b }}", "${{ inputs.a ? services.pay.url : inputs.b }}"),
        ("${{ inputs.gate.url.contains(inputs.gate.host) }}", "${{ services.pay.url.contains(services.pay.host) }}"),
        ("${{ tasks.a.outputs.b[inputs.gate.ports.http].c }}", "${{ tasks.a.outputs.b[services.pay.ports.http].c }}"),
        ("${{ inputs.gates.url }}", "${{ inputs.gates.url }}"),
        ("inputs.gate.url", "inputs.gate.url"),
    ],
)
def test_an_input_becomes_the_service_that_is_given(written: str, meant: str) -> None:
    assert with_services(text(written), {"gate": "pay"}) == Text(
        text(meant).parts, text(meant).whole, text(written).span
    )


def test_a_path_ends_where_that_of_a_service_does() -> None:
    """What follows is a field, as it is behind the name of a service: whoever checks types refuses it."""
    filled = with_services(text("${{ inputs.gate.url.x }}"), {"gate": "pay"})
    assert filled.parts == text("${{ services.pay.url.x }}").parts
    (name,) = (name for expression in filled.expressions for name in names(expression))
    assert len(name.parts) == len(name.spans) == 3


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("${{ inputs.gate }}", ("gate", "")),
        ("${{inputs.gate}}.http", ("gate", ".http")),
        ("${{ inputs.gate.url }}", ("", "")),
        ("x${{ inputs.gate }}", ("", "")),
        ("${{ inputs.gate }}x", ("", "")),
        ("pay", ("", "")),
    ],
)
def test_the_input_in_the_place_of_a_service(written: str, found: tuple[str, str]) -> None:
    assert input_named(written) == found
