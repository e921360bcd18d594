"""The API server's own rules, beyond the schemas: the layer `api`."""

from generator.diagnostics import Code

_VALIDATION = "kubernetes, pkg/apis/{}/validation"

NAME = Code(
    "FH3101",
    "name that Kubernetes refuses",
    "Names become parts of DNS names and URLs, so the API server takes only some characters and lengths.",
    wrong="metadata: {name: My_App}\n",
    right="metadata: {name: my-app}\n",
    source="Kubernetes, Object Names and IDs",
)
LABEL = Code(
    "FH3102",
    "label or annotation that Kubernetes refuses",
    "Label values have at most 63 characters of a small alphabet, keys too; one bad label and the object is refused.",
    wrong='labels: {version: "1.0+build 5"}\n',
    right='labels: {version: "1.0-build.5"}\n',
    source="Kubernetes, Labels and Selectors",
)
QUANTITY = Code(
    "FH3103",
    "not a quantity",
    "Amounts are a number with a suffix such as m, Ki, Mi, Gi, k, M, G; anything else can't be decoded.",
    wrong="memory: 512MB\n",
    right="memory: 512Mi\n",
    source="Kubernetes, Resource units",
)
PORT = Code(
    "FH3104",
    "port out of range",
    "Ports are numbers from 1 to 65535, or the name of a container's port.",
    wrong="containerPort: 80800\n",
    right="containerPort: 8080\n",
    source=_VALIDATION.format("core"),
)
CHOICE = Code(
    "FH3105",
    "value that is none of the allowed ones",
    "The field takes one of a few words, with this spelling and case.",
    wrong="imagePullPolicy: always\n",
    right="imagePullPolicy: Always\n",
    source="Kubernetes API reference",
)
DUPLICATE = Code(
    "FH3106",
    "name used twice",
    "Items of this list are told apart by the value, so the API server refuses two that are equal.",
    wrong="ports: [{name: http, port: 80}, {name: http, port: 81}]\n",
    right="ports: [{name: http, port: 80}, {name: admin, port: 81}]\n",
    source=_VALIDATION.format("core"),
)
RANGE = Code(
    "FH3107",
    "number out of range",
    "The API server refuses a number outside of what the field can mean.",
    wrong="replicas: -1\n",
    right="replicas: 1\n",
    source="Kubernetes API reference",
)
ALTERNATIVES = Code(
    "FH3108",
    "none or several of what excludes each other",
    "The field is a choice between kinds of sources or actions, and the API server wants one of them.",
    wrong="env: [{name: A, value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]\n",
    right="env: [{name: A, value: x}]\n",
    source=_VALIDATION.format("core"),
)
MOUNT = Code(
    "FH3109",
    "mount that cannot be made",
    "A volumeMount names a volume of its own pod, and every mount has a path of its own.",
    wrong="volumeMounts: [{name: data, mountPath: /data}]   # no such volume\n",
    right="volumes: [{name: data, emptyDir: {}}]\n",
    source=_VALIDATION.format("core"),
)
LIMIT = Code(
    "FH3110",
    "request above the limit",
    "A container can't be promised more than it may use, so the API server refuses it.",
    wrong="resources: {requests: {cpu: 2}, limits: {cpu: 1}}\n",
    right="resources: {requests: {cpu: 1}, limits: {cpu: 1}}\n",
    source=_VALIDATION.format("core"),
)
RESTART = Code(
    "FH3111",
    "restart policy that the kind does not take",
    "Pods of a Deployment, StatefulSet or DaemonSet are always restarted; those of a Job never or on failure.",
    wrong="kind: Job\nspec: {template: {spec: {containers: […]}}}\n",
    right="kind: Job\nspec: {template: {spec: {restartPolicy: Never, containers: […]}}}\n",
    source=_VALIDATION.format("apps") + ", batch",
)
SELECTOR = Code(
    "FH3112",
    "selector that does not match the template",
    "The controller would make pods that it doesn't recognise as its own.",
    wrong="selector: {matchLabels: {app: web}}\ntemplate: {metadata: {labels: {app: api}}}\n",
    right="selector: {matchLabels: {app: web}}\ntemplate: {metadata: {labels: {app: web}}}\n",
    source=_VALIDATION.format("apps"),
)
EMPTY = Code(
    "FH3113",
    "value missing",
    "The schema leaves the field open, but the API server wants it here.",
    wrong='containers: [{name: web, image: ""}]\n',
    right="containers: [{name: web, image: shop/web:1.0}]\n",
    source="Kubernetes API reference",
)
SCHEDULE = Code(
    "FH3114",
    "schedule that cannot be read",
    "A CronJob's schedule has five fields or is a word such as @daily; its time zone has a field of its own.",
    wrong='schedule: "every day"\n',
    right='schedule: "0 3 * * *"\ntimeZone: Europe/Berlin\n',
    source="Kubernetes, CronJob: Writing a CronJob spec",
)
STRATEGY = Code(
    "FH3115",
    "update strategy that contradicts itself",
    "An update that may neither add nor remove a pod can't begin; settings of another strategy are refused.",
    wrong="strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}\n",
    right="strategy: {type: Recreate}\n",
    source=_VALIDATION.format("apps"),
)
COMBINATION = Code(
    "FH3116",
    "fields that do not go together",
    "The API server refuses this combination, though each field alone is right.",
    wrong="completionMode: Indexed\nparallelism: 3\n",
    right="completionMode: Indexed\ncompletions: 3\nparallelism: 3\n",
    source="Kubernetes API reference",
)
PATH = Code(
    "FH3117",
    "path that is not allowed",
    "Paths in URLs begin with a slash; paths inside a volume stay inside it.",
    wrong="subPath: ../other\n",
    right="subPath: other\n",
    source=_VALIDATION.format("core"),
)
ADDRESS = Code(
    "FH3201",
    "not an address",
    "The field takes an IP address, or a range of them in CIDR notation.",
    wrong="cidr: 10.0.0.0\n",
    right="cidr: 10.0.0.0/8\n",
    source=_VALIDATION.format("networking"),
)
HOST = Code(
    "FH3202",
    "host name that is not allowed",
    "Hosts of an Ingress are DNS names in lower case, with * at most as the whole first part.",
    wrong="host: https://shop.example.com\n",
    right="host: shop.example.com\n",
    source=_VALIDATION.format("networking"),
)
KEY = Code(
    "FH3203",
    "key that Kubernetes refuses",
    "Keys of ConfigMaps and Secrets become file names and may hold only letters, digits, -, _ and .",
    wrong="data: {conf/app: x}\n",
    right="data: {conf.app: x}\n",
    source=_VALIDATION.format("core"),
)
BASE64 = Code(
    "FH3204",
    "not base64",
    "`data` of a Secret is base64; plain text goes into `stringData`.",
    wrong="data: {user: admin!}\n",
    right="stringData: {user: admin!}\n",
    source="Kubernetes, Secrets",
)
TOO_LARGE = Code(
    "FH3205",
    "too much data",
    "A ConfigMap or Secret holds at most 1 MiB.",
    source=_VALIDATION.format("core"),
)
RULE = Code(
    "FH3206",
    "rule that grants nothing",
    "A rule of a Role needs verbs, and resources with their API groups; a ClusterRole may name URLs instead.",
    wrong='rules: [{apiGroups: [""], resources: [pods]}]\n',
    right='rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]\n',
    source=_VALIDATION.format("rbac"),
)
SUBJECT = Code(
    "FH3207",
    "subject that cannot be bound",
    "A subject is a User, a Group or a ServiceAccount; in a ClusterRoleBinding the last one needs its namespace.",
    wrong="kind: ClusterRoleBinding\nsubjects: [{kind: ServiceAccount, name: web}]\n",
    right="subjects: [{kind: ServiceAccount, name: web, namespace: shop}]\n",
    source=_VALIDATION.format("rbac"),
)
TOO_MANY = Code(
    "FH3118",
    "too many items, or too long a text",
    "The API server bounds the size of the field.",
    wrong="addresses: […]   # 101 of them\n",
    right="addresses: […]   # 100 of them, and a second EndpointSlice\n",
    source="Kubernetes API reference",
)
CERTIFICATE = Code(
    "FH3208",
    "not a certificate or request in PEM",
    "Certificates and requests for them are in PEM (`-----BEGIN …`), and that in base64 once more.",
    wrong="caBundle: MIIB…   # the bytes of the certificate\n",
    right="caBundle: LS0tLS1CRUdJTi…   # base64 of -----BEGIN CERTIFICATE-----\n",
    source=_VALIDATION.format("certificates"),
)
EXPRESSION = Code(
    "FH3209",
    "expression of CEL that can't be compiled",
    "The API server compiles each expression when the object is made: its syntax, names and types must be right.",
    wrong="expression: object.spec.replicas\n",
    right="expression: object.spec.replicas <= 5\n",
    source="Kubernetes, Common Expression Language in Kubernetes",
)

CODES = (
    NAME,
    LABEL,
    QUANTITY,
    PORT,
    CHOICE,
    DUPLICATE,
    RANGE,
    ALTERNATIVES,
    MOUNT,
    LIMIT,
    RESTART,
    SELECTOR,
    EMPTY,
    SCHEDULE,
    STRATEGY,
    COMBINATION,
    PATH,
    TOO_MANY,
    ADDRESS,
    HOST,
    KEY,
    BASE64,
    TOO_LARGE,
    RULE,
    SUBJECT,
    CERTIFICATE,
    EXPRESSION,
)
