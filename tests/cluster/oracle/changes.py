"""python -m tests.cluster.oracle.changes [--count N] [--seed N] [--kinds Service,Job] [--show N]

Changes of objects that exist: what `flowhelm diff` calls refused, against what a real API server refuses. The objects
are created in a namespace of their own, by server-side apply as Helm 4 does, and applied again with something changed,
as a dry run. Only a new object that is valid by itself counts: what is wrong in it without the old one is the
validator's matter.
"""

from __future__ import annotations

import argparse
import copy
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.runs import find_kubectl
from generator.diff.codes import REJECTED
from generator.diff.comparison import diff
from generator.kube.immutable import ALL
from generator.kube.workloads import pod_template, value_at
from generator.manifest import Manifest
from tests.cluster.cluster import execute
from tests.cluster.oracle.corpus import objects
from tests.cluster.oracle.mutations import Corpus, Mutant, Place, mutants
from tests.cluster.oracle.server import Server, serving
from tests.cluster.oracle.verdicts import FALSE_ALARM, MISSED, Comparison, Difference, grouped, table

GROUPS = frozenset(
    ("", "apps", "autoscaling", "batch", "policy", "apiextensions.k8s.io", "coordination.k8s.io", "discovery.k8s.io",
     "networking.k8s.io", "node.k8s.io", "rbac.authorization.k8s.io", "resource.k8s.io", "scheduling.k8s.io",
     "storage.k8s.io")
)  # fmt: skip
UNTRIED = frozenset(
    ("APIService", "Event", "IPAddress", "LimitRange", "Namespace", "Node", "PodCertificateRequest", "ServiceCIDR",
     "VolumeAttachment")
)  # fmt: skip
"""They would change the cluster itself or what is asked after them; or others change them all the time."""

NAMED_BY_CONTENT = frozenset(("CustomResourceDefinition",))
OF_THE_CHART = frozenset(("name", "namespace", "labels", "annotations", "finalizers", "ownerReferences"))
"""What of the metadata a chart writes."""

UNSCHEDULED = "flowhelm-nobody"


def existing(namespace: str, kinds: Collection[str] = ()) -> dict[str, dict[str, Any]]:
    """The objects to change, by name; nothing schedules their pods."""
    found: dict[str, dict[str, Any]] = {}
    for name, data in objects(namespace, kinds).items():
        group = data["apiVersion"].rpartition("/")[0]
        if group not in GROUPS or data["kind"] in UNTRIED or "name" not in data["metadata"]:
            continue
        made = copy.deepcopy(dict(data))
        made.pop("status", None)
        made["metadata"].pop("ownerReferences", None)  # the owner is not there: what it owns is deleted
        made["metadata"].pop("finalizers", None)  # nothing here would end them
        if made["kind"] not in NAMED_BY_CONTENT:
            made["metadata"]["name"] += f"-{len(found)}"
        if (template := pod_template(made)) is not None and "spec" in template:
            template["spec"]["schedulerName"] = UNSCHEDULED
            template["spec"].pop("nodeName", None)
        if made["kind"] == "ResourceQuota":
            made["spec"]["hard"] = {"pods": "1000"}
        found[name] = made
    return found


@contextmanager
def created(server: Server, kubectl: Path, namespace: str, wanted: Mapping[str, Mapping[str, Any]]) -> Iterator[Corpus]:
    """The objects, created for as long as they are used."""
    made: list[Mapping[str, Any]] = []
    try:
        for data in wanted.values():
            answer = server.create(data)
            assert answer.is_taken, f"{data['kind']} {data['metadata']['name']}: {answer.message}"
            made.append(data)
        yield Corpus(wanted)
    finally:
        for data in made:
            server.delete(data)
        execute(kubectl, "delete", "namespace", namespace, "--wait=false")


def drawn(bases: Corpus, corpus: Corpus, count: int, seed: int, version: str) -> list[Mutant]:
    """Objects that differ from an existing one in what a chart writes, often where that is fixed, and bear its name."""
    found = []
    aims = {name: _fixed_places(data) for name, data in bases.objects.items()}
    for mutant in mutants(bases, corpus, count, seed, version, aims):
        old, new = bases.objects[mutant.base]["metadata"], mutant.data.get("metadata")
        _follow_the_selector(mutant.data)
        if isinstance(new, dict) and set(new) <= OF_THE_CHART and new.get("name") == old["name"]:
            found.append(mutant)
    return found


def _fixed_places(data: Mapping[str, Any]) -> list[Place]:
    kind = f"{data['apiVersion'].rpartition('/')[0]}/{data['kind']}"
    return [tuple(takewhile(lambda part: part != "[]", fixed.path)) for fixed in ALL if kind in fixed.kinds]


def _follow_the_selector(data: Mapping[str, Any]) -> None:
    """Gives the pods the labels that their workload's selector now asks for, so that the object is valid by itself."""
    wanted = value_at(data, ("spec", "selector", "matchLabels"))
    labels = value_at(data, ("spec", "template", "metadata", "labels"))
    if isinstance(wanted, dict) and isinstance(labels, dict) and all(isinstance(text, str) for text in wanted.values()):
        labels |= wanted


def compare_changes(server: Server, namespace: str, bases: Corpus, changed: Sequence[Mutant]) -> Comparison:
    """The verdicts on each change whose new object is valid by itself."""
    found = Comparison()
    alone = server.ask([mutant.data for mutant in changed])
    valid = [mutant for mutant, answer in zip(changed, alone, strict=True) if answer.is_taken]
    for mutant, answer in zip(valid, server.change([mutant.data for mutant in valid]), strict=True):
        tally = found.kinds[mutant.kind]
        tally.mutants += 1
        if answer.depends_on_others or answer.status == 201 or _waits_for_a_volume(bases.objects[mutant.base], mutant):
            tally.undecided += 1
            continue
        ours = refusals(bases.objects[mutant.base], mutant.data, namespace)
        if answer.is_taken:
            tally.false_alarms += bool(ours)
        else:
            tally.refused += 1
            tally.found += bool(ours)
        if bool(ours) == answer.is_taken:
            how = FALSE_ALARM if ours else MISSED
            found.differences.append(Difference(how, mutant, ours[0] if ours else answer.message))
    return found


def _waits_for_a_volume(old: Mapping[str, Any], mutant: Mutant) -> bool:
    """Whether more is asked for in a claim that has no volume here, so that it can't have it."""
    if mutant.data["kind"] != "PersistentVolumeClaim":
        return False
    before, after = (copy.deepcopy(data["spec"]) for data in (old, mutant.data))
    for spec in (before, after):
        spec.pop("volumeAttributesClassName", None)
        spec.get("resources", {}).pop("requests", None)
    after["volumeName"] = before.setdefault("volumeName", after.get("volumeName"))
    return bool(before == after)


def refusals(old: Mapping[str, Any], new: Mapping[str, Any], namespace: str) -> list[str]:
    """What `flowhelm diff` says that the API server refuses."""
    sides = [(Manifest(data, "object.yaml"),) for data in (old, new)]
    return [finding.message for finding in diff(*sides, namespace=namespace).findings if finding.code in REJECTED]


def main() -> None:
    """Create, change, compare, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster.oracle.changes", description="see above")
    parser.add_argument("--count", type=int, default=10_000, help="changes [10000]")
    parser.add_argument("--seed", type=int, default=1, help="what they are drawn by [1]")
    parser.add_argument("--kinds", default="", help="only of these kinds, with commas between them")
    parser.add_argument("--show", type=int, default=40, help="groups of differences [40]")
    arguments = parser.parse_args()
    namespace = f"flowhelm-changes-{os.getpid()}"
    wanted = existing(namespace, set(filter(None, arguments.kinds.split(","))))
    kubectl = find_kubectl()
    with (
        TemporaryDirectory() as kept,
        serving(kubectl, Path(kept), namespace) as server,
        created(server, kubectl, namespace, wanted) as bases,
    ):
        version = ".".join(server.version.removeprefix("v").split(".")[:2])
        corpus = Corpus(objects(namespace))
        found = compare_changes(
            server, namespace, bases, drawn(bases, corpus, arguments.count, arguments.seed, version)
        )
    print(*table(found), sep="\n")
    for group in grouped(found.differences)[: arguments.show]:
        print(f"\n{len(group)} × {group[0].how} it: {group[0].said[:400]}")
        for each in group[:3]:
            print(f"    {each.mutant.base}: {'; '.join(each.mutant.changes)}")


if __name__ == "__main__":
    main()
