"""Plans of workflows, their JSON, and what their estimates tell."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from generator.diagnostics import Diagnostics
from generator.graph import build_graph
from generator.plan.document import body_json, plan_json, plan_text
from generator.plan.model import WorkflowPlan
from generator.plan.planner import plan_workflows
from generator.runtime.plan import load_plan
from tests.systems import sound_system

SERVICES = """
services:
  web: {image: shop/web:1.0.0, ports: {http: 8080, admin: 9000}, env: {STOCK: "${{ services.stock.url }}", LEVEL: info}}
  stock: {image: shop/stock:1.0.0, ports: {http: 8080}}
"""


def plan_of(workflow: str, services: str = SERVICES) -> WorkflowPlan:
    system = sound_system(services + "workflows:\n  order:\n" + workflow)
    found = Diagnostics()
    (plan,) = plan_workflows(system, build_graph(system, found)).values()
    assert not list(found)
    return plan


def task_json(task: str) -> Any:
    return plan_json(plan_of(f"    inputs: {{n: {{type: integer}}}}\n    tasks:\n      it: {task}"))["tasks"]["it"]  # type: ignore[index, call-overload]


def test_the_defaults_of_the_language_are_filled_in() -> None:
    plan = plan_of("    tasks: {ping: {call: {service: web, get: /}}}")
    assert (plan.timeout, plan.parallelism, plan.concurrency) == (86400.0, 20, "allow")
    assert json.loads(plan_text(plan)) == {
        "format": 2,
        "workflow": "order",
        "timeout": 86400.0,
        "parallelism": 20,
        "concurrency": "allow",
        "inputs": {},
        "triggers": {},
        "tasks": {
            "ping": {
                "kind": "call",
                "needs": {},
                "join": "all",
                "retry": {"attempts": 1, "initial": 10.0, "factor": 2.0, "max": 300.0},
                "timeout": 3600.0,
                "outputs": {},
                "call": {"parallel": False, "steps": [{"service": "web", "method": "GET", "path": "/"}]},
            }
        },
        "on_exit": {},
        "outputs": {},
    }


def test_what_is_written_is_in_the_plan() -> None:
    task = task_json("""
        call:
          parallel: true
          steps:
            - service: web
              port: admin
              post: "/a/${{ inputs.n }}"
              headers: {X-N: "${{ inputs.n }}", A: b}
              body: {n: "${{ inputs.n }}", list: [1, "n=${{ inputs.n }}", null]}
              expect: {status: [201, 200], json: "${{ response.ok }}"}
              timeout: 500ms
              retry: {attempts: 2, backoff: {initial: 1s}}
        outputs: {y: {type: number, default: 1.5}}
        retry: {attempts: 3, backoff: {initial: 1s, factor: 3, max: 2m}}
        timeout: 1h30m
        when: "${{ inputs.n > 1 }}"
    """)
    n = ["name", "inputs", "n"]
    assert task == {
        "kind": "call",
        "needs": {},
        "join": "all",
        "when": [">", n, ["lit", 1]],
        "retry": {"attempts": 3, "initial": 1.0, "factor": 3.0, "max": 120.0},
        "timeout": 5400.0,
        "outputs": {"y": {"type": "number", "default": 1.5}},
        "call": {
            "parallel": True,
            "steps": [
                {
                    "service": "web",
                    "method": "POST",
                    "path": {"text": ["/a/", n]},
                    "port": "admin",
                    "headers": {"A": "b", "X-N": {"value": n}},
                    "body": {"list": [1, {"text": ["n=", n]}, None], "n": {"value": n}},
                    "expect": {"status": [200, 201], "json": ["field", ["name", "response"], "ok"]},
                    "timeout": 0.5,
                    "retry": {"attempts": 2, "initial": 1.0, "factor": 2.0, "max": 300.0},
                }
            ],
        },
    }


def test_a_container_has_in_the_plan_what_holds_expressions() -> None:
    task = task_json('{run: {service: web, command: [a, b], args: [-n, "${{ inputs.n }}"]}, env: {A: b}}')
    assert task["run"] == {
        "args": ["-n", {"value": ["name", "inputs", "n"]}],
    }, "the service's own variables stand in the template, as they do for the service"


def test_a_task_that_only_waits_has_the_workflow_s_time() -> None:
    assert task_json('{approve: "Ship ${{ inputs.n }}?", priority: 7}') == {
        "kind": "approve",
        "needs": {},
        "join": "all",
        "retry": {"attempts": 1, "initial": 10.0, "factor": 2.0, "max": 300.0},
        "outputs": {"at": {"type": "string"}, "by": {"type": "string"}},
        "priority": 7,
        "approve": {"message": {"text": ["Ship ", ["name", "inputs", "n"], "?"]}},
    }
    wait = task_json("{wait: 1500ms}")
    assert (wait["wait"], "timeout" in wait) == (1.5, False)
    assert task_json("{wait: 1m, timeout: 2m}")["timeout"] == 120.0


def test_an_answer_has_the_defaults_that_are_written() -> None:
    task = task_json('{approve: {message: "?"}, outputs: {by: {type: string, default: nobody}}}')
    assert task["outputs"] == {"at": {"type": "string"}, "by": {"type": "string", "default": "nobody"}}


def test_items_are_json_or_an_expression() -> None:
    task = task_json('{foreach: {items: [1, "n=${{ inputs.n }}", {b: 1, a: [x]}], parallel: 2}, wait: 1s}')
    items = [1, {"text": ["n=", ["name", "inputs", "n"]]}, {"a": ["x"], "b": 1}]
    assert task["foreach"] == {"items": items, "parallel": 2, "max_failed": 0}
    task = task_json('{foreach: {items: "${{ [inputs.n, 2] }}", max_failed: 3}, wait: 1s, mutex: "m-${{ item }}"}')
    given = {"value": ["list", ["name", "inputs", "n"], ["lit", 2]]}
    assert task["foreach"] == {"items": given, "max_failed": 3}
    assert task["mutex"] == {"text": ["m-", ["name", "item"]]}


def test_services_of_items_and_locks_are_bound() -> None:
    plan = plan_of("""
    tasks:
      a: {foreach: {items: ["${{ services.stock.host }}"]}, wait: 1s}
      b: {wait: 1s, mutex: "${{ services.web.host }}"}
    """)
    assert plan.services == ("stock", "web")


def test_services_are_those_that_are_called_or_named() -> None:
    plan = plan_of("""
    tasks:
      a: {run: {image: a:1.0.0}, env: {X: "${{ services.stock.host }}"}}
      b: {call: {service: web, get: /}}
    """)
    assert plan.services == ("stock", "web")


def test_triggers_carry_typed_values_and_what_happens_to_a_second_run() -> None:
    plan = plan_of("""
    inputs: {n: {type: integer}, s: {type: string}, f: {type: number, default: 2}}
    triggers:
      schedule: {cron: "@daily", with: {n: 3, s: 0755}}
      install: {with: {n: 4.0, s: x}}
    tasks: {ping: {call: {service: web, get: /}}}
    """)
    document = plan_json(plan)
    assert document["triggers"] == {
        "schedule": {"concurrency": "forbid", "with": {"n": 3, "s": "0755"}},
        "install": {"with": {"n": 4, "s": "x"}},
    }
    assert document["inputs"] == {
        "f": {"type": "number", "default": 2},
        "n": {"type": "integer"},
        "s": {"type": "string"},
    }


@pytest.mark.parametrize(
    ("workflow", "schedule", "expected"),
    [("", "", ("allow", "forbid")), ("replace", "", ("replace", "replace")), ("forbid", "allow", ("forbid", "allow"))],
)
def test_a_schedule_may_differ_from_its_workflow(workflow: str, schedule: str, expected: tuple[str, str]) -> None:
    written = f"    concurrency: {workflow}\n" if workflow else ""
    own = f", concurrency: {schedule}" if schedule else ""
    plan = plan_of(
        f'{written}    triggers: {{schedule: {{cron: "@daily"{own}}}}}\n'
        "    tasks: {p: {call: {service: web, get: /}}}"
    )
    assert (plan.concurrency, plan.triggers["schedule"].concurrency) == expected


def test_a_body_that_looks_like_an_expression_stays_a_body() -> None:
    assert body_json({"value": 1}) == {"map": {"value": 1}}
    assert body_json({"map": {"a": 1}}) == {"map": {"map": {"a": 1}}}
    assert body_json({"text": [], "a": 1}) == {"text": [], "a": 1}


def test_the_runner_reads_what_the_compiler_writes() -> None:
    text = plan_text(
        plan_of("""
    inputs: {n: {type: integer, default: 1}}
    outputs: {y: {type: integer, value: "${{ tasks.first.outputs.y }}"}}
    tasks:
      first: {call: {service: web, get: /, expect: {status: 204}}, outputs: {y: {type: integer}}}
      second: {needs: {first: done}, run: {image: a:1.0.0, args: ["${{ inputs.n }}"]}}
    """)
    )
    services = {"web": {"host": "web", "ports": {"http": 8080}}}
    plan = load_plan(json.loads(text), {"workflow": "r-order", "services": services})
    assert plan.tasks["first"].steps[0].statuses == [204]
    assert plan.tasks["second"].needs == {"first": "done"}
    assert plan.tasks["second"].args == [{"value": ["name", "inputs", "n"]}]
    assert plan.outputs["y"].value == {"value": ["name", "tasks", "first", "outputs", "y"]}


def test_the_order_of_keys_does_not_matter() -> None:
    tasks = [
        "      b: {call: {service: web, post: /, body: {y: 1, x: 2}, headers: {B: b, A: a}}, needs: [a, c]}",
        "      a: {call: {service: web, get: /}, estimate: {duration: 1s}}",
        "      c: {call: {service: web, get: /}, estimate: {duration: 1s}}",
    ]
    expected = plan_of("    tasks:\n" + "\n".join(tasks))
    shuffled = list(tasks)
    random.Random(7).shuffle(shuffled)
    again = plan_of(
        "    tasks:\n" + "\n".join(shuffled).replace("y: 1, x: 2", "x: 2, y: 1").replace("B: b, A: a", "A: a, B: b")
    )
    assert shuffled != tasks
    assert plan_text(again) == plan_text(expected)
    assert again.forecast == expected.forecast


def test_a_forecast_adds_up_the_longest_way() -> None:
    plan = plan_of("""
    tasks:
      a: {call: {service: web, get: /}, estimate: {duration: 1ms, success: 90}}
      b: {needs: [a], call: {service: web, get: /}, estimate: {duration: 4ms, success: 50}, retry: {attempts: 2}}
      c: {needs: [a], call: {service: web, get: /}, estimate: {duration: 3ms}}
      d: {needs: [b, c], call: {service: web, get: /}}
      mend: {needs: {b: failed}, call: {service: web, get: /}, estimate: {duration: 1h}}
    """)
    assert plan.forecast is not None
    assert plan.forecast.path == ("a", "b")
    assert plan.forecast.seconds == pytest.approx(0.005)
    assert plan.forecast.success == pytest.approx(0.9 * 0.75)
    assert plan.forecast.unknown == ("d",)


def test_a_forecast_counts_items_and_waits() -> None:
    plan = plan_of("""
    tasks:
      a: {foreach: {items: [1, 2, 3], parallel: 2}, call: {service: web, get: /}, estimate: {duration: 1m, success: 50}}
      b: {needs: [a], wait: 30s}
      c: {needs: [b], foreach: {items: [1, 2]}, call: {service: web, get: /}, estimate: {duration: 1s}}
      d:
        needs: [c]
        foreach: {items: ["${{ run.id }}"], max_failed: 1}
        call: {service: web, get: /}
        estimate: {duration: 1s, success: 50}
    """)
    assert plan.forecast is not None
    assert plan.forecast.seconds == pytest.approx(2 * 60 + 30 + 1 + 1)
    assert plan.forecast.success == pytest.approx(0.5**3)
    assert plan.forecast.unknown == ()


def test_without_estimates_there_is_no_forecast() -> None:
    assert plan_of("    tasks: {a: {call: {service: web, get: /}}}").forecast is None


CHARGE = """
  charge:
    inputs: {order: {type: string}, amount: {type: number, default: 1}}
    outputs: {receipt: {type: string, value: "${{ tasks.capture.outputs.receipt }}", default: none}}
    triggers: {schedule: {cron: "@daily", with: {order: nightly}}}
    timeout: 10m
    tasks:
      capture:
        call: {service: stock, post: /}
        outputs: {receipt: {type: string}}
        estimate: {duration: 2s, success: 50}
"""


def test_a_reused_workflow_stands_inside_without_what_starts_it() -> None:
    """Constants have the declared type, outputs the callee's default, and the callee's own time-out is the task's."""
    task = 'pay: {workflow: charge, with: {order: 17, amount: "${{ 1 + 1 }}"}, retry: {attempts: 2}}'
    system = sound_system(SERVICES + "workflows:\n  order:\n    tasks:\n      " + task + CHARGE)
    plans = plan_workflows(system, build_graph(system, Diagnostics()))
    plan: Any = plan_json(plans["order"])["tasks"]
    pay, inner = plan["pay"], plan["pay"]["workflow"].pop("plan")
    assert pay == {
        "kind": "workflow",
        "needs": {},
        "join": "all",
        "retry": {"attempts": 2, "initial": 10.0, "factor": 2.0, "max": 300.0},
        "outputs": {"receipt": {"type": "string", "default": "none"}},
        "workflow": {"with": {"amount": {"value": ["+", ["lit", 1], ["lit", 1]]}, "order": "17"}},
    }
    alone: Any = plan_json(plans["charge"])
    assert inner == {name: each for name, each in alone.items() if name not in ("format", "concurrency", "triggers")}
    assert plans["order"].services == ("stock",)
    forecast = plans["order"].forecast
    assert forecast is not None
    assert (forecast.seconds, forecast.success, forecast.unknown) == (2.0, 0.75, ())
