"""prometheus-operator's kinds: what their definitions ask for beyond a schema (list keys).

Source: prometheus-operator, PrometheusRule `spec.groups` (`x-kubernetes-list-map-keys: name`), ServiceMonitor and
PodMonitor `spec.scrapeProtocols` (`x-kubernetes-list-type: set`).
"""

from __future__ import annotations

from generator.kube.workloads import value_at
from generator.validate.api import fields
from generator.validate.model import Data, ObjectRule, Problems


def _groups(data: Data) -> Problems:
    yield from fields.unique(value_at(data, ("spec", "groups")) or (), "name", ("spec", "groups"))


def _protocols(data: Data) -> Problems:
    items = [{"name": each} for each in value_at(data, ("spec", "scrapeProtocols")) or ()]
    yield from fields.unique(items, "name", ("spec", "scrapeProtocols"))


RULES = (
    ObjectRule(_groups, ("monitoring.coreos.com/PrometheusRule",)),
    ObjectRule(_protocols, ("monitoring.coreos.com/ServiceMonitor", "monitoring.coreos.com/PodMonitor")),
)
