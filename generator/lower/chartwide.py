"""Values and objects of the chart as a whole: names, labels, registries, and the policy that denies.

Stage: lower.
"""

from __future__ import annotations

from generator.chart.model import Origin, Template
from generator.chart.nodes import Builtin, Include, Join, Tree
from generator.lower import schemas
from generator.lower.context import Context
from generator.lower.network import ENABLED

_COMMON = "Common"
_NETWORK = "Network policies"
_MONITORING = "Monitoring"


def declare_common(context: Context) -> None:
    """Declare the values that every chart has; what comes first in values.yaml is declared first."""
    leaf, group = context.values.leaf, context.values.group
    for key, named in (("services", context.system.services), ("workflows", context.system.workflows)):
        if named:
            group((key,), "")
    group(("monitoring",), "")
    monitoring = context.system.spec.monitoring
    on = monitoring.enabled if monitoring else True
    doc = "Make ServiceMonitors and PrometheusRules; needs the API monitoring.coreos.com/v1 (Prometheus Operator)."
    leaf(("monitoring", "enabled"), doc, schemas.FLAG, on, _MONITORING)
    doc = "Labels by which your Prometheus selects ServiceMonitors and PrometheusRules."
    leaf(("monitoring", "labels"), doc, schemas.LABELS, {}, _MONITORING)
    group(("networkPolicy",), "")
    doc = "Deny all traffic of the chart's pods but DNS and what the services and workflows are declared to need."
    leaf(("networkPolicy", "enabled"), doc, schemas.FLAG, True, _NETWORK)
    group(("serviceAccounts",), "")
    doc = "Create the service accounts; when false, accounts of the same names must be there."
    leaf(("serviceAccounts", "create"), doc, schemas.FLAG, True, _COMMON)
    group(("global",), "Shared with the other charts of a parent chart.")
    leaf(("global", "imageRegistry"), "Registry of all images, instead of their own.", schemas.TEXT, "", _COMMON)
    pull = {"type": "array", "items": schemas.closed({"name": schemas.TEXT})}
    leaf(("global", "imagePullSecrets"), "Secrets for private registries, as [{name: …}].", pull, [], _COMMON)
    doc = "StorageClass of volumes that name none."
    leaf(("global", "storageClass"), doc, schemas.TEXT, "", _COMMON)
    leaf(("nameOverride",), "Name of the chart in names and labels, instead of its own.", schemas.NAME, "", _COMMON)
    leaf(
        ("fullnameOverride",),
        "Start of the names of all objects, instead of <release>-<chart>.",
        schemas.FULL_NAME,
        "",
        _COMMON,
    )
    leaf(("commonLabels",), "More labels of every object; not of pods.", schemas.LABELS, {}, _COMMON)
    leaf(("commonAnnotations",), "Annotations of every object; not of pods.", schemas.TEXT_MAP, {}, _COMMON)
    leaf(("extraObjects",), "More objects, installed with the chart as they are.", schemas.OBJECTS, [], _COMMON)


def default_policy(context: Context, name: Include | Join | None = None) -> Template:
    """Denies the chart's pods all traffic but questions to DNS; the other policies add what is declared."""
    own: dict[str, Tree] = {
        "app.kubernetes.io/name": Join((Include("name"),)),
        "app.kubernetes.io/instance": Builtin("Release.Name"),
    }
    spec: dict[str, Tree] = {
        "podSelector": {"matchLabels": own},
        "policyTypes": ["Ingress", "Egress"],
        "egress": [{"ports": [{"port": 53, "protocol": protocol} for protocol in ("UDP", "TCP")]}],
    }
    name = name or Join((Include("fullname"),))  # quoted: it may be a word such as `on`
    tree: dict[str, Tree] = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": context.metadata("network", name),
        "spec": spec,
    }
    return Template("templates/networkpolicy.yaml", tree, Origin(context.system.spec.node.span), ENABLED)
