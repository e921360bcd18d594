"""What a look at brackets and strings tells of PromQL, beside what promtool says."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from generator.kube.promql import promql_mistake, template_mistake

GOOD = (
    "up == 0",
    "sum by (job) (rate(http_requests_total{code=~\"5..|(4)29\", path!~'/a{2}'}[5m])) / 2 > 0.01",
    "label_replace(up, \"x\", `$1`, 'job', '(.*)')",
    'up{job="a\\"}b"}[1h:5m] offset -5m  # a comment with ( and "',
    "# first a comment\nup",
    "(((1)))",
)
BAD = {
    "": "it is empty",
    " \n": "it is empty",
    "# nothing but this": "it is empty",
    "sum(up": "`(` is not closed",
    "sum(up))": "`)` closes nothing",
    "up[5m}": "`}` closes nothing",
    'up{job="a}': 'the string that begins with " does not end',
    "up{job='a\n'}": "the string that begins with ' does not end",
    "up == {{ .Values.x }}": "{{ }} has no meaning here, only in the texts of an alert",
}


@pytest.mark.parametrize("text", GOOD)
def test_nothing_is_found_where_nothing_is_wrong(text: str) -> None:
    assert promql_mistake(text) == ""


@pytest.mark.parametrize(("text", "problem"), BAD.items())
def test_a_mistake_is_said_in_words(text: str, problem: str) -> None:
    assert promql_mistake(text) == problem


GOOD_TEXTS = (
    "plain } text }}",
    "{{ $labels.job }} has {{ $value | humanize }} {{- if gt $value 1.0 -}} errors {{ else }} error {{- end }}",
    '{{ "{{" }} and {{ `}}` }} and {{ printf "%q" "}}" }}',
    "{{/* end */}}{{ range query `up` }}{{ .Labels.job }}{{ end }}",
)
BAD_TEXTS = {
    "{{ $labels.job": "`{{` is not closed",
    '{{ "}} }}': "`{{` is not closed",
    "{{ }}": "`{{ }}` is empty",
    "{{ end }}": "`{{ end }}` belongs to nothing",
    "{{ else }}": "`{{ else }}` belongs to nothing",
    "{{ if $value }} much": "`{{ if }}` has no end",
}


@pytest.mark.parametrize("text", GOOD_TEXTS)
def test_nothing_is_found_in_a_good_template(text: str) -> None:
    assert template_mistake(text) == ""


@pytest.mark.parametrize(("text", "problem"), BAD_TEXTS.items())
def test_a_mistake_in_a_template_is_said_in_words(text: str, problem: str) -> None:
    assert template_mistake(text) == problem


def test_promtool_says_the_same(promtool: Path, tmp_path: Path) -> None:
    def takes(expression: str, text: str = "fine") -> bool:
        file = tmp_path / "rules.yaml"
        rule = {"alert": "It", "expr": expression.replace("[1h:5m]", ""), "annotations": {"summary": text}}
        file.write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": [rule]}]}))
        return subprocess.run([promtool, "check", "rules", file], capture_output=True, check=False).returncode == 0

    assert [text for text in GOOD if not takes(text)] == []
    assert [text for text in BAD if takes(text)] == []
    assert [text for text in GOOD_TEXTS if not takes("up == 0", text)] == []
    assert [text for text in BAD_TEXTS if takes("up == 0", text)] == []
