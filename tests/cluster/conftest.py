"""The cluster of the end-to-end tests: the one that KUBECONFIG names (`make e2e` sets it when it can)."""

import gzip
import os
import re
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.cluster import stand_ins
from tests.cluster.asking import Ask, asking
from tests.cluster.cluster import Namespace, execute, new_namespace

REPOSITORY = Path(__file__).resolve().parents[2]
# A one-node cluster that scripts beside the checkout start, and their program that gives it an image.
NEIGHBOUR = REPOSITORY.parent / "shared" / "cluster"


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember for the fixtures whether their test failed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture
def namespace(request: pytest.FixtureRequest, kubectl: Path) -> Iterator[Namespace]:
    """A namespace for one test, with Pod Security `restricted` enforced, deleted at the end.

    What is in it is printed when the test failed: afterwards nobody can look.
    """
    words = re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_").lower())
    with new_namespace(kubectl, words[:40].strip("-")) as made:
        yield made
        if request.node.stash.get(FAILED, False):
            sys.stderr.write(made.portrait())


@pytest.fixture
def ask(kubectl: Path, namespace: Namespace) -> Iterator[Ask]:
    """Whether the API server would take an object."""
    with asking(kubectl, namespace.name) as found:
        yield found


@pytest.fixture(scope="session")
def gateway_api(kubectl: Path) -> None:
    """The cluster knows the kinds of Gateway API; a cluster that did not gets them, and keeps them for other tests."""
    packed = sorted((REPOSITORY / "tests" / "data" / "crds").glob("gateway.networking.k8s.io_*.yaml.gz"))
    text = "---\n".join(gzip.decompress(path.read_bytes()).decode() for path in packed)
    execute(kubectl, "apply", "--server-side", "--force-conflicts", "-f", "-", stdin=text)
    execute(kubectl, "wait", "--for=condition=Established", "--timeout=60s", "-f", "-", stdin=text)


@pytest.fixture(scope="session")
def load() -> Path:
    """The program that gives the cluster an image; skips what needs images on a cluster that has no such program."""
    state = Path(os.environ.get("FLOWHELM_CLUSTER_STATE") or Path.home() / ".local" / "state" / "flowhelm-cluster")
    program = NEIGHBOUR / "load"
    if not program.exists() or Path(os.environ["KUBECONFIG"]).resolve() != (state / "kubeconfig").resolve():
        pytest.skip("this cluster takes no images from here: its nodes would have to pull the examples' images")
    return program


@pytest.fixture(scope="session")
def shop_images(load: Path) -> tuple[str, str]:
    """Two versions of the order example's image are on the node: their tags."""
    tags = ("1.0.0", "1.0.1")
    for tag in tags:
        stand_ins.load_shop(load, tag)
    return tags


@pytest.fixture(scope="session")
def aks_store_images(load: Path) -> None:
    """Stand-ins for the AKS store's images are on the node."""
    stand_ins.load_aks_store(load)


@pytest.fixture(scope="session")
def charts() -> Path:
    """The folder of the compiled examples."""
    return REPOSITORY / "charts-out"
