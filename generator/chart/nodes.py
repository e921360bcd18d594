"""Helm in object trees: the nodes that become template actions.

Stage: chart (between lower and emit). A tree is plain data (mappings, sequences, strings, numbers, booleans; never
null) in which these nodes may stand. Nothing else in a tree acts: a string that holds `{{` is text and is escaped.

Where a node may stand follows from what it yields:

- *Scalars*, as a mapping's value or a list's item: `Value` and `Dot` (but for Kind.TREE), `Include`, `Builtin`, `Join`,
  `Default`, `FileText`, `FileBase64`, `FilesChecksum`, `Json`.
- *Optional entries*: a mapping's value `If` or `With` leaves the key out when it does not hold. As a list's item, `If`,
  `With` and `Range` give any number of items, and so do `Value` and `Dot` of Kind.TREE and an `Include` with `block`.
- *Maps*: `Merge` puts several maps into one; its keys must not meet. `Named` is one entry in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TypeAlias, Union

from generator.records import dataclass


class Kind(Enum):
    """How a value of values.yaml is printed."""

    TEXT = "text"  # quoted
    INTEGER = "integer"  # through int64: Helm reads numbers as floats, and 1000000 would print 1e+06
    BOOLEAN = "boolean"
    SCALAR = "scalar"  # a number or a text, each as what it is: 1 or 25%
    TREE = "tree"  # a map or a list, through toYaml


@dataclass(frozen=True)
class Value:
    """`.Values.<path>`; without a path (as an argument) all values."""

    path: tuple[str, ...]
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Dot:
    """The value of the innermost `With` or `Range`; with a path, a field of it."""

    kind: Kind = Kind.TREE
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Root:
    """The root context, as an argument of `Include`."""


Argument: TypeAlias = Union[Root, Value, "Include", str, int]


@dataclass(frozen=True)
class Include:
    """A named template of the chart, `<chart>.<helper>`.

    One argument is passed as it is, more as a `list`. `block` says that it yields a map's entries or a list's items (it
    stands in a `Merge` or a list, or is a key's whole value); otherwise it yields text of a safe alphabet (a name).
    """

    helper: str
    arguments: tuple[Argument, ...] = (Root(),)
    block: bool = False


@dataclass(frozen=True)
class Builtin:
    """A built-in object's field, such as `Release.Name` or `Chart.AppVersion`; printed as quoted text."""

    path: str


@dataclass(frozen=True)
class Join:
    """One string of literals and texts of a safe alphabet, values that are numbers included: `http://<name>:8080`."""

    parts: tuple[str | Include | Builtin | Value, ...]


@dataclass(frozen=True)
class Default:
    """A value of values.yaml, or the fallback when it is empty or not there."""

    value: Value
    fallback: str | Join | Include


@dataclass(frozen=True)
class Not:
    """The opposite of a condition."""

    condition: Condition


@dataclass(frozen=True)
class All:
    """All of two or more conditions."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one of two or more conditions."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True)
class MoreThan:
    """An integer value greater than a number."""

    value: Value
    number: int


# A value as a condition: true, or not empty.
Condition: TypeAlias = Value | Not | All | AnyOf | MoreThan


@dataclass(frozen=True)
class If:
    """A tree that is there only when the condition holds, else the other one, or nothing."""

    condition: Condition
    then: Tree
    otherwise: Tree | None = None


@dataclass(frozen=True)
class Omit:
    """What a `With` is about: a map without some of its keys; an `optional` one need not be there."""

    map: Value | Dot | Include
    keys: tuple[str, ...]
    optional: bool = False


@dataclass(frozen=True)
class With:
    """A tree that is there only when the value is not empty; `Dot` stands for the value. Without a body: the value."""

    value: Value | Omit
    body: Tree = Dot()
    otherwise: Tree | None = None


@dataclass(frozen=True)
class Range:
    """One list item for each item of a list value; `Dot` stands for the item."""

    value: Value
    item: Tree


@dataclass(frozen=True)
class Merge:
    """One map out of several."""

    parts: tuple[Tree, ...]


@dataclass(frozen=True)
class Named:
    """One entry of a map whose key only a release knows; it stands in a `Merge`."""

    key: Join
    value: Tree


@dataclass(frozen=True)
class FileText:
    """The text of a file of the chart, byte for byte but for a byte order mark at its start, which Helm takes off.

    `gaps` are filled: `("namespace", …)` stands for each `@namespace@` in a file that flowhelm itself has made.
    """

    path: str
    gaps: tuple[tuple[str, str | Builtin | Include | Join], ...] = ()


@dataclass(frozen=True)
class FileBase64:
    """A file of the chart that is not text, for `binaryData`."""

    path: str


@dataclass(frozen=True)
class FilesChecksum:
    """The SHA-256 over all files that match a pattern: pods with it restart when one of the files changes."""

    pattern: str


@dataclass(frozen=True)
class Json:
    """A text that is a JSON document; nodes in it become JSON values."""

    tree: Tree


Scalar: TypeAlias = Value | Dot | Include | Builtin | Join | Default | FileText | FileBase64 | FilesChecksum | Json
Node: TypeAlias = Scalar | If | With | Range | Merge | Named
Tree: TypeAlias = Mapping[str, "Tree"] | Sequence["Tree"] | str | int | float | bool | Node
