"""What can be wrong with a system as a whole."""

from generator.diagnostics import Code, Severity

NAMES_MEET = Code(
    "FH2401",
    "two objects of one name",
    "Services, workflows and tasks become Kubernetes objects that are named after them; two of one name would "
    "overwrite each other.",
    wrong="services: {close-year: {image: shop/close:1.0.0}}\n"
    "workflows: {close: {tasks: {year: {run: {image: shop/year:1.0.0}}}}}",
    right="services: {year-end: {image: shop/close:1.0.0}}\n"
    "workflows: {close: {tasks: {year: {run: {image: shop/year:1.0.0}}}}}",
    source="rulings L05",
)
KEYS_MEET = Code(
    "FH2402",
    "two names with one key in values.yaml",
    "Keys of the chart's values are the names in camelCase; names that differ only in their hyphens meet there.",
    wrong="services: {node1: {image: shop/node:1.0.0}, node-1: {image: shop/node:1.0.0}}",
    right="services: {node1: {image: shop/node:1.0.0}, node2: {image: shop/node:1.0.0}}",
    source="rulings L05",
)
LONG_NAME = Code(
    "FH2403",
    "name that may be cut",
    "Kubernetes limits names to 63 characters, of CronJobs and StatefulSets to 52, release and chart included. Longer "
    "ones are cut and end in a hash: they work, but are harder to read.",
    source="rulings C22",
    severity=Severity.INFO,
)
FIXED_HOST = Code(
    "FH2404",
    "fixed host names",
    "A Service with a `hostname` has that name in each release, so a second release in the same namespace fails.",
    wrong="hostname: order-service",
    right="calls: [inventory]",
    source="rulings L24",
    severity=Severity.INFO,
)
KIND_CONTRADICTION = Code(
    "FH2431",
    "key that contradicts the kind",
    "A DaemonSet has one pod on each node, however many are asked for; pods of a Deployment cannot share a volume that "
    "only one node may mount.",
    wrong="kind: daemonset\nreplicas: 2",
    right="kind: deployment\nreplicas: 2",
    source="rulings L18",
)
SCALE_RANGE = Code(
    "FH2432",
    "fewest pods more than most",
    "The API server rejects an autoscaler whose minimum is above its maximum; `replicas` is the minimum by default.",
    wrong="autoscale: {min: 5, max: 3, cpu: 70}",
    right="autoscale: {min: 3, max: 5, cpu: 70}",
    source="rulings L13",
)
SCALE_BY_NOTHING = Code(
    "FH2433",
    "nothing to scale by",
    "An autoscaler needs a measure of load.",
    wrong="autoscale: {max: 5}",
    right="autoscale: {max: 5, cpu: 70}",
    source="rulings L20",
)
PORT_TWICE = Code(
    "FH2434",
    "two ports of one number",
    "The API server rejects a Service with two ports of one number and protocol, and only one container of a pod can "
    "listen on a port.",
    wrong="ports: {http: 8080, metrics: 8080}",
    right="ports: {http: 8080, metrics: 9090}",
    source="rulings L14",
)
CONTAINER_TWICE = Code(
    "FH2435",
    "two containers of one name",
    "The API server rejects a pod in which two containers have one name; the main container has the service's.",
    source="Kubernetes: names of containers are unique in a pod",
    wrong="web: {sidecars: [{name: proxy, image: a:1.0.0}, {name: proxy, image: b:1.0.0}]}",
    right="web: {sidecars: [{name: proxy, image: a:1.0.0}, {name: logs, image: b:1.0.0}]}",
)
STUCK_ROLLOUT = Code(
    "FH2436",
    "rollout that cannot begin",
    "A new version needs a pod more or a pod less than there are; with both forbidden the API server rejects it.",
    source="https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment",
    wrong="rollout: {max_surge: 0, max_unavailable: 0}",
    right="rollout: {max_surge: 1, max_unavailable: 0}",
)
BAD_DISRUPTION = Code(
    "FH2437",
    "disruption budget that cannot work",
    "Kubernetes takes either the fewest pods that stay or the most that go; and when all must stay, no node can "
    "be drained.",
    source="https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
    wrong="replicas: 2\ndisruption: {min_available: 2}",
    right="replicas: 2\ndisruption: {min_available: 1}",
)
METRIC_OF_NOTHING = Code(
    "FH2438",
    "metric of an object that is not there",
    "The autoscaler asks for the metric of the service's own Service or Ingress; without one it never scales.",
    source="docs/spec-reference.md",
    wrong="web: {autoscale: {max: 5, metric: {name: requests, target: 100, of: ingress}}}",
    right="web: {autoscale: {max: 5, metric: {name: requests, target: 100, of: ingress}}, expose: {host: a.example}}",
)
NOT_SHARED = Code(
    "FH2439",
    "volume that could be shared and is not",
    "A service with storage is a StatefulSet, in which each pod has a volume of its own, whatever its access mode. "
    "Pods of a Deployment share one.",
    wrong="replicas: 2\nstorage: {pictures: {path: /srv, size: 1Gi, access: ReadWriteMany}}",
    right="kind: deployment\nreplicas: 2\nstorage: {pictures: {path: /srv, size: 1Gi, access: ReadWriteMany}}",
    source="Kubernetes: volumeClaimTemplates of a StatefulSet",
    severity=Severity.INFO,
)
EXPOSED_TWICE = Code(
    "FH2441",
    "host and path claimed twice",
    "Which of the services gets the requests would depend on the controller.",
    wrong="a: {expose: {host: shop.example.com}}\nb: {expose: {host: shop.example.com}}",
    right="a: {expose: {host: shop.example.com}}\nb: {expose: {host: shop.example.com, path: /b}}",
    source="rulings L21",
)
EXPOSED_BOTH_WAYS = Code(
    "FH2442",
    "key that another way in has",
    "Certificates and addresses of a Gateway belong to who runs it, and a Gateway leads to HTTPRoutes alone; a key of "
    "another way in would have no effect.",
    source="docs/spec-reference.md",
    wrong="expose: {via: gateway, host: shop.example.com, gateway: public, tls: shop-tls}",
    right="expose: {via: gateway, host: shop.example.com, gateway: {name: public, listener: https}}",
)
UNDECLARED_CALL = Code(
    "FH2451",
    "call that is not declared",
    "The chart's network policies allow the declared calls only; where they are enforced, this one would hang.",
    source="language rule 6",
    wrong="web: {env: {STOCK_URL: 'http://stock:8080'}}\nstock: {hostname: stock}",
    right="web: {env: {STOCK_URL: 'http://stock:8080'}, calls: [stock]}\nstock: {hostname: stock}",
    severity=Severity.WARNING,
)
NO_SUCH_HOST = Code(
    "FH2452",
    "address that nothing will have",
    "The names of a release's Services begin with the release's name; the plain name of a service is no host.",
    source="rulings L24",
    wrong="env: {STOCK_URL: 'http://stock:8080'}",
    right="env: {STOCK_URL: '${{ services.stock.url }}'}",
    severity=Severity.WARNING,
)
WAITING_CYCLE = Code(
    "FH2453",
    "services that wait for each other",
    "With `depends_on` a service starts when the others are ready; in a cycle none of them ever starts.",
    wrong="a: {depends_on: [b]}\nb: {depends_on: [a]}",
    right="a: {depends_on: [b]}\nb: {calls: [a]}",
    source="rulings S14",
)
EXTRA_TWICE = Code(
    "FH2481",
    "object that is there twice",
    "Two objects of one kind and name are one object in the cluster: the second would overwrite the first.",
    source="Kubernetes: names of a kind are unique in a namespace",
    wrong=(
        "extra:\n"
        "  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"
        "  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"
    ),
    right=(
        "extra:\n"
        "  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n"
        "  - {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}\n"
    ),
)
CLUSTER_WIDE = Code(
    "FH2482",
    "namespace of an object that has none",
    "Objects of this kind belong to the whole cluster; a namespace in them is a sign that another kind was meant.",
    source="Kubernetes: objects of the cluster have no namespace",
    wrong="extra:\n"
    "  - {apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: reader, namespace: shop}}",
    right="extra:\n"
    "  - {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: reader, namespace: shop}}",
)
FIXED_NAME = Code(
    "FH2483",
    "objects with fixed names",
    "Objects of `extra` are installed as they are, so they have the same names in each release, and a second release "
    "in the same namespace fails.",
    source="rulings S16",
    wrong="extra: [{apiVersion: v1, kind: ConfigMap, metadata: {name: shop-words}, data: {a: b}}]",
    right="files: {/etc/shop/words: {content: b}}",
    severity=Severity.INFO,
)
UNMEASURED = Code(
    "FH2455",
    "objective that nothing measures",
    "Without `metrics` Prometheus does not read the service, so no alert on its objectives can ever fire.",
    wrong="web: {slo: {availability: 99.9}}",
    right="web: {slo: {availability: 99.9}, metrics: {path: /metrics}}",
    source="rulings C19",
    severity=Severity.WARNING,
)
NO_OBJECTIVE = Code(
    "FH2456",
    "slo that says nothing",
    "An slo needs an objective, and a time over which it holds that is long enough for the alerts on it.",
    wrong="slo: {window: 1h}",
    right="slo: {availability: 99.9, window: 30d}",
    source="rulings S21",
)
BAD_PROMQL = Code(
    "FH2457",
    "alert that Prometheus cannot read",
    "Prometheus refuses a file of rules as a whole when one of its expressions cannot be read.",
    wrong="alerts: {errors: {expr: 'sum(rate(errors_total[5m]) > 1', summary: Too many errors}}",
    right="alerts: {errors: {expr: 'sum(rate(errors_total[5m])) > 1', summary: Too many errors}}",
    source="rulings S10",
)
ACCEPT_UNKNOWN = Code(
    "FH2461",
    "finding that cannot be accepted",
    "`accept` lets credentials that are none and warnings pass, by their code. Other mistakes leave no sound chart.",
    wrong="accept: {FH4oo1: the key of a public demo}",
    right="accept: {FH4001: the key of a public demo}",
    source="rulings C16",
)
ACCEPT_UNUSED = Code(
    "FH2462",
    "exception without effect",
    "What it let pass is mended; left in place, it would hide the next mistake of the kind.",
    wrong="accept: {FH4001: there was a demo key}",
    right="replicas: 2",
    source="rulings C16",
    severity=Severity.WARNING,
)
CREDENTIAL_VALUE = Code(
    "FH4001",
    "credential in the spec",
    "The spec, the chart and the release would all hold it, for everyone who can read them. A reference leaves it in a "
    "Secret.",
    wrong="env: {DB_PASSWORD: hunter2}",
    right="env: {DB_PASSWORD: {secret: order-db, key: password}}",
    source="rulings L17",
)
CREDENTIAL_FORM = Code(
    "FH4002",
    "text in the form of a credential",
    "Keys and tokens of well-known services, private keys and addresses with a password are recognised wherever they "
    "stand.",
    wrong="env: {QUEUE: 'amqp://user:pa55word@queue:5672'}",
    right="env: {QUEUE: {secret: queue, key: url}}",
    source="rulings L17",
)

CODES = (
    NAMES_MEET,
    KEYS_MEET,
    LONG_NAME,
    FIXED_HOST,
    KIND_CONTRADICTION,
    SCALE_RANGE,
    SCALE_BY_NOTHING,
    PORT_TWICE,
    CONTAINER_TWICE,
    STUCK_ROLLOUT,
    BAD_DISRUPTION,
    METRIC_OF_NOTHING,
    NOT_SHARED,
    EXPOSED_TWICE,
    EXPOSED_BOTH_WAYS,
    UNDECLARED_CALL,
    NO_SUCH_HOST,
    WAITING_CYCLE,
    EXTRA_TWICE,
    CLUSTER_WIDE,
    FIXED_NAME,
    UNMEASURED,
    NO_OBJECTIVE,
    BAD_PROMQL,
    ACCEPT_UNKNOWN,
    ACCEPT_UNUSED,
    CREDENTIAL_VALUE,
    CREDENTIAL_FORM,
)
