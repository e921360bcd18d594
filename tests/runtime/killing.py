"""A runner in a process of its own, and ways to kill it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from tests.runtime.simulated_run import Simulation

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import http.client, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from generator.runtime.kube import Api
from generator.runtime.opening import Identity
from generator.runtime.runner import Runner, carry_out
from tests.runtime.simulated_cluster import FastClock
import os, signal
clock = FastClock({speed})
api = Api(lambda seconds: http.client.HTTPConnection("127.0.0.1", {port}, timeout=seconds), "ns", clock)
runner = Runner(api, clock, Identity({name!r}, {uid!r}, {pod!r}), Path({folder!r}))
signal.signal(signal.SIGTERM, lambda *_: runner.stop())
code = carry_out(runner, Path({folder!r}) / "termination-log")
sys.stdout.flush()
os._exit(code)
"""


def start(simulated: Simulation, log: IO[bytes] | int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """A runner in a process of its own; its log goes there."""
    simulated.pods += 1
    program = PROGRAM.format(
        root=str(ROOT),
        speed=simulated.clock.speed,
        port=simulated.port,
        name=simulated.name,
        uid=simulated.uid,
        pod=f"pod-{simulated.pods}",
        folder=str(simulated.folder),
    )
    return subprocess.Popen([sys.executable, "-B", "-S", "-c", program], stdout=log)


def kill_at(simulated: Simulation, process: subprocess.Popen[bytes], number: int, when: str) -> None:
    """Have the API server kill the runner at its so-manyth request, before or after it takes effect."""
    count = 0
    lock = threading.Lock()

    def kill(method: str, path: str) -> str | None:
        nonlocal count
        if path.endswith("/events") or method == "WATCH":
            return None
        with lock:
            count += 1
            if count != number:
                return "drop" if count > number else None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        return "drop"

    if when == "before":
        simulated.cluster.fault = kill
    else:
        simulated.cluster.after = lambda method, path: kill(method, path) and None


def forget(simulated: Simulation) -> None:
    simulated.cluster.fault = lambda method, path: None
    simulated.cluster.after = lambda method, path: None
