"""References between objects: the layer `references`."""

from generator.diagnostics import Code, Severity

DUPLICATE = Code(
    "FH3401",
    "two objects with one name",
    "Kubernetes knows an object by kind, namespace and name: the second one overwrites the first, or Helm stops.",
    wrong="kind: Service\nmetadata: {name: web}\n---\nkind: Service\nmetadata: {name: web}\n",
    right="kind: Service\nmetadata: {name: web}\n---\nkind: Service\nmetadata: {name: web-admin}\n",
)
NO_PODS = Code(
    "FH3402",
    "selector that matches no pods",
    "The object does nothing: no pod of the chart carries these labels.",
    wrong="selector: {app: wbe}   # the pods have app: web\n",
    right="selector: {app: web}\n",
    severity=Severity.WARNING,
)
NO_PORT = Code(
    "FH3403",
    "port that is not there",
    "A port's name is looked up in what it leads to; an unknown one leads nowhere, and no error ever says so.",
    wrong="targetPort: web   # the container's port is named http\n",
    right="targetPort: http\n",
)
NO_WORKLOAD = Code(
    "FH3404",
    "scaling target that is not there",
    "The autoscaler finds nothing to scale and only says so in its status.",
    wrong="scaleTargetRef: {kind: Deployment, name: wbe}\n",
    right="scaleTargetRef: {kind: Deployment, name: web}\n",
    severity=Severity.WARNING,
)
NO_SERVICE = Code(
    "FH3405",
    "Service that is not there",
    "Requests end in an error page, and pods of a StatefulSet get no DNS names.",
    wrong="backend: {service: {name: wbe, port: {number: 80}}}\n",
    right="backend: {service: {name: web, port: {number: 80}}}\n",
    severity=Severity.WARNING,
)
NO_CONFIG_MAP = Code(
    "FH3406",
    "ConfigMap that is not there",
    "The pod waits for ever in CreateContainerConfigError or ContainerCreating.",
    wrong="configMap: {name: settings}   # no such ConfigMap in the chart\n",
    right="configMap: {name: settings, optional: true}\n",
    severity=Severity.WARNING,
)
NO_SECRET = Code(
    "FH3407",
    "Secret that is not in the chart",
    "Somebody has to make it before the pods can start; that is often meant so.",
    severity=Severity.INFO,
)
NO_KEY = Code(
    "FH3408",
    "key that is not there",
    "The pod waits for ever in CreateContainerConfigError.",
    wrong="configMapKeyRef: {name: settings, key: LEVEL}   # it holds only level\n",
    right="configMapKeyRef: {name: settings, key: level}\n",
)
NO_CLAIM = Code(
    "FH3409",
    "PersistentVolumeClaim that is not in the chart",
    "The pod can't be scheduled before somebody makes the claim.",
    severity=Severity.INFO,
)
NO_ACCOUNT = Code(
    "FH3410",
    "ServiceAccount that is not there",
    "The API server refuses to make the pods, and only an event of the ReplicaSet or Job says so.",
    wrong="serviceAccountName: web   # no such ServiceAccount in the chart\n",
    right="kind: ServiceAccount\nmetadata: {name: web}\n",
    severity=Severity.WARNING,
)
NO_ROLE = Code(
    "FH3411",
    "role that is not there",
    "The binding grants nothing until somebody makes the role.",
    wrong="roleRef: {kind: Role, name: raeder}\n",
    right="roleRef: {kind: Role, name: reader}\n",
    severity=Severity.WARNING,
)
NOTHING_MONITORED = Code(
    "FH3412",
    "monitor that selects nothing",
    "Prometheus scrapes nothing, and alerts on its metrics never fire.",
    wrong="kind: ServiceMonitor\nspec: {selector: {matchLabels: {app: wbe}}}\n",
    right="kind: ServiceMonitor\nspec: {selector: {matchLabels: {app: web}}}\n",
    severity=Severity.WARNING,
)
UNDECLARED_PORT = Code(
    "FH3413",
    "Service that leads to a port that no container declares",
    "Containers need not declare their ports, but those here do, and not this one: most likely nothing listens there.",
    wrong="targetPort: 8081   # the container declares 8080\n",
    right="targetPort: 8080\n",
    severity=Severity.WARNING,
)
NEARLY = Code(
    "FH3414",
    "name that is nearly that of an object of the chart",
    "Classes and policies may be the cluster's, so a name that the chart does not have is no mistake in itself; "
    "one that differs in a letter from what the chart does have most likely is.",
    wrong="priorityClassName: urgnet   # the chart has the PriorityClass urgent\n",
    right="priorityClassName: urgent\n",
    severity=Severity.WARNING,
)
NO_TEMPLATE = Code(
    "FH3415",
    "template of a workflow that is not there",
    "Argo Workflows refuses the workflow when it starts, which for a schedule may be at night.",
    wrong="entrypoint: main\ntemplates: [{name: mian, container: {image: shop/job:1}}]\n",
    right="entrypoint: main\ntemplates: [{name: main, container: {image: shop/job:1}}]\n",
    source="Argo Workflows, workflow/validate",
)
NO_TASK = Code(
    "FH3416",
    "task of a workflow that is not there",
    "Argo Workflows refuses the workflow when it starts: a task can wait only for tasks of its own DAG.",
    wrong="tasks:\n- {name: load, template: load}\n- {name: check, template: check, depends: laod}\n",
    right="tasks:\n- {name: load, template: load}\n- {name: check, template: check, depends: load}\n",
    source="Argo Workflows, workflow/validate, workflow/common/ancestry.go",
)

CODES = (
    DUPLICATE,
    NO_PODS,
    NO_PORT,
    NO_WORKLOAD,
    NO_SERVICE,
    NO_CONFIG_MAP,
    NO_SECRET,
    NO_KEY,
    NO_CLAIM,
    NO_ACCOUNT,
    NO_ROLE,
    NOTHING_MONITORED,
    UNDECLARED_PORT,
    NEARLY,
    NO_TEMPLATE,
    NO_TASK,
)
