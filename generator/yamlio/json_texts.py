r"""JSON as YAML takes it: what JSON writes as two halves, "\ud83d\ude00", stands in YAML as one, "\U0001f600".

YAML 1.2.2 has no surrogates ("5.7. Escaped Characters"), so its readers refuse them; JSON has no other way to write
such characters in ASCII (RFC 8259, "7. Strings"), and kubectl takes a file that is JSON.
"""

from __future__ import annotations

import json
import re

from generator.regexes import regex

_PAIR = regex(r"(?<!\\)((?:\\\\)*)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)


def whole_characters(text: str) -> str:
    """The text with such characters whole, if it is JSON; any other as it is."""
    if not text.lstrip().startswith(("{", "[")) or not _PAIR.search(text):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return _PAIR.sub(_joined, text)


def _joined(found: re.Match[str]) -> str:
    character = bytes.fromhex(found[2] + found[3]).decode("utf-16-be")
    return rf"{found[1]}\U{ord(character):08x}"
