"""Every kind of task but `run`, on a real cluster: statements on PostgreSQL, questions, locks, items, pods apart."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generator.runtime.journal import unpack
from tests.cluster.cluster import Namespace, Release, Run, wait_for
from tests.cluster.example_database import PASSWORD, ask_database, start_database

pytestmark = pytest.mark.cluster

# Texts that would do something if they became a part of a statement, a shell's command or a template.
WORDS = [
    "O'Reilly'); drop table orders; --",
    "\\'); drop table orders; --",
    "$(touch /tmp/x) `id` {{ .Values }} $$ $tag$ :other :'other' %s \\! reboot",
    "üñï 日本 😀\n\tsecond line\n",
    "",
    " ",
]

SPEC = """
flowhelm: v1
name: kinds
version: 0.1.0
services:
  web:
    image: python:3.13-slim
    command: [python3, /srv/echo.py]
    files: {/srv/echo.py: {from: echo.py}}
    ports: {http: 8080}
    health: {ready: GET /}
    resources: {cpu: 20m, memory: 64Mi}
defaults:
  resources: {cpu: 20m, memory: 64Mi}
x-database: &database {dsn: {secret: db, key: dsn}}
x-calls: &calls {calls: ["10.0.0.1:5432"]}
workflows:
  migrate:
    triggers: {install: {when: before}}
    tasks:
      orders:
        <<: *calls
        sql: {<<: *database, file: create.sql}
  statements:
    inputs: {words: {type: list}}
    parallelism: 4
    tasks:
      write:
        <<: *calls
        foreach: {items: "${{ inputs.words }}"}
        mutex: "orders-${{ item.size() > 30 }}"
        sql:
          <<: *database
          query: "insert into orders (word, size) values (:word, :size::int) returning word, id as \\"orderId\\""
          params: {word: "${{ item }}", size: "${{ item.size() }}"}
        outputs: {word: {type: string}, orderId: {type: integer}}
      read:
        <<: *calls
        needs: [write]
        sql:
          <<: *database
          query: |
            select 'not the last' as words;
            select json_agg(word order by id) as words, count(*) as count, sum(size) / 2.0 as half,
                   count(*) > 3 as many, null as nothing, 'x' || :status as other
              from orders;
            update orders set size = size;
          params: {status: "${{ tasks.write.status }}"}
        outputs:
          words: {type: list}
          count: {type: integer}
          half: {type: number}
          many: {type: boolean}
          nothing: {type: string, default: none}
      half:
        <<: *calls
        needs: [read]
        sql: {<<: *database, query: "delete from orders; select 1 / 0 as x"}
      other:
        <<: *calls
        needs: [read]
        sql: {dsn: {secret: db, key: other}, query: select 1}
      judge:
        needs: {half: failed, other: failed, read: succeeded}
        when: "${{ tasks.read.outputs.many && tasks.read.outputs.count == inputs.words.size() }}"
        wait: 100ms
    outputs:
      words: {type: list, value: "${{ tasks.read.outputs.words }}"}
      written: {type: list, value: "${{ tasks.write.outputs.word }}"}
      half: {type: number, value: "${{ tasks.read.outputs.half }}"}
      nothing: {type: string, value: "${{ tasks.read.outputs.nothing }}"}
  pods:
    tasks:
      ask: {approve: "Go on with ${{ run.name }}?", timeout: 2m}
      near:
        needs: [ask]
        call:
          service: web
          post: /near
          headers:
            X-Key: {secret: db, key: word}
            X-Missing: {secret: db, key: missing, optional: true}
            X-By: "${{ tasks.ask.outputs.by }}"
          expect: {json: "${{ response.key == 'db-word' && response.missing == null && response.by == 'Ada' }}"}
        outputs: {key: {type: string}}
      far:
        needs: [near]
        isolate: true
        foreach: {items: [1, 2], parallel: 1}
        env: {GREETING: "${{ tasks.near.outputs.key }}"}
        call:
          service: web
          post: "/far/${{ item }}"
          headers: {X-Key: {secret: db, key: word}}
          expect: {json: "${{ response.key == 'db-word' }}"}
        outputs: {path: {type: string}}
      pause: {needs: [near], wait: 1s, isolate: true}
      lost:
        needs: [near]
        isolate: true
        call: {service: web, post: /lost, expect: {status: 418}}
      mend: {needs: {lost: failed, pause: succeeded}, wait: 10ms}
    outputs:
      paths: {type: list, value: "${{ tasks.far.outputs.path }}"}
"""

DATABASE = "deployment/database"

ECHO = """
import http.server, json

class Echo(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        names = {"key": "X-Key", "missing": "X-Missing", "by": "X-By"}
        body = json.dumps({"path": self.path, **{name: self.headers[header] for name, header in names.items()}})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())
    do_POST = do_GET
    def log_message(self, *words):
        pass

http.server.ThreadingHTTPServer(("", 8080), Echo).serve_forever()
"""

CREATE = """-- a semicolon in a string; and a function's body are no ends
create table orders (id serial, word text, size int);
comment on table orders is 'a;b :c';
create function twice(n int) returns int language plpgsql as $$ begin return n * 2; end $$;
"""


@pytest.fixture
def release(namespace: Namespace, helm4: Path, tmp_path: Path) -> Release:
    """The chart of SPEC, installed beside a database in which its run before the installation has made a table."""
    for name, text in (("spec.yaml", SPEC), ("echo.py", ECHO), ("create.sql", CREATE)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    program = [sys.executable, "-c", "from generator.cli import main; main()"]
    command = [*program, "compile", "spec.yaml", "-o", "kinds"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    data = {
        "dsn": f"postgres://postgres:{PASSWORD}@database:5432/shop",
        "other": f"mysql://postgres:{PASSWORD}@database:5432/shop",
        "word": PASSWORD,
    }
    namespace.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "stringData": data})
    start_database(namespace, DATABASE, "shop", "")
    found = Release(namespace, helm4, tmp_path / "kinds")
    found.install("--set", "monitoring.enabled=false")
    return found


def line_of(run: Run, event: str, task: str = "") -> dict[str, Any]:
    """The one record of an event."""
    (found,) = [line for line in run.story() if line["event"] == event and task in ("", line.get("task"))]
    return found


def outputs_of(run: Run) -> Any:
    """What the run gives, out of its journal."""
    return unpack(run.job()["metadata"]["annotations"]["flowhelm.dev/journal"])["outputs"]


def test_statements_on_a_database(namespace: Namespace, release: Release) -> None:
    run = release.run("statements", "hostile", words=WORDS)
    assert run.verdict() == "Complete", run.story()
    rows = ask_database(namespace, DATABASE, "shop", "select json_agg(word order by id) from orders")
    assert sorted(json.loads("".join(rows))) == sorted(WORDS)
    outputs = outputs_of(run)
    assert outputs["written"] == WORDS
    assert sorted(outputs["words"]) == sorted(WORDS)
    assert (outputs["half"], outputs["nothing"]) == (sum(map(len, WORDS)) / 2, "none")
    assert line_of(run, "TaskFailed", "half")["reason"] == "ERROR: division by zero"
    wrong = line_of(run, "TaskFailed", "other")["reason"]
    assert wrong == "the DSN begins with mysql://, but the task's engine is postgres"
    assert PASSWORD not in namespace.kubectl("logs", "-l", f"flowhelm.dev/run={run.name}", "--tail=-1")
    assert namespace.get("leases") == []


def test_questions_and_pods_of_their_own(namespace: Namespace, release: Release) -> None:
    run = release.run("pods", "asked")
    wait_for("the question", lambda: [line for line in run.story() if "Go on with asked?" in json.dumps(line)] or None)
    answer = json.dumps({"by": "Ada", "approved": True})
    namespace.kubectl("annotate", "job", run.name, f"flowhelm.dev/approve.ask={answer}")
    assert run.verdict() == "Complete", run.story()
    assert outputs_of(run) == {"paths": ["/far/1", "/far/2"]}
    jobs = namespace.get("jobs", "-l", f"flowhelm.dev/run={run.name},flowhelm.dev/task")
    paths = sorted(job["metadata"]["annotations"]["flowhelm.dev/path"] for job in jobs)
    assert paths == ["far[0]", "far[1]", "lost", "pause"]
