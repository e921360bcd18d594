"""One service on its way to objects: where its values live, and what any environment turns on.

Stage: lower. The builders under resources/ read a :class:`Component` and give templates.
"""

from __future__ import annotations

from collections.abc import Mapping

from generator.chart.model import Alias, Origin, Template
from generator.chart.nodes import Condition, Tree
from generator.diagnostics import Span
from generator.lower.context import Context
from generator.lower.values import Path
from generator.records import dataclass
from generator.resolve.model import Service
from generator.spec.expose import Expose
from generator.spec.service import Autoscale
from generator.spec.service import Service as ServiceSpec


@dataclass(frozen=True)
class Component:
    """A service and everything that its objects have in common."""

    service: Service
    everywhere: tuple[Service, ...]
    scope: Path
    section: str

    @classmethod
    def of(cls, context: Context, service: Service) -> Component:
        """The component of a service, with the group of its values declared."""
        scope = context.service_path(service.name)
        context.values.group(scope, f"The service {service.name}.", service.span)
        return cls(service, tuple(context.services(service.name)), scope, f"Service {service.name}")

    @property
    def name(self) -> str:
        """The service's name, which its pods carry as their component."""
        return self.service.name

    @property
    def spec(self) -> ServiceSpec:
        """The service as written, with all merged in."""
        return self.service.spec

    @property
    def has_replicas(self) -> bool:
        """Whether people or load decide how many pods there are; on a DaemonSet the nodes do."""
        return self.service.kind != "daemonset"

    @property
    def scales(self) -> bool:
        """Whether it scales by load, in any environment."""
        return any(each.spec.autoscale for each in self.everywhere)

    @property
    def autoscale(self) -> Autoscale:
        """How it scales; where this environment does not, as the first one that does."""
        written = (self.spec.autoscale, *(each.spec.autoscale for each in self.everywhere))
        return next(each for each in written if each is not None)

    def expose_scope(self, way: Expose) -> Path:
        """Where the values of one of its ways in live."""
        ways = self.spec.expose
        number = next(index for index, each in enumerate(ways, start=1) if each is way)
        return (*self.scope, "expose" if len(ways) == 1 else f"expose{number}")

    def template(
        self,
        kind: str,
        tree: Mapping[str, Tree],
        spans: Mapping[str, Span] | None = None,
        *,
        span: Span | None = None,
        condition: Condition | None = None,
    ) -> Template:
        """A template of the component: `templates/<service>/<kind>.yaml`."""
        origin = Origin(span or self.service.span, spans or {})
        return Template(f"templates/{self.name}/{kind}.yaml", tree, origin, condition, Alias("service", self.scope))
