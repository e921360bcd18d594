"""Broken and evil charts: an error at a line that can be mended, soon and in little memory, and nothing else read."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.cli.validating import ValidationBench
from generator.diagnostics import Diagnostic, Diagnostics, Severity

CARD = "apiVersion: v2\nname: c\nversion: 1.0.0\n"
OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
SUB = {"charts/s/Chart.yaml": CARD.replace("name: c", "name: s")}
BOMB = "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
)

# Name → the files beside Chart.yaml and one template; code and place of the error.
CHARTS: dict[str, tuple[dict[str, str | bytes], str, str]] = {
    "unclosed action": ({"templates/b.yaml": "a: 1\nb: {{ .Values.x\nc: 1\n"}, "FH6010", "templates/b.yaml:3"),
    "unclosed block": ({"templates/b.yaml": "a: 1\n{{ if .Values.x }}\nc: 1\n"}, "FH6010", "templates/b.yaml:4"),
    "missing include": ({"templates/b.yaml": 'a: 1\nb: {{ include "x" . }}\n'}, "FH6011", "templates/b.yaml:2"),
    "unknown function": ({**SUB, "charts/s/templates/s.yaml": "\n{{ foo }}"}, "FH6010", "charts/s/templates/s.yaml:2"),
    "nil in a sub-chart": (
        {**SUB, "charts/s/templates/s.yaml": "\nb: {{ .Values.x.y }}\n"},
        "FH6011",
        "charts/s/templates/s.yaml:2",
    ),
    "fail in a helper": (
        {"templates/b.yaml": '{{ include "h" . }}', "templates/_h.tpl": '{{ define "h" }}\n{{ fail "no" }}{{ end }}'},
        "FH6011",
        "templates/_h.tpl:2",
    ),
    "required": ({"templates/b.yaml": 'a: 1\nb: {{ required "b?" .Values.b }}\n'}, "FH6011", "templates/b.yaml:2"),
    "endless include": (
        {"templates/b.yaml": '{{ define "r" }}{{ include "r" . }}{{ end }}\n{{ include "r" . }}'},
        "FH6011",
        "templates/b.yaml:1",
    ),
    "endless template": (
        {"templates/b.yaml": '{{ define "r" }}{{ template "r" . }}{{ end }}\n{{ template "r" . }}'},
        "FH6011",
        "templates/b.yaml:1",
    ),
    "a rendered line that is no YAML": (
        {"templates/b.yaml": OBJECT + "data:\n  a: b\n {{ .Release.Name }}: x\n"},
        "FH6014",
        "templates/b.yaml:6",
    ),
    "wrong indentation after toYaml": (
        {
            "templates/b.yaml": OBJECT + "data:\n  {{- toYaml .Values.d | nindent 1 }}\n  x: y\n",
            "values.yaml": "d: {a: b}",
        },
        "FH6014",
        "templates/b.yaml:6",
    ),
    "a key twice": ({"templates/b.yaml": OBJECT + "data: {a: b}\ndata: {c: d}\n"}, "FH3001", "templates/b.yaml:5"),
    "alias bomb in the output": ({"templates/b.yaml": BOMB}, "FH6014", "templates/b.yaml:"),
    "binary junk": ({"templates/b.yaml": bytes(range(256)) * 100}, "FH6014", "templates/b.yaml:1"),
    "null character": ({"templates/b.yaml": OBJECT + 'data: {a: "\0"}\n'}, "FH6014", "templates/b.yaml:4"),
    "values that are a list": ({"values.yaml": "- a\n"}, "FH6013", "values.yaml:1"),
    "values that are text": ({"values.yaml": "text\n"}, "FH6013", "values.yaml:1"),
    "values that are deep": ({"values.yaml": "a: " + "[" * 20_000 + "]" * 20_000}, "FH6013", "values.yaml:1"),
    "alias bomb in values": ({"values.yaml": BOMB}, "FH6013", "values.yaml:1"),
    "a schema that is none": ({"values.schema.json": "{"}, "FH6012", "values.schema.json:1"),
    "a schema of a sub-chart": (
        {
            **SUB,
            "values.yaml": "a: 1\ns:\n  port: x\n",
            "charts/s/values.schema.json": '{"properties": {"port": {"type": "integer"}}}',
        },
        "FH6012",
        "values.yaml:3",
    ),
    "Chart.yaml that is no YAML": ({"Chart.yaml": "name: [\n"}, "FH6013", "Chart.yaml:1"),
    "Chart.yaml that is a list": ({"Chart.yaml": "- a\n"}, "FH6013", "Chart.yaml:1"),
    "Chart.yaml that is empty": ({"Chart.yaml": ""}, "FH6013", "Chart.yaml:1"),
    "a name that is a path": ({"Chart.yaml": CARD.replace("c\n", "../c\n", 1)}, "FH6013", "Chart.yaml:2"),
    "another Kubernetes": ({"Chart.yaml": CARD + 'kubeVersion: ">=1.99"\n'}, "FH6013", "Chart.yaml:4"),
    "a packed sub-chart that is none": ({"charts/x-1.tgz": b"junk"}, "FH6013", "charts/x-1.tgz:1"),
}  # fmt: skip


def validated(named: Path, helm: Path) -> list[Diagnostic]:
    diagnostics = Diagnostics()
    bench = ValidationBench(diagnostics, ("1.35",), helm=str(helm))
    bench.validate(str(named))
    return [found for found in diagnostics if found.severity is Severity.ERROR]


def written(folder: Path, files: dict[str, str | bytes]) -> Path:
    """A chart with one template and these files."""
    for name, content in {"Chart.yaml": CARD, "templates/a.yaml": OBJECT, **files}.items():
        path = folder / "c" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder / "c"


@pytest.mark.parametrize("name", CHARTS)
def test_a_broken_chart_leads_to_the_line(name: str, tmp_path: Path, helm: Path) -> None:
    files, code, place = CHARTS[name]
    chart = written(tmp_path, files)
    [found] = validated(chart, helm)
    assert found.span is not None
    assert (found.code.id, f"{found.span.file}:{found.span.start.line}") == (code, f"{chart}/{place}") or (
        place.endswith(":") and f"{found.span.file}:" == f"{chart}/{place}"
    )
    assert len(found.message) < 500


def test_what_is_not_closed_is_shown(tmp_path: Path, helm4: Path) -> None:
    [found] = validated(written(tmp_path, {"templates/b.yaml": "a: 1\nb: {{ .Values.x\nc: 1\n"}), helm4)
    assert [(note.message, note.span.start.line) for note in found.notes] == [
        ("the action that begins here is not closed by }}", 2)
    ]
    [found] = validated(written(tmp_path, {"templates/b.yaml": "{{ range .x }}{{ if .y }}\n{{ end }}\n"}), helm4)
    assert [(note.message, note.span.start.line) for note in found.notes] == [("this `range` has no `end`", 1)]


def test_a_rendered_line_is_told_unless_it_may_be_secret(tmp_path: Path, helm4: Path) -> None:
    text = OBJECT + "data:\n  a: b\n {{ .Release.Name }}: x\n"
    [found] = validated(written(tmp_path, {"templates/b.yaml": text}), helm4)
    assert found.hint == "that line is rendered as `release: x`"
    [found] = validated(written(tmp_path, {"templates/b.yaml": text.replace("ConfigMap", "Secret")}), helm4)
    assert "release" not in found.hint


def test_a_recursion_through_the_values_is_stopped(tmp_path: Path, helm4: Path) -> None:
    text = "{{ tpl .Values.x . }}"
    [found] = validated(written(tmp_path, {"templates/b.yaml": text, "values.yaml": f"x: '{text}'"}), helm4)
    assert found.code.id in ("FH6005", "FH6011")


# --- links and what is no file ---------------------------------------------------------------------------------------


def link(target: str, at: str = "templates/link.yaml") -> Callable[[Path], None]:
    def make(chart: Path) -> None:
        (chart / at).unlink(missing_ok=True)
        (chart / at).symlink_to(target)

    return make


UNSAFE: dict[str, Callable[[Path], None]] = {
    "link out": link("/etc/passwd"),
    "link out as values": link("/etc/passwd", "values.yaml"),
    "link to a device": link("/dev/zero"),
    "folder that is a link out": link("/etc", "templates/etc"),
    "link to itself": link("link.yaml"),
    "link in a circle": link("..", "templates/circle"),
    "link to nowhere": link("nowhere.yaml"),
    "link through a link": lambda chart: (link("/", "files")(chart), link("../files/etc/passwd")(chart))[0],
    "pipe": lambda chart: os.mkfifo(chart / "templates/pipe.yaml"),
    "pipe as values": lambda chart: os.mkfifo(chart / "values-prod.yaml"),
}


@pytest.mark.parametrize("name", UNSAFE)
def test_nothing_outside_of_the_chart_is_read_or_waited_for(name: str, tmp_path: Path) -> None:
    chart = written(tmp_path, {})
    UNSAFE[name](chart)
    [found] = validated(chart, Path("/bin/false"))  # Helm is not even started
    assert found.code.id == "FH6212"
    assert "root:" not in found.message


def test_links_within_the_repository_are_followed(tmp_path: Path, helm4: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "common.yaml").write_text(OBJECT.replace("name: a", "name: B"))
    chart = written(tmp_path, {})
    link("../../common.yaml")(chart)
    assert [found.code.id for found in validated(chart, helm4)] == ["FH3101"]


# --- archives --------------------------------------------------------------------------------------------------------


def packed(*members: tuple[str, bytes]) -> bytes:
    """A gzipped tar archive."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def huge() -> bytes:
    """An archive of 130 KB that is 120 MiB large when unpacked."""
    card, entry = tarfile.TarInfo("s/Chart.yaml"), tarfile.TarInfo("s/templates/big.yaml")
    text = CARD.replace("name: c", "name: s").encode()
    card.size, entry.size = len(text), 120 << 20
    return gzip.compress(card.tobuf() + text.ljust(512, b"\0") + entry.tobuf() + bytes(entry.size), 1)


def test_a_packed_sub_chart_writes_nothing_outside_and_is_no_bomb(tmp_path: Path, helm: Path) -> None:
    card = CARD.replace("name: c", "name: s").encode()
    evil = packed(("s/Chart.yaml", card), ("../evil.yaml", b"x"))
    chart = written(tmp_path, {"charts/s-1.tgz": evil})
    found = validated(chart, helm)
    assert {each.code.id for each in found} <= {"FH6204", "FH6013"}
    assert f"{chart}/charts/s-1.tgz" in {each.span.file for each in found if each.span}
    assert not [path for path in (tmp_path, tmp_path / "c", tmp_path / "c/charts") if (path / "evil.yaml").exists()]
    [large] = validated(written(tmp_path, {"charts/s-1.tgz": huge()}), helm)
    assert (large.code.id, large.span and large.span.file) == ("FH6013", f"{chart}/charts/s-1.tgz")


def test_a_file_that_is_packed_twice_is_refused(tmp_path: Path, helm4: Path) -> None:
    (tmp_path / "c.tgz").write_bytes(packed(("c/Chart.yaml", CARD.encode()), ("c/Chart.yaml", b"x")))
    [found] = validated(tmp_path / "c.tgz", helm4)
    assert found.code.id == "FH6204"


# --- charts that are right, however odd ------------------------------------------------------------------------------


def test_charts_in_charts_in_charts_and_empty_ones_are_fine(tmp_path: Path, helm4: Path) -> None:
    files: dict[str, str | bytes] = {}
    for depth in range(1, 30):
        files |= {"charts/c/" * depth + "Chart.yaml": CARD, "charts/c/" * depth + "templates/a.yaml": ""}
    assert validated(written(tmp_path, files), helm4) == []


def test_a_library_is_parsed(tmp_path: Path, helm: Path) -> None:
    files: dict[str, str | bytes] = {"Chart.yaml": CARD + "type: library\n", "templates/a.yaml": ""}
    chart = written(tmp_path, {**files, "templates/_a.tpl": '{{ define "a" }}{{ end }}'})
    assert validated(chart, helm) == []
    [found] = validated(written(tmp_path, {**files, "templates/_a.tpl": '\n{{ define "a" }}{{ foo }}{{ end }}'}), helm)
    assert (found.code.id, found.span and found.span.start.line) == ("FH6010", 2)


def test_what_the_schema_says_of_a_secret_is_not_shown(tmp_path: Path, helm: Path) -> None:
    schema = '{"properties": {"dbPassword": {"type": "string", "pattern": "^x"}}}'
    chart = written(tmp_path, {"values.yaml": "dbPassword: hunter2\n", "values.schema.json": schema})
    [found] = validated(chart, helm)
    assert found.code.id == "FH6012"
    assert "hunter2" not in found.message
