"""The order example on a real cluster: what the services were asked to do, in which order, whatever happens."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.cluster import Namespace, Release, Run, wait_for

pytestmark = pytest.mark.cluster

IN_STOCK = [
    ("reception", "received"),
    ("inventory", "checked"),
    ("reception", "confirmed"),
    ("inventory", "reserved"),
    ("document", "noted"),
    ("shipping", "shipped"),
    ("payment", "charged"),
    ("document", "audited"),
]
SOLD_OUT = [("reception", "received"), ("inventory", "checked"), ("reception", "apologised"), ("document", "audited")]
SERVICES = ("reception", "inventory", "document", "shipping", "payment")


def every_service(setting: str, value: str) -> list[str]:
    """Helm's options that give all five services a setting."""
    return [word for name in SERVICES for word in ("--set-string", f"services.{name}.env.{setting}={value}")]


def new_image(tag: str) -> list[str]:
    """Helm's options that give all five services another image."""
    return [word for name in SERVICES for word in ("--set-string", f"services.{name}.image.tag={tag}")]


def ledger(release: Release, order: str) -> list[dict[str, Any]]:
    """What the services were asked to do for an order, by time; their logs tell, also those of pods that went."""
    lines = release.namespace.followed_lines() + release.namespace.logs("-l", release.selector())
    entries = {(line["pod"], line["sequence"]): line for line in lines if line.get("order") == order}
    return sorted(entries.values(), key=lambda entry: float(entry["time"]))


def effects(entries: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    """Who did what."""
    return [(entry["service"], entry["effect"]) for entry in entries if entry["effect"]]


def has_happened(effect: str, entries: Iterable[dict[str, Any]]) -> bool:
    """Whether a service did it."""
    return any(entry["effect"] == effect for entry in entries)


def audit(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """What the audit at the end of the run was told."""
    return dict(entries[-1]["body"])


def install(namespace: Namespace, helm: Path, charts: Path, *arguments: str) -> Release:
    """The order chart in the namespace, all pods ready."""
    release = Release(namespace, helm, charts / "order")
    release.install(*arguments)
    namespace.ready_pods()
    return release


def first_run(release: Release) -> Run:
    """The run that the install started."""
    return wait_for("the run on install", lambda: next(iter(release.runs("fulfil")), None))


def test_from_install_to_uninstall(
    namespace: Namespace, helm: Path, charts: Path, shop_images: tuple[str, str]
) -> None:
    release = install(namespace, helm, charts)

    trial = first_run(release)
    assert trial.verdict() == "Complete"
    entries = ledger(release, "trial")
    assert effects(entries) == IN_STOCK
    assert len({entry["key"] for entry in entries}) == len(entries) == 8
    assert entries[5]["body"] == {"note": "note-trial", "express": False}
    assert audit(entries) == {"run": trial.name, "status": "succeeded", "receipt": "receipt-trial"}

    assert release.run("fulfil", "again").verdict() == "Complete"  # inputs: those of the schedule
    assert effects(ledger(release, "nightly")) == IN_STOCK

    assert release.run("fulfil", "other-branch", order="sold-out").verdict() == "Complete"
    entries = ledger(release, "sold-out")
    assert effects(entries) == SOLD_OUT
    assert audit(entries) == {"run": "other-branch", "status": "succeeded", "receipt": ""}

    release.test()
    release.upgrade("--set-string", "services.payment.env.DELAY=0.1")
    release.rollback(1)
    (payment,) = [pod for pod in namespace.ready_pods() if pod["spec"]["containers"][0]["name"] == "payment"]
    assert {"name": "DELAY", "value": "0"} in payment["spec"]["containers"][0]["env"]

    release.uninstall()
    wait_for("an empty namespace", lambda: not namespace.left_behind() or None, patience=60)


def test_a_failed_payment_fails_the_run_but_not_the_release(
    namespace: Namespace, helm4: Path, charts: Path, shop_images: tuple[str, str]
) -> None:
    release = install(namespace, helm4, charts, "--set-string", "services.payment.env.FAILURE_RATE=1")
    trial = first_run(release)
    assert trial.verdict() == "Failed"
    entries = ledger(release, "trial")
    assert effects(entries) == [step for step in IN_STOCK if step != ("payment", "charged")]
    charges = [entry for entry in entries if entry["service"] == "payment"]
    assert [entry["status"] for entry in charges] == [503] * 3, "`retry` says three attempts"
    assert len({entry["key"] for entry in charges}) == 1, "the key stays the same over all tries"
    assert audit(entries) == {"run": trial.name, "status": "failed", "receipt": ""}


def test_a_run_goes_on_through_an_upgrade(
    namespace: Namespace, helm4: Path, charts: Path, shop_images: tuple[str, str]
) -> None:
    release = install(namespace, helm4, charts, "--no-hooks", *every_service("DELAY", "4"))
    before = {pod["metadata"]["name"] for pod in namespace.ready_pods()}
    with namespace.following(release.selector()):
        run = release.run("fulfil", "long", order="long")
        wait_for("the run's first call", lambda: effects(ledger(release, "long")) or None)
        release.upgrade("--reuse-values", *new_image(shop_images[1]))
        assert run.verdict() == "Complete"
    images = {pod["spec"]["containers"][0]["image"] for pod in namespace.ready_pods()}
    assert {image.rpartition(":")[2] for image in images} == {shop_images[1]}
    entries = ledger(release, "long")
    assert effects(entries) == IN_STOCK
    assert len(entries) == len(IN_STOCK), "nothing was asked twice"
    assert len(run.pods()) == 1, "the runner was left alone"
    answered = {entry["pod"] for entry in entries}
    assert answered & before, "the run began before the upgrade"
    assert answered - before, "the run ended after it"


@pytest.mark.parametrize("how", ["killed", "evicted"])
def test_a_run_goes_on_without_its_runner(
    namespace: Namespace, helm4: Path, charts: Path, shop_images: tuple[str, str], how: str
) -> None:
    release = install(namespace, helm4, charts, "--no-hooks", *every_service("DELAY", "1.5"))
    moments = ("received", "reserved", "shipped")
    runs = {moment: release.run("fulfil", f"without-{moment}", order=moment) for moment in moments}
    killed = {moment: remove_runner(release, run, moment, how) for moment, run in runs.items()}
    for moment, run in runs.items():
        assert run.verdict() == "Complete"
        assert len({pod["metadata"]["name"] for pod in run.pods()} - {killed[moment]}) == 1, "a second runner ended it"
        check_that_nothing_is_lost(ledger(release, moment), run, moment)


def remove_runner(release: Release, run: Run, moment: str, how: str) -> str:
    """End the runner as soon as the services have done that much for its order: at once, or by an eviction."""
    wait_for(moment, lambda: has_happened(moment, ledger(release, moment)))
    (runner,) = run.pods()
    name = str(runner["metadata"]["name"])
    if how == "killed":
        release.namespace.kubectl("delete", "pod", name, "--grace-period=0", "--force")
    else:
        release.namespace.evict(name)
    return name


def check_that_nothing_is_lost(entries: list[dict[str, Any]], run: Run, order: str) -> None:
    """All calls were made, in their order; only those of one task were made again, with the keys they had."""
    first_of_each_key = {entry["key"]: entry for entry in reversed(entries)}
    by_time = sorted(first_of_each_key.values(), key=lambda entry: float(entry["time"]))
    assert effects(by_time) == IN_STOCK
    assert audit(by_time) == {"run": run.name, "status": "succeeded", "receipt": f"receipt-{order}"}
    again = [entry for entry in entries if entry is not first_of_each_key[entry["key"]]]
    assert len({entry["key"].split("/")[1] for entry in again}) <= 1, "only the task in hand is begun again"
