"""Every rule finds its mistake at its place, and leaves what is right alone."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

from generator.check import codes, rules, workflow_codes
from generator.check.runner import check
from generator.diagnostics import Diagnostic, Diagnostics
from generator.graph import build_graph
from tests.systems import HEAD, system_of

WEB = "  web: {image: shop/web:1.0.0, ports: {http: 8080}}\n"
RUN = "run: {image: shop/job:1.0.0}"
CALL = "call: {service: web, get: /}"
SETTINGS = "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings}}"
READER = "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: reader}}"


def findings(text: str) -> list[Diagnostic]:
    """What the rules find; what earlier stages find would be a mistake of the test."""
    found = Diagnostics()
    system = system_of(text, found)
    graph = build_graph(system, found)
    assert not list(found), [finding.message for finding in found]
    check(system, graph, found)
    return list(found)


def service(keys: str) -> str:
    return "services:\n  it:\n    image: shop/it:1.0.0\n" + "".join(f"    {line}\n" for line in keys.splitlines())


def two_services(first: str, second: str) -> str:
    return f"services:\n  a: {{image: a:1.0.0, {first}}}\n  b: {{image: b:1.0.0, {second}}}"


def workflow(keys: str) -> str:
    return "services:\n" + WEB + "workflows:\n  order:\n" + "".join(f"    {line}\n" for line in keys.splitlines())


def tasks(task: str) -> str:
    return workflow(f"tasks:\n  before: {{{CALL}}}\n  other: {{{CALL}}}\n  it: {task}")


def sql(keys: str) -> str:
    return tasks(f"{{sql: {{dsn: {{secret: db, key: dsn}}, {keys}}}, calls: [web]}}")


# id: (spec, code, text at the place, words of message and hint); then the same without the mistake.
CASES: dict[str, tuple[str, str, str, str, str]] = {
    "task like a service": (
        f"services: {{a-b: {{image: a:1.0.0}}}}\nworkflows: {{a: {{tasks: {{b: {{{RUN}}}}}}}}}",
        "FH2401",
        "b",
        "service `a-b` and task `b` of `a`",
        f"services:\n{WEB}  a-b: {{image: a:1.0.0}}\nworkflows: {{a: {{tasks: {{b: {{{CALL}}}}}}}}}",
    ),
    "workflow like a service": (
        f"services:\n{WEB}workflows: {{web: {{tasks: {{b: {{{CALL}}}}}}}}}",
        "FH2401",
        "web",
        "rename one",
        f"services:\n{WEB}workflows: {{web2: {{tasks: {{b: {{{CALL}}}}}}}}}",
    ),
    "tasks of two workflows": (
        f"workflows: {{a: {{tasks: {{b-c: {{{RUN}}}}}}}, a-b: {{tasks: {{c: {{{RUN}}}}}}}}}",
        "FH2401",
        "c",
        "`a-b-c`",
        f"workflows: {{a: {{tasks: {{b-d: {{{RUN}}}}}}}, a-b: {{tasks: {{c: {{{RUN}}}}}}}}}",
    ),
    "service like a headless one": (
        "services: {a: {image: a:1.0.0, kind: statefulset}, a-headless: {image: a:1.0.0}}",
        "FH2401",
        "a-headless",
        "headless Service of `a`",
        "services: {a: {image: a:1.0.0}, a-headless: {image: a:1.0.0}}",
    ),
    "keys of services": (
        "services: {node1: {image: a:1.0.0}, node-1: {image: a:1.0.0}}",
        "FH2402",
        "node-1",
        "the key `node1`",
        "services: {node1: {image: a:1.0.0}, node-2: {image: a:1.0.0}}",
    ),
    "keys of workflows": (
        f"workflows: {{a1: {{tasks: {{t: {{{RUN}}}}}}}, a-1: {{tasks: {{u: {{{RUN}}}}}}}}}",
        "FH2402",
        "a-1",
        "workflows `a1` and `a-1`",
        f"workflows: {{a1: {{tasks: {{t: {{{RUN}}}}}}}, a-2: {{tasks: {{u: {{{RUN}}}}}}}}}",
    ),
    "keys of tasks": (
        f"workflows: {{w: {{tasks: {{a1: {{{RUN}}}}}, on_exit: {{a-1: {{{RUN}}}}}}}}}",
        "FH2402",
        "a-1",
        "tasks `a1` and `a-1`",
        f"workflows: {{w: {{tasks: {{a1: {{{RUN}}}}}, on_exit: {{a-2: {{{RUN}}}}}}}}}",
    ),
    "keys of volumes": (
        service("storage: {a1: {path: /a, size: 1Gi}, a-1: {path: /b, size: 1Gi}}"),
        "FH2402",
        "{path: /b, size: 1Gi}",
        "volumes `a1` and `a-1`",
        service("storage: {a1: {path: /a, size: 1Gi}, a-2: {path: /b, size: 1Gi}}"),
    ),
    "long name of a service": (
        f"services: {{{'a' * 38}: {{image: a:1.0.0}}}}",
        "FH2403",
        "a" * 38,
        "of 64; Kubernetes takes 63",
        f"services: {{{'a' * 37}: {{image: a:1.0.0}}}}",
    ),
    "long name of a statefulset": (
        f"services: {{{'a' * 27}: {{image: a:1.0.0, kind: statefulset}}}}",
        "FH2403",
        "a" * 27,
        "of 53; Kubernetes takes 52",
        f"services: {{{'a' * 26}: {{image: a:1.0.0, kind: statefulset}}}}",
    ),
    "long name of a task": (
        f"workflows: {{order: {{tasks: {{{'a' * 21}: {{{RUN}}}}}}}}}",
        "FH2403",
        "a" * 21,
        "of 53; Kubernetes takes 52",
        f"workflows: {{order: {{tasks: {{{'a' * 20}: {{{RUN}}}}}}}}}",
    ),
    "fixed host name": (
        service("hostname: shop"),
        "FH2404",
        "shop",
        "only one release",
        service("ports: {http: 80}"),
    ),
    "schedule without an input": (
        workflow(
            f"inputs: {{n: {{type: integer}}}}\ntriggers: {{schedule: {{cron: '@daily'}}}}\ntasks: {{it: {{{CALL}}}}}"
        ),
        "FH2411",
        "schedule",
        "the required input `n` no value | add with: {n: …}",
        workflow(
            "inputs: {n: {type: integer}, m: {type: integer, default: 1}}\n"
            f"triggers: {{schedule: {{cron: '@daily', with: {{n: 1}}}}}}\ntasks: {{it: {{{CALL}}}}}"
        ),
    ),
    "objective without metrics": (
        service("slo: {availability: 99.9}"),
        "FH2455",
        "slo",
        "it has no `metrics`",
        service("slo: {availability: 99.9}\nports: {http: 80}\nmetrics: {}"),
    ),
    "slo without an objective": (
        service("slo: {window: 30d}\nports: {http: 80}\nmetrics: {}"),
        "FH2456",
        "slo",
        "names no objective",
        service("slo: {latency: {p99: 1s}}\nports: {http: 80}\nmetrics: {}"),
    ),
    "window of objectives": (
        service("slo: {availability: 99, window: 1d}\nports: {http: 80}\nmetrics: {}"),
        "FH2456",
        "1d",
        "7d to 90d",
        service("slo: {availability: 99, window: 7d}\nports: {http: 80}\nmetrics: {}"),
    ),
    "expression of an alert": (
        service("alerts: {Bad: {expr: 'sum(rate(x[5m]) > 1', summary: bad}}"),
        "FH2457",
        "'sum",
        "`Bad` cannot be read: `(` is not closed",
        service("alerts: {Good: {expr: 'sum(rate(x[5m])) > 1', summary: good}}"),
    ),
    "run before its service": (
        workflow(f"triggers: {{install: {{when: before}}}}\ntasks: {{it: {{{CALL}}}}}"),
        "FH2415",
        "web",
        "`it` needs the service `web`, which is not there yet",
        workflow(f"triggers: {{install: {{wait: true}}}}\ntasks: {{it: {{{CALL}}}}}"),
    ),
    "unknown input of a trigger": (
        workflow(
            f"inputs: {{n: {{type: string}}, b: {{default: x}}}}\n"
            f"triggers: {{install: {{with: {{n: '1', zzz: 2}}}}}}\ntasks: {{it: {{{CALL}}}}}"
        ),
        "FH2412",
        "zzz",
        "the inputs are n, b",
        workflow(f"inputs: {{n: {{}}}}\ntriggers: {{install: {{with: {{n: 1}}}}}}\ntasks: {{it: {{{CALL}}}}}"),
    ),
    "misspelt input of a trigger": (
        workflow(f"inputs: {{order: {{}}}}\ntriggers: {{install: {{with: {{ordr: x}}}}}}\ntasks: {{it: {{{CALL}}}}}"),
        "FH2412",
        "ordr",
        "did you mean `order`?",
        workflow(f"inputs: {{order: {{}}}}\ntriggers: {{install: {{with: {{order: x}}}}}}\ntasks: {{it: {{{CALL}}}}}"),
    ),
    "value of a trigger": (
        workflow(
            f"inputs: {{n: {{type: integer}}}}\ntriggers: {{install: {{with: {{n: '1'}}}}}}\ntasks: {{it: {{{CALL}}}}}"
        ),
        "FH2413",
        "'1'",
        "a whole number must stand here | remove the quotes",
        workflow(
            f"inputs: {{n: {{type: integer}}}}\ntriggers: {{install: {{with: {{n: 1.0}}}}}}\ntasks: {{it: {{{CALL}}}}}"
        ),
    ),
    "expression in a trigger": (
        workflow(
            f"inputs: {{n: {{}}}}\ntriggers: {{install: {{with: {{n: '${{{{ 1 }}}}'}}}}}}\ntasks: {{it: {{{CALL}}}}}"
        ),
        "FH2413",
        "'${{ 1 }}'",
        "only constants",
        workflow(
            f"inputs: {{n: {{}}}}\ntriggers: {{install: {{with: {{n: '{{{{ x }}}}'}}}}}}\ntasks: {{it: {{{CALL}}}}}"
        ),
    ),
    "default of an input": (
        workflow(f"inputs: {{b: {{type: boolean, default: 1}}}}\ntasks: {{it: {{{CALL}}}}}"),
        "FH2413",
        "1",
        "the default of input `b`: true or false",
        workflow(f"inputs: {{b: {{type: boolean, default: false}}}}\ntasks: {{it: {{{CALL}}}}}"),
    ),
    "default of an output": (
        tasks(f"{{{CALL}, outputs: {{l: {{type: list, default: {{a: 1}}}}}}}}"),
        "FH2413",
        "{a: 1}",
        "the default of output `l`: a list",
        tasks(f"{{{CALL}, outputs: {{l: {{type: list, default: [1]}}, o: {{type: object, default: {{a: 1}}}}}}}}"),
    ),
    "number in a body": (
        tasks("{call: {service: web, post: /, body: {a: [1, .inf]}}}"),
        "FH2413",
        ".inf",
        "no form in JSON",
        tasks("{call: {service: web, post: /, body: {a: [1, 1e3]}}}"),
    ),
    "nothing starts it": (
        workflow(f"triggers: {{manual: false}}\ntasks: {{it: {{{CALL}}}}}"),
        "FH2414",
        "manual",
        "nothing starts workflow `order`",
        workflow(f"triggers: {{manual: false, install: {{}}}}\ntasks: {{it: {{{CALL}}}}}"),
    ),
    "nothing reuses it": (
        workflow('inputs: {at: {type: service}}\ntasks: {it: {call: {service: "${{ inputs.at }}", get: /}}}'),
        "FH2414",
        "order",
        "no workflow reuses `order`",
        workflow("tasks: {it: {call: {service: web, get: /}}}"),
    ),
    "constant given to another workflow": (
        workflow(f"inputs: {{l: {{type: list}}}}\ntasks: {{it: {{{CALL}}}}}")
        + "  other: {inputs: {a: {type: string, default: b}}, "
        + 'tasks: {it: {workflow: order, with: {l: [.inf, "${{ inputs.a }}"]}}}}\n',
        "FH2413",
        ".inf",
        "no form in JSON",
        workflow(f"tasks: {{it: {{{CALL}}}}}"),
    ),
    "join of one need": (
        tasks(f"{{{CALL}, needs: [before], join: any}}"),
        "FH2421",
        "join",
        "one need",
        tasks(f"{{{CALL}, needs: [before, other], join: any}}"),
    ),
    "backoff above its end": (
        tasks(f"{{{CALL}, retry: {{attempts: 2, backoff: {{initial: 10m}}}}}}"),
        "FH2422",
        "10m",
        "10m, is longer than the longest, 5m by default",
        tasks(f"{{{CALL}, retry: {{attempts: 2, backoff: {{initial: 10m, max: 10m}}}}}}"),
    ),
    "backoff of a request with one try": (
        tasks("{call: {service: web, get: /, retry: {attempts: 1, backoff: {initial: 1s}}}}"),
        "FH2422",
        "backoff",
        "one try",
        tasks("{call: {service: web, get: /, retry: {attempts: 2, backoff: {initial: 1s}}}}"),
    ),
    "time-out of a task": (
        workflow(f"timeout: 1h\ntasks: {{it: {{{CALL}, timeout: 2h}}}}"),
        "FH2423",
        "2h",
        "after 1h | raise the workflow's",
        workflow(f"timeout: 2h\ntasks: {{it: {{{CALL}, timeout: 2h}}}}\non_exit: {{out: {{{CALL}, timeout: 3h}}}}"),
    ),
    "time-out of a request": (
        tasks("{call: {service: web, get: /, timeout: 2h}}"),
        "FH2423",
        "2h",
        "after 1h by default",
        tasks("{call: {service: web, get: /, timeout: 2h}, timeout: 2h}"),
    ),
    "time-out of a pod in milliseconds": (
        tasks(f"{{{RUN}, timeout: 1500ms}}"),
        "FH2424",
        "1500ms",
        "as 2s",
        tasks(f"{{{CALL}, timeout: 1500ms}}"),
    ),
    "period of a probe in milliseconds": (
        service("ports: {http: 80}\nhealth: {ready: {get: /, period: 500ms}}"),
        "FH2424",
        "500ms",
        "as 1s",
        service("ports: {http: 80}\nhealth: {ready: {get: /, period: 2000ms}}"),
    ),
    "output that no answer has": (
        tasks("{approve: 'Ship it?', outputs: {who: {type: string}}}"),
        "FH2471",
        "{type: string}",
        "has no `who`",
        tasks("{approve: 'Ship it?', outputs: {by: {type: string, default: nobody}}}"),
    ),
    "wait longer than its task": (
        tasks("{wait: 1h, timeout: 1h}"),
        "FH2472",
        "1h",
        "the task's time-out of 1h",
        tasks("{wait: 1h, timeout: 61m}"),
    ),
    "wait longer than its workflow": (
        workflow("timeout: 1h\ntasks: {it: {wait: 2h}}"),
        "FH2472",
        "2h",
        "raise the workflow's",
        workflow("timeout: 1h\ntasks: {it: {wait: 59m}}\non_exit: {last: {wait: 2h}}"),
    ),
    "variable of the runner": (
        tasks(f"{{{RUN}, env: {{FLOWHELM_OUTPUTS: /tmp/x}}}}"),
        "FH2477",
        "FLOWHELM_OUTPUTS",
        "another name",
        tasks(f"{{{RUN}, env: {{OUTPUTS: /tmp/x}}}}"),
    ),
    "variable of the runner, lent by a service": (
        service("env: {FLOWHELM_OUTPUTS: x}"),
        "FH2477",
        "FLOWHELM_OUTPUTS",
        "another name",
        service("env: {MY_FLOWHELM_X: y, FLOWHELM: z}"),
    ),
    "parameter without a value": (
        sql("query: 'select :a, :b', params: {a: x}"),
        "FH2473",
        ":b",
        "`:b` has no value",
        sql("query: 'select :a, b', params: {a: x}"),
    ),
    "value without a parameter": (
        sql("query: \"select ':a'\", params: {a: x}"),
        "FH2474",
        "x",
        "no parameter :a",
        sql("query: 'select :a', params: {a: x}"),
    ),
    "statement without end": (
        sql("query: \"select 'it's'\""),
        "FH2475",
        "'",
        "close it",
        sql("query: \"select 'it''s'\""),
    ),
    "database without a way": (
        tasks("{sql: {dsn: {secret: db, key: dsn}, query: select 1}}"),
        "FH2476",
        "sql",
        "add calls",
        tasks("{sql: {dsn: {secret: db, key: dsn}, query: select 1}, services: [web]}"),
    ),
    "replicas of a daemonset": (
        service("kind: daemonset\nreplicas: 2"),
        "FH2431",
        "replicas",
        "one pod on each node",
        "defaults: {replicas: 2}\n" + service("kind: daemonset"),
    ),
    "shared volume": (
        service("kind: deployment\nautoscale: {max: 3, cpu: 70}\nstorage: {a: {path: /a, size: 1Gi}}"),
        "FH2431",
        "{path: /a, size: 1Gi}",
        "there may be 3 pods",
        service("kind: deployment\nreplicas: 3\nstorage: {a: {path: /a, size: 1Gi, access: ReadWriteMany}}"),
    ),
    "replicas above the maximum": (
        service("replicas: 4\nautoscale: {max: 3, cpu: 70}"),
        "FH2432",
        "3",
        "`replicas`, the default of `min`, is 4",
        service("replicas: 4\nautoscale: {min: 2, max: 3, cpu: 70}"),
    ),
    "nothing to scale by": (
        service("autoscale: {max: 3}"),
        "FH2433",
        "autoscale",
        "nothing to scale by",
        service("autoscale: {max: 3, memory: 80}"),
    ),
    "port twice": (
        service("ports: {a: 80, b: 81, c: {port: 80, target: 8080}}"),
        "FH2434",
        "{port: 80, target: 8080}",
        "ports `a` and `c`",
        service("ports: {a: 53, b: {port: 53, protocol: UDP}, c: {port: 80, target: 53}}"),
    ),
    "port of a sidecar": (
        service("ports: {http: {port: 80, target: 8080}}\nsidecars: [{name: p, image: a:1.0.0, ports: {admin: 8080}}]"),
        "FH2434",
        "8080",
        "ports `http` and `admin`",
        service("ports: {http: {port: 80, target: 8080}}\nsidecars: [{name: p, image: a:1.0.0, ports: {admin: 80}}]"),
    ),
    "container twice": (
        service("init: [{name: p, image: a:1.0.0}]\nsidecars: [{name: p, image: a:1.0.0}]"),
        "FH2435",
        "p",
        "a container `p` already",
        service("init: [{name: p, image: a:1.0.0}]\nsidecars: [{name: q, image: a:1.0.0}]"),
    ),
    "container like the service": (
        service("sidecars: [{name: it, image: a:1.0.0}]"),
        "FH2435",
        "it",
        "a container `it` already",
        service("sidecars: [{name: its, image: a:1.0.0}]"),
    ),
    "stuck rollout": (
        service("rollout: {max_surge: 0, max_unavailable: 0%}"),
        "FH2436",
        "0%",
        "neither a pod more nor a pod less",
        service("rollout: {max_surge: 0, max_unavailable: 10%}"),
    ),
    "two budgets": (
        service("replicas: 3\ndisruption: {min_available: 1, max_unavailable: 1}"),
        "FH2437",
        "max_unavailable",
        "exclude each other",
        service("replicas: 3\ndisruption: {max_unavailable: 1}"),
    ),
    "nothing may go": (
        service("replicas: 3\ndisruption: {min_available: 70%}"),
        "FH2437",
        "70%",
        "no pod of `it` may ever go",
        service("replicas: 3\ndisruption: {min_available: 66%}"),
    ),
    "host twice": (
        two_services(
            "ports: {http: 80}, expose: {host: x.example, path: /a}",
            "ports: {http: 80}, expose: [{host: y.example}, {host: x.example, path: /a/}]",
        ),
        "FH2441",
        "/a/",
        "x.example/a/ is exposed twice",
        two_services(
            "ports: {http: 80}, expose: {host: x.example, path: /a}",
            "ports: {http: 80}, expose: [{host: y.example, path: /a}, {host: x.example}]",
        ),
    ),
    "address of a fixed host": (
        two_services("ports: {db: 5432}, hostname: data", "env: {DB: data}"),
        "FH2451",
        "data",
        "add a to `calls`",
        two_services("ports: {db: 5432}, hostname: data", "env: {DB: data}, calls: [a]"),
    ),
    "address that nothing has": (
        service("env: {WEB: 'http://web.shop.svc.cluster.local:8080/x'}") + WEB,
        "FH2452",
        "'http://web.shop.svc.cluster.local:8080/x'",
        "write ${{ services.web.url }}, or give it `hostname: web`",
        service("env: {WEB: 'http://web.example.com', ROLE: web, URL: '${{ services.web.url }}/web'}") + WEB,
    ),
    "address in a task": (
        tasks(f"{{{RUN}, env: {{WEB: 'web:8080'}}}}"),
        "FH2452",
        "'web:8080'",
        "gets another name in each release",
        tasks(f"{{{RUN}, env: {{WEB: 'web:8080'}}, calls: [web]}}"),
    ),
    "services that wait": (
        two_services("ports: {p: 1}, depends_on: [b]", "ports: {p: 1}, depends_on: [a]"),
        "FH2453",
        "b",
        "a → b → a",
        two_services("ports: {p: 1}, depends_on: [b]", "ports: {p: 1}, calls: [a]"),
    ),
    "extra, two of one name": (
        f"extra:\n  - {SETTINGS}\n  - {SETTINGS}\nservices:\n{WEB}",
        "FH2481",
        "settings",
        "ConfigMap settings is there twice",
        f"extra: [{SETTINGS}]\nservices:\n{WEB}",
    ),
    "extra, a namespace for the whole cluster": (
        f"extra: [{READER}]\nservices:\n{WEB}".replace("name: reader", "name: reader, namespace: shop"),
        "FH2482",
        "shop",
        "a ClusterRole belongs to the whole cluster",
        f"extra: [{READER}]\nservices:\n{WEB}",
    ),
    "extra, fixed names": (
        f"extra: [{READER}]\nservices:\n{WEB}",
        "FH2483",
        "reader",
        "ClusterRole reader",
        f"services:\n{WEB}",
    ),
    "metric, of a Service that is not there": (
        service("autoscale: {max: 5, metric: {name: hits, target: 5, of: service}}"),
        "FH2438",
        "service",
        "the service has no Service",
        service("autoscale: {max: 5, metric: {name: hits, target: 5}}"),
    ),
    "metric, two with one key": (
        service("autoscale: {max: 5, metric: [{name: a.b, target: 5}, {name: a_b, target: 5}]}"),
        "FH2402",
        "a_b",
        "both become the key `a_b`",
        service("autoscale: {max: 5, metric: [{name: a.b, target: 5}, {name: a-c, target: 5}]}"),
    ),
    "expose, tls of a Gateway": (
        service("ports: {http: 80}\nexpose: {via: gateway, host: a.example, gateway: x, tls: cert}"),
        "FH2442",
        "tls",
        "the certificate is at the Gateway's listener",
        service("ports: {http: 80}\nexpose: {via: gateway, host: a.example, gateway: x}"),
    ),
    "expose, a Gateway for an Ingress": (
        service("ports: {http: 80}\nexpose: {host: a.example, gateway: x}"),
        "FH2442",
        "gateway",
        "say `via: gateway`",
        service("ports: {http: 80}\nexpose: {host: a.example, tls: cert}"),
    ),
    "expose, twice by different ways": (
        service("ports: {http: 80}\nexpose: [{host: a.example}, {via: gateway, host: a.example, gateway: x}]"),
        "FH2441",
        "a.example",
        "exposed twice",
        service("ports: {http: 80}\nexpose: [{host: a.example}, {via: gateway, host: b.example, gateway: x}]"),
    ),
    "storage, not shared": (
        service("replicas: 2\nstorage: {s: {path: /s, size: 1Gi, access: ReadWriteMany}}"),
        "FH2439",
        "ReadWriteMany",
        "say kind: deployment",
        service("kind: deployment\nreplicas: 2\nstorage: {s: {path: /s, size: 1Gi, access: ReadWriteMany}}"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_rule_finds_its_mistake_at_its_place(name: str) -> None:
    text, code, place, words, _ = CASES[name]
    found = [finding for finding in findings(text) if finding.code.id == code]
    assert len(found) == 1, [finding.message for finding in found]
    (finding,) = found
    assert finding.span is not None
    line = (HEAD + text).splitlines()[finding.span.start.line - 1]
    assert line[finding.span.start.column - 1 :].startswith(place)
    assert words in f"{finding.message} | {finding.hint}"


@pytest.mark.parametrize("name", CASES)
def test_a_rule_leaves_alone_what_is_right(name: str) -> None:
    _, code, _, _, right = CASES[name]
    assert [finding.message for finding in findings(right) if finding.code.id == code] == []


def test_every_code_has_a_case() -> None:
    elsewhere = {"FH2461", "FH2462", "FH4001", "FH4002"}
    assert {code.id for code in (*codes.CODES, *workflow_codes.CODES)} == {
        case[1] for case in CASES.values()
    } | elsewhere


def test_host_names_that_meet() -> None:
    text = "services:\n  a: {image: a:1.0.0, hostname: x}\n  b: {image: a:1.0.0, hostname: x}"
    assert [finding.span and finding.span.start.line for finding in findings(text) if finding.code.id == "FH2401"] == [
        6
    ]


def test_environments_are_checked_as_wholes() -> None:
    text = service("autoscale: {max: 3, cpu: 70}") + "environments:\n  prod: {services: {it: {replicas: 5}}}"
    (finding,) = findings(text)
    assert finding.code.id == "FH2432"
    assert "is 5, above the `max` of 3" in finding.message


def test_a_sound_system_has_no_findings() -> None:
    assert findings(tasks(f"{{{CALL}, needs: [before, other], retry: {{attempts: 2}}, timeout: 5m}}")) == []


def test_no_rule_is_left_out() -> None:
    for module in pkgutil.iter_modules(rules.__path__, f"{rules.__name__}."):
        topic = importlib.import_module(module.name)
        public = {each for name, each in vars(topic).items() if inspect.isfunction(each) and not name.startswith("_")}
        own = {each for each in public if each.__module__ == module.name}
        assert own == set(topic.RULES), module.name
        assert own <= set(rules.RULES), module.name
