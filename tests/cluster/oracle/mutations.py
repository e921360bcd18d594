"""Spoils valid objects, and changes them in ways that leave them valid: seeded, so that a run can be repeated.

Input: a :class:`Corpus` of valid objects. Output: :class:`Mutant` objects, each with what was done to it. What is put
at a place is mostly of the type that belongs there, and often what stands under the same key elsewhere in the corpus,
so that many mutants are valid or nearly so.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from generator.manifest import path_text
from generator.validate.schemas import Schema, schemas_for

Json: TypeAlias = Any
Place: TypeAlias = tuple[str | int, ...]

FIXED = frozenset({("apiVersion",), ("kind",), ("metadata", "namespace")})
"""They choose the URL that the object is sent to."""

# fmt: off
TEXTS: tuple[str, ...] = (
    "", " ", "x", "web", "Web", "web-", "-web", "web.example.com", "web_1", "a b", "a/b", "/a", "a/../b", "..", ".",
    "/", "example.com/web", "Example.com/web", "https://example.com/x", "a:b", "1", "0", "08", "-1", "1.5", "100%",
    "101%", "-5%", "5%%", "8080", "http", "HTTP", "TCP", "tcp", "UDP", "Always", "Never", "OnFailure", "always",
    "None", "Local", "Cluster", "*", "*.example.com", "a*b", "x" * 15, "x" * 16, "x" * 63, "x" * 64, "x" * 253,
    "x" * 254, "ä", "日本", "10m", "1Gi", "1.5Gi", "1e3", "-1Gi", "1gi", "512MB", "0.5", "1m5", "30s", "5m", "1h30m",
    "1d", "5", "10.0.0.1", "10.0.0.0/8", "10.0.0.1/8", "10.0.0.0/33", "256.0.0.1", "010.0.0.1", "::1", "fd00::/8",
    "fd00::/129", "::ffff:1.2.3.4", "0 3 * * *", "*/5 * * * *", "0 3 * * 7", "60 * * * *", "@daily", "@hourly",
    "@reboot", "0 3 * *", "TZ=UTC 0 3 * * *", "@every 1h", "Europe/Berlin", "Europe/Nowhere", "UTC", "Local",
    "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123456Z", "2026-01-02", "2026-13-02T03:04:05Z", "aGk=", "aGk", "!",
    "metadata.name", "status.podIP", "limits.cpu", "In", "Exists", "NotIn", "Gt", "key", "$(VAR)", "a\nb", "\t",
    "1..2",
)
NUMBERS: tuple[int | float, ...] = (
    -(2**63), -(2**31) - 1, -2, -1, 0, 1, 2, 3, 5, 10, 59, 60, 80, 99, 100, 101, 255, 443, 511, 512, 600, 1000, 1023,
    1800, 3600, 3601, 8080, 30000, 32767, 32768, 65535, 65536, 86400, 86401, 100000, 100001, 10**6, 2**31 - 1, 2**31,
    2**32, 2**53, 2**63 - 1, 2**63, 1.5,
)
ODD: tuple[Json, ...] = (
    None, True, False, 0, 7, 1.5, "x", "", [], {}, ["a"], [1], [None], {"a": "b"}, {"a": 1}, {"a": None}, [{}],
    [{"name": "a"}], [{"key": "k"}], {"name": "a"},
)
# fmt: on
MOST_TRIED = 50
KEYS = ("nope", "Name", "app.kubernetes.io/name", "a b", "", "x" * 64, "example.com/x", "-a", "ümlaut", "a/b/c")


@dataclass(frozen=True)
class Mutant:
    """An object, the name of the valid one that it was made of, and what was done to it."""

    base: str
    data: Mapping[str, Json]
    changes: tuple[str, ...]

    @property
    def kind(self) -> str:
        """`apiVersion/kind`."""
        return f"{self.data['apiVersion']}/{self.data['kind']}"


class Corpus:
    """Valid objects by name, and what stands under each key anywhere in them."""

    def __init__(self, objects: Mapping[str, Mapping[str, Json]]) -> None:
        self.objects = objects
        self._under: dict[str, list[Json]] = {}
        seen: set[str] = set()
        for data in objects.values():
            self._note(data, seen)

    def under(self, key: str) -> Sequence[Json]:
        """The different values that stand under a key."""
        return self._under.get(key, ())

    def _note(self, value: Json, seen: set[str]) -> None:
        for key, below in value.items() if isinstance(value, dict) else ():
            text = f"{key}={json.dumps(below, sort_keys=True)}"
            if text not in seen:
                seen.add(text)
                self._under.setdefault(key, []).append(below)
        for below in _values(value):
            self._note(below, seen)


def mutants(
    bases: Corpus,
    corpus: Corpus,
    count: int,
    seed: int,
    version: str,
    aims: Mapping[str, Sequence[Place]] | None = None,
) -> Iterator[Mutant]:
    """So many mutants, the same number of each base as nearly as may be, with values from the corpus.

    `aims` names places by base: half of the changes are made there, or below.
    """
    rng = random.Random(seed)
    names = sorted(bases.objects)
    for number in range(count):
        name = names[number % len(names)]
        yield _mutant(name, bases.objects[name], corpus, rng, version, (aims or {}).get(name, ()))


def _mutant(
    name: str, base: Mapping[str, Json], corpus: Corpus, rng: random.Random, version: str, aims: Sequence[Place]
) -> Mutant:
    """One object with one change, or two, or three."""
    data = copy.deepcopy(dict(base))
    schemas = schemas_for(version)
    schema = schemas.find(data["apiVersion"], data["kind"]) if schemas else None
    changes: list[str] = []
    wanted = rng.choice((1, 1, 1, 2, 2, 3))
    for _ in range(MOST_TRIED):
        start = rng.choice(aims) if aims and rng.random() < 0.5 else ()
        place = _place(data, rng, start)
        if len(changes) == wanted or not place:
            break
        change = rng.choices(CHANGES, WEIGHTS)[0]
        done = change(_Spot(data, place, schema, corpus), rng)
        if done:
            changes.append(done)
    return Mutant(name, data, tuple(changes))


@dataclass(frozen=True)
class _Spot:
    """A place in an object."""

    data: Json
    place: Place
    schema: Schema | None
    corpus: Corpus

    @property
    def parent(self) -> Json:
        here = self.data
        for step in self.place[:-1]:
            here = here[step]
        return here

    @property
    def last(self) -> Any:
        return self.place[-1]

    @property
    def value(self) -> Json:
        return self.parent[self.last]

    @property
    def key(self) -> str:
        """The nearest key above the place."""
        return next(str(step) for step in reversed(self.place) if isinstance(step, str))

    def put(self, value: Json, what: str) -> str:
        self.parent[self.last] = copy.deepcopy(value)
        return self.told(f"{what} {json.dumps(value)[:70]}")

    def told(self, what: str) -> str:
        return f"{path_text(self.place)}: {what}"

    def known(self) -> tuple[str, ...]:
        """The fields that a mapping here may have by its schema."""
        return self.schema.fields_at(self.place) if self.schema else ()


def _place(data: Json, rng: random.Random, start: Place) -> Place:
    """A place below the top, empty when there is none: each step leads into a subtree, or ends there.

    With a start it may be that one, or the nearest above it that is there.
    """
    place: Place = ()
    here = data
    for step in start:
        if not isinstance(here, dict) or step not in here:
            break
        place, here = (*place, step), here[step]
    if place and rng.random() < 0.4:
        return place
    while steps := [step for step in _steps(here) if (*place, step) not in FIXED]:
        step = rng.choice(steps)
        place, here = (*place, step), here[step]
        if rng.random() < 0.18:
            break
    return place


def _steps(value: Json) -> list[str | int]:
    return list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []


def _values(value: Json) -> list[Json]:
    return list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, list) else []


def _delete(spot: _Spot, rng: random.Random) -> str:
    del rng
    del spot.parent[spot.last]
    return spot.told("left out")


def _like(spot: _Spot, rng: random.Random) -> str:
    """Another value of the type that stands there."""
    value = spot.value
    if isinstance(value, bool):
        return spot.put(not value, "is")
    if isinstance(value, str):
        return spot.put(_text(value, rng), "is")
    if isinstance(value, (int, float)):
        near = (value + 1, value - 1, -value, value * 10, round(value * 1000))  # 1.0 is 1 in manifests that are read
        return spot.put(rng.choice((*NUMBERS, *near)), "is")
    return ""


def _text(value: str, rng: random.Random) -> str:
    if rng.random() < 0.6:
        return rng.choice(TEXTS)
    where = rng.randrange(len(value) + 1)
    return rng.choice(
        (
            value.upper(),
            value.lower(),
            value.capitalize(),
            value + rng.choice("-._/ %:*0aA\n"),
            rng.choice("-._/ 0A") + value,
            value[:where] + rng.choice("-._/ A0:,%ä") + value[where:],
            value[:where] + value[where + 1 :],
            value * 20,
        )
    )


def _elsewhere(spot: _Spot, rng: random.Random) -> str:
    """What stands under the same key elsewhere."""
    found = spot.corpus.under(spot.key)
    if not found or isinstance(spot.last, int):
        return ""
    return spot.put(rng.choice(found), "as elsewhere")


def _add_known(spot: _Spot, rng: random.Random) -> str:
    """A field that the schema has, with a value from elsewhere or one of its type."""
    if not isinstance(spot.value, dict):
        return ""
    free = [name for name in spot.known() if name not in spot.value]
    if not free:
        return ""
    name = rng.choice(free)
    found = spot.corpus.under(name)
    inner = _Spot(spot.data, (*spot.place, name), spot.schema, spot.corpus)
    if found and rng.random() < 0.75:
        return inner.put(rng.choice(found), "added")
    return inner.put(_of_schema(inner, rng), "added")


def _of_schema(spot: _Spot, rng: random.Random) -> Json:
    """A value of the type that the schema asks for."""
    wanted = spot.schema.at(spot.place) if spot.schema else {}
    types = wanted.get("type", "string")
    kind = types if isinstance(types, str) else next((each for each in types if each != "null"), "string")
    samples: dict[str, Sequence[Json]] = {
        "integer": NUMBERS,
        "number": NUMBERS,
        "boolean": (True, False),
        "array": ([], ["a"], ["a", "a"], [{}], [{"name": "a"}]),
        "object": ({}, {"name": "a"}, {"a": "b"}),
    }
    if "oneOf" in wanted or "anyOf" in wanted:
        return rng.choice((*TEXTS, *NUMBERS))
    return rng.choice(samples.get(kind, TEXTS))


def _add_unknown(spot: _Spot, rng: random.Random) -> str:
    if not isinstance(spot.value, dict):
        return ""
    inner = _Spot(spot.data, (*spot.place, rng.choice(KEYS)), spot.schema, spot.corpus)
    return inner.put(rng.choice((*ODD, "x", "x", "x")), "added")


def _rename(spot: _Spot, rng: random.Random) -> str:
    if not isinstance(spot.last, str) or spot.place[:1] in FIXED:
        return ""
    name = rng.choice((f"{spot.last}x", spot.last.capitalize(), spot.last.lower(), spot.last[:-1], rng.choice(KEYS)))
    if name == spot.last:
        return ""
    spot.parent[name] = spot.parent.pop(spot.last)
    return spot.told(f"renamed to {name[:30]}")


def _duplicate(spot: _Spot, rng: random.Random) -> str:
    del rng
    if not isinstance(spot.parent, list):
        return ""
    spot.parent.append(copy.deepcopy(spot.value))
    return spot.told("twice")


def _vary(spot: _Spot, rng: random.Random) -> str:
    """A second item, with one change in it."""
    if not isinstance(spot.parent, list) or not isinstance(spot.value, dict) or not spot.value:
        return ""
    item = copy.deepcopy(spot.value)
    spot.parent.append(item)
    inner = _Spot(spot.data, (*spot.place[:-1], len(spot.parent) - 1), spot.schema, spot.corpus)
    key = rng.choice(list(item))
    below = _Spot(spot.data, (*inner.place, key), spot.schema, spot.corpus)
    return _like(below, rng) or _elsewhere(below, rng) or inner.told("twice")


def _swap(spot: _Spot, rng: random.Random) -> str:
    """Two values beside each other change places."""
    others = [step for step in _steps(spot.parent) if step != spot.last and (*spot.place[:-1], step) not in FIXED]
    if not others:
        return ""
    other = rng.choice(others)
    spot.parent[spot.last], spot.parent[other] = spot.parent[other], spot.parent[spot.last]
    return spot.told(f"swapped with {other}")


def _odd(spot: _Spot, rng: random.Random) -> str:
    return spot.put(rng.choice(ODD), "is")


def _empty(spot: _Spot, rng: random.Random) -> str:
    del rng
    if not isinstance(spot.value, (dict, list)):
        return ""
    return spot.put(type(spot.value)(), "is")


Change: TypeAlias = Callable[[_Spot, random.Random], str]
WEIGHTED: tuple[tuple[Change, int], ...] = (
    (_like, 30),
    (_elsewhere, 16),
    (_add_known, 20),
    (_delete, 12),
    (_odd, 6),
    (_duplicate, 4),
    (_vary, 6),
    (_swap, 5),
    (_rename, 4),
    (_add_unknown, 4),
    (_empty, 3),
)
CHANGES, WEIGHTS = tuple(change for change, _ in WEIGHTED), tuple(weight for _, weight in WEIGHTED)
