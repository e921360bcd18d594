"""Policy, FH41: Pod Security, images, and what of the node a pod can reach. The severity is that of `standard`."""

from generator.diagnostics import Code, Severity

BASELINE = Code(
    "FH4100",
    "not allowed by Pod Security `baseline`",
    "The pod reaches parts of its node: a break-in into the container is one into the node. Most clusters refuse it.",
    wrong="hostNetwork: true\n",
    right="hostNetwork: false\n",
    source="Kubernetes, Pod Security Standards; kube-linter, kube-score, polaris and checkov have single rules of it",
    severity=Severity.WARNING,
)
RESTRICTED = Code(
    "FH4101",
    "not allowed by Pod Security `restricted`",
    "A namespace that enforces the standard refuses the pod; without it a break-in into the container reaches further.",
    wrong="securityContext: {runAsNonRoot: false}\n",
    right="securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}\n",
    source="Kubernetes, Pod Security Standards",
    severity=Severity.INFO,
)
NAMESPACE_LABEL = Code(
    "FH4102",
    "label of Pod Security that says nothing",
    "The levels are privileged, baseline and restricted, versions are latest or v1.35; the API server refuses others.",
    wrong="kind: Namespace\nmetadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: strict}}\n",
    right="kind: Namespace\nmetadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: restricted}}\n",
    source="Kubernetes, Pod Security Admission",
)
ENFORCED = Code(
    "FH4103",
    "pod that its own namespace refuses",
    "The namespace is among the manifests, and its label enforces a level of Pod Security that the pod does not "
    "keep: no pod "
    "would ever start.",
    wrong="kind: Namespace\nmetadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: baseline}}\n---\n"
    "kind: Deployment\nmetadata: {namespace: shop}\nspec: {template: {spec: {hostPID: true}}}\n",
    right="kind: Namespace\nmetadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: baseline}}\n---\n"
    "kind: Deployment\nmetadata: {namespace: shop}\nspec: {template: {spec: {hostPID: false}}}\n",
    source="Kubernetes, Pod Security Admission",
)
MOVING_TAG = Code(
    "FH4110",
    "image without a fixed version",
    "What runs changes whenever a pod starts, differs from node to node, and can't be rolled back.",
    wrong="image: shop/web:latest\n",
    right="image: shop/web:1.4.2\n",
    source="kube-linter latest-tag, kube-score container-image-tag, polaris tagNotSpecified, CKV_K8S_14",
    severity=Severity.WARNING,
)
NO_DIGEST = Code(
    "FH4111",
    "image without a digest",
    "A tag can be moved to other content by whoever may push to the registry; a digest can't.",
    wrong="image: shop/web:1.4.2\n",
    right="image: shop/web:1.4.2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n",
    source="CKV_K8S_43",
    severity=Severity.INFO,
)
PULL_POLICY = Code(
    "FH4112",
    "image of a tag that is not pulled again",
    "A node that has an image of this tag goes on with it, whatever has been pushed since, and whoever may pull it.",
    wrong="image: shop/web:1.4.2\nimagePullPolicy: IfNotPresent\n",
    right="image: shop/web:1.4.2\nimagePullPolicy: Always\n",
    source="kube-score container-image-pull-policy, polaris pullPolicyNotAlways, CKV_K8S_15",
    severity=Severity.INFO,
)
DOCKER_SOCKET = Code(
    "FH4120",
    "socket of the container runtime in a pod",
    "Whoever can write to the socket starts any container on the node, with any rights: the pod is root on the node.",
    wrong="volumes: [{name: tmp, hostPath: {path: /var/run/docker.sock}}]\n",
    right="volumes: [{name: tmp, emptyDir: {}}]\n",
    source="kube-linter docker-sock, CKV_K8S_27",
    severity=Severity.WARNING,
)
SENSITIVE_PATH = Code(
    "FH4121",
    "folder of the node that holds its keys or its system",
    "Keys of the node and of other pods lie there, or programs that the node runs as root.",
    wrong="volumes: [{name: tmp, hostPath: {path: /etc}}]\n",
    right="volumes: [{name: tmp, emptyDir: {}}]\n",
    source="kube-linter sensitive-host-mounts",
    severity=Severity.WARNING,
)
WRITABLE_HOST_PATH = Code(
    "FH4122",
    "folder of the node that a container may write to",
    "What it writes stays on the node, and other pods and the node itself read it.",
    wrong="volumes: [{name: tmp, hostPath: {path: /data}}]\nvolumeMounts: [{name: tmp, mountPath: /tmp}]\n",
    right="volumes: [{name: tmp, hostPath: {path: /data}}]\nvolumeMounts: [{name: tmp, mountPath: /tmp, readOnly: "
    "true}]\n",
    source="kube-linter writable-host-mount",
    severity=Severity.INFO,
)
LOW_USER = Code(
    "FH4123",
    "user or group of a low number",
    "Numbers below 10000 are those of the node's own users: outside of the container they would be somebody.",
    wrong="securityContext: {runAsUser: 1000, runAsGroup: 1000}\n",
    right="securityContext: {runAsUser: 10001, runAsGroup: 10001}\n",
    source="kube-score container-security-context-user-group-id, CKV_K8S_40",
    severity=Severity.INFO,
)
WRITABLE_ROOT = Code(
    "FH4124",
    "container that may change its own programs",
    "Whoever breaks in can leave programs behind; with a read-only root only the mounted volumes can be written to.",
    wrong="securityContext: {readOnlyRootFilesystem: false}\n",
    right="securityContext: {readOnlyRootFilesystem: true}\n",
    source="kube-linter no-read-only-root-fs, kube-score container-security-context-readonlyrootfilesystem, polaris "
    "notReadOnlyRootFilesystem, CKV_K8S_22",
    severity=Severity.INFO,
)
ACCOUNT_TOKEN = Code(
    "FH4125",
    "key to the API server in a pod that may not need it",
    "Without a word every pod gets a token of its ServiceAccount: whoever breaks in talks to the API server with its "
    "rights.",
    wrong="automountServiceAccountToken: true\n",
    right="automountServiceAccountToken: false\n",
    source="polaris automountServiceAccountToken, CKV_K8S_38",
    severity=Severity.INFO,
)
DEFAULT_ACCOUNT = Code(
    "FH4126",
    "pod without a ServiceAccount of its own",
    "It shares the account `default`, and with it every right that anybody gives to that.",
    wrong="serviceAccountName: default\n",
    right="serviceAccountName: web\n",
    source="kube-linter default-service-account, CKV_K8S_41, CKV_K8S_42",
    severity=Severity.INFO,
)
OLD_ACCOUNT_FIELD = Code(
    "FH4127",
    "ServiceAccount in a field that was renamed",
    "`serviceAccount` is the old name of `serviceAccountName`, kept for old clients; tools that look at the new one "
    "miss it.",
    wrong="serviceAccountName: null\nserviceAccount: web\n",
    right="serviceAccountName: web\n",
    source="kube-linter deprecated-service-account-field",
    severity=Severity.WARNING,
)

CODES = (
    BASELINE,
    RESTRICTED,
    NAMESPACE_LABEL,
    ENFORCED,
    MOVING_TAG,
    NO_DIGEST,
    PULL_POLICY,
    DOCKER_SOCKET,
    SENSITIVE_PATH,
    WRITABLE_HOST_PATH,
    LOW_USER,
    WRITABLE_ROOT,
    ACCOUNT_TOKEN,
    DEFAULT_ACCOUNT,
    OLD_ACCOUNT_FIELD,
)
