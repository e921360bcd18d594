"""Label selectors."""

from typing import Any

import pytest

from generator.kube.selectors import matches, selects

LABELS = {"app": "web", "tier": "front"}


def test_plain_selectors() -> None:
    assert matches({"app": "web"}, LABELS)
    assert matches({}, LABELS)
    assert not matches({"app": "web", "zone": "a"}, LABELS)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({}, True),
        ({"matchLabels": {"app": "shop"}}, False),
        ({"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "zone", "operator": "Exists"}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "shop"]}]}, True),
        ({"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}, False),
        ({"matchExpressions": [{"key": "zone", "operator": "NotIn", "values": ["a"]}]}, True),
        ({"matchExpressions": [{"key": "zone", "operator": "DoesNotExist"}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Gt", "values": ["1"]}]}, False),
    ],
)
def test_full_selectors(selector: dict[str, Any], expected: bool) -> None:
    assert selects(selector, LABELS) is expected
