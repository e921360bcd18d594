"""What the figures were measured on: kind of processor, memory, versions. No names and no paths of the machine."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("click", "jinja2", "jsonschema-rs", "kubernetes-validate", "networkx", "pyyaml")


def describe(helm: str) -> Iterator[str]:
    """Lines that say what measured: the machine, then the programs."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    yield f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}"
    yield f"Python {platform.python_version()}, Helm {_helm_version(helm)}"
    yield ", ".join(f"{name} {version(name)}" for name in LIBRARIES)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _helm_version(helm: str) -> str:
    command = [helm, "version", "--template", "{{.Version}}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip().lstrip("v")
