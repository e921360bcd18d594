"""Which objects are taken for one another."""

import time

from generator.diff.comparison import diff
from generator.diff.model import ChartDiff, Status
from tests.diff.sides import compared, manifests, of


def settings(name: str, lines: str = "a: 1, b: 2, c: 3, d: 4, e: 5") -> dict[str, object]:
    data = dict(line.split(": ") for line in lines.split(", "))
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def renames(found: ChartDiff) -> list[tuple[str, str]]:
    return [(str(c.old.ref.name), c.ref.name) for c in found.with_status(Status.RENAMED) if c.old]


def test_a_like_object_is_a_rename() -> None:
    found = diff(of(settings("web")), of(settings("shop-web", "a: 1, b: 2, c: 3, d: 4, e: 6")))
    assert renames(found) == [("web", "shop-web")]


def test_an_unlike_object_is_not() -> None:
    found = diff(of(settings("web")), of(settings("mail", "a: 1, x: 2, y: 3, z: 4, w: 6")))
    assert [change.status for change in found.changes] == [Status.ADDED, Status.REMOVED]


def test_the_likest_of_several_is_chosen() -> None:
    news = [settings("web-x", "a: 1, b: 2, c: 3, d: 4, e: 6"), settings("web-y")]
    assert renames(diff(of(settings("web")), of(*news))) == [("web", "web-y")]


def test_equal_candidates_are_paired_the_same_way_in_any_order() -> None:
    old, new = [settings("a-1"), settings("b-1")], [settings("a-2"), settings("b-2")]
    assert renames(diff(of(*old), of(*new))) == renames(diff(of(*old[::-1]), of(*new[::-1]))) == [
        ("a-1", "a-2"), ("b-1", "b-2"),
    ]  # fmt: skip


def test_objects_of_two_kinds_are_never_one() -> None:
    other = {**settings("web-2"), "kind": "Secret"}
    assert renames(diff(of(settings("web")), of(other))) == []


def test_the_release_namespace_may_be_written() -> None:
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: web%s}\n"
    found = diff(manifests(text % ""), manifests(text % ", namespace: shop"), namespace="shop")
    assert found.is_empty


def test_another_namespace_is_another_object() -> None:
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: web%s}\nspec: {selector: {}, ports: [{port: 1}]}\n"
    (change,) = compared(text % "", text % ", namespace: other").changes
    assert change.status is Status.RENAMED
    assert [(field.path) for field in change.fields] == [("metadata", "namespace")]


def test_two_objects_of_one_name_are_both_shown() -> None:
    twice = of(settings("web"), settings("web", "a: 9"))
    assert diff(twice, twice).is_empty
    assert len(diff(twice, of(settings("web"))).with_status(Status.REMOVED)) == 1


def test_thousands_of_renames_take_no_minutes() -> None:
    old = of(*(settings(f"old-{number:04}", f"a: {number}, b: 2, c: 3, d: 4, e: 5") for number in range(1500)))
    new = of(*(settings(f"new-{number:04}", f"a: {number}, b: 2, c: 3, d: 4, e: 5") for number in range(1500)))
    start = time.perf_counter()
    found = diff(old, new)
    assert time.perf_counter() - start < 20
    assert len(renames(found)) > 1400
