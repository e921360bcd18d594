"""Parts of the runner by themselves: expressions, values, the plan, what a pod says."""

from __future__ import annotations

import re
from typing import Any

import pytest

from generator.runtime.expressions import condition, evaluate, path_of, text_of, value_of
from generator.runtime.journal import pack
from generator.runtime.kube import ApiError
from generator.runtime.names import job_name, label_of
from generator.runtime.opening import await_run, run_manifest
from generator.runtime.plan import Declared, Foreach, Retry, Task, load_plan, seconds
from generator.runtime.pods import job_manifest, result_of
from generator.runtime.run import Run
from generator.runtime.troubles import Trouble, trouble
from generator.runtime.values import WrongValue, is_a, read_input, read_json, to_text
from generator.runtime.work import Work
from tests.runtime.simulated_cluster import FastClock, expanded

NAMES: dict[tuple[str, ...], Any] = {
    ("inputs", "n"): 3,
    ("inputs", "s"): "straße",
    ("inputs", "l"): [1, 2.5, "x"],
    ("inputs", "o"): {"a": None, "b-c": True},
    ("inputs", "t"): True,
}


def lookup(name: tuple[str, ...]) -> Any:
    return NAMES[name]


def lit(value: Any) -> list[Any]:
    return ["lit", value]


N, S, L, OBJECT, T = (["name", "inputs", letter] for letter in "nslot")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (["==", N, lit(3.0)], True),
        (["==", T, lit(1)], False),
        (["==", ["list", T], ["list", lit(1)]], False),
        (["==", ["list", N], ["list", lit(3.0)]], True),
        (["!=", S, lit("straße")], False),
        (["==", ["field", OBJECT, "a"], lit(None)], True),
        (["<", N, lit(3.5)], True),
        ([">=", lit("b"), lit("a")], True),
        (["in", lit(2.5), L], True),
        (["in", lit(True), ["list", lit(1)]], False),
        (["in", lit("a"), OBJECT], True),
        (["+", N, lit(0.5)], 3.5),
        (["+", lit(1.5), lit(1.5)], 3),
        (["+", S, lit("!")], "straße!"),
        (["+", L, ["list", N]], [1, 2.5, "x", 3]),
        (["size", S], 6),
        (["size", OBJECT], 2),
        (["index", L, lit(2)], "x"),
        (["index", L, lit(1.0)], 2.5),
        (["index", OBJECT, lit("b-c")], True),
        (["?:", T, lit(1), ["field", OBJECT, "none"]], 1),
        (["||", T, ["field", OBJECT, "none"]], True),
        (["&&", ["!", T], ["field", OBJECT, "none"]], False),
        (["startsWith", S, lit("str")], True),
        (["endsWith", S, lit("x")], False),
        (["contains", S, lit("ß")], True),
        (["matches", S, lit("^str.*e$")], True),
        (["matches", lit("a\n"), lit("^a$")], False),
        (["matches", lit("٣"), lit(r"\d")], False),
        (["matches", lit("a$"), lit(r"a\$$")], True),
        (["matches", lit("$"), lit("[$]")], True),
    ],
)
def test_an_expression_has_its_value(expression: list[Any], expected: Any) -> None:
    assert evaluate(expression, lookup) == expected
    assert type(evaluate(expression, lookup)) is type(expected)


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        (["field", OBJECT, "x"], "there is no field x"),
        (["field", N, "x"], "field x is not for an integer"),
        (["index", L, lit(3)], "there is no item 3 in a list of 3"),
        (["index", L, lit(-1)], "there is no item -1 in a list of 3"),
        (["index", N, lit(0)], "an integer has no item 0"),
        (["<", N, S], "an integer cannot be compared with a string"),
        (["<", T, lit(False)], "a boolean cannot be compared with a boolean"),
        (["+", N, S], "an integer and a string cannot be added"),
        (["&&", N, T], "a condition is not for an integer"),
        (["size", N], "size() is not for an integer"),
        (["contains", L, lit("x")], "contains() is not for a list"),
        (["in", N, S], "in is not for a string"),
    ],
)
def test_an_expression_without_value_says_why(expression: list[Any], problem: str) -> None:
    with pytest.raises(WrongValue, match=re.escape(problem)):
        evaluate(expression, lookup)


def test_a_condition_is_a_boolean() -> None:
    assert condition(T, lookup)
    with pytest.raises(WrongValue):
        condition(N, lookup)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (3, "3"),
        (3.0, "3"),
        (0.1, "0.1"),
        (1e100, "1e+100"),
        (True, "true"),
        ([1, "é"], '[1,"é"]'),
        ({"b": 1, "a": None}, '{"b":1,"a":null}'),
    ],
)
def test_values_as_text(value: Any, text: str) -> None:
    assert to_text(value) == text


def test_null_has_no_text() -> None:
    with pytest.raises(WrongValue):
        text_of({"text": ["x", ["field", OBJECT, "a"]]}, lookup)


def test_paths_are_encoded_where_values_stand() -> None:
    assert path_of("/a b/é?x=1&y=%20", lookup) == "/a%20b/%C3%A9?x=1&y=%20"
    assert path_of({"text": ["/x/", lit("../?&#é ~"), "?q=", N]}, lookup) == "/x/..%2F%3F%26%23%C3%A9%20~?q=3"
    assert path_of({"value": lit("/a/b")}, lookup) == "%2Fa%2Fb"


def test_bodies_keep_types_and_users_words() -> None:
    body = {"map": {"value": {"value": N}}}
    assert value_of(body, lookup) == {"value": 3}
    assert value_of({"value": {"x": 1}, "l": [{"value": L}]}, lookup) == {"value": {"x": 1}, "l": [[1, 2.5, "x"]]}
    assert value_of({"map": {"text": "x"}}, lookup) == {"text": "x"}


@pytest.mark.parametrize(
    ("value", "type_name", "fits"),
    [
        (3, "integer", True),
        (3, "number", True),
        (3.5, "integer", False),
        (True, "integer", False),
        ("3", "integer", False),
        ([], "list", True),
        ({}, "object", True),
        (None, "string", False),
    ],
)
def test_types(value: Any, type_name: str, fits: bool) -> None:
    assert is_a(value, type_name) is fits


@pytest.mark.parametrize(
    ("given", "type_name", "value"),
    [
        ("true", "boolean", True),
        ("3.0", "integer", 3),
        ("2.5", "number", 2.5),
        ("[1]", "list", [1]),
        ("3", "string", "3"),
        ({"a": 1}, "object", {"a": 1}),
    ],
)
def test_inputs_as_text_or_typed(given: Any, type_name: str, value: Any) -> None:
    assert read_input("x", given, Declared(type_name)) == value


@pytest.mark.parametrize(
    ("given", "type_name"), [("yes", "boolean"), ("3.5", "integer"), (3, "string"), ("{", "object")]
)
def test_wrong_inputs(given: Any, type_name: str) -> None:
    with pytest.raises(WrongValue, match="input x: "):
        read_input("x", given, Declared(type_name))


def test_json_has_no_infinity() -> None:
    assert read_json('{"a": 3.0}')["a"] == 3
    with pytest.raises(ValueError, match="1e400 is too large"):
        read_json('{"b": 1e400}')
    with pytest.raises(ValueError, match="NaN"):
        read_json("[NaN]")


def test_durations() -> None:
    assert [seconds(text) for text in ("250ms", "90s", "1h30m", "1.5d")] == [0.25, 90, 5400, 129600]
    with pytest.raises(ValueError, match="no duration"):
        seconds("10")


def test_pauses_grow_up_to_a_limit() -> None:
    assert [Retry(10, 10, 2, 300).pause(tries) for tries in (1, 2, 3, 6, 7, 1000)] == [10, 20, 40, 300, 300, 300]
    assert Retry(10, 400, 2, 300).pause(1) == 300


PLAN = {
    "format": 2,
    "workflow": "w",
    "timeout": 60.0,
    "parallelism": 20,
    "tasks": {"a": {"kind": "run", "timeout": 60.0, "retry": {"attempts": 3, "initial": 5.0}, "run": {}}},
}


def test_bindings_override_the_plan() -> None:
    bound = {
        "timeout": "2h",
        "parallelism": 5,
        "workflow": "r-w",
        "tasks": {"a": {"cronjob": "c", "timeout": "90s", "retry": {"attempts": 7, "max": "1m"}}},
    }
    plan = load_plan(PLAN, bound)
    task = plan.tasks["a"]
    assert (plan.timeout, plan.parallelism, task.timeout, task.cronjob) == (7200, 5, 90, "c")
    assert task.retry == Retry(7, 5.0, 2.0, 60.0)


def test_bindings_that_are_not_set_change_nothing() -> None:
    bound = {"timeout": None, "parallelism": None, "workflow": "r-w", "tasks": {"a": {"timeout": None, "retry": None}}}
    plan = load_plan(PLAN, bound)
    assert (plan.timeout, plan.parallelism, plan.tasks["a"].retry.attempts) == (60, 20, 3)


@pytest.mark.parametrize("change", [{"format": 3}, {"tasks": {"a": {"kind": "spell", "timeout": 1.0}}}])
def test_a_plan_that_is_not_known_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="this runner"):
        load_plan({**PLAN, **change}, {"workflow": "r-w"})


def test_a_workflow_within_a_workflow_is_loaded_with_its_own_bindings() -> None:
    inner = {**PLAN, "workflow": "inner", "on_exit": {"z": {"kind": "wait", "wait": 2.5, "isolate": True}}}
    called = {"kind": "workflow", "workflow": {"with": {"order": "17"}, "plan": inner}}
    each = {"kind": "sql", "sql": {"params": {"id": {"value": ["name", "item"]}}}, "foreach": {"items": [1]}}
    bound = {
        "workflow": "r-w",
        "tasks": {
            "call": {"workflow": {"timeout": "9s", "parallelism": 2}, "tasks": {"a": {"cronjob": "c", "timeout": "5s"}}}
        },
    }
    plan = load_plan({**PLAN, "tasks": {"call": called, "each": each}}, bound)
    callee = plan.tasks["call"].callee
    assert callee
    assert (callee.workflow, callee.timeout, callee.parallelism) == ("inner", 9, 2)
    assert (callee.tasks["a"].cronjob, callee.tasks["a"].timeout) == ("c", 5)
    assert (callee.on_exit["z"].seconds, callee.on_exit["z"].in_pod) == (2.5, True)
    assert plan.tasks["call"].given == {"order": "17"}
    assert plan.tasks["each"].env == {"FLOWHELM_PARAM_id": {"value": ["name", "item"]}}
    assert plan.tasks["each"].foreach == Foreach([1], None, 0)
    assert plan.tasks["each"].timeout == 60
    assert [task.name for task in plan.all_tasks()] == ["call", "a", "z", "each"]
    assert plan.depth() == 2


def test_names_of_jobs_never_meet() -> None:
    names = {
        job_name("r" * run, uid, "t" * task, number)
        for run in (5, 52)
        for uid in "ab"
        for task in (1, 60)
        for number in ("1", "2", "1.1")
    }
    assert len(names) == 24
    assert all(re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])", name) for name in names)


def test_labels_of_paths_are_short_and_never_meet() -> None:
    assert [label_of(path) for path in ("pay", "pay/charge", "pack[2]", "a[10]/b-c[0]/d")] == [
        "pay",
        "pay.charge",
        "pack.2",
        "a.10.b-c.0.d",
    ]
    deep = [f"{'a' * 30}/{'b' * length}" for length in (30, 31, 32, 60, 61)]
    for most in (55, 63):
        labels = {label_of(path, most) for path in deep}
        assert len(labels) == len(deep)
        assert all(re.fullmatch(r"[a-z0-9]([-.a-z0-9]*[a-z0-9])?", label) and len(label) <= most for label in labels)


def work(**changes: Any) -> Work:
    made = load_plan({**PLAN, "tasks": {"a": {**PLAN["tasks"]["a"], **changes}}}, {"workflow": "r-w"})  # type: ignore[index]
    return next(Run(made, "u", "r").works())


def task(**changes: Any) -> Task:
    return work(**changes).task


@pytest.mark.parametrize("value", ["$", "$$", "$(A)", "$$(A)", "$$$(A)", "a$b$$c", "{{ x }}", "'\"\n\\"])
def test_kubernetes_changes_no_argument(value: str) -> None:
    container: Any = {"name": "task", "env": [{"name": "A", "value": "x"}]}
    template = {"spec": {"template": {"spec": {"containers": [container]}}}}
    one = work(run={"args": [{"value": lit(value)}, value], "env": {"A": {"value": lit(value)}, "B": value}})
    job = job_manifest(template, one, 1, {"name": "r", "uid": "u"})
    made = job["spec"]["template"]["spec"]["containers"][0]
    assert [expanded(text, {"A": "wrong"}) for text in made["args"]] == [value, value]
    assert {entry["name"]: expanded(entry["value"], {}) for entry in made["env"]} == {"A": value, "B": value}
    assert "args" not in container


def ended(code: int, reason: str = "Error", message: str = "") -> dict[str, Any]:
    terminated = {"exitCode": code, "reason": reason, "message": message}
    return {
        "metadata": {"name": "p"},
        "status": {
            "phase": "Failed" if code else "Succeeded",
            "containerStatuses": [
                {"name": "sidecar", "state": {}},
                {"name": "task", "state": {"terminated": terminated}},
            ],
        },
    }


def job(condition: str = "", reason: str = "", **annotations: str) -> dict[str, Any]:
    conditions = [{"type": condition, "status": "True", "reason": reason}] if condition else []
    return {"metadata": {"annotations": annotations}, "status": {"conditions": conditions}}


def disrupted(pod: dict[str, Any]) -> dict[str, Any]:
    pod["status"]["conditions"] = [{"type": "DisruptionTarget", "status": "True"}]
    return pod


@pytest.mark.parametrize(
    ("of", "pod", "reason"),
    [
        (None, ended(0), ""),
        (None, ended(3), "exit code 3"),
        (None, ended(137, "OOMKilled"), "out of memory"),
        (job("Failed", "DeadlineExceeded"), ended(0), "timeout"),
        (job("Failed", "DeadlineExceeded", **{"flowhelm.dev/ended": "cancelled"}), None, "cancelled"),
        (job("Failed", "BackoffLimitExceeded"), disrupted(ended(143)), "evicted"),
        (job("Failed", "BackoffLimitExceeded"), disrupted(ended(0)), "evicted"),
        (job("Failed", "BackoffLimitExceeded"), None, "its pod is gone"),
        (job("Complete"), None, ""),
        (job("Failed", "BackoffLimitExceeded"), {"metadata": {}, "status": {"phase": "Running"}}, "its pod is gone"),
        (None, {"metadata": {}, "status": {"phase": "Failed", "reason": "NodeShutdown"}}, "evicted"),
        (None, {"metadata": {}, "status": {"phase": "Failed", "message": "Pod was rejected"}}, "Pod was rejected"),
    ],
)
def test_how_a_try_ended(of: Any, pod: Any, reason: str) -> None:
    result = result_of(task(), of, pod, "task")
    assert (result.succeeded, result.reason) == (not reason, reason)


def test_outputs_that_were_kept_outlive_the_pod() -> None:
    declared = {"n": {"type": "integer"}}
    kept = job("Complete", **{"flowhelm.dev/outputs": '{"n":7}'})
    assert result_of(task(outputs=declared), kept, None, "task").outputs == {"n": 7}
    assert result_of(task(outputs=declared), job("Complete"), None, "task").reason == "output n is missing"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("", "the statement gave no row, and the output n has no default"),
        ('{"n": null}', "the column n is null, and the output has no default"),
        ("{}", "the statement's result has no column n"),
        ('{"n": "x"}', "output n is a string, not an integer"),
    ],
)
def test_what_a_statement_has_not_given(message: str, reason: str) -> None:
    selects = task(kind="sql", sql={"params": {}}, outputs={"n": {"type": "integer"}})
    assert result_of(selects, None, ended(0, message=message), "task").reason == reason


def test_why_a_container_cannot_start() -> None:
    def pod(reason: str, message: str = "") -> dict[str, Any]:
        waiting = {"waiting": {"reason": reason, "message": message}}
        return {"status": {"initContainerStatuses": [{"name": "i", "image": "x:1", "state": waiting}]}}

    assert trouble(pod("ErrImagePull", "not found")) == Trouble("the image x:1 cannot be pulled: not found")
    assert trouble(pod("InvalidImageName")) == Trouble("the image x:1 cannot be pulled")
    assert trouble(pod("CreateContainerConfigError", "no key")) == Trouble("its container cannot be started: no key")
    assert trouble(pod("ContainerCreating")) is None
    assert trouble({}) is None


class Ends:
    """An API server that has the run's Job in these states, one after another."""

    def __init__(self, *jobs: Any) -> None:
        self.jobs = list(jobs)

    def get(self, _kind: str, _name: str) -> Any:
        job = self.jobs.pop(0)
        if isinstance(job, ApiError):
            raise job
        return job


def run_job(condition: str = "", journal: Any = None, reason: str = "") -> Any:
    conditions = [{"type": condition, "status": "True", "reason": reason}] if condition else []
    annotations = {} if journal is None else {"flowhelm.dev/journal": pack(journal)}
    return {"metadata": {"annotations": annotations}, "status": {"conditions": conditions}}


SKIPPED = {"phase": "ended", "status": "skipped", "reason": "run x is active"}
BROKEN = {"phase": "ended", "status": "failed", "reason": "task a failed: exit code 3"}


@pytest.mark.parametrize(
    ("jobs", "expected"),
    [
        ((run_job(), run_job("Complete")), ("succeeded", "")),
        ((run_job("Complete", SKIPPED),), ("skipped", "run x is active")),
        ((run_job("Failed", BROKEN),), ("failed", "task a failed: exit code 3")),
        ((run_job("Failed", {"phase": "tasks"}, "DeadlineExceeded"),), ("failed", "DeadlineExceeded")),
        ((run_job("Failed", None, "BackoffLimitExceeded"),), ("failed", "BackoffLimitExceeded")),
        ((run_job(), ApiError(404, "not found")), ("failed", "the run was deleted")),
    ],
)
def test_a_hook_that_waits_tells_how_the_run_ended(jobs: Any, expected: tuple[str, str]) -> None:
    api: Any = Ends(*jobs)
    assert await_run(api, FastClock(1000), "x") == expected
    assert not api.jobs


def test_a_run_of_the_installation() -> None:
    cronjob = {
        "metadata": {"name": "c" * 52, "uid": "u"},
        "spec": {"jobTemplate": {"metadata": {"labels": {"a": "b"}}, "spec": {"x": 1}}},
    }
    first, second = run_manifest(cronjob, "1"), run_manifest(cronjob, "2")
    assert run_manifest(cronjob, "1") == first
    assert first["metadata"]["name"] != second["metadata"]["name"]
    assert len(first["metadata"]["name"]) <= 63
    assert first["metadata"]["annotations"] == {"flowhelm.dev/trigger": "install"}
    owner = {"apiVersion": "batch/v1", "kind": "CronJob", "name": "c" * 52, "uid": "u", "controller": True}
    assert first["metadata"]["ownerReferences"] == [owner]
    assert first["spec"] == {"x": 1}
