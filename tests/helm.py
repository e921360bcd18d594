"""Finds the Helm binaries that tests run."""

import os
import shutil
from pathlib import Path

import pytest


def helm_binaries() -> list[str]:
    """Every Helm of the cache (scripts/fetch-helm), newest first; else the one on PATH."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "flowhelm" / "helm"
    cached = sorted(cache.glob("*/helm"), key=_version, reverse=True)
    on_path = shutil.which("helm")
    return [str(path) for path in cached] or ([on_path] if on_path else [])


def helm_binary() -> str:
    """The newest Helm; skips the test, saying how to get one, when there is none."""
    found = helm_binaries()
    if not found:
        pytest.skip("no Helm: run scripts/fetch-helm")
    return found[0]


def _version(binary: Path) -> list[int]:
    return [int(part) for part in binary.parent.name.lstrip("v").split(".")]
