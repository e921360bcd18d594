"""All rows on a real cluster at once: their charts are compiled and installed, their runs started, their ends awaited.

Each row is a workflow of a spec that flowhelm compiles; a few charts hold them all, because a release must fit into a
Secret. What a row's script says is done for real: the pods ask the `prompter` what their try is to do (props/), and
the services ask it how to answer. Evictions and cancellations are this program's.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.compiler import Options, compile_spec
from generator.diagnostics import Diagnostics, Severity
from tests.charts import write_files
from tests.cluster.cluster import Namespace, execute, wait_for
from tests.cluster.example_database import PASSWORD, start_database
from tests.conformance import jobs
from tests.conformance.compiled import NAMES, spec_of
from tests.conformance.outcome import Outcome
from tests.conformance.specs import Props, environment_of, services_of, values_of
from tests.runtime.workflow_rows import Row

Json = Any
PROPS = Path(__file__).with_name("props")
IMAGE = "python:3.13-slim"
ROWS_IN_A_CHART = 30
RUNS_AT_ONCE = 16
VALUES = "values-of-rows.json"
LONG = 50.0
"""Seconds that a row waits, from which on it begins first and counts for nothing in the number of runs at once."""
PATIENCE = 900.0


def program(name: str) -> list[str]:
    """The command of a container that runs one of the props."""
    return ["python3", "-ISc", (PROPS / f"{name}.py").read_text(encoding="utf-8")]


def props() -> Props:
    """Tasks' pods on a cluster."""
    run = {"image": IMAGE, "command": program("task")}
    return Props(run=run, workflow={"keep": {"success": 5, "failure": 5}}, patience="3m")


SMALL: Json = {"resources": {"requests": {"cpu": "10m"}}}
"""What a run's own pod asks for here: many are there at once."""
NOWHERE: Json = {
    "image": IMAGE,
    "command": ["python3", "-m", "http.server", "9090", "--directory", "/tmp"],
    "ports": {"http": 8080, "alive": 9090},
    "health": {"ready": {"tcp": True, "port": "alive", "period": "1s"}},
}
"""A service at whose main port nobody listens."""


def _service(name: str) -> Json:
    """A service that answers as the prompter says."""
    ready = {"tcp": True, "period": "1s"}
    pod = {"image": IMAGE, "command": program("service"), "ports": {"http": 8080}}
    return {**pod, "env": {"SERVICE": name}, "health": {"ready": ready}}


def spec(name: str, rows: Sequence[Row], engine: str) -> Json:
    """The spec of one chart."""
    found = spec_of(name, rows, props())
    for service in found.get("services", {}):
        found["services"][service] = NOWHERE if service == "nowhere" else _service(service)
    overridden = {NAMES[row.name]: values for row in rows if (values := environment_of(row, NAMES[row.name]))}
    changed = {key: value for values in overridden.values() for key, value in values.items()}
    return {
        **found,
        "engine": engine,
        "monitoring": {"enabled": False},
        "defaults": {"resources": {"cpu": "10m", "memory": "48Mi"}},
        **({"environments": {"cluster": {"workflows": changed}}} if changed else {}),
    }


def charts(rows: Sequence[Row], engine: str, folder: Path) -> dict[Path, list[Row]]:
    """The charts, those with the rows that take longest first. Rows with services share theirs."""
    calling = [row for row in rows if services_of(row)]
    others = sorted((row for row in rows if not services_of(row)), key=lambda row: -seconds_of(row))
    groups = [others[start : start + ROWS_IN_A_CHART] for start in range(0, len(others), ROWS_IN_A_CHART)]
    groups.insert(1, calling)
    found = {}
    for number, group in enumerate(filter(None, groups)):
        name = f"rows{number}"
        path = folder / f"{name}.json"
        path.write_text(json.dumps(spec(name, group, engine)), encoding="utf-8")
        diagnostics = Diagnostics()
        compiled = compile_spec(path, Options(), diagnostics)
        assert compiled, [each.message for each in diagnostics if each.severity is Severity.ERROR]
        found[write_files(compiled.files, folder / name)] = list(group)
        values = {key: value for row in group for key, value in values_of(row, NAMES[row.name]).items()}
        (folder / name / VALUES).write_text(json.dumps({"workflows": values, "runner": SMALL}), encoding="utf-8")
    return found


def seconds_of(row: Row) -> float:
    """About how long a row waits, by its own time-outs and pauses: only for the order in which they begin."""
    plans = [row.plan, *(task.plan for task in row.all_tasks().values())]
    times = [plan[key] for plan in plans for key in ("timeout", "wait") if plan.get(key, 3600.0) < 3600.0]
    scripts = {script for task in row.all_tasks().values() for script in task.script}
    pauses = [plan["retry"]["initial"] for plan in plans if plan.get("retry", {}).get("attempts", 1) > 1]
    return float(max([*times, *pauses, 300.0 if "no image" in scripts else 0.0]))


@dataclass
class Stage:
    """The rows that have begun, and what is known of them."""

    namespace: Namespace
    helm: Path
    folder: Path
    ready: list[Row] = field(default_factory=list)
    playing: dict[str, Row] = field(default_factory=dict)
    gone: dict[str, float] = field(default_factory=dict)
    seen: list[Json] = field(default_factory=list)
    acted: set[str] = field(default_factory=set)
    cron_jobs: list[Json] = field(default_factory=list)

    def play(self, rows: Sequence[Row], engine: str = "jobs") -> dict[str, Outcome]:
        """Let all rows run to their ends, or until there is no time left; what came of each, by its name."""
        self._start_prompter(rows)
        if any(task.plan["kind"] == "sql" for row in rows for task in row.all_tasks().values()):
            self._start_database()
        made = charts(rows, engine, self.folder)
        until = time.monotonic() + PATIENCE
        with ThreadPoolExecutor(2) as installers:
            installing = {installers.submit(self._install, chart): group for chart, group in made.items()}
            while (installing or self.ready or self.playing) and time.monotonic() < until:
                self._take_installed(installing)
                self._begin()
                self._act()
                self._look()
                time.sleep(2)
        return self._outcomes(rows)

    # --- before -------------------------------------------------------------------------------------------------------

    def _start_prompter(self, rows: Sequence[Row]) -> None:
        pods = {start: prompt for row in rows for start, prompt in jobs.prompts_of(row).items()}
        calls = {
            NAMES[row.name]: {
                path: [step.answers for step in task.steps] for path, task in row.all_tasks().items() if task.steps
            }
            for row in rows
        }
        self.namespace.apply(*prompter(json.dumps({"pods": pods, "calls": calls})))
        wait_for(
            "the prompter", lambda: self.namespace.get("deployment/prompter").get("status", {}).get("readyReplicas")
        )

    def _start_database(self) -> None:
        start_database(self.namespace, "deployment/database", "rows", "")
        address = f"postgres:{PASSWORD}@database:5432/rows"
        dsns = {"postgres": f"postgres://{address}", "mysql": f"mysql://{address}"}
        secret = {"kind": "Secret", "metadata": {"name": "database"}, "stringData": dsns}
        self.namespace.apply({"apiVersion": "v1", **secret})

    def _install(self, chart: Path) -> None:
        files = (chart / name for name in ("values-cluster.yaml", VALUES))
        more = [word for file in files if file.exists() for word in ("-f", str(file))]
        where = ["--namespace", self.namespace.name, "--wait", "--timeout", "5m"]
        execute(self.helm, "install", chart.name, str(chart), *where, *more, timeout=400)
        # Runs that the installation started are not the rows'.
        runs = f"app.kubernetes.io/instance={chart.name},flowhelm.dev/workflow,!flowhelm.dev/task"
        self.namespace.kubectl("delete", "jobs", "-l", runs, "--wait=true")

    def _take_installed(self, installing: dict[Future[None], list[Row]]) -> None:
        for future in [future for future in installing if future.done()]:
            future.result()
            self.ready += installing.pop(future)
            self.cron_jobs = self.namespace.get("cronjobs", "-l", "!flowhelm.dev/task")

    # --- while they play ----------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """As many as may run at once; those that mostly wait are in nobody's way."""
        self.ready.sort(key=seconds_of, reverse=True)
        room = RUNS_AT_ONCE - sum(seconds_of(row) < LONG for row in self.playing.values())
        beginning = [row for row in self.ready if seconds_of(row) >= LONG]
        beginning = [*beginning, *[row for row in self.ready if seconds_of(row) < LONG][: max(0, room)]]
        made = [job for row in beginning for job in jobs.run_of(row, self.cron_jobs)]
        before = [job for job in made if job["metadata"]["name"] not in NAMES.values()]
        if before:
            self._create(before)
            names = [job["metadata"]["name"] for job in before if job["metadata"]["name"].endswith("-ended")]
            if names:
                self.namespace.kubectl("wait", "--for=condition=complete", "--timeout=120s", "job", *names)
            time.sleep(1.1)  # of two runs of the same second it is open which is the older one
        self._create([job for job in made if job not in before])
        for row in beginning:
            self.ready.remove(row)
            self.playing[NAMES[row.name]] = row

    def _create(self, manifests: list[Json]) -> None:
        if manifests:
            listed = {"apiVersion": "v1", "kind": "List", "items": manifests}
            self.namespace.kubectl("create", "-f", "-", stdin=json.dumps(listed))

    def _act(self) -> None:
        """Cancel what is to be cancelled, evict what is to be evicted."""
        lines = self.namespace.kubectl("logs", "deployment/prompter", "--tail=-1").splitlines()
        self.seen = [json.loads(line) for line in lines if line.startswith("{")]
        for record in self.seen:
            row = self.playing.get(record["row"])
            if row and row.cancel_when == record["path"] and record["row"] not in self.acted:
                self.acted.add(record["row"])
                self.namespace.kubectl("annotate", "job", record["row"], "flowhelm.dev/cancel=true")
            if record["told"] in ("evicted", "gone") and record["pod"] not in self.acted:
                self.acted.add(record["pod"])
                if record["told"] == "evicted":
                    self.namespace.evict(record["pod"])
                else:
                    self.namespace.kubectl("delete", "pod", record["pod"], "--grace-period=0", "--force")

    def _look(self) -> None:
        """Which runs have ended; other runs end when they are cancelled."""
        # As a table: the Jobs themselves carry their plans and journals, megabytes in all.
        table = self.namespace.kubectl("get", "jobs", "-l", "flowhelm.dev/workflow,!flowhelm.dev/task", "--no-headers")
        states = dict(line.split()[:2] for line in table.splitlines())
        others = [f"{name}-{other}" for name, row in self.playing.items() for other in row.other_runs]
        for name in set(others) & {name for name, state in states.items() if state == "Suspended"}:
            if "flowhelm.dev/cancel" in self.namespace.get("job", name)["metadata"].get("annotations", {}):
                self.namespace.kubectl("delete", "job", name, "--wait=true")
                self.gone[name] = time.time()
        for name in [name for name in self.playing if states.get(name) in ("Complete", "Failed")]:
            del self.playing[name]

    # --- after --------------------------------------------------------------------------------------------------------

    def _outcomes(self, rows: Sequence[Row]) -> dict[str, Outcome]:
        self._act()
        found = self.namespace.get("jobs")
        by_row: dict[str, list[Json]] = {}
        for record in self.seen:
            by_row.setdefault(record["row"], []).append(record)
        by_run: dict[str, list[Json]] = {}
        for job in found:
            run = job["metadata"].get("labels", {}).get("flowhelm.dev/run", job["metadata"]["name"])
            by_run.setdefault(run, []).append(job)
        return {row.name: self._outcome(row, by_run, by_row) for row in rows if NAMES[row.name] in by_run}

    def _outcome(self, row: Row, by_run: dict[str, list[Json]], by_row: dict[str, list[Json]]) -> Outcome:
        name = NAMES[row.name]
        return jobs.outcome_of(row, by_run[name], by_row.get(name, []), self.gone)


def prompter(table: str) -> Iterator[Json]:
    """The objects of the prompter."""
    name, labels = "prompter", {"app": "conformance-prompter"}
    yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"table.json": table}}
    security = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    container = {
        "name": name,
        "image": IMAGE,
        "command": program(name),
        "readinessProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 1},
        "securityContext": security,
        "volumeMounts": [{"name": "table", "mountPath": "/etc/prompter"}],
    }
    pod = {
        "containers": [container],
        "volumes": [{"name": "table", "configMap": {"name": name}}],
        "securityContext": {"runAsUser": 65532, "runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    }
    deployment = {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}}
    yield {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": deployment}
    service = {"selector": labels, "ports": [{"port": 8080}]}
    yield {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "conformance-prompter"}, "spec": service}
