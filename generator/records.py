"""Dataclasses that cost little until they are used: the code of `__init__` is compiled when the first one is made.

The standard decorator compiles six functions for each class. For the 240 classes of a whole compilation that took a
quarter of its time, and a third of them are never made. Here a class costs a tenth. It stays a dataclass: `fields`,
`replace`, `match` and type checkers see no difference.
"""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Callable
from functools import partial
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:

    def dataclass(cls: type | None = None, /, *, frozen: bool = False, eq: bool = True, order: bool = False) -> Any:
        """As `dataclasses.dataclass`, of whose options it has those that are used here.

        Fields are positional arguments of `__init__`, and may have a default, a factory, `compare` and `repr`.
        """
        if cls is None:
            return partial(dataclass, frozen=frozen, eq=eq, order=order)
        dataclasses.dataclass(init=False, repr=False, eq=False)(cls)  # finds the fields, and compiles nothing
        methods = {"__init__": _compiling_init(cls, frozen), "__repr__": _repr(cls)}
        if eq:
            methods |= _comparisons(cls, ("eq", "lt", "le", "gt", "ge") if order else ("eq",))
            methods["__hash__"] = _hash(cls) if frozen else None
        if frozen:
            methods |= {"__setattr__": _refuse, "__delattr__": _refuse}
        own = set(vars(cls))
        for name, method in methods.items():
            if name not in own:
                setattr(cls, name, method)
        return cls


def _compiling_init(cls: Any, frozen: bool) -> Callable[..., None]:
    """An `__init__` that gives its place to the real one."""

    def init(self: Any, *values: Any, **named: Any) -> None:
        cls.__init__ = _init(cls, frozen)
        cls.__init__(self, *values, **named)

    return init


def _init(cls: type, frozen: bool) -> Any:
    """The `__init__` that takes the fields of a class."""
    scope: dict[str, Any] = {"_set": object.__setattr__, "_missing": dataclasses.MISSING}
    parameters, lines = ["self"], []
    for each in dataclasses.fields(cls):
        name = value = each.name
        if each.default_factory is not dataclasses.MISSING:
            scope[f"_make_{name}"] = each.default_factory
            parameters.append(f"{name}=_missing")
            value = f"_make_{name}() if {name} is _missing else {name}"
        elif each.default is not dataclasses.MISSING:
            scope[f"_default_{name}"] = each.default
            parameters.append(f"{name}=_default_{name}")
        else:
            parameters.append(name)
        lines.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    exec(f"def __init__({', '.join(parameters)}):\n " + "\n ".join(lines or ["pass"]), scope)
    scope["__init__"].__qualname__ = f"{cls.__qualname__}.__init__"
    return scope["__init__"]


def _repr(cls: type) -> Callable[[Any], str]:
    names = [each.name for each in dataclasses.fields(cls) if each.repr]

    @recursive_repr()
    def text(self: Any) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return text


def _comparisons(cls: type, names: tuple[str, ...]) -> dict[str, Callable[[Any, object], bool]]:
    """Methods that compare objects of one class by their fields, in order."""
    values = _values(cls)

    def comparison(compare: Callable[[object, object], bool]) -> Callable[[Any, object], bool]:
        def method(self: Any, other: object) -> bool:
            return compare(values(self), values(other)) if other.__class__ is self.__class__ else NotImplemented

        return method

    return {f"__{name}__": comparison(getattr(operator, name)) for name in names}


def _hash(cls: type) -> Callable[[Any], int]:
    values = _values(cls)
    return lambda self: hash(values(self))


def _values(cls: type) -> Callable[[Any], object]:
    """A function from an object to the values by which it is compared."""
    names = [each.name for each in dataclasses.fields(cls) if each.compare]
    if names:  # it is written in C; a single value comes without a tuple, and compares as well
        return operator.attrgetter(*names)
    return lambda _: ()


def _refuse(_self: object, name: str, *_value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot change field {name!r}")
