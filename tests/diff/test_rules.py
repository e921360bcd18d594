"""Each rule against a change that looks like its own and is harmless: it must stay silent there."""

import pytest

from generator.diff.codes import CODES
from generator.diff.rules import RULES
from tests.diff.sides import CASES, case, codes_of, compared

WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, tier: front}}
    spec: {containers: [{name: web, image: "shop/web:1", envFrom: [{configMapRef: {name: settings}}]}]}
"""
STORE = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store}
spec:
  serviceName: store
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec: {containers: [{name: store, image: "shop/store:1"}]}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""
JOB = """
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, annotations: {}}
spec:
  parallelism: 2
  completions: 2
  completionMode: Indexed
  suspend: true
  template:
    metadata: {labels: {app: migrate}}
    spec: {restartPolicy: Never, containers: [{name: migrate, image: "shop/migrate:1"}]}
"""
SETTINGS = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {level: info}
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, clusterIP: None, ports: [{port: 80}]}
"""
CLAIM = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""
BINDING = """
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web}
roleRef: {kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: web, namespace: default}]
"""
SECRET = """
apiVersion: v1
kind: Secret
metadata: {name: tls}
stringData: {key: one}
"""
CLASS = """
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: flowhelm-diff-fast}
provisioner: example.com/disk
"""
POD = """
apiVersion: v1
kind: Pod
metadata: {name: probe}
spec: {containers: [{name: probe, image: "busybox:1"}]}
"""
PRIORITY = """
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: flowhelm-diff-high}
value: 1000
"""
QUOTA = """
apiVersion: v1
kind: ResourceQuota
metadata: {name: batch}
spec: {hard: {pods: "10"}, scopes: [NotTerminating, NotBestEffort]}
"""
DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: backups.harmless.flowhelm.example.com}
spec:
  group: harmless.flowhelm.example.com
  scope: Namespaced
  names: {kind: Backup, plural: backups}
  versions: [{name: v1beta1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
"""
V1 = "{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}, "
VOLUME = """
apiVersion: v1
kind: PersistentVolume
metadata: {name: flowhelm-diff-moved}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  storageClassName: slow
  csi: {driver: csi.example.com, volumeHandle: a}
  nodeAffinity:
    required: {nodeSelectorTerms: [{matchExpressions: [{key: beta.kubernetes.io/os, operator: In, values: [linux]}]}]}
"""
ZONE = "nodeAffinity: {required: {nodeSelectorTerms: [{matchExpressions: [{key: zone, operator: Exists}]}]}}"
TOLERANT = POD.replace(
    "spec: {", "spec: {activeDeadlineSeconds: 60, tolerations: [{key: spot, operator: Exists, effect: NoExecute}], "
)
SCALER = """
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 5}
"""
ROLLING = "strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}\n  replicas: 3"
RECREATE = "strategy: {type: Recreate}\n  replicas: 3"

# code, old side, and what is replaced in it to make the new side
HARMLESS = [
    ("FH5001", WEB, "tier: front", "tier: back"),
    ("FH5001", WEB, "selector: {matchLabels: {app: web}}", "selector: {matchLabels: {app: web}, matchExpressions: []}"),
    ("FH5001", WEB, "kind: Deployment", "kind: StatefulSet"),
    ("FH5002", STORE, "serviceName: store", "serviceName: store\n  minReadySeconds: 5\n  replicas: 2"),
    ("FH5002", STORE, "serviceName: store", "serviceName: store\n  podManagementPolicy: OrderedReady"),
    ("FH5003", STORE, "storage: 1Gi", "storage: 1024Mi"),
    ("FH5005", JOB, "labels: {app: migrate}", "labels: {app: migrate, run: two}"),
    ("FH5005", JOB.replace("annotations: {}", "annotations: {helm.sh/hook: pre-upgrade}"), "migrate:1", "migrate:2"),
    ("FH5005", JOB, "name: migrate, annotations", "name: migrate-2, annotations"),
    ("FH5006", JOB, "parallelism: 2\n  completions: 2", "parallelism: 3\n  completions: 3"),
    ("FH5006", JOB, "parallelism: 2", "parallelism: 1\n  backoffLimit: 2"),
    ("FH5007", CLAIM, "spec: {", "spec: {storageClassName: fast, "),
    ("FH5007", CLAIM, "spec: {", "spec: {volumeMode: Filesystem, "),
    ("FH5008", CLAIM, "storage: 1Gi", "storage: 2Gi"),
    ("FH5009", SERVICE, " clusterIP: None,", ""),
    ("FH5009", SERVICE.replace("selector: {app: web}, clusterIP: None", "type: ExternalName, externalName: a.example"),
     "type: ExternalName, externalName: a.example", "clusterIP: None"),
    ("FH5010", BINDING, "name: web, namespace", "name: shop, namespace"),
    ("FH5010", BINDING, "kind: Role, name", "apiGroup: rbac.authorization.k8s.io, kind: Role, name"),
    ("FH5011", SECRET, "stringData", "type: Opaque\nstringData"),
    ("FH5012", SETTINGS, "level: info", "level: debug"),
    ("FH5012", SETTINGS, "level: info}", "level: debug}\nimmutable: true"),
    ("FH5012", SETTINGS + "immutable: true\n", "name: settings", "name: settings, labels: {a: b}"),
    ("FH5013", CLASS, "provisioner", "allowVolumeExpansion: true\nreclaimPolicy: Delete\nprovisioner"),
    ("FH5015", POD, "busybox:1", "busybox:2"),
    ("FH5003", STORE.replace("- metadata: {name: data}", "- kind: PersistentVolumeClaim\n      metadata: {name: data}"),
     "kind: PersistentVolumeClaim\n      metadata", "metadata"),
    ("FH5003", STORE, "storage: 1Gi}}}", "storage: 1Gi}}}\n      status: {}"),
    ("FH5005", JOB.replace("spec: {restart", "spec: {affinity: {nodeAffinity: {}}, restart"),
     "affinity: {nodeAffinity: {}}, ", ""),
    ("FH5009", SERVICE.replace("clusterIP: None", "ipFamilies: [IPv4]"), "ipFamilies: [IPv4], ", ""),
    ("FH5013", VOLUME, "storageClassName: slow", "storageClassName: fast\n  persistentVolumeReclaimPolicy: Delete"),
    ("FH5013", VOLUME, "key: beta.kubernetes.io/os", "key: kubernetes.io/os"),
    ("FH5013", VOLUME, "volumeHandle: a", "volumeHandle: a, readOnly: false"),
    ("FH5013", VOLUME, "volumeHandle: a", "volumeHandle: a, controllerExpandSecretRef: {name: a, namespace: b}"),
    ("FH5013", VOLUME[: VOLUME.index("  nodeAffinity")], "capacity", f"{ZONE}\n  capacity"),
    ("FH5014", QUOTA, "[NotTerminating, NotBestEffort]", "[NotBestEffort, NotTerminating]"),
    ("FH5014", QUOTA, '"10"', '"20"'),
    ("FH5015", POD.replace("spec: {", "spec: {serviceAccountName: default, "), "spec: {",
     "spec: {serviceAccount: default, "),
    ("FH5015", TOLERANT, "Seconds: 60", "Seconds: 30"),
    ("FH5015", TOLERANT, "NoExecute}", "NoExecute, tolerationSeconds: 5}, {key: slow, operator: Exists}"),
    ("FH5018", DEFINITION, "versions: [{name: v1beta1, served: true, storage: true",
     f"versions: [{V1}{{name: v1beta1, served: false, storage: false"),
    ("FH5018", DEFINITION, "plural: backups", "plural: backups, shortNames: [bu]"),
    ("FH5016", PRIORITY, "value", "description: the best\nvalue"),
    ("FH5017", WEB, "tier: front", "tier: back"),
    ("FH5019", WEB.replace("replicas: 3", ROLLING), ROLLING, RECREATE),
    ("FH5019", WEB.replace("replicas: 3", RECREATE), RECREATE, ROLLING),
    ("FH5201", CLAIM, "metadata: {name: data}", "metadata: {name: data, labels: {a: b}}"),
    ("FH5201", CLAIM.replace("name: data", "name: data, annotations: {helm.sh/resource-policy: keep}"),
     "name: data,", "name: others,"),
    ("FH5202", STORE, "store:1", "store:2"),
    ("FH5202", STORE[: STORE.index("  volumeClaimTemplates")], "metadata: {name: store}", "metadata: {name: shop}"),
    ("FH5305", WEB + "---" + SERVICE, "selector: {app: web}, clusterIP", "selector: {tier: front}, clusterIP"),
    ("FH5305", SERVICE, "port: 80", "port: 81"),
    ("FH5305", WEB + "---" + SERVICE, "selector: {app: web}, clusterIP", "clusterIP"),
    ("FH5316", WEB + SCALER, "replicas: 3", "replicas: 2"),
    ("FH5316", WEB, "  replicas: 3\n", ""),
    ("FH5401", WEB, "replicas: 3", "replicas: 5"),
    ("FH5401", WEB.replace("replicas: 3", "replicas: 0"), "web:1", "web:2"),
    ("FH5401", WEB, 'image: "shop/web:1"', 'image: "shop/web:1", imagePullPolicy: IfNotPresent'),
    ("FH5401", STORE.replace("serviceName", "updateStrategy: {type: OnDelete}\n  serviceName"), "store:1", "store:2"),
    ("FH5402", WEB + "---" + SETTINGS, "level: info", "level: info}\nbinaryData: {"),
    ("FH5402", (WEB + "---" + SETTINGS).replace("name: settings}}]", "name: others}}]"), "level: info", "level: debug"),
    ("FH5402", WEB.replace("web:1", "web:INFO") + "---" + SETTINGS.replace("info", "INFO"), "INFO", "DEBUG"),
    ("FH5403", WEB + "---" + SETTINGS, "level: info", "level: debug"),
    ("FH5405", STORE, "store:1", "store:2"),
    ("FH5405", STORE.replace("serviceName", "updateStrategy: {type: OnDelete}\n  serviceName"), "1Gi", "1024Mi"),
    ("FH5407", WEB, "web:1", "web:2"),
    ("FH5407", SERVICE.replace("ports: [", "ports: [{port: 81, name: b}, "), "{port: 81, name: b}, {port: 80}",
     "{port: 80}, {port: 81, name: b}"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "old", "part", "other"), HARMLESS)
def test_stays_silent(code: str, old: str, part: str, other: str) -> None:
    assert part in old
    assert code not in codes_of(compared(old, old.replace(part, other)))


def test_every_rule_is_tried_on_something_harmless() -> None:
    assert {code.id for code in CODES} == {code for code, *_ in HARMLESS}


def test_every_code_belongs_to_one_rule() -> None:
    assert sorted(rule.code.id for rule in RULES) == sorted(code.id for code in CODES)


def test_codes_explain_themselves() -> None:
    assert [code.id for code in CODES if not (code.title and code.why and code.source)] == []


def test_new_content_under_another_name_is_no_refusal() -> None:
    old = SETTINGS + "immutable: true\n"
    found = compared(old, old.replace("name: settings", "name: settings-2").replace("info", "debug"))
    assert "FH5012" not in codes_of(found)


def test_a_refused_workload_is_not_said_to_restart() -> None:
    assert codes_of(case("selector-changed")) == ["FH5001"]


def test_a_pod_keeps_its_account() -> None:
    for key in ("serviceAccountName", "serviceAccount"):
        assert codes_of(compared(POD, POD.replace("spec: {", f"spec: {{{key}: shop, "))) == ["FH5015"]


def test_a_suspended_job_keeps_its_image() -> None:
    assert codes_of(compared(JOB, JOB.replace("migrate:1", "migrate:2"))) == ["FH5005"]


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("replicas: 3", "3 pods restart (RollingUpdate, maxSurge 25%, maxUnavailable 25%)"),
        ("replicas: 1", "1 pod restarts (RollingUpdate,"),
        ("strategy: {type: Recreate}\n  replicas: 3", "3 pods restart (Recreate: all stop before the new ones start)"),
        (
            "strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}",
            "(RollingUpdate, maxSurge 1, maxUnavailable 0)",
        ),
    ],
)
def test_says_how_many_pods_restart_and_how(setting: str, said: str) -> None:
    old = WEB.replace("replicas: 3", setting)
    (finding,) = compared(old, old.replace("web:1", "web:2")).findings
    assert said in finding.message


def test_says_what_an_autoscaler_keeps() -> None:
    old = WEB + SCALER
    (finding,) = compared(old, old.replace("web:1", "web:2")).findings
    assert finding.message.startswith("all its pods restart (2 to 5 by its autoscaler;")


def test_every_case_is_read_in_both_directions() -> None:
    for folder in CASES.iterdir():
        old, new = ((folder / f"{side}.yaml").read_text() for side in ("old", "new"))
        assert compared(new, old).is_empty == compared(old, new).is_empty, folder.name
