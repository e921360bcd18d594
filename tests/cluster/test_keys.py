"""The API server takes what comes of every key of the language: the charts of the whole table of tests/keys."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.asking import Ask
from tests.keys.test_keys import PARTS, Table

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("gateway_api")]

OPERATORS = ("monitoring.coreos.com/v1",)
"""APIs that the cluster does not have; their objects have schemas of their own."""


def test_the_api_server_takes_what_every_key_makes(ask: Ask, tmp_path: Path, helm4: Path) -> None:
    asked: dict[str, dict[str, Any]] = {}
    for name, part in PARTS.items():
        folder = tmp_path / name
        folder.mkdir()
        for data in Table(folder, part, helm4).objects.values():
            if data["apiVersion"] not in OPERATORS:
                # Most objects of the table differ only in the name of their entry.
                asked.setdefault(re.sub(r"\b[sw][0-9]+\b", "x", json.dumps(data)), data)
    assert len(asked) > 500
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda data: ask(with_an_account(data)), asked.values()))
    refused = [f"{data['kind']} {data['metadata']['name']}: {message}" for data, (status, message) in
               zip(asked.values(), answers, strict=True) if status != 201]  # fmt: skip
    assert refused == [], "\n" + "\n".join(refused)


def with_an_account(data: dict[str, Any]) -> dict[str, Any]:
    """A pod cannot even be tried without its account, which is in the chart and not in the namespace."""
    if data["kind"] != "Pod":
        return data
    return {**data, "spec": {**data["spec"], "serviceAccountName": "default"}}
