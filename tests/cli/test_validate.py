"""`flowhelm validate` of everything that it takes."""

from __future__ import annotations

import io
import json
import os
import sys
import tarfile
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest

from tests.cli.conftest import SPEC, WARNED, WRONG, Run, snapshot

RIGHT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: right}\ndata: {a: b}\n"
BAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad}\ndata: {a: 1}\n"


@pytest.fixture
def chart(folder: Path, run: Run) -> Path:
    """A chart that was compiled."""
    assert run("compile", "spec.yaml", "--no-validate").code == 0
    return folder / "charts-out/shop"


def packed(chart: Path) -> Path:
    """The chart as Helm packs it."""
    archive = chart.parent.parent / "shop-1.0.0.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(chart, "shop")
    return archive


def test_a_spec_a_chart_and_a_packed_chart_are_the_same(chart: Path, run: Run) -> None:
    inputs = ("spec.yaml", "charts-out/shop", "charts-out/shop/", packed(chart).name)
    found = [json.loads(run("validate", each, "--format", "json").out) for each in inputs]
    assert all(each["findings"] == found[0]["findings"] == [] for each in found)
    assert len({each["checked"]["objects"] for each in found}) == 1
    assert found[0]["checked"]["objects"] > 5


def test_nothing_is_written(folder: Path, run: Run) -> None:
    assert run("validate", "spec.yaml").code == 0
    assert snapshot(folder).keys() == {"spec.yaml"}


def test_a_wrong_spec_is_shown_as_compile_shows_it(folder: Path, run: Run) -> None:
    (folder / "spec.yaml").write_text(WRONG)
    result = run("validate", "spec.yaml")
    assert result.code == 1
    assert "spec.yaml:7:5" in result.err
    assert "FH1001" in result.err


def test_a_broken_chart_leads_to_the_line_of_its_template(chart: Path, run: Run) -> None:
    (chart / "templates/own.yaml").write_text(BAD)
    result = run("validate", "charts-out/shop")
    assert result.code == 1
    assert "charts-out/shop/templates/own.yaml:4" in result.err
    (chart / "templates/own.yaml").write_text("{{ if }}\n")
    result = run("validate", "charts-out/shop")
    assert result.code == 1
    assert "FH6010" in result.err
    assert "templates/own.yaml:1" in result.err


def test_values_are_given_as_for_helm(chart: Path, run: Run) -> None:
    template = (
        'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ default "fine" .Values.commonLabels.x | quote }}}\n'
    )
    (chart / "templates/own.yaml").write_text(template)
    assert run("validate", "charts-out/shop").code == 0
    assert run("validate", "charts-out/shop", "--set", "commonLabels.x=Not A Name").code == 1
    (chart.parent / "values.yaml").write_text("commonLabels: {x: Not A Name}\n")
    assert run("validate", "charts-out/shop", "-f", "charts-out/values.yaml").code == 1
    assert run("validate", "charts-out/shop", "-f", "charts-out/nothing.yaml").code == 64


def test_manifests_a_folder_of_them_and_stdin(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "all/inner").mkdir(parents=True)
    (folder / "all/right.yaml").write_text(RIGHT)
    (folder / "all/inner/bad.yaml").write_text("\n" + BAD)
    assert run("validate", "all/right.yaml").code == 0
    result = run("validate", "all")
    assert result.code == 1
    assert "all/inner/bad.yaml:5" in result.err
    assert "2 objects in 2 files" in result.err
    for text, code in ((RIGHT, 0), (BAD, 1), (f"{RIGHT}---\n{BAD}", 1)):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
        assert run("validate", "-").code == code


def test_several_inputs_are_one_report(folder: Path, run: Run) -> None:
    (folder / "right.yaml").write_text(RIGHT)
    (folder / "bad.yaml").write_text(BAD)
    data = json.loads(run("validate", "right.yaml", "bad.yaml", "spec.yaml", "--format", "json").out)
    assert {each["file"] for each in data["findings"]} == {"bad.yaml"}
    assert data["checked"]["objects"] > 5


def test_layers_are_chosen(folder: Path, run: Run) -> None:
    (folder / "bad.yaml").write_text(BAD)
    assert run("validate", "bad.yaml", "--layers", "schema").code == 1
    assert run("validate", "bad.yaml", "--layers", "references").code == 0


def test_versions_are_chosen(folder: Path, run: Run) -> None:
    (folder / "right.yaml").write_text(RIGHT)
    versions = ("--kube-version", "1.33", "--kube-version", "1.35")
    data = json.loads(run("validate", "right.yaml", *versions, "--format", "json").out)
    assert data["versions"]["kubernetes"] == ["1.33", "1.35"]


def test_what_cannot_be_checked_is_counted(folder: Path, run: Run) -> None:
    (folder / "own.yaml").write_text("apiVersion: example.com/v1\nkind: Own\nmetadata: {name: a}\n")
    data = json.loads(run("validate", "own.yaml", "--format", "json").out)
    assert data["checked"]["not_checked"] == {"example.com/v1 Own": 1}


def test_fail_on_warning(folder: Path, run: Run) -> None:
    (folder / "spec.yaml").write_text(WARNED)
    assert run("validate", "spec.yaml").code == 0
    assert run("validate", "spec.yaml", "--fail-on", "warning").code == 3


@pytest.mark.parametrize("text", ["just text\n", "a: [\n", "- a\n", "\0", SPEC.replace("name: shop", "name: [")])
def test_what_is_nothing_of_this_is_an_error(text: str, folder: Path, run: Run) -> None:
    (folder / "it.yaml").write_text(text)
    result = run("validate", "it.yaml")
    assert result.code == 1
    assert "error FH" in result.err


@pytest.mark.parametrize("path", ["nothing.yaml", "empty", "git:HEAD:spec.yaml", "broken.tgz"])
def test_what_cannot_be_read_is_an_error(path: str, folder: Path, run: Run) -> None:
    (folder / "empty").mkdir()
    (folder / "broken.tgz").write_bytes(b"\x1f\x8b no")
    result = run("validate", path)
    assert result.code == 1
    assert "error FH" in result.err


def test_without_schemas_of_the_version_nothing_is_said_of_the_objects(folder: Path, run: Run) -> None:
    (folder / "typed.yaml").write_text(
        'apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: "80"}], selector: {a: b}}\n'
    )
    found = run("validate", "typed.yaml", "--kube-version", "1.20")
    assert found.code == 1
    assert "there are no schemas for Kubernetes 1.20" in found.err


def plain_chart(folder: Path, **files: str) -> Path:
    """A small chart `own`; the names of files have `__` for `/`."""
    files = {"Chart.yaml": "apiVersion: v2\nname: own\nversion: 1.0.0\n", **files}
    for name, text in files.items():
        path = folder / "own" / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "own"


def test_each_values_file_is_rendered_and_compared(folder: Path, run: Run) -> None:
    own = plain_chart(
        folder,
        **{
            "values.yaml": "port: 80\n",
            "values-prod.yaml": "prot: 81\n",
            "values.test.yaml": "port: 0\n",
            "ci__bad-values.yaml": "port: {a: 1}\n",
            "templates__service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n"
            "spec: {ports: [{port: {{ .Values.port | int }}}]}\n",
        },
    )
    (own / "templates/fail.yaml").write_text('{{ if kindIs "map" .Values.port }}{{ fail "no map" }}{{ end }}\n')
    document = json.loads(run("validate", "own", "--format", "json").out)
    said = {(each["code"], each["file"], each["line"], each["values_file"]) for each in document["findings"]}
    assert ("FH3501", "own/values-prod.yaml", 1, "values-prod.yaml") in said
    assert ("FH6011", "own/templates/fail.yaml", 1, "ci/bad-values.yaml") in said
    assert {each[3] for each in said if each[0].startswith("FH31")} == {"values.test.yaml"}
    assert run("validate", "own", "--layers", "schema", "-f", "own/values-prod.yaml").code == 0
    assert "own/values-prod.yaml:1:1" in run("validate", "own", "-f", "own/values-prod.yaml").err


def test_a_packed_sub_chart_reads_its_values(folder: Path, run: Run) -> None:
    inner = plain_chart(folder, templates__t_yaml="", **{"templates__t.yaml": "# {{ .Values.used }}\n"})
    outer = folder / "outer"
    (outer / "charts").mkdir(parents=True)
    with tarfile.open(outer / "charts/own-1.0.0.tgz", "w:gz") as tar:
        tar.add(inner, "own")
    (outer / "Chart.yaml").write_text("apiVersion: v2\nname: outer\nversion: 1.0.0\n")
    (outer / "values.yaml").write_text("own:\n  used: 1\n  not: 2\n")
    document = json.loads(run("validate", "outer", "--format", "json").out)
    assert [(each["code"], each["path"]) for each in document["findings"]] == [("FH3501", "own.not")]


def test_a_folder_of_charts_and_other_files(folder: Path, run: Run) -> None:
    plain_chart(folder / "all", **{"templates__a.yaml": RIGHT})
    plain_chart(folder / "all/inner", **{"templates__a.yaml": BAD})
    (folder / "all/bad.yaml").write_text(BAD.replace("bad", "other"))
    (folder / "all/package.json").write_text('{"name": "web"}')
    (folder / "all/list.json").write_text("[1, 2]")
    (folder / "all/words.yaml").write_text("just words\n")
    (folder / "all/README.md").write_text("# a: [\n")
    (folder / "all/half.yaml").write_text("kind: Service\nmetadata: {name: a}\n")
    (folder / "all/gone.yaml").symlink_to("nowhere.yaml")
    document = json.loads(run("validate", "all", "--format", "json").out)
    errors = {(each["file"], each["code"]) for each in document["findings"] if each["severity"] == "error"}
    assert errors == {
        ("all/inner/own/templates/a.yaml", "FH3011"),
        ("all/bad.yaml", "FH3011"),
        ("all/half.yaml", "FH3002"),
        ("", "FH6202"),
    }
    left_out = {each["file"] for each in document["findings"] if each["code"] == "FH6213"}
    assert left_out == {"all/package.json", "all/list.json", "all/words.yaml"}
    assert run("validate", "all/package.json").code == 1


def test_a_folder_of_nothing_but_other_files_is_an_error(folder: Path, run: Run) -> None:
    (folder / "other").mkdir()
    (folder / "other/package.json").write_text("{}")
    result = run("validate", "other")
    assert result.code == 1
    assert "none of its files holds a Kubernetes object" in result.err


def test_templates_without_their_chart_are_told_from_manifests(folder: Path, run: Run) -> None:
    plain_chart(folder, **{"templates__a.yaml": "{{ .Values.x }}\n"})
    for path in ("own/templates", "own/templates/a.yaml"):
        result = run("validate", path)
        assert result.code == 1
        assert "FH6214" in result.err
        assert "templates of the chart own" in result.err


def test_lines_are_shown_of_what_is_not_on_disk(chart: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    (chart / "templates/own.yaml").write_text(BAD)
    assert "4 | data: {a: 1}" in run("validate", packed(chart).name).err
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(BAD.encode())))
    result = run("validate", "-")
    assert "--> <stdin>:4:" in result.err
    assert "4 | data: {a: 1}" in result.err


def test_an_input_without_documents_is_a_warning(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"# nothing\n---\n")))
    assert run("validate", "-", "--fail-on", "warning").code == 3
    (folder / "empty.yaml").write_text("")
    result = run("validate", "empty.yaml")
    assert result.code == 0
    assert "empty.yaml is empty" in result.err


def test_a_pipe_is_read_once(folder: Path, run: Run) -> None:
    os.mkfifo(folder / "pipe")
    assert run("validate", "spec.yaml", "-f", "pipe").code == 64
    writer = Thread(target=lambda: (folder / "pipe").write_text(BAD))
    writer.start()
    result = run("validate", "pipe")
    writer.join()
    assert "pipe:4:" in result.err
    assert "4 | data: {a: 1}" in result.err


def crd_and_widget(chart: Path) -> tuple[Path, Path]:
    """A definition for a chart's crds/, and a template of an object that is not as it says."""
    definition = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.shop.example.com}
spec:
  group: shop.example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
"""
    widget = "apiVersion: shop.example.com/v1\nkind: Widget\nmetadata: {name: a}\nspec:\n  sise: 1\n"
    crd, template = chart / "crds" / "widgets.yaml", chart / "templates" / "widget.yaml"
    crd.parent.mkdir()
    crd.write_text(definition)
    template.write_text(widget)
    return crd, template


def test_definitions_of_a_chart_count_for_its_custom_resources(chart: Path, run: Run) -> None:
    crd_and_widget(chart)
    found = json.loads(run("validate", "charts-out/shop", "--layers", "schema", "--format", "json").out)
    assert [(each["code"], each["message"], each["line"]) for each in found["findings"]] == [
        ("FH3010", 'unknown field "sise"', 5)
    ]
    assert found["checked"]["not_checked"] == {}


def test_schema_locations_and_strict_schemas(chart: Path, run: Run) -> None:
    crd, template = crd_and_widget(chart)
    elsewhere = crd.rename(chart.parent / "definitions.yaml")
    template = template.rename(chart.parent / "widget.yaml")
    unknown = json.loads(run("validate", str(template), "--format", "json").out)
    assert unknown["checked"]["not_checked"] == {"shop.example.com/v1 Widget": 1}
    assert run("validate", str(template)).code == 0
    assert run("validate", str(template), "--strict-schemas").code == 1
    known = run("validate", str(template), "--schema-location", str(elsewhere), "--strict-schemas")
    assert (known.code, "FH3010" in known.err) == (1, True)
    address = run("validate", str(template), "--schema-location", "https://example.com/{{ .Group }}.json")
    assert (address.code, "is an address, and schemas are not fetched" in address.err) == (1, True)
