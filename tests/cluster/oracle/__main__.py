"""python -m tests.cluster.oracle [--count N] [--seed N] [--kinds Service,Ingress] [--show N] [--server-version 1.35]

KUBECONFIG names the server. Prints the table by kind, then where the verdicts differ, each with the changes that it
needs, the most frequent first.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

from bench.runs import find_kubectl
from tests.cluster.oracle.corpus import objects
from tests.cluster.oracle.known import reason
from tests.cluster.oracle.mutations import Corpus, mutants
from tests.cluster.oracle.server import NAMESPACE, serving
from tests.cluster.oracle.shrinking import shrunk
from tests.cluster.oracle.verdicts import Difference, compare, grouped, table

KEPT = Path.home() / ".cache" / "flowhelm" / "oracle"
OF_A_GROUP = 3


def main() -> None:
    """Ask, compare, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster.oracle", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=20_000, help="mutants [20000]")
    parser.add_argument("--seed", type=int, default=1, help="what they are drawn by [1]")
    parser.add_argument("--kinds", default="", help="only of these kinds, with commas between them")
    parser.add_argument("--show", type=int, default=40, help="groups of differences [40]")
    parser.add_argument("--server-version", default="", help="what the validator takes the server to be [its own]")
    arguments = parser.parse_args()
    kinds = set(filter(None, arguments.kinds.split(",")))
    whole, corpus = (Corpus(objects(NAMESPACE, chosen)) for chosen in ((), kinds))
    with serving(find_kubectl(), KEPT) as server:
        version = arguments.server_version or ".".join(server.version.removeprefix("v").split(".")[:2])
        for name, answer in zip(corpus.objects, server.ask(list(corpus.objects.values())), strict=True):
            if not answer.is_taken:
                print(f"{name} is no valid object: {answer.status} {answer.message}")
        drawn = list(mutants(corpus, whole, arguments.count, arguments.seed, version))
        began = time.monotonic()
        answers = server.ask([mutant.data for mutant in drawn])
        asked = time.monotonic() - began
        found = compare(drawn, answers, version)
        judged = time.monotonic() - began - asked
        print(f"{len(drawn)} mutants of {len(corpus.objects)} objects, seed {arguments.seed}, server {server.version}:")
        print(f"the server was asked in {asked:.0f} s, the validator in {judged:.0f} s")
        print(*table(found), sep="\n")
        smallest = [shrunk(each, corpus.objects[each.mutant.base], server, version) for each in found.differences]
    _show(grouped(smallest)[: arguments.show])


def _show(groups: Sequence[Sequence[Difference]]) -> None:
    """The groups; of a single one, the whole object too."""
    for group in groups:
        first = group[0]
        print(f"\n{len(group)} × {first.how} it: {first.said[:300]}")
        if known := reason(first):
            print(f"    known: {known}")
        for each in group[:OF_A_GROUP]:
            print(f"    {each.mutant.base}: {'; '.join(each.mutant.changes)}")
    if len(groups) == 1:
        print(json.dumps(groups[0][0].mutant.data))


if __name__ == "__main__":
    main()
