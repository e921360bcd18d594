"""The probes of a service: started, ready, alive.

Stage: lower. What the spec leaves out is filled in so that the three differ: being ready means to be fit for
traffic, being alive only to take connections, and until a container has started neither is asked. The short form of
a probe gets the timing that fits its purpose; the long form is as written, with Kubernetes' own defaults.
"""

from __future__ import annotations

from collections.abc import Mapping

from generator.chart.nodes import Tree
from generator.kube.durations import Duration
from generator.lower.texts import escaped
from generator.records import dataclass
from generator.spec.service import ContainerPort, Health, Probe


@dataclass(frozen=True)
class _Timing:
    period: int
    timeout: int
    failures: int


_STARTUP = _Timing(2, 2, 60)
_READY = _Timing(5, 2, 3)
_LIVE = _Timing(10, 3, 6)
_KUBERNETES = _Timing(10, 1, 3)


def lower_probes(health: Health | None, ports: Mapping[str, ContainerPort], main: str) -> dict[str, Tree]:
    """The probes of a container, by their key. `main` is the name of the main port, which may be empty."""
    asked, connects = health or Health(), _connects(ports, main)
    ready = asked.ready or (None if asked.live and asked.live.tcp else connects)
    live = asked.live or (connects if asked.ready and not asked.ready.tcp else None)
    startup = asked.startup or _patient(live or ready)
    wanted = (
        ("startupProbe", startup, _STARTUP),
        ("readinessProbe", ready, _READY),
        ("livenessProbe", live, _LIVE),
    )
    return {key: _lower(probe, timing, ports, main) for key, probe, timing in wanted if probe is not None}


def _connects(ports: Mapping[str, ContainerPort], main: str) -> Probe | None:
    port = ports.get(main)
    return Probe(tcp=True) if port is not None and port.protocol == "TCP" else None


def _patient(probe: Probe | None) -> Probe | None:
    """The same question with the start's own timing; none where a delay gives the time to start."""
    if probe is None or probe.delay:
        return None
    return Probe(get=probe.get, tcp=probe.tcp, grpc=probe.grpc, exec=probe.exec, port=probe.port)


def _lower(probe: Probe, timing: _Timing, ports: Mapping[str, ContainerPort], main: str) -> Tree:
    delay = _seconds(probe.delay, 0)
    timing = _KUBERNETES if probe.node.entries else timing
    return {
        **_question(probe, ports, main),
        **({"initialDelaySeconds": delay} if delay else {}),
        "periodSeconds": _seconds(probe.period, timing.period),
        "timeoutSeconds": _seconds(probe.timeout, timing.timeout),
        "failureThreshold": timing.failures if probe.failures is None else probe.failures,
    }


def _question(probe: Probe, ports: Mapping[str, ContainerPort], main: str) -> dict[str, Tree]:
    port: str | int = int(probe.port) if probe.port.isdigit() else probe.port or main
    if probe.exec:
        # The kubelet expands $(NAME) of constant variables in probes too (prober.go, ExpandContainerCommandOnlyStatic).
        return {"exec": {"command": [escaped(word) for word in probe.exec]}}
    if probe.grpc is not None:
        number = ports[port].container if isinstance(port, str) and port in ports else port
        return {"grpc": {"port": number, "service": probe.grpc}}
    if probe.tcp:
        return {"tcpSocket": {"port": port}}
    return {"httpGet": {"path": probe.get, "port": port} | _scheme(port, ports)}


def _scheme(port: str | int, ports: Mapping[str, ContainerPort]) -> dict[str, Tree]:
    known = ports.get(port) if isinstance(port, str) else None
    return {"scheme": "HTTPS"} if known and "https" in (port, known.app_protocol) else {}


def _seconds(duration: Duration | None, default: int) -> int:
    if duration is None:
        return default
    return duration.whole_seconds if duration.seconds else 0
