"""Codes of mistakes in the syntax of `${{ … }}`."""

from __future__ import annotations

from generator.diagnostics import Code

_CEL = "Common Expression Language, https://github.com/google/cel-spec/blob/master/doc/langdef.md"

SYNTAX = Code(
    "FH2201",
    "expression is not well-formed",
    "An expression that cannot be read cannot run. The operators are == != < <= > >= && || ! in + and ? :, the methods "
    "size, startsWith, endsWith, contains and matches. There is no minus: names may hold one.",
    "when: ${{ inputs.count = 1 }}",
    "when: ${{ inputs.count == 1 }}",
    _CEL,
)
UNCLOSED = Code(
    "FH2202",
    "expression or string is not closed",
    "`${{` starts an expression; it ends at the first `}}` that stands outside a string. Without one, nothing tells "
    "where the plain text goes on. A literal `${{` is written as a string in an expression.",
    "when: ${{ inputs.order == 'a }}",
    "when: ${{ inputs.order == 'a' }}",
    source="rulings X08",
)
FUNCTION = Code(
    "FH2203",
    "unknown function",
    "Only the methods size, startsWith, endsWith, contains and matches exist, so that every expression ends in bounded "
    "time and means the same on each engine. They are called on a value.",
    "when: ${{ size(inputs.items) > 0 }}",
    "when: ${{ inputs.items.size() > 0 }}",
    _CEL,
)
LITERAL = Code(
    "FH2204",
    "literal that cannot be read",
    'A number must be exact on every engine (integers up to 2^53), and a string may hold only the escapes \\\\ \\" '
    "\\' \\n \\t and \\uXXXX.",
    r"when: ${{ inputs.name.matches('\d+') }}",
    r"when: ${{ inputs.name.matches('\\d+') }}",
    _CEL,
)
LIMIT = Code(
    "FH2205",
    "expression too long or too deep",
    "Expressions are for small decisions. The limits (4,096 characters, 32 levels of brackets, 100 levels in all) keep "
    "hostile input from using up time or memory.",
    source="rulings X08",
)

CODES = (SYNTAX, UNCLOSED, FUNCTION, LITERAL, LIMIT)
