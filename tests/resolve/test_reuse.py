"""Workflows that reuse others: what is bound, how often, and where it ends."""

import pytest

from generator.diagnostics import Diagnostics
from generator.resolve.reuse import MAX_DEPTH, MAX_TASKS
from tests.systems import sound_system, system_of

SERVICES = "services:\n  pay: {image: shop/pay:1.0.0, ports: {http: 8080}}\n"
CHARGE = """\
    inputs: {order: {type: string}}
    outputs: {receipt: {type: string, value: "${{ tasks.capture.outputs.receipt }}", default: none}}
    tasks:
      capture: {call: {service: pay, post: /charges}, outputs: {receipt: {type: string}}}
      book: {needs: [capture], run: {image: shop/book:1.0.0}, calls: [pay]}
"""


def of(text: str) -> str:
    """A spec with the workflow `charge`, and more workflows."""
    return SERVICES + "workflows:\n  charge:\n" + CHARGE + text


def chain(length: int, last: str) -> str:
    """Workflows w0, w1 … that reuse the next one each."""
    links = [f"  w{index}: {{tasks: {{next: {{workflow: w{index + 1}}}}}}}\n" for index in range(length - 1)]
    return "workflows:\n" + "".join(links) + f"  w{length - 1}: {{tasks: {{{last}}}}}\n"


def test_a_workflow_is_bound_once_however_many_reuse_it():
    tasks = "pay: {workflow: charge, with: {order: a}}, again: {workflow: charge, with: {order: b}}"
    system = sound_system(of(f"  order: {{tasks: {{{tasks}}}}}\n"))
    order, charge = system.workflows["order"], system.workflows["charge"]
    assert order.tasks["pay"].callee is order.tasks["again"].callee is charge
    assert list(order.with_reused()) == [order, charge]


def test_calls_are_made_by_the_outer_run_and_pods_are_their_own():
    system = sound_system(of("  order: {tasks: {pay: {workflow: charge, with: {order: a}}}}\n"))
    found = [(name, task, edge.service) for name, task, edge in system.workflows["order"].communications()]
    assert found == [("order", "", "pay"), ("charge", "book", "pay")]


@pytest.mark.parametrize(
    ("added", "default"), [("", "none"), (", outputs: {receipt: {type: string, default: later}}", "later")]
)
def test_outputs_are_the_callees_with_the_defaults_that_the_task_adds(added: str, default: str):
    system = sound_system(of(f"  order: {{tasks: {{pay: {{workflow: charge, with: {{order: a}}{added}}}}}}}\n"))
    outputs = system.workflows["order"].tasks["pay"].outputs
    assert outputs is not None
    assert {name: (each.type, each.default) for name, each in outputs.items()} == {"receipt": ("string", default)}


def test_workflows_may_be_nested_up_to_a_depth():
    run = "end: {run: {image: shop/end:1.0.0}}"
    assert len(sound_system(chain(MAX_DEPTH, run)).workflows) == MAX_DEPTH
    found = Diagnostics()
    system_of(chain(3000, run), found)
    assert [finding.code.id for finding in found] == ["FH2103"]


def test_a_run_may_have_so_many_tasks_and_no_more():
    doubling = "".join(
        f"  w{index}: {{tasks: {{a: {{workflow: w{index + 1}}}, b: {{workflow: w{index + 1}}}}}}}\n"
        for index in range(18)
    )
    found = Diagnostics()
    system_of("workflows:\n" + doubling + "  w18: {tasks: {end: {run: {image: shop/end:1.0.0}}}}\n", found)
    (finding,) = found
    assert finding.code.id == "FH2103"
    assert str(MAX_TASKS) in finding.message


def test_a_workflow_may_not_come_back_to_itself_however_long_the_way():
    found = Diagnostics()
    system_of(chain(15, "back: {workflow: w3}"), found)
    (finding,) = found
    assert finding.code.id == "FH2102"
    assert finding.message.endswith(": " + " → ".join([*(f"w{index}" for index in range(3, 15)), "w3"]))
    assert len(finding.notes) == 11
