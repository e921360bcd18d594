"""Time runs of the order example on a cluster, and the same flow by other means beside it: `make bench-runs`.

python -m bench.runs [--runs N] [--argo N]      # KUBECONFIG names the cluster; prints a table in Markdown

All times are the services' own: each of their log lines says when a request came and how long it took, so a run
lasts from the start of its first call to the end of its last one; `on_exit` is left out. Pauses are what lies between
two calls. Delays make the services' own time what the target says; see OWN. Beside it: a script in a pod that makes the
seven requests and does nothing else, in turns with the runs, which is what the cluster's network and the services cost
anyone; and Argo, a chain of five pods that make the same requests, written by hand: order-argo.json.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.__main__ import find_helm
from tests.cluster import stand_ins
from tests.cluster.cluster import Namespace, Release, new_namespace, wait_for

CHECKOUT = Path(__file__).resolve().parents[1]
LOAD = CHECKOUT.parent / "shared" / "cluster" / "load"
TAG = "bench"
CALLS = 7
"""Requests of the five tasks."""

OWN = 10.5
"""Milliseconds that the services of one run take together, as the target says: what requests cost them, and delays."""

SHARES = {"reception": 0.3, "inventory": 0.15, "document": 1.2, "shipping": 0.8, "payment": 0.7}
"""How the services' delays are to each other."""

FIRST_RUNS = 8
"""Runs without delays, to see what requests cost the services on this machine in this hour."""


REQUESTS = (
    "POST order-reception /orders/ORDER",
    "GET order-inventory /stock/ORDER",
    "POST order-reception /orders/ORDER/confirmation",
    "POST order-inventory /reservations/ORDER",
    "POST order-document /delivery-notes/ORDER",
    "POST order-shipping /shipments/ORDER",
    "POST order-payment /charges/ORDER",
)
SCRIPT = """
import http.client, socket, sys, time
calls = [call.split(" ") for call in sys.argv[1:]]
places = {host: socket.getaddrinfo(host, 8080, type=socket.SOCK_STREAM)[0][4][0] for _, host, _ in calls}
time.sleep(0.5)
for method, host, path in calls:
    connection = http.client.HTTPConnection(places[host], 8080)
    connection.request(method, path)
    connection.getresponse().read()
"""


@dataclass(frozen=True)
class Timed:
    """One run: milliseconds from the first call's start to the last one's end, and those in which a service worked."""

    whole: float
    services: float
    pauses: tuple[float, ...]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.runs", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=30, help="runs on jobs, one after another [30]")
    parser.add_argument("--argo", type=int, default=3, help="runs on Argo Workflows [3]")
    arguments = parser.parse_args()
    if "KUBECONFIG" not in os.environ:
        sys.exit("KUBECONFIG names no cluster")
    stand_ins.load_shop(LOAD, TAG)
    with new_namespace(find_kubectl(), "bench-order") as namespace:
        release = Release(namespace, Path(find_helm()), CHECKOUT / "charts-out" / "order")
        release.install("--no-hooks", *settings(0))
        namespace.ready_pods()
        first = timed(release, [play_on_jobs(release, f"first-{number}") for number in range(FIRST_RUNS)])
        release.upgrade("--no-hooks", *settings(max(0, OWN - statistics.median(run.services for run in first))))
        namespace.ready_pods()
        print(
            "| engine | runs | whole ms: min | p50 | p95 | services' own ms, p50 | whole : own, p50 | pauses ms, p50 |"
        )
        print("|---|--:|--:|--:|--:|--:|--:|---|")
        in_turns = [(play_on_jobs(release, f"jobs-{number}"), play_as_script(namespace, f"script-{number}"))
                    for number in range(arguments.runs)]  # fmt: skip
        for engine, orders in zip(("`jobs`", "a script"), zip(*in_turns, strict=True), strict=True):
            print(row(engine, timed(release, orders)), flush=True)
        if arguments.argo:
            on_argo = [play_on_argo(namespace, f"argo-{number}") for number in range(arguments.argo)]
            print(row("Argo", timed(release, on_argo)), flush=True)


def settings(delay: float) -> Iterator[str]:
    """Helm's options for services that wait so many milliseconds in one run, all of them together."""
    shares = sum(SHARES.values()) + SHARES["reception"] + SHARES["inventory"]  # which are called twice
    for service, share in SHARES.items():
        yield from ("--set-string", f"services.{service}.env.DELAY={delay * share / shares / 1000:.6f}")
        yield from ("--set-string", f"services.{service}.image.tag={TAG}")


def find_kubectl() -> Path:
    """The pinned kubectl, which scripts/fetch-helm put beside Helm. Ends the program when it is not there."""
    found = sorted(Path(find_helm()).parents[2].glob("kubectl/*/kubectl"))
    if not found:
        sys.exit("kubectl is not in the cache: run scripts/fetch-helm")
    return found[-1]


def play_on_jobs(release: Release, order: str) -> str:
    """One run of the chart's workflow; returns its order."""
    verdict = release.run("fulfil", order, order=order).verdict()
    if verdict != "Complete":
        raise SystemExit(f"run {order}: {verdict}")
    return order


def play_as_script(namespace: Namespace, order: str) -> str:
    """The seven requests by http.client, one after another, in a pod of their own; returns the order."""
    (template,) = (
        each["spec"]["template"]["spec"]
        for each in namespace.get("deployments")
        if each["metadata"]["name"] == "order-reception"
    )
    container = {key: template["containers"][0][key] for key in ("image", "imagePullPolicy", "securityContext")}
    command = ["python3", "-c", SCRIPT, *(call.replace("ORDER", order) for call in REQUESTS)]
    pod = {"restartPolicy": "Never", "securityContext": template.get("securityContext", {}),
           "automountServiceAccountToken": False,
           "containers": [{**container, "name": "script", "command": command}]}  # fmt: skip
    namespace.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": order}, "spec": pod})

    def ended() -> bool | None:
        return True if namespace.get("pod", order)["status"].get("phase") in ("Succeeded", "Failed") else None

    wait_for(f"the end of {order}", ended)
    return order


def play_on_argo(namespace: Namespace, order: str) -> str:
    """The same five tasks as a hand-written Argo workflow, each a pod that makes its calls; returns its order."""
    text = (CHECKOUT / "bench" / "order-argo.json").read_text(encoding="utf-8")
    workflow = json.loads(text.replace("ORDER", order))
    namespace.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "argo"}}, *workflow["access"])
    namespace.apply(workflow["workflow"])

    def ended() -> str | None:
        phase = namespace.get("workflows.argoproj.io", order).get("status", {}).get("phase", "")
        return phase if phase in ("Succeeded", "Failed", "Error") else None

    phase = wait_for(f"the end of {order}", ended, 300)
    if phase != "Succeeded":
        raise SystemExit(f"{order}: {phase}\n{namespace.portrait()}")
    return order


def timed(release: Release, orders: Sequence[str]) -> list[Timed]:
    """What the services' logs say of these orders."""
    lines = release.namespace.logs("-l", release.selector())
    return [of_order([line for line in lines if line.get("order") == order]) for order in orders]


def of_order(lines: list[dict[str, Any]]) -> Timed:
    """One order, from the lines of its calls."""
    calls = sorted((line for line in lines if line["effect"] != "audited"), key=lambda line: float(line["time"]))
    if len(calls) != CALLS:
        raise SystemExit(f"{len(calls)} calls instead of {CALLS}: {calls}")
    ends = [1000 * (call["time"] + call["seconds"]) for call in calls]
    starts = [1000 * call["time"] for call in calls]
    pauses = tuple(start - end for start, end in zip(starts[1:], ends, strict=False))
    return Timed(ends[-1] - starts[0], sum(1000 * call["seconds"] for call in calls), pauses)


def row(engine: str, runs: list[Timed]) -> str:
    """A row of the table."""
    whole = sorted(run.whole for run in runs)
    p95 = whole[min(len(whole) - 1, int(0.95 * len(whole)))]
    own = statistics.median(run.services for run in runs)
    ratio = statistics.median(run.whole / run.services for run in runs)
    pauses = " ".join(f"{statistics.median(each):.2f}" for each in zip(*(run.pauses for run in runs), strict=True))
    middle = statistics.median(whole)
    return (
        f"| {engine} | {len(runs)} | {whole[0]:.1f} | {middle:.1f} | {p95:.1f} | {own:.1f} | {ratio:.2f} | {pauses} |"
    )


if __name__ == "__main__":
    main()
