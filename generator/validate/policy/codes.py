"""Policy: what Kubernetes would take, but an administrator or a careful team would not."""

from generator.diagnostics import Code, Severity

RESTRICTED = Code(
    "FH4101",
    "not allowed by Pod Security `restricted`",
    "A namespace that enforces the standard refuses the pod; without it a break-in into the container reaches further.",
    wrong="containers: [{name: web, image: shop/web:1}]\n",
    right="securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}\n"
    "containers: [{name: web, image: shop/web:1, securityContext: {allowPrivilegeEscalation: false, "
    "capabilities: {drop: [ALL]}}}]\n",
    source="Kubernetes, Pod Security Standards",
    severity=Severity.WARNING,
)
MOVING_TAG = Code(
    "FH4110",
    "image without a fixed version",
    "What runs changes whenever a pod starts, differs from node to node, and can't be rolled back.",
    wrong="image: shop/web:latest\n",
    right="image: shop/web:1.4.2\n",
    severity=Severity.WARNING,
)

CODES = (RESTRICTED, MOVING_TAG)
