"""Broken and evil files: an error with a place, or a chart, soon and in little memory; and nothing is half written."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from generator.compiler import Options, compile_spec
from generator.diagnostics import Diagnostics
from tests.hostile.compiling import HEAD, SECONDS, compiled

WEB = HEAD + "services:\n  web:\n    image: registry.example.com/web:1.0.0\n"
RUN = "run: {image: registry.example.com/work:1.0.0}"


def task(when: str) -> str:
    return HEAD + f"workflows: {{w: {{tasks: {{t: {{when: '${{{{ {when} }}}}', {RUN}}}}}}}}}\n"


def bomb(levels: int = 9) -> str:
    """Ten aliases of ten aliases of ten…"""
    lines = [f"x-{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, levels)]
    return HEAD + "x-0: &a0 [lol]\n" + "".join(lines)


def merge_bomb(levels: int = 300) -> str:
    """Mappings that merge one another."""
    first = ", ".join(f"k{i}: 1" for i in range(200))
    lines = [f"x-{i}: &m{i} {{<<: *m{i - 1}, z{i}: 1}}\n" for i in range(1, levels)]
    return HEAD + f"x-0: &m0 {{{first}}}\n" + "".join(lines)


def chain(length: int) -> str:
    tasks = [f"t{i}: {{needs: [t{(i + 1) % length}], {RUN}}}" for i in range(length)]
    return HEAD + f"workflows: {{w: {{tasks: {{{', '.join(tasks)}}}}}}}\n"


# Name → the file, and the code of the error that it gives.
REFUSED: dict[str, tuple[str | bytes, str]] = {
    "alias bomb": (bomb(), "FH0006"),
    "merge bomb": (merge_bomb(), "FH0006"),
    "alias of itself": (HEAD + "x-a: &a [*a]\n", "FH0006"),
    "alias without anchor": (HEAD + "x-a: *nowhere\n", "FH0006"),
    "open brackets": (HEAD + "x-a: " + "[" * 100_000, "FH0005"),
    "deep mappings": (HEAD + "x-a: " + "{a: " * 50_000 + "}" * 50_000, "FH0005"),
    "deep lists": (HEAD + "x-a:\n  " + "- " * 20_000 + "x\n", "FH0005"),
    "deep indentation": (HEAD + "x-a:\n" + "".join(" " * (i + 1) + "a:\n" for i in range(500)), "FH0005"),
    "many lines": (HEAD + "x-a: |\n" + "  line\n" * 1_300_000, "FH0005"),
    "many values": (HEAD + "x-a: [" + "v," * 100_001 + "]\n", "FH0005"),
    "many digits": (HEAD + f"services: {{web: {{image: a/b:1, replicas: {'9' * 1_000_000}}}}}\n", "FH0007"),
    "many octal digits": (HEAD + f"services: {{web: {{image: a/b:1, replicas: 0o{'7' * 1_000_000}}}}}\n", "FH0007"),
    "huge exponent": (HEAD + "services: {web: {image: a/b:1, replicas: 1e999999999}}\n", "FH1002"),
    "duplicate key": (HEAD + "name: other\nservices: {web: {image: a/b:1}}\n", "FH0002"),
    "tab": (HEAD + "services:\n\tweb:\n\t\timage: a/b:1\n", "FH0003"),
    "null character": ((HEAD + "description: a\0b\n").encode(), "FH0004"),
    "latin-1": ((HEAD + "description: café\n").encode("latin-1"), "FH0004"),
    "utf-16": (WEB.encode("utf-16"), "FH0004"),
    "utf-16 without a mark": (WEB.encode("utf-16-be"), "FH0004"),
    "raw surrogate": (HEAD.encode() + b"description: \xed\xa0\x80\n", "FH0004"),
    "escaped surrogate": (HEAD + 'description: "\\ud800"\n', "FH0001"),
    "gzip": (b"\x1f\x8b\x08\x00" + bytes(range(256)), "FH0004"),
    "two documents": (WEB + "---\n" + WEB, "FH0008"),
    "python object": (HEAD + "description: !!python/object/apply:os.system [id]\n", "FH0009"),
    "binary": (HEAD + "description: !!binary aGVsbG8=\n", "FH0009"),
    "key that is a list": (HEAD + "? [a, b]\n: c\n", "FH0010"),
    "list at the top": ("- a\n- b\n", "FH1002"),
    "many unknown keys": (HEAD + "".join(f"k{i}: v\n" for i in range(2_000)), "FH1001"),
    "long version": (HEAD.replace("1.0.0", "1.0.0-" + "0" * 100_000 + "!"), "FH1005"),
    "long image": (HEAD + f"services: {{web: {{image: {'a-' * 100_000}}}}}\n", "FH1005"),
    "nearly an image": (HEAD + f"services: {{web: {{image: {'a__' * 80}!}}}}\n", "FH1005"),
    "long duration": (task("true").replace("tasks:", f"timeout: {'1h' * 50_000}, tasks:"), "FH1005"),
    "long schedule": (
        task("true").replace("tasks:", f"triggers: {{schedule: {{cron: '0 3 * * {'1,' * 50_000}'}}}}, tasks:"),
        "FH1005",
    ),
    "deep expression": (task("(" * 50_000 + "1" + ")" * 50_000), "FH2205"),
    "parentheses": (task("(" * 1_900 + "true" + ")" * 1_900), "FH2205"),
    "negations": (task("!" * 4_000 + "true"), "FH2205"),
    "cycle of many": (chain(1_000), "FH2301"),
}

TAKEN = {
    "windows lines": WEB.replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + WEB,
    "json": '{"flowhelm": "v1", "name": "shop", "version": "1.0.0", "services": {"web": {"image": "a/b:1"}}}',
    "directive": "%YAML 1.2\n---\n" + WEB + "...\n",
    "many anchors": WEB + "x-a: [" + ",".join(f"&a{i} v" for i in range(20_000)) + "]\n",
    "long argument": WEB + f'    args: ["{"x" * 300_000}"]\n',
    "long description": WEB + f'description: "{"x " * 50_000}"\n',
    "operators": task("true && " * 90 + "true"),
}


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "spec.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("name", REFUSED)
def test_an_evil_file_is_refused_with_a_place_and_soon(name: str, tmp_path: Path) -> None:
    text, code = REFUSED[name]
    path = write(tmp_path, text)
    found = Diagnostics()
    start = time.process_time()
    assert compile_spec(path, Options(tmp_path), found) is None
    assert time.process_time() - start < SECONDS
    assert code in {each.code.id for each in found}
    lines = path.read_bytes().decode("utf-8-sig", "replace").splitlines()
    for each in found:
        assert each.span is not None
        assert 1 <= each.span.start.line <= len(lines) + 1
        assert each.span.start.column >= 1
        assert len(each.message) < 1_000 or each.code.id == "FH2301", "only a whole cycle may be long"


@pytest.mark.parametrize("name", TAKEN)
def test_an_unusual_file_that_is_right_is_compiled_soon(name: str, tmp_path: Path) -> None:
    path = write(tmp_path, TAKEN[name])
    found = Diagnostics()
    start = time.process_time()
    compilation = compile_spec(path, Options(tmp_path), found)
    assert time.process_time() - start < SECONDS
    assert compilation is not None, [each.message for each in found]


@pytest.mark.parametrize("name", ["alias bomb", "merge bomb", "open brackets", "many lines", "many unknown keys"])
def test_the_worst_need_little_memory_and_leave_the_old_chart_as_it_was(name: str, tmp_path: Path) -> None:
    write(tmp_path, WEB)
    assert compiled(tmp_path / "spec.yaml").code == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.name != "spec.yaml"}
    assert len(before) > 5
    ended = compiled(write(tmp_path, REFUSED[name][0]))
    assert ended.code == 1
    assert "Traceback" not in ended.stderr
    assert REFUSED[name][1] in {each["code"] for each in ended.errors}
    assert all(each["file"] == "spec.yaml" and each["line"] > 0 for each in ended.errors)
    assert ended.seconds < SECONDS
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.name != "spec.yaml"}
    assert after == before
