"""A JSON Schema in the making: the definitions that shapes share.

Input: what shapes ask for. Output: `$defs` in which each record stands once, and a second time, as `Partial…`, where
less is demanded of it: in templates and defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeAlias

JsonSchema: TypeAlias = dict[str, Any]

_PARTIAL = "Partial"
_PREFIX = "#/$defs/"


def whole(pattern: str) -> str:
    """The pattern for a whole text; JSON Schema searches.

    Patterns keep to what ECMA-262, Rust and Python read alike: no dot, no class that has a letter, nothing named.
    """
    return f"^(?:{pattern})$"


class Definitions:
    """The definitions of one schema; `complete` says whether required keys are demanded, as in `Reading`."""

    def __init__(self, complete: bool = True) -> None:
        self.complete = complete
        self.found: dict[str, JsonSchema] = {}
        self._made: set[tuple[object, bool]] = set()

    def partial(self) -> Definitions:
        """The same definitions, for where no key is required."""
        view = Definitions(complete=False)
        view.found, view._made = self.found, self._made
        return view

    def reference(self, owner: object, name: str, make: Callable[[Definitions], JsonSchema]) -> JsonSchema:
        """A reference to the definition of this name, made when it is not there. Owners of one name agree."""
        name = name if self.complete else _PARTIAL + name
        if (owner, self.complete) not in self._made:
            self._made.add((owner, self.complete))
            first = self.found.setdefault(name, {})
            made = make(self)
            if first and first != made:
                raise ValueError(f"two shapes that differ are both called {name}")
            first.update(made)
        return {"$ref": _PREFIX + name}


def without_doubles(schema: JsonSchema) -> JsonSchema:
    """The schema without those partial definitions that demand as much as the whole ones."""
    definitions = schema["$defs"]
    doubles = {name for name in definitions if name.startswith(_PARTIAL) and name.removeprefix(_PARTIAL) in definitions}
    while different := {
        name
        for name in doubles
        if _redirected(definitions[name], doubles) != _redirected(definitions[name.removeprefix(_PARTIAL)], doubles)
    }:
        doubles -= different
    kept = {name: part for name, part in sorted(definitions.items()) if name not in doubles}
    result: JsonSchema = _redirected({**schema, "$defs": kept}, doubles)
    return result


def _redirected(tree: Any, doubles: Collection[str]) -> Any:
    """The tree with references to the doubles leading to what they repeat."""
    if isinstance(tree, list):
        return [_redirected(item, doubles) for item in tree]
    if not isinstance(tree, dict):
        return tree
    found = {key: _redirected(value, doubles) for key, value in tree.items()}
    name = found["$ref"].removeprefix(_PREFIX) if isinstance(found.get("$ref"), str) else ""
    return {**found, "$ref": _PREFIX + name.removeprefix(_PARTIAL)} if name in doubles else found
