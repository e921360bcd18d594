"""Every kind of task in one run on a real cluster, whose runner is killed while they are at work."""

import base64
import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.cluster import Namespace, Release, Run, wait_for
from tests.cluster.example_database import PASSWORD, start_database

pytestmark = pytest.mark.cluster

Json = Any

SPEC = """
flowhelm: v1
name: kinds
version: 0.1.0
services:
  echo:
    image: python:3.13-slim
    command:
      - python3
      - -c
      - |
        import http.server, json
        class Echo(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_GET(self):
                said = json.dumps({"path": self.path, "key": self.headers.get("X-Key", "none")}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)
        http.server.ThreadingHTTPServer(("", 8080), Echo).serve_forever()
    ports: {http: 8080}
    health: {ready: GET /}
defaults:
  resources: {cpu: 10m, memory: 48Mi}
x-python: &python {image: python:3.13-slim}
x-key: &key {X-Key: {secret: keys, key: api}}
workflows:
  charge:
    inputs: {order: {type: string}, n: {type: integer}}
    outputs: {receipt: {type: string, value: "${{ tasks.book.outputs.path }}"}}
    tasks:
      ask: {approve: "Charge ${{ inputs.order }}?", timeout: 5m}
      work:
        needs: [ask]
        run: {<<: *python, command: [sh, -c, "sleep 2"]}
        mutex: till
      book:
        needs: [work]
        call: [{service: echo, get: "/book/${{ inputs.n }}/${{ tasks.ask.outputs.by }}", headers: *key}]
        outputs: {path: {type: string}}
    on_exit:
      note: {call: [{service: echo, get: "/${{ run.status }}"}], outputs: {path: {type: string, default: ""}}}
  lone:
    tasks:
      a: {run: {<<: *python, command: [sh, -c, "sleep 2"]}, mutex: till}
  fulfil:
    outputs:
      packed: {type: list, value: "${{ tasks.pack.outputs.place }}"}
      receipt: {type: string, value: "${{ tasks.pay.outputs.receipt }}"}
      alone: {type: string, value: "${{ tasks.alone.outputs.key }}"}
    tasks:
      pick:
        sql:
          dsn: {secret: database, key: dsn}
          query: "select count(*) as n, json_agg(name order by name) as names from parcels where size < :size"
          params: {size: 10}
        calls: ["database:5432"]
        outputs: {n: {type: integer}, names: {type: list}}
      pack:
        needs: [pick]
        foreach: {items: "${{ tasks.pick.outputs.names }}", parallel: 2, max_failed: 1}
        run:
          <<: *python
          command:
            - sh
            - -c
            - 'sleep 2; test "$1" != two || exit 2; echo "{\\"place\\": \\"shelf $1\\"}" > $FLOWHELM_OUTPUTS'
            - sh
            - ${{ item }}
        retry: {attempts: 2, backoff: {initial: 1s}}
        mutex: "shelf-${{ item.size() }}"
        outputs: {place: {type: string}}
      pay:
        needs: [pick]
        workflow: charge
        with: {order: seventeen, n: "${{ tasks.pick.outputs.n }}"}
      nap: {wait: 20s}
      alone:
        isolate: true
        call: [{service: echo, get: /alone, headers: *key}]
        outputs: {key: {type: string}}
      rest: {needs: [alone], isolate: true, wait: 2500ms}
      end:
        needs: [pack, pay, nap, rest]
        run: {<<: *python, command: ["true"]}
        priority: 5
"""

EXPECTED = {
    "pick": "succeeded",
    "pack": "succeeded",
    "pack[0]": "succeeded",
    "pack[1]": "succeeded",
    "pack[2]": "failed",
    "pay": "succeeded",
    "pay/ask": "succeeded",
    "pay/work": "succeeded",
    "pay/book": "succeeded",
    "pay/note": "succeeded",
    "nap": "succeeded",
    "alone": "succeeded",
    "rest": "succeeded",
    "end": "succeeded",
}
OUTPUTS = {"packed": ["shelf one", "shelf three", None], "receipt": "/book/3/Ada", "alone": "secret"}
JOBS = {
    ("pick", "1"),
    ("pack[0]", "1"),
    ("pack[1]", "1"),
    ("pack[2]", "1"),
    ("pack[2]", "2"),
    ("pay/work", "1.1"),
    ("alone", "1"),
    ("rest", "1"),
    ("end", "1"),
}


@pytest.fixture
def release(tmp_path: Path, namespace: Namespace, helm4: Path) -> Release:
    """The chart of SPEC, with the database and the keys that it takes for granted."""
    (tmp_path / "spec.yaml").write_text(SPEC, encoding="utf-8")
    program = [sys.executable, "-c", "from generator.cli import main; main()"]
    result = subprocess.run([*program, "compile", "spec.yaml", "-o", "kinds"], cwd=tmp_path, capture_output=True)
    assert result.returncode == 0, result.stderr.decode()
    parcels = (
        "create table parcels as select * from (values ('one', 1), ('two', 2), ('three', 3), ('ten', 10)) p(name, size)"
    )
    start_database(namespace, "deployment/database", "shop", parcels)
    secret = ("create", "secret", "generic")
    dsn = f"postgres://postgres:{PASSWORD}@database:5432/shop"
    namespace.kubectl(*secret, "database", f"--from-literal=dsn={dsn}")
    namespace.kubectl(*secret, "keys", "--from-literal=api=secret")
    installed = Release(namespace, helm4, tmp_path / "kinds")
    installed.install("--set", "monitoring.enabled=false")
    return installed


def journal(run: Run) -> Json:
    """How far the run is, as it is kept on its Job."""
    packed = run.job()["metadata"].get("annotations", {}).get("flowhelm.dev/journal")
    return json.loads(gzip.decompress(base64.b64decode(packed))) if packed else {"tasks": {}}


def statuses(tasks: Json, prefix: str = "") -> dict[str, str]:
    """What became of each task and item, by its path."""
    found = {}
    for name, task in tasks.items():
        entries = {name: task, **{f"{name}[{index}]": item for index, item in enumerate(task.get("each", ()))}}
        for entry, progress in entries.items():
            found[prefix + entry] = progress.get("status", "waiting")
            found.update(statuses(progress.get("workflow", {}).get("tasks", {}), f"{prefix}{entry}/"))
    return found


def is_at(run: Run, path: str, status: str) -> bool:
    return statuses(journal(run)["tasks"]).get(path) == status


def kill_runner(run: Run) -> None:
    """No grace: the process has no time to write anything."""
    for pod in run.pods():
        if pod["status"]["phase"] in ("Pending", "Running"):
            run.namespace.kubectl("delete", "pod", pod["metadata"]["name"], "--grace-period=0", "--force")


def test_all_kinds_of_tasks_outlive_their_runner(release: Release) -> None:
    run = release.run("fulfil", "all-kinds")
    wait_for("the question", lambda: is_at(run, "pay/ask", "running") and is_at(run, "pack[0]", "running"))
    kill_runner(run)
    others = [release.run("lone", f"lone-{number}") for number in range(2)]
    answer = json.dumps({"by": "Ada", "approved": True})  # while no runner lives
    release.namespace.kubectl("annotate", "job", run.name, f"flowhelm.dev/approve.pay.ask={answer}")
    wait_for("the work after the answer", lambda: is_at(run, "pay/work", "running"))
    kill_runner(run)
    assert run.verdict() == "Complete"
    assert "RunResumed" in {line["event"] for line in run.story()}
    kept = journal(run)
    assert statuses(kept["tasks"]) == EXPECTED
    assert kept["outputs"] == OUTPUTS
    jobs = release.namespace.get("jobs", "-l", f"flowhelm.dev/run={run.name},flowhelm.dev/task")
    annotations = [job["metadata"]["annotations"] for job in jobs]
    assert sorted((each["flowhelm.dev/path"], each["flowhelm.dev/try"]) for each in annotations) == sorted(JOBS)
    assert [other.verdict() for other in others] == ["Complete", "Complete"]
    held = [journal(other)["tasks"]["a"] for other in others]
    held.append(kept["tasks"]["pay"]["workflow"]["tasks"]["work"])
    times = sorted((task["started"], task["ended"]) for task in held)
    assert times[0][1] <= times[1][0] <= times[1][1] <= times[2][0], "one run at a time has the mutex"
    assert release.namespace.get("leases") == []
    nap = kept["tasks"]["nap"]
    assert nap["ended"] - nap["started"] >= 20
    events = release.namespace.get("events", "--field-selector", f"involvedObject.name={run.name}")
    answer = f"(flowhelm approve {run.name} pay/ask)"
    assert f"task pay/ask waits: Charge seventeen? {answer}" in {event["message"] for event in events}
