"""Rendering with real Helm, of both majors: manifests with their templates, and each failure at its place."""

import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from generator.chart.model import Origin, Origins
from generator.diagnostics import Diagnostics, Severity, Span
from generator.render.engine import Engine, find_engine
from generator.render.process import End, Limits, run
from generator.render.renderer import Rendering, Settings, lint, render, render_each
from tests.helm import helm_binaries, helm_binary

SETTINGS = Settings("1.33")


ENGINES = [Path(path).parent.name for path in helm_binaries()] + ["library"]


@pytest.fixture(params=ENGINES)
def engine(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Engine:
    """Each Helm of the cache, and the library when `pip install 'flowhelm[helm]'` put it there."""
    named = next((path for path in helm_binaries() if Path(path).parent.name == request.param), None)
    if named is None:
        pytest.importorskip("helm_python")
        monkeypatch.setenv("PATH", "")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("empty")))
    found = find_engine(named, Diagnostics())
    assert found is not None
    assert found.is_library == (named is None)
    return found


@pytest.fixture
def newest() -> Engine:
    found = find_engine(helm_binary(), Diagnostics())
    assert found is not None
    return found


def chart(folder: Path, **files: str) -> Path:
    """A chart `c`; the names of files have `__` for `/` and get `.yaml`."""
    files = {"Chart": "apiVersion: v2\nname: c\nversion: 1.0.0\n", **files}
    for name, text in files.items():
        path = folder / "c" / (name.replace("__", "/") + ("" if "." in name else ".yaml"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "c"


def said(diagnostics: Diagnostics, folder: Path) -> list[tuple[str, str, str]]:
    """Code, `file:line:column` relative to the folder, message."""
    return [(found.code.id, place(found.span, folder), found.message) for found in diagnostics]


def place(span: Span | None, folder: Path) -> str:
    assert span is not None
    return f"{os.path.relpath(span.file, folder)}:{span.start.line}:{span.start.column}"


CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n"


def test_objects_know_their_template(tmp_path: Path, engine: Engine) -> None:
    folder = chart(
        tmp_path,
        templates__web__a=CONFIG % "{{ .Release.Name }}-a" + "---\n" + CONFIG % "{{ .Values.b }}",
        values="b: one\n",
        crds__x=CONFIG % "x",
        charts__sub__Chart="apiVersion: v2\nname: sub\nversion: 1.0.0\n",
        charts__sub__templates__s=CONFIG % "{{ .Capabilities.KubeVersion.Version }}",
        **{"templates__NOTES.txt": "hello"},
    )
    (tmp_path / "more.yaml").write_text("b: two\n")
    settings = Settings("1.33", release="r", values_files=(tmp_path / "more.yaml",))
    found = render(folder, settings, engine, Diagnostics())
    assert found is not None
    assert sorted((item.source, item.ref.name) for item in found.manifests.objects) == [
        ("charts/sub/templates/s.yaml", "v1.33.0"),
        ("crds/x.yaml", "x"),
        ("templates/web/a.yaml", "r-a"),
        ("templates/web/a.yaml", "two"),
    ]
    assert {item.values_file for item in found.manifests.objects} == {str(tmp_path / "more.yaml")}


@pytest.mark.parametrize(
    ("template", "code", "where", "message"),
    [
        ("a: 1\nb: {{ foo . }}", "FH6010", "2:1", 'function "foo" not defined'),
        ('a: 1\nb: {{ required "need b" .Values.b }}', "FH6011", "2:7", "need b"),
        ('a: 1\nb: {{ fail "no: way" }}', "FH6011", "2:7", "no: way"),
        ("a: 1\nb: {{ .Values.x.y }}", "FH6011", "2:14", "nil pointer evaluating interface {}.y"),
        ("a: 1\n  b: 1", "FH6014", "2:3", "the rendered text can't be read: mapping values are not allowed"),
    ],
)
def test_failures_lead_to_the_template(
    tmp_path: Path, engine: Engine, template: str, code: str, where: str, message: str
) -> None:
    folder, diagnostics = chart(tmp_path, templates__d=template), Diagnostics()
    assert render(folder, SETTINGS, engine, diagnostics) is None
    [(found_code, found_place, found_message)] = said(diagnostics, tmp_path)
    if engine.is_library and code == "FH6014":  # it does not give the text that it can't read
        where, found_message = "1:1", found_message.replace("line 2: ", "")
    assert (found_code, found_place) == (code, f"c/templates/d.yaml:{where}")
    assert found_message.startswith(message)


def test_the_innermost_template_is_named_and_its_caller_noted(tmp_path: Path, engine: Engine) -> None:
    helper = '{{ define "h" }}\n  {{ .Values.x.y.z }}{{ end }}'
    folder = chart(tmp_path, templates__d='a: 1\nb: {{ include "h" . }}', **{"templates___h.tpl": helper})
    diagnostics = Diagnostics()
    render(folder, SETTINGS, engine, diagnostics)
    [finding] = diagnostics
    assert place(finding.span, tmp_path) == "c/templates/_h.tpl:2:13"
    assert [place(note.span, tmp_path) for note in finding.notes] == ["c/templates/d.yaml:2:7"]
    assert finding.message == "nil pointer evaluating interface {}.y"


def test_a_failure_moves_to_the_users_line(tmp_path: Path, newest: Engine) -> None:
    folder, diagnostics = chart(tmp_path, templates__d="b: {{ .Values.x.y }}"), Diagnostics()
    origins = Origins({"templates/d.yaml": Origin(Span.at("spec.yaml", 7, 3))})
    render(folder, SETTINGS, newest, diagnostics, origins, shown="out/c")
    [finding] = diagnostics
    assert finding.span == Span.at("spec.yaml", 7, 3)
    assert finding.notes[0].span == Span.at("out/c/templates/d.yaml", 1, 14)


def test_values_that_the_schema_refuses_are_found_in_their_file(tmp_path: Path, engine: Engine) -> None:
    schema = '{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"a": {"properties": {"b": %s}}}}'
    folder = chart(tmp_path, templates__d=CONFIG % "d", values="x: 1\na: {c: 1, b: text}\n")
    (folder / "values.schema.json").write_text(schema % '{"type": "string"}')
    (tmp_path / "mine.yaml").write_text("a:\n  b: 5\n")
    diagnostics = Diagnostics()
    render(folder, Settings("1.33", values_files=(tmp_path / "mine.yaml",)), engine, diagnostics)
    [finding] = diagnostics
    assert (finding.code.id, finding.path, place(finding.span, tmp_path)) == ("FH6012", "a.b", "mine.yaml:2:3")


def test_damaged_chart_files_are_named(tmp_path: Path, engine: Engine) -> None:
    folder, diagnostics = chart(tmp_path, templates__d=CONFIG % "d", values="a: {b: 1\nc: 2"), Diagnostics()
    render(folder, SETTINGS, engine, diagnostics)
    [(code, where, message)] = said(diagnostics, tmp_path)
    assert (code, where) == ("FH6013", "c/values.yaml:1:1")
    assert message.startswith("values.yaml can't be loaded: ")


def test_dependencies_that_are_not_there_are_left_out_and_named(tmp_path: Path, engine: Engine) -> None:
    metadata = "apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies:\n"
    metadata += "- {name: redis, version: 1.0.0, repository: 'https://charts.invalid'}\n- {name: sub, version: 1.0.0}\n"
    folder = chart(
        tmp_path,
        Chart=metadata,
        templates__d=CONFIG % "d",
        charts__sub__Chart="apiVersion: v2\nname: sub\nversion: 1.0.0\n",
        charts__sub__templates__s=CONFIG % "s",
    )
    diagnostics = Diagnostics()
    found = render(folder, SETTINGS, engine, diagnostics)
    assert found is not None
    assert {item.ref.name for item in found.manifests.objects} == {"d", "s"}
    assert found.not_rendered == ("redis",)
    assert [finding.code.id for finding in diagnostics] == ["FH6015"]
    assert not diagnostics.has_errors
    assert (folder / "Chart.yaml").read_text() == metadata


def test_dependencies_of_old_charts_too(tmp_path: Path, newest: Engine) -> None:
    folder = chart(
        tmp_path,
        Chart="apiVersion: v1\nname: c\nversion: 1.0.0\n",
        requirements="dependencies:\n- {name: redis, version: 1.0.0, repository: 'https://charts.invalid'}\n",
        templates__d=CONFIG % "d",
    )
    found = render(folder, SETTINGS, newest, Diagnostics())
    assert found is not None
    assert found.not_rendered == ("redis",)
    assert len(found.manifests.objects) == 1


def test_an_endless_template_is_killed(tmp_path: Path, engine: Engine) -> None:
    endless = "{{ range until 2000000 }}{{ range until 2000000 }}{{ end }}{{ end }}"
    folder, diagnostics = chart(tmp_path, templates__d=endless), Diagnostics()
    started = time.monotonic()
    render(folder, Settings("1.33", limits=Limits(seconds=0.5)), engine, diagnostics)
    assert time.monotonic() - started < 20
    assert [found.code.id for found in diagnostics] == ["FH6004"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can limit another process's memory")
def test_a_template_that_eats_memory_is_stopped(tmp_path: Path, engine: Engine) -> None:
    folder, diagnostics = chart(tmp_path, templates__d='a: {{ repeat 20000000000 "x" }}'), Diagnostics()
    patient = dataclasses.replace(SETTINGS, limits=dataclasses.replace(SETTINGS.limits, seconds=120.0))
    render(folder, patient, engine, diagnostics)
    assert [found.code.id for found in diagnostics] == ["FH6005"]


def test_too_much_output_is_refused(tmp_path: Path, newest: Engine) -> None:
    template = CONFIG % "d" + 'data: {a: "{{ repeat 200000 "x" }}"}'
    folder, diagnostics = chart(tmp_path, templates__d=template), Diagnostics()
    assert render(folder, Settings("1.33", limits=Limits(output=100_000)), newest, diagnostics) is None
    assert [found.code.id for found in diagnostics] == ["FH6006"]


def test_several_values_side_by_side(tmp_path: Path, newest: Engine) -> None:
    folder = chart(tmp_path, templates__d=CONFIG % "{{ .Values.name }}")
    (tmp_path / "bad.yaml").write_text("name: [")
    settings = [Settings("1.33", sets=(f"name=n{number}",)) for number in range(3)]
    settings.append(Settings("1.33", values_files=(tmp_path / "bad.yaml",)))
    diagnostics = Diagnostics()
    answers = render_each(folder, settings, newest, diagnostics)
    names = [answer.manifests.objects[0].ref.name if isinstance(answer, Rendering) else None for answer in answers]
    assert names == ["n0", "n1", "n2", None]
    assert len(diagnostics) == 1


def test_a_chart_that_never_ends_is_not_tried_with_all_its_values(tmp_path: Path, newest: Engine) -> None:
    endless = "{{ range until 2000000 }}{{ range until 2000000 }}{{ end }}{{ end }}"
    settings = [Settings("1.33", limits=Limits(seconds=0.3), label=f"{number}.yaml") for number in range(100)]
    diagnostics = Diagnostics()
    answers = render_each(chart(tmp_path, templates__d=endless), settings, newest, diagnostics)
    assert answers == [None] * 100
    assert {found.code.id for found in diagnostics} == {"FH6004"}
    skipped = [found for found in diagnostics if found.severity is Severity.WARNING]
    assert len(skipped) > 50
    assert skipped[0].message.endswith("with other values it takes too long")


def test_a_chart_that_gives_too_much_is_not_tried_with_all_its_values(
    tmp_path: Path, newest: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generator.render.renderer._MOST_OUTPUT", 1000)
    monkeypatch.setattr("generator.render.together.cpu_count", lambda: 1)
    folder = chart(tmp_path, templates__d=CONFIG % "d" + 'data: {a: "{{ repeat 400 "x" }}"}')
    settings = [Settings("1.33", label=f"{number}.yaml") for number in range(5)]
    answers = render_each(folder, settings, newest, Diagnostics())
    assert [answer is not None for answer in answers] == [True, True, True, False, False]


def test_lint_says_what_helm_says(tmp_path: Path, engine: Engine) -> None:
    if engine.is_library:
        pytest.skip("the library does not lint")
    folder = chart(tmp_path, templates__d=CONFIG % "d", values="")
    assert lint(folder, SETTINGS, engine) == ()
    (folder / "templates" / "d.yaml").write_text(CONFIG % "Not_A_Name")
    assert lint(folder, SETTINGS, engine)


def test_a_program_that_is_no_helm_is_refused(tmp_path: Path) -> None:
    for program in ("/bin/echo", str(tmp_path / "nothing")):
        diagnostics = Diagnostics()
        assert find_engine(program, diagnostics) is None
        assert [found.code.id for found in diagnostics] == ["FH6002"]


def test_without_any_helm_the_ways_to_get_one_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    diagnostics = Diagnostics()
    assert find_engine(None, diagnostics) is None
    [finding] = diagnostics
    assert finding.code.id == "FH6001"
    assert "flowhelm[helm]" in finding.hint


def test_the_newest_of_the_cache_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for version in ("3.9.0", "4.10.0", "4.9.1"):
        (tmp_path / "flowhelm" / "helm" / version).mkdir(parents=True)
        (tmp_path / "flowhelm" / "helm" / version / "helm").touch()
    found = find_engine(None, Diagnostics())
    assert found is not None
    assert found.version == "4.10.0"


def test_settings_of_the_users_helm_have_no_effect(
    tmp_path: Path, newest: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELM_NAMESPACE", "elsewhere")
    folder = chart(tmp_path, templates__d=CONFIG % "{{ .Release.Namespace }}")
    found = render(folder, SETTINGS, newest, Diagnostics())
    assert found is not None
    assert found.manifests.objects[0].ref.name == "default"


def test_an_interrupt_leaves_no_program_behind(tmp_path: Path) -> None:
    sleeper = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    program = "import sys; from generator.render.process import Limits, run"
    program += f"; run([sys.executable, '-c', {sleeper!r}], {{}}, Limits())"
    parent = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL)
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.01)
    parent.send_signal(signal.SIGINT)
    assert parent.wait(10) != 0
    child = int((tmp_path / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_a_program_that_ends_is_read_whole() -> None:
    outcome = run([sys.executable, "-c", "print('x' * 1000000)"], {}, Limits())
    assert (outcome.end, outcome.status, len(outcome.stdout)) == (End.DONE, 0, 1_000_001)
