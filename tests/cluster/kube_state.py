"""What kube-state-metrics shows of Jobs, CronJobs and Pods without any flag: the same series, from the same objects.

Input: objects as the API gives them. Output: the text that Prometheus reads. Names, labels and meanings are those of
https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics/workload (job-metrics.md, cronjob-metrics.md,
pod-metrics.md), stable and experimental ones; without an allowlist there are no `kube_*_labels` and `_annotations`.
"""

from __future__ import annotations

import json
import re
import subprocess
import threading
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from tests.cluster.cron_times import next_time

Object = Mapping[str, Any]

FAILURE_REASONS = ("BackoffLimitExceeded", "DeadlineExceeded", "Evicted")
PHASES = ("Pending", "Succeeded", "Failed", "Unknown", "Running")
LISTS = {"job": "apis/batch/v1", "cronjob": "apis/batch/v1", "pod": "api/v1"}


class Sample(NamedTuple):
    """One series and its value."""

    name: str
    labels: Mapping[str, str]
    value: float


def exposition(objects: Mapping[str, Iterable[Object]]) -> str:
    """The text of all series; objects by `job`, `cronjob`, `pod`."""
    kinds = {"job": ("job_name", _of_job), "cronjob": ("cronjob", _of_cron_job), "pod": ("pod", _of_pod)}
    lines: dict[str, list[str]] = {}
    for kind, (label, shown) in kinds.items():
        for each in objects.get(kind, ()):
            metadata = each["metadata"]
            own = {"namespace": metadata["namespace"], label: metadata["name"]}
            own |= {"uid": metadata["uid"]} if kind == "pod" else {}
            for name, labels, value in shown(each):
                lines.setdefault(f"kube_{kind}_{name}", []).append(_line({**own, **labels}, value))
    return "".join(
        f"# TYPE {name} gauge\n" + "".join(f"{name}{line}\n" for line in found) for name, found in lines.items()
    )


def _line(labels: Mapping[str, str], value: float) -> str:
    pairs = ",".join(f"{key}={json.dumps(text, ensure_ascii=False)}" for key, text in labels.items())
    return f"{{{pairs}}} {value:.17g}"


def _of_job(job: Object) -> Iterator[Sample]:
    spec, status = job["spec"], job.get("status", {})
    yield Sample("info", {}, 1)
    yield from _times({"created": job["metadata"].get("creationTimestamp")})
    yield from _owners(job)
    for key, name in (
        ("parallelism", "spec_parallelism"),
        ("completions", "spec_completions"),
        ("activeDeadlineSeconds", "spec_active_deadline_seconds"),
    ):
        if spec.get(key) is not None:
            yield Sample(name, {}, spec[key])
    for key in ("active", "succeeded", "ready"):
        yield Sample(f"status_{key}", {}, status.get(key, 0))
    conditions = {each["type"]: each for each in status.get("conditions", ())}
    yield from _failures(status.get("failed", 0), conditions.get("Failed"))
    for kind, name in (("Complete", "complete"), ("Failed", "failed"), ("Suspended", "status_suspended")):
        if kind in conditions:
            yield from _condition(name, conditions[kind])
    yield from _times(
        {"status_start_time": status.get("startTime"), "status_completion_time": status.get("completionTime")}
    )


def _failures(failed: int, condition: Object | None) -> Iterator[Sample]:
    """How many pods failed, or why the Job did: a reason that kube-state-metrics knows has the value 1."""
    if not failed:
        yield Sample("status_failed", {}, 0)
        return
    if condition is not None:
        for reason in FAILURE_REASONS:
            yield Sample("status_failed", {"reason": reason}, condition.get("reason") == reason)
    if condition is None or condition.get("reason") not in FAILURE_REASONS:
        yield Sample("status_failed", {"reason": ""}, failed)


def _of_cron_job(cron_job: Object) -> Iterator[Sample]:
    spec, status, metadata = cron_job["spec"], cron_job.get("status", {}), cron_job["metadata"]
    zone = spec.get("timeZone", "local")
    about = {"schedule": spec["schedule"], "concurrency_policy": spec["concurrencyPolicy"], "timezone": zone}
    yield Sample("info", about, 1)
    yield Sample("status_active", {}, len(status.get("active", ())))
    yield Sample("metadata_resource_version", {}, float(metadata["resourceVersion"]))
    yield from _times(
        {
            "created": metadata.get("creationTimestamp"),
            "status_last_schedule_time": status.get("lastScheduleTime"),
            "status_last_successful_time": status.get("lastSuccessfulTime"),
        }
    )
    for key, name in (
        ("suspend", "spec_suspend"),
        ("startingDeadlineSeconds", "spec_starting_deadline_seconds"),
        ("successfulJobsHistoryLimit", "spec_successful_job_history_limit"),
        ("failedJobsHistoryLimit", "spec_failed_job_history_limit"),
    ):
        if spec.get(key) is not None:
            yield Sample(name, {}, spec[key])
    if not spec.get("suspend"):
        last = status.get("lastScheduleTime") or metadata["creationTimestamp"]
        due = next_time(spec["schedule"], "Etc/UTC" if zone == "local" else zone, datetime.fromisoformat(last))
        yield Sample("next_schedule_time", {}, due.timestamp())


def _of_pod(pod: Object) -> Iterator[Sample]:
    status = pod.get("status", {})
    yield from _owners(pod)
    for phase in PHASES if status.get("phase") else ():
        yield Sample("status_phase", {"phase": phase}, status["phase"] == phase)
    for condition in status.get("conditions", ()):
        if condition["type"] == "Ready":
            yield from _condition("status_ready", condition)


def _owners(each: Object) -> Iterator[Sample]:
    nobody = {"kind": "", "name": "", "controller": ""}
    for owner in each["metadata"].get("ownerReferences") or [nobody]:
        controller = owner.get("controller", False)
        about = {"owner_kind": owner["kind"], "owner_name": owner["name"]}
        yield Sample("owner", {**about, "owner_is_controller": str(controller).lower()}, 1)


def _condition(name: str, condition: Object) -> Iterator[Sample]:
    for status in ("true", "false", "unknown"):
        yield Sample(name, {"condition": status}, condition["status"].lower() == status)


def _times(times: Mapping[str, str | None]) -> Iterator[Sample]:
    for name, text in times.items():
        if text:
            yield Sample(name, {}, datetime.fromisoformat(text).timestamp())


@contextmanager
def exporting(kubectl: Path, namespace: str) -> Iterator[int]:
    """The port at which Prometheus can read what there is in a namespace now."""
    proxy = subprocess.Popen([str(kubectl), "proxy", "--port=0"], stdout=subprocess.PIPE, text=True)
    assert proxy.stdout
    found = re.search(r":(\d+)$", proxy.stdout.readline().strip())
    assert found

    def listed(kind: str) -> list[Object]:
        url = f"http://127.0.0.1:{found[1]}/{LISTS[kind]}/namespaces/{namespace}/{kind}s"
        with urllib.request.urlopen(url) as answer:
            items: list[Object] = json.load(answer)["items"]
        return items

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = exposition({kind: listed(kind) for kind in LISTS}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        proxy.kill()
        proxy.communicate()
