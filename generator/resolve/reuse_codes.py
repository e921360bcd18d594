"""What can be wrong when workflows and templates are reused."""

from __future__ import annotations

from generator.diagnostics import Code

UNKNOWN_WORKFLOW = Code(
    "FH2101",
    "unknown workflow",
    "A task reuses a workflow of its own file by name, or one of a library as alias.name.",
    wrong="pay: {workflow: chrge}",
    right="pay: {workflow: charge}",
    source="language rule 8",
)
RECURSION = Code(
    "FH2102",
    "workflow that reuses itself",
    "A run of it would never end. The workflows that reuse each other must lead in one direction.",
    wrong="charge: {tasks: {again: {workflow: charge}}}",
    right="charge: {tasks: {book: {workflow: booking}}}",
    source="language rule 8",
)
TOO_MUCH = Code(
    "FH2103",
    "reuse that grows too large",
    "Every use of a workflow brings all of its tasks into the run, and what those reuse again. The plan of a run must "
    "fit into one ConfigMap, and people must be able to follow it.",
)
NOT_GIVEN = Code(
    "FH2104",
    "required input of a reused workflow without a value",
    "The reused workflow cannot start without it, so each run would fail there.",
    wrong="pay: {workflow: charge}",
    right='pay: {workflow: charge, with: {order: "${{ inputs.order }}"}}',
    source="language rule 8",
)
UNKNOWN_INPUT = Code(
    "FH2105",
    "value for an input that the reused workflow does not have",
    "It would be ignored in silence, and the input it was meant for would have no value.",
    wrong="pay: {workflow: charge, with: {ordr: a-1}}",
    right="pay: {workflow: charge, with: {order: a-1}}",
    source="language rule 8",
)
FOREIGN_OUTPUT = Code(
    "FH2106",
    "output that the reused workflow does not have so",
    "The outputs of such a task are those that the reused workflow declares; the task can only add defaults, for when "
    "it is skipped or fails.",
    wrong="pay: {workflow: charge, outputs: {recipt: {type: string}}}",
    right='pay: {workflow: charge, outputs: {receipt: {type: string, default: ""}}}',
    source="rulings M14",
)

CODES = (UNKNOWN_WORKFLOW, RECURSION, TOO_MUCH, NOT_GIVEN, UNKNOWN_INPUT, FOREIGN_OUTPUT)
