"""Stage spec: text of a scalar → :class:`Text`, its expressions parsed.

Input: a decoded scalar and its span. Output: literal parts and trees with spans; mistakes go to the sink, one for each
expression.
"""

from __future__ import annotations

from generator.diagnostics import Diagnostics, Span
from generator.records import dataclass
from generator.spec.expression import MAX_LENGTH, Expression, Invalid, Text
from generator.spec.expression_codes import LIMIT
from generator.spec.expression_lexer import CLOSE, OPEN, ExpressionError, end_of, tokens
from generator.spec.expression_parser import parse_tokens


def parse_text(value: str, node_span: Span, diagnostics: Diagnostics) -> Text:
    """The scalar `value`, split into plain text and expressions.

    `node_span` is the whole scalar as it stands in the file, quotes included. `${{` starts an expression, which ends at
    the first `}}` outside a string; everything else is plain text as written. An expression with a mistake is reported
    (FH22) and becomes :class:`Invalid`.

    Spans are exact for a scalar on one line that is plain, or quoted without escapes. In other scalars (blocks, folded
    lines, escapes) offsets of the decoded text do not tell columns, and all spans are the scalar's.
    """
    place = Place.of(value, node_span)
    parts: list[str | Expression] = []
    position = 0
    while (start := value.find(OPEN, position)) >= 0:
        if start > position:
            parts.append(value[position:start])
        start += len(OPEN)
        try:
            end = end_of(value, start)
        except ExpressionError as error:
            _report(error, value[start - len(OPEN) :], place, diagnostics)
            parts.append(Invalid(place.span(start - len(OPEN), len(value))))
            position = len(value)
            break
        parts.append(_parse(value, start, end, place, diagnostics))
        position = end + len(CLOSE)
    if position < len(value):
        parts.append(value[position:])
    whole = len(parts) == 1 and not isinstance(parts[0], str)
    return Text(tuple(parts), whole, node_span)


@dataclass(frozen=True)
class Place:
    """Where a decoded scalar stands: `node`, and how many characters of it come before the text (None: unknown)."""

    node: Span
    lead: int | None

    @classmethod
    def of(cls, value: str, node: Span) -> Place:
        """Every escape and every fold makes the written scalar longer than its text and its two quotes."""
        if node.start.line != node.end.line:
            return cls(node, None)
        quotes = (node.end.column - node.start.column) - len(value)
        return cls(node, {0: 0, 2: 1}.get(quotes))

    def span(self, start: int, end: int) -> Span:
        """The span of `text[start:end]`."""
        if self.lead is None:
            return self.node
        return self.node.within(self.lead + start, max(end - start, 1))


def _report(error: ExpressionError, source: str, place: Place, diagnostics: Diagnostics) -> None:
    message = error.message
    if place.lead is None:
        message += f", in {source if len(source) <= 60 else source[:59] + '…'}"
    diagnostics.add(error.code, message, place.span(error.offset, error.offset + error.length), hint=error.hint)


def _parse(value: str, start: int, end: int, place: Place, diagnostics: Diagnostics) -> Expression:
    try:
        if end - start > MAX_LENGTH:
            raise ExpressionError(LIMIT, f"an expression may have at most {MAX_LENGTH} characters", start)
        return parse_tokens(tokens(value, start, end), place.span)
    except ExpressionError as error:
        _report(error, value[start - len(OPEN) : end + len(CLOSE)], place, diagnostics)
        return Invalid(place.span(start - len(OPEN), end + len(CLOSE)))
