"""Environment variables: what is a value, what stays in the template, and what environments change."""

from generator.diagnostics import Diagnostics
from generator.lower import codes
from tests.charts import chart_of, rendered

SPEC = """
services:
  web:
    image: web:1
    env:
      PLAIN: a
      ADDRESS: ${{ services.api.url }}
      SECRET: {secret: s, key: k}
      CHANGED: {secret: s, key: k}
      CONTROL: "\\x1b[0m"
  api: {image: api:1, ports: {http: 80}}
environments:
  prod:
    services:
      web: {env: {PLAIN: b, ADDRESS: http://api.example.com, CHANGED: {secret: t, key: k}, ADDED: c}}
"""


def variables(found):
    container = found["Deployment", "r-shop-web"]["spec"]["template"]["spec"]["containers"][0]
    return {each["name"]: each.get("value") or each["valueFrom"]["secretKeyRef"]["name"] for each in container["env"]}


def test_constants_are_values_and_the_rest_is_not():
    web = chart_of(SPEC).values.defaults["services"]["web"]
    assert web["env"] == {"PLAIN": "a"}
    assert web["extraEnv"] == {"CHANGED": {"secretKeyRef": {"name": "s", "key": "k"}}}


def test_an_environment_is_the_difference():
    (prod,) = chart_of(SPEC).environments
    assert prod.values == {
        "services": {
            "web": {
                "env": {"PLAIN": "b", "ADDRESS": "http://api.example.com"},
                "extraEnv": {"ADDED": "c", "CHANGED": {"secretKeyRef": {"name": "t"}}},
            }
        }
    }


def test_pods_see_what_was_meant(helm, tmp_path):
    expected = {
        "PLAIN": "a", "ADDRESS": "http://r-shop-api:80", "SECRET": "s", "CHANGED": "s", "CONTROL": "\x1b[0m"
    }  # fmt: skip
    chart = chart_of(SPEC)
    assert variables(rendered(helm, tmp_path, chart)) == expected
    changed = {"PLAIN": "b", "ADDRESS": "http://api.example.com", "CHANGED": "t", "ADDED": "c"}
    prod = rendered(helm, tmp_path, chart, "--values", str(tmp_path / "values-prod.yaml"))
    assert variables(prod) == expected | changed


def test_an_expression_of_one_environment_is_refused():
    found = Diagnostics()
    text = SPEC.replace("PLAIN: b", "PLAIN: '${{ services.api.host }}'")
    chart_of(text, found)
    assert [each.code for each in found] == [codes.NOT_A_VALUE]
    (finding,) = found
    assert finding.span is not None
    assert "${{ services.api.host }}" in text.splitlines()[finding.span.start.line - 4]


def test_an_expression_without_a_value_before_the_run_is_refused():
    found = Diagnostics()
    chart_of(SPEC.replace("${{ services.api.url }}", "'${{ services.api.host == \"a\" ? 1 : 2 }}'"), found)
    assert {each.code for each in found} == {codes.UNKNOWN_BEFORE_RUN}
