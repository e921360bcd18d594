"""Time `flowhelm compile` on the examples next to `helm template` on the charts they make; then `flowhelm validate`.

python -m bench [--runs N]      # prints a table for each example and each size of chart, and writes bench/RESULTS.md
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench import validation
from bench.generated import generated_spec
from bench.machine import describe
from bench.measurement import CommandFailed, Cost, measure, run

CHECKOUT = Path(__file__).resolve().parents[1]
RESULTS = CHECKOUT / "bench" / "RESULTS.md"
EXAMPLES = ("order", "aks-store")
LARGE = 100
"""Services of the generated spec."""
HELM_VERSION = "4.3.1"

INTERPRETER = "`python -c pass`"
VERSION = "`flowhelm --version`"
COMPILE = "`flowhelm compile --no-validate`"
PROVE = "`flowhelm compile` (renders with Helm, validates)"
HELM = "`helm template`"


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=9, help="how often each command runs; the median counts [9]")
    runs = parser.parse_args().runs
    helm = find_helm()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # users have compiled modules
    os.environ["PATH"] = os.pathsep.join((str(Path(helm).parent), os.environ.get("PATH", "")))  # flowhelm's, too
    lines = [*introduction(helm, runs)]
    print("\n".join(lines), flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        large = Path(scratch, "spec.yaml")
        large.write_text(generated_spec(LARGE), encoding="utf-8")
        specs = {f"examples/{name}": CHECKOUT / "examples" / name / "spec.yaml" for name in EXAMPLES}
        for title, spec in {**specs, f"{LARGE} services": large}.items():
            section = [*table(title, measure_spec(str(spec), helm, runs))]
            print("\n".join(section), flush=True)
            lines += section
    for report in validation.sections(helm, runs):
        print(report, flush=True)
        lines.append(report)
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


def find_helm() -> str:
    """The pinned Helm that scripts/fetch-helm put into the cache. Ends the program when it is not there."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    helm = cache / "flowhelm" / "helm" / HELM_VERSION / "helm"
    if not helm.exists():
        sys.exit(f"Helm {HELM_VERSION} is not in the cache: run scripts/fetch-helm")
    return str(helm)


def measure_spec(spec: str, helm: str, runs: int) -> dict[str, Cost]:
    """What each command costs on one spec; charts go to a folder that is gone afterwards."""
    flowhelm = str(Path(sys.executable).parent / "flowhelm")
    with tempfile.TemporaryDirectory() as scratch:
        plain, proved = f"{scratch}/plain", f"{scratch}/proved"
        run([flowhelm, "compile", spec, "--no-validate", "-o", plain])
        commands = {
            INTERPRETER: [sys.executable, "-c", "pass"],
            VERSION: [flowhelm, "--version"],
            COMPILE: [flowhelm, "compile", spec, "--no-validate", "-o", plain],
            PROVE: [flowhelm, "compile", spec, "-o", proved],
            HELM: [helm, "template", "shop", plain],
        }
        return measure(commands, runs)


def introduction(helm: str, runs: int) -> Iterator[str]:
    """What the figures are, and where they were measured."""
    yield "# What `flowhelm` costs"
    yield ""
    yield "Written by `make bench`. Each command is a process of its own, as a user runs it; the median of "
    yield f"{runs} runs, taken in turns. CPU includes child processes (Helm); memory is that of the largest process."
    yield "Compare the ratios; absolute times are those of this machine."
    yield ""
    yield from (f"- {line}" for line in describe(helm))


def table(title: str, costs: Mapping[str, Cost]) -> Iterator[str]:
    """The costs of one spec as a table in Markdown."""
    yield ""
    yield f"## {title}"
    yield ""
    yield "| command | wall s | CPU s | peak MiB | wall : `helm template` | CPU : `helm template` |"
    yield "|---|--:|--:|--:|--:|--:|"
    helm = costs[HELM]
    for name, cost in costs.items():
        ratios = f"{cost.wall / helm.wall:.1f} | {cost.cpu / helm.cpu:.1f}"
        yield f"| {name} | {cost.wall:.3f} | {cost.cpu:.3f} | {cost.memory:.0f} | {ratios} |"


if __name__ == "__main__":
    try:
        main()
    except CommandFailed as error:
        sys.exit(str(error))
