"""A custom resource with everything that a definition can say, and ways to spoil it."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from generator.diagnostics import Diagnostics, Severity
from generator.manifest import Manifest, Manifests
from generator.validate.known import Custom, read_places
from generator.validate.model import Layer
from generator.validate.places import FilePlaces
from generator.validate.validator import validate_manifests
from tests.validate.test_crd_schemas import nearly

FOLDER = Path(__file__).resolve().parents[1] / "data" / "crds"
DEFINITION = FOLDER / "everything.yaml"
EVERYTHING: dict[str, Any] = yaml.safe_load((FOLDER / "everything.object.yaml").read_text())
SCHEMA = yaml.safe_load(DEFINITION.read_text())["spec"]["versions"][2]["schema"]["openAPIV3Schema"]

# fmt: off
TEXTS = (
    "", "x", "A", "ab", "abc", "abcd", "a1", "ab1", "10%", "10", "2024-05-01", "2024-13-01", "2024-05-01T10:00:00Z",
    "2024-05-01t10:00:00.5+01:00", "1h", "1h30m", "90m", "5 days", "1d", "x1s", "-1s", "0", "1.5h", "http://a", "/a",
    "https://a/b", "a b", "a:b", "https://a b", "%zz", "a@b", "@b", "a@", "A <a@b.c>", "a.b", "a.bc", "a_b", "-a", "a-",
    "A.B", "a..b", "x" * 64, "x" * 254, "10.0.0.1", "010.0.0.1", "10.0.0", "256.1.1.1", "::1", "::ffff:1.2.3.4",
    "fe80::1%eth0", "10.0.0.0/8", "10.0.0.1/33", "10.0.0.1/08", "::/0", "::/129", "00:00:5e:00:53:01", "0000.5e00.5301",
    "00-00-5e-00-53-01", "00:00:5e:00:53", "123e4567-e89b-12d3-a456-426614174000", "123e4567e89b12d3a456426614174000",
    "123", "YQ==", "YQ", "YQ=", "!", "a\nb", "ä", "never", "TCP", "UDP", "now", "512Mi", "2Gi", "1Z", "one", "two",
    "three", "Fast", "because", "v1", "apps/v1", "a/b/c", "Kind", "kind_x", "9kind",
)
NUMBERS = (
    -1, 0, 1, 2, 3, 4, 100, 101, 102, 999, 1000, 1002, 1024, 65535, 65536, 2**31 - 2, 2**31, 2**53, 2**63 - 1, 2**63,
    0.5, 1.5, -0.5,
)
ODD: tuple[Any, ...] = (
    None, True, False, {}, [], [None], {"a": None}, ["a"], ["a", "a"], [1, 1], [1, True], [{}], {"a": "b"}, {"a": 1},
    {"a": "b", "c": "d"}, {"a": "b", "b": "c", "c": "d"}, [{"port": 1}], [{"port": 1}, {"port": 1}],
    [{"port": 1, "protocol": "TCP"}, {"port": 1}], [[1], [1]], [[None]], {"apiVersion": "v1", "kind": "X"},
    {"apiVersion": "v1", "kind": "X", "metadata": {"labels": {"a b": "c"}}},
    {"apiVersion": "v1", "kind": "X", "metadata": {"nope": 1}},
    {"apiVersion": "v1", "kind": "X", "metadata": {"name": 1}},
)
# fmt: on


def mutants(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """The object with one or two places changed."""
    rng = random.Random(seed)
    for _ in range(count):
        data = copy.deepcopy(EVERYTHING)
        for _ in range(rng.choice((1, 1, 1, 2))):
            path = rng.choice([path for path in places(data) if path[0] == "spec" or len(path) > 1])
            _spoil(at(data, path[:-1]), path, rng)
        yield data


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, value in list(data.items() if isinstance(data, dict) else enumerate(data)):
        yield (*path, key)
        if isinstance(value, (dict, list)):
            yield from places(value, (*path, key))


def at(data: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        data = data[step]
    return data


def _spoil(here: Any, path: tuple[Any, ...], rng: random.Random) -> None:
    key = path[-1]
    value, chance = here[key], rng.random()
    if chance < 0.1:
        del here[key]
    elif chance < 0.4:
        pool = TEXTS if isinstance(value, str) else NUMBERS if isinstance(value, (int, float)) else ODD
        here[key] = copy.deepcopy(rng.choice(pool))
    elif chance < 0.65:
        here[key] = nearly(_schema_at(path), rng)
    elif chance < 0.75:
        here[key] = copy.deepcopy(rng.choice(ODD))
    elif chance < 0.82 and isinstance(here, list):
        here.append(copy.deepcopy(value))
    elif chance < 0.9 and isinstance(value, dict):
        added = rng.choice(("nope", "apiVersion", "metadata", "Name", "x-note", ""))
        value[added] = copy.deepcopy(rng.choice((*ODD, *TEXTS, *NUMBERS)))
    elif chance < 0.95 and isinstance(here, dict):
        here[f"{key}x"] = here.pop(key)
    else:
        here[key] = rng.choice((*NUMBERS, *TEXTS))


def _schema_at(path: tuple[Any, ...]) -> dict[str, Any]:
    node: Any = SCHEMA
    for step in path:
        if isinstance(node, dict):
            inner = node.get("properties", {}).get(step, node.get("additionalProperties"))
            node = node.get("items") if isinstance(step, int) else inner
    return node if isinstance(node, dict) else {}


def errors(data: dict[str, Any], *locations: Path | str) -> list[str]:
    """What the validator calls an error, with definitions at these places."""
    diagnostics = Diagnostics()
    custom = Custom(read_places([str(location) for location in locations], diagnostics))
    manifests = Manifests((Manifest(data, "object.yaml", text=json.dumps(data)),))
    validate_manifests(manifests, ["1.35"], diagnostics, FilePlaces(), [Layer.SCHEMA, Layer.API], custom)
    return [finding.message for finding in diagnostics if finding.severity is Severity.ERROR]
