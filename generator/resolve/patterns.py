"""Stage resolve: regular expressions that RE2 and Python's `re` read alike (rulings X14).

Input: the pattern of a matches(). Output: what is wrong with it, in words. Sources: https://github.com/google/re2/wiki/Syntax,
https://docs.python.org/3/library/re.html. Engines evaluate a pattern with ASCII classes and `$` at the end of the text.
"""

from __future__ import annotations

import re
import warnings

MAX_REPEAT = 1000
"""RE2's limit for a{n}."""

# One piece of a pattern that both dialects know. What begins none of these is refused.
_ESCAPE = r"\\(?:[dDwWsSafnrtv]|x[0-9A-Fa-f]{2}|[!-/:-@\[-`{-~])"
_PIECE = re.compile(
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
    return ""


def _name_of(pattern: str, position: int) -> str:
    rest = pattern[position:]
    for start, name in _REFUSED:
        if rest.startswith(start):
            return name
    if re.match(r"\\[1-9]", rest):
        return "a back-reference"
    return f"`{rest[:2]}`"
