"""The layer `api`: rules of the API server that no schema holds, one file a topic.

A rule gets the well-typed data of one object. A new topic is a file and a line here.
"""

from typing import Final

from generator.validate.api import (
    access,
    admission,
    classes,
    cluster,
    configuration,
    definitions,
    devices,
    endpoints,
    flow,
    gateways,
    jobs,
    metadata,
    monitoring,
    network,
    pods,
    quotas,
    routes,
    scaling,
    services,
    storage,
    volumes,
    workloads,
)
from generator.validate.model import ObjectRule

RULES: Final[tuple[ObjectRule, ...]] = (
    *metadata.RULES,
    *pods.RULES,
    *workloads.RULES,
    *jobs.RULES,
    *services.RULES,
    *endpoints.RULES,
    *network.RULES,
    *routes.RULES,
    *gateways.RULES,
    *scaling.RULES,
    *volumes.RULES,
    *storage.RULES,
    *configuration.RULES,
    *quotas.RULES,
    *classes.RULES,
    *cluster.RULES,
    *flow.RULES,
    *access.RULES,
    *admission.RULES,
    *definitions.RULES,
    *devices.RULES,
    *monitoring.RULES,
)
"""Every rule, in the order in which its problems are found."""
