"""What starts runs, on a real cluster: the installation before and after, schedules, people."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator.emit.emitter import emit
from generator.runtime.journal import unpack
from tests.charts import chart_of, write_files
from tests.cluster.cluster import Namespace, Release, Run, wait_for

pytestmark = pytest.mark.cluster

SPEC = """
defaults: {resources: {cpu: 10m, memory: 32Mi}}
services:
  web:
    image: registry.example.com/demo/echo:1.0.0
    ports: {http: 8080}
    health: {ready: GET /readyz, live: GET /healthz}
    account: {rules: [{apiGroups: [""], resources: [pods], verbs: [list]}]}
workflows:
  migrate:
    inputs: {schema: {type: integer}}
    triggers: {install: {when: before, with: {schema: 1}}, manual: false}
    tasks:
      plan:
        run: {image: "busybox:1.37", command: [sh, -c, 'test "$SCHEMA" != 13']}
        env: {SCHEMA: "${{ inputs.schema }}"}
        calls: ["db.example.com:5432"]
      load:
        needs: [plan]
        run: {service: web, command: [sh, -c, cat /etc/statements]}
        files: {/etc/statements: {content: "create table x"}}
  smoke:
    triggers: {install: {wait: true}}
    tasks: {ask: {call: {service: web, get: /x, expect: {status: 200}}}}
  often:
    inputs: {word: {type: string}}
    outputs: {word: {type: string, value: "${{ inputs.word }}"}}
    triggers:
      schedule:
        - {cron: "0 0 29 2 *", with: {word: leap day}}
        - {cron: "* * * * *", timezone: Europe/Paris, with: {word: each minute}}
    tasks: {ask: {call: {service: web, get: "/said/${{ inputs.word }}"}}}
"""


@pytest.fixture
def release(tmp_path: Path, namespace: Namespace, helm: Path) -> Release:
    return Release(namespace, helm, write_files(emit(chart_of(SPEC)), tmp_path / "shop"))


@pytest.fixture
def release4(tmp_path: Path, namespace: Namespace, helm4: Path) -> Release:
    return Release(namespace, helm4, write_files(emit(chart_of(SPEC)), tmp_path / "shop"))


def change(release: Release, old: str, new: str) -> None:
    """Make the chart anew, of a spec in which something else stands."""
    assert old in SPEC
    write_files(emit(chart_of(SPEC.replace(old, new))), release.chart)


def left_of(release: Release, *kinds: str) -> list[str]:
    """Objects of these kinds that belong to the run before the installation."""
    names = release.namespace.kubectl("get", ",".join(kinds), "-o", "name").split()
    return [name for name in names if "before" in name]


def test_a_migration_comes_first_and_blocks_the_upgrade_when_it_fails(release: Release) -> None:
    namespace = release.namespace
    everything = ("pods,jobs,cronjobs,configmaps,serviceaccounts,roles,rolebindings,networkpolicies",)

    change(release, "schema: 1}", "schema: 13}")
    with pytest.raises(AssertionError, match="pre-install"):
        release.install()
    assert not namespace.get("deployments"), "nothing of the chart is there"
    release.uninstall()
    assert not left_of(release, "cronjobs", "configmaps", "serviceaccounts", "roles", "rolebindings", "networkpolicies")

    change(release, "schema: 1}", "schema: 2}")
    release.install()  # in the place of what is left of the failed one
    (smoke,) = release.runs("smoke")
    assert smoke.verdict() == "Complete", "Helm has waited for it"
    assert not left_of(release, *everything)

    change(release, "schema: 1}", "schema: 13}")
    with pytest.raises(AssertionError, match="pre-upgrade"):
        release.upgrade("--set", "services.web.podAnnotations.version=two")
    (web,) = namespace.get("deployments")
    assert "version" not in web["spec"]["template"]["metadata"].get("annotations", {}), "the old version stays"
    story = [line for line in Run(namespace, "shop-migrate-before").story() if line["event"] == "RunFailed"]
    assert story[0]["reason"] == "task plan failed: exit code 1"

    change(release, "schema: 1}", "schema: 3}")
    release.upgrade("--set", "services.web.podAnnotations.version=two")
    assert not left_of(release, *everything)

    release.uninstall()
    wait_for("an empty namespace", lambda: not namespace.left_behind() or None, patience=60)


def test_the_release_fails_with_a_run_that_helm_waits_for(release4: Release) -> None:
    change(release4, "expect: {status: 200}", "expect: {status: 201}")
    with pytest.raises(AssertionError, match=r"post-install"):
        release4.install()
    (smoke,) = release4.runs("smoke")
    assert smoke.verdict() == "Failed"
    hook = release4.namespace.kubectl("logs", f"job/{release4.name}-smoke-install")
    assert re.search(rf"run {smoke.name} failed: task ask failed: .*status 200", hook), hook


def test_schedules_start_runs_and_people_only_where_they_may(release4: Release) -> None:
    release4.install()
    scheduled = wait_for("a run by the second schedule", lambda: next(iter(release4.runs("often")), None), patience=90)
    assert scheduled.verdict() == "Complete"
    assert scheduled.job()["metadata"]["annotations"]["flowhelm.dev/trigger"] == "schedule-2"
    by_hand = Run(release4.namespace, "by-hand")
    release4.namespace.kubectl("create", "job", "by-hand", "--from=cronjob/shop-often-schedule-1")
    assert by_hand.verdict() == "Complete"
    refused = release4.run("migrate", "refused", schema=5)
    assert refused.verdict() == "Failed"
    (told,) = [line for line in refused.story() if line["event"] == "RunFailed"]
    assert "not started by hand" in told["reason"]
    given = [unpack(run.job()["metadata"]["annotations"]["flowhelm.dev/plan"])["given"] for run in (scheduled, by_hand)]
    assert given == [{"word": "each minute"}, {"word": "leap day"}]
