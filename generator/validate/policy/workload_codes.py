"""Policy, FH42: what makes workloads reliable. The severity is that of `standard`."""

from generator.diagnostics import Code, Severity

NO_MEMORY_LIMIT = Code(
    "FH4201",
    "container without a limit of memory",
    "A leak takes the node's memory, and the node ends other pods before it ends this one.",
    wrong="resources: {limits: {memory: null}}\n",
    right="resources: {limits: {memory: 128Mi}}\n",
    source="kube-linter unset-memory-requirements, kube-score container-resources, polaris memoryLimitsMissing, "
    "CKV_K8S_13",
    severity=Severity.INFO,
)
NO_MEMORY_REQUEST = Code(
    "FH4202",
    "container that asks for no memory",
    "The scheduler puts it on nodes that have no room for it, and it is among the first to be evicted.",
    wrong="resources: {requests: {memory: null}, limits: {memory: null}}\n",
    right="resources: {requests: {memory: 64Mi}}\n",
    source="kube-score container-resources, polaris memoryRequestsMissing, CKV_K8S_12",
    severity=Severity.INFO,
)
NO_CPU_REQUEST = Code(
    "FH4203",
    "container that asks for no CPU",
    "The scheduler counts it as nothing, and on a busy node it gets next to nothing.",
    wrong="resources: {requests: {cpu: null}, limits: {cpu: null}}\n",
    right="resources: {requests: {cpu: 100m}}\n",
    source="kube-linter unset-cpu-requirements, kube-score container-resources, polaris cpuRequestsMissing, CKV_K8S_10",
    severity=Severity.INFO,
)
NO_CPU_LIMIT = Code(
    "FH4204",
    "container without a limit of CPU",
    "It may take all the time that others leave. Many teams want that: a limit slows down even on an idle node.",
    wrong="resources: {limits: {cpu: null}}\n",
    right="resources: {limits: {cpu: 500m}}\n",
    source="kube-score container-resources, polaris cpuLimitsMissing, CKV_K8S_11",
    severity=Severity.INFO,
)
NO_DISK = Code(
    "FH4205",
    "container without a request and a limit of disk",
    "Logs and files that it writes fill the node's disk, and the node evicts pods.",
    wrong="resources: {limits: {ephemeral-storage: null}}\n",
    right="resources: {requests: {ephemeral-storage: 64Mi}, limits: {ephemeral-storage: 1Gi}}\n",
    source="kube-score container-ephemeral-storage-request-and-limit",
    severity=Severity.INFO,
)
NO_READINESS = Code(
    "FH4206",
    "container without a readiness probe",
    "It gets requests before it can answer them, at every update and restart.",
    wrong="readinessProbe: null\n",
    right="readinessProbe: {httpGet: {path: /ready, port: http}}\n",
    source="kube-linter no-readiness-probe, kube-score pod-probes, polaris readinessProbeMissing, CKV_K8S_9",
    severity=Severity.INFO,
)
NO_LIVENESS = Code(
    "FH4207",
    "container without a liveness probe",
    "When the program hangs, nobody starts it again.",
    wrong="livenessProbe: null\n",
    right="livenessProbe: {httpGet: {path: /alive, port: http}}\n",
    source="kube-linter no-liveness-probe, kube-score pod-probes, polaris livenessProbeMissing, CKV_K8S_8",
    severity=Severity.INFO,
)
SAME_PROBES = Code(
    "FH4208",
    "liveness and readiness by the same question",
    "A pod that is only busy is killed, where it should only get no more requests for a while.",
    wrong="readinessProbe: {httpGet: {path: /alive, port: http}}\nlivenessProbe: {httpGet: {path: /alive, port: "
    "http}}\n",
    right="readinessProbe: {httpGet: {path: /ready, port: http}}\nlivenessProbe: {httpGet: {path: /alive, port: "
    "http}}\n",
    source="kube-score pod-probes-identical",
    severity=Severity.INFO,
)
PROBE_PORT = Code(
    "FH4209",
    "probe of a port that the container does not declare",
    "The container declares its ports, and this one is not among them: most likely nothing listens there.",
    wrong="readinessProbe: {httpGet: {path: /ready, port: 8888}}\n",
    right="readinessProbe: {httpGet: {path: /ready, port: 8080}}\n",
    source="kube-linter liveness-port, readiness-port, startup-port",
    severity=Severity.WARNING,
)
TWICE = Code(
    "FH4210",
    "environment variable that is set twice",
    "The last one counts, and which is the last depends on who merged the list.",
    wrong="env: [{name: A, value: x}, {name: A, value: z}]\n",
    right="env: [{name: A, value: z}]\n",
    source="kube-linter duplicate-env-var, kube-score environment-variable-key-duplication",
    severity=Severity.WARNING,
)
ONE_REPLICA = Code(
    "FH4220",
    "one pod alone",
    "While it starts anew, on an update or when its node goes, there is none.",
    wrong="kind: Deployment\nspec: {replicas: 1}\n",
    right="kind: Deployment\nspec: {replicas: 2}\n",
    source="kube-score deployment-replicas, polaris deploymentMissingReplicas, kube-linter minimum-three-replicas",
    severity=Severity.INFO,
)
NO_BUDGET = Code(
    "FH4221",
    "workload without a PodDisruptionBudget",
    "When nodes are drained, all of its pods may be evicted at once.",
    wrong="kind: PodDisruptionBudget\nspec: {selector: {matchLabels: {app: other}}}\n",
    right="kind: PodDisruptionBudget\nspec: {selector: {matchLabels: {app: web}}}\n",
    source="kube-score deployment-has-poddisruptionbudget, statefulset-has-poddisruptionbudget, polaris "
    "missingPodDisruptionBudget",
    severity=Severity.INFO,
)
BUDGET_BLOCKS = Code(
    "FH4222",
    "PodDisruptionBudget that allows no disruption",
    "No node with such a pod can be drained: updates of the cluster stand still.",
    wrong="kind: PodDisruptionBudget\nspec: {maxUnavailable: 0}\n",
    right="kind: PodDisruptionBudget\nspec: {maxUnavailable: 1}\n",
    source="kube-linter pdb-max-unavailable, pdb-min-available, polaris pdbDisruptionsIsZero, "
    "pdbMinAvailableGreaterThanHPAMinReplicas",
    severity=Severity.WARNING,
)
UNHEALTHY_PODS = Code(
    "FH4223",
    "PodDisruptionBudget that protects pods which never get ready",
    "By default pods that are not ready count as disrupted already, and hold up the draining of their node.",
    wrong="kind: PodDisruptionBudget\nspec: {unhealthyPodEvictionPolicy: null}\n",
    right="kind: PodDisruptionBudget\nspec: {unhealthyPodEvictionPolicy: AlwaysAllow}\n",
    source="kube-linter pdb-unhealthy-pod-eviction-policy, kube-score poddisruptionbudget-has-policy",
    severity=Severity.INFO,
)
NOT_SPREAD = Code(
    "FH4224",
    "pods that may all stand on one node",
    "Several pods help only when they are on several nodes: say so by topologySpreadConstraints or podAntiAffinity.",
    wrong="topologySpreadConstraints: []\n",
    right="topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: "
    "ScheduleAnyway, "
    "labelSelector: {matchLabels: {app: web}}}]\n",
    source="kube-linter no-anti-affinity, kube-score deployment-has-host-podantiaffinity, "
    "pod-topology-spread-constraints, "
    "polaris topologySpreadConstraint",
    severity=Severity.INFO,
)
SPREADS_OTHERS = Code(
    "FH4225",
    "spread or anti-affinity that does not select the pods themselves",
    "The scheduler looks at other pods, and may put all of these on one node.",
    wrong="topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: "
    "ScheduleAnyway, "
    "labelSelector: {matchLabels: {app: other}}}]\n",
    right="topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: "
    "ScheduleAnyway, "
    "labelSelector: {matchLabels: {app: web}}}]\n",
    source="kube-score pod-topology-spread-constraints, deployment-has-host-podantiaffinity",
    severity=Severity.WARNING,
)
NOT_ROLLING = Code(
    "FH4226",
    "Deployment behind a Service that is not updated pod by pod",
    "`Recreate` ends all pods before it starts new ones: at each update the Service leads nowhere for a while.",
    wrong="kind: Deployment\nspec: {strategy: {type: Recreate, rollingUpdate: null}}\n",
    right="kind: Deployment\nspec: {strategy: {type: RollingUpdate}}\n",
    source="kube-score deployment-strategy, kube-linter no-rolling-update-strategy",
    severity=Severity.INFO,
)
REPLICAS_AND_HPA = Code(
    "FH4227",
    "number of replicas that an autoscaler decides too",
    "Each upgrade sets the number back, and the autoscaler has to find it anew.",
    wrong="kind: Deployment\nmetadata: {name: scaled}\nspec: {replicas: 2}\n",
    right="kind: Deployment\nmetadata: {name: scaled}\nspec: {replicas: null}\n",
    source="kube-score deployment-targeted-by-hpa-does-not-have-replicas-configured",
    severity=Severity.WARNING,
)
HPA_MINIMUM = Code(
    "FH4228",
    "autoscaler that goes down to one pod",
    "While that one starts anew, there is none.",
    wrong="kind: HorizontalPodAutoscaler\nspec: {minReplicas: 1}\n",
    right="kind: HorizontalPodAutoscaler\nspec: {minReplicas: 2}\n",
    source="kube-score horizontalpodautoscaler-replicas, polaris hpaMinAvailability, kube-linter "
    "hpa-minimum-three-replicas",
    severity=Severity.INFO,
)
HPA_RANGE = Code(
    "FH4229",
    "autoscaler that can't scale",
    "Its smallest and its largest number are one: it never does anything.",
    wrong="kind: HorizontalPodAutoscaler\nspec: {minReplicas: 5, maxReplicas: 5}\n",
    right="kind: HorizontalPodAutoscaler\nspec: {minReplicas: 2, maxReplicas: 5}\n",
    source="polaris hpaMaxAvailability",
    severity=Severity.WARNING,
)
JOB_STAYS = Code(
    "FH4230",
    "Job that stays for ever",
    "Finished Jobs and their pods stay until somebody deletes them.",
    wrong="kind: Job\nspec: {ttlSecondsAfterFinished: null}\n",
    right="kind: Job\nspec: {ttlSecondsAfterFinished: 86400}\n",
    source="kube-linter job-ttl-seconds-after-finished",
    severity=Severity.INFO,
)
TTL_IN_CRON = Code(
    "FH4231",
    "time to live inside of a CronJob",
    "A CronJob keeps as many finished Jobs as its history limits say; the time to live deletes them earlier, and "
    "with them the "
    "logs of failures.",
    wrong="kind: CronJob\nspec: {jobTemplate: {spec: {ttlSecondsAfterFinished: 60}}}\n",
    right="kind: CronJob\nspec: {failedJobsHistoryLimit: 3}\n",
    source="kube-linter job-ttl-seconds-after-finished",
    severity=Severity.INFO,
)
CRON_DEADLINE = Code(
    "FH4232",
    "CronJob without startingDeadlineSeconds",
    "A start that was missed, as while the controller was away, is made up for however late, of use or not.",
    wrong="kind: CronJob\nspec: {startingDeadlineSeconds: null}\n",
    right="kind: CronJob\nspec: {startingDeadlineSeconds: 600}\n",
    source="kube-score cronjob-has-deadline",
    severity=Severity.INFO,
)
NO_PRIORITY = Code(
    "FH4233",
    "pod without a priority class",
    "When the cluster is full, nobody has said which pods are to stay.",
    wrong="priorityClassName: null\n",
    right="priorityClassName: shop\n",
    source="polaris priorityClassNotSet",
    severity=Severity.INFO,
)
SYSTEM_PRIORITY = Code(
    "FH4234",
    "application with the priority of the cluster's own parts",
    "It pushes out the parts of the cluster that others need.",
    wrong="priorityClassName: system-node-critical\n",
    right="priorityClassName: shop\n",
    source="kube-linter priority-class-name",
    severity=Severity.WARNING,
)
NO_NAMESPACE = Code(
    "FH4235",
    "object without a namespace",
    "It goes wherever whoever applies it stands just then.",
    wrong="kind: Deployment\nmetadata: {namespace: null}\n",
    right="kind: Deployment\nmetadata: {namespace: shop}\n",
    source="CKV_K8S_21, kube-linter use-namespace",
    severity=Severity.INFO,
)
DEFAULT_NAMESPACE = Code(
    "FH4236",
    "object in the namespace `default`",
    "There it stands with everything for which nobody chose a place, and without rules of its own.",
    wrong="kind: Deployment\nmetadata: {namespace: default}\n",
    right="kind: Deployment\nmetadata: {namespace: shop}\n",
    source="CKV_K8S_21, kube-linter use-namespace",
    severity=Severity.INFO,
)
NOT_HEADLESS = Code(
    "FH4237",
    "StatefulSet without a headless Service",
    "Its pods get no names of their own by which others find them.",
    wrong="kind: StatefulSet\nspec: {serviceName: null}\n",
    right="kind: StatefulSet\nspec: {serviceName: pods}\n---\nkind: Service\nmetadata: {name: pods}\n"
    "spec: {clusterIP: None}\n",
    source="kube-score statefulset-has-servicename",
    severity=Severity.INFO,
)

CODES = tuple(code for code in tuple(vars().values()) if isinstance(code, Code))
