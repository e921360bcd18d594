"""Regular expressions as Go reads them.

Input: a text. Output: the mistake for which Go's `regexp.Compile` refuses it, empty when there is none. Python's own
reader takes other things: look-around, back references and possessive repetitions, but no classes of Unicode.

Source: parse.go of Go 1.25's regexp/syntax, with the flags of Perl. Names of scripts are not looked up. Compared with
Go 1.26 on 60,000 random expressions.
"""

from __future__ import annotations

import re
from typing import Final

from generator.regexes import regex

MOST_REPEATS: Final = 1000

_REPEAT: Final = regex(r"\{(\d+)(?:(,)(\d*))?\}")
_FLAGS: Final = regex(r"\(\?(?:[imsU]*(?:-[imsU]+)?)([:)])")
_NAMED: Final = regex(r"\(\?P?<([^>]*)>")
_ESCAPE: Final = regex(
    r"\\(?:[1-7][0-7]{1,2}|0[0-7]{0,2}|x\{([0-9A-Fa-f]+)\}|x([0-9A-Fa-f]{2})|([afnrtv])|([\x00-/:-@\[-`{-\x7f]))"
)
_UNICODE: Final = regex(r"\\[pP](?:\{\^?([^}]*)\}|([^{]))", re.DOTALL)
_POSIX: Final = regex(r"\[:(.*?):\]", re.DOTALL)
_POSIX_NAMES: Final = frozenset((
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper",
    "word", "xdigit",
))  # fmt: skip
_CATEGORIES: Final = frozenset((
    "C", "Cc", "Cf", "Cn", "Co", "Cs", "L", "LC", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N",
    "Nd", "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl",
    "Zp", "Zs",
))  # fmt: skip
_ONLY_IN_GO: Final = regex(r"\[\[?:|\\[pPzQ]|\(\?[^:]")
_LETTERS: Final = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def go_pattern_matches(pattern: str, text: str) -> bool | None:
    """Whether the expression is found in a text; None where Python does not read it as Go does."""
    if _ONLY_IN_GO.search(pattern):
        return None
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return None


class _Refused(Exception):
    """Go refuses the expression; carries why."""


def go_pattern_mistake(text: str) -> str:
    """Why Go does not compile the expression; empty when it does."""
    try:
        _Reader(text).alternatives(is_top=True)
    except _Refused as refused:
        return str(refused)
    except RecursionError:
        return "it is nested too deeply"
    return ""


class _Reader:
    """One reading of an expression. `repeats` are products of nested counts, of which Go bounds the largest."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def alternatives(self, *, is_top: bool) -> int:
        """Reads to the end of the text, or behind the `)` of the group; the largest product of counts in it."""
        repeats, last, has_operand, was_repeat = 1, 1, False, False
        while self._at < len(self._text):
            sign = self._text[self._at]
            counted = _REPEAT.match(self._text, self._at) if sign == "{" else None
            if sign == ")":
                if is_top:
                    raise _Refused("unexpected )")
                self._at += 1
                return repeats
            if sign in "*+?" or counted:
                if not has_operand:
                    raise _Refused(f"nothing to repeat before {counted[0] if counted else sign}")
                if was_repeat:
                    raise _Refused(f"two repetitions in a row at {self._text[self._at - 1 : self._at + 1]}")
                last *= self._repetition(counted)
                if last > MOST_REPEATS:
                    raise _Refused(f"nested repetitions of more than {MOST_REPEATS}")
                repeats, was_repeat = max(repeats, last), True
            elif sign == "|":
                self._at += 1
                has_operand = was_repeat = False
            elif (found := self._atom(sign)) is None:  # flags alone
                was_repeat = False
            else:
                last, has_operand, was_repeat = found, True, False
                repeats = max(repeats, last)
        if not is_top:
            raise _Refused("a ) is missing")
        return repeats

    def _repetition(self, counted: re.Match[str] | None) -> int:
        """Reads `*`, `+`, `?` or `{2,3}`, each with a `?` behind it or none; how often at most."""
        self._at = counted.end() if counted else self._at + 1
        if self._text.startswith("?", self._at):
            self._at += 1
        if not counted:
            return 1
        least = int(counted[1])
        most = int(counted[3]) if counted[3] else None if counted[2] else least
        if max(least, most or 0) > MOST_REPEATS:
            raise _Refused(f"a repetition of more than {MOST_REPEATS}: {counted[0]}")
        if most is not None and least > most:
            raise _Refused(f"bad repeat count {counted[0]}")
        return max(1, least if most is None else most)

    def _atom(self, sign: str) -> int | None:
        """Reads what can be repeated; the largest product of counts in it, None for flags that hold from here on."""
        if sign == "(":
            return self._group()
        if sign == "[":
            self._class()
        elif sign == "\\":
            self._escape()
        else:
            self._at += 1
        return 1

    def _group(self) -> int | None:
        if not self._text.startswith("(?", self._at):
            self._at += 1
        elif named := _NAMED.match(self._text, self._at):
            if not re.fullmatch(r"[A-Za-z0-9_]+", named[1]):
                raise _Refused(f"bad name of a group in {named[0]}")
            self._at = named.end()
        elif flags := _FLAGS.match(self._text, self._at):
            self._at = flags.end()
            if flags[1] == ")":
                return None
        else:
            raise _Refused(f"Go has no {self._text[self._at : self._at + 3]}…)")
        return self.alternatives(is_top=False)

    def _escape(self) -> None:
        """Reads an escape outside brackets."""
        following = self._text[self._at + 1 : self._at + 2]
        if following in tuple("AbBzdDsSwW"):
            self._at += 2
        elif following == "Q":
            end = self._text.find(r"\E", self._at)
            self._at = len(self._text) if end < 0 else end + 2
        elif following in ("p", "P"):
            self._unicode()
        else:
            self._char()

    def _unicode(self) -> None:
        """Reads a class of Unicode, as of letters or of Greek."""
        found = _UNICODE.match(self._text, self._at)
        name = (found[1] if found[1] is not None else found[2]) if found else ""
        if not found or (not re.fullmatch(r"[A-Za-z_]{3,}", name) and name not in _CATEGORIES):
            raise _Refused(f"there is no class {self._text[self._at : found.end() if found else None]}")
        self._at = found.end()

    def _class(self) -> None:
        """Reads what is in brackets."""
        start = self._at
        self._at += 2 if self._text.startswith("[^", self._at) else 1
        is_first = True
        while is_first or not self._text.startswith("]", self._at):
            is_first = False
            posix = _POSIX.match(self._text, self._at)
            if posix:
                if posix[1].removeprefix("^") not in _POSIX_NAMES:
                    raise _Refused(f"there is no class {posix[0]}")
                self._at = posix.end()
            elif self._text[self._at : self._at + 2] in (r"\p", r"\P"):
                self._unicode()
            elif re.match(r"\\[dDsSwW]", self._text[self._at : self._at + 2]):
                self._at += 2
            else:
                self._range(start)

    def _range(self, start: int) -> None:
        begin = self._at
        low = high = self._char_of(start)
        if re.match(r"-[^\]]", self._text[self._at : self._at + 2], re.DOTALL):
            self._at += 1
            high = self._char_of(start)
        if high < low:
            raise _Refused(f"bad range of characters {self._text[begin : self._at]}")

    def _char_of(self, start: int) -> str:
        """Reads one character of a class that began at `start`."""
        if self._at >= len(self._text):
            raise _Refused(f"a ] is missing after {self._text[start : start + 10]}")
        if self._text[self._at] == "\\":
            return self._char()
        self._at += 1
        return self._text[self._at - 1]

    def _char(self) -> str:
        """Reads an escape that stands for one character."""
        found = _ESCAPE.match(self._text, self._at)
        if not found:
            rest = self._text[self._at : self._at + 2]
            raise _Refused(f"Go has no {rest}" if len(rest) == 2 else "it ends with a \\")
        self._at = found.end()
        wide, narrow, letter, sign = found.groups()
        if sign or letter:
            return _LETTERS.get(letter, letter) if letter else sign
        number = int(wide or narrow, 16) if wide or narrow else int(found[0][1:], 8)
        if number > 0x10FFFF:
            raise _Refused(f"there is no character {found[0]}")
        return chr(number)
