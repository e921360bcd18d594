"""How a service is watched: alerts of one's own, and objectives for its users (rulings S10, S21, C19)."""

from __future__ import annotations

from collections.abc import Mapping

from generator.kube.durations import Duration
from generator.regexes import regex
from generator.spec import codes
from generator.spec.formats import DURATION, LABEL_VALUE, TEXT, matching, variable_key
from generator.spec.scalars import NumberShape
from generator.spec.shapes import MapOf, NameRule, Record, RecordOf, key

_PERCENTILE = regex(r"p[5-9][0-9](?:\.[0-9])?")
_REQUESTS = regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,199}(?:\{[a-zA-Z_][a-zA-Z0-9_]{0,99}\})?")
_DURATION = regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,199}")


class Alert(Record):
    """An alert of one's own: Prometheus fires it while the expression gives a result."""

    expr: str = key(TEXT, "The expression, in PromQL.", required=True, default="")
    hold: Duration | None = key(DURATION, "How long it must give one before the alert fires.", name="for")
    severity: str = key(LABEL_VALUE, "Label by which alerts are routed.", default="warning")
    summary: str = key(TEXT, "What is wrong, in one line; `{{ $labels.x }}` is Prometheus'.", required=True, default="")
    description: str = key(TEXT, "What is wrong, at length.", default="")
    runbook: str = key(TEXT, "What to do about it: a text, or the address of one.", default="")


ALERTS = MapOf(RecordOf(Alert, "an alert"), "`alerts`", variable_key)


_PERCENTILES = matching("a percentile", _PERCENTILE, "p50 to p99, or with one digit more: p99.9")
_COUNTER = matching(
    "a metric", _REQUESTS, "a name, and the label with the status in braces: http_requests_total{status}"
)
_HISTOGRAM = matching("a metric", _DURATION, "the name of a histogram, as in http_request_duration_seconds")


class SloMetric(Record):
    """The metrics that the objectives are measured by."""

    requests: str = key(
        _COUNTER,
        "Counts requests by status; codes from 500 on are errors.",
        default="http_requests_total{code}",
    )
    duration: str = key(
        _HISTOGRAM,
        "A histogram of how long requests take, in seconds. It needs a bucket at each objective.",
        default="http_request_duration_seconds",
    )


LATENCY = MapOf(DURATION, "`latency`", NameRule(_PERCENTILES.mistake, _PERCENTILES.form, codes.BAD_FORMAT), least=1)


class Slo(Record):
    """Service level objectives: how good the service has to be for its users."""

    availability: float | None = key(
        NumberShape(0, 100, between=True), "Requests that are answered without an error, in percent."
    )
    latency: Mapping[str, Duration] = key(
        LATENCY, "How long so many of 100 requests may take, as in {p99: 250ms}.", factory=dict
    )
    window: Duration | None = key(DURATION, "Over how long the objectives hold, 7d to 90d; 30d by default.")
    metric: SloMetric | None = key(RecordOf(SloMetric, "`metric`"), "The metrics that they are measured by.")


SLO = RecordOf(Slo, "`slo`")
