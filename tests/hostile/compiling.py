"""Compiles a file in a process of its own, with a bound on its memory, and measures the processor time it took."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SECONDS = 6.0  # about 1.5 are taken on a usual machine; what does not end takes all that RLIMIT_CPU allows
MEMORY = 512 << 20
HEAD = "flowhelm: v1\nname: shop\nversion: 1.0.0\n"


@dataclass(frozen=True)
class Ended:
    """How a command ended: exit code, findings as in its JSON, what it wrote for people, processor time."""

    code: int
    findings: list[dict[str, Any]]
    stderr: str
    seconds: float

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The findings that are errors."""
        return [each for each in self.findings if each["severity"] == "error"]


def compiled(spec: Path, *options: str) -> Ended:
    """`flowhelm compile SPEC -o chart --no-validate`, in the spec's folder, with at most MEMORY of address space."""

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (30, 30))

    program = (sys.executable, "-c", "from generator.cli import main; main()")
    command = [*program, "compile", spec.name, "-o", "chart", "--format", "json", "--no-validate", *options]
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        process = subprocess.Popen(
            command,
            cwd=spec.parent,
            stdout=stdout,
            stderr=stderr,
            stdin=subprocess.DEVNULL,
            preexec_fn=bound,  # noqa: PLW1509  # no threads here
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        stdout.seek(0)
        stderr.seek(0)
        text = stdout.read().decode()
        findings = json.loads(text)["findings"] if text else []
        return Ended(process.returncode, findings, stderr.read().decode(), usage.ru_utime + usage.ru_stime)
