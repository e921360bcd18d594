"""Asks a real API server whether it would take an object; nothing is stored (`dryRun=All`, strict field validation)."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# (status, message) of the server's answer to an object that it is asked to create.
Ask = Callable[[dict[str, Any]], tuple[int, str]]

PLURALS = {"Ingress": "ingresses", "NetworkPolicy": "networkpolicies"}
CLUSTER_WIDE = {"ClusterRole", "ClusterRoleBinding"}


@contextmanager
def asking(kubectl: Path, namespace: str) -> Iterator[Ask]:
    """A way to ask about objects of a namespace, from several threads if need be."""
    command = [str(kubectl), "proxy", "--port=0"]
    proxy = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert proxy.stdout
    found = re.search(r":(\d+)$", proxy.stdout.readline().strip())
    assert found

    def post(data: dict[str, Any]) -> tuple[int, str]:
        group = f"apis/{data['apiVersion']}" if "/" in data["apiVersion"] else f"api/{data['apiVersion']}"
        plural = PLURALS.get(data["kind"], data["kind"].lower() + "s")
        where = "" if data["kind"] in CLUSTER_WIDE else f"namespaces/{namespace}/"
        url = f"http://127.0.0.1:{found[1]}/{group}/{where}{plural}?dryRun=All&fieldValidation=Strict"
        body = json.dumps(data).encode()
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, ""
        except urllib.error.HTTPError as error:
            return error.code, str(json.loads(error.read()).get("message"))

    try:
        yield post
    finally:
        proxy.kill()
        proxy.communicate()
