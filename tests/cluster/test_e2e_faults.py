"""Runs whose runners see the real API server through a proxy that breaks every second exchange: they end as ever.

The runners are the run's own pods; only the address of their API server and whom they trust are others.
`FLOWHELM_FAULTY=8 FLOWHELM_HANGS=20 FLOWHELM_SEED=7 make e2e` has more runs, long silences, other faults; figures are
printed (`pytest -s`).
"""

import json
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.chaos import answer, check, installed
from tests.cluster.cluster import Namespace, Release, Run, execute, wait_for

pytestmark = pytest.mark.cluster

Json = Any
RUNS = int(os.environ.get("FLOWHELM_FAULTY", "2"))
HANGS = int(os.environ.get("FLOWHELM_HANGS", "0"))
"""How often the proxy is silent for 33 seconds, or a watch for 93."""
SEED = os.environ.get("FLOWHELM_SEED", "1")
PROXY = "faulty-proxy"
PORT = 6443
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"

FAULTS = {"403", "409", "410", "410 within", "429", "500", "503", "504", "dropped", "lost", "half"}


def start_proxy(namespace: Namespace, folder: Path) -> None:
    """The proxy behind a Service of its name, with a certificate for that name."""
    options = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    extensions = (f"subjectAltName=DNS:{PROXY}", "keyUsage=critical,digitalSignature,keyCertSign")
    added = [word for extension in extensions for word in ("-addext", extension)]
    files = ("-keyout", folder / "tls.key", "-out", folder / "tls.crt")
    execute("openssl", "req", "-x509", *options, "-subj", f"/CN={PROXY}", *added, *files)
    certificate, key = ((folder / f"tls.{kind}").read_text() for kind in ("crt", "key"))
    program = Path(__file__).with_name("faulty_proxy.py").read_text()
    core: Json = {"apiVersion": "v1", "metadata": {"name": PROXY}}
    volumes = [
        {"name": "program", "configMap": {"name": PROXY}},
        {"name": "tls", "secret": {"secretName": PROXY}},
        {"name": "trust", "configMap": {"name": "kube-root-ca.crt"}},
    ]
    container = {
        "name": "proxy",
        "image": "python:3.13-slim",
        "command": ["python3", "/program/faulty_proxy.py", SEED, str(HANGS)],
        "readinessProbe": {"tcpSocket": {"port": PORT}, "periodSeconds": 1},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [{"name": volume["name"], "mountPath": f"/{volume['name']}"} for volume in volumes],
    }
    security = {"runAsUser": 10001, "runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    pod = {"containers": [container], "volumes": volumes, "securityContext": security}
    template = {"metadata": {"labels": {"app": PROXY}}, "spec": pod}
    deployment = {"selector": {"matchLabels": {"app": PROXY}}, "template": template}
    namespace.apply(
        {**core, "kind": "ConfigMap", "data": {"faulty_proxy.py": program, "ca.crt": certificate}},
        {**core, "kind": "Secret", "stringData": {"tls.crt": certificate, "tls.key": key}},
        {**core, "kind": "Service", "spec": {"selector": {"app": PROXY}, "ports": [{"port": PORT}]}},
        {**core, "apiVersion": "apps/v1", "kind": "Deployment", "spec": deployment},
    )


def run_through_proxy(release: Release, name: str) -> Run:
    """A run whose runner takes the proxy for the API server; its token is its own, as ever."""
    namespace = release.namespace
    source = f"--from=cronjob/{release.cron_job('work')}"
    job = json.loads(namespace.kubectl("create", "job", name, source, "--dry-run=client", "-o", "json"))
    pod = job["spec"]["template"]["spec"]
    token = {"serviceAccountToken": {"path": "token", "expirationSeconds": 3600}}
    trust = {"configMap": {"name": PROXY, "items": [{"key": "ca.crt", "path": "ca.crt"}]}}
    pod["volumes"].append({"name": "account", "projected": {"sources": [token, trust]}})
    (runner,) = pod["containers"]
    runner["volumeMounts"].append({"name": "account", "mountPath": ACCOUNT, "readOnly": True})
    runner["env"] += [
        {"name": "KUBERNETES_SERVICE_HOST", "value": PROXY},
        {"name": "KUBERNETES_SERVICE_PORT", "value": str(PORT)},
    ]
    namespace.kubectl("create", "-f", "-", stdin=json.dumps(job))
    return Run(namespace, name)


def test_runs_go_on_whatever_the_api_server_answers(namespace: Namespace, helm4: Path, tmp_path: Path) -> None:
    start_proxy(namespace, tmp_path)
    release = installed(namespace, helm4, tmp_path, "--set", "networkPolicy.enabled=false")
    wait_for("the proxy", lambda: namespace.get("deployment", PROXY).get("status", {}).get("readyReplicas"))
    began = time.monotonic()
    calm = release.run("work", "calm")
    faulty = [run_through_proxy(release, f"faulty-{number}") for number in range(RUNS)]
    for run in (calm, *faulty):
        answer(run)
    patience = 240.0 + 60 * HANGS
    assert [run.verdict(patience) for run in (calm, *faulty)] == ["Complete"] * (1 + RUNS)
    done = check(release, calm, [calm, *faulty])
    ends = {run.name: [line["result"] for line in run.story() if line["event"] == "RunnerEnds"] for run in faulty}
    assert ends == {run.name: ["succeeded"] for run in faulty}, "no runner gave up"

    asked = namespace.logs("-l", f"app={PROXY}")
    suffered = Counter(line["fault"] for line in asked)
    assert suffered.keys() >= FAULTS, suffered
    refused_jobs = {line["fault"] for line in asked if (line["asked"], line["about"]) == ("POST", "jobs")}
    assert refused_jobs & {"403", "409", "lost"}, "of what is created, some was asked for twice"
    peaceful = suffered.pop("")
    sys.stdout.write(
        f"\n{RUNS} runs through the proxy (seed {SEED}): {len(asked)} requests and watches, {peaceful} in peace,"
        f" {dict(sorted(suffered.items()))}; {time.monotonic() - began:.0f} s; {done}\n"
    )
