"""What can be wrong when workflows and templates are reused."""

from __future__ import annotations

from generator.diagnostics import Code, Severity

UNKNOWN_WORKFLOW = Code(
    "FH2101",
    "unknown workflow",
    "A task reuses a workflow of its own file by name, or one of a library as alias.name.",
    wrong="pay: {workflow: chrge, with: {order: a-1}}",
    right="pay: {workflow: charge, with: {order: a-1}}",
    source="language rule 8",
)
RECURSION = Code(
    "FH2102",
    "workflow that reuses itself",
    "A run of it would never end. The workflows that reuse each other must lead in one direction.",
    wrong="charge: {tasks: {again: {workflow: charge}}}",
    right="charge: {tasks: {book: {workflow: booking}}}\nbooking: {tasks: {rest: {wait: 1s}}}",
    source="language rule 8",
)
TOO_MUCH = Code(
    "FH2103",
    "reuse that grows too large",
    "Every use of a workflow brings all of its tasks into the run, and what those reuse again. The plan of a run must "
    "fit into one ConfigMap, and people must be able to follow it.",
    source="language rule 8",
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
    wrong="pay: {workflow: charge, with: {order: a-1}, outputs: {recipt: {type: string}}}",
    right="pay: {workflow: charge, with: {order: a-1}, outputs: {receipt: {type: string, default: ''}}}",
    source="rulings M14",
)

SERVICE_NOT_GIVEN = Code(
    "FH2107",
    "input that must be a service",
    "The compiler puts the service's name, and the way to it, into the chart; so it must be known at compile time.",
    wrong="imports: {payments: lib/payments.yaml}\n"
    "workflows: {day: {tasks: {pay: {workflow: payments.collect, with: {gateway: web}}}}}",
    right="imports: {payments: lib/payments.yaml}\n"
    "workflows: {day: {tasks: {pay: {workflow: payments.collect, with: {gateway: '${{ services.web }}'}}}}}",
    source="rulings C08",
)
NEEDS_CALLER = Code(
    "FH2108",
    "workflow that cannot be started on its own",
    "A workflow with an input of `type: service` is told by its caller which service that is; a trigger cannot say it.",
    wrong="charge: {inputs: {gateway: {type: service}}, triggers: {install: {}}, tasks: {rest: {wait: 1s}}}",
    right="charge: {inputs: {order: {type: string, default: a-1}}, triggers: {install: {}}, tasks: {rest: {wait: 1s}}}",
    source="rulings C08",
)
UNKNOWN_IMPORT = Code(
    "FH2111",
    "unknown import",
    "What stands before the dot is the alias of a library, and `imports` says where that is.",
    wrong="imports: {payments: lib/payments.yaml}\nworkflows: {day: {tasks: {pay: {workflow: paymnts.charge}}}}",
    right="imports: {payments: lib/payments.yaml}\nworkflows: {day: {tasks: {pay: {workflow: payments.charge}}}}",
    source="language rule 8",
)
IMPORT_CYCLE = Code(
    "FH2112",
    "files that import each other",
    "A library can be read only when all that it imports has been read; in a cycle none of them can be the first.",
    source="language rule 8",
)
TOO_MANY_IMPORTS = Code(
    "FH2113",
    "imports without end",
    "Libraries that import libraries may go on for ever. A system that people can follow needs far fewer.",
    source="language rule 8",
)
IMPORTED_TWICE = Code(
    "FH2114",
    "one file under two aliases",
    "Names of Kubernetes objects begin with the alias, so a workflow would have two names.",
    wrong="imports: {pay: lib/payments.yaml, payments: ./lib/payments.yaml}",
    right="imports: {payments: lib/payments.yaml}",
    source="rulings L08",
)
UNUSED_IMPORT = Code(
    "FH2115",
    "import that nothing uses",
    "It has no effect.",
    wrong="imports: {payments: lib/payments.yaml}",
    right="imports: {payments: lib/payments.yaml}\nworkflows: {day: {tasks: {pay: {workflow: payments.charge}}}}",
    source="rulings L08",
    severity=Severity.WARNING,
)
IGNORED = Code(
    "FH2116",
    "parts of a library that are not imported",
    "An import takes workflows and templates and nothing else; the system that imports has services and triggers of "
    "its own.",
    source="rulings C08",
    severity=Severity.WARNING,
)
NAMES_SERVICE = Code(
    "FH2117",
    "library that names a service",
    "A library does not know the systems that import it, so it cannot know the names of their services. It takes a "
    "service as an input.",
    wrong="charge: {tasks: {pay: {call: {service: payment, post: /charges}}}}",
    right="charge:\n  inputs: {gateway: {type: service}}\n"
    '  tasks: {pay: {call: {service: "${{ inputs.gateway }}", post: /charges}}}',
    source="rulings C08",
)
NAMES_MEET = Code(
    "FH2118",
    "two workflows of one name",
    "The objects of an imported workflow are called <alias>-<workflow>, and so would those of another one.",
    wrong=(
        "imports: {payments: lib/payments.yaml}\n"
        "workflows:\n"
        "  day: {tasks: {pay: {workflow: payments.charge}}}\n"
        "  payments-charge: {tasks: {rest: {wait: 1s}}}\n"
    ),
    right=(
        "imports: {payments: lib/payments.yaml}\n"
        "workflows:\n"
        "  day: {tasks: {pay: {workflow: payments.charge}}}\n"
        "  charge-payments: {tasks: {rest: {wait: 1s}}}\n"
    ),
    source="rulings L05",
)
NOTHING_TO_DEPLOY = Code(
    "FH2119",
    "library on its own",
    "A spec without services, whose workflows are told by others which services to call, is made to be imported. There "
    "is nothing to install.",
    source="rulings C08",
)

CODES = (
    UNKNOWN_WORKFLOW,
    RECURSION,
    TOO_MUCH,
    NOT_GIVEN,
    UNKNOWN_INPUT,
    FOREIGN_OUTPUT,
    SERVICE_NOT_GIVEN,
    NEEDS_CALLER,
    UNKNOWN_IMPORT,
    IMPORT_CYCLE,
    TOO_MANY_IMPORTS,
    IMPORTED_TWICE,
    UNUSED_IMPORT,
    IGNORED,
    NAMES_SERVICE,
    NAMES_MEET,
    NOTHING_TO_DEPLOY,
)
