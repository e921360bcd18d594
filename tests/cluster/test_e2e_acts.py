"""The commands that act on runs, on a real cluster, by somebody with no more rights than docs/runs.md names."""

import hashlib
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.cluster import Namespace, Release, Run, wait_for

pytestmark = pytest.mark.cluster

REPOSITORY = Path(__file__).resolve().parents[2]
HOSTILE = "\"quoted\" 'too'\n\n$(touch x) `id` ${HOME} $$ \\ {{ .Values }} %s ü € 日本 🎁 \t end "

SPEC = """
flowhelm: v1
name: acts
version: 0.1.0
services:
  web:
    image: python:3.13-slim
    command: [python3, -u, /srv/web.py]
    files: {/srv/web.py: {from: web.py}}
    ports: {http: 8080}
    health: {ready: GET /}
    resources: {cpu: 20m, memory: 64Mi}
defaults:
  resources: {cpu: 20m, memory: 64Mi}
workflows:
  say:
    inputs: {words: {type: string}}
    tasks:
      say:
        run:
          image: python:3.13-slim
          command: [python3, -c, "import os; print(os.environ['WORDS'], end='')"]
        env: {WORDS: "${{ inputs.words }}"}
  half:
    tasks:
      pick:
        run:
          image: python:3.13-slim
          command: [python3, -c, 'open("/dev/termination-log", "w").write("{\\"items\\": [\\"a\\", \\"b\\"]}")']
        outputs: {items: {type: list}}
      weigh:
        needs: [pick]
        foreach: {items: "${{ tasks.pick.outputs.items }}"}
        run:
          image: python:3.13-slim
          command:
            - python3
            - -c
            - import sys, urllib.request; print("weighs", sys.argv[2]); urllib.request.urlopen("/".join(sys.argv[1:]))
          args: ["${{ services.web.url }}", "${{ item }}"]
        services: [web]
      ask: {needs: [pick], approve: "Tell them of ${{ tasks.pick.outputs.items.size() }}?"}
      tell: {needs: [ask], call: {service: web, post: /tell}}
      end: {needs: [weigh, tell], wait: 10ms}
"""

WEB = """
import http.server, os

class Web(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        failing = not os.path.exists("/tmp/mended") and self.path in ("/b", "/tell")
        print(self.path, self.headers["Idempotency-Key"])
        self.send_response(500 if failing else 200)
        self.end_headers()
    do_POST = do_GET
    def log_message(self, *words):
        pass

http.server.ThreadingHTTPServer(("", 8080), Web).serve_forever()
"""


@dataclass
class Person:
    """Somebody with a kubeconfig of their own."""

    kubeconfig: Path
    kubectl: Path

    def types(self, *words: str, stdin: str | None = None) -> "subprocess.CompletedProcess[str]":
        """What comes of a command."""
        program = [sys.executable, "-c", "from generator.cli import main; main()"]
        environment = {
            "KUBECONFIG": str(self.kubeconfig),
            "FLOWHELM_KUBECTL": str(self.kubectl),
            "HOME": str(self.kubeconfig.parent),
            "PATH": "/usr/bin:/bin",
        }
        return subprocess.run(
            [*program, *words],
            env=environment,
            input=stdin,
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


@pytest.fixture
def release(namespace: Namespace, helm4: Path, tmp_path: Path) -> Release:
    (tmp_path / "spec.yaml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "web.py").write_text(WEB, encoding="utf-8")
    program = [sys.executable, "-c", "from generator.cli import main; main()"]
    command = [*program, "compile", "spec.yaml", "-o", "acts"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    found = Release(namespace, helm4, tmp_path / "acts")
    found.install("--set", "monitoring.enabled=false")
    return found


@pytest.fixture
def person(namespace: Namespace, kubectl: Path, tmp_path: Path) -> Person:
    """Somebody with the Role of docs/runs.md."""
    page = (REPOSITORY / "docs" / "runs.md").read_text("utf-8")
    role = yaml.safe_load(next(text for text in re.findall(r"```yaml\n(.*?)```", page, re.S) if "kind: Role" in text))
    account = {"kind": "ServiceAccount", "name": "person"}
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role["metadata"]["name"]}
    binding = {"kind": "RoleBinding", "metadata": {"name": "person"}, "roleRef": reference, "subjects": [account]}
    namespace.apply(
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "person"}},
        role,
        {"apiVersion": "rbac.authorization.k8s.io/v1", **binding},
    )
    config = json.loads(namespace.kubectl("config", "view", "--raw", "--minify", "--flatten", "-o", "json"))
    config["users"] = [{"name": "person", "user": {"token": namespace.kubectl("create", "token", "person").strip()}}]
    context = {"cluster": config["clusters"][0]["name"], "user": "person", "namespace": namespace.name}
    config.update({"contexts": [{"name": "theirs", "context": context}], "current-context": "theirs"})
    (tmp_path / "kubeconfig").write_text(json.dumps(config), "utf-8")
    return Person(tmp_path / "kubeconfig", kubectl)


def test_what_people_do_to_runs(namespace: Namespace, release: Release, person: Person) -> None:
    words = HOSTILE + hashlib.sha256(b"flowhelm").hexdigest() * 1500
    said = person.types("run", release.name, "say", "--input-file", "-", stdin=json.dumps({"words": words}))
    first = person.types("run", release.name, "half").stdout.strip()
    refused = person.types("run", release.name, "say", "-i", "word=x")
    assert (refused.returncode, refused.stdout) == (1, ""), refused
    assert "there is no input word; did you mean words?" in refused.stderr

    wait_for("the question", lambda: person.types("approve", first).stdout == "ask: Tell them of 2?\n" or None)
    assert person.types("approve", first, "ask").returncode == 0
    assert person.types("approve", first, "ask", "--reject").returncode == 1
    assert Run(namespace, first).verdict() == "Failed"
    assert person.types("logs", said.stdout.strip(), "say").stdout == words + "\n"
    assert "weighs b" in person.types("logs", first, "weigh[1]", "-f").stdout
    told = person.types("logs", first)
    assert "tell              failed" in told.stdout, told

    namespace.kubectl("exec", f"deployment/{release.name}-web", "--", "python3", "-c", "open('/tmp/mended', 'w')")
    retried = person.types("retry", first, "--watch")
    assert retried.returncode == 0, retried.stderr
    assert "weigh[0]          succeeded, taken over" in retried.stderr
    assert "weigh[1]          succeeded after" in retried.stderr
    watched = person.types("status", first, "--watch", "-o", "json")
    assert (watched.returncode, json.loads(watched.stdout)["tasks"]["tell"]["status"]) == (1, "failed"), watched
    again = retried.stdout.strip()
    assert tasks_of(namespace, first) == ["pick", "weigh[0]", "weigh[1]"]
    assert tasks_of(namespace, again) == ["weigh[1]"]
    requests = namespace.kubectl("logs", f"deployment/{release.name}-web", "--tail=-1").splitlines()
    keys = [line.split()[1] for line in requests if line.startswith("/tell")]
    assert len(keys) == 2
    assert len(set(keys)) == 1, "a service can tell that it was asked before"
    assert person.types("retry", first).stderr == (
        f"Error: run {first} has been retried already, as {again}: retry that one\n"
    )
    assert person.types("cancel", first).returncode == 1

    listed = json.loads(person.types("runs", release.name, "half", "-o", "json").stdout)["runs"]
    assert [(each["run"], each["trigger"], each["status"]) for each in listed] == [
        (again, "retry", "succeeded"),
        (first, "manual", "failed"),
    ]
    figures = json.loads(person.types("runs", release.name, "--stats", "-o", "json").stdout)["workflows"]
    assert [(each["workflow"], each["runs"], each["retried"]) for each in figures] == [("half", 2, 1), ("say", 1, 0)]
    counted = {path: (each["runs"], each["succeeded"]) for path, each in figures[0]["tasks"].items()}
    assert counted == {
        "pick": (1, 1),
        "weigh": (2, 1),
        "weigh[*]": (3, 2),
        "ask": (1, 1),
        "tell": (2, 1),
        "end": (1, 1),
    }

    namespace.kubectl("delete", "rolebinding", "person")
    forbidden = wait_for("the rights to go", lambda: failed(person.types("cancel", again)))
    assert "cannot get resource" in forbidden.stderr


def failed(result: Any) -> Any:
    """A command's result, if it says that something is forbidden."""
    return result if "forbidden" in result.stderr else None


def tasks_of(namespace: Namespace, run: str) -> list[str]:
    """The paths of the pods that a run has started."""
    jobs = namespace.get("jobs", "-l", f"flowhelm.dev/run={run},flowhelm.dev/task")
    return sorted(job["metadata"]["annotations"]["flowhelm.dev/path"] for job in jobs)
