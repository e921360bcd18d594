"""Fields compared as Kubernetes means them."""

import pytest

from generator.diff.wording import described
from tests.diff.sides import compared, manifests

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: 'a:1', %s}]}\n"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {%s}\n"
THING = "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: web}\nspec: {%s}\n"
ROLE = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: web}\nrules: [%s]\n"

SAME = [
    (POD, "resources: {limits: {cpu: 500m}}", "resources: {limits: {cpu: 0.5}}"),
    (POD, "resources: {limits: {memory: 1Gi}}", "resources: {limits: {memory: 1024Mi}}"),
    (POD, "resources: {limits: {memory: 1000}}", "resources: {limits: {memory: 1k}}"),
    (POD, "args: []", ""),
    (POD, "args: null", ""),
    (POD, "ports: [{containerPort: 80}]", "ports: [{protocol: TCP, containerPort: 80}]"),
    (POD, "livenessProbe: {httpGet: {port: 80}}",
     "livenessProbe: {periodSeconds: 10, httpGet: {port: 80, scheme: HTTP, path: /}}"),
    (SERVICE, "ports: [{port: 80}]", "ports: [{port: 80, targetPort: 80, protocol: TCP}], type: ClusterIP"),
]  # fmt: skip

DIFFERENT = [
    (POD, "env: [{name: A, value: 500m}]", "env: [{name: A, value: '0.5'}]",
     ['spec.containers[web].env[A].value: "500m" → "0.5"']),
    (POD, "env: [{name: A, value: '1'}]", "env: [{name: A, value: 1}]", ['spec.containers[web].env[A].value: "1" → 1']),
    (POD, "stdin: true", "stdin: 1", ["spec.containers[web].stdin: true → 1"]),
    (POD, "securityContext: {}", "", ["spec.containers[web].securityContext: {} removed"]),
    (POD, "resources: {limits: {cpu: 1}}", "resources: {limits: {cpu: 2}}",
     ["spec.containers[web].resources.limits.cpu: 1 → 2"]),
    (POD, "args: [a, b]", "args: [b, a]", ['spec.containers[web].args: ["a", "b"] → ["b", "a"]']),
    (POD, "ports: [{containerPort: 53, protocol: UDP}]", "ports: [{containerPort: 53}]",
     ['spec.containers[web].ports[53/TCP]: {"containerPort": 53} added',
      'spec.containers[web].ports[53/UDP]: {"containerPort": 53, "protocol": "UDP"} removed']),
    (POD, "envFrom: [{configMapRef: {name: a}}, {configMapRef: {name: b}}]",
     "envFrom: [{configMapRef: {name: b}}, {configMapRef: {name: a}}]",
     ['spec.containers[web].envFrom[0]: {"configMapRef": {"name": "b"}} added',
      'spec.containers[web].envFrom[1]: {"configMapRef": {"name": "b"}} removed']),
    (SERVICE, "ports: [{port: 1, name: a}, {port: 2, name: b}]", "ports: [{port: 2, name: b}, {port: 1, name: a}]",
     ["spec.ports: same items in another order"]),
    (ROLE, "{verbs: [get, list], resources: [pods]}", "{verbs: [list, watch], resources: [pods]}",
     ['rules[0].verbs[1]: "get" → "watch"']),
    (THING, "items: [{name: a, x: 1}, {name: b}]", "items: [{name: b}, {name: a, x: 2}]",
     ["spec.items: same items in another order", "spec.items[a].x: 1 → 2"]),
    (THING, "items: [{x: 1}, {x: 2}]", "items: [{x: 1}, {x: 3}, {x: 4}]",
     ["spec.items[1].x: 2 → 3", 'spec.items[2]: {"x": 4} added']),
    (THING, "value: null", "", ["spec.value: null removed"]),
    (THING, "limits: {cpu: 500m}", "limits: {cpu: 0.5}", ['spec.limits.cpu: "500m" → 0.5']),
    (THING, "'a.b/c': 1", "'a.b/c': 2", ['spec["a.b/c"]: 1 → 2']),
    (THING, "items: [{name: a}, {name: a, x: 1}]", "items: [{name: a}, {name: a, x: 2}]", ["spec.items[1].x: 1 → 2"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "old", "new"), SAME)
def test_means_the_same(kind: str, old: str, new: str) -> None:
    assert manifests(kind % old)[0].data != manifests(kind % new)[0].data
    assert compared(kind % old, kind % new).is_empty
    assert compared(kind % new, kind % old).is_empty


@pytest.mark.parametrize(("kind", "old", "new", "lines"), DIFFERENT)
def test_means_something_else(kind: str, old: str, new: str, lines: list[str]) -> None:
    (change,) = compared(kind % old, kind % new).changes
    assert [described(field) for field in change.fields] == lines


def test_a_default_that_follows_from_another_field_is_not_reported() -> None:
    deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {strategy: {%s}}\n"
    (change,) = compared(deployment % "type: RollingUpdate", deployment % "type: Recreate").changes
    assert [described(field) for field in change.fields] == ['spec.strategy.type: "RollingUpdate" → "Recreate"']


def test_a_changed_tag_shows_what_it_does_to_the_pull_policy() -> None:
    (change,) = compared(POD % "", (POD % "").replace("a:1", "a:latest")).changes
    assert [described(field) for field in change.fields] == [
        'spec.containers[web].image: "a:1" → "a:latest"',
        'spec.containers[web].imagePullPolicy: "IfNotPresent" (default) → "Always" (default)',
    ]


def test_status_is_not_compared() -> None:
    assert compared(SERVICE % "", SERVICE % "" + "status: {loadBalancer: {}}\n").is_empty
