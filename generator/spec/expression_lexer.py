"""Stage spec: characters of an expression → tokens, and where an expression in a text ends.

Input: the decoded text of a scalar. Output: :class:`Token` values with offsets into that text.
"""

from __future__ import annotations

import re
from enum import Enum

from generator.diagnostics import Code
from generator.records import dataclass
from generator.regexes import regex
from generator.spec.expression_codes import LITERAL, SYNTAX, UNCLOSED

OPEN, CLOSE = "${{", "}}"

EXACT = 2**53
"""The largest integer that JSON readers, which may hold numbers as doubles, keep exactly."""


class Kind(Enum):
    """What a token is."""

    NAME = "name"
    STRING = "string"
    NUMBER = "number"
    OPERATOR = "operator"
    END = "end"


@dataclass(frozen=True)
class Token:
    """One token: `text` as written, `value` of a string or number."""

    kind: Kind
    text: str
    offset: int
    value: str | int | float = ""

    @property
    def end(self) -> int:
        """The offset behind the token."""
        return self.offset + len(self.text)


class ExpressionError(Exception):
    """A user's mistake, on its way to the one place that reports it."""

    def __init__(self, code: Code, message: str, offset: int, length: int = 1, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.offset, self.length, self.hint = code, message, offset, length, hint


# A name may hold `-` between its letters, never at an end: the language has no minus.
_TOKEN = regex(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:-+[A-Za-z0-9_]+)*)
      | (?P<number>[0-9][0-9A-Za-z_]*(?:\.[0-9][0-9A-Za-z_]*)?(?:(?<=[eE])[+-][0-9]+)?)
      | (?P<operator>==|!=|<=|>=|&&|\|\||[<>!?:+.,()\[\]-])""",
    re.VERBOSE,
)
_STRING_OR_CLOSE = regex(r"['\"]|\}\}")
_NUMBER = regex(r"(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_ESCAPES = {"\\": "\\", '"': '"', "'": "'", "n": "\n", "t": "\t"}
_INSTEAD = {
    "=": "compare with ==",
    "&": "write && for and",
    "|": "write || for or",
    "*": "there is no arithmetic but +",
    "/": "there is no arithmetic but +",
    "%": "there is no arithmetic but +",
    "$": "names are written bare, as in inputs.order",
    "{": "there are no map literals",
    "}": "there are no map literals",
    "`": "strings stand in ' or \"",
}


def end_of(text: str, start: int) -> int:
    """The offset of the `}}` that closes the expression whose content begins at `start`.

    Raises :class:`ExpressionError` when the text ends first.
    """
    position = start
    while stop := _STRING_OR_CLOSE.search(text, position):
        if stop.group() == CLOSE:
            return stop.start()
        position = _string_end(text, stop.start(), len(text))
    raise ExpressionError(
        UNCLOSED,
        "`${{` starts an expression that is never closed",
        start - len(OPEN),
        len(OPEN),
        'close it with }}, or write ${{ "${{" }} for the characters themselves',
    )


def tokens(text: str, start: int, end: int) -> list[Token]:
    """The tokens of `text[start:end]`, an END token last. Raises :class:`ExpressionError`."""
    found: list[Token] = []
    position = start
    while position < end:
        if text[position] in "'\"":
            close = _string_end(text, position, end)
            found.append(Token(Kind.STRING, text[position:close], position, _unescape(text, position + 1, close - 1)))
            position = close
            continue
        match = _TOKEN.match(text, position, end)
        if match is None:
            character = text[position]
            raise ExpressionError(
                SYNTAX, f"`{character}` means nothing in an expression", position, hint=_INSTEAD.get(character, "")
            )
        if match.lastgroup == "number":
            found.append(Token(Kind.NUMBER, match.group(), position, _number(match.group(), position)))
        elif match.lastgroup != "space":
            found.append(Token(Kind(match.lastgroup), match.group(), position))
        position = match.end()
    found.append(Token(Kind.END, "", end))
    return found


def _string_end(text: str, start: int, end: int) -> int:
    """The offset behind the quote that closes the string at `start`."""
    position = start + 1
    while position < end:
        if text[position] == text[start]:
            return position + 1
        position += 2 if text[position] == "\\" else 1
    raise ExpressionError(UNCLOSED, "the string is never closed", start, hint=f"close it with {text[start]}")


def _number(written: str, offset: int) -> int | float:
    parts = _NUMBER.fullmatch(written)
    if parts is None:
        raise ExpressionError(LITERAL, f"`{written}` is not a number", offset, len(written), "write 12, 0.5 or 1e3")
    if parts[2] or parts[3]:
        number = float(written)
        if number == float("inf"):
            raise ExpressionError(LITERAL, f"{written} is too large", offset, len(written))
        return number
    # The length is looked at first: Python refuses to read integers of thousands of digits.
    if len(written) > len(str(EXACT)) or int(written) > EXACT:
        raise ExpressionError(
            LITERAL, f"{written} is larger than 2^53 and would not stay exact", offset, len(written), "use a string"
        )
    return int(written)


def _unescape(text: str, start: int, end: int) -> str:
    """The characters that `text[start:end]`, the inside of a string, stands for."""
    characters: list[str] = []
    position = start
    while position < end:
        if text[position] != "\\":
            characters.append(text[position])
            position += 1
            continue
        escape = text[position + 1]
        if escape == "u":
            digits = text[position + 2 : min(position + 6, end)]
            if not re.fullmatch("[0-9A-Fa-f]{4}", digits):
                raise ExpressionError(LITERAL, "`\\u` needs four hexadecimal digits", position, 2 + len(digits))
            characters.append(chr(int(digits, 16)))
            position += 6
        elif escape in _ESCAPES:
            characters.append(_ESCAPES[escape])
            position += 2
        else:
            raise ExpressionError(
                LITERAL, f"`\\{escape}` is not an escape", position, 2, "write \\\\ for a backslash itself"
            )
    return _joined_surrogates("".join(characters), start)


def _joined_surrogates(characters: str, offset: int) -> str:
    """Two escapes that make one character above U+FFFF, as in JSON, put together; half of a pair is no text."""
    try:
        return characters.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        raise ExpressionError(LITERAL, "`\\u` gives half of a surrogate pair", offset) from None
