"""Workflows of Argo: what their entrypoints, steps and tasks name."""

from typing import Any

import pytest
import yaml

from generator.validate.model import Layer
from tests.validate.objects import found

SPEC = """\
entrypoint: main
onExit: clean
serviceAccountName: runner
templates:
- name: main
  dag:
    tasks:
    - {name: load, template: load}
    - {name: check, template: load, depends: "load.Succeeded && !load.Failed"}
    - {name: old, template: load, dependencies: [load]}
    - {name: shared, templateRef: {name: library, template: notify}, depends: check || old}
    - {name: inline, inline: {container: {image: a}}}
    target: check shared
- name: clean
  steps:
  - - {name: one, template: load}
  - - {name: two, template: "{{inputs.parameters.which}}"}
- name: load
  container: {image: shop/load:1}
"""
LIBRARY = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "WorkflowTemplate",
    "metadata": {"name": "library"},
    "spec": {"templates": [{"name": "notify", "container": {"image": "a"}}]},
}
ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "runner"}}


# fmt: off
CASES = [
    ("entrypoint: main", "entrypoint: mian", "FH3415", "entrypoint", 'nightly → there is no template "mian"'),
    ("onExit: clean", "onExit: x", "FH3415", "onExit", 'nightly → there is no template "x"'),
    ("name: load, template: load", "name: load, template: laod", "FH3415", "templates[0].dag.tasks[0].template",
     'nightly → task "load" → there is no template "laod"'),
    ("name: one, template: load", "name: one, template: laod", "FH3415", "templates[1].steps[0][0].template",
     'nightly → step "one" → there is no template "laod"'),
    ("template: notify", "template: notfiy", "FH3415", "templates[0].dag.tasks[3].templateRef.template",
     'nightly → task "shared" → WorkflowTemplate library has no template "notfiy"'),
    ("name: library", "name: elsewhere", "", "", ""),
    ("load.Succeeded &&", "laod.Succeeded &&", "FH3416", "templates[0].dag.tasks[1].depends",
     'nightly → task "check" waits for "laod", which is no task of its DAG'),
    ("[load]", "[laod]", "FH3416", "templates[0].dag.tasks[2].dependencies[0]",
     'nightly → task "old" waits for "laod"'),
    ("check || old", "check || odl", "FH3416", "templates[0].dag.tasks[3].depends", 'nightly → task "shared" waits'),
    ("check shared", "check shraed", "FH3416", "templates[0].dag.target", 'nightly → the target "shraed" is no task'),
    ("serviceAccountName: runner", "serviceAccountName: other", "FH3410", "serviceAccountName",
     'nightly → there is no ServiceAccount "other" among these manifests'),
]
# fmt: on


def workflow(kind: str = "WorkflowTemplate", old: str = "", new: str = "") -> dict[str, Any]:
    assert old in SPEC
    spec = yaml.safe_load(SPEC.replace(old, new, 1))
    body = {"schedules": ["0 3 * * *"], "workflowSpec": spec} if kind == "CronWorkflow" else spec
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": {"name": "nightly"}, "spec": body}


def findings(*objects: dict[str, Any]) -> list[tuple[str, str, str]]:
    return found("---\n".join(map(yaml.safe_dump, objects)), Layer.REFERENCES)


@pytest.mark.parametrize("kind", ["Workflow", "WorkflowTemplate", "CronWorkflow"])
def test_a_workflow_in_which_all_names_are_there(kind: str) -> None:
    assert findings(workflow(kind), LIBRARY, ACCOUNT) == []


@pytest.mark.parametrize(("old", "new", "code", "where", "message"), CASES)
@pytest.mark.parametrize("kind", ["WorkflowTemplate", "CronWorkflow"])
def test_each_name(kind: str, old: str, new: str, code: str, where: str, message: str) -> None:
    place = "spec.workflowSpec." if kind == "CronWorkflow" else "spec."
    said = findings(workflow(kind, old, new), LIBRARY, ACCOUNT)
    assert [(found_code, path) for found_code, path, _ in said] == ([(code, place + where)] if code else [])
    assert all(text.startswith(f"{kind} {message}") for _, _, text in said)


def test_a_workflow_may_be_made_of_a_template() -> None:
    run = {**workflow("Workflow"), "spec": {"workflowTemplateRef": {"name": "library"}, "entrypoint": "notify"}}
    assert findings(run, LIBRARY) == []
    run["spec"]["entrypoint"] = "notfiy"
    assert [code for code, _, _ in findings(run, LIBRARY)] == ["FH3415"]
    assert findings(run) == [], "nothing is known of the template"


def test_what_has_another_type_breaks_nothing() -> None:
    odd: list[Any] = [1, {"dag": []}, {"name": [], "steps": [{}, [5]]}, {"name": "a", "dag": {"tasks": [{"name": 1}]}}]
    specs: list[Any] = [5, [], {"templates": {}}, {"templates": odd, "hooks": [1], "workflowTemplateRef": 1}]
    for spec in specs:
        assert findings({**workflow(), "spec": spec}) == []
