"""The syntax of `${{ … }}`: trees, positions, messages, and hostile input."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.diagnostics import Diagnostics, Position, Span
from generator.spec.expression import (
    Binary,
    Conditional,
    Expression,
    Field,
    Index,
    Invalid,
    ListLiteral,
    Literal,
    Method,
    Name,
    Text,
    Unary,
    children,
)
from generator.spec.expression_text import parse_text

NOWHERE = Span.at("spec.yaml", 1)


def parse(value: str) -> tuple[Text, Diagnostics]:
    found = Diagnostics()
    return parse_text(value, Span.at("spec.yaml", 3, 10, len(value)), found), found


def tree(source: str) -> Expression:
    text, found = parse("${{" + source + "}}")
    assert not list(found)
    assert text.expression is not None
    return text.expression


def mistake(source: str) -> tuple[str, int, str, str]:
    """Code, column within the expression (from 0), message and hint of the one finding."""
    text, found = parse("${{" + source + "}}")
    (finding,) = found
    assert finding.span is not None
    assert any(isinstance(part, Invalid) for part in text.parts)
    return finding.code.id, finding.span.start.column - 10 - len("${{"), finding.message, finding.hint


def name(path: str) -> Name:
    parts = tuple(path.split("."))
    return Name(parts, (NOWHERE,) * len(parts), NOWHERE)


def literal(value: str | int | float | bool | None) -> Literal:
    return Literal(value, NOWHERE)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (" true ", literal(True)),
        (" null ", literal(None)),
        (" -5 ", literal(-5)),
        ("1.5e2", literal(150.0)),
        (r"""'it\'s "\\" \n\t é'""", literal('it\'s "\\" \n\t é')),
        (r"'\ud83d\ude80'", literal("🚀")),
        ("inputs.order", name("inputs.order")),
        ("run.id", name("run.id")),
        ("item", name("item")),
        ("item.sku", Field(name("item"), "sku", NOWHERE)),
        ("response.items[0]", Index(Field(name("response"), "items", NOWHERE), literal(0), NOWHERE)),
        ("tasks.if-failed.status", name("tasks.if-failed.status")),
        ('tasks["if-failed"]["status"]', name("tasks.if-failed.status")),
        ("tasks.t.outputs.y.z", Field(name("tasks.t.outputs.y"), "z", NOWHERE)),
        ("tasks.true.outputs.in", name("tasks.true.outputs.in")),
        ("services.order-service.url", name("services.order-service.url")),
        ("services.s.ports.http", name("services.s.ports.http")),
        ("services.payment", name("services.payment")),
        ("tasks[inputs.x]", Index(name("tasks"), name("inputs.x"), NOWHERE)),
        ("!!item", Unary("!", Unary("!", name("item"), NOWHERE), NOWHERE)),
        ("item.size()", Method(name("item"), "size", (), NOWHERE)),
        ("inputs.x.contains('a')", Method(name("inputs.x"), "contains", (literal("a"),), NOWHERE)),
        ("[1, 'a']", ListLiteral((literal(1), literal("a")), NOWHERE)),
        ("[]", ListLiteral((), NOWHERE)),
        ("item ? 1 : 2", Conditional(name("item"), literal(1), literal(2), NOWHERE)),
    ],
)
def test_each_form_has_its_tree(source: str, expected: Expression) -> None:
    parsed = tree(source)
    assert parsed == expected
    assert repr(parsed) == repr(expected)  # 1, 1.0 and True are equal, but not the same literal


@pytest.mark.parametrize(
    ("source", "bracketed"),
    [
        ("1 || 2 && 3", "1 || (2 && 3)"),
        ("1 && 2 == 3", "1 && (2 == 3)"),
        ("1 == 2 + 3", "1 == (2 + 3)"),
        ("1 + 2 + 3", "(1 + 2) + 3"),
        ("1 || 2 || 3", "(1 || 2) || 3"),
        ("!1 == 2", "(!1) == 2"),
        ("!item.x", "!(item.x)"),
        ("1 in [2] && 3", "(1 in [2]) && 3"),
        ("1 || 2 ? 3 : 4 ? 5 : 6", "(1 || 2) ? 3 : (4 ? 5 : 6)"),
    ],
)
def test_operators_bind_as_in_cel(source: str, bracketed: str) -> None:
    assert tree(source) == tree(bracketed)


def test_integers_and_numbers_keep_their_kind() -> None:
    one, point = tree("1"), tree("1.0")
    assert isinstance(one, Literal)
    assert isinstance(point, Literal)
    assert (type(one.value), type(point.value)) == (int, float)


@pytest.mark.parametrize(
    ("source", "code", "column", "words", "hint"),
    [
        ("inputs.a = 1", "FH2201", 9, "`=` means nothing", "=="),
        ("inputs.a and true", "FH2201", 9, "`and` is not expected", "&&"),
        ("inputs.a - 1", "FH2201", 9, "`-` is not expected", "no subtraction"),
        ("-inputs.a", "FH2201", 0, "must stand before a number", "no subtraction"),
        ("inputs.a ==", "FH2201", 9, "missing after `==`", ""),
        ("inputs.", "FH2201", 6, "a name must follow the dot", ""),
        ("(inputs.a", "FH2201", 8, "`)` is missing", ""),
        ("[1 2]", "FH2201", 3, "`,` or `]` is missing", ""),
        ("true ? 1", "FH2201", 7, "`:` is missing", ""),
        ("  ", "FH2201", 2, "is empty", ""),
        ("inputs.a.contains()", "FH2201", 9, "takes one argument", ""),
        ("inputs.a.size(1)", "FH2201", 9, "takes no argument", ""),
        ("inputs.a.startswith('x')", "FH2203", 9, "no function startswith()", ".startsWith()"),
        ("inputs.a.lenght()", "FH2203", 9, "no function lenght()", ".size()"),
        ("size(inputs.a)", "FH2203", 0, "no function size()", "value.size()"),
        ("toJSON(inputs.a)", "FH2203", 0, "no function toJSON()", "the methods are"),
        (r"'\d'", "FH2204", 1, "not an escape", r"\\"),
        (r"'\u12'", "FH2204", 1, "four hexadecimal", ""),
        (r"'\ud800'", "FH2204", 1, "half of a surrogate", ""),
        ("9007199254740993", "FH2204", 0, "2^53", "string"),
        ("007", "FH2204", 0, "not a number", ""),
        ("1e999", "FH2204", 0, "too large", ""),
        ("'open", "FH2202", 0, "never closed", "'"),
    ],
)
def test_a_mistake_is_shown_at_its_place(source: str, code: str, column: int, words: str, hint: str) -> None:
    found = mistake(source)
    assert found[:2] == (code, column)
    assert words in found[2]
    assert hint in found[3]


def test_text_is_split_at_expressions_only() -> None:
    text, found = parse("a {{ .Values }} $(b) ${{ inputs.x }}-${{ '}}' }} }} $")
    assert not list(found)
    assert text.parts == ("a {{ .Values }} $(b) ", name("inputs.x"), "-", literal("}}"), " }} $")
    assert not text.whole
    assert text.constant is None


def test_a_whole_scalar_keeps_its_expression() -> None:
    assert parse("${{ inputs.x }}")[0].expression == name("inputs.x")
    assert parse(" ${{ inputs.x }}")[0].expression is None
    assert parse("plain")[0].constant == "plain"
    assert parse("")[0].constant == ""


def test_the_marker_itself_can_be_written() -> None:
    assert parse('${{ "${{" }}')[0].parts == (literal("${{"),)


def test_an_expression_that_is_never_closed_is_reported_once() -> None:
    text, found = parse("a ${{ inputs.x and ${{ inputs.y")
    (finding,) = found
    assert (finding.code.id, finding.span) == ("FH2202", Span.at("spec.yaml", 3, 12, 3))
    assert isinstance(text.parts[1], Invalid)


def test_each_expression_of_a_text_reports_its_own_mistake() -> None:
    _, found = parse("${{ a b }} ${{ c d }}")
    assert [finding.span.start.column for finding in found if finding.span] == [16, 27]


def test_spans_in_plain_and_quoted_scalars_are_exact() -> None:
    for quotes in (0, 1):
        value = "x ${{ inputs.order }}"
        text = parse_text(value, Span.at("spec.yaml", 2, 5, len(value) + 2 * quotes), Diagnostics())
        order = text.expressions[0]
        assert isinstance(order, Name)
        assert order.span == Span.at("spec.yaml", 2, 5 + quotes + 6, 12)
        assert order.spans[1] == Span.at("spec.yaml", 2, 5 + quotes + 13, 5)


@pytest.mark.parametrize(
    "node",
    [
        Span.at("spec.yaml", 2, 5, len("${{ a b }}") + 3),  # quoted, with an escape somewhere
        Span("spec.yaml", Position(2, 5), Position(4, 1)),  # a block
    ],
)
def test_other_scalars_are_shown_whole_with_the_expression_in_words(node: Span) -> None:
    found = Diagnostics()
    parse_text("${{ a b }}", node, found)
    (finding,) = found
    assert finding.span == node
    assert finding.message.endswith("in ${{ a b }}")


@pytest.mark.parametrize(
    "source",
    [
        "(" * 4000,
        "[" * 4000,
        "!" * 4000 + "true",
        "x[" * 2000,
        "1+" * 2000 + "1",
        "true ? 1 : " * 300 + "1",
        "a.size(" * 500,
        "x" * 5000,
        "9" * 4000,
    ],
)
def test_hostile_expressions_end_with_one_finding(source: str) -> None:
    assert mistake(source)[0] in {"FH2204", "FH2205", "FH2201"}


def test_a_long_chain_within_the_limit_is_accepted() -> None:
    assert isinstance(tree(" || ".join(["inputs.a"] * 99)), Binary)


@given(st.text(alphabet="${} \n'\"\\ab1.-+!=<>&|?:,()[]u0", max_size=60))
def test_any_text_is_read_without_a_crash_and_within_its_span(value: str) -> None:
    text, found = parse(value)
    literal_parts = [part for part in text.parts if isinstance(part, str)]
    assert all(part and part in value for part in literal_parts)
    stack = list(text.expressions)
    while stack:
        node = stack.pop()
        assert text.span.start <= node.span.start
        assert node.span.end <= text.span.end
        stack.extend(children(node))
    assert len(found) == 0 or any(isinstance(part, Invalid) for part in text.parts)


def test_equality_ignores_places() -> None:
    assert tree("inputs.a == 1") == tree("  inputs.a  ==  1")
    assert tree("inputs.a == 1") != Binary("==", name("inputs.b"), literal(1), NOWHERE)
