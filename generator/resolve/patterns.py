"""Stage resolve: regular expressions that RE2 and Python's `re` read alike (rulings X14).

Input: the pattern of a matches(). Output: what is wrong with it, in words. Sources: https://github.com/google/re2/wiki/Syntax,
https://docs.python.org/3/library/re.html. Engines evaluate a pattern with ASCII classes and `$` at the end of the text.

Python tries all ways to read a text, and there may be more of them than any engine can try: ten `a` are read by `(a+)+`
in 512 ways, a hundred never. Such repeats are refused, and with them some harmless ones: a repeated group may hold one
repeat only, beside a separator (`(-[a-z]+)*`), and its alternatives must begin with different characters.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from dataclasses import field, replace
from functools import cache
from itertools import combinations

from generator.records import dataclass
from generator.regexes import regex

MAX_REPEAT = 1000
"""RE2's limit for a{n}."""

# One piece of a pattern that both dialects know. What begins none of these is refused.
_ESCAPE = r"\\(?:[dDwWsSafnrtv]|x[0-9A-Fa-f]{2}|[!-/:-@\[-`{-~])"
_PIECE = regex(
    rf"""(?P<repeat>[*+?]|\{{(?P<low>[0-9]+)(?:,(?P<high>[0-9]*))?\}})\??
      | (?P<class>\[\^?\]?(?:{_ESCAPE}|\[(?!:)|[^\\\[\]])*\])
      | (?P<group>\((?:\?(?:P<[A-Za-z_][A-Za-z0-9_]*>|[ims]*(?:-[ims]+)?:)|(?!\?)))
      | (?P<flags>\(\?[ims]+\))
      | (?P<one>{_ESCAPE}|\\[bBA]|[^\\\[*+?({{]|\{{(?![0-9]*,[0-9]*\}}))""",
    re.VERBOSE,
)
_REFUSED = (
    ("(?=", "look-ahead"),
    ("(?!", "look-ahead"),
    ("(?<=", "look-behind"),
    ("(?<!", "look-behind"),
    ("(?P=", "a back-reference"),
    ("(?>", "an atomic group"),
    ("(?#", "a comment"),
    ("(?(", "a condition"),
    ("\\Z", "\\Z (write $)"),
    ("\\z", "\\z (write $)"),
    ("[[:", "a POSIX class (write \\d, a-z …)"),
    ("[^[:", "a POSIX class (write \\d, a-z …)"),
)


def pattern_mistake(pattern: str) -> str:
    """Why the pattern cannot be used, or an empty text."""
    position, repeated = 0, False
    while position < len(pattern):
        piece = _PIECE.match(pattern, position)
        if piece is None or (piece["flags"] and position > 0):
            return f"it holds {_name_of(pattern, position)}, which engines read differently"
        if piece["repeat"] and repeated:
            return f"it repeats a repeat: `{pattern[position - 1 : piece.end()]}`"
        if max(int(count) for count in (piece["low"] or "0", piece["high"] or "0")) > MAX_REPEAT:
            return f"it repeats more than {MAX_REPEAT} times"
        repeated = piece["repeat"] is not None
        position = piece.end()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern, re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        return f"it is not a regular expression: {error}"
    return _endless_mistake(pattern)


_ALIKE = "alternatives that may begin alike"


@dataclass(frozen=True)
class _Part:
    """A piece or group: which characters it may match, how many repeats of varying number are in it."""

    characters: frozenset[str]
    varying: int = 0
    is_single: bool = True
    trouble: str = ""
    """Why it must not be repeated."""


@dataclass
class _Group:
    """A group that is still open: where it begins, and its alternatives up to here."""

    start: int
    alternatives: list[list[_Part]] = field(default_factory=lambda: [[]])

    def close(self) -> _Part:
        """The group as a part of the group around it."""
        parts = [part for alternative in self.alternatives for part in alternative]
        varying = sum(part.varying for part in parts)
        trouble = ""
        firsts = combinations(map(_first, self.alternatives), 2)
        if any(part.trouble == _ALIKE for part in parts) or any(not (a and b) or a & b for a, b in firsts):
            trouble = _ALIKE
        elif varying and (varying > 1 or len(self.alternatives) > 1 or not _is_separated(parts)):
            trouble = "a repeat without a separator of its own"
        return _Part(_all(parts), varying, is_single=False, trouble=trouble)


def _endless_mistake(pattern: str) -> str:
    """Why Python might try for ever to find a (sound) pattern in a text, or an empty text."""
    samples = "".join(map(chr, range(128))) + "".join(sorted(set(pattern) - set(map(chr, range(128))))) + "\u0416"
    groups, last_start = [_Group(0)], 0
    for piece in _PIECE.finditer(pattern):
        current = groups[-1].alternatives[-1]
        if piece["repeat"]:
            low, high = _bounds(piece)
            part = current.pop()
            if part.trouble and high > 1:
                return f"it repeats {part.trouble}, which may take for ever: `{pattern[last_start : piece.end()]}`"
            current.append(replace(part, varying=part.varying + (low != high or not low), is_single=False))
        elif piece["group"]:
            groups.append(_Group(piece.start()))
        elif piece[0] == ")":
            last_start = groups[-1].start
            part = groups.pop().close()
            groups[-1].alternatives[-1].append(part)
        elif piece[0] == "|":
            groups[-1].alternatives.append([])
        elif not piece["flags"]:
            last_start = piece.start()
            current.append(_Part(_characters(piece[0], samples)))
    return ""


def _bounds(piece: re.Match[str]) -> tuple[int, int]:
    """How often a repeat repeats, at least and at most."""
    sign = piece["repeat"][0]
    if sign != "{":
        return (1 if sign == "+" else 0), (1 if sign == "?" else MAX_REPEAT)
    low = int(piece["low"])
    return low, low if piece["high"] is None else int(piece["high"] or MAX_REPEAT)


@cache
def _characters(piece: str, samples: str) -> frozenset[str]:
    """Those of the samples that a piece matches, in either case."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        matches = re.compile(piece, re.ASCII | re.DOTALL).fullmatch
    return frozenset(one.lower() for one in samples if matches(one))


def _first(alternative: list[_Part]) -> frozenset[str]:
    """What an alternative may begin with, or more; nothing when it may be empty."""
    end = next((number for number, part in enumerate(alternative) if part.characters and not part.varying), None)
    return frozenset() if end is None else _all(alternative[: end + 1])


def _is_separated(parts: list[_Part]) -> bool:
    """Whether the first or last part is one character that occurs in no other: it tells each round from the next."""
    return any(
        end.is_single and end.characters and not end.characters & _all(rest)
        for end, rest in ((parts[0], parts[1:]), (parts[-1], parts[:-1]))
    )


def _all(parts: Iterable[_Part]) -> frozenset[str]:
    return frozenset().union(*(part.characters for part in parts))


def _name_of(pattern: str, position: int) -> str:
    rest = pattern[position:]
    for start, name in _REFUSED:
        if rest.startswith(start):
            return name
    if re.match(r"\\[1-9]", rest):
        return "a back-reference"
    return f"`{rest[:2]}`"
