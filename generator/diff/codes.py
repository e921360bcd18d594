"""What a change can do: the codes of the review's findings.

The fourth character tells the consequence: FH50 refused by the API server, FH53 traffic, FH54 restarts.
"""

from typing import Final

from generator.diagnostics import Code, Severity

_API = "update validation of the Kubernetes API server"
_HALF_DONE = "The upgrade fails half done: Helm leaves what it changed before as it is, and deletes nothing."

SELECTOR = Code(
    "FH5001",
    "selector of a workload changed",
    f"The selector of a Deployment, DaemonSet or ReplicaSet is fixed once it exists. {_HALF_DONE}",
    wrong="matchLabels: {app: web, version: '2'}   # was {app: web, version: '1'}",
    right="matchLabels: {app: web}   # names what never changes; versions are labels of the pods only",
    source="https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#label-selector-updates",
)
STATEFUL_SET = Code(
    "FH5002",
    "fixed field of a StatefulSet changed",
    f"Of a StatefulSet only replicas, ordinals, template, update strategy and a few more can change. {_HALF_DONE}",
    wrong="serviceName: web-2   # was web",
    right="serviceName: web",
    source=_API,
)
VOLUME_CLAIM_TEMPLATE = Code(
    "FH5003",
    "volume claim template of a StatefulSet changed",
    f"Size, class and names of the volumes of a StatefulSet are fixed once it exists. {_HALF_DONE}",
    wrong="resources: {requests: {storage: 20Gi}}   # was 10Gi",
    right="kubectl delete statefulset NAME --cascade=orphan   # then resize the claims, then upgrade",
    source="https://github.com/kubernetes/kubernetes/issues/68737",
)
JOB_TEMPLATE = Code(
    "FH5005",
    "pod template of a Job changed",
    f"A Job runs the pods it was created with; another image or variable needs another Job. {_HALF_DONE}",
    wrong="kind: Job\nmetadata: {name: migrate}   # image 1.0 → 1.1",
    right="metadata: {name: migrate-1-1}   # or a hook, which Helm deletes and creates anew",
    source="https://github.com/helm/helm/issues/7725",
)
JOB_SPEC = Code(
    "FH5006",
    "fixed field of a Job changed",
    f"How a Job counts its pods is fixed once it exists. {_HALF_DONE}",
    wrong="completions: 3   # was 1",
    right="metadata: {name: import-2}   # a new Job",
    source=_API,
)
VOLUME_CLAIM = Code(
    "FH5007",
    "fixed field of a volume claim changed",
    f"Of a PersistentVolumeClaim only the requested size (upwards) and the attributes class can change. {_HALF_DONE}",
    wrong="storageClassName: fast   # was slow",
    right="a new claim beside the old one, and the data copied",
    source=_API,
)
VOLUME_CLAIM_SHRUNK = Code(
    "FH5008",
    "volume claim made smaller",
    f"Volumes can grow, never shrink. {_HALF_DONE}",
    wrong="requests: {storage: 5Gi}   # was 10Gi",
    right="requests: {storage: 10Gi}",
    source=_API,
)
SERVICE = Code(
    "FH5009",
    "address of a Service changed",
    f"The cluster address, the load balancer's class and the health check port of a Service are fixed. {_HALF_DONE}",
    wrong="clusterIP: None   # was a cluster address",
    right="a second Service with `clusterIP: None` beside the first",
    source="https://github.com/helm/helm/issues/7082",
)
ROLE_REFERENCE = Code(
    "FH5010",
    "role of a binding changed",
    f"A RoleBinding stays with the role it was created for. {_HALF_DONE}",
    wrong="roleRef: {kind: ClusterRole, name: edit}   # was Role reader",
    right="metadata: {name: web-edit}   # a new binding",
    source="https://kubernetes.io/docs/reference/access-authn-authz/rbac/#clusterrolebinding-example",
)
SECRET_TYPE = Code(
    "FH5011",
    "type of a Secret changed",
    f"The type of a Secret is fixed once it exists. {_HALF_DONE}",
    wrong="type: kubernetes.io/tls   # was Opaque",
    right="metadata: {name: web-tls}   # a new Secret",
    source=_API,
)
IMMUTABLE_CONFIGURATION = Code(
    "FH5012",
    "immutable ConfigMap or Secret changed",
    f"What says `immutable: true` can only be deleted, not changed, nor made mutable again. {_HALF_DONE}",
    wrong="immutable: true\ndata: {level: debug}   # was info",
    right="metadata: {name: settings-2}   # a new name for new content",
    source="https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-immutable",
)
STORAGE = Code(
    "FH5013",
    "fixed field of a volume or storage class changed",
    f"Where a volume's data is, how a class makes volumes, and how a driver attaches them is fixed. {_HALF_DONE}",
    wrong="reclaimPolicy: Retain   # was Delete",
    right="metadata: {name: fast-retain}   # a new class",
    source=_API,
)
POD = Code(
    "FH5015",
    "bare Pod changed",
    f"Of a running Pod only images can change, more tolerations be added, and the deadline be set nearer. {_HALF_DONE}",
    wrong="kind: Pod   # with another variable",
    right="kind: Deployment",
    source=_API,
)
CLASSES = Code(
    "FH5016",
    "fixed field of a class changed",
    "The value of a PriorityClass, the controller of an IngressClass and the handler of a RuntimeClass are fixed. "
    f"{_HALF_DONE}",
    wrong="value: 2000   # was 1000",
    right="metadata: {name: high-2}   # a new class",
    source=_API,
)
FIXED = Code(
    "FH5014",
    "fixed field changed",
    "The family of an EndpointSlice, the scopes of a ResourceQuota, the data of a ControllerRevision, what a claim of "
    f"devices asks for and where a slice of devices is are fixed once the object exists. {_HALF_DONE}",
    wrong="kind: ResourceQuota\nspec: {scopes: [BestEffort]}   # was [NotBestEffort]",
    right="metadata: {name: best-effort}   # a new quota beside the old one",
    source=_API,
)
DEFINITION = Code(
    "FH5018",
    "definition of custom resources that names another kind",
    "Group, plural, kind and scope of a CustomResourceDefinition are fixed, and a version in which objects were stored "
    f"must stay until all of them are rewritten. {_HALF_DONE}",
    wrong="versions: [{name: v1, …}]   # v1beta1, which was the storage version, is gone",
    right="versions: [{name: v1, storage: true, …}, {name: v1beta1, served: false, storage: false, …}]",
    source="https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/"
    "#upgrade-existing-objects-to-a-new-stored-version",
)
SELECTOR_MISMATCH = Code(
    "FH5017",
    "selector does not match the pods of its own workload",
    f"A workload must select the pods that it makes. {_HALF_DONE}",
    wrong="selector: {matchLabels: {app: web}}\ntemplate: {metadata: {labels: {app: shop}}}",
    right="selector: {matchLabels: {app: web}}\ntemplate: {metadata: {labels: {app: web}}}",
    source=_API,
)
STRATEGY = Code(
    "FH5019",
    "update strategy changed from the default",
    "The API server filled in `rollingUpdate` when the object was created. Nobody owns that block, so server-side "
    f"apply (Helm 4) cannot take it away, and it is not allowed beside the new type. {_HALF_DONE}",
    wrong="strategy: {type: Recreate}   # was not written",
    right="strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%}}   # first; Recreate in the next release",
    source="measured on Kubernetes 1.35 with Helm 4.3.1 and 3.17.3",
)

SELECTS_NOTHING = Code(
    "FH5305",
    "Service that selects no pods",
    "A Service sends requests to the pods whose labels match its selector. Without one, every request fails, and "
    "nothing reports an error.",
    wrong="kind: Service\nspec: {selector: {app: shop}}   # the pods say app: web",
    right="kind: Service\nspec: {selector: {app: web}}",
    source="https://kubernetes.io/docs/concepts/services-networking/service/#services-in-kubernetes",
)
REPLICAS_LEFT_TO_HPA = Code(
    "FH5316",
    "replicas taken out under an autoscaler",
    "When `replicas` leaves a manifest that Helm applied, the API server fills in 1: the workload drops to one pod "
    "until the autoscaler raises it again.",
    wrong="spec: {}   # was replicas: 3; a HorizontalPodAutoscaler scales it",
    right="spec: {replicas: 3}   # for one more release, or taken out when one pod is enough for a moment",
    source="https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/"
    "#migrating-deployments-and-statefulsets-to-horizontal-autoscaling",
    severity=Severity.WARNING,
)

RESTART = Code(
    "FH5401",
    "pods restart",
    "A Deployment, StatefulSet or DaemonSet replaces its pods when its pod template changes, and only then.",
    source="https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#updating-a-deployment",
    severity=Severity.INFO,
)
NO_RESTART = Code(
    "FH5402",
    "configuration changed, but pods keep the old one",
    "Variables and files mounted with subPath are read when a container starts. A changed ConfigMap or Secret restarts "
    "nothing: the pods run on with the old content, and those that start later have the new one.",
    wrong="envFrom: [{configMapRef: {name: settings}}]   # and no checksum in the pod template",
    right="annotations: {checksum/settings: '{{ .Files.Get \"settings.yaml\" | sha256sum }}'}   # in the pod template",
    source="https://helm.sh/docs/howto/charts_tips_and_tricks/#automatically-roll-deployments",
)
LIVE_UPDATE = Code(
    "FH5403",
    "mounted configuration changes under running pods",
    "The kubelet replaces the files of a mounted ConfigMap or Secret within a minute or two; the program has to read "
    "them again by itself.",
    source="https://kubernetes.io/docs/concepts/configuration/configmap/#mounted-configmaps-are-updated-automatically",
    severity=Severity.INFO,
)
HELD_BACK = Code(
    "FH5405",
    "change that running pods do not get",
    "With the strategy OnDelete, or below a partition, pods keep their old template until someone deletes them.",
    wrong="updateStrategy: {type: OnDelete}",
    right="updateStrategy: {type: RollingUpdate}",
    source="https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#update-strategies",
)
ORDER_RESTART = Code(
    "FH5407",
    "pods restart for a new order only",
    "Kubernetes compares pod templates as they are written: another order of variables, ports or volumes means the "
    "same, and still replaces every pod.",
    wrong="env: [{name: B, …}, {name: A, …}]   # was A, B",
    right="env: [{name: A, …}, {name: B, …}]",
    source="https://github.com/kubernetes/kubernetes/issues/13572",
    severity=Severity.INFO,
)
CLAIM_REMOVED = Code(
    "FH5201",
    "claim removed",
    "Helm deletes what leaves the chart. With a claim goes its volume, when the StorageClass says Delete, as most do.",
    wrong="# the PersistentVolumeClaim uploads is no longer in the chart",
    right="metadata: {name: uploads, annotations: {helm.sh/resource-policy: keep}}",
    source="https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming",
)
CLAIMS_LEFT = Code(
    "FH5202",
    "volumes left behind",
    "The claims of a StatefulSet's pods are named after it and are never deleted with it. Under another name it starts "
    "with new, empty ones.",
    wrong="metadata: {name: database}   # was db",
    right="metadata: {name: db}",
    source="https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#limitations",
)

REJECTED: Final = (
    SELECTOR,
    STATEFUL_SET,
    VOLUME_CLAIM_TEMPLATE,
    JOB_TEMPLATE,
    JOB_SPEC,
    VOLUME_CLAIM,
    VOLUME_CLAIM_SHRUNK,
    SERVICE,
    ROLE_REFERENCE,
    SECRET_TYPE,
    IMMUTABLE_CONFIGURATION,
    STORAGE,
    POD,
    CLASSES,
    FIXED,
    DEFINITION,
    SELECTOR_MISMATCH,
    STRATEGY,
)
DATA: Final = (CLAIM_REMOVED, CLAIMS_LEFT)
TRAFFIC: Final = (SELECTS_NOTHING, REPLICAS_LEFT_TO_HPA)
RESTARTS: Final = (RESTART, ORDER_RESTART)
CONFIGURATION: Final = (NO_RESTART, LIVE_UPDATE)
CODES: Final = (*REJECTED, *DATA, *TRAFFIC, *RESTARTS, HELD_BACK, *CONFIGURATION)

CONSEQUENCES: Final = (
    ("Refused by the API server", REJECTED),
    ("Data", DATA),
    ("Traffic", TRAFFIC),
    ("Restarts", (*RESTARTS, HELD_BACK)),
    ("Configuration", CONFIGURATION),
)
"""The sections of a report, in their order, with the codes that belong to each."""
