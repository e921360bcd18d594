"""References between objects: a whole chart without findings, and one broken reference at a time."""

from typing import Any

import pytest
import yaml

from generator.diagnostics import Diagnostics, Severity
from generator.manifest import read_manifests
from generator.validate.model import Layer
from generator.validate.places import ChartPlaces, FilePlaces
from generator.validate.references import RULES, codes
from generator.validate.validator import validate_manifests
from tests.validate.objects import GONE, OBJECTS, changed, found

POD = "spec.template.spec"
CONTAINER = f"{POD}.containers[0]"
CODES_ELSEWHERE = {"FH3414", "FH3415", "FH3416"}
"""In test_named_references and test_argo_references."""

# fmt: off
CASES: list[tuple[str, str, Any, str, str]] = [
    ("Service", "spec.selector", {"app": "wbe"}, "FH3402",
     "Ingress web → Service web selects no pods among these manifests: none has the labels app=wbe"),
    ("Service", "spec.ports[0].targetPort", "web", "FH3403",
     'Ingress web → Service web port http → no container port named "web" in Deployment web'),
    ("Service", "spec.ports[1].targetPort", 8082, "FH3413",
     "Service web port admin → no container of Deployment web, StatefulSet"),
    ("Service", "spec.ports[1].targetPort", 8080, "", ""),
    ("Deployment", f"{CONTAINER}.readinessProbe.httpGet.port", "web", "FH3403", "readinessProbe → no port named"),
    ("Ingress", "spec.rules[0].http.paths[0].backend.service.name", "shop", "FH3405", "Ingress web → there is no Serv"),
    ("Service", "spec.selector", {"app": "web", "statefulset.kubernetes.io/pod-name": "db-0"}, "", ""),
    ("Ingress", "spec.rules[0].http.paths[0].backend.service",
     {"name": "redirect", "port": {"name": "use-annotation"}}, "", ""),
    ("Ingress", "spec.rules[0].http.paths[0].backend.service.port.name", "https", "FH3403", "Ingress web → Service we"),
    ("HTTPRoute", "spec.rules[0].backendRefs[0].name", "shop", "FH3405", 'HTTPRoute web → there is no Service "shop"'),
    ("HTTPRoute", "spec.rules[0].backendRefs[0].port", 82, "FH3403", "HTTPRoute web → Service web has no port 82"),
    ("HTTPRoute", "spec.rules[0].backendRefs[0].namespace", "elsewhere", "", ""),
    ("PodDisruptionBudget", "spec.selector.matchLabels", {"app": "x"}, "FH3402", "PodDisruptionBudget web selects no"),
    ("NetworkPolicy", "spec.podSelector.matchLabels", {"app": "x"}, "FH3402", "NetworkPolicy web selects no pods"),
    ("NetworkPolicy", "spec.ingress[0].ports[0].port", "web", "FH3403", 'NetworkPolicy web → no container port named '),
    ("HorizontalPodAutoscaler", "spec.scaleTargetRef.name", "wbe", "FH3404", "HorizontalPodAutoscaler web → there is"),
    ("StatefulSet", "spec.serviceName", "none", "FH3405", 'StatefulSet db → there is no Service "none"'),
    ("Deployment", f"{CONTAINER}.envFrom", [{"configMapRef": {"name": "gone"}}], "FH3406", "Deployment web → there is"),
    ("Deployment", f"{CONTAINER}.envFrom", [{"configMapRef": {"name": "gone", "optional": True}}], "", ""),
    ("Deployment", f"{CONTAINER}.envFrom", [{"secretRef": {"name": "gone"}}], "FH3407", "Deployment web → there is no"),
    ("Deployment", f"{CONTAINER}.env[1].valueFrom", {"configMapKeyRef": {"name": "settings", "key": "LEVEL"}}, "FH3408",
     'Deployment web → ConfigMap settings has no key "LEVEL"'),
    ("Deployment", f"{CONTAINER}.env[1].valueFrom", {"configMapKeyRef": {"name": "settings", "key": "level"}}, "", ""),
    ("Deployment", f"{POD}.volumes[0]",
     {"name": "tmp", "secret": {"secretName": "tls", "items": [{"key": "ca.crt", "path": "ca"}]}}, "FH3408",
     'Deployment web → Secret tls has no key "ca.crt"'),
    ("Deployment", f"{POD}.volumes[0]",
     {"name": "tmp", "projected": {"sources": [{"configMap": {"name": "kube-root-ca.crt"}}]}}, "", ""),
    ("Deployment", f"{POD}.volumes[0]", {"name": "tmp", "persistentVolumeClaim": {"claimName": "x"}}, "FH3409",
     "Deployment web → there is no PersistentVolumeClaim"),
    ("Deployment", f"{POD}.serviceAccountName", "other", "FH3410", "Deployment web → there is no ServiceAccount"),
    ("Deployment", f"{POD}.serviceAccountName", GONE, "", ""),
    ("RoleBinding", "roleRef.name", "raeder", "FH3411", 'RoleBinding reader → there is no Role "raeder"'),
    ("RoleBinding", "roleRef.name", "system:controller:token-cleaner", "", ""),
    ("RoleBinding", "roleRef.name", "extension-apiserver-authentication-reader", "FH3411", "RoleBinding reader → the"),
    ("RoleBinding", "subjects[0].name", "wbe", "FH3410", 'RoleBinding reader → there is no ServiceAccount "wbe"'),
    ("ServiceMonitor", "spec.selector.matchLabels", {"app": "x"}, "FH3412", "ServiceMonitor web selects no Service"),
    ("ServiceMonitor", "spec.endpoints[0].port", "metrics", "FH3403", 'ServiceMonitor web → no port named "metrics" i'),
    ("ServiceMonitor", "spec.namespaceSelector", {"any": True}, "", ""),
    ("PodMonitor", "spec.podMetricsEndpoints[0].port", "metrics", "FH3403", 'PodMonitor web → no port named "metrics"'),
]
# fmt: on


def chart(**instead: dict[str, Any]) -> str:
    """All valid objects in one stream, some of them exchanged."""
    texts = [yaml.safe_dump(instead[kind]) if kind in instead else text for kind, text in OBJECTS.items()]
    return "---\n".join(texts)


def test_a_chart_in_which_all_references_hold() -> None:
    assert found(chart(), Layer.REFERENCES) == []


@pytest.mark.parametrize(("kind", "path", "value", "code", "message"), CASES)
def test_each_reference(kind: str, path: str, value: Any, code: str, message: str) -> None:
    findings = found(chart(**{kind: changed(kind, path, value)}), Layer.REFERENCES)
    assert [found_code for found_code, _, _ in findings] == ([code] if code else [])
    assert all(said.startswith(message) for _, _, said in findings)


def test_what_is_missing_is_said_once_for_each_workload() -> None:
    twice = [{"configMapRef": {"name": "gone"}}, {"configMapRef": {"name": "gone"}, "prefix": "X_"}]
    findings = found(chart(Deployment=changed("Deployment", f"{CONTAINER}.envFrom", twice)), Layer.REFERENCES)
    assert [code for code, _, _ in findings] == ["FH3406"]


def test_two_objects_of_one_name() -> None:
    findings = found(chart() + "---\n" + OBJECTS["Service"], Layer.REFERENCES)
    assert [(code, message) for code, _, message in findings] == [("FH3401", "Service web is there twice")]


def test_files_of_a_folder_may_be_alternatives() -> None:
    manifests = read_manifests(OBJECTS["Service"], "one.yaml") + read_manifests(OBJECTS["Service"], "other.yaml")
    for places, severity in ((FilePlaces(), Severity.WARNING), (ChartPlaces("chart"), Severity.ERROR)):
        diagnostics = Diagnostics()
        validate_manifests(manifests, ["1.35"], diagnostics, places, [Layer.REFERENCES])
        assert [finding.severity for finding in diagnostics if finding.code is codes.DUPLICATE] == [severity]


def test_some_roles_come_with_kubernetes() -> None:
    reader = "extension-apiserver-authentication-reader"
    binding = changed(
        "RoleBinding", "roleRef", {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": reader}
    )
    account = {"kind": "ServiceAccount", "name": "web", "namespace": "shop"}
    binding |= {"metadata": {"name": "reader", "namespace": "kube-system"}, "subjects": [account]}
    assert found(binding, Layer.REFERENCES) == []


def test_a_rollout_makes_pods() -> None:
    rollout = changed("Deployment", "kind", "Rollout") | {"apiVersion": "argoproj.io/v1alpha1"}
    rest = {"HorizontalPodAutoscaler": changed("HorizontalPodAutoscaler", "spec.scaleTargetRef.kind", "DaemonSet")}
    assert [code for code, _, _ in found(chart(Deployment=rollout, **rest), Layer.REFERENCES)] == ["FH3404"]


def test_hooks_may_share_a_name() -> None:
    job = OBJECTS["Job"].replace("{name: migrate}", "{name: migrate, annotations: {helm.sh/hook: pre-%s}}")
    assert found(chart() + "---\n" + job % "install" + "---\n" + job % "upgrade", Layer.REFERENCES) == []


def test_objects_of_other_namespaces_are_not_meant() -> None:
    service = changed("Service", "metadata.namespace", "one")
    deployment = changed("Deployment", "metadata.namespace", "two")
    stream = "---\n".join(map(yaml.safe_dump, (service, deployment)))
    assert [code for code, _, _ in found(stream, Layer.REFERENCES)] == ["FH3402", "FH3410"]


def test_every_rule_and_code_has_a_case() -> None:
    assert {code.id for code in codes.CODES} == {case[3] for case in CASES} - {""} | {"FH3401", *CODES_ELSEWHERE}
    assert len(RULES) == 17


def test_the_chart_is_read_as_meant() -> None:
    assert len(read_manifests(chart()).objects) == len(OBJECTS)
