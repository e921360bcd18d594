"""What a real API server answered, for the simulated one to say again; tests/cluster/record_exchanges.py records it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

Json = Any

EXCHANGES = Path(__file__).parent / "exchanges.json"


@cache
def exchanges() -> Json:
    """Each kind of exchange, by its name."""
    return json.loads(EXCHANGES.read_text("utf-8"))
