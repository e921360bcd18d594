"""The conformance table: what each small workflow must come to. Every row follows from the rulings that it names."""

from __future__ import annotations

from tests.runtime.workflow_rows import Row, call, each, equal, name, retry, run, step, text, value, wait

A_FAILED = "task a failed: exit code 1"
STATUS_500 = "GET /a of stock: status 500"
NO_FIELD = ["field", name("inputs.o"), "x"]
ANY_OBJECT = {"inputs": {"o": {"type": "object", "default": {}}}}

LINKS = [f"t{chain}-{link}" for chain in range(50) for link in range(10)][:499]


def _before(task: str) -> str:
    chain, _, link = task.partition("-")
    return f"{chain}-{int(link) - 1}" if link != "0" else ""


ORDER = (
    Row("one task", "M23", "run succeeded\na succeeded", {"a": run()}),
    Row(
        "a chain runs one after another",
        "M05",
        "run succeeded\na succeeded\nb succeeded\nc succeeded",
        {"c": run(needs="b"), "b": run(needs="a"), "a": run()},
        order=("a < b < c",),
    ),
    Row(
        "a diamond waits for both sides",
        "M05",
        "run succeeded\na succeeded\nb succeeded\nc succeeded\nd succeeded",
        {"a": run(), "b": run(needs="a"), "c": run(needs="a"), "d": run(needs="b c")},
        order=("a < b < d", "a < c < d"),
    ),
    Row(
        "never more pods than parallelism allows",
        "M20",
        "run succeeded\na succeeded\nb succeeded\nc succeeded\nd succeeded\ne succeeded",
        {task: run() for task in "abcde"},
        plan={"parallelism": 2},
        most_pods=2,
    ),
    Row(
        "nothing to do",
        "M23 M13a",
        "run succeeded\na succeeded\nb succeeded\nc skipped (its condition is false)",
        {
            "a": run(foreach=each([])),
            "b": wait(1, needs="a", foreach=each([])),
            "c": run(needs="b", when=["lit", False]),
        },
    ),
    Row(
        "five hundred tasks, in fifty chains and at last one that needs them all",
        "M05 M20",
        "\n".join(["run succeeded", *(f"{task} succeeded" for task in (*LINKS, "last"))]),
        {
            **{task: wait(0.05, needs=_before(task)) for task in LINKS},
            "last": call(step("GET stock /last"), needs=" ".join([*(f"t{chain}-9" for chain in range(49)), "t49-8"])),
        },
        order=tuple(" < ".join([*(f"t{chain}-{link}" for link in range(10)), "last"]) for chain in (0, 7, 48)),
    ),
)

NEEDS = (
    Row(
        "a failure skips what needs success, down the chain",
        "M05 M06",
        f"run failed ({A_FAILED})\na failed (exit code 1)\nb skipped (a failed)\nc skipped (b was skipped)",
        {"a": run("exit 1"), "b": wait(0.1, needs="a"), "c": wait(0.1, needs="b")},
    ),
    Row(
        "a handler that ran handles the failure",
        "M01",
        "run succeeded\na failed (exit code 1)\nb succeeded",
        {"a": run("exit 1"), "b": wait(0.1, needs={"a": "failed"})},
        order=("a < b",),
    ),
    Row(
        "a handler is skipped when there is nothing to handle",
        "M05",
        "run succeeded\na succeeded\nb skipped (a succeeded)",
        {"a": wait(0.1), "b": wait(0.1, needs={"a": "failed"})},
    ),
    Row(
        "a handler that its condition skips handles nothing",
        "M01",
        f"run failed ({A_FAILED})\na failed (exit code 1)\nb skipped (its condition is false)",
        {"a": run("exit 1"), "b": wait(0.1, needs={"a": "failed"}, when=["lit", False])},
    ),
    Row(
        "a handler that fails is a failure, and handles the first",
        "M01",
        "run failed (task b failed: exit code 2)\na failed (exit code 1)\nb failed (exit code 2)",
        {"a": run("exit 1"), "b": run("exit 2", needs={"a": "failed"})},
    ),
    Row(
        "the handler of a handler",
        "M01",
        "run succeeded\na failed (exit code 1)\nb failed (exit code 2)\nc succeeded",
        {"a": run("exit 1"), "b": run("exit 2", needs={"a": "failed"}), "c": wait(0.1, needs={"b": "failed"})},
    ),
    Row(
        "skipped is wanted by name",
        "M05",
        "run succeeded\na skipped (its condition is false)\nb succeeded",
        {"a": wait(0.1, when=["lit", False]), "b": wait(0.1, needs={"a": "skipped"})},
    ),
    Row(
        "not_failed takes success and a skip, not a failure",
        "M05",
        f"run failed ({A_FAILED})\na failed (exit code 1)\nb skipped (its condition is false)\nc succeeded\n"
        "d succeeded\ne succeeded\nf skipped (a failed)",
        {
            "a": run("exit 1"),
            "b": wait(0.1, when=["lit", False]),
            "c": wait(0.1),
            "d": wait(0.1, needs={"b": "not_failed"}),
            "e": wait(0.1, needs={"c": "not_failed"}),
            "f": wait(0.1, needs={"a": "not_failed"}),
        },
    ),
    Row(
        "done takes every end, and handles none",
        "M02 M05",
        f"run failed ({A_FAILED})\n"
        "a failed (exit code 1)\nb skipped (its condition is false)\nc succeeded\nd succeeded",
        {
            "a": run("exit 1"),
            "b": wait(0.1, when=["lit", False]),
            "c": wait(0.1),
            "d": wait(0.1, needs={"a": "done", "b": "done", "c": "done"}),
        },
    ),
    Row(
        "a failure two steps up is not a failure here",
        "M06",
        f"run failed ({A_FAILED})\n"
        "a failed (exit code 1)\nb skipped (a failed)\nc skipped (b was skipped)\nd succeeded",
        {
            "a": run("exit 1"),
            "b": wait(0.1, needs="a"),
            "c": wait(0.1, needs={"b": "failed"}),
            "d": wait(0.1, needs={"b": "skipped"}),
        },
    ),
    Row(
        "other branches go on after a failure",
        "M03",
        f"run failed ({A_FAILED})\na failed (exit code 1)\nb succeeded\nc succeeded\nd succeeded",
        {
            "a": run("exit 1"),
            "b": wait(0.1),
            "c": wait(0.1, needs="b"),
            "d": wait(0.1, needs={"a": "done", "c": "succeeded"}),
        },
        order=("a < d",),
    ),
    Row(
        "two handlers, of which one runs: that is enough",
        "M01",
        "run succeeded\na failed (exit code 1)\nb skipped (its condition is false)\nc succeeded",
        {
            "a": run("exit 1"),
            "b": wait(1, needs={"a": "failed"}, when=["lit", False]),
            "c": wait(1, needs={"a": "failed"}),
        },
    ),
    Row(
        "a handler that another need keeps from running handles nothing",
        "M01 M04",
        f"run failed ({A_FAILED})\na failed (exit code 1)\nb skipped (its condition is false)\n"
        "c skipped (b was skipped)",
        {"a": run("exit 1"), "b": wait(1, when=["lit", False]), "c": wait(1, needs={"a": "failed", "b": "succeeded"})},
    ),
    Row(
        "skips go down a chain, and a join of them is decided by what it asks",
        "M05 M06",
        "run succeeded\na skipped (its condition is false)\nb skipped (a was skipped)\nc skipped (b was skipped)\n"
        "d succeeded\ne skipped (c was skipped)\nf succeeded",
        {
            "a": wait(1, when=["lit", False]),
            "b": wait(1, needs="a"),
            "c": wait(1, needs="b"),
            "d": wait(1, needs={"c": "skipped"}),
            "e": wait(1, needs={"c": "succeeded", "d": "succeeded"}),
            "f": wait(1, needs={"c": "done", "d": "succeeded"}),
        },
        order=("d < f",),
    ),
    Row(
        "two failures, one of them handled",
        "M01",
        f"run failed ({A_FAILED})\na failed (exit code 1)\nb failed (exit code 1)\nc succeeded",
        {"a": run("exit 1"), "b": run("exit 1"), "c": wait(0.1, needs={"b": "failed"})},
    ),
    Row(
        "two failures that nobody handled are both named",
        "M01",
        "run failed (tasks a, b failed; a: exit code 1)\na failed (exit code 1)\nb failed (exit code 2)",
        {"a": run("exit 1"), "b": run("exit 2")},
    ),
)

# Rulings M05: need → the ends of a task that satisfy it.
SATISFIED_BY = {
    "succeeded": {"succeeded"},
    "failed": {"failed"},
    "skipped": {"skipped"},
    "not_failed": {"succeeded", "skipped"},
    "done": {"succeeded", "failed", "skipped"},
}
ENDS = {  # end of a: its task, its line, and why others are skipped
    "succeeded": (wait(0.1), "a succeeded", "a succeeded"),
    "failed": (call(step("GET stock /a", "500")), f"a failed ({STATUS_500})", "a failed"),
    "skipped": (wait(0.1, when=["lit", False]), "a skipped (its condition is false)", "a was skipped"),
}


def _truth(need: str, end: str) -> Row:
    """One cell of the table."""
    task, line, reason = ENDS[end]
    holds = end in SATISFIED_BY[need]
    run_line = f"run failed (task a failed: {STATUS_500})" if (need, end) != ("failed", "failed") else "run succeeded"
    return Row(
        f"{need} is needed, the task {end}" if end == "succeeded" else f"{need} is needed, the task is {end}",
        "M05 M01 M02",
        "\n".join(
            [
                run_line if end == "failed" else "run succeeded",
                line,
                "b succeeded" if holds else f"b skipped ({reason})",
            ]
        ),
        {"a": task, "b": wait(0.1, needs={"a": need})},
        order=("a < b",) if holds and end == "succeeded" else (),
    )


TRUTH = tuple(_truth(need, end) for need in SATISFIED_BY for end in ENDS)

JOINS = (
    Row(
        "any: one need that holds is enough",
        "M04",
        f"run failed ({A_FAILED})\na failed (exit code 1)\nb succeeded\nc succeeded",
        {"a": run("exit 1"), "b": wait(0.1), "c": wait(0.1, needs="a b", join="any")},
    ),
    Row(
        "any: decided when all needs have ended",
        "M04",
        "run succeeded\na succeeded\nb succeeded\nx succeeded\nc succeeded",
        {"a": wait(0.1), "x": wait(0.1), "b": wait(0.1, needs="x"), "c": wait(0.1, needs="a b", join="any")},
        order=("x < b < c", "a < c"),
    ),
    Row(
        "any: no need holds",
        "M04",
        "run failed (tasks a, b failed; a: exit code 1)\na failed (exit code 1)\nb failed (exit code 1)\n"
        "c skipped (a failed, b failed)",
        {"a": run("exit 1"), "b": run("exit 1"), "c": wait(0.1, needs="a b", join="any")},
    ),
    Row(
        "any: one handler for both",
        "M01 M04",
        "run succeeded\na failed (exit code 1)\nb failed (exit code 1)\nc succeeded",
        {"a": run("exit 1"), "b": run("exit 1"), "c": wait(0.1, needs={"a": "failed", "b": "failed"}, join="any")},
    ),
    Row(
        "any: one handler for both, and only one fails",
        "M01 M04",
        "run succeeded\na failed (exit code 1)\nb succeeded\nc succeeded",
        {"a": run("exit 1"), "b": wait(0.1), "c": wait(1, needs={"a": "failed", "b": "failed"}, join="any")},
        order=("a < c", "b < c"),
    ),
    Row(
        "any: a handler that ran for another need handles too",
        "M01 M04",
        "run succeeded\na failed (exit code 1)\nb succeeded\nc succeeded",
        {"a": run("exit 1"), "b": wait(1), "c": wait(1, needs={"a": "failed", "b": "succeeded"}, join="any")},
    ),
    Row(
        "any: all needs were skipped",
        "M04 M05",
        "run succeeded\na skipped (its condition is false)\nb skipped (a was skipped)\n"
        "c skipped (a was skipped, b was skipped)\nd succeeded",
        {
            "a": wait(1, when=["lit", False]),
            "b": wait(1, needs="a"),
            "c": wait(1, needs="a b", join="any"),
            "d": wait(1, needs={"a": "not_failed", "b": "failed"}, join="any"),
        },
    ),
    Row(
        "any: a mixture of states",
        "M04 M05",
        "run succeeded\n"
        "a succeeded\nb skipped (its condition is false)\nc succeeded\nd skipped (a succeeded, b was skipped)",
        {
            "a": wait(0.1),
            "b": wait(0.1, when=["lit", False]),
            "c": wait(0.1, needs={"a": "failed", "b": "skipped"}, join="any"),
            "d": wait(0.1, needs={"a": "failed", "b": "succeeded"}, join="any"),
        },
    ),
)

CONDITIONS = (
    Row(
        "the branch that an output chooses",
        "M07",
        "run succeeded\na succeeded\nb skipped (its condition is false)\nc succeeded",
        {
            "a": run('ok {"in_stock": false}', outputs={"in_stock": "boolean"}),
            "b": wait(0.1, needs="a", when=name("tasks.a.outputs.in_stock")),
            "c": wait(0.1, needs="a", when=["!", name("tasks.a.outputs.in_stock")]),
        },
    ),
    Row(
        "a condition that cannot be evaluated fails the task",
        "M07",
        "run failed (task b failed: its condition: there is no field x)\na succeeded\n"
        "b failed (its condition: there is no field x)",
        {
            "a": run('ok {"o": {"y": 1}}', outputs={"o": "object"}),
            "b": wait(0.1, needs="a", when=["==", ["field", name("tasks.a.outputs.o"), "x"], ["lit", 1]]),
        },
    ),
    Row(
        "a condition is not looked at when the needs do not hold",
        "M07",
        f"run failed ({A_FAILED})\na failed (exit code 1)\nb skipped (a failed)",
        {"a": run("exit 1"), "b": wait(0.1, needs="a", when=["==", NO_FIELD, ["lit", 1]])},
        plan=ANY_OBJECT,
    ),
    Row(
        "a condition evaluates only what it needs",
        "M07",
        "run succeeded\na skipped (its condition is false)\nb succeeded\nc succeeded",
        {
            "a": wait(1, when=["&&", ["lit", False], ["==", NO_FIELD, ["lit", 1]]]),
            "b": wait(1, when=["||", ["lit", True], ["==", NO_FIELD, ["lit", 1]]]),
            "c": wait(1, when=["==", ["?:", name("inputs.yes"), ["lit", 1], NO_FIELD], ["lit", 1]]),
        },
        plan={"inputs": {**ANY_OBJECT["inputs"], "yes": {"type": "boolean", "default": True}}},
    ),
    Row(
        "all skipped is a success",
        "M23",
        "run succeeded\na skipped (its condition is false)\nb skipped (a was skipped)",
        {"a": wait(0.1, when=["lit", False]), "b": wait(0.1, needs="a")},
    ),
    Row(
        "a status can be asked for",
        "M30",
        f"run failed ({A_FAILED})\na failed (exit code 1)\nb succeeded\nc skipped (its condition is false)",
        {
            "a": run("exit 1"),
            "b": wait(0.1, needs={"a": "done"}, when=equal("tasks.a.status", "failed")),
            "c": wait(0.1, needs={"a": "done"}, when=equal("tasks.a.status", "succeeded")),
        },
    ),
)

TRIES = (
    Row(
        "the third try succeeds",
        "M10",
        "run succeeded\na succeeded",
        {"a": run("exit 1", "exit 2", "ok", retry=retry(3))},
        saw={"a": {"tries": 3}},
    ),
    Row(
        "tries run out; the reason is the last one's",
        "M10",
        "run failed (task a failed: exit code 2)\na failed (exit code 2)",
        {"a": run("exit 1", "exit 2", "ok", retry=retry(2))},
        saw={"a": {"tries": 2}},
    ),
    Row(
        "the pauses between tries grow",
        "M10 M31 S23",
        "run succeeded\na succeeded",
        {"a": run("exit 1", "exit 1", "exit 1", "ok", retry=retry(4, 10, 2, 30))},
        saw={"a": {"pauses": [10, 20, 30]}},
    ),
    Row(
        "an eviction without retry",
        "C21",
        "run failed (task a failed: evicted)\na failed (evicted)",
        {"a": run("evicted", "ok")},
        saw={"a": {"tries": 1}},
    ),
    Row(
        "an eviction is a failed try",
        "C21 M10",
        "run succeeded\na succeeded",
        {"a": run("evicted", "ok", retry=retry(2))},
        saw={"a": {"tries": 2}},
    ),
    Row(
        "a pod that is gone",
        "C21",
        "run failed (task a failed: its pod is gone)\na failed (its pod is gone)",
        {"a": run("gone")},
    ),
    Row(
        "out of memory",
        "M27",
        "run failed (task a failed: out of memory)\na failed (out of memory)",
        {"a": run("out of memory")},
    ),
    Row(
        "an image that cannot be pulled",
        "M27 M31",
        "run failed (task a failed: the image demo/a:1 cannot be pulled: no such image)\n"
        "a failed (the image demo/a:1 cannot be pulled: no such image)",
        {"a": run("no image")},
        saw={"a": {"lasted": 300}},
    ),
    Row(
        "a Job that the API server refuses",
        "M27",
        "run failed (task a failed: its Job was refused: exceeded quota)\n"
        "a failed (its Job was refused: exceeded quota)",
        {"a": run("refused")},
    ),
    Row(
        "a wrong output is tried again",
        "M10",
        "run succeeded\na succeeded\nb succeeded",
        {
            "a": run('ok {"n": "x"}', 'ok {"n": 7}', outputs={"n": "integer"}, retry=retry(2)),
            "b": wait(0.1, needs="a", when=equal("tasks.a.outputs.n", 7)),
        },
    ),
)

TIMEOUTS = (
    Row(
        "a time-out says what kept the pod from starting",
        "M11 M27",
        "run failed (task a failed: timeout: the image demo/a:1 cannot be pulled: no such image)\n"
        "a failed (timeout: the image demo/a:1 cannot be pulled: no such image)",
        {"a": run("no image", timeout=60)},
    ),
    Row(
        "a task's time-out",
        "M11",
        "run failed (task a failed: timeout)\na failed (timeout)",
        {"a": run("hang", timeout=60)},
    ),
    Row(
        "a task's time-out, whatever the process exits with",
        "M11",
        "run failed (task a failed: timeout)\na failed (timeout)",
        {"a": run("hang, then exit 0", timeout=60)},
    ),
    Row(
        "a time-out is tried again",
        "M10 M11",
        "run succeeded\na succeeded",
        {"a": run("hang", "ok", timeout=60, retry=retry(2))},
        saw={"a": {"tries": 2}},
    ),
    Row(
        "the workflow's time-out",
        "M12",
        "run failed (timeout)\na succeeded\nb cancelled (timeout)\nc cancelled (timeout)\nz succeeded",
        {"a": wait(0.1), "b": run("hang", needs="a"), "c": wait(0.1, needs="b")},
        {"z": run(env={"STATUS": text(name("run.status"))})},
        plan={"timeout": 120.0},
        order=("b < z",),
        saw={"z": {"env": {"STATUS": "failed"}}},
    ),
    Row(
        "the values' time-out counts",
        "M31 L10",
        "run failed (task a failed: timeout)\na failed (timeout)",
        {"a": run("hang")},
        bindings={"tasks": {"a": {"cronjob": "r-w-a", "timeout": "1m30s"}}},
        saw={"a": {"lasted": 90}},
    ),
    Row(
        "the values' retry counts",
        "M31 L10",
        "run succeeded\na succeeded",
        {"a": run("exit 1", "ok")},
        bindings={
            "tasks": {"a": {"cronjob": "r-w-a", "retry": {"attempts": 2, "initial": "5s", "factor": 2, "max": "5m"}}}
        },
        saw={"a": {"pauses": [5]}},
    ),
)

OUTPUTS = (
    Row(
        "outputs reach args and env as they are",
        "M08 X04 X19",
        "run succeeded\na succeeded\nb succeeded",
        {
            "a": run(
                r"""ok {"s": "it's $(HOME) $$ \"x\"\n{{ }}", "n": 3.0, "f": 0.5, "t": true, "l": [1, {"a": 2.0}]}""",
                outputs={"s": "string", "n": "integer", "f": "number", "t": "boolean", "l": "list"},
            ),
            "b": run(
                needs="a",
                args=["--say", text(name("tasks.a.outputs.s")), "$(KEEP)"],
                env={
                    "ALL": text(
                        name("tasks.a.outputs.n"),
                        " ",
                        name("tasks.a.outputs.f"),
                        " ",
                        name("tasks.a.outputs.t"),
                        " ",
                        name("tasks.a.outputs.l"),
                    )
                },
            ),
        },
        saw={
            "b": {
                "args": ["--say", 'it\'s $(HOME) $$ "x"\n{{ }}', "$(KEEP)"],
                "env": {"KEEP": "kept", "ALL": '3 0.5 true [1,{"a":2}]'},
            }
        },
    ),
    Row(
        "a default stands in for what is missing or null",
        "M08 C10",
        "run succeeded\na succeeded\nb succeeded",
        {
            "a": run(
                'ok {"y": null}',
                outputs={"x": {"type": "string", "default": "dx"}, "y": {"type": "integer", "default": 7}},
            ),
            "b": run(needs="a", args=[text(name("tasks.a.outputs.x"), name("tasks.a.outputs.y"))]),
        },
        saw={"b": {"args": ["dx7"]}},
    ),
    Row(
        "missing without default",
        "M08",
        "run failed (task a failed: output x is missing)\na failed (output x is missing)",
        {"a": run("ok {}", outputs={"x": "string"})},
    ),
    Row(
        "wrong, though there is a default",
        "M08b C10",
        "run failed (task a failed: output x is a string, not an integer)\n"
        "a failed (output x is a string, not an integer)",
        {"a": run('ok {"x": "12"}', outputs={"x": {"type": "integer", "default": 1}})},
    ),
    Row(
        "not JSON",
        "C10",
        "run failed (task a failed: its outputs are not JSON)\na failed (its outputs are not JSON)",
        {"a": run("ok hello", outputs={"x": {"type": "integer", "default": 1}})},
    ),
    Row(
        "no object",
        "C10",
        "run failed (task a failed: its outputs are a list, not an object)\n"
        "a failed (its outputs are a list, not an object)",
        {"a": run("ok [1]", outputs={"x": {"type": "integer", "default": 1}})},
    ),
    Row(
        "more than 4 KiB",
        "M08c C23",
        "run failed (task a failed: its outputs are larger than 4096 bytes)\n"
        "a failed (its outputs are larger than 4096 bytes)",
        {"a": run('ok {"x": "' + "y" * 5000 + '"}', outputs={"x": {"type": "string", "default": ""}})},
    ),
    Row(
        "just 4 KiB",
        "M08c",
        "run succeeded\na succeeded",
        {"a": run('ok {"x": "' + "y" * (4096 - 9) + '"}', outputs={"x": {"type": "string", "default": ""}})},
    ),
    Row(
        "null is missing, and names that are not declared are nobody's business",
        "M08 C10",
        "run succeeded\na succeeded\nb succeeded",
        {
            "a": run('ok {"x": null, "y": 1}', outputs={"x": {"type": "integer", "default": 3}}),
            "b": run(needs="a", args=[text(name("tasks.a.outputs.x"))]),
        },
        saw={"b": {"args": ["3"]}},
    ),
    Row(
        "outputs are those of the last try",
        "M10 M08d",
        "run succeeded\na succeeded\nb succeeded",
        {
            "a": run(
                'exit 1 {"x": 1, "y": 1}',
                'ok {"x": 2}',
                retry=retry(2, 1),
                outputs={"x": "integer", "y": {"type": "integer", "default": 0}},
            ),
            "b": run(needs="a", args=[text(name("tasks.a.outputs.x"), name("tasks.a.outputs.y"))]),
        },
        saw={"b": {"args": ["20"]}},
    ),
    Row(
        "nothing written",
        "M08",
        "run succeeded\na succeeded",
        {"a": run("ok", outputs={"x": {"type": "integer", "default": 1}})},
    ),
    Row("nothing declared: the file is not read", "M08", "run succeeded\na succeeded", {"a": run("ok garbage {")}),
    Row(
        "a skipped task's outputs are their defaults",
        "M09",
        "run succeeded\na skipped (its condition is false)\nb succeeded",
        {
            "a": run(when=["lit", False], outputs={"x": {"type": "integer", "default": 5}}),
            "b": run(needs={"a": "skipped"}, args=[text(name("tasks.a.outputs.x"))]),
        },
        saw={"b": {"args": ["5"]}},
    ),
    Row(
        "a handler reads what the failed task wrote",
        "M08d",
        "run succeeded\na failed (exit code 1)\nb succeeded",
        {
            "a": run(
                'exit 1 {"at": 17, "bad": 1}',
                outputs={
                    "at": {"type": "integer", "default": 0},
                    "bad": {"type": "string", "default": "none"},
                },
            ),
            "b": run(needs={"a": "failed"}, args=[text(name("tasks.a.outputs.at"), name("tasks.a.outputs.bad"))]),
        },
        saw={"b": {"args": ["17none"]}},
    ),
    Row(
        "an argument that cannot be evaluated fails the task",
        "M07",
        "run failed (task b failed: its arguments: there is no field x)\na succeeded\n"
        "b failed (its arguments: there is no field x)",
        {
            "a": run('ok {"o": {}}', outputs={"o": "object"}),
            "b": run(needs="a", args=[text(["field", name("tasks.a.outputs.o"), "x"])]),
        },
    ),
    Row(
        "the workflow's outputs",
        "M24 X03 S02",
        "run succeeded\na succeeded",
        {"a": run('ok {"n": 3}', outputs={"n": "integer", "m": {"type": "string", "default": "m"}})},
        plan={
            "outputs": {
                "n": {"type": "integer", "value": value(name("tasks.a.outputs.n"))},
                "t": {"type": "string", "value": text("n=", name("tasks.a.outputs.n"), name("tasks.a.outputs.m"))},
            }
        },
        outputs={"n": 3, "t": "n=3m"},
    ),
    Row(
        "a workflow output's own default",
        "M09 M24",
        "run succeeded\na skipped (its condition is false)",
        {"a": run(when=["lit", False], outputs={"n": "integer"})},
        plan={"outputs": {"n": {"type": "integer", "value": value(name("tasks.a.outputs.n")), "default": 9}}},
        outputs={"n": 9},
    ),
    Row(
        "a failed run has no outputs",
        "M24",
        f"run failed ({A_FAILED})\na failed (exit code 1)",
        {"a": run("exit 1")},
        plan={"outputs": {"n": {"type": "integer", "value": value(["lit", 1])}}},
    ),
)

ON_EXIT = (
    Row(
        "on_exit reads the verdict and every status",
        "M15",
        "run succeeded\na succeeded\nz succeeded",
        {"a": wait(0.1)},
        {"z": run(args=[text(name("run.status"), " ", name("tasks.a.status"), " ", name("run.name"))])},
        order=("a < z",),
        saw={"z": {"args": ["succeeded succeeded the-run"]}},
    ),
    Row(
        "on_exit after a failure",
        "M15",
        f"run failed ({A_FAILED})\na failed (exit code 1)\nz succeeded",
        {"a": run("exit 1")},
        {"z": run(args=[text(name("run.status"))])},
        saw={"z": {"args": ["failed"]}},
    ),
    Row(
        "a failing on_exit task fails the run",
        "M15b",
        "run failed (on_exit task z failed: exit code 1)\na succeeded\ny succeeded\nz failed (exit code 1)",
        {"a": wait(0.1)},
        {"z": run("exit 1"), "y": wait(0.1)},
    ),
    Row(
        "a failing on_exit task leaves a failed verdict",
        "M15b",
        f"run failed ({A_FAILED})\na failed (exit code 1)\nz failed (exit code 2)",
        {"a": run("exit 1")},
        {"z": run("exit 2")},
    ),
    Row(
        "a failure inside on_exit can be handled there",
        "M15b",
        "run succeeded\na succeeded\ny failed (exit code 1)\nz succeeded",
        {"a": wait(0.1)},
        {"y": run("exit 1"), "z": wait(0.1, needs={"y": "failed"})},
        order=("a < y < z",),
    ),
    Row(
        "cancelling",
        "C13 M16",
        "run cancelled (cancelled)\na succeeded\nb cancelled (cancelled)\nc cancelled (cancelled)\nz succeeded",
        {"a": wait(0.1), "b": run("hang", needs="a"), "c": wait(0.1, needs="b")},
        {"z": run(args=[text(name("run.status"), " ", name("tasks.c.status"))])},
        cancel_when="b",
        order=("b < z",),
        saw={"z": {"args": ["cancelled cancelled"]}},
    ),
    Row(
        "cancelling a call",
        "C13 M16",
        "run cancelled (cancelled)\na cancelled (cancelled)\nb cancelled (cancelled)",
        {"a": call(step("GET stock /a", "hang")), "b": wait(0.1, needs="a")},
        cancel_when="a",
    ),
    Row(
        "on_exit has ten minutes in all",
        "M31",
        "run failed (on_exit: timeout)\na succeeded\ny cancelled (timeout)\nz cancelled (timeout)",
        {"a": wait(0.1)},
        {"y": run("hang"), "z": wait(0.1, needs="y")},
    ),
)

INPUTS_DECLARED = {"order": {"type": "string"}, "express": {"type": "boolean", "default": False}}
SHOW_INPUTS = {"a": run(args=[text(name("inputs.order"), " ", name("inputs.express"))])}
SEVERAL = {
    "schedule-1": {"with": {"order": "hourly"}, "concurrency": "forbid"},
    "schedule-2": {"with": {"order": "nightly"}, "concurrency": "forbid"},
}

INPUTS = (
    Row(
        "inputs by annotation, with a default",
        "M33",
        "run succeeded\na succeeded",
        SHOW_INPUTS,
        plan={"inputs": INPUTS_DECLARED},
        inputs={"order": "17"},
        saw={"a": {"args": ["17 false"]}},
    ),
    Row(
        "inputs as text are read by their type",
        "C26",
        "run succeeded\na succeeded",
        SHOW_INPUTS,
        plan={"inputs": INPUTS_DECLARED},
        inputs={"order": "17", "express": "true"},
        saw={"a": {"args": ["17 true"]}},
    ),
    Row(
        "the schedule's inputs",
        "M33",
        "run succeeded\na succeeded",
        SHOW_INPUTS,
        plan={
            "inputs": INPUTS_DECLARED,
            "triggers": {
                "schedule": {"with": {"order": "nightly"}, "concurrency": "forbid"},
                "install": {"with": {"order": "0"}},
            },
        },
        trigger="schedule",
        saw={"a": {"args": ["nightly false"]}},
    ),
    Row(
        "made by hand: the schedule's inputs",
        "M33",
        "run succeeded\na succeeded",
        SHOW_INPUTS,
        plan={
            "inputs": INPUTS_DECLARED,
            "triggers": {
                "schedule": {"with": {"order": "nightly"}},
                "install": {"with": {"order": "0"}},
            },
        },
        saw={"a": {"args": ["nightly false"]}},
    ),
    Row(
        "made by hand: else the install's inputs",
        "M33",
        "run succeeded\na succeeded",
        SHOW_INPUTS,
        plan={"inputs": INPUTS_DECLARED, "triggers": {"install": {"with": {"order": "0"}}}},
        saw={"a": {"args": ["0 false"]}},
    ),
    Row(
        "started by the install: its inputs",
        "M33 C31",
        "run succeeded\na succeeded",
        SHOW_INPUTS,
        plan={
            "inputs": INPUTS_DECLARED,
            "triggers": {
                "schedule": {"with": {"order": "nightly"}},
                "install": {"with": {"order": "0"}},
            },
        },
        trigger="install",
        saw={"a": {"args": ["0 false"]}},
    ),
    Row(
        "the second of several schedules: its inputs",
        "C01 S17",
        "run succeeded\na succeeded",
        SHOW_INPUTS,
        plan={"inputs": INPUTS_DECLARED, "triggers": SEVERAL},
        trigger="schedule-2",
        saw={"a": {"args": ["nightly false"]}},
    ),
    Row(
        "made by hand from the second of several schedules: its inputs",
        "M33 S17",
        "run succeeded\na succeeded",
        SHOW_INPUTS,
        plan={"inputs": INPUTS_DECLARED, "triggers": SEVERAL},
        trigger="schedule-2 by hand",
        saw={"a": {"args": ["nightly false"]}},
    ),
    Row(
        "made by hand: the first schedule's inputs",
        "M33 S17",
        "run succeeded\na succeeded",
        SHOW_INPUTS,
        plan={"inputs": INPUTS_DECLARED, "triggers": SEVERAL},
        saw={"a": {"args": ["hourly false"]}},
    ),
    Row(
        "the values may give a schedule other inputs",
        "L10",
        "run succeeded\na succeeded",
        SHOW_INPUTS,
        plan={"inputs": INPUTS_DECLARED, "triggers": {"schedule": {"with": {"order": "nightly"}}}},
        bindings={"triggers": {"schedule": {"with": {"order": "test"}, "concurrency": "forbid"}}},
        trigger="schedule",
        saw={"a": {"args": ["test false"]}},
    ),
    Row(
        "a run by hand where they are not allowed",
        "S17",
        "run failed (refused: runs of this workflow are not started by hand (triggers.manual is false))",
        SHOW_INPUTS,
        plan={"inputs": INPUTS_DECLARED, "triggers": SEVERAL, "manual": False},
        trigger="schedule-2 by hand",
    ),
    Row(
        "a scheduled run where those by hand are not allowed",
        "S17",
        "run succeeded\na succeeded",
        SHOW_INPUTS,
        plan={"inputs": INPUTS_DECLARED, "triggers": SEVERAL, "manual": False},
        trigger="schedule-2",
        saw={"a": {"args": ["nightly false"]}},
    ),
    Row(
        "a missing input",
        "M33",
        "run failed (input order is missing)",
        SHOW_INPUTS,
        plan={"inputs": INPUTS_DECLARED},
    ),
    Row(
        "a wrong input",
        "C26",
        "run failed (input express: yes is not a boolean)",
        SHOW_INPUTS,
        plan={"inputs": INPUTS_DECLARED},
        inputs={"order": "17", "express": "yes"},
    ),
    Row(
        "an unknown input",
        "C26",
        "run failed (there is no input colour; inputs are express, order)",
        SHOW_INPUTS,
        plan={"inputs": INPUTS_DECLARED},
        inputs={"order": "17", "colour": "red"},
    ),
)

CONCURRENCY = (
    Row(
        "a scheduled run is skipped while another is active",
        "C25",
        "run skipped (run other is active)",
        {"a": run()},
        plan={"triggers": {"schedule": {"with": {}, "concurrency": "forbid"}}},
        trigger="schedule",
        other_runs=("other",),
    ),
    Row(
        "a run by hand is refused while another is active",
        "C25",
        "run failed (refused: run other is active)",
        {"a": run()},
        plan={"concurrency": "forbid"},
        other_runs=("other",),
    ),
    Row(
        "a schedule's own concurrency wins",
        "C25",
        "run succeeded\na succeeded",
        {"a": run()},
        plan={"concurrency": "forbid", "triggers": {"schedule": {"with": {}, "concurrency": "allow"}}},
        trigger="schedule",
        other_runs=("other",),
    ),
    Row(
        "one of several schedules has its own concurrency",
        "C25 S17",
        "run skipped (run other is active)",
        {"a": run()},
        plan={"triggers": {"schedule-1": {"concurrency": "allow"}, "schedule-2": {"concurrency": "forbid"}}},
        trigger="schedule-2",
        other_runs=("other",),
    ),
    Row(
        "a run of another release is in nobody's way",
        "C25",
        "run succeeded\na succeeded",
        {"a": run()},
        plan={"concurrency": "forbid"},
        other_runs=("elsewhere",),
    ),
    Row("runs beside one another", "C25", "run succeeded\na succeeded", {"a": run()}, other_runs=("other",)),
    Row(
        "the other run is cancelled first",
        "C25",
        "run succeeded\na succeeded",
        {"a": run()},
        plan={"concurrency": "replace"},
        other_runs=("other",),
        order=("other < a",),
    ),
    Row(
        "a run that has ended is in nobody's way",
        "C25",
        "run succeeded\na succeeded",
        {"a": run()},
        plan={"concurrency": "forbid"},
        other_runs=("ended",),
    ),
)

CALLS = (
    Row(
        "one request after another",
        "C04 C21",
        "run succeeded\na succeeded",
        {"a": call(step("POST orders /orders/1"), step("POST stock /take/1"))},
        saw={"a": {"requests": ["POST orders /orders/1", "POST stock /take/1"]}},
    ),
    Row(
        "requests side by side",
        "S06",
        "run succeeded\na succeeded",
        {
            "a": call(
                step("GET orders /1", '200 {"x": 1}'),
                step("GET stock /1", '200 {"x": 2}'),
                parallel=True,
                outputs={"x": "integer"},
            )
        },
        plan={"outputs": {"x": {"type": "integer", "value": value(name("tasks.a.outputs.x"))}}},
        outputs={"x": 2},
    ),
    Row(
        "a path, a header and a body with values",
        "X03 X04 X09",
        "run succeeded\na succeeded",
        {
            "a": call(
                step(
                    "POST stock",
                    path=text("/stock/", name("inputs.order"), "?q=", name("inputs.order")),
                    headers={"X-Order": text("no. ", name("inputs.count"))},
                    body={
                        "map": {
                            "count": value(name("inputs.count")),
                            "note": text("n", name("inputs.count")),
                            "a": ["x", 1, None],
                        }
                    },
                )
            )
        },
        plan={"inputs": {"order": {"type": "string"}, "count": {"type": "integer"}}},
        inputs={"order": "a/b ?&é", "count": 3},
        saw={
            "a": {
                "requests": ["POST stock /stock/a%2Fb%20%3F%26%C3%A9?q=a%2Fb%20%3F%26%C3%A9"],
                "headers": {"X-Order": "no. 3", "Content-Type": "application/json", "Idempotency-Key": "the-uid/a/0"},
                "body": {"count": 3, "note": "n3", "a": ["x", 1, None]},
            }
        },
    ),
    Row(
        "outputs of the last response",
        "C23 M08",
        "run succeeded\na succeeded\nb succeeded",
        {
            "a": call(
                step("GET stock /1", '200 {"in_stock": false}'),
                step("GET stock /2", '200 {"in_stock": true, "z": 1}'),
                outputs={"in_stock": "boolean"},
            ),
            "b": wait(0.1, needs="a", when=name("tasks.a.outputs.in_stock")),
        },
    ),
    Row(
        "a status that is not 2xx",
        "M31",
        "run failed (task a failed: GET /1 of stock: status 500)\na failed (GET /1 of stock: status 500)",
        {"a": call(step("GET stock /1", "500"))},
    ),
    Row(
        "a redirect is not followed",
        "M31 X10",
        "run failed (task a failed: GET /1 of stock: status 302)\na failed (GET /1 of stock: status 302)",
        {"a": call(step("GET stock /1", "302 /elsewhere"))},
        saw={"a": {"requests": ["GET stock /1"]}},
    ),
    Row(
        "an expected status",
        "X10",
        "run succeeded\na succeeded",
        {"a": call(step("GET stock /1", "404", expect={"status": [404, 410]}))},
    ),
    Row(
        "an expectation on the body",
        "X10 C18",
        "run failed (task b failed: GET /2 of stock: the response is not as expected)\na succeeded\n"
        "b failed (GET /2 of stock: the response is not as expected)",
        {
            "a": call(
                step(
                    "GET stock /1",
                    '200 {"x": 1}',
                    expect={"json": ["==", ["field", name("response"), "x"], ["lit", 1]]},
                )
            ),
            "b": call(
                step(
                    "GET stock /2",
                    '200 {"x": 2}',
                    expect={"json": ["==", ["field", name("response"), "x"], ["lit", 1]]},
                )
            ),
        },
    ),
    Row(
        "a step's own retry repeats that step only",
        "M10",
        "run succeeded\na succeeded",
        {"a": call(step("POST orders /1"), step("POST stock /1", "503", "503", "200", retry=retry(3, 1)))},
        saw={"a": {"requests": ["POST orders /1", "POST stock /1", "POST stock /1", "POST stock /1"]}},
    ),
    Row(
        "a task's retry starts again at the first step",
        "M10",
        "run succeeded\na succeeded",
        {"a": call(step("POST orders /1"), step("POST stock /1", "503", "200"), retry=retry(2))},
        saw={"a": {"requests": ["POST orders /1", "POST stock /1", "POST orders /1", "POST stock /1"], "tries": 2}},
    ),
    Row(
        "a service that never answers",
        "M31",
        "run failed (task a failed: GET /1 of stock: no answer in 30 s)\na failed (GET /1 of stock: no answer in 30 s)",
        {"a": call(step("GET stock /1", "hang"))},
    ),
    Row(
        "a call task's time-out",
        "M11",
        "run failed (task a failed: timeout)\na failed (timeout)",
        {"a": call(step("GET stock /1", "hang", timeout=500.0), timeout=60)},
    ),
    Row(
        "a connection that is refused is a failed try",
        "M28",
        "run failed (task a failed: GET /1 of nowhere: connection refused)\n"
        "a failed (GET /1 of nowhere: connection refused)",
        {"a": call(step("GET nowhere /1"))},
    ),
    Row(
        "a connection that breaks",
        "M10",
        "run failed (task a failed: GET /1 of stock: the connection broke)\n"
        "a failed (GET /1 of stock: the connection broke)",
        {"a": call(step("GET stock /1", "drop"))},
    ),
    Row(
        "a response that is not JSON",
        "C10",
        "run failed (task a failed: its outputs are not JSON)\na failed (its outputs are not JSON)",
        {"a": call(step("GET stock /1", "200 text: hello"), outputs={"x": {"type": "string", "default": ""}})},
    ),
    Row(
        "on_exit calls",
        "M15",
        "run succeeded\na succeeded\nz succeeded",
        {"a": call(step("GET stock /1"))},
        {"z": call(step("POST audit", path=text("/", name("run.status"))))},
        saw={"z": {"requests": ["POST audit /succeeded"]}},
    ),
    Row(
        "a value cannot add a header",
        "X09",
        "run failed (task a failed: GET /1 of stock: header X holds a line break)\n"
        "a failed (GET /1 of stock: header X holds a line break)",
        {"a": call(step("GET stock /1", headers={"X": text(name("inputs.v"))}))},
        plan={"inputs": {"v": {"type": "string"}}},
        inputs={"v": "1\r\nY: 2"},
    ),
)

ROWS: tuple[Row, ...] = (
    *ORDER,
    *NEEDS,
    *TRUTH,
    *JOINS,
    *CONDITIONS,
    *TRIES,
    *TIMEOUTS,
    *OUTPUTS,
    *ON_EXIT,
    *INPUTS,
    *CONCURRENCY,
    *CALLS,
)
