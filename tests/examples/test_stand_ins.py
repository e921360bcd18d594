"""The stand-ins for the AKS store's images refuse what the real programs would refuse."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[1] / "cluster" / "images" / "aks_store.py"


def start(role: str, *arguments: str, **variables: str) -> str:
    """What the role says when it refuses to start."""
    command = [sys.executable, "-I", "-S", str(PROGRAM), role, *arguments]
    result = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=20, check=False)
    assert result.returncode == 1
    return result.stderr.strip()


@pytest.mark.parametrize(
    ("role", "variables"),
    [
        ("rabbitmq", ["RABBITMQ_DEFAULT_USER", "RABBITMQ_DEFAULT_PASS"]),
        (
            "order-service",
            [
                "FASTIFY_ADDRESS",
                "ORDER_QUEUE_HOSTNAME",
                "ORDER_QUEUE_PORT",
                "ORDER_QUEUE_USERNAME",
                "ORDER_QUEUE_PASSWORD",
            ],
        ),
        (
            "makeline-service",
            [
                "ORDER_QUEUE_URI",
                "ORDER_DB_URI",
                "ORDER_QUEUE_USERNAME",
                "ORDER_DB_PASSWORD",
                "ORDER_DB_COLLECTION_NAME",
            ],
        ),
        ("product-service", ["AI_SERVICE_URL"]),
        ("virtual-customer", ["ORDER_SERVICE_URL", "ORDERS_PER_HOUR"]),
        ("virtual-worker", ["MAKELINE_SERVICE_URL", "ORDERS_PER_HOUR"]),
    ],
)
def test_a_missing_variable_is_refused(role: str, variables: list[str]) -> None:
    everything = {
        "RABBITMQ_DEFAULT_USER": "u",
        "RABBITMQ_DEFAULT_PASS": "p",
        "FASTIFY_ADDRESS": "0.0.0.0",
        "ORDER_QUEUE_HOSTNAME": "localhost",
        "ORDER_QUEUE_PORT": "1",
        "ORDER_QUEUE_USERNAME": "u",
        "ORDER_QUEUE_PASSWORD": "p",
        "ORDER_QUEUE_NAME": "orders",
        "ORDER_QUEUE_URI": "amqp://localhost:1",
        "ORDER_DB_URI": "mongodb://localhost:1/?tls=true",
        "ORDER_DB_NAME": "orderdb",
        "ORDER_DB_COLLECTION_NAME": "orders",
        "ORDER_DB_USERNAME": "u",
        "ORDER_DB_PASSWORD": "p",
        "AI_SERVICE_URL": "http://localhost:1/",
        "ORDER_SERVICE_URL": "http://localhost:1/",
        "MAKELINE_SERVICE_URL": "http://localhost:1",
        "ORDERS_PER_HOUR": "100",
    }
    for name in variables:
        rest = {key: value for key, value in everything.items() if key != name}
        assert start(role, **rest) == f"refused to start: the variable {name} is not set"


def test_a_queue_that_does_not_answer_is_refused() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = str(unused.getsockname()[1])
        said = start(
            "order-service",
            FASTIFY_ADDRESS="0.0.0.0",
            ORDER_QUEUE_HOSTNAME="127.0.0.1",
            ORDER_QUEUE_PORT=port,
            ORDER_QUEUE_USERNAME="u",
            ORDER_QUEUE_PASSWORD="p",
            ORDER_QUEUE_NAME="orders",
        )
    assert said.startswith(f"refused to start: 127.0.0.1:{port} cannot be reached")


def test_an_unknown_host_is_refused() -> None:
    said = start("virtual-customer", ORDER_SERVICE_URL="http://no-such-host.invalid:3000/", ORDERS_PER_HOUR="1")
    assert said.startswith("refused to start: the host name no-such-host.invalid is not known")


@pytest.mark.skipif(os.getuid() == 1000, reason="this user is the image's own")
def test_the_database_is_refused_a_user_without_a_name() -> None:
    assert "has no name in this image" in start("documentdb", "--username", "u", "--password", "p")
