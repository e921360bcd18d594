"""Every examples/<name>/spec.yaml compiles to charts-out/<name>, byte for byte, without a warning, and Helm has nothing
to say of it.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.examples.manifests import Object, containers, pod_templates, rendered

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLES = sorted(path.parent.name for path in REPOSITORY.glob("examples/*/spec.yaml"))
VALUES = [
    (chart.parent.name, chart.name)
    for example in EXAMPLES
    for chart in [
        REPOSITORY / "charts-out" / example / "values.yaml",
        *sorted(REPOSITORY.glob(f"charts-out/{example}/values-*.yaml")),
    ]
]


def files(folder: Path) -> dict[str, bytes]:
    """Each file below the folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def compiled(example: str, folder: Path, option: str) -> dict[str, bytes]:
    """The chart that comes out of a copy of the example, made in that folder, with the library beside it."""
    for name in (example, "library"):
        shutil.copytree(REPOSITORY / "examples" / name, folder / name)
    program = [sys.executable, "-c", "from generator.cli import main; main()"]
    command = [*program, "compile", f"{example}/spec.yaml", "-o", "chart", "--root", ".", option]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr + result.stdout
    return files(folder / "chart")


def test_the_examples_are_found() -> None:
    assert {"order", "aks-store"} <= set(EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES)
def test_charts_out_is_what_compiles(example: str, tmp_path: Path) -> None:
    for place, option in (("here", "--no-validate"), ("a folder/somewhere else", "--fail-on=warning")):
        folder = tmp_path / place
        folder.mkdir(parents=True)
        chart, kept = compiled(example, folder, option), files(REPOSITORY / "charts-out" / example)
        assert sorted(chart) == sorted(kept), "run `make goldens`"
        changed = [name for name in chart if chart[name] != kept[name]]
        assert not changed, "run `make goldens`, and read what it changes"


@pytest.mark.parametrize("example", EXAMPLES)
def test_helm_lint_is_silent(example: str, helm: Path) -> None:
    command = [str(helm), "lint", "--strict", str(REPOSITORY / "charts-out" / example)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    said = [
        line for line in (result.stdout + result.stderr).splitlines() if line and not line.startswith("==> Linting ")
    ]
    assert said == ["1 chart(s) linted, 0 chart(s) failed"]


@pytest.mark.parametrize("example", EXAMPLES)
def test_both_helms_render_the_same(example: str, helm3: Path, helm4: Path) -> None:
    chart = REPOSITORY / "charts-out" / example

    def by_name(objects: list[Object]) -> list[Object]:
        return sorted(objects, key=lambda item: (item["kind"], item["metadata"]["name"]))

    assert by_name(rendered(helm3, chart)) == by_name(rendered(helm4, chart))


@pytest.mark.parametrize(("example", "values"), VALUES)
def test_all_pods_pass_pod_security_restricted(example: str, values: str, helm4: Path) -> None:
    chart = REPOSITORY / "charts-out" / example
    pods = list(pod_templates(rendered(helm4, chart, "-f", str(chart / values))))
    assert len(pods) > 2
    assert [f"{name}: {fault}" for name, pod in pods for fault in faults(pod)] == []


def test_a_careless_pod_is_seen() -> None:
    careless = {
        "spec": {
            "hostNetwork": True,
            "volumes": [{"name": "node", "hostPath": {"path": "/"}}],
            "containers": [{"name": "main", "ports": [{"hostPort": 80}], "securityContext": {"runAsUser": 0}}],
        }
    }
    assert list(faults(careless)) == [
        "hostNetwork",
        "volume node",
        "main: hostPort",
        "main: allowPrivilegeEscalation",
        "main: capabilities",
        "main: runAsNonRoot",
        "main: runAsUser 0",
        "main: seccompProfile",
    ]


def faults(pod: Object) -> Iterator[str]:
    """What Pod Security's level `restricted` refuses: https://kubernetes.io/docs/concepts/security/pod-security-standards/."""
    spec = pod["spec"]
    yield from (key for key in ("hostNetwork", "hostPID", "hostIPC") if spec.get(key))
    allowed = {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }
    for volume in spec.get("volumes", ()):
        if not volume.keys() - {"name"} <= allowed:
            yield f"volume {volume['name']}"
    for container in containers(pod):
        own = container.get("securityContext", {})
        both = {**spec.get("securityContext", {}), **own}
        capabilities = own.get("capabilities", {})
        checks = {
            "hostPort": any("hostPort" in port for port in container.get("ports", ())),
            "privileged": bool(own.get("privileged")),
            "allowPrivilegeEscalation": own.get("allowPrivilegeEscalation") is not False,
            "capabilities": "ALL" not in capabilities.get("drop", ())
            or not set(capabilities.get("add", ())) <= {"NET_BIND_SERVICE"},
            "runAsNonRoot": both.get("runAsNonRoot") is not True,
            "runAsUser 0": both.get("runAsUser") == 0,
            "seccompProfile": both.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"),
        }
        yield from (f"{container['name']}: {check}" for check, wrong in checks.items() if wrong)
