"""Spec → System: what is merged, what is bound, what is refused."""

from pathlib import Path

import pytest

from generator.diagnostics import Diagnostics
from generator.resolve import codes
from generator.resolve.model import System
from generator.resolve.resolver import resolve
from generator.source import OUTSIDE, UNREADABLE, Loader
from generator.spec.expression import Text
from generator.spec.parser import parse_spec
from generator.spec.parts import Variable
from generator.yamlio.reader import read_spec_text

HEAD = "flowhelm: v1\nname: shop\nversion: 1.0.0\n"


def bind(text: str, folder: Path = Path()) -> tuple[System, list]:
    diagnostics = Diagnostics()
    root = read_spec_text((HEAD + text).encode(), "spec.yaml", diagnostics)
    assert root is not None
    spec = parse_spec(root, diagnostics)
    assert spec is not None
    system = resolve(spec, Loader(folder / "spec.yaml", folder), diagnostics)
    return system, list(diagnostics)


def constant_of(value: Variable) -> str | None:
    assert isinstance(value, Text)
    return value.constant


def test_defaults_lie_under_templates_and_templates_under_the_services_own_keys() -> None:
    system, findings = bind("""
defaults: {resources: {cpu: 10m, memory: 32Mi}, env: {A: default, B: default, C: default}, timeout: 5m}
templates:
  base: {env: {B: base, C: base}, scratch: [/a, /b]}
  web: {extends: base, env: {C: web}, ports: {http: 8080}}
services:
  shop: {extends: web, image: "shop/web:1.0.0", env: {D: own}, scratch: [/c], resources: {cpu: 20m}}
""")
    assert not findings
    spec = system.services["shop"].spec
    assert {name: constant_of(value) for name, value in spec.env.items()} == {
        "A": "default", "B": "base", "C": "web", "D": "own",
    }  # fmt: skip
    assert spec.scratch == ("/c",), "lists are replaced"
    assert spec.resources is not None
    assert (spec.resources.cpu, spec.resources.memory) == ("20m", "32Mi")
    assert spec.span("env", "B").start.line == 7, "each part keeps its place"


def test_an_image_may_come_from_a_template_and_is_missed_otherwise() -> None:
    system, findings = bind("templates: {t: {image: 'a:1'}}\nservices: {a: {extends: t}, b: {replicas: 1}}\n")
    assert [finding.message for finding in findings] == ["a service needs `image`"]
    assert findings[0].span is not None
    assert findings[0].span.start.column == 29, "at the service's name"
    assert system.services["a"].spec.image is not None


@pytest.mark.parametrize(
    ("ports", "main"),
    [
        ("{}", ""), ("{metrics: 9090}", "metrics"), ("{metrics: 9090, http: 8080}", "http"),
        ("{https: 8443, metrics: 9090}", "https"), ("{https: 8443, http: 8080}", "http"), ("{a: 1, b: 2}", ""),
    ],
)  # fmt: skip
def test_the_main_port(ports: str, main: str) -> None:
    system, findings = bind(f"services: {{web: {{image: 'a:1', ports: {ports}}}}}\n")
    assert not findings
    assert system.services["web"].main_port == main


def test_edges_come_from_calls_expressions_and_steps() -> None:
    system, findings = bind("""
services:
  web:
    image: "a:1"
    ports: {http: 8080}
    calls: [db.sql, "mail.example.com:25"]
    env: {QUEUE: "amqp://${{ services.queue.host }}:${{ services.queue.ports.amqp }}", API: "${{ services.api.url }}"}
  db: {image: "a:1", ports: {sql: 5432, metrics: 9187}}
  queue: {image: "a:1", ports: {amqp: 5672, admin: 15672}}
  api: {image: "a:1", ports: {http: 80, admin: 81}, depends_on: [queue]}
workflows:
  w:
    tasks:
      a: {call: [{service: web, get: /}, {service: api, port: admin, post: /}]}
      b: {run: {service: web, command: [work]}, services: [api]}
""")
    assert not findings
    assert [edge.target for edge in system.services["web"].edges] == [
        ("db", "sql", "", 0), ("", "", "mail.example.com", 25), ("queue", "amqp", "", 0), ("api", "http", "", 0),
    ]  # fmt: skip
    assert [edge.target for edge in system.services["api"].edges] == [("queue", "amqp", "", 0)]
    tasks = system.workflows["w"].tasks
    assert [edge.target[:2] for edge in tasks["a"].edges] == [("web", "http"), ("api", "admin")]
    assert ("db", "sql", "", 0) in [edge.target for edge in tasks["b"].edges], "the service's edges come with it"


def test_a_task_that_runs_as_a_service_takes_what_belongs_to_it_and_its_own_keys_win() -> None:
    system, findings = bind("""
services:
  web:
    image: "shop/web:1.0.0"
    command: [serve]
    env: {A: service, B: service}
    resources: {cpu: 100m, memory: 64Mi}
    security: {user: 999}
    scratch: [/cache]
    ports: {http: 8080}
workflows:
  w: {tasks: {t: {run: {service: web, args: [--once]}, env: {B: task}, resources: {memory: 128Mi}}}}
""")
    assert not findings
    container = system.workflows["w"].tasks["t"].container
    assert container is not None
    assert container.image.reference == "shop/web:1.0.0"
    assert container.command == ()
    assert {name: constant_of(value) for name, value in container.env.items()} == {"A": "service", "B": "task"}
    assert container.resources is not None
    assert (container.resources.cpu, container.resources.memory) == ("100m", "128Mi")
    assert container.security is not None
    assert container.security.user == 999
    assert container.scratch == ("/cache",)


def test_defaults_for_containers_pass_over_calls_in_silence() -> None:
    system, findings = bind("""
defaults: {env: {A: b}, retry: {attempts: 2}}
services: {web: {image: "a:1", ports: {http: 80}}}
workflows: {w: {tasks: {call: {call: {service: web, get: /}}, run: {run: {image: "a:1"}}}}}
""")
    assert not findings
    tasks = system.workflows["w"].tasks
    assert tasks["call"].spec.env == {}
    assert list(tasks["run"].spec.env) == ["A"]
    assert tasks["call"].spec.retry == tasks["run"].spec.retry


def test_an_environment_is_a_whole_system_with_its_changes() -> None:
    system, findings = bind("""
services: {web: {image: "a:1", replicas: 1, env: {A: base, B: base}, autoscale: {max: 3, cpu: 70}}}
environments: {prod: {services: {web: {replicas: 4, env: {B: prod}, autoscale: {max: 9}}}}}
""")
    assert not findings
    prod = system.environments["prod"].services["web"].spec
    assert (prod.replicas, system.services["web"].spec.replicas) == (4, 1)
    assert {name: constant_of(value) for name, value in prod.env.items()} == {"A": "base", "B": "prod"}
    assert prod.autoscale is not None
    assert (prod.autoscale.max, prod.autoscale.cpu) == (9, 70)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("services: {web: {ports: {http: 80}}}", "`ports` is not a value of the chart"),
        (
            "services: {web: {storage: {data: {path: /x}}}}",
            "`path` is not a value of the chart",
        ),
        ("workflows: {w: {tasks: {x: {timeout: 1h}}}}", "the spec has no `x` under `tasks`"),
        ("services: {other: {replicas: 1}}", "the spec has no `other` under `services`"),
        ("workflows: {w: {tasks: {t: {when: true}}}}", "`when` is not a value of the chart"),
        ("name: other", "an environment has no key `name`"),
        ("services: {web: {replicas: many}}", 'expected a whole number of at least 0, found the text "many"'),
    ],
)
def test_an_environment_changes_only_what_is_a_value(override: str, message: str) -> None:
    _, findings = bind(f"""
services: {{web: {{image: "a:1", ports: {{http: 8080}}, storage: {{data: {{path: /data, size: 1Gi}}}}}}}}
workflows: {{w: {{tasks: {{t: {{call: {{service: web, get: /}}}}}}}}}}
environments: {{prod: {{{override}}}}}
""")
    assert [finding.message for finding in findings] == [message]


def test_files_are_read_below_the_root_only(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.conf").write_text("hello")
    (tmp_path / "outside").write_text("secret")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "outside")
    system, findings = bind(
        "services: {web: {image: 'a:1', files: {/a: {from: a.conf}, /b: {from: link}, /c: {from: ../outside},"
        " /d: {from: none}, /e: {from: .}}}}\n",
        tmp_path / "in",
    )
    assert system.files == {("spec.yaml", "a.conf"): b"hello"}
    assert [finding.code for finding in findings] == [OUTSIDE, OUTSIDE, UNREADABLE, UNREADABLE]


def test_too_many_bytes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * (1024 * 1024 + 1))
    _, findings = bind("services: {web: {image: 'a:1', files: {/a: {from: large}}}}\n", tmp_path)
    assert [finding.code for finding in findings] == [codes.BAD_FILE]


def test_an_unknown_name_gives_one_finding() -> None:
    _, findings = bind("""
services: {web: {image: "a:1", ports: {http: 80}, calls: [nobody]}}
workflows:
  w:
    tasks:
      a: {call: {service: nobody, get: "/${{ services.nobody.ports.http }}"}}
""")
    assert len([finding for finding in findings if finding.code is codes.UNKNOWN_SERVICE]) == 2, "one for each place"
    assert len(findings) == 3


def test_waiting_is_for_tcp_ports() -> None:
    system, findings = bind("""
services:
  web: {image: "a:1", ports: {http: 80}, depends_on: [dns]}
  dns: {image: "a:1", ports: {query: {port: 53, protocol: UDP}, admin: 8080}}
""")
    assert not findings
    assert [edge.port for edge in system.services["web"].edges] == ["admin"]


def test_a_service_without_tcp_cannot_be_waited_for() -> None:
    _, findings = bind("""
services:
  web: {image: "a:1", ports: {http: 80}, depends_on: [dns]}
  dns: {image: "a:1", ports: {query: {port: 53, protocol: UDP}}}
""")
    assert [finding.message for finding in findings] == [
        "service `dns` has no TCP port, so nothing tells when it is ready"
    ]


def test_a_tag_beside_the_bases_digest_is_refused() -> None:
    digest = "sha256:" + "a" * 64
    _, findings = bind(f"""
services: {{web: {{image: {{repository: a/b, digest: "{digest}"}}}}}}
environments: {{prod: {{services: {{web: {{image: {{tag: "2"}}}}}}}}}}
""")
    assert [finding.code for finding in findings] == [codes.NO_OVERRIDE]


def test_a_volume_over_everything_is_refused() -> None:
    _, findings = bind("services: {web: {image: 'a:1', storage: {data: {path: /, size: 1Gi}}, scratch: [/]}}\n")
    assert [finding.message for finding in findings] == ["a volume over / would hide the image's own files"] * 2
