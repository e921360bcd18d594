"""What all tests share: the pinned Helm binaries, expected outputs in files, and when cluster tests are skipped."""

import difflib
import os
import platform
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

# No timed asserts: a busy machine is no bug. In CI the same examples each time: what fails there fails at home.
hypothesis.settings.register_profile("flowhelm", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("flowhelm")

HELM_VERSIONS = ("4.3.1", "3.17.3")
HAS_PINNED_HELM = (sys.platform, platform.machine()) == ("linux", "x86_64")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip cluster tests, so that they count as skipped, when there is no cluster to run them on."""
    if os.environ.get("KUBECONFIG"):
        return
    for item in items:
        if item.get_closest_marker("cluster"):
            item.add_marker(pytest.mark.skip(reason="no cluster: set KUBECONFIG, or run `make e2e`"))


def pinned_helm(version: str) -> Path:
    """The Helm binary of this version in the user's cache, where scripts/fetch-helm put it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    binary = cache / "flowhelm" / "helm" / version / "helm"
    if not binary.exists():
        if not HAS_PINNED_HELM:
            pytest.skip(f"no pinned Helm {version} for {sys.platform} on {platform.machine()}")
        pytest.fail(f"Helm {version} is not at {binary}: run scripts/fetch-helm", pytrace=False)
    return binary


@pytest.fixture(scope="session")
def helm4() -> Path:
    """Helm 4, as pinned."""
    return pinned_helm(HELM_VERSIONS[0])


@pytest.fixture(scope="session")
def helm3() -> Path:
    """Helm 3, as pinned."""
    return pinned_helm(HELM_VERSIONS[1])


def program_of_prometheus(name: str) -> Path:
    """A program of Prometheus: that of the PATH, or what scripts/fetch-promtool put into the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    found = shutil.which(name) or shutil.which(str(cache / "flowhelm" / "promtool" / name))
    if found is None:
        pytest.skip(f"{name} is missing: run scripts/fetch-promtool, or install Debian's package prometheus")
    return Path(found)


@pytest.fixture(scope="session")
def promtool() -> Path:
    """Prometheus' tool for rules."""
    return program_of_prometheus("promtool")


@pytest.fixture(scope="session")
def prometheus() -> Path:
    """Prometheus itself."""
    return program_of_prometheus("prometheus")


@pytest.fixture(params=HELM_VERSIONS)
def helm(request: pytest.FixtureRequest) -> Path:
    """Each pinned Helm in turn: the test runs once with each."""
    return pinned_helm(request.param)


@pytest.fixture(scope="session")
def kubectl() -> Path:
    """The pinned kubectl, which scripts/fetch-helm put beside Helm."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    found = sorted((cache / "flowhelm" / "kubectl").glob("1.3[5-9].*/kubectl"))
    if not found:
        pytest.fail("kubectl is not in the cache: run scripts/fetch-helm", pytrace=False)
    return found[-1]


@pytest.fixture
def expect_file() -> Callable[[str, Path], None]:
    """A check that a text is what a file holds; `make goldens` (FLOWHELM_GOLDENS=1) writes it instead, CI never."""
    rewrite = os.environ.get("FLOWHELM_GOLDENS") == "1" and not os.environ.get("CI")

    def expect(text: str, file: Path) -> None:
        if rewrite:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
            return
        assert file.exists(), f"{file} is not there: run `make goldens`, and read what it wrote"
        expected = file.read_text(encoding="utf-8")
        if text != expected:
            lines = (expected.splitlines(keepends=True), text.splitlines(keepends=True))
            difference = "".join(difflib.unified_diff(*lines, fromfile=str(file), tofile="now"))
            pytest.fail(f"{difference}\nIf it is right as it is now: `make goldens`", pytrace=False)

    return expect
