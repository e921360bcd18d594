"""References by name, and the chains in which they stand: what leads where, to the end that is missing."""

from typing import Any

import pytest

from generator.diagnostics import Diagnostic, Diagnostics, Severity
from generator.manifest import read_manifests
from generator.validate.model import Layer
from generator.validate.places import ChartPlaces
from generator.validate.references.lookups import names, values
from generator.validate.validator import validate_manifests

CONTAINER = "{name: a, image: a:1, ports: [{name: http, containerPort: 80}]}"
POD = "{metadata: {labels: {app: web}}, spec: {%s containers: [" + CONTAINER + "]}}"


def deployment(spec: str = "") -> str:
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec: {{selector: {{matchLabels: {{app: web}}}}, template: {POD % spec}}}
"""


def service(target: str = "http", port: str = "{name: http, port: 80, targetPort: %s}") -> str:
    return f"""\
apiVersion: v1
kind: Service
metadata: {{name: web, labels: {{app: web}}}}
spec: {{selector: {{app: web}}, ports: [{port.replace("%s", target)}]}}
"""


def ingress(name: str, port: str = "{name: http}") -> str:
    return f"""\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: {name}}}
spec: {{defaultBackend: {{service: {{name: web, port: {port}}}}}}}
"""


def simple(kind: str, name: str, rest: str = "", api_version: str = "v1") -> str:
    return f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: {name}}}\n{rest}\n"


def findings(*texts: str) -> list[Diagnostic]:
    diagnostics = Diagnostics()
    manifests = read_manifests("---\n".join(texts))
    validate_manifests(manifests, ["1.35"], diagnostics, ChartPlaces("chart"), [Layer.REFERENCES])
    return list(diagnostics)


def said(*texts: str) -> list[tuple[str, str, str]]:
    return [(finding.code.id, finding.severity.value, finding.message) for finding in findings(*texts)]


def test_a_chain_is_shown_from_its_beginning_to_the_end_that_is_missing() -> None:
    [finding] = findings(
        deployment(), service("web"), ingress("web"), ingress("other"), ingress("number", "{number: 80}")
    )
    assert finding.message == 'Ingress web → Service web port http → no container port named "web" in Deployment web'
    assert finding.path == "spec.ports[0].targetPort"
    assert [note.message for note in finding.notes] == [
        "the containers of Deployment web",
        "Ingress other leads here, too",
        "Ingress number leads here, too",
    ]


def test_a_chain_has_only_what_leads_to_that_port() -> None:
    ports = "{name: http, port: 80, targetPort: http}, {name: admin, port: 81, targetPort: nope}"
    [finding] = findings(deployment(), service(port=ports), ingress("web"))
    assert finding.message == 'Service web port admin → no container port named "nope" in Deployment web'
    monitor = simple(
        "ServiceMonitor",
        "watch",
        "spec: {selector: {matchLabels: {app: web}}, endpoints: [{port: admin}]}",
        "monitoring.coreos.com/v1",
    )
    [finding] = findings(deployment(), service(port=ports), ingress("web"), monitor)
    assert finding.message.startswith("ServiceMonitor watch → Service web port admin → no container port")


WEBHOOK = (
    "webhooks: [{name: a.b.c, sideEffects: None, admissionReviewVersions: [v1], clientConfig: {service: "
    "{name: %s, namespace: default, port: %s}}}]"
)
ADMISSION = "admissionregistration.k8s.io/v1"


@pytest.mark.parametrize(
    ("name", "port", "expected"),
    [
        ("web", 80, []),
        ("web", 443, [("FH3403", "error", "ValidatingWebhookConfiguration hook → Service web has no port 443")]),
        ("web", "null", [("FH3403", "error", "ValidatingWebhookConfiguration hook → Service web has no port 443")]),
        (
            "wbe",
            80,
            [("FH3405", "warning", 'ValidatingWebhookConfiguration hook → there is no Service "wbe" in this chart')],
        ),
    ],
)
def test_what_the_api_server_calls(name: str, port: Any, expected: list[tuple[str, str, str]]) -> None:
    hook = simple("ValidatingWebhookConfiguration", "hook", WEBHOOK % (name, port), ADMISSION)
    assert said(deployment(), service(), hook) == expected


def test_api_services_and_definitions_call_services_too() -> None:
    api = simple(
        "APIService",
        "v1.metrics.example.com",
        "spec: {group: metrics.example.com, version: v1, groupPriorityMinimum: 1, versionPriority: 1, "
        "service: {name: web, namespace: default}}",
        "apiregistration.k8s.io/v1",
    )
    [(code, _, message)] = said(deployment(), service(), api)
    assert (code, message) == ("FH3403", "APIService v1.metrics.example.com → Service web has no port 443")


GATEWAY = "gateway.networking.k8s.io/v1"
LISTENERS = "spec: {gatewayClassName: edge, listeners: [{name: http, port: 80, protocol: HTTP}]}"


@pytest.mark.parametrize(
    ("parent", "expected"),
    [
        ("{name: front}", []),
        ("{name: front, sectionName: http, port: 80}", []),
        ("{name: elsewhere, sectionName: https}", []),
        ("{name: front, namespace: infra, sectionName: http}", []),
        ("{name: front, sectionName: https}", ['HTTPRoute web → Gateway front has no listener named "https"']),
        ("{name: front, port: 443}", ["HTTPRoute web → Gateway front has no listener on port 443"]),
        ("{name: front, kind: Service, group: '', port: 443}", []),
    ],
)
def test_routes_name_listeners(parent: str, expected: list[str]) -> None:
    route = simple("HTTPRoute", "web", f"spec: {{parentRefs: [{parent}]}}", GATEWAY)
    assert [message for _, _, message in said(simple("Gateway", "front", LISTENERS, GATEWAY), route)] == expected


def test_files_of_a_folder_may_be_alternatives() -> None:
    route = simple("HTTPRoute", "web", "spec: {parentRefs: [{name: front, sectionName: https}]}", GATEWAY)
    other = simple("Gateway", "front", LISTENERS.replace("name: http", "name: https"), GATEWAY)
    front = simple("Gateway", "front", LISTENERS, GATEWAY)
    assert [code for code, _, _ in said(front, other, route)] == ["FH3401"]
    ports = "{name: other, port: 81, targetPort: %s}"
    services = (service(), service(port=ports), ingress("web", "{number: 81}"))
    assert [code for code, _, _ in said(deployment(), *services)] == ["FH3401"]


def test_what_may_be_the_clusters_is_no_mistake() -> None:
    pod = deployment("priorityClassName: urgent, runtimeClassName: gvisor,")
    claim = simple("PersistentVolumeClaim", "a", "spec: {storageClassName: fast}")
    front = simple("Ingress", "web", "spec: {ingressClassName: nginx}", "networking.k8s.io/v1")
    assert said(pod, claim, front) == []


def test_a_name_that_is_nearly_one_of_the_chart_is_a_warning() -> None:
    urgent = simple("PriorityClass", "urgent", "value: 1", "scheduling.k8s.io/v1")
    assert said(deployment("priorityClassName: urgent,"), urgent) == []
    assert said(deployment("priorityClassName: system-node-critical,"), urgent) == []
    assert said(deployment("priorityClassName: very-urgent,"), urgent) == []
    [finding] = findings(deployment("priorityClassName: urgnet,"), urgent)
    assert (finding.code.id, finding.severity, finding.hint) == ("FH3414", Severity.WARNING, 'did you mean "urgent"?')


def test_secrets_for_images_and_certificates_may_be_made_by_hand_or_by_others() -> None:
    pod = deployment("imagePullSecrets: [{name: registry}],")
    tls = simple("Ingress", "web", "spec: {tls: [{secretName: web-tls}]}", "networking.k8s.io/v1")
    assert said(pod, tls) == [
        ("FH3407", "info", 'Deployment web → there is no Secret "registry" in this chart'),
        ("FH3407", "info", 'Ingress web → there is no Secret "web-tls" in this chart'),
    ]
    sealed = simple("SealedSecret", "registry", api_version="bitnami.com/v1alpha1")
    certificate = simple("Certificate", "web", "spec: {secretName: web-tls}", "cert-manager.io/v1")
    assert said(pod, tls, sealed, certificate) == []


def test_an_empty_secret_is_filled_later() -> None:
    pod = deployment("volumes: [{name: a, secret: {secretName: certs, items: [{key: tls.key, path: key}]}}],")
    assert [finding[:2] for finding in said(pod, simple("Secret", "certs"))] == [("FH3408", "warning")]
    assert [finding[:2] for finding in said(pod, simple("Secret", "certs", "data: {tls.crt: YQ==}"))] == [
        ("FH3408", "error")
    ]


def test_scaled_objects_and_vertical_autoscalers_name_workloads() -> None:
    for kind, api, target in (
        ("ScaledObject", "keda.sh/v1alpha1", "scaleTargetRef: {name: wbe}"),
        (
            "VerticalPodAutoscaler",
            "autoscaling.k8s.io/v1",
            "targetRef: {apiVersion: apps/v1, kind: Deployment, name: wbe}",
        ),
    ):
        scaler = simple(kind, "scale", f"spec: {{{target}}}", api)
        message = f'{kind} scale → there is no Deployment "wbe" in this chart'
        assert ("FH3404", "warning", message) in said(deployment(), scaler)
        assert said(deployment(), scaler.replace("wbe", "web")) == []


def test_values_of_other_types_are_passed_over() -> None:
    data: dict[str, Any] = {"a": [{"b": "x"}, 5, {"b": ["y"]}, None, {"b": "{{item}}"}, {"b": ""}], "c": 1}
    assert list(names(data, "a[].b", ("spec",))) == [(("spec", "a", 0, "b"), "x")]
    assert list(values(data, "c[].d.e")) == []
    assert list(values(data, "a.b[]")) == []
