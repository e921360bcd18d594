"""Which part of a mutant makes the verdicts differ: every change that may be taken back is.

Input: a difference, and the valid object that its mutant was made of. Output: the difference with a mutant that has
only the changes that it needs, each told as a place with what stood there and what stands there now.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from generator.manifest import path_text
from tests.cluster.oracle.mutations import Mutant
from tests.cluster.oracle.server import Server
from tests.cluster.oracle.verdicts import Difference, difference

Json: TypeAlias = Any
Place: TypeAlias = tuple[str | int, ...]

GONE: Final = object()
"""In place of a value: there is none."""

SHOWN: Final = 70


@dataclass(frozen=True)
class Edit:
    """What stood at a place, and what stands there now."""

    place: Place
    was: Json
    now: Json

    def __str__(self) -> str:
        return f"{path_text(self.place)}: {_text(self.was)} → {_text(self.now)}"


def shrunk(found: Difference, base: Mapping[str, Json], server: Server, version: str) -> Difference:
    """The same difference with as few changes as it needs."""
    edits = list(edits_between(base, found.mutant.data))
    smallest = found
    for edit in tuple(edits):
        fewer = [each for each in edits if each is not edit]
        mutant = Mutant(found.mutant.base, edited(base, fewer), tuple(str(each) for each in fewer))
        again = difference(mutant, server.ask([mutant.data])[0], version)
        if again and again.how == found.how:
            edits, smallest = fewer, again
    told = Mutant(found.mutant.base, smallest.mutant.data, tuple(str(each) for each in edits))
    return Difference(smallest.how, told, smallest.said)


def edits_between(was: Json, now: Json, place: Place = ()) -> Iterator[Edit]:
    """What was changed, at places as deep as may be; none of them is within another."""
    if isinstance(was, dict) and isinstance(now, dict):
        for key in dict.fromkeys((*was, *now)):
            yield from edits_between(was.get(key, GONE), now.get(key, GONE), (*place, key))
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for index, (before, after) in enumerate(zip(was, now, strict=True)):
            yield from edits_between(before, after, (*place, index))
    elif was is GONE or now is GONE or json.dumps(was) != json.dumps(now):  # 1, 1.0 and true are not the same
        yield Edit(place, was, now)


def edited(base: Mapping[str, Json], edits: Sequence[Edit]) -> dict[str, Json]:
    """A copy of the object with the changes made."""
    data = copy.deepcopy(dict(base))
    for edit in edits:
        here: Json = data
        for step in edit.place[:-1]:
            here = here[step]
        if edit.now is GONE:
            del here[edit.place[-1]]
        else:
            here[edit.place[-1]] = copy.deepcopy(edit.now)
    return data


def _text(value: Json) -> str:
    return "nothing" if value is GONE else json.dumps(value, ensure_ascii=False)[:SHOWN]
