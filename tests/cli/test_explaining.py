"""`explain`, `--version` and `--help`: what a user reads before and after a finding."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from generator import __version__
from generator.catalog import all_codes
from generator.cli import COMMANDS
from tests.cli.conftest import PROGRAM, Run


def test_every_code_is_explained(run: Run) -> None:
    for name, code in all_codes().items():
        result = run("explain", name)
        assert result.code == 0
        assert result.err == ""
        words = " ".join(result.out.split())
        for text in (name, code.title, code.why, code.source):
            assert " ".join(text.split()) in words, name
        for example in (code.wrong, code.right):
            assert all(line.strip() in result.out for line in example.splitlines()), name


def test_policies_say_how_presets_take_them(run: Run) -> None:
    assert "\nPresets: minimal off, standard note, strict warning\n" in run("explain", "FH4206").out
    assert "Presets:" not in run("explain", "FH3101").out


def test_without_a_code_all_are_listed(run: Run) -> None:
    lines = run("explain").out.splitlines()
    assert [line.split()[0] for line in lines] == list(all_codes())
    assert "FH1001  error    unknown key" in lines


@pytest.mark.parametrize("written", ["fh1001", "FH1001"])
def test_a_code_may_be_written_in_small_letters(written: str, run: Run) -> None:
    assert "FH1001" in run("explain", written).out


def test_a_code_that_is_none_is_wrong_usage(run: Run) -> None:
    result = run("explain", "E1234")
    assert result.code == 64
    assert "FH and four digits" in result.err


def test_the_schema_is_the_one_that_is_committed(run: Run) -> None:
    assert run("schema").out == (Path(__file__).parents[2] / "flowhelm.schema.json").read_text(encoding="utf-8")


def test_the_version(run: Run) -> None:
    result = run("--version")
    assert result.code == 0
    assert result.out.split() == ["flowhelm,", "version", __version__]


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example_on_a_line_of_its_own_first(command: str, flag: str, run: Run) -> None:
    result = run(command, flag)
    assert result.code == 0
    assert "\\b" not in result.out
    lines = [line.strip() for line in result.out.splitlines()]
    examples = [number for number, line in enumerate(lines) if line.startswith(f"flowhelm {command} ")]
    assert examples
    assert examples[0] < lines.index("Options:")
    assert all(line.count("flowhelm ") == 1 or "|" in line for line in (lines[number] for number in examples))


def test_help_lists_every_command(run: Run) -> None:
    result = run("--help")
    assert result.code == 0
    assert "\\b" not in result.out
    commands = result.out.partition("Commands:")[2]
    for command in COMMANDS:
        assert any(line.split()[:1] == [command] and len(line.split()) > 2 for line in commands.splitlines())


def test_a_command_that_is_none_is_wrong_usage(run: Run) -> None:
    for word, said in (
        ("stauts", "there is no command 'stauts'; did you mean status?"),
        ("x", "there is no command 'x'"),
    ):
        result = run(word)
        assert (result.code, result.err.splitlines()[-1]) == (64, f"Error: {said}")


def test_the_program_itself(tmp_path: Path) -> None:
    """As it is installed: the exit code and the streams are the process's."""
    ended = subprocess.run([*PROGRAM, "compile"], cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 64
    assert ended.stdout == ""
    assert "Usage: flowhelm compile" in ended.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_calls_back_for_the_words(shell: str, run: Run) -> None:
    script = run("completion", shell).out
    assert "_FLOWHELM_COMPLETE" in script
    words = {"COMP_WORDS": "flowhelm com", "COMP_CWORD": "1" if shell != "fish" else "com"}
    environment = {**os.environ, "_FLOWHELM_COMPLETE": f"{shell}_complete", **words}
    result = subprocess.run([*PROGRAM], env=environment, capture_output=True, text=True, check=False)
    assert "compile" in result.stdout
    assert "completion" in result.stdout
