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


def notes_of(helm, files, folder, *arguments):
    """What NOTES.txt says with these values."""
    write_files({path: text.encode() for path, text in files.items()}, folder)
    command = [str(helm), "install", "r", str(folder), "--dry-run=client", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.partition("NOTES:")[2]


def test_the_notes_follow_the_values(helm4, files, tmp_path):
    notes = notes_of(helm4, files, tmp_path)
    assert "restock runs by itself (0 3 * * * Etc/UTC)." in notes
    assert "logs --namespace default job/restock-1 --follow --pod-running-timeout=2m" in notes
    site = ("--set", "services.site.expose.host=other.example.com,services.site.expose.tls=")
    schedule = (
        "--set-string",
        "workflows.restock.schedule.cron=5 4 * * *,workflows.restock.schedule.timezone=Asia/Tokyo",
    )
    notes = notes_of(helm4, files, tmp_path, *site, *schedule)
    assert "site is reached at http://other.example.com/s\n" in notes
    assert "restock runs by itself (5 4 * * * Asia/Tokyo)." in notes
    notes = notes_of(helm4, files, tmp_path, "--set", "workflows.restock.schedule.suspend=true")
    assert "restock does not run by itself." in notes


def test_the_notes_warn_of_ports_that_any_pod_may_reach(helm4, files, tmp_path):
    labels = "namespaceSelector.matchLabels.team=x"
    values = ("networkPolicy.ingressController", "networkPolicy.prometheus")
    notes = notes_of(helm4, files, tmp_path)
    assert all(f"{value}.podSelector." in notes for value in values)
    assert "Warning" not in notes_of(helm4, files, tmp_path, "--set", ",".join(f"{value}.{labels}" for value in values))
    assert "networkPolicy.prometheus" not in notes_of(helm4, files, tmp_path, "--set", "monitoring.enabled=false")


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
