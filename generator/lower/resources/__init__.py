"""One builder for each kind of object that a service can need."""

from generator.lower.resources.configmap import config_maps
from generator.lower.resources.connection_test import connection_tests
from generator.lower.resources.daemonset import daemonsets
from generator.lower.resources.deployment import deployments
from generator.lower.resources.hpa import autoscalers
from generator.lower.resources.httproute import http_routes
from generator.lower.resources.ingress import ingresses
from generator.lower.resources.networkpolicy import network_policies
from generator.lower.resources.pdb import disruption_budgets
from generator.lower.resources.persistentvolumeclaim import volume_claims
from generator.lower.resources.service import services
from generator.lower.resources.serviceaccount import service_accounts
from generator.lower.resources.servicemonitor import service_monitors
from generator.lower.resources.statefulset import statefulsets

# Values appear in values.yaml in this order; ConfigMaps come after the workloads, which declare their files.
RESOURCES = (
    deployments,
    statefulsets,
    daemonsets,
    config_maps,
    volume_claims,
    services,
    ingresses,
    http_routes,
    service_accounts,
    autoscalers,
    disruption_budgets,
    network_policies,
    service_monitors,
    connection_tests,
)
