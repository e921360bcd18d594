"""What a real API server answered, for the simulated one to say again; tests/cluster/record_exchanges.py records it."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

Json = Any

EXCHANGES = Path(__file__).parent / "exchanges.json"


@cache
def exchanges() -> Json:
    """Each kind of exchange, by its name."""
    return json.loads(EXCHANGES.read_text("utf-8"))


def answer(name: str) -> Json:
    """An answer as it was recorded: status, headers, and the body, a text where the server sent text/plain."""
    return deepcopy(exchanges()[name]["answer"])


def refusal(name: str, kind: str = "", item: str = "") -> Json:
    """A recorded refusal, as it would be for another object."""
    refused = answer(name)
    details = refused["body"].get("details", {})
    if item:
        plural, _, group = kind.partition(".")
        was = f'{details["kind"]}.{details["group"]} "{details["name"]}"'
        refused["body"]["message"] = refused["body"]["message"].replace(was, f'{kind} "{item}"')
        refused["body"]["details"] = {**details, "name": item, "group": group, "kind": plural}
    return refused


def failure(status: int, reason: str, message: str, headers: Json = None) -> Json:
    """An answer that cannot be provoked, in the form of a recorded Status."""
    refused = answer("404")
    refused["body"].update(message=message, reason=reason, code=status, details={})
    return {**refused, "status": status, "headers": {**refused["headers"], **(headers or {})}}
