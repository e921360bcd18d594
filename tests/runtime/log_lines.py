"""The lines of a run's log, held to their schema (docs/run-log.schema.json)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs

SCHEMA = Path(__file__).parents[2] / "docs" / "run-log.schema.json"
_VALIDATOR = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text("utf-8")))


def lines_of(output: str) -> list[dict[str, Any]]:
    """The lines that a runner wrote; each is one JSON object as the schema says."""
    return checked([json.loads(line) for line in output.splitlines()])


def checked(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same lines; each is as the schema says."""
    mistakes = [(line, error.message) for line in lines for error in _VALIDATOR.iter_errors(line)]
    assert not mistakes
    return lines


def endings(lines: list[dict[str, Any]]) -> dict[str, tuple[str, str]]:
    """How the run and each task ended (in the last try of what is around it): `run` or path → status, reason."""
    return {
        line.get("task", "run"): (
            line["event"].removeprefix("Task").removeprefix("Run").lower(),
            line.get("reason", ""),
        )
        for line in lines
        if line["event"].endswith(("Succeeded", "Failed", "Skipped", "Cancelled"))
    }
