"""Which parts of a line of YAML may be secret, so that no report shows them.

Input: the lines of a file, and the number of one. Output: stretches of that line. What hides more than it must does no
harm: the line is there to show the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from generator.kube.credentials import credential_form, names_credential
from generator.regexes import regex

_PAIR = regex(
    r"""(?P<quote>["']?)(?P<name>[A-Za-z][\w.-]*)(?P=quote)\s*[:=]\s*"""
    r"""(?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|[^\s,}\]"'{\[#][^,}\]#]*)"""
)
_NAME = regex(r"""["']?name["']?\s*:\s*["']?(?P<name>[\w.-]+)""")
_VALUE = regex(r"""["']?value["']?\s*:\s*(?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|[^\s,}\]{\[#][^,}\]#]*)""")
_SECRET = regex(r"""["']?kind["']?\s*:\s*["']?Secret\b""")
_KEY = regex(r"""[\s{,-]*["']?(?P<name>[\w.-]+)["']?\s*:\s*""")
_REFERENCES = regex(r"(?:(?:existing|image|pull|tls).*)?secret", re.IGNORECASE)
"""Names of what names a Secret."""
_DATA = ("data", "stringData")
_FAR = 2_000
"""Lines that are looked at above one."""


def secret_parts(lines: Sequence[str], number: int) -> Iterator[tuple[int, int]]:
    """The stretches (from, to) of line `number`, counted from 0, that may be secret."""
    line = lines[number]
    if "{{" in line:  # what a template takes from elsewhere is no secret yet
        return
    if credential_form(line) or _in_secret(lines, number):
        key = _KEY.match(line)
        start = key.end() if key else 0
        if line[start:].strip():
            yield (start, len(line))
        return
    for pair in _PAIR.finditer(line):
        if names_credential(pair["name"].replace(".", "_")) and not _REFERENCES.fullmatch(pair["name"]):
            yield pair.span("value")
    beside = [found["name"] for text in lines[max(number - 1, 0) : number + 2] for found in _NAME.finditer(text)]
    for value in _VALUE.finditer(line):
        here = [found["name"] for found in _NAME.finditer(line, 0, value.start())][-1:]
        if any(map(names_credential, here or beside)):
            yield value.span("value")


def _in_secret(lines: Sequence[str], number: int) -> bool:
    """Whether a line belongs to the data of a Secret."""
    if _SECRET.search(lines[number]):
        return any(key in lines[number] for key in _DATA)
    if not _under_data(lines, number):
        return False
    first = next((at for at in range(number, max(number - _FAR, -1), -1) if lines[at].startswith("---")), 0)
    after = range(number + 1, min(number + _FAR, len(lines)))
    last = next((at for at in after if lines[at].startswith("---")), min(number + _FAR, len(lines)))
    return any(_SECRET.search(line) for line in lines[first:last])


def _under_data(lines: Sequence[str], number: int) -> bool:
    indent = _indent(lines[number])
    key = _KEY.match(lines[number])
    if key and key["name"] in _DATA:
        return True
    for at in range(number - 1, max(number - _FAR, -1), -1):
        if lines[at].strip() and _indent(lines[at]) < indent:
            indent = _indent(lines[at])
            key = _KEY.match(lines[at])
            if key and key["name"] in _DATA:
                return True
        if indent == 0:
            return False
    return False


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
