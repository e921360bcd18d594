"""Objectives that can be measured, and alerts that Prometheus can read (rulings C19, S10, S21)."""

from __future__ import annotations

from collections.abc import Iterator

from generator.check import codes
from generator.check.rule import Finding, Rule, Subject
from generator.kube.promql import promql_mistake, template_mistake

_SHORTEST, _LONGEST = 7 * 86400, 90 * 86400


def objectives_without_metrics(subject: Subject) -> Iterator[Finding]:
    """An slo on a service whose metrics Prometheus does not read."""
    for service in subject.system.services.values():
        if service.spec.slo and not service.spec.metrics:
            message = f"the objectives of `{service.name}` are not measured: it has no `metrics`"
            hint = "add metrics: {port: …}, unless something else has Prometheus read them under the Service's name"
            span = service.spec.key_span("slo")
            yield Finding(codes.UNMEASURED, message, span, hint, (), ("services", service.name))


def objectives_of_nothing(subject: Subject) -> Iterator[Finding]:
    """An slo without any objective, or over a time for which burn rates make no sense."""
    for service in subject.system.services.values():
        slo, owner = service.spec.slo, ("services", service.name)
        if slo and slo.availability is None and not slo.latency and not slo.has("latency"):
            message = f"`slo` of `{service.name}` names no objective"
            hint = "add availability: 99.9, or latency: {p99: 250ms}"
            yield Finding(codes.NO_OBJECTIVE, message, service.spec.key_span("slo"), hint, (), owner)
        if slo and slo.window and not _SHORTEST <= slo.window.seconds <= _LONGEST:
            message = f"{slo.window.text} is no window for objectives: 7d to 90d"
            yield Finding(codes.NO_OBJECTIVE, message, slo.span("window"), "30d is usual", (), owner)


def alerts_that_cannot_be_read(subject: Subject) -> Iterator[Finding]:
    """Expressions and texts in which something does not close; Prometheus would refuse all rules of the chart."""
    for service in subject.system.services.values():
        for name, alert in service.spec.alerts.items():
            problem = promql_mistake(alert.expr) if alert.has("expr") else ""  # its lack is said already
            if problem:
                message = f"the expression of `{name}` cannot be read: {problem}"
                yield Finding(codes.BAD_PROMQL, message, alert.span("expr"), "", (), ("services", service.name))
            for key in ("summary", "description", "runbook"):
                if problem := template_mistake(getattr(alert, key)):
                    message = f"`{key}` of `{name}` is no template that Prometheus takes: {problem}"
                    hint = '`{{ $labels.x }}` and `{{ $value }}` are filled in; write {{ "{{" }} for braces as they are'
                    yield Finding(codes.BAD_PROMQL, message, alert.span(key), hint, (), ("services", service.name))


RULES: tuple[Rule, ...] = (objectives_without_metrics, objectives_of_nothing, alerts_that_cannot_be_read)
