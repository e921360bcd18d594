"""What a real API server answered, recorded by tests/cluster/record_exchanges.py, for the simulated one to say again."""

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
