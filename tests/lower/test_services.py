"""What a service becomes, as Helm renders it."""

from base64 import b64decode

import pytest

from generator.compiler import Options, compile_spec
from generator.diagnostics import Diagnostics
from generator.emit.emitter import emit
from generator.lower.network import peers_outside
from tests.charts import chart_of, rendered
from tests.systems import HEAD

BUSY = """
services:
  web:
    image: registry.example.com/shop/web:1.0.0
    command: [run, "$(HOME)"]
    args: [--to, "${{ services.store.url }}/x", "${{ services.store.ports.admin }}"]
    ports: {http: {port: 80, target: 8080}, metrics: 9090}
    env:
      MODE: fast
      STORE: ${{ services.store.url }}
      TOKEN: {secret: web, key: token}
    envFrom: [{config: shared, prefix: S_, optional: true}]
    files:
      /etc/web/a.conf: {content: "a {{ b }}\\n"}
      /etc/tls: {secret: web-tls, mode: "0400"}
    health: {ready: GET /ready}
    replicas: 3
    autoscale: {max: 9, cpu: 70}
    scratch: [/var/cache/web]
    expose: {host: shop.example.com, path: /, tls: shop-tls, annotations: {a: b}}
    metrics: {port: metrics, path: /m, interval: 30s}
    calls: ["db.example.com:5432", "192.0.2.7:443"]
    placement: {nodeSelector: {disk: fast}, spread: node, priority: high, tolerations: [{key: k, operator: Exists}]}
    rollout: {max_surge: 25%, grace: 1m, history: 5}
    disruption: {min_available: 50%}
    init: [{name: prepare, image: "busybox:1.37", args: [echo]}]
    sidecars: [{name: proxy, image: "proxy:1", ports: {admin: 9901}, env: {A: b}}]
    depends_on: [store]
  store:
    image: postgres@sha256:DIGEST
    ports: {http: 5432, admin: 8081}
    storage: {data: {path: /var/lib/data, size: 5Gi, class: fast}, tmp: {path: /tmp, size: 1Gi}}
    security:
      user: 999
      readOnlyRootFilesystem: {value: false, reason: it writes beside itself}
    account: {annotations: {cloud/role: reader}, rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]}
  agent:
    image: agent:1
    kind: daemonset
""".replace("DIGEST", "a" * 64)


@pytest.fixture(scope="module")
def found(helm4, tmp_path_factory):
    return rendered(helm4, tmp_path_factory.mktemp("chart"), chart_of(BUSY))


@pytest.fixture(scope="module")
def pod(found):
    return found["Deployment", "r-shop-web"]["spec"]["template"]


@pytest.fixture(scope="module")
def container(pod):
    return pod["spec"]["containers"][0]


def test_each_service_gets_its_objects(found):
    assert {name: {kind for kind, each in found if each == name} for _, name in found} == {
        "r-shop": {"NetworkPolicy"},
        "r-shop-web": {
            "Deployment", "Service", "ServiceAccount", "ConfigMap", "Ingress", "HorizontalPodAutoscaler",
            "PodDisruptionBudget", "NetworkPolicy", "ServiceMonitor",
        },
        "r-shop-web-connection": {"Pod", "NetworkPolicy"},
        "r-shop-store": {"StatefulSet", "Service", "ServiceAccount", "NetworkPolicy", "Role", "RoleBinding"},
        "r-shop-store-headless": {"Service"},
        "r-shop-agent": {"DaemonSet", "ServiceAccount"},
    }  # fmt: skip


def test_the_container_runs_what_the_spec_says(container):
    assert container["image"] == "registry.example.com/shop/web:1.0.0"
    assert container["command"] == ["run", "$$(HOME)"]
    assert container["args"] == ["--to", "http://r-shop-store:5432/x", "8081"]
    assert container["env"] == [
        {"name": "MODE", "value": "fast"},
        {"name": "STORE", "value": "http://r-shop-store:5432"},
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "web", "key": "token"}}},
    ]
    assert container["envFrom"] == [{"configMapRef": {"name": "shared", "optional": True}, "prefix": "S_"}]
    assert container["lifecycle"] == {"preStop": {"sleep": {"seconds": 5}}}


def test_probes_differ(container):
    assert container["startupProbe"]["tcpSocket"] == {"port": "http"}
    assert container["readinessProbe"]["httpGet"] == {"path": "/ready", "port": "http"}
    assert container["livenessProbe"]["tcpSocket"] == {"port": "http"}
    assert container["startupProbe"]["failureThreshold"] * container["startupProbe"]["periodSeconds"] >= 60


def test_files_and_writable_paths_are_mounted(found, pod, container):
    mounts = {mount["mountPath"]: mount for mount in container["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    assert set(mounts) == {"/etc/web/a.conf", "/etc/tls", "/tmp", "/var/cache/web"}
    assert mounts["/etc/web/a.conf"]["subPath"] == "a.conf"
    assert volumes[mounts["/etc/tls"]["name"]]["secret"] == {"secretName": "web-tls", "defaultMode": 0o400}
    assert volumes[mounts["/var/cache/web"]["name"]]["emptyDir"] == {}
    assert found["ConfigMap", "r-shop-web"]["data"] == {"a.conf": "a {{ b }}\n"}
    assert len(pod["metadata"]["annotations"]["checksum/files"]) == 64


def test_load_decides_how_many_pods_there_are(found):
    deployment, scaler = found["Deployment", "r-shop-web"], found["HorizontalPodAutoscaler", "r-shop-web"]
    assert "replicas" not in deployment["spec"]
    assert (scaler["spec"]["minReplicas"], scaler["spec"]["maxReplicas"]) == (3, 9)
    assert scaler["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] == 70
    assert found["PodDisruptionBudget", "r-shop-web"]["spec"]["minAvailable"] == "50%"


def test_strategies_are_written_in_full(found):
    assert found["Deployment", "r-shop-web"]["spec"]["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0},
    }
    assert found["StatefulSet", "r-shop-store"]["spec"]["updateStrategy"]["rollingUpdate"] == {"partition": 0}
    assert set(found["DaemonSet", "r-shop-agent"]["spec"]["updateStrategy"]["rollingUpdate"]) == {
        "maxSurge",
        "maxUnavailable",
    }


def test_placement(pod):
    spec = pod["spec"]
    assert spec["nodeSelector"] == {"disk": "fast"}
    assert spec["priorityClassName"] == "high"
    assert spec["tolerations"] == [{"key": "k", "operator": "Exists"}]
    assert spec["topologySpreadConstraints"][0]["topologyKey"] == "kubernetes.io/hostname"
    assert spec["terminationGracePeriodSeconds"] == 60


def test_init_containers_wait_first(pod):
    names = [each["name"] for each in pod["spec"]["initContainers"]]
    assert names == ["wait-for-store", "prepare", "proxy"]
    assert pod["spec"]["initContainers"][0]["args"] == ["r-shop-store", "5432"]
    assert [each["name"] for each in pod["spec"]["containers"]] == ["web"]


def test_a_sidecar_starts_before_the_service_and_ends_after_it(pod):
    restarts = {each["name"]: each.get("restartPolicy") for each in pod["spec"]["initContainers"]}
    assert restarts == {"wait-for-store": None, "prepare": None, "proxy": "Always"}


def test_storage(found):
    store = found["StatefulSet", "r-shop-store"]["spec"]
    claims = {claim["metadata"]["name"]: claim for claim in store["volumeClaimTemplates"]}
    assert claims["data"]["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "fast",
        "resources": {"requests": {"storage": "5Gi"}},
    }
    assert "helm.sh/chart" not in claims["data"]["metadata"]["labels"]
    pod = store["template"]["spec"]
    assert pod["securityContext"]["fsGroup"] == 999
    assert [mount["mountPath"] for mount in pod["containers"][0]["volumeMounts"]] == ["/var/lib/data", "/tmp"]
    assert found["Service", store["serviceName"]]["spec"]["clusterIP"] == "None"


def test_deviations_tell_scanners_why(found):
    store = found["StatefulSet", "r-shop-store"]
    annotations = store["metadata"]["annotations"]
    assert annotations["checkov.io/skip1"] == "CKV_K8S_22=it writes beside itself"
    assert annotations["ignore-check.kube-linter.io/no-read-only-root-fs"] == "it writes beside itself"
    assert "container-security-context-user-group-id" in annotations["kube-score/ignore"]
    assert store["spec"]["template"]["spec"]["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is False


def test_rights_come_with_a_token(found):
    assert found["Role", "r-shop-store"]["rules"] == [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
    assert found["StatefulSet", "r-shop-store"]["spec"]["template"]["spec"]["automountServiceAccountToken"] is True
    assert found["ServiceAccount", "r-shop-store"]["metadata"]["annotations"] == {"cloud/role": "reader"}
    assert found["Deployment", "r-shop-web"]["spec"]["template"]["spec"]["automountServiceAccountToken"] is False


def test_the_digest_is_part_of_the_image(found):
    store = found["StatefulSet", "r-shop-store"]["spec"]["template"]["spec"]["containers"][0]
    assert store["image"] == f"postgres@sha256:{'a' * 64}"


def test_the_way_in(found):
    ingress = found["Ingress", "r-shop-web"]
    assert ingress["spec"]["tls"] == [{"hosts": ["shop.example.com"], "secretName": "shop-tls"}]
    backend = ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": "r-shop-web", "port": {"name": "http"}}
    assert ingress["metadata"]["annotations"] == {"a": "b"}
    port = found["Service", "r-shop-web"]["spec"]["ports"][0]
    assert (port["port"], port["targetPort"]) == (80, "http")


def test_metrics_are_read_from_one_service_alone(found):
    monitor = found["ServiceMonitor", "r-shop-web"]["spec"]
    assert monitor["endpoints"] == [{"port": "metrics", "path": "/m", "interval": "30s"}]
    labels = found["Service", "r-shop-web"]["metadata"]["labels"]
    assert monitor["selector"]["matchLabels"].items() <= labels.items()


def peers(rule, side):
    return {peer["podSelector"]["matchLabels"]["app.kubernetes.io/component"] for peer in rule[side]}


def test_only_declared_traffic_is_allowed(found):
    web, store = found["NetworkPolicy", "r-shop-web"]["spec"], found["NetworkPolicy", "r-shop-store"]["spec"]
    assert [(peers(rule, "from"), rule["ports"][0]["port"]) for rule in store["ingress"]] == [
        ({"web"}, 8081),
        ({"web"}, 5432),
    ]
    inside = [rule for rule in web["egress"] if "podSelector" in rule["to"][0]]
    outside = [rule for rule in web["egress"] if "ipBlock" in rule["to"][0]]
    assert sorted(rule["ports"][0]["port"] for rule in inside) == [5432, 8081]
    assert [rule["ports"][0]["port"] for rule in outside] == [443, 5432]
    assert outside[0]["to"] == [{"ipBlock": {"cidr": "192.0.2.7/32"}}]
    assert "10.0.0.0/8" in outside[1]["to"][0]["ipBlock"]["except"]
    assert [rule["ports"][0]["port"] for rule in web["ingress"]] == [8080, 8080, 9090]
    default = found["NetworkPolicy", "r-shop"]["spec"]
    assert default["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in default


@pytest.mark.parametrize(
    ("host", "peer"),
    [
        ("db", {"podSelector": {}}),
        ("db.data.svc", {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "data"}}}),
        ("db.data.svc.cluster.local", {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "data"}}}),
        ("10.2.3.4", {"ipBlock": {"cidr": "10.2.3.4/32"}}),
        ("2001:db8::1", {"ipBlock": {"cidr": "2001:db8::1/128"}}),
    ],
)
def test_a_host_inside_the_cluster_is_reached_where_it_is(host, peer):
    assert peers_outside(host) == [peer]


@pytest.mark.parametrize(
    "host", ["db.example.com", "db.data", "data.svc", "db.-x.svc", "a.db.data.svc", "db.data.svc."]
)
def test_any_other_name_may_be_any_public_address(host):
    assert all("except" in str(peer) for peer in peers_outside(host))


def test_the_connection_test_asks_what_readiness_asks(found):
    test = found["Pod", "r-shop-web-connection"]
    assert test["spec"]["containers"][0]["command"][-1] == "http://r-shop-web:80/ready"
    assert test["metadata"]["annotations"]["helm.sh/hook"] == "test"


def test_policies_select_by_labels_that_the_pods_have(found, pod):
    for (kind, _), data in found.items():
        if kind == "PodDisruptionBudget":
            assert data["spec"]["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    assert set(pod["metadata"]["labels"]) == {
        "app.kubernetes.io/name",
        "app.kubernetes.io/instance",
        "app.kubernetes.io/component",
    }


WAYS = """
services:
  web:
    image: web:1
    ports: {http: 80, admin: 81}
    hostname: front
    expose:
      - {host: a.example.com}
      - {host: b.example.com, path: /b, port: admin, class: inner}
      - {via: loadbalancer, annotations: {x: y}}
      - {via: loadbalancer, port: admin}
  disk:
    image: disk:1
    kind: deployment
    storage: {files: {path: /data, size: 1Gi}}
    files: {/etc/a: {content: x}}
"""


def test_each_way_in_exposes_its_port_alone(helm4, tmp_path):
    found = rendered(helm4, tmp_path, chart_of(WAYS))
    assert found["Ingress", "r-shop-web"]["spec"]["rules"][0]["host"] == "a.example.com"
    second = found["Ingress", "r-shop-web-2"]["spec"]
    assert second["ingressClassName"] == "inner"
    assert second["rules"][0]["http"]["paths"][0]["backend"]["service"] == {"name": "front", "port": {"name": "admin"}}
    assert found["Service", "front"]["spec"]["type"] == "ClusterIP"
    balancers = {name: each["spec"] for (kind, name), each in found.items() if kind == "Service" and name != "front"}
    assert {name: [port["name"] for port in spec["ports"]] for name, spec in balancers.items()} == {
        "r-shop-web-loadbalancer-http": ["http"],
        "r-shop-web-loadbalancer-admin": ["admin"],
    }
    annotations = found["Service", "r-shop-web-loadbalancer-http"]["metadata"]["annotations"]
    assert annotations == {"x": "y"}


def test_a_deployment_with_a_volume_of_one_node(helm4, tmp_path):
    found = rendered(helm4, tmp_path, chart_of(WAYS))
    disk = found["Deployment", "r-shop-disk"]["spec"]
    assert disk["strategy"] == {"type": "Recreate"}
    volumes = {volume["name"]: volume for volume in disk["template"]["spec"]["volumes"]}
    claim = volumes["files"]["persistentVolumeClaim"]["claimName"]
    assert found["PersistentVolumeClaim", claim]["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    assert volumes["files-volume"]["configMap"] == {"name": "r-shop-disk"}


def test_a_version_that_is_no_label_becomes_one(helm4, tmp_path):
    chart = chart_of('appVersion: "2026.11 (beta)+x"\nservices: {web: {image: "web:1"}}\n')
    labels = rendered(helm4, tmp_path, chart)["Deployment", "r-shop-web"]["metadata"]["labels"]
    assert labels["app.kubernetes.io/version"] == "2026.11__beta__x"


def test_the_notes_say_which_volumes_outlive_the_release() -> None:
    notes = emit(chart_of(BUSY))["templates/NOTES.txt"].decode()
    assert "The volumes of store stay when the release is uninstalled" in notes
    assert "The volumes of web" not in notes


def test_waiting_needs_a_port_that_takes_connections(helm4, tmp_path):
    spec = """
services:
  web: {image: "web:1", depends_on: [names]}
  names: {image: "names:1", ports: {dns: {port: 53, protocol: UDP}, control: 8053, metrics: 9153}}
"""
    pod = rendered(helm4, tmp_path, chart_of(spec))["Deployment", "r-shop-web"]["spec"]["template"]["spec"]
    assert pod["initContainers"][0]["args"] == ["r-shop-names", "8053"]


def test_a_sidecar_is_asked_at_its_main_port(helm4, tmp_path):
    spec = """
services:
  web:
    image: "web:1"
    sidecars:
      - {name: proxy, image: "proxy:1", ports: {admin: 9901}, health: {ready: GET /ready}}
      - {name: meter, image: "meter:1", ports: {http: 8080, admin: 9902}, health: {live: {tcp: true}}}
      - {name: mute, image: "mute:1", ports: {http: 7070}}
"""
    pod = rendered(helm4, tmp_path, chart_of(spec))["Deployment", "r-shop-web"]["spec"]["template"]["spec"]
    proxy, meter, mute = pod["initContainers"]
    assert proxy["readinessProbe"]["httpGet"]["port"] == "admin"
    assert meter["livenessProbe"]["tcpSocket"]["port"] == "http"
    assert "readinessProbe" not in mute


@pytest.mark.parametrize(("mode", "group"), [("0400", 10001), ("0640", 10001), ("0444", None), ("", None)])
def test_files_that_are_closed_to_others_belong_to_the_pods_group(helm4, tmp_path, mode, group):
    written = f', mode: "{mode}"' if mode else ""
    spec = f'services: {{web: {{image: "web:1", files: {{/etc/web/key: {{secret: web, key: k{written}}}}}}}}}\n'
    pod = rendered(helm4, tmp_path, chart_of(spec))["Deployment", "r-shop-web"]["spec"]["template"]["spec"]
    assert pod["securityContext"].get("fsGroup") == group
    assert pod["securityContext"].get("fsGroupChangePolicy") == (group and "OnRootMismatch")


@pytest.mark.parametrize(
    ("kind", "rollout", "surge", "missing"),
    [
        ("daemonset", "{max_surge: 1}", 1, 0),
        ("daemonset", "{max_unavailable: 0}", 1, 0),
        ("daemonset", "{max_unavailable: 2}", 0, 2),
        ("deployment", "{max_surge: 0}", 0, 1),
        ("deployment", '{max_surge: "0%"}', "0%", 1),
        ("deployment", "{max_unavailable: 1}", 1, 1),
    ],
)
def test_one_bound_of_a_rollout_decides_the_other(helm4, tmp_path, kind, rollout, surge, missing):
    chart = chart_of(f'services: {{web: {{image: "web:1", kind: {kind}, rollout: {rollout}}}}}\n')
    spec = next(data["spec"] for (found, _), data in rendered(helm4, tmp_path, chart).items() if found.lower() == kind)
    strategy = spec.get("strategy") or spec["updateStrategy"]
    assert strategy["rollingUpdate"] == {"maxSurge": surge, "maxUnavailable": missing}


def test_a_file_that_cannot_go_as_text_goes_as_bytes(helm, tmp_path):
    contents = {
        "binary": b"\xff\xfe",
        "delete": b"a\x7fb",
        "next-line": "a\x85b".encode(),
        "text": "é\u2028\n".encode(),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    files = ", ".join(f"/etc/{name}: {{from: {name}}}" for name in contents)
    path = tmp_path / "spec.yaml"
    path.write_text(f"{HEAD}services: {{web: {{image: 'a:1', files: {{{files}}}}}}}")
    compilation = compile_spec(path, Options(tmp_path), Diagnostics())
    assert compilation
    config = rendered(helm, tmp_path / "chart", compilation.chart)["ConfigMap", "r-shop-web"]
    assert config["data"] == {"text": "é\u2028\n"}
    assert {name: b64decode(text) for name, text in config["binaryData"].items()} == {
        name: content for name, content in contents.items() if name != "text"
    }
