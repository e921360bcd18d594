"""The lock file: which commit each git import is pinned to, and the hash of each file that was taken from it.

Input: the text of `flowhelm.lock`, beside the spec. Output: the pins, or findings at its lines; and the text for pins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from generator.diagnostics import Diagnostics
from generator.records import dataclass
from generator.regexes import regex
from generator.source.codes import DAMAGED_LOCK
from generator.source.files import MAX_SPEC, read_source
from generator.yamlio.nodes import MappingNode, Node, ScalarNode
from generator.yamlio.reader import read_spec_text

NAME = "flowhelm.lock"
VERSION = 1

_COMMIT = regex(r"[0-9a-f]{40}|[0-9a-f]{64}")
_HASH = regex(r"sha256:[0-9a-f]{64}")
_HEAD = """\
# What the git imports of the specs in this folder are pinned to. `flowhelm update` writes it; keep it in git.
"""


@dataclass(frozen=True)
class Pin:
    """A commit, and its files that are used: path → `sha256:…`."""

    commit: str
    files: Mapping[str, str] = field(default_factory=dict)


def lock_beside(spec: Path) -> Path:
    """Where the lock of a spec is."""
    return spec.parent / NAME


def read_lock(path: Path, diagnostics: Diagnostics) -> dict[str, Pin] | None:
    """The pins by repository, as `git+https://host/repository@ref`; none without a file, None when it is damaged."""
    if not path.exists():
        return {}
    source = read_source(path, diagnostics)
    root = read_spec_text(source.data[:MAX_SPEC], source.shown, diagnostics) if source else None
    if root is None:
        return None
    version = root.get("version") if isinstance(root, MappingNode) else None
    if not isinstance(version, ScalarNode) or version.value != VERSION:
        span = version.span if version else root.span
        hint = "it was written by another flowhelm, or edited: `flowhelm update` writes it anew"
        diagnostics.add(DAMAGED_LOCK, f"the lock file has no `version: {VERSION}`", span, hint=hint)
        return None
    assert isinstance(root, MappingNode)
    found = {}
    for repository, node in _entries(root.get("imports")).items():
        pin = _pin(node)
        if pin is None:
            hint = "`flowhelm update` writes it anew"
            diagnostics.add(DAMAGED_LOCK, "this entry is no pin: it needs a commit and files", node.span, hint=hint)
            return None
        found[repository] = pin
    return found


def lock_text(pins: Mapping[str, Pin]) -> str:
    """The text of the file; the same for the same pins."""
    lines = [f"version: {VERSION}", "imports:" if pins else "imports: {}"]
    for repository, pin in sorted(pins.items()):
        lines += [f"  {json.dumps(repository)}:", f"    commit: {pin.commit}", "    files:"]
        lines += [f"      {json.dumps(path)}: {digest}" for path, digest in sorted(pin.files.items())]
    return _HEAD + "\n".join(lines) + "\n"


def _pin(node: Node) -> Pin | None:
    commit = node.get("commit") if isinstance(node, MappingNode) else None
    if not isinstance(node, MappingNode) or not isinstance(commit, ScalarNode) or not _COMMIT.fullmatch(commit.text):
        return None
    files = {
        path: each.text if isinstance(each, ScalarNode) else "" for path, each in _entries(node.get("files")).items()
    }
    return Pin(commit.text, files) if all(map(_HASH.fullmatch, files.values())) else None


def _entries(node: Node | None) -> dict[str, Node]:
    return {entry.key: entry.value for entry in node.entries} if isinstance(node, MappingNode) else {}
