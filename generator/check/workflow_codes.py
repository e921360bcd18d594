"""What can be wrong with workflows and tasks that are bound: triggers, times, outputs, statements, variables."""

from generator.diagnostics import Code, Severity

INPUT_MISSING = Code(
    "FH2411",
    "trigger without a required input",
    "Nobody is there to give the value when a schedule or an installation starts the run, so each of them would fail.",
    wrong="inputs: {order: {type: string}}\ntriggers: {schedule: {cron: '@daily'}}",
    right="inputs: {order: {type: string}}\ntriggers: {schedule: {cron: '@daily', with: {order: nightly}}}",
    source="rulings C01",
)
INPUT_UNKNOWN = Code(
    "FH2412",
    "value for an input that does not exist",
    "It would be ignored in silence, and the input it was meant for would have no value.",
    source="rulings C01",
    wrong="inputs: {order: {type: string}}\ntriggers: {install: {with: {ordr: '0'}}}",
    right="inputs: {order: {type: string}}\ntriggers: {install: {with: {order: '0'}}}",
)
WRONG_CONSTANT = Code(
    "FH2413",
    "constant of the wrong type",
    "Defaults and the values that triggers give must have the declared type, or the run that uses them fails.",
    source="rulings M08",
    wrong="inputs: {count: {type: integer, default: many}}",
    right="inputs: {count: {type: integer, default: 2}}",
)
NOTHING_STARTS = Code(
    "FH2414",
    "workflow that nothing starts",
    "It has no trigger, and people may not start it either.",
    source="rulings S17",
    wrong="triggers: {manual: false}",
    right="triggers: {manual: false, schedule: {cron: '@daily'}}",
    severity=Severity.WARNING,
)
TOO_EARLY = Code(
    "FH2415",
    "run before the services that it needs",
    "A run before the installation starts when nothing of the chart is there: at the first installation it could only "
    "fail, and block it; at an upgrade it would meet the old version.",
    wrong="triggers: {install: {when: before}}\ntasks: {ask: {call: {service: web, get: /}}}",
    right="triggers: {install: {wait: true}}\ntasks: {ask: {call: {service: web, get: /}}}",
    source="rulings C31",
)
LONELY_JOIN = Code(
    "FH2421",
    "join without anything to join",
    "`join` says how several needs count together; with fewer than two it has no effect.",
    wrong="ship: {needs: [pay], join: any}",
    right="ship: {needs: [pay, invoice], join: any}",
    source="rulings M25",
    severity=Severity.WARNING,
)
IDLE_BACKOFF = Code(
    "FH2422",
    "backoff without effect",
    "The first pause is already longer than the longest, or there is no second try to wait for.",
    source="rulings M10",
    wrong="retry: {attempts: 3, backoff: {initial: 10m, max: 5m}}",
    right="retry: {attempts: 3, backoff: {initial: 1m, max: 5m}}",
    severity=Severity.WARNING,
)
IDLE_TIMEOUT = Code(
    "FH2423",
    "time-out that is never reached",
    "What stands around it ends first: a request its task, a task its workflow.",
    source="rulings M11",
    wrong="timeout: 1h\ntasks: {pack: {timeout: 2h, run: {image: shop/pack:1.0.0}}}",
    right="timeout: 3h\ntasks: {pack: {timeout: 2h, run: {image: shop/pack:1.0.0}}}",
    severity=Severity.WARNING,
)
ROUNDED = Code(
    "FH2424",
    "duration that is rounded up",
    "Kubernetes counts the deadlines of pods and the periods of probes in whole seconds.",
    wrong="health: {ready: {get: /, period: 1500ms}}",
    right="health: {ready: {get: /, period: 2s}}",
    source="rulings C24",
    severity=Severity.INFO,
)
NO_SUCH_OUTPUT = Code(
    "FH2471",
    "output that the task cannot give",
    "An answer has two outputs, who gave it (`by`) and when (`at`), both texts.",
    wrong="ask: {approve: 'Ship it?', outputs: {who: {type: string}}}",
    right="ask: {approve: 'Ship it?', outputs: {by: {type: string, default: nobody}}}",
    source="rulings M21",
)
ENDLESS_WAIT = Code(
    "FH2472",
    "wait that never ends well",
    "A time-out ends it before its time, every time: the task always fails.",
    wrong="pause: {wait: 2h, timeout: 1h}",
    right="pause: {wait: 2h}",
    source="rulings M22",
)
PARAMETER_MISSING = Code(
    "FH2473",
    "parameter of a statement without a value",
    "`:name` outside of strings, comments and casts is a parameter, which needs a value.",
    wrong="sql: {dsn: {secret: db, key: dsn}, query: 'delete from cart where id = :cart'}",
    right="sql: {dsn: {secret: db, key: dsn}, query: 'delete from cart where id = :cart', params: {cart: a-1}}",
    source="rulings S18",
)
PARAMETER_UNUSED = Code(
    "FH2474",
    "value of a parameter that the statement does not have",
    "In a string or a comment `:name` is no parameter: the value would have no effect.",
    wrong="sql: {dsn: {secret: db, key: dsn}, query: \"select ':cart'\", params: {cart: a-1}}",
    right="sql: {dsn: {secret: db, key: dsn}, query: 'select :cart', params: {cart: a-1}}",
    source="rulings S18",
)
NO_STATEMENT = Code(
    "FH2475",
    "statement that the database cannot take",
    "Strings and comments must end, and only SQL goes to the database: commands of its client, such as \\copy, would "
    "run in the pod.",
    wrong='sql: {dsn: {secret: db, key: dsn}, query: "select \'a"}',
    right="sql: {dsn: {secret: db, key: dsn}, query: \"select 'a'\"}",
    source="rulings C05",
)
NO_WAY = Code(
    "FH2476",
    "database that cannot be reached",
    "Where a database is stands in a Secret; the chart's network policies open the ways that `calls` names.",
    wrong="audit: {sql: {dsn: {secret: db, key: dsn}, query: select 1}}",
    right="audit: {sql: {dsn: {secret: db, key: dsn}, query: select 1}, calls: ['db.example.com:5432']}",
    source="rulings C05",
    severity=Severity.WARNING,
)
RESERVED_VARIABLE = Code(
    "FH2477",
    "variable that belongs to the runner",
    "Where outputs go, and what a pod is to do, reach it in variables that begin with FLOWHELM_; another one would "
    "hide them.",
    source="language rule 4",
    wrong="count: {run: {image: shop/count:1.0.0}, env: {FLOWHELM_OUTPUTS: /tmp/a.json}}",
    right="count: {run: {image: shop/count:1.0.0}, env: {OUTPUTS: /tmp/a.json}}",
)

CODES = (
    INPUT_MISSING,
    INPUT_UNKNOWN,
    WRONG_CONSTANT,
    NOTHING_STARTS,
    TOO_EARLY,
    LONELY_JOIN,
    IDLE_BACKOFF,
    IDLE_TIMEOUT,
    ROUNDED,
    NO_SUCH_OUTPUT,
    ENDLESS_WAIT,
    PARAMETER_MISSING,
    PARAMETER_UNUSED,
    NO_STATEMENT,
    NO_WAY,
    RESERVED_VARIABLE,
)
