"""Pod Security: Kubernetes' own 148 fixtures, each with the control that refuses it, in Pods and in templates."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from generator.kube.workloads import POD_TEMPLATES
from generator.validate.model import Layer
from generator.validate.policies import check_object
from generator.validate.policy import pod_codes
from generator.yamlio.manifests import Unreadable, load, split
from tests.validate.objects import changed, found

DATA = Path(__file__).parents[1] / "data" / "pod_security" / "v1.37.yaml"
CODES = {"baseline": (pod_codes.BASELINE,), "restricted": (pod_codes.BASELINE, pod_codes.RESTRICTED)}
COMPANIONS = {
    "allowprivilegeescalation": {"capabilities"},
    "hostpathvolumes": {"restrictedvolumes"},
    "privileged": {"allowprivilegeescalation"},
    "restrictedvolumes": {"hostpathvolumes"},
    "windowshostprocess": {"hostnamespaces"},
}
"""What else is wrong with the fixtures of a control: some can't be broken alone, and Kubernetes stops at the first."""
TEMPLATES = sorted(kind for kind in POD_TEMPLATES if kind[1] != "Pod")


def fixtures() -> list[Any]:
    """Each pod with its level, its verdict and its name."""
    cases = []
    for document in split(DATA.read_text()):
        named = re.search(r"^# (\w+)/(fail|pass)/(\w+)$", document.text, re.MULTILINE)
        data = load(document.text)
        assert named, document.text
        assert not isinstance(data, Unreadable)
        cases.append(pytest.param(named[1], named[2], named[3], data, id="/".join(named.groups())))
    return cases


def controls(data: dict[str, Any], level: str) -> set[str]:
    """The controls by which a level refuses an object."""
    refused = [problem for problem in check_object(data) if problem.code in CODES[level]]
    return {name.lower() for problem in refused for name in problem.message.rpartition("(")[2][:-1].split(", ")}


def control_of(name: str) -> str:
    """The control that a fixture is about: `seccompprofile_restricted3`."""
    return re.sub(r"(_baseline|_restricted)?\d+$", "", name)


@pytest.mark.parametrize(("level", "verdict", "name", "pod"), fixtures())
def test_the_control_of_each_official_fixture(level: str, verdict: str, name: str, pod: dict[str, Any]) -> None:
    control, refused_by = control_of(name), controls(pod, level)
    if verdict == "pass":
        assert refused_by == set()
    else:
        assert control in refused_by
        assert refused_by - {control} <= COMPANIONS.get(control, set())


def test_there_are_148_of_them() -> None:
    assert len(fixtures()) == 148


@pytest.mark.parametrize(("group", "kind"), TEMPLATES)
def test_templates_are_refused_as_their_pods_are(group: str, kind: str) -> None:
    for case in fixtures():
        level, _, _, pod = case.values
        template = {"metadata": pod["metadata"], "spec": pod["spec"]}
        data: Any = template
        for key in reversed(POD_TEMPLATES[group, kind]):
            data = {key: data}
        data |= {"apiVersion": f"{group}/v1".removeprefix("/"), "kind": kind, "metadata": {"name": "a"}}
        assert controls(data, level) == controls(pod, level)


def test_a_careless_pod_is_told_all_at_once() -> None:
    data = changed("Deployment", "spec.template.spec.securityContext", {})
    data["spec"]["template"]["spec"]["containers"][0]["securityContext"] = {}
    [message] = [text for code, _, text in found(data, Layer.POLICY) if code == "FH4101"]
    assert message == (
        'the container "web" may run as root, may gain privileges, keeps capabilities and has no seccomp profile; Pod '
        "Security `restricted` refuses it (runAsNonRoot, allowPrivilegeEscalation, capabilities, seccompProfile)"
    )
