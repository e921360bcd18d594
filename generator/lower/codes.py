"""What lowering can find wrong: little, because resolve and check have seen the system before."""

from __future__ import annotations

from generator.diagnostics import Code

NAMES_ONLY = "use services.<name>.url, .host, .ports.<port>, constants and +"

UNKNOWN_BEFORE_RUN = Code(
    "FH2490",
    "this expression has no value before the system runs",
    why="The command and the variables of a service are fixed when the chart is made. By then only constants "
    "and the names and ports of services are known.",
    wrong="env: {MODE: '${{ services.db.host == \"a\" }}'}",
    right="env: {DB_HOST: '${{ services.db.host }}'}",
    source="Kubernetes: a container's command and env are fixed text",
)
NOT_A_VALUE = Code(
    "FH2491",
    "this cannot differ between environments",
    why="An environment is a values file. A variable that holds an expression is part of the templates, which all "
    "environments share.",
    wrong="environments: {prod: {services: {web: {env: {URL: '${{ services.api.url }}/v2'}}}}}",
    right="environments: {prod: {services: {web: {env: {URL: http://api.example.com/v2}}}}}",
    source="Helm: values files are data, not templates",
)

SAME_NAME = Code(
    "FH2492",
    "two objects would have one name",
    why="Objects are named after services, workflows and tasks, some with an ending such as -headless or -connection. "
    "Two of a kind with one name cannot be in one namespace.",
    wrong="services: {db: {kind: statefulset, …}, db-headless: {…}}",
    right="services: {db: {kind: statefulset, …}, db-proxy: {…}}",
    source="Kubernetes: names of a kind are unique in a namespace",
)

CODES = (UNKNOWN_BEFORE_RUN, NOT_A_VALUE, SAME_NAME)
