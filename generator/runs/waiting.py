"""A program that is waited for, whose words reach people while it works.

Sign-in programs of a kubeconfig ask people on stderr to open a page and to enter a code there: whoever keeps that back
until the program ends waits for ever. What a program says as it ends is left to the caller.
"""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import IO

SOON = 1.0
"""Seconds after which what has been said by then is passed on, if the program still runs."""

LONG = 10
"""So many times nothing has come, then it is told."""


def wait_for(
    command: Sequence[str], stdin: str | None, tell: Callable[[str], None]
) -> subprocess.CompletedProcess[str]:
    """Run it to its end; `tell` gets each line of its stderr that it has not ended with."""
    with subprocess.Popen(
        command,
        stdin=None if stdin is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    ) as process:
        if process.stdin:  # beside the reading: what `communicate` has not written by its time-out is lost
            threading.Thread(target=_write, args=(process.stdin, stdin), daemon=True).start()
            process.stdin = None
        try:
            printed, said = _read(process, partial(_tell, command[0], tell))
        except BaseException:
            process.kill()
            process.wait()
            raise
    return subprocess.CompletedProcess(list(command), process.returncode, printed, said)


def _read(process: subprocess.Popen[str], tell: Callable[[int, Sequence[str]], None]) -> tuple[str, str]:
    """All that it prints and says; `tell` gets how often nothing has ended it, and what it has said since."""
    told, times = 0, 0
    while True:
        try:
            return process.communicate(timeout=SOON)
        except subprocess.TimeoutExpired as slow:
            so_far = (slow.stderr or b"").decode("utf-8", "replace")
        times += 1
        tell(times, so_far[told:].splitlines())
        told = len(so_far)


def _tell(program: str, tell: Callable[[str], None], times: int, said: Sequence[str]) -> None:
    for line in said:
        tell(line)
    if times == LONG:
        tell(f"{program} takes long; Ctrl-C gives up")


def _write(pipe: IO[str], text: str) -> None:
    """Whoever does not read it says why."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPIPE})  # at which the command line would end without a word
    with suppress(BrokenPipeError), pipe:
        pipe.write(text)
