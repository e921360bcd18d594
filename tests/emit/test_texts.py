"""The text files: a user's words in NOTES.txt, the README and Chart.yaml, which Helm never acts on."""

import subprocess

import pytest

from generator.emit.emitter import emit
from tests.charts import chart_of, write_files

SPEC = """
appVersion: "1.10"
description: "Sells {{ things }} | and: more"
home: https://shop.example.com
maintainers: [{name: "A {{ b }}", email: a@example.com}]
services:
  site: {image: "a:1", ports: {http: 80}, expose: {host: shop.example.com, path: /s, tls: t}}
  desk: {image: "a:1", ports: {http: 80, metrics: 81}, expose: {via: loadbalancer}, metrics: {port: metrics}}
  till: {image: "a:1", ports: {http: 80}, expose: {via: nodeport}}
workflows:
  restock:
    description: "Buys {{ more }} | things"
    inputs: {what: {type: string, default: x}}
    triggers: {schedule: {cron: "0 3 * * *"}}
    tasks: {ask: {call: {service: site, get: /}}}
environments:
  prod: {services: {site: {replicas: 2}}}
"""


@pytest.fixture(scope="module")
def files():
    return {path: content.decode() for path, content in emit(chart_of(SPEC)).items()}


def test_the_notes_say_where_things_are(helm4, files, tmp_path):
    folder = write_files({path: text.encode() for path, text in files.items()}, tmp_path)
    command = [str(helm4), "install", "r", str(folder), "--dry-run=client", "--set", "networkPolicy.enabled=false"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    notes = result.stdout.partition("NOTES:")[2]
    assert "site is reached at https://shop.example.com/s" in notes
    assert "kubectl get service --namespace default r-shop-desk-loadbalancer --watch" in notes
    assert "kubectl get service --namespace default r-shop-till\n" in notes
    assert "--from=cronjob/r-shop-restock" in notes
    assert "Warning: network policies are off" in notes


def test_the_readme_has_everything_that_can_be_set(files):
    readme = files["README.md"]
    assert "Sells {{ things }} | and: more" in readme
    assert "| restock | Buys {{ more }} \\| things | what |" in readme
    assert "| `services.site.replicas` | int | `1` | How many pods. |" in readme
    assert "--values values-prod.yaml" in readme
    assert "`monitoring.coreos.com/v1`" in readme


def test_chart_yaml_is_quoted_where_it_must_be(files):
    assert 'appVersion: "1.10"' in files["Chart.yaml"]
    assert 'description: "Sells {{ things }} | and: more"' in files["Chart.yaml"]
    assert '  - name: "A {{ b }}"\n    email: a@example.com' in files["Chart.yaml"]


def test_files_end_with_one_line_end_and_hold_no_others(files):
    for path, text in files.items():
        assert text.endswith("\n"), path
        assert not text.endswith("\n\n"), path
        assert "\r" not in text, path


def test_regenerated_files_that_wait_are_no_part_of_the_package(files):
    assert "*.new" in files[".helmignore"].splitlines()
