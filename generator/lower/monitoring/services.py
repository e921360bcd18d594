"""Alerts of one's own on a service (rulings S10). Stage: lower."""

from __future__ import annotations

from collections.abc import Iterator

from generator.chart.nodes import Tree
from generator.lower.component import Component
from generator.lower.monitoring.rules import Group, runbook
from generator.spec.monitoring import Alert


def alert_groups(component: Component) -> Iterator[Group]:
    """The group of the service's alerts, as they are written; none without any."""
    alerts = sorted(component.spec.alerts.items())
    if alerts:
        rules = [_rule(name, alert, component.name) for name, alert in alerts]
        places = {f"rules[{index}]": component.spec.span("alerts", name) for index, (name, _) in enumerate(alerts)}
        yield Group({"name": f"service-{component.name}", "rules": rules}, component.spec.span("alerts"), places)


def _rule(name: str, alert: Alert, service: str) -> Tree:
    texts = {"summary": alert.summary, "description": alert.description, **runbook(alert.runbook)}
    hold: dict[str, Tree] = {"for": alert.hold.in_prometheus} if alert.hold else {}
    return {
        "alert": name,
        "expr": alert.expr,
        **hold,
        "labels": {"severity": alert.severity, "service": service},
        "annotations": {key: text for key, text in texts.items() if text},
    }
