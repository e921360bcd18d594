"""Where the keys of a TOML file stand, which its reader does not tell.

Input: the text, a path of keys (a table of an array by its number). Output: line and column of the key, or of the
nearest table or key around it.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final, TypeAlias

from generator.records import dataclass
from generator.regexes import regex

Keys: TypeAlias = tuple[str | int, ...]

_TABLE: Final = regex(r"\s*(?P<open>\[\[?)\s*(?P<keys>[^\]#]+?)\s*\]")
_KEY: Final = regex(r"""\s*(?P<keys>(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART: Final = regex(r"""[\w-]+|"[^"]*"|'[^']*'""")


@dataclass(frozen=True)
class TomlPlaces:
    """The places of a TOML text that could be read."""

    text: str

    def of(self, keys: Keys) -> tuple[int, int, int]:
        """Line and column, from 1, and the length of the key at a path."""
        for length in range(len(keys), 0, -1):
            place = self._places.get(keys[:length])
            if place is None:
                continue
            inline = self._inline(place[0], keys[length:]) if length < len(keys) else None
            return inline or place
        return (1, 1, 1)

    def _inline(self, line: int, keys: Keys) -> tuple[int, int, int] | None:
        """The place of the last of these keys in an inline table on a line."""
        text = self.text.splitlines()[line - 1]
        found = re.search(rf"[{{,]\s*[\"']?(?P<key>{re.escape(str(keys[-1]))})[\"']?\s*=", text)
        return (line, found.start("key") + 1, len(found["key"])) if found else None

    @cached_property
    def _places(self) -> dict[Keys, tuple[int, int, int]]:
        places: dict[Keys, tuple[int, int, int]] = {}
        counts: dict[Keys, int] = {}
        table: Keys = ()
        for number, line in enumerate(self.text.splitlines(), 1):
            if found := _TABLE.match(line):
                table = _parts(found["keys"])
                if found["open"] == "[[":
                    counts[table] = counts.get(table, -1) + 1
                    table = (*table, counts[table])
                places.setdefault(table, (number, found.start("keys") + 1, len(found["keys"])))
            elif found := _KEY.match(line):
                keys = (*table, *_parts(found["keys"]))
                places.setdefault(keys, (number, found.start("keys") + 1, len(found["keys"])))
        return places


def _parts(text: str) -> Keys:
    return tuple(part.strip("\"'") for part in _PART.findall(text))
