"""The stand-in of the examples: it plays what its table says, and refuses all else."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).resolve().parents[2] / "examples" / "stand-in" / "stand_in.py"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """A function that starts the program with an entry for its image; all are ended with the test."""
    running: list[subprocess.Popen[str]] = []
    shutil.copyfile(PROGRAM, tmp_path / "stand_in.py")

    def begin(entry: object, *arguments: str, **variables: str) -> "subprocess.Popen[str]":
        (tmp_path / "stand-in.json").write_text(json.dumps({"a/b:1": entry}), encoding="utf-8")
        environment = {**os.environ, "STAND_IN": "a/b:1", "FLOWHELM_OUTPUTS": str(tmp_path / "outputs"), **variables}
        command = [sys.executable, str(tmp_path / "stand_in.py"), *arguments]
        running.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def ended(process: "subprocess.Popen[str]") -> tuple[int, Any]:
    """The exit code and the line that it wrote."""
    said, _ = process.communicate(timeout=20)
    return process.returncode, json.loads(said) if said else None


def test_a_program_gives_outputs_by_its_arguments(start: Callable[..., Any], tmp_path: Path) -> None:
    entry = {
        "env": {"MODE": "fast", "TOKEN": "*"},
        "runs": [
            {"if": {"size": "9"}, "exit": 3},
            {"if": {"1": "one"}, "give": {"all": "{size}", "said": "<{1}>"}, "write": {str(tmp_path / "x"): "{1}"}},
        ],
    }
    assert ended(start(entry, "one", "--size=3", MODE="fast", TOKEN="t"))[0] == 0
    assert json.loads((tmp_path / "outputs").read_text(encoding="utf-8")) == {"all": "3", "said": "<one>"}
    assert (tmp_path / "x").read_text(encoding="utf-8") == "one"
    assert ended(start(entry, "--size", "9", MODE="fast", TOKEN="t"))[0] == 3
    code, line = ended(start(entry, "two", MODE="fast", TOKEN="t"))
    assert (code, line["did"], line["args"]) == (64, "refusal", ["two"])
    code, line = ended(start({"runs": [{}]}, "anything"))
    assert (code, line["did"]) == (0, "run"), "a rule that asks for nothing fits all"


def test_what_is_missing_keeps_it_from_starting(start: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "there").write_text("a: 1", encoding="utf-8")
    entry = {
        "env": {"MODE": "fast", "TOKEN": "*"},
        "files": {str(tmp_path / "there"): "b: 2", str(tmp_path / "gone"): "x"},
        "writable": [str(tmp_path), str(tmp_path / "nowhere")],
        "runs": {},
    }
    code, line = ended(start(entry, MODE="slow", TOKEN=""))
    assert code == 78
    assert line["faults"] == [
        "the variable MODE is 'slow', not 'fast'",
        "the variable TOKEN is '', not '*'",
        f"{tmp_path}/there does not hold 'b: 2'",
        f"{tmp_path}/gone: [Errno 2] No such file or directory: '{tmp_path}/gone'",
        f"{tmp_path}/nowhere is not writable: [Errno 2] No such file or directory: '{tmp_path}/nowhere/.probe'",
    ]


def test_a_service_answers_by_the_facts_of_a_request(start: Callable[..., Any]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    answers = {
        "GET /readyz": {},
        "POST /people/{person}": [
            {"if": {"person": "bob", "tall": True}, "times": 1, "status": 503},
            {"if": {"person": "bob"}, "give": {"who": "{person}", "tall": "{tall}", "from": "{town}"}},
        ],
    }
    process = start({"port": port, "answers": answers})

    def ask(request: str, body: object = None) -> tuple[int, Any]:
        method, path = request.split()
        data = None if body is None else json.dumps(body).encode()
        wanted = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, {"X-A": "b"}, method=method)
        try:
            with urllib.request.urlopen(wanted, timeout=10) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    end = time.monotonic() + 20
    while True:
        try:
            assert ask("GET /readyz") == (200, {})
            break
        except urllib.error.URLError:
            assert time.monotonic() < end, "it does not start"
            time.sleep(0.05)
    assert ask("POST /people/bob?town=Ulm", {"tall": True})[0] == 503
    assert ask("POST /people/bob?town=Ulm", {"tall": True}) == (200, {"who": "bob", "tall": True, "from": "Ulm"})
    assert ask("POST /people/ann", {"tall": True})[0] == 422, "no rule fits"
    assert ask("GET /people/bob")[0] == 404
    process.terminate()
    lines = [json.loads(line) for line in process.communicate(timeout=20)[0].splitlines()]
    assert [(line["request"], line["status"], line["body"]) for line in lines] == [
        ("POST /people/bob?town=Ulm", 503, {"tall": True}),
        ("POST /people/bob?town=Ulm", 200, {"tall": True}),
        ("POST /people/ann", 422, {"tall": True}),
        ("GET /people/bob", 404, None),
    ]
    assert lines[0]["headers"] == {"X-A": "b"}
