"""What may be secret on a line of YAML."""

import pytest

from generator.kube.hiding import secret_parts

LINES = [
    ("password: «hunter2»", ""),
    ('db: {user: me, dbPassword: «"hunter 2"», port: 5}', ""),
    ("- --api-key=«hunter2»", ""),
    ("API_TOKEN=«hunter2»", ""),
    ("- {name: DB_PASSWORD, value: «hunter2», x: 1}", ""),
    ("env: [{name: LEVEL, value: info}, {name: A_TOKEN, value: «'hunter2'»}]", ""),
    ("value: «hunter2»", "- name: DB_PASSWORD"),
    ("note: «see https://me:hunter2@example.com»", ""),
    ("user: me", ""),
    ("tokenTtl: 5", ""),
    ("password: {{ .Values.password }}", ""),
    ("secretName: db", ""),
    ("existingSecret: db", ""),
    ("secret: db", ""),
    ("value: info", "- name: LEVEL"),
    ("password:", ""),
]


@pytest.mark.parametrize(("line", "above"), LINES)
def test_lines(line: str, above: str) -> None:
    plain = line.replace("«", "").replace("»", "")
    hidden = [plain[start:end] for start, end in secret_parts([above, plain], 1)]
    assert hidden == ([line[line.index("«") + 1 : line.index("»")]] if "«" in line else [])


SECRET = """\
apiVersion: v1
kind: ConfigMap
data:
  open: yes
---
data:
  config: hunter2
  more: |
    hunter2
kind: Secret
metadata:
  name: a
stringData: {a: hunter2}
---
kind: ConfigMap
data: {open: yes}
"""


def test_all_of_the_data_of_a_secret_and_nothing_else() -> None:
    lines = SECRET.splitlines()
    hidden = {number for number in range(len(lines)) if any(secret_parts(lines, number))}
    assert hidden == {number for number, line in enumerate(lines) if "hunter2" in line} | {lines.index("  more: |")}
    assert list(secret_parts(['{"kind": "Secret", "data": {"a": "hunter2"}}'], 0)) != []


def test_a_long_file_is_not_read_whole_for_each_line() -> None:
    lines = ["  - a"] * 1_000_000
    assert list(secret_parts(lines, 500_000)) == []
