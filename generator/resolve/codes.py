"""What can be wrong with what a spec's names mean."""

from generator.diagnostics import Code, Severity

UNKNOWN_SERVICE = Code(
    "FH2001",
    "unknown service",
    "A call to a service that is not in the spec would fail at every run, and no network policy would allow it.",
    source="language rule 6",
    wrong="calls: [invntory]",
    right="calls: [inventory]",
)
UNKNOWN_TASK = Code(
    "FH2002",
    "unknown task",
    "A task can only wait for tasks of its own workflow.",
    source="rulings M30",
    wrong="needs: [recieve]",
    right="needs: [receive]",
)
UNKNOWN_PORT = Code(
    "FH2003",
    "unknown port",
    "Nothing listens there, so probes and calls would fail.",
    source="rulings C02",
    wrong="metrics: {port: metric}",
    right="metrics: {port: metrics}",
)
NO_MAIN_PORT = Code(
    "FH2004",
    "port must be named",
    "A service's main port is its only one, else the one named http, else https; here it is none of these.",
    wrong="ports: {a: 1000, b: 1001}\nhealth: {ready: GET /}",
    right="ports: {a: 1000, b: 1001}\nhealth: {ready: {get: /, port: a}}",
    source="rulings C02",
)
UNKNOWN_TEMPLATE = Code(
    "FH2005",
    "unknown template",
    "`extends` takes over the keys of an entry of `templates`.",
    source="rulings S01",
    wrong="extends: bsae",
    right="extends: base",
)
TEMPLATE_CYCLE = Code(
    "FH2006",
    "templates that extend each other",
    "Which of them comes first would never end.",
    source="rulings S01",
    wrong="templates: {a: {extends: b}, b: {extends: a}}",
    right="templates: {a: {extends: b}, b: {replicas: 2}}",
)
UNKNOWN_OVERRIDE = Code(
    "FH2007",
    "environment names what is not there",
    "An environment changes services and workflows of the spec; it cannot add new ones.",
    wrong="environments: {prod: {services: {wbe: {replicas: 2}}}}",
    right="environments: {prod: {services: {web: {replicas: 2}}}}",
    source="rulings L10",
)
NO_OVERRIDE = Code(
    "FH2008",
    "override that does not fit the spec",
    "An environment is laid on the spec. It cannot tell which of several it means, and an image's digest wins "
    "over a tag.",
    wrong="services: {web: {image: shop/web:1.0.0, ports: {http: 80}, expose: [{host: a.example}, {host: b.ex}]}}\n"
    "environments: {prod: {services: {web: {expose: {host: c.example}}}}}",
    right="services: {web: {image: shop/web:1.0.0, ports: {http: 80}, expose: {host: a.example}}}\n"
    "environments: {prod: {services: {web: {expose: {host: c.example}}}}}",
    source="rulings L10",
)
NEEDS_ITSELF = Code(
    "FH2009",
    "task that needs itself",
    "It would wait for itself for ever.",
    source="docs/spec-reference.md",
    wrong="ship: {needs: [ship]}",
    right="ship: {needs: [pay]}",
)
NO_CONTAINER = Code(
    "FH2011",
    "key that needs a container of the task's own",
    "A call runs inside the run's own pod, so it has no environment, files or resources of its own.",
    wrong="ping: {call: {service: web, get: /}, env: {A: b}}",
    right="ping: {call: {service: web, get: /}, env: {A: b}, isolate: true}",
    source="rulings C30",
)
NEEDS_ACROSS = Code(
    "FH2012",
    "need between tasks and on_exit",
    "on_exit starts when all tasks have ended; a task on one side cannot wait for one on the other.",
    wrong="on_exit: {audit: {needs: [pay], call: {service: web, post: /audit}}}",
    right="on_exit: {audit: {when: \"${{ tasks.pay.status == 'failed' }}\", call: {service: web, post: /audit}}}",
    source="rulings M15",
)
NAME_TWICE = Code(
    "FH2013",
    "name used twice",
    "Tasks and on_exit tasks of a workflow share one namespace.",
    wrong="tasks: {audit: {wait: 1s}}\non_exit: {audit: {call: {service: web, post: /audit}}}",
    right="tasks: {rest: {wait: 1s}}\non_exit: {audit: {call: {service: web, post: /audit}}}",
    source="rulings M15",
)
BAD_ADDRESS = Code(
    "FH2014",
    "address that cannot be called",
    "An address outside the system is host:port.",
    wrong="calls: ['db.example.com:']",
    right="calls: ['db.example.com:5432']",
    source="rulings L22",
)
BAD_FILE = Code(
    "FH2015",
    "files too large for the chart",
    "All files that `from` names have 1 MiB together, the limit of a ConfigMap.",
    source="rulings L15",
)
UNUSED_TEMPLATE = Code(
    "FH2016",
    "template that nothing extends",
    "It has no effect.",
    source="rulings S01",
    wrong="templates: {small: {replicas: 1}}",
    right="templates: {small: {replicas: 1}}\nservices: {web: {extends: small, image: shop/web:1.0.0}}",
    severity=Severity.WARNING,
)
SENSELESS_KEY = Code(
    "FH2021",
    "key that means nothing for this kind of task",
    "Nobody would be asked twice because of `retry`, and a wait gives no outputs; the key would have no effect.",
    wrong="ask: {approve: 'Ship it?', retry: {attempts: 3}}",
    right="ask: {approve: 'Ship it?', timeout: 2d}",
    source="rulings M10",
)

CODES = (
    UNKNOWN_SERVICE,
    UNKNOWN_TASK,
    UNKNOWN_PORT,
    NO_MAIN_PORT,
    UNKNOWN_TEMPLATE,
    TEMPLATE_CYCLE,
    UNKNOWN_OVERRIDE,
    NO_OVERRIDE,
    NEEDS_ITSELF,
    NO_CONTAINER,
    NEEDS_ACROSS,
    NAME_TWICE,
    BAD_ADDRESS,
    BAD_FILE,
    UNUSED_TEMPLATE,
    SENSELESS_KEY,
)
