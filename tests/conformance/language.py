"""The conformance table, third part: what expressions come to in a run, and what is left of the language in one."""

from __future__ import annotations

from typing import Any

from tests.conformance.kinds import ITEM
from tests.runtime.workflow_rows import Row, Task, call, each, name, run, step, text, value, wait

Json = Any


def lit(constant: Json) -> list[Json]:
    """A constant in an expression."""
    return ["lit", constant]


def holds(*conditions: list[Json]) -> dict[str, Task]:
    """A task for each condition, which runs when that holds."""
    return {f"t{number}": wait(0.1, when=condition) for number, condition in enumerate(conditions)}


def story(*truths: bool) -> str:
    """What comes of these tasks."""
    lines = (f"t{number} succeeded" if true else f"t{number} {SKIPPED}" for number, true in enumerate(truths))
    return "\n".join(["run succeeded", *lines])


SKIPPED = "skipped (its condition is false)"
GIVEN: dict[str, Json] = {
    "inputs": {
        "n": {"type": "integer", "default": 1},
        "f": {"type": "number", "default": 2.5},
        "s": {"type": "string", "default": "hé€😀o"},
        "l": {"type": "list", "default": [1, "x"]},
        "o": {"type": "object", "default": {"none": None, "x": 1}},
    }
}
NONE, X, MISSING = (["field", name("inputs.o"), each] for each in ("none", "x", "missing"))
STOCK, STOCK_URL = name("services.stock.host"), name("services.stock.url")
ODD = '}} ${{ x }} it\'s "q" \\ \n\t é {{ .Values }} $(KEEP)'
SAYS_17 = 'import sys; sys.exit(sys.argv[1:] != ["it\'s 17"])'

EXPRESSIONS = (
    Row(
        "integers and numbers mix, and whole ones have no point",
        "X05 X04",
        "run succeeded\na succeeded",
        {
            "a": run(
                args=[
                    text(["+", name("inputs.n"), lit(0.5)]),
                    text(["+", name("inputs.f"), lit(0.5)]),
                    text(["+", name("inputs.n"), lit(-5)]),
                    text(["+", name("inputs.n"), lit(9007199254740991)]),
                ]
            )
        },
        plan=GIVEN,
        saw={"a": {"args": ["1.5", "3", "-4", "9007199254740992"]}},
    ),
    Row(
        "+ joins texts and lists",
        "X05",
        "run succeeded\na succeeded",
        {
            "a": run(
                args=[
                    text(["+", ["+", name("inputs.s"), lit("-")], lit("1")]),
                    text(["+", name("inputs.l"), ["list", lit(2)]]),
                ]
            )
        },
        plan=GIVEN,
        saw={"a": {"args": ["hé€😀o-1", '[1,"x",2]']}},
    ),
    Row(
        "numbers are compared by what they are worth",
        "X05",
        story(True, True, False, True),
        holds(
            ["==", name("inputs.n"), lit(1.0)],
            ["<", name("inputs.n"), name("inputs.f")],
            [">=", name("inputs.n"), lit(1.5)],
            ["!=", X, lit("1")],
        ),
        plan=GIVEN,
    ),
    Row(
        "null is what fields of objects may be compared with",
        "X12",
        story(True, False, True),
        holds(["==", NONE, lit(None)], ["==", X, lit(None)], ["!=", X, lit(None)]),
        plan=GIVEN,
    ),
    Row(
        "a field that is null has no text",
        "X12 X04 M07",
        "run failed (task a failed: its arguments: null has no text)\na failed (its arguments: null has no text)",
        {"a": run(args=[text("x", NONE)])},
        plan=GIVEN,
    ),
    Row(
        "a field's type is checked when it is used",
        "X11 M07",
        "run failed (task a failed: its condition: a string cannot be compared with an integer)\n"
        "a failed (its condition: a string cannot be compared with an integer)\nb succeeded",
        {"a": wait(1, when=["<", X, lit(2)]), "b": wait(0.1, when=["<", X, lit("2")])},
        plan=GIVEN,
        inputs={"o": {"x": "1"}},
    ),
    Row(
        "a pattern matches anywhere, unless it is anchored",
        "X14",
        story(True, False, True),
        holds(
            ["matches", name("inputs.s"), lit("[é€]+")],
            ["matches", name("inputs.s"), lit("^[é€]+$")],
            ["matches", name("inputs.s"), lit("^h.{3}o$")],
        ),
        plan=GIVEN,
    ),
    Row(
        "texts are measured in characters and searched, lists and objects hold things",
        "X15",
        story(True, True, True, False, True, True, False),
        holds(
            ["==", ["size", name("inputs.s")], lit(5)],
            ["&&", ["startsWith", name("inputs.s"), lit("hé")], ["endsWith", name("inputs.s"), lit("😀o")]],
            ["contains", name("inputs.s"), lit("€😀")],
            ["contains", name("inputs.s"), lit("H")],
            ["in", lit("x"), name("inputs.l")],
            ["in", lit("none"), name("inputs.o")],
            ["in", lit("1"), name("inputs.l")],
        ),
        plan=GIVEN,
    ),
    Row(
        "texts in an expression may hold anything, braces and its own beginning too",
        "X02 X08 X19",
        "run succeeded\na succeeded",
        {"a": run(args=[text(lit("${{")), text("<", lit(ODD), ">")])},
        saw={"a": {"args": ["${{", f"<{ODD}>"]}},
    ),
    Row(
        "a hyphen belongs to a name",
        "X06 L28",
        "run succeeded\ncheck-stock succeeded\nif-failed skipped (check-stock succeeded)\nif-there succeeded",
        {
            "check-stock": run('ok {"n": 3}', outputs={"n": "integer"}),
            "if-failed": wait(1, needs={"check-stock": "failed"}),
            "if-there": run(
                needs={"check-stock": "succeeded", "if-failed": "done"},
                args=[text(name("tasks.check-stock.outputs.n"), " ", name("tasks.if-failed.status"))],
            ),
        },
        saw={"if-there": {"args": ["3 skipped"]}},
    ),
    Row(
        "a run knows itself",
        "X13",
        "run succeeded\na succeeded",
        {"a": run(args=[text(name("run.id")), text(name("run.name"))])},
        saw={"a": {"args": ["the-uid", "the-run"]}},
    ),
    Row(
        "a service's address is scheme, host and port",
        "X16 C02",
        f"run succeeded\na succeeded\nb succeeded\nc {SKIPPED}\nd succeeded",
        {
            "a": call(step("GET stock /1")),
            "b": wait(0.1, when=["startsWith", STOCK_URL, ["+", ["+", lit("http://"), STOCK], lit(":")]]),
            "c": wait(0.1, when=["endsWith", STOCK_URL, lit("/")]),
            "d": wait(0.1, when=[">", name("services.stock.ports.http"), lit(1023)]),
        },
    ),
    Row(
        "commands hold expressions too",
        "C29",
        "run succeeded\na succeeded",
        {"a": run(command=["python3", "-ISc", SAYS_17, text("it's ", name("inputs.order"))])},
        plan={"inputs": {"order": {"type": "integer"}}},
        inputs={"order": 17},
        saw={"a": {"command": ["python3", "-ISc", SAYS_17, "it's 17"]}},
    ),
)

STRUCTURE = (
    Row(
        "a leaf that was skipped below a handled failure leaves it handled",
        "C14 M01",
        "run succeeded\na failed (GET /a of stock: status 500)\nb skipped (a failed)\nc succeeded\n"
        "d skipped (b was skipped)",
        {
            "a": call(step("GET stock /a", "500")),
            "b": wait(1, needs="a"),
            "c": wait(0.1, needs={"a": "failed"}),
            "d": wait(1, needs="b"),
        },
    ),
    Row(
        "any and all are the same where one task is needed",
        "M25",
        "run failed (task a failed: GET /a of stock: status 500)\na failed (GET /a of stock: status 500)\nb succeeded\n"
        "c skipped (a failed)\nd succeeded",
        {
            "a": call(step("GET stock /a", "500")),
            "b": wait(0.1),
            "c": wait(1, needs="a", join="any"),
            "d": wait(0.1, needs="b", join="any"),
        },
    ),
    Row(
        "64 requests at once, and no more",
        "M20",
        "run succeeded\na succeeded\n" + "\n".join(f"a[{index}] succeeded" for index in range(70)),
        {
            "a": call(
                step("GET stock", "together 64", path=text("/", ITEM), timeout=600.0),
                foreach=each(list(range(70))),
                outputs={"there": "integer"},
            )
        },
        plan={
            "parallelism": 2,
            "outputs": {"there": {"type": "list", "value": value(name("tasks.a.outputs.there"))}},
        },
        outputs={"there": [64] * 70},
    ),
)

ROWS: tuple[Row, ...] = (*EXPRESSIONS, *STRUCTURE)
