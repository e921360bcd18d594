"""The definitions that the schemas of one version of Kubernetes share, each read when it is first needed.

Input: the file `_definitions.json` of kubernetes-validate: 735 definitions in 1.5 MB. Output: name → definition. To
read all of it, and give it to a validator, took as long as to check 300 objects; a chart needs a fifth.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

_START: Final = b'{\n  "$defs": {'
_BETWEEN: Final = b'\n    "'
"""What stands before the name of each definition, and nowhere else in a text that is indented like this."""
_DECODER: Final = json.JSONDecoder()

Definition = dict[str, Any]


class Definitions(Mapping[str, Definition]):
    """Definitions by name, and what each refers to. A text is `name": {…}` and whatever follows."""

    def __init__(self, texts: Mapping[str, bytes], read: Mapping[str, Definition] | None = None) -> None:
        self._texts = texts
        self._read = dict(read or {})
        self._names = {**texts, **self._read}.keys()
        self._mentioned: dict[str, set[str]] = {}

    def __getitem__(self, name: str) -> Definition:
        if name not in self._read:
            self._read[name] = _DECODER.raw_decode(self._texts[name].decode(), len(name) + len('": '))[0]
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def changed(self, changes: Mapping[str, Definition]) -> Definitions:
        """These definitions, some of them others than in the file."""
        return Definitions(self._texts, {**self._read, **changes})

    def needed_by(self, document: Mapping[str, Any]) -> dict[str, Definition]:
        """Those that a schema refers to, itself or by way of others."""
        found: dict[str, Definition] = {}
        waiting = mentioned(document) & self._names
        while waiting:
            name = waiting.pop()
            found[name] = self[name]
            if name not in self._mentioned:
                self._mentioned[name] = mentioned(self[name]) & self._names
            waiting |= self._mentioned[name] - found.keys()
        return found


def definitions_in(data: bytes) -> Definitions:
    """The definitions of a file; those of a file with another layout than the bundle's are read at once."""
    start, *parts = data.split(_BETWEEN)
    if start != _START:
        return Definitions({}, json.loads(data)["$defs"])
    return Definitions({part[: part.index(b'"')].decode(): part for part in parts})


def mentioned(schema: Any) -> set[str]:
    """The last parts of all references in a schema: the names of definitions."""
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if isinstance(reference := node.get("$ref"), str):
                found.add(reference.rpartition("/")[2])
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return found
