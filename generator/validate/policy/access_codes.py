"""Policy, FH43: secrets in clear text, and rights that reach far. The severity is that of `standard`."""

from generator.diagnostics import Code, Severity

NAMED_SECRET = Code(
    "FH4301",
    "secret in clear text, by its name",
    "Whoever may read the object, the chart or the release reads it, and it stays in the history of all three.",
    wrong="env: [{name: DB_PASSWORD, value: hunter2hunter}]\n",
    right="env: [{name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: login, key: user}}}]\n",
    source="kube-linter env-var-secret, polaris sensitiveContainerEnvVar, sensitiveConfigmapContent",
    severity=Severity.WARNING,
)
TOKEN = Code(
    "FH4302",
    "secret in clear text, by its form",
    "It has the form of a key or a token that some service gives out. If it is real, it has to be withdrawn there.",
    wrong="args: ['--url=postgres://shop:hunter2@db/shop']\n",
    right="args: ['--url=postgres://$(USER):$(PASSWORD)@db/shop']\n",
    source="the forms that GitHub, AWS, Slack, Stripe and others publish for their keys",
    severity=Severity.WARNING,
)
RANDOM_TEXT = Code(
    "FH4303",
    "text that looks like a key",
    "It is long and without order, as only keys are. A hash or an identifier may look so too: accept it then.",
    wrong='env: [{name: SIGNING, value: "q8Zt3vKx91LmPw0sRb7YdF2hJc5NgUe4"}]\n',
    right="env: [{name: SIGNING, valueFrom: {secretKeyRef: {name: login, key: user}}}]\n",
    source="Shannon entropy, as secret scanners measure it",
    severity=Severity.INFO,
)
SECRET_ENV = Code(
    "FH4304",
    "secret handed over in an environment variable",
    "Variables are inherited by every child process, and end up in crash reports; a mounted file does not.",
    wrong="env: [{name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: login, key: user}}}]\n",
    right="volumes: [{name: tmp, secret: {secretName: login}}]\n",
    source="kube-linter read-secret-from-env-var, CKV_K8S_35",
    severity=Severity.INFO,
)
_ROLE = "kind: Role\nrules: [{apiGroups: [%s], resources: [%s], verbs: [%s]}]\n"
WILDCARD = Code(
    "FH4310",
    "rights to everything",
    "A wildcard holds for every resource and verb, also for those that come with the next version of the cluster.",
    wrong=_ROLE % ('""', '"*"', '"*"'),
    right=_ROLE % ('""', "configmaps", "get, list"),
    source="kube-linter wildcard-in-rules, CKV_K8S_49",
    severity=Severity.WARNING,
)
READS_SECRETS = Code(
    "FH4311",
    "right to read all Secrets",
    "Who may list or watch Secrets has the contents of all of them; name those that are needed.",
    wrong=_ROLE % ('""', "secrets", "list"),
    right='kind: Role\nrules: [{apiGroups: [""], resources: [secrets], resourceNames: [login], verbs: [get]}]\n',
    source="kube-linter access-to-secrets, CKV2_K8S_5",
    severity=Severity.INFO,
)
ENTERS_PODS = Code(
    "FH4312",
    "right to run commands in pods",
    "Who may exec or attach has whatever the pods have: their Secrets, their tokens, their data.",
    wrong=_ROLE % ('""', "pods/exec", "create"),
    right=_ROLE % ('""', "pods/log", "get"),
    source="polaris rolePodExecAttach and its kin",
    severity=Severity.WARNING,
)
MAKES_PODS = Code(
    "FH4313",
    "right to make pods",
    "Who may make pods may run as any ServiceAccount of the namespace, and mount each of its Secrets.",
    wrong=_ROLE % ("batch", "jobs", "create"),
    right=_ROLE % ("batch", "jobs", "get, list, watch"),
    source="kube-linter access-to-create-pods",
    severity=Severity.INFO,
)
RAISES_RIGHTS = Code(
    "FH4314",
    "right to take more rights",
    "`escalate`, `bind` and `impersonate` let their holder give itself every other right.",
    wrong=_ROLE % ("rbac.authorization.k8s.io", "roles", "bind"),
    right=_ROLE % ("rbac.authorization.k8s.io", "roles", "get"),
    source="CKV_K8S_158, CKV2_K8S_1, Kubernetes, RBAC good practices",
    severity=Severity.WARNING,
)
CONTROLS_CLUSTER = Code(
    "FH4315",
    "right by which the whole cluster can be taken over",
    "Through webhooks, signed certificates, tokens of other accounts or the nodes' own API every other right can be "
    "had.",
    wrong="kind: ClusterRole\nrules: [{apiGroups: [admissionregistration.k8s.io], resources: "
    "[mutatingwebhookconfigurations], verbs: [update]}]\n",
    right="kind: ClusterRole\nrules: [{apiGroups: [admissionregistration.k8s.io], resources: "
    "[mutatingwebhookconfigurations], verbs: [get]}]\n",
    source="CKV_K8S_155, CKV_K8S_156, CKV2_K8S_2, CKV2_K8S_3, Kubernetes, RBAC good practices",
    severity=Severity.WARNING,
)
CLUSTER_ADMIN = Code(
    "FH4316",
    "cluster-admin",
    "The account may do everything in the whole cluster, and so may whoever breaks into one of its pods.",
    wrong="kind: ClusterRoleBinding\nroleRef: {name: cluster-admin}\n",
    right="kind: ClusterRoleBinding\nroleRef: {name: view}\n",
    source="kube-linter cluster-admin-role-binding, polaris clusterrolebindingClusterAdmin",
    severity=Severity.WARNING,
)
EVERYBODY = Code(
    "FH4317",
    "rights for everybody",
    "The group holds every account of the cluster, or even those who have not said who they are.",
    wrong="kind: ClusterRoleBinding\nsubjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "
    "'system:authenticated'}]\n",
    right="kind: ClusterRoleBinding\nsubjects: [{kind: ServiceAccount, name: web, namespace: shop}]\n",
    source="Kubernetes, RBAC good practices",
    severity=Severity.WARNING,
)
DEFAULT_BOUND = Code(
    "FH4318",
    "rights for the account `default`",
    "Every pod of the namespace that names no account has them, also those of others.",
    wrong="kind: ClusterRoleBinding\nsubjects: [{kind: ServiceAccount, name: default, namespace: shop}]\n",
    right="kind: ClusterRoleBinding\nsubjects: [{kind: ServiceAccount, name: web, namespace: shop}]\n",
    source="CKV_K8S_42",
    severity=Severity.WARNING,
)

CODES = tuple(code for code in tuple(vars().values()) if isinstance(code, Code))
