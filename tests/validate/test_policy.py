"""Policy: Pod Security `restricted` and images."""

from typing import Any

import pytest

from generator.validate.model import Layer
from generator.validate.policy.images import tag_of
from tests.validate.objects import GONE, OBJECTS, changed, found

POD = "spec.template.spec"
CONTAINER = f"{POD}.containers[0]"
CONTEXT = f"{CONTAINER}.securityContext"

# fmt: off
REFUSED: list[tuple[str, Any]] = [
    (f"{POD}.hostNetwork", True),
    (f"{POD}.hostPID", True),
    (f"{POD}.hostIPC", True),
    (f"{POD}.volumes", [{"name": "tmp", "hostPath": {"path": "/"}}]),
    (f"{POD}.securityContext.runAsNonRoot", GONE),
    (f"{POD}.securityContext.runAsUser", 0),
    (f"{POD}.securityContext.seccompProfile", GONE),
    (f"{POD}.securityContext.seccompProfile.type", "Unconfined"),
    (f"{POD}.securityContext.sysctls", [{"name": "kernel.msgmax", "value": "1"}]),
    (f"{POD}.securityContext.seLinuxOptions", {"type": "spc_t"}),
    (f"{POD}.securityContext.windowsOptions", {"hostProcess": True}),
    (f"{CONTAINER}.ports[0].hostPort", 8080),
    (f"{CONTAINER}.readinessProbe.httpGet.host", "10.0.0.1"),
    (f"{CONTAINER}.lifecycle", {"preStop": {"httpGet": {"port": 80, "host": "a"}}}),
    (f"{CONTEXT}.privileged", True),
    (f"{CONTEXT}.procMount", "Unmasked"),
    (f"{CONTEXT}.runAsNonRoot", False),
    (f"{CONTEXT}.allowPrivilegeEscalation", GONE),
    (f"{CONTEXT}.capabilities", {"drop": ["NET_RAW"]}),
    (f"{CONTEXT}.capabilities", {"drop": ["ALL"], "add": ["SYS_TIME"]}),
    (f"{CONTEXT}.appArmorProfile", {"type": "Unconfined"}),
]
# fmt: on

# fmt: off
ALLOWED: list[tuple[str, Any]] = [
    (f"{CONTEXT}.capabilities", {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}),
    (f"{POD}.securityContext.sysctls", [{"name": "net.ipv4.tcp_syncookies", "value": "1"}]),
    (f"{POD}.securityContext.seLinuxOptions", {"type": "container_t", "level": "s0"}),
    (f"{CONTEXT}.seccompProfile", {"type": "Localhost", "localhostProfile": "a"}),
    (f"{POD}.volumes", [{"name": "tmp"}]),
]
# fmt: on


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "Job"])
def test_a_careful_pod_is_allowed(kind: str) -> None:
    assert found(OBJECTS[kind], Layer.POLICY) == []


@pytest.mark.parametrize(("path", "value"), REFUSED)
def test_what_restricted_refuses(path: str, value: Any) -> None:
    findings = found(changed("Deployment", path, value), Layer.POLICY)
    assert [code for code, _, _ in findings] == ["FH4101"]


@pytest.mark.parametrize(("path", "value"), ALLOWED)
def test_what_restricted_allows(path: str, value: Any) -> None:
    assert found(changed("Deployment", path, value), Layer.POLICY) == []


def test_a_careless_pod_is_told_all_at_once() -> None:
    [(code, _, message)] = found(OBJECTS["CronJob"], Layer.POLICY)
    assert code == "FH4101"
    assert message.startswith(
        'the container "a" may run as root, may gain privileges, keeps capabilities and has no seccomp profile; Pod'
    )


@pytest.mark.parametrize("image", ["shop/web", "shop/web:latest", "registry:5000/shop/web"])
def test_moving_tags_are_found(image: str) -> None:
    findings = found(changed("Deployment", f"{CONTAINER}.image", image), Layer.POLICY)
    assert [code for code, _, _ in findings] == ["FH4110"]


def test_tags_and_digests() -> None:
    assert tag_of("registry:5000/a/b:1.0") == "1.0"
    assert tag_of("a/b@sha256:12") == "sha256:12"
    assert tag_of("registry:5000/a/b") == ""
