"""A database for an example: one that the chart takes for granted, made in the test's namespace, or the chart's own."""

from typing import Any

from tests.cluster.cluster import Namespace, wait_for

Json = Any
PASSWORD = "db-word"
"""Of the user postgres, in each database."""


def start_database(namespace: Namespace, at: str, name: str, sql: str) -> None:
    """Start PostgreSQL as `deployment/NAME` behind a Service of that name, and run the statements in it."""
    label = at.removeprefix("deployment/")
    namespace.apply(_deployment(label, name), _service(label))
    wait_for(f"the database {label}", lambda: _answers(namespace, at, name))
    if sql:
        ask_database(namespace, at, name, sql)


def ask_database(namespace: Namespace, at: str, name: str, sql: str) -> list[str]:
    """The rows that a statement gives, columns separated by `|`."""
    command = ["psql", "-U", "postgres", "-d", name, "-v", "ON_ERROR_STOP=1", "-qtAc", sql]
    return namespace.kubectl("exec", at, "--", *command).splitlines()


def _answers(namespace: Namespace, at: str, name: str) -> bool:
    ready = namespace.get(at).get("status", {}).get("readyReplicas", 0)
    return bool(ready) and ask_database(namespace, at, name, "select 1") == ["1"]


def _deployment(label: str, name: str) -> Json:
    variables = {"POSTGRES_PASSWORD": PASSWORD, "POSTGRES_DB": name, "PGDATA": "/var/lib/postgresql/data/pgdata"}
    container = {
        "name": "postgres",
        "image": "postgres:17-alpine",
        "env": [{"name": variable, "value": value} for variable, value in variables.items()],
        "readinessProbe": {"tcpSocket": {"port": 5432}, "periodSeconds": 1},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    security = {"runAsUser": 70, "runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    pod = {
        "metadata": {"labels": {"database": label}},
        "spec": {"containers": [container], "securityContext": security},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": label},
        "spec": {"selector": {"matchLabels": {"database": label}}, "template": pod},
    }


def _service(label: str) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": label},
        "spec": {"selector": {"database": label}, "ports": [{"port": 5432}]},
    }
