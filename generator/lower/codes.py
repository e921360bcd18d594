"""What lowering can find wrong: little, because resolve and check have seen the system before."""

from __future__ import annotations

from generator.diagnostics import Code, Severity

NAMES_ONLY = "use services.<name>.url, .host, .ports.<port>, constants and +"

UNKNOWN_BEFORE_RUN = Code(
    "FH2490",
    "this expression has no value before the system runs",
    why="The command and the variables of a service are fixed when the chart is made. By then only constants "
    "and the names and ports of services are known.",
    wrong="env: {MODE: '${{ services.stock.host == \"a\" }}'}",
    right="env: {STOCK_HOST: '${{ services.stock.host }}'}",
    source="Kubernetes: a container's command and env are fixed text",
)
NOT_A_VALUE = Code(
    "FH2491",
    "this cannot differ between environments",
    why="An environment is a values file. A variable that holds an expression is part of the templates, which all "
    "environments share.",
    wrong="environments: {prod: {services: {web: {env: {URL: '${{ services.stock.url }}/v2'}}}}}",
    right="environments: {prod: {services: {web: {env: {URL: http://stock.example.com/v2}}}}}",
    source="Helm: values files are data, not templates",
)

SAME_NAME = Code(
    "FH2492",
    "two objects would have one name",
    why="Objects are named after services, workflows and tasks, some with an ending such as -headless or -connection. "
    "Two of a kind with one name cannot be in one namespace.",
    wrong="services: {db: {image: shop/db:1.0.0, kind: statefulset}, db-headless: {image: shop/db:1.0.0}}",
    right="services: {db: {image: shop/db:1.0.0, kind: statefulset}, db-proxy: {image: shop/db:1.0.0}}",
    source="Kubernetes: names of a kind are unique in a namespace",
)

NO_SUCH_OBJECT = Code(
    "FH2493",
    "patch for an object that is not there",
    why="A patch changes an object that the chart makes anyway, by its kind. Without the object it would be lost.",
    wrong="kind: statefulset\npatches: {Deployment: {spec: {minReadySeconds: 5}}}",
    right="kind: statefulset\npatches: {StatefulSet: {spec: {minReadySeconds: 5}}}",
    source="language rule 11",
)
BAD_PATCH = Code(
    "FH2494",
    "patch that cannot be applied",
    why="Patches are Kubernetes' strategic merge patches: maps are merged, lists by the field that names their items. "
    "Which object it is stays as it is.",
    wrong="patches: {Deployment: {spec: {template: {spec: {containers: [{tty: true}]}}}}}",
    right="patches: {Deployment: {spec: {template: {spec: {containers: [{name: web, tty: true}]}}}}}",
    source="https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/",
)
VALUE_PATCHED = Code(
    "FH2495",
    "value of the chart that a patch takes the place of",
    source="language rule 11",
    why="values.yaml and the README still show the value, but nothing reads it: who sets it is misled.",
    wrong="patches: {Deployment: {spec: {replicas: 3}}}",
    right="replicas: 3",
    severity=Severity.WARNING,
)

KEY_TAKEN = Code(
    "FH2496",
    "key of a sub-chart that is taken",
    why="Helm hands a sub-chart the values that stand under its alias, else its name. Two owners of one key would read "
    "each other's values.",
    wrong="dependencies:\n  - {name: monitoring, version: 1.0.0, repository: 'https://charts.example.com'}",
    right="dependencies:\n  - {name: monitoring, alias: prometheus, version: 1.0.0, repository: 'https://charts.example.com'}",
    source="https://helm.sh/docs/chart_template_guide/subcharts_and_globals/",
)

CODES = (UNKNOWN_BEFORE_RUN, NOT_A_VALUE, SAME_NAME, NO_SUCH_OBJECT, BAD_PATCH, VALUE_PATCHED, KEY_TAKEN)
