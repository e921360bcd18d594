"""Names and types of expressions: what each form gives, and one finding for each mistake."""

from __future__ import annotations

import pytest

from generator.diagnostics import Diagnostics, Span
from generator.resolve.certainty import Flow, Needs, View
from generator.resolve.expressions import check_condition, check_expression, check_text
from generator.resolve.scope import Address, Outputs, Scope
from generator.resolve.types import (
    BOOLEAN,
    DYNAMIC,
    INTEGER,
    NUMBER,
    OBJECT,
    SERVICE,
    STRING,
    Type,
    declared,
    list_of,
)
from generator.spec.expression import Expression, Text
from generator.spec.expression_text import parse_text

FLOW = Flow(
    {
        "first": Needs({}),
        "check": Needs({}),
        "other": Needs({}),
        "ship": Needs({"check": "succeeded", "first": "succeeded"}),
    }
)
SCOPE = Scope(
    services={"web": Address(("http", "metrics"), "http"), "queue": Address(("amqp", "admin"))},
    inputs={
        "order": STRING,
        "count": INTEGER,
        "rate": NUMBER,
        "express": BOOLEAN,
        "tags": declared("list"),
        "o": OBJECT,
    },
    tasks={
        "first": Outputs({}),
        "check": Outputs({"in_stock": BOOLEAN, "customer": OBJECT, "items": declared("list")}),
        "ship": Outputs({"parcel": STRING}),
        "other": Outputs({}),
        "broken": Outputs(None),
        "audit": Outputs({}),
    },
    view=View(FLOW, "ship"),
)


def parse(value: str) -> Text:
    found = Diagnostics()
    text = parse_text(value, Span.at("spec.yaml", 1, 1, len(value)), found)
    assert not list(found)
    return text


def expression(source: str) -> Expression:
    found = parse("${{" + source + "}}").expression
    assert found is not None
    return found


def type_of(source: str, scope: Scope = SCOPE) -> Type:
    found = Diagnostics()
    result = check_expression(expression(source), scope, found)
    assert [finding.message for finding in found] == []
    return result


def mistake(source: str, scope: Scope = SCOPE) -> tuple[str, str, str]:
    """Code, the text it points at, and message with hint, of the one finding."""
    found = Diagnostics()
    assert check_expression(expression(source), scope, found) in {DYNAMIC, BOOLEAN, INTEGER, list_of(DYNAMIC)}
    (finding,) = found
    assert finding.span is not None
    start, end = finding.span.start.column - 4, finding.span.end.column - 4
    return finding.code.id, source[start:end], f"{finding.message} | {finding.hint}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1", INTEGER),
        ("1.0", NUMBER),
        ("'a'", STRING),
        ("inputs.order", STRING),
        ("tasks.check.outputs.in_stock", BOOLEAN),
        ("tasks.check.status", STRING),
        ("run.id + run.name", STRING),
        ("services.web.url", STRING),
        ("services.queue.host", STRING),
        ("services.web.ports.metrics", INTEGER),
        ("inputs.o.a.b[0]", DYNAMIC),
        ("inputs.o['a']", DYNAMIC),
        ("inputs.o[inputs.o.key]", DYNAMIC),
        ("[[1], [2.5]]", list_of(list_of(NUMBER))),
        ("inputs.o.a + inputs.o.b", DYNAMIC),
        ("inputs.tags[0]", DYNAMIC),
        ("[1, 2][0]", INTEGER),
        ("[1, 2.5]", list_of(NUMBER)),
        ("['a', 1]", list_of(DYNAMIC)),
        ("[]", list_of(DYNAMIC)),
        ("[1] + [2]", list_of(INTEGER)),
        ("1 + 2", INTEGER),
        ("1 + 2.0", NUMBER),
        ("inputs.o.a + 'x'", STRING),
        ("inputs.o.a + 1", DYNAMIC),
        ("inputs.count <= inputs.rate", BOOLEAN),
        ("'a' < 'b'", BOOLEAN),
        ("inputs.o.a > 1", BOOLEAN),
        ("inputs.o.a == null", BOOLEAN),
        ("inputs.o == inputs.o", BOOLEAN),
        ("'a' in inputs.tags", BOOLEAN),
        ("'a' in inputs.o", BOOLEAN),
        ("1 in [1, 2]", BOOLEAN),
        ("!inputs.express && inputs.o.flag", BOOLEAN),
        ("inputs.express ? 1 : 2.5", NUMBER),
        ("inputs.express ? inputs.o.a : 'x'", DYNAMIC),
        ("inputs.order.size()", INTEGER),
        ("inputs.o.size()", INTEGER),
        ("inputs.order.matches('^[0-9]+$')", BOOLEAN),
        ("tasks.check.status == 'failed'", BOOLEAN),
    ],
)
def test_each_form_has_a_type(source: str, expected: Type) -> None:
    assert type_of(source) == expected


@pytest.mark.parametrize(
    ("source", "code", "at", "words"),
    [
        ("inputs.oder", "FH2210", "oder", "did you mean order?"),
        ("inputs.zzz", "FH2210", "zzz", "the inputs are order, count"),
        ("inputs", "FH2210", "inputs", "write inputs.<name>"),
        ("order", "FH2210", "order", "did you mean inputs.order?"),
        ("input.order", "FH2210", "input", "did you mean inputs?"),
        ("steps.a", "FH2210", "steps", "tasks.<task>.outputs.<name>"),
        ("secrets.x", "FH2210", "secrets", "{secret: name, key: key}"),
        ("tasks.chek.status", "FH2210", "chek", "did you mean check?"),
        ("tasks.check", "FH2210", "check", "write tasks.check.status"),
        ("tasks.check.in_stock", "FH2210", "in_stock", "did you mean tasks.check.outputs.in_stock?"),
        ("tasks.check.outputs", "FH2210", "outputs", "its outputs are in_stock"),
        ("tasks.check.outputs.stock", "FH2210", "stock", "did you mean in_stock?"),
        ("tasks[inputs.order]", "FH2210", "inputs.order", "written out, not computed"),
        ("services.wbe.url", "FH2210", "wbe", "did you mean web?"),
        ("services.web.uri", "FH2210", "uri", "did you mean url?"),
        ("services.web.ports.metric", "FH2210", "metric", "did you mean metrics?"),
        ("services.queue.url", "FH2210", "url", "has no main port"),
        ("run.uid", "FH2210", "uid", "did you mean id?"),
        ("run.status == 'failed'", "FH2211", "status", "only tasks of on_exit"),
        ("item", "FH2211", "item", "foreach"),
        ("response.x == 1", "FH2211", "response", "expect.json"),
        ("event.x == 1", "FH2211", "event", "event trigger"),
        ("tasks.other.status", "FH2214", "other", "add other to the needs of ship"),
        ("tasks.ship.status", "FH2214", "ship", "cannot look at itself"),
        ("inputs.count == 'three'", "FH2212", "inputs.count == 'three'", "an integer and a string"),
        ("inputs.order > 1", "FH2212", "inputs.order > 1", "strings with strings"),
        ("inputs.express < true", "FH2212", "inputs.express < true", ""),
        ("inputs.order && true", "FH2212", "inputs.order", "`&&` takes booleans, this is a string"),
        ("!inputs.count", "FH2212", "inputs.count", "`!` takes a boolean"),
        ("'n: ' + inputs.count", "FH2212", "'n: ' + inputs.count", "write ${{ … }} in it"),
        ("inputs.express + true", "FH2212", "inputs.express + true", ""),
        ("inputs.order.length", "FH2212", "inputs.order.length", "a string has no field `length`"),
        ("inputs.tags.size", "FH2212", "inputs.tags.size", "write .size() with brackets"),
        ("inputs.tags['a']", "FH2212", "'a'", "read by an integer"),
        ("inputs.order[0]", "FH2212", "inputs.order", "has no items"),
        ("'a' in inputs.order", "FH2212", "'a' in inputs.order", "write text.contains(part)"),
        ("1 in ['a']", "FH2212", "1 in ['a']", "no item can be an integer"),
        ("inputs.tags.contains('a')", "FH2212", "inputs.tags", "write value in list"),
        ("inputs.count.size()", "FH2212", "inputs.count", "has no size"),
        ("inputs.order.contains(1)", "FH2212", "1", "takes a string"),
        ("inputs.express ? 1 : 'a'", "FH2212", "inputs.express ? 1 : 'a'", "must have one type"),
        ("inputs.count ? 1 : 2", "FH2212", "inputs.count", "must be boolean"),
        ("tasks.check.status == 'success'", "FH2212", "'success'", "did you mean 'succeeded'?"),
        ("inputs.order == null", "FH2213", "inputs.order == null", "a string is never null"),
        ("null", "FH2213", "null", "no value"),
        ("null.x", "FH2213", "null", "no value"),
        ("services", "FH2210", "services", "write services.<name>.url"),
        ("services.web.ports", "FH2210", "ports", "write services.web.ports.<port>"),
        ("run", "FH2210", "run", "write run.id or run.name"),
        ("tasks", "FH2210", "tasks", "write tasks.<task>.status"),
        ("tasks.check.state", "FH2210", "state", "did you mean status?"),
        ("tasks.first.outputs.x", "FH2210", "x", "declare it: outputs: {x: {type: …}}"),
        ("tasks.audit.status", "FH2214", "audit", "belongs to on_exit"),
        ("inputs.tags.first", "FH2212", "inputs.tags.first", "items are read by number"),
        ("inputs.o[1]", "FH2212", "1", "read by a string"),
        ("inputs.express.size", "FH2212", "inputs.express.size", "write .size() with brackets"),
        ("[services.web]", "FH2212", "services.web", "no value"),
        ("[null]", "FH2213", "null", "no value"),
        ("inputs.order.matches('(?=a)')", "FH2216", "'(?=a)'", "look-ahead"),
        ("inputs.order.matches(inputs.order)", "FH2216", "inputs.order", "literal string"),
    ],
)
def test_a_mistake_is_one_finding_at_its_place(source: str, code: str, at: str, words: str) -> None:
    found = mistake(source)
    assert found[:2] == (code, at)
    assert words in found[2]


@pytest.mark.parametrize(
    "source",
    ["!inputs.nope", "inputs.nope + 1 > 2 && true", "inputs.nope.a[0] in [1]", "inputs.nope.matches('a') ? 1 : 2"],
)
def test_nothing_follows_from_an_unknown_name(source: str) -> None:
    assert mistake(source)[:2] == ("FH2210", "nope")


def test_outputs_that_are_unknown_because_of_another_mistake_say_nothing() -> None:
    scope = Scope(inputs={}, tasks={"broken": Outputs(None)}, view=View(Flow({"broken": Needs({})})))
    assert type_of("tasks.broken.outputs.anything", scope) == DYNAMIC


def test_names_have_their_values_where_they_belong() -> None:
    scope = Scope(inputs={}, tasks={}, item=STRING, response=True, event=True, status=True)
    assert type_of("item", scope) == STRING
    assert type_of("response.x == 1", scope) == BOOLEAN
    assert type_of("event.id", scope) == DYNAMIC
    assert type_of("run.status == 'failed'", scope) == BOOLEAN


def test_a_service_alone_is_looked_for_among_the_services() -> None:
    assert "did you mean services.web?" in mistake("web.url", Scope(services={"web": Address(("http",), "http")}))[2]


@pytest.mark.parametrize("source", ["inputs.a", "tasks.a.status", "run.id"])
def test_services_know_no_workflow(source: str) -> None:
    code, _, words = mistake(source, Scope(services={"web": Address(("http",), "http")}))
    assert code == "FH2211"
    assert "services.<name>.url" in words


def test_a_condition_must_be_boolean() -> None:
    found = Diagnostics()
    check_condition(expression("inputs.order"), SCOPE, found)
    (finding,) = found
    assert finding.message == "`when` must be boolean, this is a string"


def test_a_whole_text_keeps_its_type_where_one_is_wanted() -> None:
    found = Diagnostics()
    assert check_text(parse("${{ inputs.count }}"), SCOPE, found, NUMBER) == INTEGER
    assert check_text(parse("${{ inputs.count }}"), SCOPE, found) == STRING
    assert check_text(parse("n = ${{ inputs.count }}"), SCOPE, found, STRING) == STRING
    assert not list(found)
    check_text(parse("n = ${{ inputs.count }}"), SCOPE, found, INTEGER)
    check_text(parse("${{ inputs.order }}"), SCOPE, found, INTEGER)
    assert [finding.code.id for finding in found] == ["FH2212", "FH2212"]


@pytest.mark.parametrize("wanted", [None, DYNAMIC, STRING])
@pytest.mark.parametrize("written", ["${{ services.web }}", "http://${{ services.web }}"])
def test_a_service_is_no_value_but_for_those_who_want_one(written: str, wanted: Type | None) -> None:
    found = Diagnostics()
    check_text(parse(written), SCOPE, found, wanted)
    (finding,) = found
    assert ".url" in finding.hint
    nothing = Diagnostics()
    assert check_text(parse("${{ services.web }}"), SCOPE, nothing, SERVICE) == SERVICE
    assert not list(nothing)
