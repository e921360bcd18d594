"""The AKS store on a real cluster, with stand-ins that refuse to start unless they find what the real programs need."""

from pathlib import Path
from typing import Any

import pytest

from tests.cluster.cluster import Namespace, Release, wait_for
from tests.cluster.stand_ins import AKS_STORE

pytestmark = pytest.mark.cluster

# What the demo's own manifests carry in clear text, and the chart only refers to.
SECRETS = {
    "rabbitmq-secrets": {"RABBITMQ_DEFAULT_USER": "queue-user", "RABBITMQ_DEFAULT_PASS": "queue-word"},
    "order-service-secrets": {"ORDER_QUEUE_USERNAME": "queue-user", "ORDER_QUEUE_PASSWORD": "queue-word"},
    "documentdb-secrets": {"USERNAME": "database-user", "PASSWORD": "database-word"},
}

# The demo limits these to 2 to 5 thousandths of a processor, on which a stand-in in Python, or `cat` in a probe of one
# second, sometimes starves: how long is the kernel's matter, and not what is tested here.
ROOM = [
    argument
    for name in ("makelineService", "productService", "virtualCustomer", "virtualWorker")
    for argument in ("--set", f"services.{name}.resources.limits.cpu=200m")
]


def secret(name: str, values: dict[str, str]) -> dict[str, Any]:
    """A Secret."""
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": values}


def test_the_store_opens(namespace: Namespace, helm4: Path, charts: Path, aks_store_images: None) -> None:
    namespace.apply(*(secret(name, values) for name, values in SECRETS.items()))
    release = Release(namespace, helm4, charts / "aks-store")
    release.install(*ROOM)

    components = {pod["metadata"]["labels"]["app.kubernetes.io/component"] for pod in namespace.ready_pods()}
    assert components == set(AKS_STORE)

    first = wait_for("the run on install", lambda: next(iter(release.runs("checkup")), None))
    assert first.verdict() == "Complete"

    # The test order went through the order service and the queue into the database, under both passwords.
    (database,) = namespace.get("pods", "-l", release.selector("documentdb"))
    stored = [line["item"] for line in namespace.logs(database["metadata"]["name"]) if line["did"] == "PUT"]
    bought = [order for order in stored if order["customerId"] == "1000000000"]
    assert [order["items"] for order in bought] == [[{"productId": 1, "quantity": 1, "price": 9.99}]]

    # Without `buy` nothing is bought; the rest goes its way.
    assert release.run("checkup", "look", buy=False).verdict() == "Complete"
    stored = [line["item"] for line in namespace.logs(database["metadata"]["name"]) if line["did"] == "PUT"]
    assert len([order for order in stored if order["customerId"] == "1000000000"]) == 1

    release.test()
    release.uninstall()
    ours = {f"secret/{name}" for name in SECRETS}
    wait_for("an empty namespace", lambda: set(namespace.left_behind()) == ours or None, patience=60)
