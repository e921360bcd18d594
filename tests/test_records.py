"""Quick dataclasses are what the standard decorator makes of the same class."""

import dataclasses
from collections.abc import Callable
from dataclasses import field
from typing import Any

import pytest

from generator import records


def point(decorator: Callable[..., Any], **options: bool) -> Any:
    class Point:
        """A class with all that fields have here."""

        x: int
        y: int = 2
        tags: list[str] = field(default_factory=list)
        note: str = field(default="", compare=False, repr=False)

        def __post_init__(self) -> None:
            made.append(self.x)

    made: list[int] = []
    Point.made = made  # type: ignore[attr-defined]
    return decorator(**options)(Point)


OPTIONS = [{}, {"frozen": True}, {"frozen": True, "order": True}, {"eq": False}]


@pytest.fixture(params=OPTIONS, ids=str)
def pair(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    return point(records.dataclass, **request.param), point(dataclasses.dataclass, **request.param)


USES: dict[str, Callable[[Any], object]] = {
    "what it shows": lambda cls: repr(cls(1, note="hidden")),
    "equal": lambda cls: cls(1, note="a") == cls(1, note="b"),
    "different": lambda cls: cls(1) == cls(2),
    "another class": lambda cls: cls(1) == 1,
    "less": lambda cls: (cls(1, 5) < cls(2, 0), cls(1) <= cls(1), cls(1) > cls(2), cls(2) >= cls(1)),
    "hash": lambda cls: len({cls(1, tags=()), cls(1, tags=(), note="other"), cls(2, tags=())}),
    "a list of its own": lambda cls: (first := cls(1)).tags is (second := cls(1)).tags or first is second,
    "after": lambda cls: (cls(3), cls.made)[1],
    "replace": lambda cls: repr(dataclasses.replace(cls(1), y=9)),
    "fields": lambda cls: [each.name for each in dataclasses.fields(cls)],
    "default": lambda cls: cls.y,
    "match": lambda cls: cls.__match_args__,
    "too few": lambda cls: cls(),
    "too many": lambda cls: cls(1, 2, [], "", 5),
    "unknown": lambda cls: cls(1, z=2),
    "assignment": lambda cls: setattr(cls(1), "x", 2),
    "deletion": lambda cls: delattr(cls(1), "y"),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_quick_dataclass_is_what_the_standard_one_is(pair: tuple[Any, Any], use: Callable[[Any], object]) -> None:
    quick, standard = (outcome(use, cls) for cls in pair)
    assert quick == standard


def outcome(use: Callable[[Any], object], cls: Any) -> object:
    """What comes of a use: a value, or the exception that it ends with."""
    try:
        return use(cls)
    except (TypeError, AttributeError) as error:
        return type(error), "" if isinstance(error, dataclasses.FrozenInstanceError) else str(error)


def test_a_subclass_adds_fields_whichever_is_used_first() -> None:
    @records.dataclass(frozen=True)
    class Base:
        a: int

    @records.dataclass(frozen=True)
    class Derived(Base):
        b: int = 5

    class Plain(Derived):
        pass

    assert repr(Plain(1)).endswith("Plain(a=1, b=5)")
    assert (Derived(1), Base(1)) == (Derived(1, 5), Base(1))
    assert Derived(1) != Plain(1)


def test_nothing_is_compiled_before_the_first_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []

    def counting(text: str, scope: dict[str, Any]) -> None:
        compiled.append(text)
        exec(text, scope)

    monkeypatch.setattr(records, "exec", counting, raising=False)
    cls = point(records.dataclass, frozen=True)
    assert not compiled
    cls(1)
    cls(2)
    assert len(compiled) == 1
