"""`flowhelm validate`: check specs, charts and manifests, whoever made them."""

from __future__ import annotations

from pathlib import Path

import click

from generator.cli.baselines import Baseline, baseline_options
from generator.cli.options import Reporting, helm_option, kube_version_option, reporting_options, schema_options
from generator.cli.output import Proof, show
from generator.cli.policing import Policing, policing_options
from generator.cli.rendering import values_options
from generator.cli.validating import ValidationBench
from generator.diagnostics import Diagnostics
from generator.validate.known import Custom, read_places
from generator.validate.model import LAYERS, Checked, Layer, Preset


def _layers(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[Layer, ...]:  # noqa: ARG001
    if value is None:
        return LAYERS
    names = [name.strip() for name in value.split(",")]
    known = [str(layer) for layer in LAYERS]
    for name in names:
        if name not in known:
            raise click.BadParameter(f"there is no layer {name}; layers are {', '.join(known)}")
    return tuple(layer for layer in LAYERS if layer in names)


@click.command("validate")
@click.argument("paths", nargs=-1, required=True)
@values_options
@click.option("--layers", callback=_layers, help=f"Some of {','.join(LAYERS)}, with commas between them.")
@click.option("--root", type=click.Path(path_type=Path), help="Folder that a spec's `from:` may take files from.")
@baseline_options
@kube_version_option
@schema_options
@policing_options
@helm_option
@reporting_options(("text", "json", "sarif", "github"))
def command(
    paths: tuple[str, ...],
    values_files: tuple[Path, ...],
    sets: tuple[str, ...],
    layers: tuple[Layer, ...],
    root: Path | None,
    baseline: Baseline,
    kube_versions: tuple[str, ...],
    schema_locations: tuple[str, ...],
    strict_schemas: bool,
    preset: Preset | None,
    config: Path | None,
    helm: str | None,
    reporting: Reporting,
) -> None:
    """Check specs, charts, packaged charts, manifests or folders of them; `-` reads manifests from stdin.

    \b
    flowhelm validate charts-out/order --kube-version 1.31 --kube-version 1.35
    flowhelm validate charts-out/order --preset strict
    flowhelm validate charts/* --baseline known.json --format github
    helm template my-chart | flowhelm validate -
    flowhelm validate my-chart --schema-location crds/ --strict-schemas
    """  # noqa: D301  # \b is a character that click knows
    diagnostics = Diagnostics()
    custom = Custom(read_places(schema_locations, diagnostics), strict_schemas)
    policing = Policing(preset, config)
    bench = ValidationBench(diagnostics, kube_versions, values_files, sets, helm, root, custom, layers, policing)
    checked = [each for each in (bench.validate(path) for path in paths) if each]
    if bench.is_complete and layers == LAYERS:
        policing.report_idle(diagnostics)
    bench.sources.update(policing.sources)
    bench.lines += policing.news
    engine = vars(bench).get("engine")
    proof = Proof(engine.version if engine else "", Checked.total(checked)) if checked else Proof()
    if baseline.target and bench.is_complete:
        bench.lines.append(baseline.write(diagnostics))
        show(diagnostics, reporting, bench.lines, bench.sources, proof)
        return
    if baseline.target:
        bench.lines.append(f"{baseline.target} was not written: not everything could be checked")
    new = baseline.without_known(diagnostics, proof, is_complete=bench.is_complete and layers == LAYERS)
    diagnostics, proof = new or (diagnostics, proof)
    show(diagnostics, reporting, bench.lines, bench.sources, proof)
    raise click.exceptions.Exit(reporting.exit_code(diagnostics))
