"""The keys of tasks, in `tasks` and in `on_exit`."""

from generator.spec.call import METHODS
from generator.spec.workflow import KINDS
from tests.keys.containers import ENV, FILES, IMAGE, RESOURCES, WORDS
from tests.keys.pods import PLACEMENT, SECURITY, account, reasons
from tests.keys.rows import Place, Placed, Row, later

POD = "CronJob/-t spec.jobTemplate.spec.template.spec"
# Whose outputs and status the task may use, and an input.
_BEFORE = "before: {call: {service: peer, get: /}, outputs: {ok: {type: boolean, default: true}}}, early: {wait: 1s}"
_INPUTS = "inputs: {order: {type: string, default: x}}, "
_TASKS = f"{_INPUTS}tasks: {{t: {{%s}}, {_BEFORE}}}"
_ON_EXIT = f"{_INPUTS}tasks: {{first: {{wait: 1s}}}}, on_exit: {{t: {{%s}}, {_BEFORE}}}"


def _places(part: str, frame: str) -> dict[str, Place]:
    """The places in a task of `part`, which is tasks or on_exit."""
    key, plan = f"workflows.*.{part}.*", f"ConfigMap data[plan.json].{part}.t"
    words = {
        "pod": POD,
        "container": f"{POD}.containers[0]",
        "file": "ConfigMap/-t data[…]",
        "plan": plan,
        "step": f"{plan}.call.steps[0]",
    }

    def place(below: str, inner: str, base: str, instead: tuple[str, ...]) -> Place:
        return Place(key + below, frame % inner, words, base, instead, "workflows")

    steps = ("service", "grpc", *METHODS)
    return {
        "task": place("", "…", "run: {image: x/y:1}", KINDS),
        "run": place(".run", "run: {…}", "image: x/y:1", ("image", "service")),
        "step": place(".call", "call: {…}", "service: peer, get: /", steps),
        "listed": place(".call.steps[]", "call: {steps: [{…}]}", "service: peer, get: /", steps),
    }


# fmt: off
GENERAL = (
    Row("needs", "needs: before", "plan needs", {"before": "succeeded"}, "needs: →befor", "FH2002", note="one name"),
    Row("needs", "needs: [before, early]", "plan needs", {"before": "succeeded", "early": "succeeded"},
        "needs: [before, →before]", "FH1008", note="a list"),
    Row("needs", "needs: {before: failed, early: done}", "plan needs", {"before": "failed", "early": "done"},
        "needs: {before: →fail}", "FH1007", note="states"),
    Row("join", "needs: [before, early], join: any", "plan join", "any", "needs: [before, early], join: →or", "FH1007"),
    Row("when", "needs: [before], when: '${{ tasks.before.outputs.ok }}'", "plan when",
        ["name", "tasks", "before", "outputs", "ok"], "needs: [before], when: →tasks.before.outputs.ok", "FH1013"),
    Row("when", "when: false", "plan when", ["lit", False], "when: '${{ →inputs.order }}'", "FH2212", note="a literal"),
    Row("run", "run: {image: a/b:1}", "container image", "a/b:1", "run: →a/b:1", "FH1002", other="run: {image: x/y:1}"),
    Row("run.image", "run: {image: a/b:2}", "container image", "a/b:2", "run: →{command: [x]}", "FH1008",
        other="run: {service: peer}"),
    Row("run.service", "run: {service: peer}", "container image", "peer/peer:1", "run: {service: →pear}", "FH2001",
        other="run: {image: x/y:1}"),
    Row("call", "call: {service: peer, get: /a}", "step path", "/a", "call: →peer", "FH1002", note="one step",
        other="call: {service: peer, get: /b}"),
    Row("call", "call: [{service: peer, get: /a}, {service: peer, get: /b}]", "plan call.steps[1].path", "/b",
        "call: →[]", "FH1012", note="a list", other="call: {service: peer, get: /b}"),
    Row("call.steps", "call: {steps: [{service: peer, get: /a}]}", "step path", "/a", "→call: {parallel: true}",
        "FH1003", other="call: {steps: [{service: peer, get: /b}]}"),
    Row("call.parallel", "call: {parallel: true, steps: [{service: peer, get: /a}]}", "plan call.parallel", True,
        "call: {parallel: →1, steps: [{service: peer, get: /a}]}", "FH1002"),
    Row("outputs", "outputs: {x: {type: list}}", "plan outputs", {"x": {"type": "list"}},
        "outputs: {→a-b: {type: list}}",
        "FH1004"),
    Row("outputs.*.type", "outputs: {x: {type: number}}", "plan outputs.x.type", "number", "outputs: {x: {type: →int}}",
        "FH1007", other="outputs: {x: {type: object}}"),
    Row("outputs.*.default", "outputs: {x: {type: integer, default: 9007199254740991}}", "plan outputs.x.default",
        9007199254740991, "outputs: {x: {type: integer, default: →'12'}}", "FH2413"),
    Row("outputs.*.default", "outputs: {x: {type: string, default: ''}}", "plan outputs.x.default", "",
        "outputs: {x: {type: string, default: →~}}", "FH1002", note="empty"),
    Row("retry", "retry: {attempts: 2}", "plan retry.attempts", 2, "retry: →2", "FH1002"),
    Row("retry.attempts", "retry: {attempts: 3}", "plan retry.attempts", 3, "retry: {attempts: →0}", "FH1006",
        other="retry: {attempts: 1}"),
    Row("retry.backoff", "retry: {attempts: 2, backoff: {initial: 3s}}", "plan retry.initial", 3.0,
        "retry: {attempts: 1, →backoff: {initial: 3s}}", "FH2422"),
    Row("retry.backoff.initial", "retry: {attempts: 2, backoff: {initial: 250ms}}", "plan retry.initial", 0.25,
        "retry: {attempts: 2, backoff: {initial: →3}}", "FH1005"),
    Row("retry.backoff.factor", "retry: {attempts: 2, backoff: {factor: 1.5}}", "plan retry.factor", 1.5,
        "retry: {attempts: 2, backoff: {factor: →0.5}}", "FH1006"),
    Row("retry.backoff.max", "retry: {attempts: 2, backoff: {max: 1h}}", "plan retry.max", 3600.0,
        "retry: {attempts: 2, backoff: {initial: 2s, max: →1s}}", "FH2422"),
    Row("timeout", "timeout: 90m", "plan timeout", 5400.0, "timeout: →0s", "FH1006"),
    Row("timeout", "timeout: 5m", "CronJob/-t spec.jobTemplate.spec.activeDeadlineSeconds", 300, "timeout: →5",
        "FH1005"),
    Row("calls", "calls: [peer.admin]", "NetworkPolicy/-t spec.egress[0].ports[0].port", 9000, "calls: [→peer.amin]",
        "FH2003"),
    Row("services", "services: [peer]", "NetworkPolicy/-t spec.egress[0].ports[0].port", 8080, "services: [→pear]",
        "FH2001"),
    Row("env", "env: {A: '${{ inputs.order }}'}", "plan run.env.A", {"value": ["name", "inputs", "order"]},
        "env: {A: '${{ inputs.→odor }}'}", "FH2210"),
    Row("workflow", "workflow: shared", "plan workflow.plan.workflow", "shared", "workflow: →shred", "FH2101",
        other="workflow: simple"),
    Row("approve", "approve: 'May ${{ inputs.order }} go?'", "plan approve.message",
        {"text": ["May ", ["name", "inputs", "order"], " go?"]}, "approve: →[]", "FH1002", other="approve: '?'"),
    Row("approve.message", "approve: {message: Go?}", "plan approve.message", "Go?", "→approve: {}", "FH1003",
        other="approve: {message: '?'}"),
    Row("wait", "wait: 1.5s", "plan wait", 1.5, "wait: →5", "FH1005", other="wait: 2s"),
    Row("with", "workflow: shared, with: {order: 'no', list: '${{ [inputs.order] }}'}", "plan workflow.with",
        {"order": "no", "list": {"value": ["list", ["name", "inputs", "order"]]}},
        "workflow: shared, with: {→oder: x}", "FH2105"),
    Row("foreach", "foreach: {items: [a, 1e3, 0755, 'on']}", "plan foreach.items", ["a", 1000.0, "0755", "on"],
        "foreach: →[a]", "FH1002"),
    Row("foreach.items", "foreach: {items: '${{ [inputs.order] }}'}", "plan foreach.items",
        {"value": ["list", ["name", "inputs", "order"]]}, "→foreach: {parallel: 1}", "FH1003",
        other="foreach: {items: [b]}"),
    Row("foreach.parallel", "foreach: {items: [a], parallel: 2}", "plan foreach.parallel", 2,
        "foreach: {items: [a], parallel: →0}", "FH1006"),
    Row("foreach.max_failed", "foreach: {items: [a], max_failed: 3}", "plan foreach.max_failed", 3,
        "foreach: {items: [a], max_failed: →all}", "FH1002"),
    Row("isolate", "call: {service: peer, get: /}, isolate: true", "container args", ["task"],
        "call: {service: peer, get: /}, isolate: →1", "FH1002"),
    Row("mutex", "mutex: 'lock-${{ inputs.order }}'", "plan mutex", {"text": ["lock-", ["name", "inputs", "order"]]},
        "mutex: →[]", "FH1002"),
    later("cache", "→cache: {}"),
    Row("priority", "priority: -1", "plan priority", -1, "priority: →high", "FH1002"),
    Row("patches", "patches: {Job: {spec: {ttlSecondsAfterFinished: 60}}}",
        "CronJob/-t spec.jobTemplate.spec.ttlSecondsAfterFinished", 60, "patches: →Job", "FH1002"),
    Row("accept", "join: any, needs: [before], accept: {FH2421: later}", "finding FH2421", 0, "accept: {→FH0: x}",
        "FH2461"),
)
_RUN = "CronJob spec.jobTemplate.spec.template.spec.containers[0]"
STEP = (
    Row("service", "service: other, get: /", "step service", "other", "service: →pear, get: /", "FH2001",
        other="service: peer, get: /"),
    Row("port", "port: admin", "step port", "admin", "port: →amin", "FH2003"),
    *(
        Row(method, f"service: peer, {method}: '/a b/${{{{ inputs.order }}}}?x=1'", "step",
            {"service": "peer", "method": method.upper(), "path": {"text": ["/a b/", ["name", "inputs", "order"],
            "?x=1"]}},
            f"service: peer, {method}: →nowhere", "FH1005", other="service: peer, get: /")
        for method in METHODS
    ),
    later("grpc", "service: peer, →grpc: {}"),
    Row("headers", "headers: {X-A: 'on', X-B: '${{ inputs.order }}'}", "step headers",
        {"X-A": "on", "X-B": {"value": ["name", "inputs", "order"]}}, "headers: {X-A: →[]}", "FH1002"),
    Row("headers.*.secret", "headers: {X-A: {secret: vault, key: k}}",
        f"{_RUN}.env[-1].valueFrom.secretKeyRef.name",
        "vault", "headers: {X-A: {secret: →V, key: k}}", "FH1005", other="headers: {X-A: {config: vault, key: k}}"),
    Row("headers.*.config", "headers: {X-A: {config: settings, key: k}}",
        f"{_RUN}.env[-1].valueFrom.configMapKeyRef.name",
        "settings", "headers: {X-A: {config: →'', key: k}}", "FH1005",
        other="headers: {X-A: {secret: settings, key: k}}"),
    Row("headers.*.key", "headers: {X-A: {secret: vault, key: token}}",
        f"{_RUN}.env[-1].valueFrom.secretKeyRef.key",
        "token", "headers: {→X-A: {secret: vault}}", "FH1003", other="headers: {X-A: {secret: vault, key: k}}"),
    Row("headers.*.optional", "headers: {X-A: {secret: vault, key: k, optional: true}}",
        f"{_RUN}.env[-1].valueFrom.secretKeyRef.optional",
        True, "headers: {X-A: {secret: vault, key: k, optional: →'no'}}", "FH1002"),
    Row("body", "body: {a: 1.10, b: 'on', c: [null, true, '{{ x }}'], d: '${{ inputs.order }}'}", "step body",
        {"a": 1.1, "b": "on", "c": [None, True, "{{ x }}"], "d": {"value": ["name", "inputs", "order"]}},
        "body: {a: →.inf}", "FH2413"),
    Row("expect", "expect: {status: 204}", "step expect.status", [204], "expect: →204", "FH1002"),
    Row("expect.status", "expect: {status: [200, 404]}", "step expect.status", [200, 404], "expect: {status: →99}",
        "FH1006"),
    Row("expect.json", "expect: {json: '${{ response.n > 1 }}'}", "step expect.json",
        [">", ["field", ["name", "response"], "n"], ["lit", 1]], "expect: {json: →response.n > 1}", "FH1013"),
    Row("timeout", "timeout: 1.5s", "step timeout", 1.5, "timeout: →1.5", "FH1005"),
    Row("retry", "retry: {attempts: 2}", "step retry.attempts", 2, "retry: →[]", "FH1002"),
    Row("retry.attempts", "retry: {attempts: 4}", "step retry.attempts", 4, "retry: {attempts: →101}", "FH1006",
        other="retry: {attempts: 3}"),
    Row("retry.backoff", "retry: {attempts: 2, backoff: {initial: 3s}}", "step retry.initial", 3.0,
        "retry: {attempts: 2, backoff: →3s}", "FH1002"),
    Row("retry.backoff.initial", "retry: {attempts: 2, backoff: {initial: 4s}}", "step retry.initial", 4.0,
        "retry: {attempts: 2, backoff: {initial: →x}}", "FH1005"),
    Row("retry.backoff.factor", "retry: {attempts: 2, backoff: {factor: 3}}", "step retry.factor", 3.0,
        "retry: {attempts: 2, backoff: {factor: →'3'}}", "FH1002"),
    Row("retry.backoff.max", "retry: {attempts: 2, backoff: {max: 2m}}", "step retry.max", 120.0,
        "retry: {attempts: 2, backoff: {→maximum: 1s}}", "FH1001"),
)
_DSN = "dsn: {secret: db, key: dsn}"
SQL = (
    Row("sql", f"sql: {{{_DSN}, query: select 1}}, calls: [peer]", "file statement.sql", "select 1", "sql: →select 1",
        "FH1002", other="wait: 1s"),
    Row("sql.engine", f"sql: {{{_DSN}, query: select 1, engine: mysql}}, calls: [peer]", "container image", "mysql:8.4",
        f"sql: {{{_DSN}, query: x, engine: →oracle}}", "FH1007"),
    Row("sql.query", f"sql: {{{_DSN}, query: 'select 1::int -- {{{{ x }}}}'}}, calls: [peer]", "file statement.sql",
        "select 1::int -- {{ x }}", f"sql: →{{{_DSN}}}", "FH1008",
        other=f"sql: {{{_DSN}, query: select 2}}, calls: [peer]"),
    Row("sql.file", f"sql: {{{_DSN}, file: beside.txt}}, calls: [peer]", "file statement.sql", "beside\n",
        f"sql: {{{_DSN}, file: →missing.sql}}, calls: [peer]", "FH0101",
        other=f"sql: {{{_DSN}, query: select 2}}, calls: [peer]"),
    Row("sql.params", f"sql: {{{_DSN}, query: 'select :a', params: {{a: '${{{{ inputs.order }}}}'}}}}, calls: [peer]",
        "plan sql.params", {"a": {"value": ["name", "inputs", "order"]}},
        f"sql: {{{_DSN}, query: select 1, params: {{a: →x}}}}, calls: [peer]", "FH2474",
        other=f"sql: {{{_DSN}, query: select 2}}, calls: [peer]"),
    Row("sql.dsn", f"sql: {{{_DSN}, query: select 1}}, calls: [peer]",
        "container env[FLOWHELM_DSN].valueFrom.secretKeyRef", {"name": "db", "key": "dsn"},
        "sql: {dsn: →'postgres://a', query: x}", "FH1002",
        other="sql: {dsn: {secret: db, key: k}, query: select 1}, calls: [peer]"),
    Row("sql.dsn.secret", f"sql: {{{_DSN}, query: select 1}}, calls: [peer]",
        "container env[FLOWHELM_DSN].valueFrom.secretKeyRef.name", "db",
        "sql: {dsn: {secret: →D, key: dsn}, query: x}", "FH1005",
        other="sql: {dsn: {config: db, key: dsn}, query: select 1}, calls: [peer]"),
    Row("sql.dsn.config", "sql: {dsn: {config: db, key: dsn}, query: select 1}, calls: [peer]",
        "container env[FLOWHELM_DSN].valueFrom.configMapKeyRef.name", "db",
        "sql: {dsn: {config: →'', key: dsn}, query: x}", "FH1005",
        other=f"sql: {{{_DSN}, query: select 1}}, calls: [peer]"),
    Row("sql.dsn.key", f"sql: {{{_DSN}, query: select 1}}, calls: [peer]",
        "container env[FLOWHELM_DSN].valueFrom.secretKeyRef.key", "dsn", "sql: {→dsn: {secret: db}, query: x}",
        "FH1003",
        other="sql: {dsn: {secret: db, key: k}, query: select 1}, calls: [peer]"),
    Row("sql.dsn.optional", "sql: {dsn: {secret: db, key: dsn, optional: true}, query: select 1}, calls: [peer]",
        "container env[FLOWHELM_DSN].valueFrom.secretKeyRef.optional", True,
        "sql: {dsn: {secret: db, key: dsn, optional: →1}, query: x}", "FH1002"),
)
# Of what is there for people, README.md tells.
SPOKEN = (
    Row("description", "description: NAME sends it.", "README.md", "| NAME sends it", "description: →[]", "FH1002"),
    Row("outputs.*.description", "outputs: {x: {type: list, description: NAME wrote it.}}", "README.md",
        "| `t.x` | output of the task, list | NAME wrote it. |", "outputs: {x: {type: list, description: →~}}",
        "FH1002"),
    Row("estimate", "description: NAME, estimate: {duration: 1s}", "README.md", "NAME; about 1s", "estimate: →1s",
        "FH1002"),
    Row("estimate.duration", "description: NAME, estimate: {duration: 2s}", "README.md", "NAME; about 2s",
        "estimate: {duration: →1}", "FH1005"),
    Row("estimate.p99", "description: NAME, estimate: {p99: 2s}", "README.md", "NAME; 99 of 100 times within 2s",
        "estimate: {p99: →0s}", "FH1006"),
    Row("estimate.success", "description: NAME, estimate: {success: 99.5}", "README.md", "NAME; 99.5 % succeed",
        "estimate: {success: →101}", "FH1006"),
)
SPREAD = (
    Row("placement.spread", "placement: {spread: zone}", "pod topologySpreadConstraints[0].topologyKey",
        "topology.kubernetes.io/zone", "placement: {spread: →everywhere}", "FH1007"),
)
# fmt: on


def _all(part: str, frame: str) -> tuple[Placed, ...]:
    at = _places(part, frame)
    return (
        *at["task"].rows(GENERAL, SQL, SPOKEN, ENV, FILES, RESOURCES, SECURITY, reasons("CronJob/-t"), account("/-t")),
        *at["task"].rows(PLACEMENT, SPREAD),
        *at["run"].rows(IMAGE, WORDS),
        *at["step"].rows(STEP),
        *at["listed"].rows(STEP),
    )


PLACED = (*_all("tasks", _TASKS), *_all("on_exit", _ON_EXIT))
