"""Service level objectives: recording rules and alerts on several burn rates, each over two windows.

Stage: lower. An alert tells that errors use up the budget too fast: so fast that in an hour a fiftieth of it is gone,
and so on, as long as the last minutes say so too. Windows and shares are those of Google's SRE Workbook, chapter 5
(https://sre.google/workbook/alerting-on-slos/, table 5-8); the factors follow from the objective's own window.
Whether a request was good is counted, not estimated: a latency needs a bucket of the histogram at its bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from generator.chart.nodes import Builtin, If, Tree, Value
from generator.chart.values import JsonSchema
from generator.diagnostics import Span
from generator.kube.durations import Duration, parse_duration
from generator.lower.component import Component
from generator.lower.context import Context
from generator.lower.monitoring.rules import Alert, Gaps, Group, Part, alerting_rule, filled
from generator.records import dataclass
from generator.spec.monitoring import SloMetric

_PERCENT: JsonSchema = {
    "type": ["number", "string"],
    "minimum": 0,
    "exclusiveMaximum": 100,
    "pattern": "^[0-9]{1,2}(\\.[0-9]+)?$",
}
_SECONDS: JsonSchema = {"type": ["number", "string"], "minimum": 0, "pattern": "^[0-9]+(\\.[0-9]+)?$"}
_WINDOW = "30d"
_RATES = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
_HOURS = {"1h": 1, "6h": 6, "1d": 24, "3d": 72}

# Share of the budget, the window over which it is used up, and the one that tells whether it still is.
FAST = ((Fraction(2, 100), "1h", "5m"), (Fraction(5, 100), "6h", "30m"))
SLOW = ((Fraction(10, 100), "1d", "2h"), (Fraction(10, 100), "3d", "6h"))

_AVAILABILITY = """\
(
  sum by (namespace, job) (rate(@metric@{@target@, @code@=~"5.."}[@rate@]))
  or
  0 * sum by (namespace, job) (rate(@metric@{@target@}[@rate@]))
)
/
(sum by (namespace, job) (rate(@metric@{@target@}[@rate@])) > 0)"""

_LATENCY = """\
1 -
sum by (namespace, job) (rate(@metric@_bucket{@target@, @bucket@}[@rate@]))
/
(sum by (namespace, job) (rate(@metric@_count{@target@}[@rate@])) > 0)"""

_BURN = """\
(
  slo:errors:ratio_rate{short}{{@slo@}} > ({factor} * @budget@)
  and
  slo:errors:ratio_rate{long}{{@slo@}} > ({factor} * @budget@)
)"""

_SPENT = "{{ $value | humanizePercentage }} of the requests to @service@ are @bad@; the objective is @aim@. "
_LOOK = "The dashboard of @service@ shows since when. A rollback helps when a new version did it: helm history."

BURNS_FAST = Alert(
    "SloBudgetBurnsFast",
    "@burns@",
    "The error budget of @service@ (@objective@) will soon be gone",
    _SPENT + "At this rate the budget for @window@ is gone within days.",
    _LOOK,
    severity="critical",
)
BURNS_SLOWLY = Alert(
    "SloBudgetBurnsSlowly",
    "@burns@",
    "The error budget of @service@ (@objective@) will not last",
    _SPENT + "At this rate the budget does not last for @window@.",
    _LOOK,
)
NOT_COUNTED = Alert(
    "SloNotMeasured",
    "absent(@metric@{@target@})",
    "The objective of @service@ (@objective@) is not measured",
    "Prometheus has had no @metric@ of @service@ for a day, so no alert on the objective can fire.",
    "Look whether Prometheus reads the service's metrics, and whether slo.metric names the right one.",
    hold="1d",
)
NO_BUCKET = Alert(
    "SloNotMeasured",
    """\
absent(@metric@_bucket{@target@, @bucket@})
and on (namespace, job)
sum by (namespace, job) (@metric@_count{@target@})""",
    "The objective of @service@ (@objective@) is not measured",
    "The histogram @metric@ of @service@ has no bucket at @bound@ seconds, so no alert on the objective can fire.",
    "Give the histogram a bucket at this bound, or the objective the bound of a bucket.",
    hold="1h",
)


@dataclass(frozen=True)
class _Objective:
    """One objective: `budget` is the share of requests that may be bad, as PromQL; `fixed` its value when no value of
    the chart decides it.
    """

    name: str
    value: Value
    errors: str
    budget: tuple[Part, ...]
    aim: tuple[Part, ...]
    bad: str
    unmeasured: Alert
    metric: str
    span: Span
    code: str = "code"
    fixed: Fraction = Fraction(0)


@dataclass(frozen=True)
class Measured:
    """What Prometheus has of an objective: the metric that it is measured by, and over which window."""

    name: str
    metric: str
    code: str
    window: str


def measured(context: Context, component: Component) -> list[Measured]:
    """The objectives that the service has in any environment."""
    window = _window(component).in_prometheus
    return [Measured(each.name, each.metric, each.code, window) for each in _objectives(context, component)]


def objective_groups(context: Context, component: Component) -> Iterator[Group]:
    """A group for each objective that the service has in any environment; a value of 0 turns it off."""
    window = _window(component)
    for objective in _objectives(context, component):
        gaps: Gaps = {
            "namespace": Builtin("Release.Namespace"),
            "target": _target(context, component),
            "slo": (*_target(context, component), f', objective="{objective.name}"'),
            "metric": objective.metric,
            "code": objective.code,
            "bucket": ('le=~"', objective.value, '(\\\\.0)?"'),
            "bound": objective.value,
            "budget": objective.budget,
            "aim": objective.aim,
            "bad": objective.bad,
            "service": component.name,
            "objective": objective.name,
            "window": window.in_prometheus,
        }
        labels: dict[str, Tree] = {"service": component.name, "objective": objective.name}
        rules = [*_recordings(objective, gaps, labels, window), *_alerts(objective, gaps, labels, window)]
        group: Tree = {"name": f"slo-{component.name}-{objective.name}", "rules": rules}
        yield Group(If(objective.value, [group]), objective.span)


def _objectives(context: Context, component: Component) -> Iterator[_Objective]:
    slos = [each.spec.slo for each in component.everywhere if each.spec.slo]
    here, path = component.spec.slo, (*component.scope, "slo")
    metric = next((slo.metric for slo in slos if slo.metric), None) or SloMetric()
    leaf, section, span = context.values.leaf, component.section, component.spec.span("slo")
    if slos:
        context.values.group(path, "Objectives; 0 turns one off.", span)
    if any(slo.availability for slo in slos):
        doc = "Requests that are answered without an error, in percent."
        written = here.availability if here and here.availability else 0
        percent = leaf((*path, "availability"), doc, _PERCENT, _number(written), section, span)
        requests, _, label = metric.requests.removesuffix("}").partition("{")
        yield _Objective(
            "availability",
            percent,
            _AVAILABILITY,
            ("(100 - ", percent, ") / 100"),
            (percent, " % without"),
            "answered with an error",
            NOT_COUNTED,
            requests,
            component.spec.span("slo", "availability"),
            label or "code",
        )
    for percentile in sorted({name for slo in slos for name in slo.latency}, key=lambda name: float(name[1:])):
        share = 1 - Fraction(percentile[1:]) / 100
        written = here.latency[percentile].number if here and percentile in here.latency else 0
        key = percentile.replace(".", "")
        doc = f"Seconds within which {percentile[1:]} of 100 requests are answered."
        bound = leaf((*path, "latency", key), doc, _SECONDS, _number(written), section, span)
        yield _Objective(
            f"latency-{percentile}",
            bound,
            _LATENCY,
            (f"{float(share):g}",),
            (f"{percentile[1:]} % within ", bound, " s"),
            "too slow",
            NO_BUCKET,
            metric.duration.removesuffix("_bucket"),
            component.spec.span("slo", "latency", percentile),
            fixed=share,
        )


def _number(value: float) -> float | int:
    return int(value) if value == int(value) else value


def _window(component: Component) -> Duration:
    written = component.spec.slo.window if component.spec.slo else None
    window = written or parse_duration(_WINDOW)
    assert window is not None
    return window


def _target(context: Context, component: Component) -> tuple[Part, ...]:
    """The series of this service in this release: the operator calls a Service's targets by its name."""
    return ('namespace="', Builtin("Release.Namespace"), '", job="', context.host(component.service), '"')


def _recordings(objective: _Objective, gaps: Gaps, labels: dict[str, Tree], window: Duration) -> Iterator[Tree]:
    for rate in _RATES:
        expression = filled(objective.errors.replace("@rate@", rate), gaps)
        yield {"record": f"slo:errors:ratio_rate{rate}", "expr": expression, "labels": labels}
    whole = window.in_prometheus
    errors = "slo:errors:ratio_rate5m{@slo@}[@window@]"
    mean = filled(f"sum_over_time({errors})\n/\ncount_over_time({errors})", gaps)
    yield {"record": f"slo:errors:ratio_rate{whole}", "expr": mean, "labels": labels}
    here: dict[str, Tree] = {"namespace": Builtin("Release.Namespace"), "job": _text(gaps["target"])}
    budget = filled("vector(@budget@)", gaps)
    yield {"record": "slo:error_budget:ratio", "expr": budget, "labels": {**here, **labels}}


def _text(target: Part | tuple[Part, ...]) -> Tree:
    """The name of the Service, out of the selector of its series."""
    assert isinstance(target, tuple)
    return target[-2]


def _alerts(objective: _Objective, gaps: Gaps, labels: dict[str, Tree], window: Duration) -> Iterator[Tree]:
    for alert, pairs in ((BURNS_FAST, FAST), (BURNS_SLOWLY, SLOW)):
        conditions = []
        for share, long, short in pairs:
            factor = max(Fraction(1), share * window.seconds / 3600 / _HOURS[long])
            if factor * objective.fixed < 1:  # no more than all requests can be bad
                conditions.append(_BURN.format(short=short, long=long, factor=f"{float(factor):g}"))
        if conditions:
            burning = Alert(**{**vars(alert), "expression": "\nor\n".join(conditions)})
            yield alerting_rule(burning, gaps, labels)
    yield alerting_rule(objective.unmeasured, gaps, labels)
