"""A program that is waited for: what it says while it works reaches people, what it ends with is the caller's."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import flowhelm
from generator.runs import waiting
from generator.runs.kubectl import Kubectl
from generator.runs.waiting import wait_for

SIGN_IN = """
import sys, time, pathlib
print("open https://example.com and enter ABC", file=sys.stderr, flush=True)
while not pathlib.Path(sys.argv[1]).exists():
    time.sleep(0.01)
print(sys.stdin.read(), end="")
print("thank you", file=sys.stderr)
sys.exit(3)
"""


def test_what_a_sign_in_asks_is_told_before_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "SOON", 0.2)
    done, told = tmp_path / "done", []

    def answers(line: str) -> None:
        told.append(line)
        done.touch()

    found = wait_for([sys.executable, "-c", SIGN_IN, str(done)], "é" * 100_000, answers)
    assert told == ["open https://example.com and enter ABC"]
    assert (found.returncode, found.stdout) == (3, "é" * 100_000)
    assert found.stderr == "open https://example.com and enter ABC\nthank you\n"


def test_that_it_takes_long_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "SOON", 0.05)
    done, told = tmp_path / "done", []
    silent = "import sys, time, pathlib\nwhile not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.01)"

    def answers(line: str) -> None:
        told.append(line)
        done.touch()

    assert wait_for([sys.executable, "-c", silent, str(done)], None, answers).returncode == 0
    assert told == [f"{sys.executable} takes long; Ctrl-C gives up"]


def test_what_is_not_read_ends_nobody() -> None:
    """The command line dies at a broken pipe, as `flowhelm … | head` should; not at this one."""
    program = (
        "import signal; from generator.runs.waiting import wait_for; signal.signal(signal.SIGPIPE, signal.SIG_DFL);"
        "print(wait_for(['sh', '-c', 'echo no >&2; exit 3'], 'x' * 1_000_000, print))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "returncode=3" in done.stdout
    assert "stderr='no\\n'" in done.stdout


KUBECTL = """#!/bin/sh
echo "To sign in, enter ABC" >&2
echo 'E1128 16:38:35.238101    3728 memcache.go:381] "no list"' >&2
echo $$ > {folder}/pid
exec sleep 60
"""


def test_people_are_told_and_may_give_up(tmp_path: Path) -> None:
    kubectl = tmp_path / "kubectl"
    kubectl.write_text(KUBECTL.format(folder=tmp_path))
    kubectl.chmod(0o755)
    program = [sys.executable, "-m", "generator.cli", "runs", "--kubectl", str(kubectl)]
    with subprocess.Popen(program, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "To sign in, enter ABC\n"
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == "\ninterrupted\n"
    assert process.returncode == 130
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists(), "kubectl is ended too"


def test_a_kubeconfig_without_anything_to_sign_in_with(tmp_path: Path) -> None:
    kubectl = tmp_path / "kubectl"
    kubectl.write_text("#!/bin/sh\nprintf 'Please enter Username: '\necho 'error: EOF' >&2\nexit 1\n")
    kubectl.chmod(0o755)
    result = CliRunner().invoke(flowhelm, ["runs", "--kubectl", str(kubectl)])
    assert result.stderr == ("Error: kubectl asks for a user's name: the kubeconfig has nothing to sign in with\n")


def test_a_request_has_an_end_and_a_log_may_be_long(tmp_path: Path) -> None:
    kubectl = tmp_path / "kubectl"
    kubectl.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\necho \'{{"items": []}}\'\n')
    kubectl.chmod(0o755)
    through = Kubectl(str(kubectl))
    through.select("jobs", "a=b")
    through.run("logs", "pod")
    assert (tmp_path / "asked").read_text().splitlines() == [
        "get jobs -l a=b -o json --request-timeout=120s",
        "logs pod",
    ]
