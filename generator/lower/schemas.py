"""JSON Schemas of values that many parts of a chart share. Stage: lower."""

from __future__ import annotations

from typing import Any

from generator.chart.values import JsonSchema

TEXT: JsonSchema = {"type": "string"}
SOME_TEXT: JsonSchema = {"type": "string", "minLength": 1}
CRON: JsonSchema = {"type": "string", "pattern": r"^(@[a-z]+( [0-9a-z.]+)?|\S+( +\S+){4})$"}
FLAG: JsonSchema = {"type": "boolean"}
OPEN_MAP: JsonSchema = {"type": "object"}
TEXT_MAP: JsonSchema = {"type": "object", "additionalProperties": {"type": "string"}}
OBJECTS: JsonSchema = {"type": "array", "items": {"type": "object"}}

_NAME = "^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$"
NAME: JsonSchema = {"type": "string", "pattern": _NAME, "maxLength": 63}
# Names of Services start with a letter.
FULL_NAME: JsonSchema = {**NAME, "pattern": "^([a-z]([-a-z0-9]*[a-z0-9])?)?$"}
# Any length but none at all: with no digit but 0 it is none.
DURATION: JsonSchema = {
    "type": "string",
    "pattern": "^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+$",
    "not": {"pattern": "^[0.a-z]*$"},
}
QUANTITY: JsonSchema = {
    "type": ["string", "number"],
    "pattern": "^[0-9]*\\.?[0-9]+([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$",
}
QUANTITY_OR_NONE: JsonSchema = {**QUANTITY, "pattern": f"^$|{QUANTITY['pattern']}"}
PULL_POLICY: JsonSchema = {"type": "string", "enum": ["IfNotPresent", "Always", "Never"]}
TAG: JsonSchema = {"type": "string", "pattern": "^([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$"}
DIGEST: JsonSchema = {"type": "string", "pattern": "^(sha256:[0-9a-f]{64})?$"}

# Labels that select pods belong to the chart: one set by hand would cut pods off from their Service.
LABELS: JsonSchema = {
    **TEXT_MAP,
    "propertyNames": {
        "not": {
            "pattern": "^(app\\.kubernetes\\.io/(name|instance|component|version|part-of|managed-by)|helm\\.sh/chart)$"
        }
    },
}


def integer(minimum: int, maximum: int | None = None) -> JsonSchema:
    """A whole number of at least `minimum`."""
    return {"type": "integer", "minimum": minimum} | ({} if maximum is None else {"maximum": maximum})


def closed(properties: dict[str, Any]) -> JsonSchema:
    """An object with these keys and no others."""
    return {"type": "object", "additionalProperties": False, "properties": properties}


_QUANTITIES: JsonSchema = {"type": "object", "additionalProperties": QUANTITY}
RESOURCES = closed({"requests": _QUANTITIES, "limits": _QUANTITIES})
TOLERATIONS: JsonSchema = {
    "type": "array",
    "items": closed(
        {
            "key": TEXT,
            "operator": {"type": "string", "enum": ["Equal", "Exists"]},
            "value": TEXT,
            "effect": {"type": "string", "enum": ["", "NoSchedule", "PreferNoSchedule", "NoExecute"]},
            "tolerationSeconds": {"type": "integer"},
        }
    ),
}
AFFINITY = closed({"nodeAffinity": OPEN_MAP, "podAffinity": OPEN_MAP, "podAntiAffinity": OPEN_MAP})
SELECTOR = closed({"matchLabels": TEXT_MAP, "matchExpressions": OBJECTS})
# A text is the variable's value; a map says where it comes from, as `valueFrom` does.
VARIABLES: JsonSchema = {
    "type": "object",
    "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
    "additionalProperties": {
        "anyOf": [
            TEXT,
            closed(
                dict.fromkeys(("secretKeyRef", "configMapKeyRef", "fieldRef", "resourceFieldRef"), OPEN_MAP),
            ),
        ]
    },
}
