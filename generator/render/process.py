"""Runs a program within limits.

Input: a command. Output: what it printed and how it ended. Helm ignores SIGINT and SIGTERM while it renders, so
whatever has to end is killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import Enum
from threading import Thread
from typing import IO, Any

from generator.records import dataclass

_CHUNK = 1 << 16


@dataclass(frozen=True)
class Limits:
    """`seconds` of wall time, `memory` as bytes of address space (where the system can limit it), `output` in bytes."""

    seconds: float = 60.0
    memory: int = 2 << 30
    output: int = 64 << 20


class End(Enum):
    """How a program ended."""

    DONE = "done"
    TIME = "time limit"
    OUTPUT = "output limit"


@dataclass(frozen=True)
class Outcome:
    """What a program left behind. `status` is its exit code, negative for a signal."""

    end: End
    status: int
    stdout: str
    stderr: str


def run(command: Sequence[str], env: Mapping[str, str], limits: Limits) -> Outcome:
    """Run a command to its end or to one of its limits.

    Raises OSError when the program can't be started. However this function ends, also by Ctrl-C, the program has ended.
    """
    process = subprocess.Popen(
        command,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    _running.add(process)
    try:
        _limit_memory(process.pid, limits.memory)
        readers = [_Reader(process, stream, limits.output) for stream in (process.stdout, process.stderr)]
        end = End.DONE
        deadline = time.monotonic() + limits.seconds
        for reader in readers:  # until the program ends; to wait for that with a limit is to look every 50 ms
            reader.join(max(0.0, deadline - time.monotonic()))
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            end = End.TIME
            _kill(process)
        for reader in readers:
            reader.join()
        if any(reader.is_full for reader in readers):
            end = End.OUTPUT
        stdout, stderr = (reader.text for reader in readers)
        return Outcome(end, process.wait(), stdout, stderr)
    finally:
        _running.discard(process)
        _kill(process)


_running: set[subprocess.Popen[bytes]] = set()


def end_all() -> None:
    """Kill every program that runs: Ctrl-C reaches the main thread only, and not those that wait in others."""
    for process in tuple(_running):
        _kill(process)


class _Reader(Thread):
    """Reads one stream of a program, and kills the program when it prints too much."""

    def __init__(self, process: subprocess.Popen[bytes], stream: IO[bytes] | None, limit: int) -> None:
        super().__init__(daemon=True)
        assert stream is not None
        self._process, self._stream, self._left = process, stream, limit
        self._chunks: list[bytes] = []
        self.start()

    def run(self) -> None:
        with self._stream:
            while chunk := os.read(self._stream.fileno(), _CHUNK):
                self._left -= len(chunk)
                if self.is_full:
                    _kill(self._process)
                    return
                self._chunks.append(chunk)

    @property
    def is_full(self) -> bool:
        return self._left < 0

    @property
    def text(self) -> str:
        return b"".join(self._chunks).decode("utf-8", "replace")


def _kill(process: subprocess.Popen[Any]) -> None:
    if process.poll() is not None:
        return
    try:
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def _limit_memory(pid: int, size: int) -> None:
    """Only Linux can limit another process; elsewhere the time limit alone protects the machine."""
    if sys.platform == "linux":
        import resource

        with suppress(ProcessLookupError, PermissionError, ValueError):
            resource.prlimit(pid, resource.RLIMIT_AS, (size, size))
