"""What holds of every comparison, whatever the objects are."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.diff.comparison import diff
from generator.diff.model import Status
from generator.report.diff_json import diff_json
from generator.report.diff_markdown import LIMIT, diff_markdown
from generator.report.diff_text import diff_text
from tests.diff.sides import CASES, manifests, of

settings.register_profile("diff", max_examples=40, deadline=None)
EXAMPLES = settings.get_profile("diff")

names = st.sampled_from(["web", "shop", "store", "order-inventory", "api"])
scalars = st.one_of(
    st.text(max_size=12), st.integers(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False)
)
texts = st.text(max_size=30)
specs = st.recursive(
    scalars,
    lambda part: st.one_of(
        st.lists(part, max_size=3), st.dictionaries(st.text(min_size=1, max_size=8), part, max_size=4)
    ),
    max_leaves=15,
)


@st.composite
def deployments(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(names)
    variables = draw(st.dictionaries(names, texts, max_size=4))
    container = {
        "name": "main",
        "image": draw(st.sampled_from(["a:1", "a:2", "b", "b:latest"])),
        "env": [{"name": key, "value": value} for key, value in variables.items()],
        "ports": [{"containerPort": port} for port in draw(st.sets(st.integers(1, 9999), max_size=3))],
        "resources": {"limits": {"cpu": draw(st.sampled_from(["500m", "0.5", "1", "2"]))}},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": draw(st.dictionaries(names, names, max_size=3))},
        "spec": {
            "replicas": draw(st.integers(0, 5)),
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}},
        },
    }


others = st.builds(
    lambda kind, name, spec: {"apiVersion": "example.com/v1", "kind": kind, "metadata": {"name": name}, "spec": spec},
    st.sampled_from(["Thing", "Other"]),
    names,
    specs,
)
configs = st.builds(
    lambda kind, name, data: {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": {"name": name},
        "stringData": data,
        "data": {},
    },
    st.sampled_from(["ConfigMap", "Secret"]),
    names,
    st.dictionaries(names, texts, max_size=3),
)
sides = st.lists(
    st.one_of(deployments(), others, configs),
    max_size=6,
    unique_by=lambda item: (item["kind"], item["metadata"]["name"]),
)


def shuffled(value: Any, chance: random.Random) -> Any:
    """The same data with the keys of every mapping in another order."""
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    return [shuffled(item, chance) for item in value] if isinstance(value, list) else value


@EXAMPLES
@given(sides)
def test_nothing_differs_from_itself(side: list[dict[str, Any]]) -> None:
    found = diff(of(*side), of(*side))
    assert found.is_empty
    assert not found.findings
    assert diff_text(found) == "no changes\n"


@EXAMPLES
@given(sides, st.randoms(use_true_random=False))
def test_the_order_of_keys_and_documents_means_nothing(side: list[dict[str, Any]], chance: random.Random) -> None:
    other = [shuffled(item, chance) for item in side]
    chance.shuffle(other)
    assert diff(of(*side), of(*other)).is_empty


@EXAMPLES
@given(sides, sides, st.randoms(use_true_random=False))
def test_reports_are_the_same_for_shuffled_sides(
    old: list[dict[str, Any]], new: list[dict[str, Any]], chance: random.Random
) -> None:
    mixed = [shuffled(item, chance) for item in new]
    chance.shuffle(mixed)
    assert diff_json(diff(of(*old), of(*new))) == diff_json(diff(of(*old), of(*mixed)))


@EXAMPLES
@given(deployments(), st.text("abcdefgh", min_size=4, max_size=8), scalars)
def test_every_added_field_is_reported(item: dict[str, Any], key: str, value: object) -> None:
    for path in ([], ["metadata"], ["spec"], ["spec", "template", "spec"], ["spec", "template", "metadata"]):
        richer = copy.deepcopy(item)
        place = richer
        for step in path:
            place = place[step]
        place[key] = value
        (change,) = diff(of(item), of(richer)).changes
        assert [(field.path, field.before) for field in change.fields] == [((*path, key), None)]
        (change,) = diff(of(richer), of(item)).changes
        assert [(field.path, field.after) for field in change.fields] == [((*path, key), None)]


@EXAMPLES
@given(sides, sides)
def test_every_object_is_in_the_result_once(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> None:
    found = diff(of(*old), of(*new))
    assert len([change for change in found.changes if change.old]) == len(old)
    assert len([change for change in found.changes if change.new]) == len(new)
    assert all(bool(change.fields) == (change.status in (Status.CHANGED, Status.RENAMED)) for change in found.changes
               if change.old and change.new)  # fmt: skip


@EXAMPLES
@given(sides, sides)
def test_reports_hold_no_characters_that_act(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> None:
    found = diff(of(*old), of(*new))
    for text in (diff_text(found), diff_markdown(found)):
        assert all(char.isprintable() or char == "\n" for char in text)
    assert len(diff_markdown(found)) < LIMIT
    assert json.loads(diff_json(found))["format"] == 1


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything in an object."""
    if path:
        yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from places(part, (*path, key))


PAIRS = [
    tuple([item.data for item in manifests((folder / f"{side}.yaml").read_text())] for side in ("old", "new"))
    for folder in sorted(CASES.iterdir())
]
JUNK: list[Any] = [None, "x", 3, [None], ["x"], {"a": None}, [{"name": 3}]]


@settings(EXAMPLES, max_examples=200)
@given(st.data(), st.sampled_from(PAIRS), st.sampled_from(JUNK))
def test_objects_of_any_shape_are_compared(data: st.DataObject, pair: tuple[Any, ...], junk: Any) -> None:
    broken = copy.deepcopy(pair[data.draw(st.integers(0, 1))])
    *path, last = data.draw(st.sampled_from([path for path in places(broken) if len(path) > 1]))
    place = broken
    for step in path:
        place = place[step]
    place[last] = junk
    for old, new in ((pair[0], broken), (broken, pair[1]), (broken, broken)):
        assert diff_text(diff(of(*old), of(*new)))


@EXAMPLES
@given(st.dictionaries(names, st.text("qzxj", min_size=8, max_size=20), min_size=1, max_size=3), st.booleans())
def test_data_of_secrets_is_never_shown(data: dict[str, str], removed: bool) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": data}
    other = {**secret, "stringData": {key: value + "q" for key, value in data.items()}}
    found = diff(of(secret), () if removed else of(other))
    for text in (diff_text(found), diff_markdown(found), diff_json(found), repr(found.changes[0].fields)):
        assert not any(value in text for value in data.values())
