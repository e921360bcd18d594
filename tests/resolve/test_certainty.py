"""Which tasks have ended, and which have certainly succeeded, where an expression is evaluated (rulings M09, M30)."""

from __future__ import annotations

import pytest

from generator.resolve.certainty import Flow, Needs, View

ORDER = Flow(
    {
        "check": Needs({}),
        "generate": Needs({"check": "succeeded"}, conditional=True),
        "ship": Needs({"generate": "succeeded"}),
        "mend": Needs({"generate": "failed"}),
        "sweep": Needs({"mend": "done"}),
        "either": Needs({"ship": "succeeded", "mend": "succeeded"}, any_of=True),
        "both": Needs({"ship": "done", "check": "succeeded"}),
        "late": Needs({"ship": "not_failed"}),
        "lost": Needs({"generate": "skipped"}),
    }
)


@pytest.mark.parametrize(
    ("consumer", "producer", "reason", "instead"),
    [
        ("generate", "check", None, None),
        ("ship", "check", None, None),
        ("ship", "generate", None, None),
        ("mend", "check", None, None),  # generate ran, so check has succeeded
        ("mend", "generate", "mend runs when generate has failed", ""),
        ("sweep", "check", "sweep also runs when mend failed or was skipped", "let sweep need mend: succeeded"),
        ("either", "check", None, None),  # both ways lead over check
        ("either", "ship", "either starts when any of its needs holds", "let either join all of its needs"),
        ("both", "check", None, None),
        ("both", "ship", "both also runs when ship failed or was skipped", "let both need ship: succeeded"),
        ("late", "check", "late also runs when ship was skipped", "let late need ship: succeeded"),
        ("lost", "generate", "lost also runs when generate was skipped", "let lost need generate: succeeded"),
    ],
)
def test_success_is_certain_or_the_weak_need_is_named(
    consumer: str, producer: str, reason: str | None, instead: str | None
) -> None:
    doubt = ORDER.doubt(consumer, producer)
    assert (doubt and doubt.reason, doubt and doubt.instead) == (reason, instead)


def test_only_tasks_above_are_seen() -> None:
    assert ORDER.sees("sweep", "check")
    assert not ORDER.sees("check", "sweep")
    assert not ORDER.sees("ship", "mend")
    assert not ORDER.sees("ship", "ship")


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        ("check", None),
        ("generate", "generate is skipped when its condition does not hold"),
        ("ship", "generate is skipped when its condition does not hold"),
        ("sweep", "sweep needs mend as done, and may be skipped"),
        ("mend", "mend needs generate as failed, and may be skipped"),
    ],
)
def test_what_is_certain_at_the_end_of_a_run(task: str, reason: str | None) -> None:
    doubt = View(ORDER).doubt(task)
    assert (doubt and doubt.reason) == reason


def test_a_handled_failure_leaves_no_success_at_the_end() -> None:
    flow = Flow({"a": Needs({}), "b": Needs({"a": "failed"})})
    doubt = flow.doubt_at_end("a")
    assert doubt is not None
    assert "its failure was handled" in doubt.reason


def test_on_exit_sees_all_tasks_and_is_certain_of_none() -> None:
    view = View(Flow({"audit": Needs({}), "tell": Needs({"audit": "succeeded"})}), "tell", on_exit=True)
    assert view.sees("check")
    assert view.sees("audit")
    assert not View(view.flow, "audit", on_exit=True).sees("tell")
    assert view.doubt("check") is not None
    assert view.doubt("audit") is not None


def test_tasks_do_not_see_on_exit() -> None:
    assert not View(ORDER, "ship").sees("audit")
    assert not View(ORDER).sees("audit")


def test_tasks_on_and_below_a_cycle_raise_no_doubt() -> None:
    flow = Flow({"a": Needs({"b": "done"}), "b": Needs({"a": "done"}), "c": Needs({"b": "done"}), "d": Needs({})})
    assert flow.doubt("c", "a") is None
    assert flow.doubt_at_end("c") is None
    assert not flow.sees("d", "a")


def test_a_chain_of_thousands_of_tasks_is_closed_over() -> None:
    chain = {f"t{index}": Needs({f"t{index - 1}": "succeeded"} if index else {}) for index in range(3000)}
    flow = Flow(chain)
    assert flow.sees("t2999", "t0")
    assert flow.doubt("t2999", "t0") is None
    assert flow.doubt_at_end("t2999") is None
