"""A database for an example: one that the chart takes for granted, made in the test's namespace, or the chart's own."""

from typing import Any

from tests.cluster.cluster import CommandFailed, Namespace, wait_for
from tests.cluster.stand_ins import DATABASES

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


def start_mysql(namespace: Namespace, server: str, name: str) -> None:
    """Start MariaDB or MySQL behind a Service of that name, with a database and a user of the same name."""
    container = {
        "name": server,
        "image": DATABASES[server],
        "env": [{"name": "DATABASE", "value": name}, {"name": "PASSWORD", "value": PASSWORD}],
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    }
    deployment = _deployment_of(server, container, 999)
    deployment["spec"]["template"]["spec"]["volumes"] = [{"name": "data", "emptyDir": {}}]
    namespace.apply(deployment, _service(server, 3306))
    client = ["sh", "-c", f'exec {server} --no-defaults -h 127.0.0.1 -u "$DATABASE" -p"$PASSWORD" {name} -e "select 1"']
    ask = ["exec", f"deployment/{server}", "--", *client]
    wait_for(f"the database {server}", lambda: _is_said(namespace, ask))


def _is_said(namespace: Namespace, words: list[str]) -> bool:
    try:
        return bool(namespace.kubectl(*words))
    except CommandFailed:  # it is not there yet
        return False


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
    }
    return _deployment_of(label, container, 70)


def _deployment_of(label: str, container: Json, user: int) -> Json:
    container["securityContext"] = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    security = {"runAsUser": user, "runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
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


def _service(label: str, port: int = 5432) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": label},
        "spec": {"selector": {"database": label}, "ports": [{"port": port}]},
    }
