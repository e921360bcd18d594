"""Time `flowhelm validate` on charts of 100, 1,000 and 5,000 objects next to the usual chain on the same chart.

Input: a Helm, how many rounds. Output: tables in Markdown. The chain is `helm template`, `kubeconform -strict`, `helm
lint` and `kube-score`; what of it is missing is said, and scripts/fetch-peers builds it.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bench.corpus import write_corpus
from bench.measurement import Cost, measure_in_turns, median, peak_of_all
from bench.peers import CHAIN, TEMPLATE, find_peer, peers, write_schemas

SIZES = (100, 1000, 5000)
VALIDATE = "`flowhelm validate`"
VERSION = "1.35"
FINDINGS = (0, 1)
"""kube-score ends with 1 when it has something to say."""


def sections(helm: str, runs: int) -> Iterator[str]:
    """The whole report, section by section."""
    yield "\n".join(introduction())
    per_object: dict[int, float] = {}
    with tempfile.TemporaryDirectory() as scratch:
        write_schemas(Path(scratch), VERSION)
        for size in SIZES:
            rounds = runs if size < max(SIZES) else max(3, runs // 2)
            costs, whole = measure_size(size, helm, rounds, scratch)
            per_object[size] = median(costs[VALIDATE]).cpu / size
            yield "\n".join(table(size, costs, whole, rounds))
    few, many = min(SIZES), max(SIZES)
    ratio = per_object[many] / per_object[few]
    yield f"\nCPU of {VALIDATE} for an object: {ratio:.2f} times as much among {many:,} as among {few:,}."


def introduction() -> Iterator[str]:
    """What is measured."""
    yield ""
    yield "## `flowhelm validate CHART`, all layers, next to the usual chain"
    yield ""
    yield "The chart is hand-written (`bench/corpus`): eight objects a service, each in its template. The chain:"
    yield "render, check the render with kubeconform 0.8.0 (`-n 1`: the least CPU) and kube-score 1.20.0, lint. Ratios"
    yield "are medians of rounds; in each round every command ran once. Both memory columns are MiB: the largest"
    yield "process (at least the 40 that the measuring program itself has), and all processes together at their peak."
    yield f"Load average at the start: {os.getloadavg()[0]:.1f}."
    missing = [name for name in ("kubeconform", "kube-score") if find_peer(name) is None]
    if missing:
        yield ""
        yield f"**Not measured: {' and '.join(missing)}** (not there; scripts/fetch-peers builds them with Go)."


def measure_size(size: int, helm: str, rounds: int, scratch: str) -> tuple[dict[str, list[Cost]], dict[str, float]]:
    """The costs of each command on a chart of this size, and the memory of all processes."""
    chart, rendered = f"{scratch}/{size}", f"{scratch}/{size}.yaml"
    write_corpus(Path(chart), size)
    flowhelm = str(Path(sys.executable).parent / "flowhelm")
    commands = {VALIDATE: [flowhelm, "validate", chart, f"--kube-version={VERSION}", f"--helm={helm}"]}
    commands |= dict(peers(helm, chart, rendered, scratch, VERSION))
    with Path(rendered).open("wb") as file:
        subprocess.run(commands[TEMPLATE], stdout=file, check=True)
    costs = measure_in_turns(commands, rounds, FINDINGS)
    return costs, {name: peak_of_all(command) for name, command in commands.items()}


def table(size: int, costs: Mapping[str, Sequence[Cost]], whole: Mapping[str, float], rounds: int) -> Iterator[str]:
    """The costs of one size as a table in Markdown."""
    chain = [name for name in CHAIN if name in costs]
    yield ""
    yield f"### {size:,} objects, {rounds} rounds"
    yield ""
    yield "| command | wall s | CPU s | largest | all | CPU of `flowhelm validate` : its CPU |"
    yield "|---|--:|--:|--:|--:|--:|"
    for name in (VALIDATE, *chain):
        cost = median(costs[name])
        yield _row(name, cost, whole[name], _ratio(costs, [name]))
    sums = [
        Cost(sum(each.wall for each in turn), sum(each.cpu for each in turn), max(each.memory for each in turn))
        for turn in zip(*(costs[name] for name in chain), strict=True)
    ]
    cost = median(sums)
    title = "the chain" if len(chain) == len(CHAIN) else "what there is of the chain"
    yield _row(f"**{title}**", cost, max(whole[name] for name in chain), f"**{_ratio(costs, chain)}**")


def _row(name: str, cost: Cost, whole: float, ratio: str) -> str:
    return f"| {name} | {cost.wall:.2f} | {cost.cpu:.2f} | {cost.memory:.0f} | {whole:.0f} | {ratio} |"


def _ratio(costs: Mapping[str, Sequence[Cost]], names: Sequence[str]) -> str:
    """The CPU of our command over that of the named ones together, round by round; the median."""
    rounds = zip(costs[VALIDATE], zip(*(costs[name] for name in names), strict=True), strict=True)
    return f"{statistics.median(ours.cpu / sum(each.cpu for each in theirs) for ours, theirs in rounds):.2f}"
