"""A program that is waited for, whose words reach people while it works.

Sign-in programs of a kubeconfig ask people on stderr to open a page and to enter a code there: whoever keeps that back
until the program ends waits for ever. What a program says as it ends is left to the caller.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
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
        told, times = 0, 0
        while True:
            try:
                printed, said = process.communicate(timeout=SOON)
            except subprocess.TimeoutExpired as slow:
                times += 1
                so_far = (slow.stderr or b"").decode("utf-8", "replace")
                for line in so_far[told:].splitlines():
                    tell(line)
                told = len(so_far)
                if times == LONG:
                    tell(f"{command[0]} takes long; Ctrl-C gives up")
            except BaseException:
                process.kill()
                process.wait()
                raise
            else:
                return subprocess.CompletedProcess(list(command), process.returncode, printed, said)


def _write(pipe: IO[str], text: str) -> None:
    with suppress(BrokenPipeError), pipe:  # whoever does not read it says why
        pipe.write(text)
