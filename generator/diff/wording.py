"""Values and changes in words, for findings and reports alike; a hidden value stays hidden.

Input: trees and field changes. Output: short texts on one line.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from generator.diff.model import FieldChange, Leaf, Tree, dotted

SHORT = 80


def plain(tree: Tree) -> Any:
    """A tree as JSON data, values as they were written, hidden ones as dots; fields that nobody wrote are left out."""
    if isinstance(tree, Leaf):
        return tree.value
    if isinstance(tree, dict):
        return {key: plain(part) for key, part in sorted(tree.items()) if not is_default(part)}
    return [plain(part) for part in tree]


def is_default(tree: Tree) -> bool:
    """Whether a field was left out and filled in."""
    return isinstance(tree, Leaf) and tree.is_default


def compact(tree: Tree, limit: int = SHORT) -> str:
    """A value on one line, cut when it is longer than `limit`."""
    if isinstance(tree, Leaf) and tree.is_hidden:
        return f"({tree.value})"
    text = json.dumps(plain(tree), ensure_ascii=False)
    text = text if len(text) <= limit else text[: limit - 1] + "…"
    return f"{text} (default)" if isinstance(tree, Leaf) and tree.is_default else text


def described(change: FieldChange) -> str:
    """A change on one line: `spec.replicas: 1 → 3`."""
    path = dotted(change.path)
    if change.order_only:
        return f"{path}: same items in another order"
    if change.before is None and change.after is not None:
        return f"{path}: {compact(change.after)} added"
    if change.after is None and change.before is not None:
        return f"{path}: {compact(change.before)} removed"
    assert change.before is not None
    assert change.after is not None
    return f"{path}: {compact(change.before)} → {compact(change.after)}"


def counted(number: int, noun: str) -> str:
    """`1 pod`, `3 pods`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(names: Sequence[str], limit: int = 5) -> str:
    """Names in a row: `a, b and c`; of many only the first, with the number of the rest."""
    if len(names) > limit:
        return f"{', '.join(names[:limit])} and {len(names) - limit} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
