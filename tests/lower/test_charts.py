"""What holds for every chart: values that are documented, names that fit, pods that are hardened, both Helms silent."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from generator.chart.nodes import Include, Value
from generator.diagnostics import Diagnostics
from generator.emit.emitter import emit
from generator.lower import codes
from generator.resolve.resolver import resolve
from generator.source import Loader
from generator.spec.parser import parse_spec
from generator.yamlio.reader import read_spec_text
from tests.charts import chart_of as chart_from_text
from tests.charts import lowered, objects, write_files
from tests.systems import system_of

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAMES = ("order", "aks-store")
LONG = "a-release-name-of-exactly-fifty-three-characters-long"


def chart_of(name):
    path, found = EXAMPLES / name / "spec.yaml", Diagnostics()
    root = read_spec_text(path.read_bytes(), str(path), found)
    spec = parse_spec(root, found) if root else None
    assert spec, list(found)
    return lowered(resolve(spec, Loader(path), found))


@pytest.fixture(scope="module", params=NAMES)
def chart(request):
    return chart_of(request.param)


@pytest.fixture(scope="module")
def folder(chart, tmp_path_factory):
    return write_files(emit(chart), tmp_path_factory.mktemp(chart.metadata.name) / chart.metadata.name)


def nodes(tree: object) -> Iterator[object]:
    """Every node of a tree, however deep."""
    yield tree
    if isinstance(tree, Mapping):
        inner: list[object] = list(tree.values())
    elif isinstance(tree, (list, tuple)):
        inner = list(tree)
    else:
        inner = [getattr(tree, each.name) for each in fields(tree)] if is_dataclass(tree) else []
    for each in inner:
        yield from nodes(each)


def test_templates_read_only_values_that_are_documented(chart):
    known = {entry.path[:length] for entry in chart.values for length in range(1, len(entry.path) + 1)}
    for template in chart.templates:
        read = {
            each.path for part in (template.tree, template.condition) for each in nodes(part) if isinstance(each, Value)
        }
        assert {path for path in read if path not in known} == set(), template.path


def test_templates_include_only_what_is_defined(chart):
    helpers = emit(chart)["templates/_helpers.tpl"].decode()
    for template in chart.templates:
        for each in nodes(template.tree):
            if isinstance(each, Include):
                assert f'{{{{- define "{chart.metadata.name}.{each.helper}" -}}}}' in helpers.replace('" }}', '" -}}')


def test_every_value_is_documented(chart):
    for entry in chart.values:
        if entry.schema is not None:
            assert entry.doc.endswith("."), entry.dotted
            assert entry.section, entry.dotted
            assert entry.optional or entry.default is not None, entry.dotted


def test_helm_finds_nothing_to_say(helm, chart, folder):
    for environment in ("", *(each.name for each in chart.environments)):
        values = ["--values", str(folder / f"values-{environment}.yaml")] if environment else []
        result = subprocess.run([str(helm), "lint", str(folder), *values], capture_output=True, text=True, check=False)
        assert "[" not in result.stdout + result.stderr


def test_two_renderings_and_two_lowerings_are_equal(helm4, chart, folder):
    command = [str(helm4), "template", "r", str(folder)]
    once, again = (subprocess.run(command, capture_output=True, check=True).stdout for _ in range(2))
    assert once == again
    assert emit(chart_of(chart.metadata.name)) == emit(chart)


def test_long_release_names_fit(helm4, folder, chart):
    assert len(LONG) == 53
    for kind, name in objects(helm4, folder, release=LONG):
        assert len(name) <= {"CronJob": 52, "StatefulSet": 52}.get(kind, 63), f"{kind} {name}"


def pods(found):
    for (kind, name), data in found.items():
        spec = data.get("spec", {})
        if kind == "Pod":
            yield f"{kind} {name}", spec
        elif kind == "CronJob":
            yield f"{kind} {name}", spec["jobTemplate"]["spec"]["template"]["spec"]
        elif "template" in spec:
            yield f"{kind} {name}", spec["template"]["spec"]


def test_every_pod_is_hardened(helm4, folder):
    for name, pod in pods(objects(helm4, folder)):
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert pod["enableServiceLinks"] is False, name
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            assert container["securityContext"]["allowPrivilegeEscalation"] is False, name
            assert container["securityContext"]["capabilities"]["drop"] == ["ALL"], name
            assert {"cpu", "memory", "ephemeral-storage"} <= set(container["resources"]["requests"]), name
            assert {"memory", "ephemeral-storage"} <= set(container["resources"]["limits"]), name


def test_it_works_within_another_chart(helm, folder, chart, tmp_path):
    parent = write_files(
        {
            "Chart.yaml": b"apiVersion: v2\nname: parent\nversion: 1.0.0\n",
            "values.yaml": json.dumps(
                {chart.metadata.name: {"enabled": True}, "global": {"imageRegistry": "mirror.example.com", "theirs": 1}}
            ).encode(),
        },
        tmp_path,
    )
    (parent / "charts").mkdir()
    (parent / "charts" / chart.metadata.name).symlink_to(folder)
    for _, pod in pods(objects(helm, parent)):
        for container in pod["containers"]:
            assert container["image"].startswith("mirror.example.com/")


@pytest.mark.parametrize(
    "wrong",
    [
        "servces.x=1",
        "services.reception.replica=1",
        "services.reception.env.TYPO=1",
        "services.reception.image.tagg=1",
        "services.reception.podLabels.app\\.kubernetes\\.io/name=x",
        "workflows.fulfil.typo=1",
        "networkPolicy.typo=1",
        "global=1",
    ],
)
def test_a_typo_in_values_is_refused(helm, tmp_path_factory, wrong):
    folder = write_files(emit(chart_of("order")), tmp_path_factory.mktemp("order"))
    command = [str(helm), "template", "r", str(folder), "--set", wrong]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert "schema" in result.stderr


def test_two_objects_of_one_name_are_refused():
    found = Diagnostics()
    database = "{image: a:1, kind: statefulset, ports: {http: 1}}"
    chart_from_text(f"services:\n  db: {database}\n  db-headless: {{image: a:1, ports: {{http: 1}}}}\n", found)
    assert {each.code for each in found} == {codes.SAME_NAME}
    assert {each.notes[0].span.start.line for each in found if each.notes} <= {5, 6}


@pytest.mark.parametrize("name", ["on", "true", "null"])
def test_names_that_look_like_something_else_stay_texts(helm, tmp_path, name):
    system = system_of(
        'services: {web: {image: "web:1"}}\n', Diagnostics(), head=f'flowhelm: v1\nname: "{name}"\nversion: 1.0.0\n'
    )
    write_files(emit(lowered(system)), tmp_path)
    for arguments, release in (((), name), (("--set-string", "nameOverride=123"), "r")):
        for data in objects(helm, tmp_path, *arguments, release=release).values():
            texts = [data["metadata"]["name"], *data["metadata"]["labels"].values()]
            texts += data["spec"].get("podSelector", {}).get("matchLabels", {}).values() if "spec" in data else ()
            assert all(isinstance(text, str) for text in texts), texts


def test_names_of_objects_start_with_a_letter(helm4, tmp_path):
    folder = write_files(emit(chart_from_text('services: {web: {image: "web:1"}}\n')), tmp_path)
    command = [str(helm4), "template", "r", str(folder), "--set-string", "fullnameOverride=1a"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "fullnameOverride" in result.stderr


def test_more_variables_leave_no_blank_line(helm4, tmp_path):
    folder = write_files(emit(chart_from_text('services: {web: {image: "web:1", env: {A: b}}}\n')), tmp_path)
    more = 'services.web.extraEnv={"on": "1", "KEY": {"secretKeyRef": {"name": "s", "key": "k"}}}'
    command = [str(helm4), "template", "r", str(folder), "--set-json", more]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not [line for line in result.stdout.splitlines() if line != line.rstrip()]
    pod = objects(helm4, folder, "--set-json", more)["Deployment", "r-shop-web"]["spec"]["template"]["spec"]
    assert pod["containers"][0]["env"] == [
        {"name": "A", "value": "b"},
        {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
        {"name": "on", "value": "1"},
    ]


SCALED = """
services: {web: {image: "web:1", ports: {http: 80}, autoscale: {max: 3, cpu: 70}}}
workflows: {nightly: {timeout: 1h, tasks: {ask: {call: {service: web, get: /}}}}}
"""


@pytest.mark.parametrize(
    "wrong", ["services.web.autoscale.cpu=0", "services.web.image.repository=", "workflows.nightly.timeout=0s"]
)
def test_a_value_that_could_not_work_is_refused(helm, tmp_path, wrong):
    folder = write_files(emit(chart_from_text(SCALED)), tmp_path)
    command = [str(helm), "template", "r", str(folder), "--set", wrong]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert wrong.partition("=")[0].replace(".", "/") in result.stderr.replace(".", "/")


def test_of_two_targets_of_load_one_may_not_count(helm4, tmp_path):
    chart = chart_from_text(SCALED.replace("cpu: 70", "cpu: 70, memory: 80"))
    folder = write_files(emit(chart), tmp_path)
    scaler = objects(helm4, folder, "--set", "services.web.autoscale.cpu=0")["HorizontalPodAutoscaler", "r-shop-web"]
    assert [metric["resource"]["name"] for metric in scaler["spec"]["metrics"]] == ["memory"]
