"""A workflow of all kinds of tasks whose runs are put through something, and what must hold of them afterwards.

Its pods and requests write into a ledger of their own, so that what was done twice or not at all is seen.
"""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from generator.emit.emitter import emit
from generator.runtime.journal import unpack
from tests.charts import chart_of, write_files
from tests.cluster.cluster import Namespace, Release, Run, wait_for
from tests.cluster.example_database import PASSWORD, ask_database, start_database
from tests.conformance.outcome import flat

Json = Any
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


def installed(namespace: Namespace, helm: Path, folder: Path, *arguments: str) -> Release:
    """The release of SPEC, with its database."""
    dsn = f"postgres://postgres:{PASSWORD}@database:5432/shop"
    namespace.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "stringData": {"dsn": dsn}})
    start_database(namespace, DATABASE, "shop", "create table ledger (run text, n int)")
    release = Release(namespace, helm, write_files(emit(chart_of(SPEC)), folder / "shop"))
    release.install("--set", "monitoring.enabled=false", *arguments)
    return release


def answer(run: Run) -> None:
    """The answer to the run's question."""
    given = json.dumps({"by": "Ada", "approved": True})
    run.namespace.kubectl("annotate", "job", run.name, f"flowhelm.dev/approve.nested.ask={given}")


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


class Done(NamedTuple):
    """What the runs have done: pods, each once for each try; calls; and requests that repeated one, with its key."""

    pods: int
    calls: int
    repeated: int

    def __str__(self) -> str:
        """In words."""
        return f"{self.pods} pods ran once for each try; {self.calls} calls, {self.repeated} repeated with the same key"


def check(release: Release, calm: Run, runs: Sequence[Run]) -> Done:
    """All runs, `calm` among them, came to the same as that one, and did what it did, once."""
    namespace = release.namespace
    assert {run.name: story(run) for run in runs} == {run.name: story(calm) for run in runs}
    assert {run.name: tries(run) for run in runs} == {run.name: tries(calm) for run in runs}

    ledger = [line for line in namespace.logs("-l", release.selector("web")) if "asked" in line]
    pods = {line["asked"] for line in ledger if line["asked"].startswith("/ran/")}  # each may have told it twice
    ran = Counter(pod.rpartition("/")[0] for pod in pods)
    assert ran == {f"/ran/{run.name}/{pod}": 1 + (pod == "fails") for run in runs for pod in PODS}
    rows = ask_database(namespace, DATABASE, "shop", "select run, n from ledger order by run")
    assert rows == [f"{run}|7" for run in sorted(run.name for run in runs)]
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
    return Done(sum(ran.values()), len(calls), again)
