"""What Ctrl-C does, and `--watch`: commands in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import PROGRAM, SPEC, WRONG, environment, fake_helm, snapshot

PATIENCE = 15.0


def started(folder: Path, *arguments: str, **changes: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=folder,
        env=environment(**changes),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def until(holds: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until it holds, as long as the process lives."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.05)


def ended(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What it wrote, when it ends in time; it is killed when it does not."""
    try:
        return process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        return process.communicate()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("old", [True, False], ids=["over an old chart", "for the first time"])
def test_an_interrupted_compilation_writes_nothing_and_ends_helm(old: bool, folder: Path) -> None:
    if old:
        subprocess.run([*PROGRAM, "compile", "spec.yaml", "--no-validate"], check=True, capture_output=True)
        (folder / "spec.yaml").write_text(SPEC.replace("8080", "8081"))
    before = snapshot(folder)
    helm = fake_helm(folder, f"echo $$ > {folder}/pid.part; mv {folder}/pid.part {folder}/pid; exec sleep 40")
    process = started(folder, "compile", "spec.yaml", FLOWHELM_HELM=str(helm))
    until((folder / "pid").exists, process)
    helm_pid = int((folder / "pid").read_text())
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = ended(process)
    assert process.returncode == 130
    assert time.monotonic() - start < 10, "Helm is not waited for"
    assert "interrupted" in err
    assert "Traceback" not in err
    assert out == ""
    assert not alive(helm_pid)
    left = snapshot(folder)
    assert {name: left[name] for name in left if name not in ("fake-helm", "pid")} == before


def test_watching_compiles_again_on_a_change_until_it_is_interrupted(folder: Path) -> None:
    process = started(folder, "compile", "spec.yaml", "--watch", "--no-validate")
    card = folder / "charts-out/shop/Chart.yaml"
    told: list[str] = []

    def tells(words: str) -> None:
        """Read what it says up to a line with these words: only then has it finished what they speak of."""
        assert process.stderr is not None
        for line in process.stderr:
            told.append(line)
            if words in line:
                return
        pytest.fail(f"it never said {words!r}: {''.join(told)}")

    deadline = threading.Timer(4 * PATIENCE, process.kill)
    deadline.start()
    try:
        tells("charts-out/shop: ")
        (folder / "spec.yaml").write_text(WRONG)
        tells("1 error")
        (folder / "spec.yaml").write_text(SPEC.replace("version: 1.0.0", "version: 1.0.1"))
        tells("charts-out/shop: ")
        assert "1.0.1" in card.read_text()
    finally:
        process.send_signal(signal.SIGINT)
        _, err = ended(process)
        deadline.cancel()
    assert process.returncode == 130
    assert "Traceback" not in err


def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    command = f"{PROGRAM[0]} -c '{PROGRAM[2]}' compile spec.yaml --no-validate --format sarif | head -c 1"
    ended = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True)
    assert ended.stdout == "{"
    assert ended.stderr == ""
