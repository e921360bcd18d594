"""Codes of mistakes in the meaning of `${{ … }}`: names, types, and what is certain at run time."""

from __future__ import annotations

from generator.diagnostics import Code

UNKNOWN = Code(
    "FH2210",
    "unknown name in an expression",
    "An expression may use inputs.x, tasks.t.outputs.y, tasks.t.status, item, run.id, run.name, run.status, "
    "services.s.url, services.s.host and services.s.ports.p. A name that does not exist would fail each run.",
    "when: ${{ inputs.expres }}",
    "when: ${{ inputs.express }}",
    source="language rule 3",
)
ELSEWHERE = Code(
    "FH2211",
    "name that has no value here",
    "Some names have a value in some places only: `item` in a foreach task, `response` in expect.json, `event` in an "
    "event trigger's with, run.status in on_exit, inputs and tasks in workflows.",
    "when: ${{ run.status == 'failed' }}",
    'on_exit:\n  tell: {run: {image: tell:1, args: ["${{ run.status }}"]}}',
    source="rulings X01",
)
TYPE = Code(
    "FH2212",
    "types that do not fit",
    "Operators, methods and keys take values of certain types; nothing is converted in silence but integer to number. "
    "What does not fit would fail at run time.",
    "when: ${{ inputs.count == 'three' }}",
    "when: ${{ inputs.count == 3 }}",
    source="rulings X05",
)
NULL_VALUE = Code(
    "FH2213",
    "null where a value must be",
    "Inputs and outputs are never null; a null may only be compared with a field of an object, whose type is known at "
    "run time.",
    "when: ${{ inputs.name != null }}",
    "needs: [find]\nwhen: ${{ tasks.find.outputs.customer.phone != null }}",
    source="rulings X12",
)
NOT_ABOVE = Code(
    "FH2214",
    "status or output of a task that may not have ended",
    "An expression of a task may look only at tasks that have ended when it starts: those that it can reach through "
    "needs. Needs are not implied, so that the order is written in one place.",
    'ship: {when: "${{ tasks.check.outputs.in_stock }}"}',
    'ship: {needs: [check], when: "${{ tasks.check.outputs.in_stock }}"}',
    source="rulings M30",
)
UNCERTAIN = Code(
    "FH2215",
    "output of a task that may not have succeeded",
    "A task that failed or was skipped has no outputs. Where its success is not certain, an output needs a default: "
    "without one, the expression could not be evaluated.",
    "check: {outputs: {in_stock: {type: boolean}}}\n"
    'tell: {needs: {check: done}, when: "${{ tasks.check.outputs.in_stock }}"}',
    "check: {outputs: {in_stock: {type: boolean, default: false}}}",
    source="rulings M09",
)
PATTERN = Code(
    "FH2216",
    "pattern that engines read differently",
    "matches() is evaluated by RE2 on one engine and by Python on the other. A pattern may use what both read "
    "alike: no look-around, no back-references, no possessive repeats.",
    "when: ${{ inputs.name.matches('(?=a)') }}",
    "when: ${{ inputs.name.matches('^a') }}",
    "https://github.com/google/re2/wiki/Syntax",
)

CODES = (UNKNOWN, ELSEWHERE, TYPE, NULL_VALUE, NOT_ABOVE, UNCERTAIN, PATTERN)
