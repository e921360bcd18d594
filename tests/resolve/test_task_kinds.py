"""Defaults and environments of tasks, by what makes sense for their kind (rulings C30, L09, L10)."""

from __future__ import annotations

import pytest

from generator.diagnostics import Diagnostics
from tests.systems import sound_system, system_of

SPEC = """
services: {web: {image: "shop/web:1.0.0", ports: {http: 8080}}}
defaults:
  isolate: true
  retry: {attempts: 3}
  timeout: 5m
  env: {LEVEL: info}
  services: [web]
workflows:
  order:
    timeout: 2h
    tasks:
      call: {call: {service: web, get: /}, env: {MORE: x}}
      near: {call: {service: web, get: /}, isolate: false}
      wait: {wait: 1h}
      ask: {approve: "?"}
      run: {run: {image: "shop/run:1.0.0"}}
      sql: {sql: {dsn: {secret: db, key: dsn}, query: select 1}}
      reuse: {workflow: other}
  other: {tasks: {one: {wait: 1s}}}
environments:
  prod:
    workflows:
      order:
        tasks:
          call: {env: {MORE: y}, resources: {memory: 1Gi}}
          sql: {timeout: 9m, placement: {priority: high}}
          ask: {timeout: 1h}
"""


def test_defaults_reach_tasks_for_which_they_make_sense() -> None:
    tasks = sound_system(SPEC).workflows["order"].tasks
    assert {name for name, task in tasks.items() if task.has_pod} == {"call", "wait", "run", "sql"}
    assert {name for name, task in tasks.items() if task.spec.retry} == {"call", "near", "run", "sql", "reuse"}
    assert {name for name, task in tasks.items() if not task.spec.timeout} == {"wait"}
    assert {name for name, task in tasks.items() if task.spec.services} == {"wait", "run", "sql"}
    assert {name: list(task.spec.env) for name, task in tasks.items() if task.spec.env} == {
        "call": ["LEVEL", "MORE"], "wait": ["LEVEL"], "run": ["LEVEL"], "sql": ["LEVEL"],
    }  # fmt: skip


def test_environments_change_tasks_of_any_kind() -> None:
    tasks = sound_system(SPEC).environments["prod"].workflows["order"].tasks
    container = tasks["call"].container
    assert container is not None
    assert container.resources is not None
    assert container.resources.memory == "1Gi"
    assert tasks["sql"].spec.timeout is not None
    assert tasks["sql"].spec.timeout.text == "9m"
    assert tasks["ask"].spec.timeout is not None


@pytest.mark.parametrize(
    ("task", "override", "words"),
    [
        ("wait: 1s", "retry: {attempts: 2}", "`retry` means nothing on a task with `wait`"),
        ("call: {service: web, get: /}", "env: {A: b}", "`env` needs isolate: true"),
        ("approve: '?'", "resources: {cpu: 1}", "`resources` needs a task with a container of its own"),
    ],
)
def test_environments_cannot_say_what_the_task_could_not(task: str, override: str, words: str) -> None:
    found = Diagnostics()
    system_of(
        "services: {web: {image: 'shop/web:1.0.0', ports: {http: 8080}}}\n"
        f"workflows: {{order: {{tasks: {{it: {{{task}}}}}}}}}\n"
        f"environments: {{prod: {{workflows: {{order: {{tasks: {{it: {{{override}}}}}}}}}}}}}\n",
        found,
    )
    assert [each.message for each in found] == [words]
