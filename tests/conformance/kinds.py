"""The conformance table, second part: waits, approvals, priorities, workflows in workflows, foreach."""

from __future__ import annotations

from tests.conformance.table import ANY_OBJECT, NO_FIELD
from tests.runtime.workflow_rows import (
    Row,
    approve,
    call,
    each,
    equal,
    name,
    retry,
    run,
    sql,
    step,
    text,
    value,
    wait,
    workflow,
)

ITEM = ["name", "item"]

WAITS = (
    Row(
        "a wait takes its time",
        "M22 C24 S04",
        "run succeeded\na succeeded\nb succeeded",
        {"a": wait(2.5), "b": wait(0.1, needs="a")},
        saw={"a": {"lasted": 2.5}},
    ),
    Row(
        "a wait that is longer than its time-out",
        "M11",
        "run failed (task a failed: timeout)\na failed (timeout)",
        {"a": wait(500, timeout=600)},
        bindings={"tasks": {"a": {"timeout": "1m"}}},
    ),
    Row(
        "a wait is cancelled at once",
        "M16",
        "run cancelled (cancelled)\na cancelled (cancelled)\nb cancelled (cancelled)",
        {"a": wait(80000), "b": run("hang")},
        cancel_when="b",
    ),
    Row(
        "waits do not count for parallelism",
        "M20",
        "run succeeded\na succeeded\nb succeeded\nc succeeded",
        {"a": wait(60), "b": wait(60), "c": wait(0.1)},
        plan={"parallelism": 1, "timeout": 100.0},
    ),
)

APPROVALS = (
    Row(
        "approved by name",
        "M21 S03",
        "run succeeded\na succeeded\nb succeeded",
        {"a": approve("Ship it?"), "b": run(needs="a", args=[text(name("tasks.a.outputs.by"))])},
        answers={"a": '{"by": "Ada", "approved": true}'},
        saw={"b": {"args": ["Ada"]}},
    ),
    Row(
        "approved by hand",
        "M21",
        "run succeeded\na succeeded\nb succeeded",
        {"a": approve("Ship it?"), "b": run(needs="a", args=[text(name("tasks.a.outputs.by"))])},
        answers={"a": "true"},
        saw={"b": {"args": ["unknown"]}},
    ),
    Row(
        "rejected",
        "M21",
        "run succeeded\na failed (rejected)\nb skipped (a failed)\nc succeeded",
        {"a": approve("Ship it?"), "b": wait(0.1, needs="a"), "c": wait(0.1, needs={"a": "failed"})},
        answers={"a": '{"by": "Ada", "approved": false}'},
    ),
    Row(
        "not approved in time",
        "M21",
        "run failed (task a failed: not approved in time)\na failed (not approved in time)",
        {"a": approve("Ship it?", timeout=60)},
        saw={"a": {"lasted": 60}},
    ),
    Row(
        "nobody answers as long as the workflow may take",
        "M21 M12",
        "run failed (timeout)\na cancelled (timeout)",
        {"a": approve("Ship it?", timeout=86400.0)},
        plan={"timeout": 120.0},
    ),
    Row(
        "an answer that is none changes nothing",
        "M21",
        "run failed (task a failed: not approved in time)\na failed (not approved in time)",
        {"a": approve("Ship it?", timeout=60)},
        answers={"a": "ture"},
    ),
    Row(
        "a question that cannot be put",
        "M07",
        "run failed (task a failed: its message: there is no field x)\na failed (its message: there is no field x)",
        {"a": approve(text(NO_FIELD))},
        plan=ANY_OBJECT,
    ),
    Row(
        "the questions of items and of called workflows have their own answers",
        "M21 M14",
        "run failed (tasks a, b failed; a: a[1] failed: rejected)\na failed (a[1] failed: rejected)\n"
        "a[0] succeeded\na[1] failed (rejected)\n"
        "b failed (task ask failed: rejected)\nb/ask failed (rejected)",
        {
            "a": approve(text("Ship ", ITEM, "?"), foreach=each(["x", "y"])),
            "b": workflow({"ask": approve("Pay?")}),
        },
        answers={"a.0": "true", "a.1": "false", "b.ask": "false"},
    ),
)

PRIORITIES = (
    Row(
        "the higher priority starts first",
        "M19",
        "run succeeded\na succeeded\nb succeeded\nc succeeded\nd succeeded",
        {"a": run(), "b": run(priority=5), "c": run(priority=-1), "d": run(priority=5)},
        plan={"parallelism": 1},
        order=("b < d < a < c",),
    ),
    Row(
        "a called workflow has the priority of its task",
        "M19 M14",
        "run succeeded\na succeeded\nb succeeded\nb/x succeeded\nb/y succeeded",
        {"a": run(), "b": workflow({"x": run(), "y": run(priority=1)}, priority=1)},
        plan={"parallelism": 1},
        order=("b/y < b/x < a",),
    ),
)

CHARGE = {"inputs": {"order": {"type": "string"}, "express": {"type": "boolean", "default": False}}}
RECEIPT = {"outputs": {"receipt": {"type": "string", "value": value(name("tasks.charge.outputs.receipt"))}}}

WORKFLOWS = (
    Row(
        "inputs go in, outputs come out",
        "M14 L05",
        "run succeeded\npay succeeded\npay/charge succeeded\nship succeeded",
        {
            "pay": workflow(
                {
                    "charge": run(
                        'ok {"receipt": "r-17"}',
                        outputs={"receipt": "string"},
                        args=[text(name("inputs.order"), " ", name("inputs.express"))],
                    )
                },
                given={"order": text("no. ", name("inputs.order"))},
                callee={**CHARGE, **RECEIPT},
            ),
            "ship": run(needs="pay", args=[text(name("tasks.pay.outputs.receipt"))]),
        },
        plan={"inputs": {"order": {"type": "string"}}},
        inputs={"order": "17"},
        order=("pay/charge < ship",),
        saw={"pay/charge": {"args": ["no. 17 false"]}, "ship": {"args": ["r-17"]}},
    ),
    Row(
        "the task fails as the workflow would as a run",
        "M14 M01",
        "run succeeded\npay failed (task charge failed: exit code 3)\npay/charge failed (exit code 3)\n"
        "pay/note succeeded\nrefund succeeded",
        {
            "pay": workflow({"charge": run("exit 3"), "note": wait(0.1, needs={"charge": "done"})}),
            "refund": wait(0.1, needs={"pay": "failed"}),
        },
        order=("pay/charge < pay/note < refund",),
    ),
    Row(
        "a failure that is handled inside is none outside",
        "M14 M01",
        "run succeeded\npay succeeded\npay/charge failed (exit code 3)\npay/mend succeeded",
        {"pay": workflow({"charge": run("exit 3"), "mend": wait(0.1, needs={"charge": "failed"})})},
    ),
    Row(
        "its on_exit runs before the task ends and reads its own verdict",
        "M14 M15",
        "run succeeded\npay failed (task charge failed: exit code 1)\npay/charge failed (exit code 1)\n"
        "pay/audit succeeded\nafter succeeded\nz succeeded",
        {
            "pay": workflow(
                {"charge": run("exit 1")},
                {
                    "audit": run(
                        args=[text(name("run.status"), " ", name("run.name"), " ", name("tasks.charge.status"))]
                    )
                },
            ),
            "after": wait(0.1, needs={"pay": "failed"}),
        },
        {"z": run(args=[text(name("run.status"))])},
        order=("pay/charge < pay/audit < after < z",),
        saw={"pay/audit": {"args": ["failed the-run failed"]}, "z": {"args": ["succeeded"]}},
    ),
    Row(
        "a failing on_exit task of it fails the task and leaves no outputs",
        "M14 M15b M24",
        "run succeeded\npay failed (on_exit task audit failed: exit code 2)\npay/charge succeeded\n"
        "pay/audit failed (exit code 2)\nrefund succeeded",
        {
            "pay": workflow(
                {"charge": run('ok {"receipt": "r"}', outputs={"receipt": "string"})},
                {"audit": run("exit 2")},
                callee=RECEIPT,
                outputs={"receipt": {"type": "string", "default": "none"}},
            ),
            "refund": run(needs={"pay": "failed"}, args=[text(name("tasks.pay.outputs.receipt"))]),
        },
        saw={"refund": {"args": ["none"]}},
    ),
    Row(
        "a retry does the workflow anew",
        "M10 M14",
        "run succeeded\npay succeeded\npay/a succeeded\npay/b succeeded\npay/z succeeded",
        {"pay": workflow({"a": run(), "b": run("exit 1", "ok", needs="a")}, {"z": wait(0.1)}, retry=retry(2))},
        saw={"pay": {"tries": 2}, "pay/b": {"tries": 1, "starts": 2}, "pay/a": {"tries": 1, "starts": 2}},
    ),
    Row(
        "its own time-out",
        "M12 M14",
        "run failed (task pay failed: timeout)\npay failed (timeout)\npay/a cancelled (timeout)\n"
        "pay/b cancelled (timeout)\npay/z succeeded",
        {"pay": workflow({"a": run("hang"), "b": wait(0.1, needs="a")}, {"z": wait(0.1)}, callee={"timeout": 60.0})},
        order=("pay/a < pay/z",),
    ),
    Row(
        "the task's time-out is a failed try",
        "M11 M14",
        "run succeeded\npay succeeded\npay/a succeeded",
        {"pay": workflow({"a": run("hang", "ok")}, timeout=60, retry=retry(2))},
        saw={"pay": {"tries": 2}},
    ),
    Row(
        "the values' time-out of the workflow counts",
        "M14 L10",
        "run failed (task pay failed: timeout)\npay failed (timeout)\npay/a cancelled (timeout)",
        {"pay": workflow({"a": run("hang")})},
        bindings={"tasks": {"pay": {"workflow": {"timeout": "90s"}, "tasks": {"a": {"cronjob": "r-w-pay-a"}}}}},
        saw={"pay": {"lasted": 90}},
    ),
    Row(
        "its own parallelism counts",
        "M14 M20",
        "run failed (task pay failed: tasks a, b, c failed; a: timeout)\n"
        "pay failed (tasks a, b, c failed; a: timeout)\n"
        "pay/a failed (timeout)\npay/b failed (timeout)\npay/c failed (timeout)",
        {"pay": workflow({task: run("hang", timeout=20) for task in "abc"}, callee={"parallelism": 2})},
        most_pods=2,
    ),
    Row(
        "the parallelism of the run counts for all in it",
        "M14 M20",
        "run failed (tasks pal, pay failed; pal: tasks a, b failed; a: timeout)\n"
        "pay failed (tasks a, b failed; a: timeout)\npay/a failed (timeout)\npay/b failed (timeout)\n"
        "pal failed (tasks a, b failed; a: timeout)\npal/a failed (timeout)\npal/b failed (timeout)",
        {each: workflow({task: run("hang", timeout=20) for task in "ab"}) for each in ("pay", "pal")},
        plan={"parallelism": 3},
        most_pods=3,
    ),
    Row(
        "cancelling reaches it, and its on_exit is done",
        "M16 M14",
        "run cancelled (cancelled)\npay cancelled (cancelled)\npay/a cancelled (cancelled)\n"
        "pay/b cancelled (cancelled)\npay/z succeeded\nlater cancelled (cancelled)\nz succeeded",
        {
            "pay": workflow({"a": run("hang"), "b": wait(0.1, needs="a")}, {"z": run(args=[text(name("run.status"))])}),
            "later": wait(0.1, needs="pay"),
        },
        {"z": wait(0.1)},
        cancel_when="pay/a",
        order=("pay/a < pay/z < z",),
        saw={"pay/z": {"args": ["cancelled"]}},
    ),
    Row(
        "to any depth",
        "M14",
        "run failed (task a failed: task b failed: task c failed: exit code 7)\n"
        "a failed (task b failed: task c failed: exit code 7)\na/b failed (task c failed: exit code 7)\n"
        "a/b/c failed (exit code 7)\na/b/d succeeded",
        {"a": workflow({"b": workflow({"c": run("exit 7"), "d": call(step("GET stock /1"))})})},
        saw={"a/b/d": {"headers": {"Idempotency-Key": "the-uid/a/b/d/0"}}},
    ),
    Row(
        "an input of another type",
        "M07 M14",
        "run failed (task pay failed: input order is an integer, not a string)\n"
        "pay failed (input order is an integer, not a string)",
        {
            "pay": workflow(
                {"charge": wait(0.1)},
                given={"order": value(["field", name("inputs.o"), "order"])},
                callee=CHARGE,
                retry=retry(3),
            )
        },
        plan={"inputs": {"o": {"type": "object"}}},
        inputs={"o": {"order": 17}},
        saw={"pay": {"tries": 1}},
    ),
    Row(
        "a workflow within on_exit",
        "M15 M14",
        "run succeeded\na succeeded\nz succeeded\nz/x succeeded",
        {"a": wait(0.1)},
        {
            "z": workflow(
                {"x": run(args=[text(name("inputs.order"))])}, given={"order": text(name("run.status"))}, callee=CHARGE
            )
        },
        saw={"z/x": {"args": ["succeeded"]}},
    ),
)

FOREACH = (
    Row(
        "outputs are lists in the order of the items",
        "M13",
        "run succeeded\npack succeeded\npack[0] succeeded\npack[1] succeeded\npack[2] succeeded\nship succeeded",
        {
            "pack": run(
                'ok {"n": 1}',
                items={1: ('ok {"n": 2}',), 2: ('ok {"n": 3}',)},
                foreach=each(["x", 2, {"k": True}]),
                args=[text("--item=", ITEM)],
                outputs={"n": "integer"},
            ),
            "ship": run(needs="pack", args=[text(name("tasks.pack.outputs.n"))]),
        },
        saw={
            "pack[0]": {"args": ["--item=x"]},
            "pack[1]": {"args": ["--item=2"]},
            "pack[2]": {"args": ['--item={"k":true}']},
            "ship": {"args": ["[1,2,3]"]},
        },
    ),
    Row(
        "items that another task wrote, for calls",
        "M13 C23",
        "run succeeded\na succeeded\nb succeeded\nb[0] succeeded\nb[1] succeeded\nc succeeded",
        {
            "a": run('ok {"ids": ["x/1", "x/2"]}', outputs={"ids": "list"}),
            "b": call(
                step("POST stock", '200 {"at": "$PATH"}', path=text("/", ITEM)),
                needs="a",
                foreach=each(value(name("tasks.a.outputs.ids"))),
                outputs={"at": "string"},
            ),
            "c": run(needs="b", args=[text(name("tasks.b.outputs.at"))]),
        },
        saw={
            "c": {"args": ['["/x%2F1","/x%2F2"]']},
            "b[1]": {"headers": {"Idempotency-Key": "the-uid/b[1]/0"}},
        },
    ),
    Row(
        "an empty list succeeds",
        "M13a",
        "run succeeded\na succeeded\nb succeeded",
        {
            "a": run(foreach=each([]), outputs={"n": "integer"}),
            "b": run(needs="a", args=[text(name("tasks.a.outputs.n"))]),
        },
        saw={"b": {"args": ["[]"]}},
    ),
    Row(
        "one failed item is one too many",
        "M13b M13d",
        "run failed (task a failed: a[1] failed: exit code 4)\na failed (a[1] failed: exit code 4)\n"
        "a[0] succeeded\na[1] failed (exit code 4)",
        {"a": run(items={1: ("exit 4",)}, foreach=each([1, 2]))},
    ),
    Row(
        "failures that may be: their entries are the default, else null",
        "M13b",
        "run succeeded\na succeeded\na[0] succeeded\na[1] failed (exit code 4)\na[2] succeeded\nb succeeded",
        {
            "a": run(
                'ok {"n": 1}',
                items={1: ("exit 4",)},
                foreach=each([1, 2, 3], max_failed=1),
                outputs={"n": "integer", "m": {"type": "integer", "default": 9}},
            ),
            "b": run(needs="a", args=[text(name("tasks.a.outputs.n"), name("tasks.a.outputs.m"))]),
        },
        saw={"b": {"args": ["[1,null,1][9,9,9]"]}},
    ),
    Row(
        "no new item starts when too many have failed, and those that run end",
        "M13b",
        "run succeeded\na failed (a[1] failed: exit code 4)\na[0] succeeded\na[1] failed (exit code 4)\n"
        "a[2] skipped (too many items have failed)\na[3] skipped (too many items have failed)\nb succeeded",
        {
            "a": run(
                'ok {"n": 1}',
                items={1: ("exit 4",)},
                foreach=each([1, 2, 3, 4], parallel=1),
                outputs={"n": "integer"},
            ),
            "b": run(needs={"a": "failed"}, args=[text(name("tasks.a.outputs.n"))]),
        },
        saw={"b": {"args": ["[1,null,null,null]"]}},
        order=("a[0] < a[1]",),
    ),
    Row(
        "as many items at once as parallel says",
        "M13d M20",
        "run succeeded\na succeeded\n" + "\n".join(f"a[{index}] succeeded" for index in range(6)),
        {"a": run(foreach=each([0, 1, 2, 3, 4, 5], parallel=2))},
        most_pods=2,
    ),
    Row(
        "without parallel, as many as the workflow allows",
        "M13d M20",
        "run succeeded\na succeeded\n" + "\n".join(f"a[{index}] failed (timeout)" for index in range(6)),
        {"a": run("hang", timeout=20, foreach=each([0, 1, 2, 3, 4, 5], max_failed=6))},
        plan={"parallelism": 3},
        most_pods=3,
    ),
    Row(
        "a skipped foreach has empty lists",
        "M13c",
        "run succeeded\na skipped (its condition is false)\nb succeeded",
        {
            "a": run(foreach=each([1]), when=["lit", False], outputs={"n": "integer"}),
            "b": run(needs={"a": "skipped"}, args=[text(name("tasks.a.outputs.n"))]),
        },
        saw={"b": {"args": ["[]"]}},
    ),
    Row(
        "retry and time-out are each item's own",
        "M13d M10 M11",
        "run succeeded\na succeeded\na[0] succeeded\na[1] succeeded\na[2] succeeded",
        {
            "a": run(
                items={1: ("exit 1", "ok"), 2: ("hang", "hang", "ok")},
                foreach=each([1, 2, 3]),
                retry=retry(3),
                timeout=60,
            )
        },
        saw={"a[0]": {"tries": 1}, "a[1]": {"tries": 2}, "a[2]": {"tries": 3, "lasted": 120}},
    ),
    Row(
        "items that are no list",
        "M07 M13",
        "run failed (task a failed: its items: an object is not a list)\na failed (its items: an object is not a list)",
        {"a": run(foreach=each(value(NO_FIELD)))},
        plan=ANY_OBJECT,
        inputs={"o": {"x": {}}},
    ),
    Row(
        "an item whose arguments cannot be evaluated fails alone",
        "M07 M13b",
        "run succeeded\na succeeded\na[0] succeeded\na[1] failed (its arguments: there is no field x)",
        {"a": run(foreach=each([{"x": 1}, {}], max_failed=1), args=[text(["field", ITEM, "x"])])},
    ),
    Row(
        "a workflow for each item, in which the item goes in as an input",
        "M13 M14",
        "run succeeded\npay succeeded\npay[0] succeeded\npay[0]/charge succeeded\npay[1] failed "
        "(task charge failed: exit code 1)\npay[1]/charge failed (exit code 1)\nship succeeded",
        {
            "pay": workflow(
                {
                    "charge": run(
                        'ok {"receipt": "r"}',
                        outputs={"receipt": {"type": "string"}},
                        args=[text(name("inputs.order"))],
                    )
                },
                foreach=each(["x", "y"], max_failed=1),
                given={"order": value(ITEM)},
                callee={**CHARGE, **RECEIPT},
            ),
            "ship": run(needs="pay", args=[text(name("tasks.pay.outputs.receipt"))]),
        },
        scripts={"pay[1]/charge": ("exit 1",)},
        saw={"pay[1]/charge": {"args": ["y"]}, "ship": {"args": ['["r",null]']}},
    ),
    Row(
        "a foreach within a foreach",
        "M13 M14",
        "run succeeded\na succeeded\na[0] succeeded\na[0]/b succeeded\na[0]/b[0] succeeded\n"
        "a[1] succeeded\na[1]/b succeeded\na[1]/b[0] succeeded\na[1]/b[1] succeeded\nc succeeded",
        {
            "a": workflow(
                {"b": run('ok {"n": 1}', foreach=each(value(name("inputs.l"))), outputs={"n": "integer"})},
                foreach=each([[1], [1, 2]]),
                given={"l": value(ITEM)},
                callee={
                    "inputs": {"l": {"type": "list"}},
                    "outputs": {"n": {"type": "list", "value": value(name("tasks.b.outputs.n"))}},
                },
            ),
            "c": run(needs="a", args=[text(name("tasks.a.outputs.n"))]),
        },
        saw={"c": {"args": ["[[1],[1,1]]"]}},
    ),
    Row(
        "waits for each item, one after the other",
        "M13 M22",
        "run succeeded\na succeeded\na[0] succeeded\na[1] succeeded\na[2] succeeded",
        {"a": wait(20, foreach=each([1, 2, 3], parallel=1))},
        saw={"a": {"lasted": 60}},
    ),
    Row(
        "the workflow's time-out cancels what runs and what has not begun",
        "M12 M13",
        "run failed (timeout)\na cancelled (timeout)\na[0] succeeded\na[1] cancelled (timeout)\n"
        "a[2] cancelled (timeout)\nb cancelled (timeout)\nz succeeded",
        {"a": run(items={1: ("hang",)}, foreach=each([1, 2, 3], parallel=1)), "b": wait(0.1, needs="a")},
        {"z": wait(0.1)},
        plan={"timeout": 120.0},
    ),
    Row(
        "a condition reads the list",
        "M07 M13",
        "run succeeded\na succeeded\na[0] succeeded\nb skipped (its condition is false)",
        {
            "a": run('ok {"n": 3}', foreach=each([1]), outputs={"n": "integer"}),
            "b": wait(0.1, needs="a", when=equal("tasks.a.outputs.n", [4])),
        },
    ),
)

MUTEXES = (
    Row(
        "of those that name a mutex one runs at a time",
        "M17",
        "run succeeded\na succeeded\nb succeeded\nc succeeded",
        {"a": run(mutex="till"), "b": run(mutex=text("ti", ["lit", "ll"])), "c": run(mutex="till")},
        most_pods=1,
    ),
    Row(
        "mutexes of other names are in nobody's way",
        "M17",
        "run failed (task a failed: timeout)\na failed (timeout)\nb succeeded\nc succeeded",
        {"a": run("hang", mutex="x", timeout=60), "b": run(mutex="y"), "c": run(needs="b", mutex="y")},
        order=("b < c",),
        saw={"c": {"ended_before": "a"}},
    ),
    Row(
        "each item has its own",
        "M17 M13d",
        "run succeeded\na succeeded\na[0] succeeded\na[1] succeeded\na[2] succeeded",
        {"a": run(foreach=each(["x", "x", "x"]), mutex=text("till-", ITEM))},
        most_pods=1,
    ),
    Row(
        "waiting for it does not count for the time-out, and it is given back between tries",
        "M17 M11",
        "run failed (task a failed: timeout)\na failed (timeout)\nb succeeded",
        {"a": run("hang", mutex="till", timeout=60, retry=retry(2, 100)), "b": run(mutex="till", timeout=50)},
        saw={"b": {"tries": 1, "ended_before": "a"}},
    ),
    Row(
        "a mutex without a name",
        "M07 M17",
        "run failed (task a failed: its mutex: there is no field x)\na failed (its mutex: there is no field x)",
        {"a": run(mutex=text(NO_FIELD))},
        plan=ANY_OBJECT,
    ),
    Row(
        "a mutex that the task around holds cannot be had",
        "M17 M14",
        "run failed (task pay failed: task a failed: its mutex: task pay, around it, holds it)\n"
        "pay failed (task a failed: its mutex: task pay, around it, holds it)\n"
        "pay/a failed (its mutex: task pay, around it, holds it)",
        {"pay": workflow({"a": run(mutex="till")}, mutex="till")},
    ),
    Row(
        "calls, waits and workflows have them too",
        "M17 M14",
        "run succeeded\na succeeded\nb succeeded\nc succeeded\nc/x succeeded",
        {
            "a": call(step("GET stock /1"), mutex="till"),
            "b": wait(5, mutex="till"),
            "c": workflow({"x": run()}, mutex="till"),
        },
    ),
)

STATEMENTS = (
    Row(
        "columns are read by their declared types",
        "C32 M08",
        "run succeeded\na succeeded\nb succeeded",
        {
            "a": sql(
                'ok {"n": "12", "f": "2.50", "t": "t", "u": 0, "s": 7, "l": "[1, 2]", "none": null, "other": "x"}',
                query="select '12' as n, 2.50 as f, true as t, 0 as u, 7 as s, '[1, 2]' as l, null as none, 1 as other",
                outputs={
                    "n": "integer",
                    "f": "number",
                    "t": "boolean",
                    "u": "boolean",
                    "s": "string",
                    "l": "list",
                    "none": {"type": "string", "default": "-"},
                },
            ),
            "b": run(
                needs="a",
                args=[
                    text(name(f"tasks.a.outputs.{column}"), "|") for column in ("n", "f", "t", "u", "s", "l", "none")
                ],
            ),
        },
        saw={"b": {"args": ["12|", "2.5|", "true|", "false|", "7|", "[1,2]|", "-|"]}},
    ),
    Row(
        "a column that is not what was declared",
        "C32 C10",
        "run failed (task a failed: output n is a string, not an integer)\n"
        "a failed (output n is a string, not an integer)",
        {
            "a": sql(
                'ok {"n": "twelve"}', query="select 'twelve' as n", outputs={"n": {"type": "integer", "default": 0}}
            )
        },
    ),
    Row(
        "parameters come as variables, as text",
        "X04 S18",
        "run succeeded\na succeeded",
        {
            "a": sql(
                query="select :order, :status",
                params={"order": text(name("inputs.order")), "status": "o'k $(X)"},
            )
        },
        plan={"inputs": {"order": {"type": "integer"}}},
        inputs={"order": 17},
        saw={"a": {"env": {"FLOWHELM_PARAM_order": "17", "FLOWHELM_PARAM_status": "o'k $(X)"}}},
    ),
    Row(
        "a statement that fails says why",
        "C05",
        "run failed (task a failed: the DSN begins with mysql://, but the task's engine is postgres)\n"
        "a failed (the DSN begins with mysql://, but the task's engine is postgres)",
        {
            "a": sql(
                "exit 2 the DSN begins with mysql://,\n but the task's engine is postgres",
                dsn="mysql",
                query="select 1 as n",
                outputs={"n": "integer"},
            )
        },
    ),
    Row(
        "a statement that fails without a word",
        "M27",
        "run failed (task a failed: exit code 3)\na failed (exit code 3)",
        {"a": sql("exit 3")},
    ),
)

ISOLATED = (
    Row(
        "a wait in a pod of its own",
        "S07 M20",
        "run succeeded\na succeeded",
        {"a": wait(5, isolate=True)},
        saw={"a": {"env": {"FLOWHELM_TASK": '{"kind":"wait","seconds":5.0}'}}},
        most_pods=1,
    ),
    Row(
        "outputs of a call in a pod of its own, also of one that failed",
        "S07 M08d",
        "run succeeded\na succeeded\nb failed (GET /2 of stock: status 500)\nc succeeded",
        {
            "a": call(
                step("GET stock /1", '200 {"n": 7}'), script=('ok {"n": 7}',), isolate=True, outputs={"n": "integer"}
            ),
            "b": call(
                step("GET stock /2", '500 {"n": 8}'),
                script=('exit 1 {"reason": "GET /2 of stock: status 500", "outputs": {"n": 8}}',),
                isolate=True,
                outputs={"n": {"type": "integer", "default": 0}},
            ),
            "c": run(
                needs={"a": "succeeded", "b": "failed"},
                args=[text(name("tasks.a.outputs.n"), name("tasks.b.outputs.n"))],
            ),
        },
        saw={"c": {"args": ["78"]}},
    ),
    Row(
        "a path that cannot be evaluated",
        "M07",
        "run failed (task a failed: GET of stock: there is no field x)\na failed (GET of stock: there is no field x)",
        {"a": call(step("GET stock", path=text("/", NO_FIELD)), isolate=True, retry=retry(3))},
        plan=ANY_OBJECT,
    ),
)

MORE_ROWS: tuple[Row, ...] = (*WAITS, *APPROVALS, *PRIORITIES, *WORKFLOWS, *FOREACH, *MUTEXES, *STATEMENTS, *ISOLATED)
