"""prometheus-operator's kinds: what their definitions ask for beyond a schema (list keys).

Source: prometheus-operator, PrometheusRule `spec.groups` (`x-kubernetes-list-map-keys: name`).
"""

from __future__ import annotations

from generator.kube.workloads import value_at
from generator.validate.api import fields
from generator.validate.model import Data, ObjectRule, Problems


def _groups(data: Data) -> Problems:
    yield from fields.unique(value_at(data, ("spec", "groups")) or (), "name", ("spec", "groups"))


RULES = (ObjectRule(_groups, ("monitoring.coreos.com/PrometheusRule",)),)
