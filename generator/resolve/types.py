"""Stage resolve: the types of values, as declared and as expressions have them."""

from __future__ import annotations

from generator.records import dataclass


@dataclass(frozen=True)
class Type:
    """A type; `item` is what a list holds."""

    name: str
    item: Type | None = None

    def __str__(self) -> str:
        return f"list of {self.item}" if self.item and self.item != DYNAMIC else self.name

    @property
    def is_dynamic(self) -> bool:
        """Whether the type is only known at run time (rulings X11), or unknown after a mistake that was reported."""
        return self.name == "dynamic"

    @property
    def is_numeric(self) -> bool:
        """Whether it is integer or number, which mix (rulings X05)."""
        return self.name in {"integer", "number"}


STRING = Type("string")
INTEGER = Type("integer")
NUMBER = Type("number")
BOOLEAN = Type("boolean")
OBJECT = Type("object")
DYNAMIC = Type("dynamic")
SERVICE = Type("service")
NULL = Type("null")

DECLARED = ("string", "integer", "number", "boolean", "object", "list")
"""What an input or output may be declared as; inputs of libraries also `service` (rulings C08)."""


def list_of(item: Type) -> Type:
    """The type of a list of `item`."""
    return Type("list", item)


def declared(name: str) -> Type:
    """The type that a declaration names; items of a declared list are dynamic."""
    return list_of(DYNAMIC) if name == "list" else Type(name)


def accepts(wanted: Type, given: Type) -> bool:
    """Whether a value of type `given` may stand where `wanted` is declared: a number takes an integer (rulings M08)."""
    if wanted.is_dynamic or given.is_dynamic or wanted == given:
        return True
    if wanted.item is not None and given.item is not None:
        return accepts(wanted.item, given.item)
    return wanted == NUMBER and given == INTEGER


def common(first: Type, second: Type) -> Type | None:
    """The type of a value that is one or the other; None when they have nothing in common."""
    if first == second:
        return first
    if first.is_dynamic or second.is_dynamic:
        return DYNAMIC
    if first.is_numeric and second.is_numeric:
        return NUMBER
    if first.item is not None and second.item is not None:
        return list_of(common(first.item, second.item) or DYNAMIC)
    return None


def type_of(value: str | float | bool | None) -> Type:
    """The type of a literal."""
    match value:
        case None:
            return NULL
        case bool():
            return BOOLEAN
        case int():
            return INTEGER
        case float():
            return NUMBER
        case str():
            return STRING


def item_type(items: list[Type]) -> Type:
    """The type that all items have in common, else dynamic."""
    found = items[0] if items else DYNAMIC
    for item in items[1:]:
        found = common(found, item) or DYNAMIC
    return found
