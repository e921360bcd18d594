"""Tasks that are pods of their own, compiled and run on a real cluster: values, failures, time-outs, a lost runner."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.cluster import Namespace, Release, Run, wait_for

pytestmark = pytest.mark.cluster

# A word that a shell, Helm, Kubernetes or Argo would like to change.
WORD = 'it\'s "so" $(HOSTNAME) $HOME `id` {{ .Values }} {{workflow.name}} ${ } \\n % \t ü\nnext line'

SPEC = """
flowhelm: v1
name: tasks
version: 0.1.0
services:
  web:
    image: python:3.13-slim
    command: [python3, -m, http.server, "8080", --directory, /tmp]
    ports: {http: 8080}
    env: {GREETING: hello}
    health: {ready: GET /}
    resources: {cpu: 20m, memory: 64Mi}
defaults:
  resources: {cpu: 20m, memory: 64Mi}
x-python: &python {image: python:3.13-slim}
workflows:
  work:
    inputs:
      word: {type: string, default: none}
    triggers: {schedule: {cron: "0 3 * * *"}}
    tasks:
      measure:
        run:
          <<: *python
          command:
            - python3
            - -c
            - |
              import json, os, sys
              out = {"word": sys.argv[1], "letters": len(sys.argv[1])}
              open(os.environ["FLOWHELM_OUTPUTS"], "w").write(json.dumps(out))
          args: ["${{ inputs.word }}"]
        outputs: {word: {type: string}, letters: {type: integer}}
      compare:
        needs: [measure]
        env: {WORD: "${{ tasks.measure.outputs.word }}", LETTERS: "${{ tasks.measure.outputs.letters }}"}
        run:
          <<: *python
          command:
            - python3
            - -c
            - |
              import json, os, sys
              same = os.environ["WORD"] == sys.argv[1] and len(sys.argv[1]) == int(os.environ["LETTERS"])
              open(os.environ["FLOWHELM_OUTPUTS"], "w").write(json.dumps({"same": same, "word": sys.argv[1]}))
          args: ["${{ inputs.word }}"]
        outputs: {same: {type: boolean}, word: {type: string}}
      greet:
        run: {service: web, command: [sh, -c, 'echo "{\\"greeting\\": \\"$GREETING\\"}" > $FLOWHELM_OUTPUTS']}
        outputs: {greeting: {type: string}}
      fails:
        run: {<<: *python, command: [sh, -c, "exit 3"]}
        retry: {attempts: 2, backoff: {initial: 1s}}
      mend:
        needs: {fails: failed}
        run: {<<: *python, command: ["true"]}
      hangs:
        run: {<<: *python, command: [sh, -c, "trap 'exit 0' TERM; sleep 600 & wait"]}
        timeout: 5s
      shorten:
        needs: {hangs: failed}
        run: {<<: *python, command: ["true"]}
      never:
        needs: [measure]
        when: ${{ tasks.measure.outputs.letters < 0 }}
        run: {<<: *python, command: ["true"]}
      anyway:
        needs: {never: not_failed}
        run: {<<: *python, command: ["true"]}
      last:
        needs: {anyway: succeeded, mend: succeeded, shorten: succeeded, greet: succeeded, compare: succeeded}
        when: ${{ tasks.compare.outputs.same && tasks.greet.outputs.greeting == "hello" }}
        run: {<<: *python, command: ["true"]}
    on_exit:
      close:
        env: {STATUS: "${{ run.status }}"}
        run: {<<: *python, command: [sh, -c, 'test "$STATUS" = succeeded']}
"""

EXPECTED = {
    "measure": "TaskSucceeded",
    "compare": "TaskSucceeded",
    "greet": "TaskSucceeded",
    "fails": "TaskFailed",
    "mend": "TaskSucceeded",
    "hangs": "TaskFailed",
    "shorten": "TaskSucceeded",
    "never": "TaskSkipped",
    "anyway": "TaskSucceeded",
    "last": "TaskSucceeded",
    "close": "TaskSucceeded",
}


@pytest.fixture(scope="module")
def chart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chart of SPEC."""
    folder = tmp_path_factory.mktemp("tasks")
    (folder / "spec.yaml").write_text(SPEC, encoding="utf-8")
    program = [sys.executable, "-c", "from generator.cli import main; main()"]
    command = [*program, "compile", "spec.yaml", "-o", "tasks"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return folder / "tasks"


def endings(story: Iterable[dict[str, Any]]) -> dict[str, str]:
    """How each task ended."""
    return {line["task"]: line["event"] for line in story if line["event"] in set(EXPECTED.values())}


def tries(run: Run) -> list[str]:
    """The tasks of the run's Jobs, one for each try."""
    jobs = run.namespace.get("jobs", "-l", f"flowhelm.dev/run={run.name},flowhelm.dev/task")
    return sorted(str(job["metadata"]["labels"]["flowhelm.dev/task"]) for job in jobs)


ONE_TRY_EACH = sorted([task for task, event in EXPECTED.items() if event != "TaskSkipped"] + ["fails"])


def test_values_failures_and_time_outs(namespace: Namespace, helm4: Path, chart: Path) -> None:
    release = Release(namespace, helm4, chart)
    release.install("--set", "monitoring.enabled=false")
    run = release.run("work", "hard-words", word=WORD)
    assert run.verdict() == "Complete"
    assert endings(run.story()) == EXPECTED
    (timed_out,) = [line for line in run.story() if line.get("task") == "hangs" and line["event"] == "TaskFailed"]
    assert timed_out["reason"] == "timeout", "whatever the process exits with"
    assert tries(run) == ONE_TRY_EACH
    release.uninstall()
    wait_for("an empty namespace", lambda: not namespace.left_behind() or None, patience=90)


def test_no_task_runs_twice_without_the_runner(namespace: Namespace, helm4: Path, chart: Path) -> None:
    release = Release(namespace, helm4, chart)
    release.install("--set", "monitoring.enabled=false")
    run = release.run("work", "robust", word=WORD)
    wait_for("the first tasks", lambda: tries(run) or None)
    (runner,) = run.pods()
    namespace.kubectl("delete", "pod", runner["metadata"]["name"], "--grace-period=0", "--force")
    assert run.verdict() == "Complete"
    assert runner["metadata"]["name"] not in {pod["metadata"]["name"] for pod in run.pods()}
    assert tries(run) == ONE_TRY_EACH
