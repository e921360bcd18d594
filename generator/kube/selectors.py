"""Label selectors: which labels they match.

Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def matches(wanted: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """Whether labels have every key and value of a plain selector, as a Service has one; an empty one matches all."""
    return all(labels.get(key) == value for key, value in wanted.items())


def selects(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """Whether labels match a selector with `matchLabels` and `matchExpressions`, as a Deployment has one.

    Parts of another shape than Kubernetes knows select nothing.
    """
    wanted, expressions = selector.get("matchLabels") or {}, selector.get("matchExpressions") or []
    if not isinstance(wanted, dict) or not isinstance(expressions, list):
        return False
    return matches(wanted, labels) and all(isinstance(each, dict) and _holds(each, labels) for each in expressions)


def _holds(expression: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    key, values = str(expression.get("key")), expression.get("values") or ()
    match expression.get("operator"):
        case "In":
            return key in labels and labels[key] in values
        case "NotIn":
            return key not in labels or labels[key] not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case _:
            return False
