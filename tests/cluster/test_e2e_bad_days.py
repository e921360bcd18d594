"""Bad days on a real cluster, all at once: each ends in a status that says in one sentence what has happened.

What is looked at is what `flowhelm status` shows, while a run waits and when it has ended.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from generator.emit.emitter import emit
from generator.runs.kubectl import Kubectl
from generator.runs.looking import look
from generator.runs.starting import retry
from generator.runs.state import RunState
from tests.charts import chart_of, write_files
from tests.cluster.cluster import CommandFailed, Namespace, Release, Run, new_namespace, wait_for

pytestmark = pytest.mark.cluster

Json = Any

DEFAULTS = """
defaults: {resources: {cpu: 5m, memory: 16Mi}, timeout: 20s}
x-true: &true {run: {image: "busybox:1.37", command: ["true"]}}
x-sleep: &sleep "trap 'exit 1' TERM; sleep 600 & wait"
x-gone: &gone {name: gone, persistentVolumeClaim: {claimName: gone}}
"""
SPEC = (
    DEFAULTS
    + """
workflows:
  cpu: {tasks: {a: {<<: *true, resources: {cpu: "4"}}}}
  memory: {tasks: {a: {<<: *true, resources: {memory: 2Gi}}}}
  claim: {tasks: {a: {<<: *true, patches: {Job: {spec: {template: {spec: {volumes: [*gone]}}}}}}}}
  account: {tasks: {a: {<<: *true, patches: {Job: {spec: {template: {spec: {serviceAccountName: gone}}}}}}}}
  secret: {tasks: {a: {<<: *true, env: {WORD: {secret: gone, key: word}}}}}
  file: {tasks: {a: {<<: *true, files: {/etc/word: {secret: gone, key: word}}}}}
  job: {tasks: {job-denied: *true}}
  pod: {tasks: {pod-denied: *true}}
  evicted: {tasks: {a: {run: {image: "busybox:1.37", command: [sh, -c, *sleep]}, timeout: 5m}}}
  webhook: {tasks: {unreviewed: *true}}
  rights: {tasks: {a: {approve: "Go on?", timeout: 5m}, b: {<<: *true, needs: [a]}}}
  rightless: {tasks: {a: {approve: "Go on?", timeout: 5m}, b: {<<: *true, needs: [a]}}}
  ownerless: {tasks: {a: {wait: 1s}}}
"""
)
FULL = (
    DEFAULTS
    + """
workflows:
  first: {tasks: {a: *true, b: {<<: *true, needs: {a: failed}}}}
  next: {tasks: {a: {wait: 1s}}}
"""
)

DENIED = "ValidatingAdmissionPolicy '.*' with binding '.*' denied request: no {} of this task today"
ENDS = {
    "cpu": r"timeout: its pod is refused: exceeded quota: few, requested: requests\.cpu=4, used: .*",
    "memory": r"timeout: its pod is refused: maximum memory usage per Container is 1Gi, but limit is 2Gi",
    "claim": r'timeout: no node takes it: .* persistentvolumeclaim "gone" not found',
    "account": r'timeout: its pod is refused: error looking up service account .*: serviceaccount "gone" not found',
    "secret": r'timeout: its container cannot be started: secret "gone" not found',
    "file": r'timeout: a volume cannot be mounted: secret "gone" not found',
    "job": rf"its Job was refused: .*{DENIED.format('Job')}",
    "pod": rf"timeout: its pod is refused: {DENIED.format('Pod')}",
    "evicted": r"evicted",
}
"""By workflow, what its one task comes to."""

UNREVIEWED = r"its Job cannot be created: .*failed calling webhook .*service \"nowhere\" not found"
RIGHTLESS = r"stopped: the API server refuses: 403: jobs\.batch .* is forbidden: User .* cannot .* resource \"jobs\" .*"
OWNERLESS = r"its runner does not start: its pod is refused: error looking up service account .* not found"
NO_PODS = r"its pod is refused: exceeded quota: full, requested: pods=1, used: pods=1, limited: pods=1"
NO_JOBS = r"its Job was refused: .* exceeded quota: full, requested: count/jobs\.batch=1, used: .*"


def kubectl_of(namespace: Namespace) -> Kubectl:
    """What the commands on runs work through."""
    return Kubectl(str(namespace.program), namespace=namespace.name)


def state_of(run: Run) -> RunState:
    """What `flowhelm status` shows."""
    return look(kubectl_of(run.namespace), run.name)


def reason_of(run: Run, task: str) -> str:
    return state_of(run).tasks[task].reason


def says(sentence: str, pattern: str) -> bool:
    return re.fullmatch(pattern, sentence) is not None


@contextmanager
def unwilling(namespace: Namespace) -> Iterator[str]:
    """In this namespace a policy refuses what its task is called after, and a webhook is asked that is not there.

    Gives the name of both, which are the cluster's.
    """
    name = namespace.name
    here = {"matchLabels": {"kubernetes.io/metadata.name": name}}
    jobs, pods = ({"apiGroups": [group], "resources": [kind]} for group, kind in (("batch", "jobs"), ("", "pods")))
    rules = [{**rule, "apiVersions": ["v1"], "operations": ["CREATE"]} for rule in (jobs, pods)]
    denied = "object.metadata.?labels['flowhelm.dev/task'].orValue('') != object.kind.lowerAscii() + '-denied'"
    validation = {"expression": denied, "messageExpression": "'no ' + object.kind + ' of this task today'"}
    admission = "admissionregistration.k8s.io/v1"
    webhook = {
        "name": "nowhere.example.com",
        "clientConfig": {"service": {"namespace": name, "name": "nowhere"}},
        "rules": rules[:1],
        "namespaceSelector": here,
        "objectSelector": {"matchLabels": {"flowhelm.dev/task": "unreviewed"}},
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    metadata: Json = {"apiVersion": admission, "metadata": {"name": name}}
    constraints = {"namespaceSelector": here, "resourceRules": rules}
    kinds = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration")
    try:
        namespace.apply(
            {**metadata, "kind": kinds[0], "spec": {"matchConstraints": constraints, "validations": [validation]}},
            {**metadata, "kind": kinds[1], "spec": {"policyName": name, "validationActions": ["Deny"]}},
            {**metadata, "kind": kinds[2], "webhooks": [webhook]},
        )
        yield name
    finally:
        namespace.kubectl("delete", ",".join(kinds), name, "--ignore-not-found")


def wait_for_refusal(namespace: Namespace, *words: str, stdin: str | None = None) -> None:
    """Wait until kubectl may not do this."""

    def refused() -> bool:
        try:
            namespace.kubectl(*words, stdin=stdin)
        except CommandFailed:
            return True
        return False

    wait_for(f"the refusal of {' '.join(words)}", refused)


def wait_for_begin(run: Run) -> None:
    wait_for(f"the begin of run {run.name}", lambda: state_of(run).started)


def wait_until_unwilling(release: Release) -> None:
    """Policies and webhooks count only after a moment: until then they are tried."""
    namespace = release.namespace
    template = namespace.get("cronjob", release.cron_job("job"))["spec"]["jobTemplate"]
    for task in ("job-denied", "unreviewed"):
        job = {"apiVersion": "batch/v1", "kind": "Job", "spec": template["spec"]}
        job["metadata"] = {"name": "trial", "labels": {"flowhelm.dev/task": task}}

        wait_for_refusal(namespace, "create", "--dry-run=server", "-f", "-", stdin=json.dumps(job))


def without_restarts(release: Release, workflow: str) -> Run:
    """A run whose first runner is its last."""
    source = f"--from=cronjob/{release.cron_job(workflow)}"
    job = json.loads(release.namespace.kubectl("create", "job", workflow, source, "--dry-run=client", "-o", "json"))
    job["spec"]["backoffLimit"] = 0
    release.namespace.kubectl("create", "-f", "-", stdin=json.dumps(job))
    return Run(release.namespace, workflow)


def without_rights(release: Release, *runs: Run) -> str:
    """Take the rights of the runs' accounts away, then answer what the runs ask; returns the bindings that are gone."""
    namespace = release.namespace
    bindings = [f"rolebinding/{release.cron_job(run.name)}" for run in runs]
    kept = namespace.kubectl("get", *bindings, "-o", "json")
    for run in runs:
        wait_for_begin(run)
    namespace.kubectl("delete", *bindings)
    for run in runs:
        account = f"system:serviceaccount:{namespace.name}:{release.cron_job(run.name)}"
        wait_for_refusal(namespace, "auth", "can-i", "patch", "jobs", "--as", account)
        answer(run)
    return kept


def answer(run: Run) -> None:
    run.namespace.kubectl("annotate", "job", run.name, "flowhelm.dev/approve.a=true")


def check_end(run: Run, pattern: str) -> None:
    """The run has failed, for the reason of its one task."""
    assert run.verdict() == "Failed", run.name
    state = state_of(run)
    ((task, found),) = state.tasks.items()
    assert says(found.reason, pattern), (run.name, found.reason)
    assert state.reason == f"task {task} failed: {found.reason}"
    sys.stdout.write(f"\n{run.name:8}  {state.reason}")


def test_each_bad_day_ends_in_a_sentence(namespace: Namespace, helm4: Path, tmp_path: Path) -> None:
    few: Json = {"apiVersion": "v1", "metadata": {"name": "few"}}
    with new_namespace(namespace.program, "full") as full, unwilling(namespace) as hook:
        releases = []
        for place, spec in ((namespace, SPEC), (full, FULL)):
            chart = write_files(emit(chart_of(spec)), tmp_path / place.name / "shop")
            releases.append(Release(place, helm4, chart))
            releases[-1].install("--set", "monitoring.enabled=false")
        release, crowded = releases
        limits = [{"type": "Container", "max": {"memory": "1Gi"}}]
        namespace.apply(
            {**few, "kind": "ResourceQuota", "spec": {"hard": {"requests.cpu": "3"}}},
            {**few, "kind": "LimitRange", "spec": {"limits": limits}},
        )
        hard = {"pods": "1", "count/jobs.batch": "3"}
        full.apply({**few, "kind": "ResourceQuota", "metadata": {"name": "full"}, "spec": {"hard": hard}})
        namespace.kubectl("delete", "serviceaccount", release.cron_job("ownerless"))
        wait_until_unwilling(release)

        first, nxt = crowded.run("first", "first"), crowded.run("next", "next")
        wait_for("the quota to be named", lambda: says(state_of(nxt).reason, f"its runner does not start: {NO_PODS}"))
        runs = {name: release.run(name, name) for name in (*ENDS, "webhook", "rights", "ownerless")}
        rightless = without_restarts(release, "rightless")
        kept = without_rights(release, runs["rights"], rightless)
        (pod,) = wait_for("the pod to evict", lambda: running_pods(runs["evicted"]))
        namespace.evict(pod["metadata"]["name"])

        wait_for("the runner to say it", lambda: says(state_of(runs["rights"]).reason, f"its runner {RIGHTLESS}"))
        namespace.kubectl("apply", "-f", "-", stdin=kept)
        wait_for("the webhook to be named", lambda: says(reason_of(runs["webhook"], "unreviewed"), UNREVIEWED))
        namespace.kubectl("delete", "validatingwebhookconfiguration", hook)
        wait_for("the account to be named", lambda: says(state_of(runs["ownerless"]).reason, OWNERLESS))

        for name, pattern in ENDS.items():
            check_end(runs[name], pattern)
        assert runs["rights"].verdict() == runs["webhook"].verdict() == "Complete"
        assert [state_of(runs[name]).reason for name in ("rights", "webhook")] == ["", ""]
        assert rightless.verdict() == "Failed"
        assert says(state_of(rightless).reason, f"its runner failed too often: {RIGHTLESS}")
        again = Run(namespace, retry(kubectl_of(namespace), rightless.job(), "again"))
        answer(again)

        assert first.verdict() == "Failed"
        assert says(reason_of(first, "a"), f"timeout: {NO_PODS}")
        assert says(reason_of(first, "b"), NO_JOBS)
        assert again.verdict() == "Complete"


def running_pods(run: Run) -> list[Json]:
    """The pods of a run's tasks whose programs run."""
    pods = run.namespace.get("pods", "-l", f"flowhelm.dev/run={run.name},flowhelm.dev/task")
    return [pod for pod in pods if pod["status"]["phase"] == "Running"]
