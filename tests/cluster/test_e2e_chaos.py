"""Runs of all kinds of tasks whose runners are killed at random moments: they end as if nothing had happened.

`FLOWHELM_KILLS=50 FLOWHELM_SEED=7 make e2e` kills more often, and otherwise; figures are printed (`pytest -s`).
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from generator.emit.emitter import emit
from generator.runtime.journal import unpack
from tests.charts import chart_of, write_files
from tests.cluster.cluster import CommandFailed, Namespace, Release, Run, wait_for
from tests.cluster.example_database import PASSWORD, ask_database, start_database
from tests.conformance.outcome import flat

pytestmark = pytest.mark.cluster

Json = Any
KILLS = int(os.environ.get("FLOWHELM_KILLS", "8"))
SEED = int(os.environ.get("FLOWHELM_SEED", "1"))
KILLS_A_RUN = 3
"""The Job waits 10, 20, 40 … seconds before it starts the next runner."""
AT_ONCE = 6
DATABASE = "deployment/database"

SPEC = r"""
services:
  web:
    image: python:3.13-slim
    command:
      - python3
      - -u
      - -c
      - |
        import http.server, json, sys
        class Ledger(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_GET(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.path != "/":
                    line = {"asked": self.path, "key": self.headers["Idempotency-Key"]}
                    sys.stdout.write(json.dumps(line) + "\n")
                self.send_response(503 if self.path.startswith("/call/broken") else 200)
                self.send_header("Content-Length", "8")
                self.end_headers()
                self.wfile.write(b'{"n": 7}')
            do_POST = do_GET
            def log_message(self, *words):
                pass
        http.server.ThreadingHTTPServer(("", 8080), Ledger).serve_forever()
    ports: {http: 8080}
    health: {ready: GET /}
    resources: {cpu: 200m, memory: 64Mi}
defaults: {resources: {cpu: 5m, memory: 32Mi}}
x-write: &write
  image: busybox:1.37
  command:
    - sh
    - -c
    - |
      tell() { until wget -qO /dev/null -T 5 --post-data= "$WEB/$1/$RUN/$0/$HOSTNAME"; do sleep 1; done; }
      tell ran; sleep "$2"; tell left; exit "$1"
x-env: &env {env: {WEB: "${{ services.web.url }}", RUN: "${{ run.name }}"}}
x-patient: &patient {retry: {attempts: 10, backoff: {initial: 1s}}}
workflows:
  inner:
    inputs: {n: {type: integer}}
    tasks:
      charge: {run: {<<: *write, args: [inner-charge, "0", "0"]}, <<: *env, mutex: till}
      ask: {needs: [charge], approve: "Go on?"}
      book: {needs: [ask], call: {service: web, post: "/call/book/${{ inputs.n }}"}, <<: *patient}
    on_exit:
      z: {run: {<<: *write, args: ["inner-z-${{ run.status }}", "0", "0"]}, <<: *env}
  work:
    keep: {success: 100, failure: 100}
    tasks:
      first:
        call: {service: web, post: /call/first}
        <<: *patient
        outputs: {n: {type: integer}}
      pack:
        needs: [first]
        foreach: {items: [a, b], parallel: 1}
        run: {<<: *write, args: ["pack-${{ item }}", "0", "1"]}
        <<: *env
      fails:
        run: {<<: *write, args: [fails, "3", "0"]}
        <<: *env
        retry: {attempts: 2, backoff: {initial: 1s}}
      mend: {needs: {fails: failed}, call: {service: web, post: /call/mend}, <<: *patient}
      broken: {call: {service: web, post: /call/broken}, retry: {attempts: 3, backoff: {initial: 1s}}}
      never: {needs: [broken], wait: 1s}
      nested: {needs: [first], workflow: inner, with: {n: "${{ tasks.first.outputs.n }}"}}
      store:
        needs: [first]
        calls: ["10.0.0.1:5432"]
        sql:
          dsn: {secret: db, key: dsn}
          query: "insert into ledger values (:run, :n) returning n"
          params: {run: "${{ run.name }}", n: "${{ tasks.first.outputs.n }}"}
        outputs: {n: {type: integer}}
      pause: {wait: 4s}
      till: {needs: [pause], run: {<<: *write, args: [till, "0", "1"]}, <<: *env, mutex: till}
      end: {needs: {broken: failed, mend: succeeded, till: succeeded, nested: succeeded, pack: succeeded}, wait: 1s}
    on_exit:
      report: {call: {service: web, post: "/call/report/${{ run.status }}"}, <<: *patient}
      last: {run: {<<: *write, args: ["last-${{ run.status }}", "0", "0"]}, <<: *env}
"""

PODS = {"pack-a", "pack-b", "fails", "inner-charge", "inner-z-succeeded", "till", "last-succeeded"}
"""What the pods of a run's own programs tell the ledger; `fails` does so in each of its two tries."""


@dataclass
class Chaos:
    """Runs of one workflow, and somebody who kills their runners."""

    release: Release
    dice: random.Random
    runs: dict[str, int] = field(default_factory=dict)
    kills: list[tuple[str, str, str]] = field(default_factory=list)

    def start(self) -> Run:
        run = self.release.run("work", f"chaos-{len(self.runs)}")
        self.runs[run.name] = 0
        answer = json.dumps({"by": "Ada", "approved": True})
        run.namespace.kubectl("annotate", "job", run.name, f"flowhelm.dev/approve.nested.ask={answer}")
        return run

    def rage(self, kills: int) -> None:
        """Kill so often; runs are started as they are needed."""
        until = time.monotonic() + 60 + 20 * kills
        while len(self.kills) < kills:
            assert time.monotonic() < until, (self.kills, self.runs)
            living = self._living()
            if len({pod["run"] for pod in living}) < AT_ONCE and len(self.runs) * KILLS_A_RUN < kills + AT_ONCE - 1:
                self.start()
                continue
            open_runs = [run for run, count in self.runs.items() if count < KILLS_A_RUN and self._is_open(run)]
            targets = [pod for pod in living if pod["run"] in open_runs and pod["phase"] == "Running"]
            if not open_runs:
                self.start()
            elif targets:
                self._kill(self.dice.choice(targets))
            time.sleep(self.dice.uniform(0, 2))

    def _living(self) -> list[dict[str, str]]:
        pods = self.release.namespace.get("pods", "-l", "flowhelm.dev/workflow=work,!flowhelm.dev/task")
        return [
            {
                "run": pod["metadata"]["labels"]["batch.kubernetes.io/job-name"],
                "name": pod["metadata"]["name"],
                "uid": pod["metadata"]["uid"],
                "phase": pod["status"]["phase"],
            }
            for pod in pods
            if "batch.kubernetes.io/job-name" in pod["metadata"]["labels"]
            and pod["status"]["phase"] in ("Pending", "Running")
            and "deletionTimestamp" not in pod["metadata"]
        ]

    def _is_open(self, run: str) -> bool:
        return not Run(self.release.namespace, run).job().get("status", {}).get("conditions")

    def _kill(self, pod: dict[str, str]) -> None:
        how = self.dice.choice(("killed", "deleted by force", "evicted", "evicted"))
        started = time.monotonic()
        try:
            if how == "evicted":
                self.release.namespace.evict(pod["name"])
            elif how == "deleted by force" or not sigkill(pod["uid"]):
                how = "deleted by force"
                self.release.namespace.kubectl(
                    "delete", "pod", pod["name"], "--grace-period=0", "--force", "--wait=false"
                )
        except CommandFailed as problem:
            if "NotFound" not in problem.stderr:
                raise
            return
        self.kills.append((pod["run"], how, f"{started:.1f}"))
        self.runs[pod["run"]] += 1


def sigkill(uid: str) -> bool:
    """SIGKILL for the runner in a pod whose node is this machine; false when it is not to be found here."""
    wanted = (uid, uid.replace("-", "_"))
    for process in Path("/proc").iterdir():
        try:
            if not process.name.isdigit() or b"runner" not in (process / "cmdline").read_bytes():
                continue
            if any(each in (process / "cgroup").read_text() for each in wanted):
                os.kill(int(process.name), signal.SIGKILL)
                return True
        except OSError:
            continue
    return False


@pytest.fixture
def release(tmp_path: Path, namespace: Namespace, helm4: Path) -> Release:
    dsn = f"postgres://postgres:{PASSWORD}@database:5432/shop"
    namespace.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "stringData": {"dsn": dsn}})
    start_database(namespace, DATABASE, "shop", "create table ledger (run text, n int)")
    installed = Release(namespace, helm4, write_files(emit(chart_of(SPEC)), tmp_path / "shop"))
    installed.install("--set", "monitoring.enabled=false")
    return installed


def story(run: Run) -> dict[str, tuple[str, str]]:
    """How the run and each path in it ended. How often a call was tried depends on how busy the machine is."""
    journal = unpack(run.job()["metadata"]["annotations"]["flowhelm.dev/journal"])
    paths = {path: (task["status"], task.get("reason", "")) for path, task in flat(journal["tasks"]).items()}
    return {"run": (journal["status"], journal["reason"]), **paths}


def tries(run: Run) -> list[tuple[str, str]]:
    """The Jobs of a run's tasks: each must have had one pod."""
    jobs = run.namespace.get("jobs", "-l", f"flowhelm.dev/run={run.name},flowhelm.dev/task")
    for job in jobs:
        assert job["status"].get("succeeded", 0) + job["status"].get("failed", 0) == 1, job
    noted = (job["metadata"]["annotations"] for job in jobs)
    return sorted((each["flowhelm.dev/path"], each["flowhelm.dev/try"]) for each in noted)


def test_runners_that_are_killed_at_random_moments(namespace: Namespace, release: Release) -> None:
    chaos = Chaos(release, random.Random(SEED))
    began = time.monotonic()
    calm = chaos.start()
    assert calm.verdict() == "Complete", calm.story()
    chaos.runs[calm.name] = KILLS_A_RUN
    calm_seconds = time.monotonic() - began
    chaos.rage(KILLS)
    runs = [Run(namespace, name) for name in chaos.runs]
    for run in runs:
        run.verdict(600)
    assert {run.name: story(run) for run in runs} == {run.name: story(calm) for run in runs}
    assert {run.name: tries(run) for run in runs} == {run.name: tries(calm) for run in runs}

    ledger = [line for line in namespace.logs("-l", release.selector("web")) if "asked" in line]
    pods = {line["asked"] for line in ledger if line["asked"].startswith("/ran/")}  # each may have told it twice
    ran = Counter(pod.rpartition("/")[0] for pod in pods)
    assert ran == {f"/ran/{run.name}/{pod}": 1 + (pod == "fails") for run in runs for pod in PODS}
    rows = ask_database(namespace, DATABASE, "shop", "select run, n from ledger order by run")
    assert rows == [f"{run}|7" for run in sorted(chaos.runs)]
    calls = Counter((line["key"], line["asked"]) for line in ledger if line["asked"].startswith("/call/"))
    paths = ("first", "mend", "broken", "nested/book", "report")
    wanted = {f"{run.job()['metadata']['uid']}/{path}/0" for run in runs for path in paths}
    assert {key for key, _ in calls} == wanted
    assert len(calls) == len(wanted)
    told = dict.fromkeys(line["asked"] for line in ledger)
    within = [at for at in told if "/inner-charge/" in at or "/till/" in at]
    entered, left = within[::2], within[1::2]
    assert [at.replace("/ran/", "/left/") for at in entered] == left, "two were in one mutex at once"
    assert wait_for("no mutex to be held", lambda: namespace.get("leases") == [] or None)

    again = sum(calls.values()) - len(calls) - 2 * len(runs)  # `broken` is tried three times
    kinds = Counter(how for _, how, _ in chaos.kills)
    most = max(Counter(run for run, _, _ in chaos.kills).values())
    sys.stdout.write(
        f"\n{len(chaos.kills)} kills (seed {SEED}): {dict(kinds)}; {len(runs)} runs, at most {most} kills in one;"
        f" an undisturbed run {calm_seconds:.0f} s, all {time.monotonic() - began:.0f} s;"
        f" {sum(ran.values())} pods ran once for each try; {len(calls)} calls, {again} repeated with the same key\n"
    )
