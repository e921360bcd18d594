"""`flowhelm compile`: spec → chart on disk, rendered and validated."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.options import Reporting, helm_option, kube_version_option, reporting_options, schema_options
from generator.cli.output import Proof, show
from generator.cli.policing import Policing, policing_options
from generator.compiler import Compilation, Options, Verification, compile_spec, verify
from generator.diagnostics import Diagnostics
from generator.records import dataclass
from generator.validate.model import Checked, Preset

if TYPE_CHECKING:
    from generator.validate.rulebook import Rulebook

_PATH = click.Path(path_type=Path)


@click.command(
    "compile",
    epilog="Exit codes: 0 clean, 1 errors (nothing is written) or files edited by hand (kept), 3 with --check: stale.",
)
@click.argument("specs", nargs=-1, required=True, type=_PATH)
@click.option("-o", "--output", type=_PATH, help="Folder of the chart [default: charts-out/<name>].")
@click.option("--engine", type=click.Choice(("jobs", "argo")), help="What runs the workflows, whatever the spec says.")
@click.option("--check", "check_only", is_flag=True, help="Write nothing; exit 3 when the chart is not up to date.")
@click.option("--watch", is_flag=True, help="Compile again whenever a spec or library changes, until Ctrl-C.")
@click.option("--force", is_flag=True, help="Overwrite files that were edited by hand.")
@click.option("--adopt", multiple=True, metavar="FILE", help="A generated file that is yours from now on.")
@click.option("--dependencies", is_flag=True, help="Fetch the sub-charts into charts/, and check them with the chart.")
@click.option("--no-validate", is_flag=True, help="Neither render with Helm nor validate.")
@click.option("--root", type=_PATH, help="Folder that `from:` may take files from [default: the repository].")
@kube_version_option
@policing_options
@schema_options
@helm_option
@reporting_options(("text", "json", "sarif", "github"))
def command(
    specs: tuple[Path, ...],
    output: Path | None,
    engine: str | None,
    check_only: bool,
    watch: bool,
    force: bool,
    adopt: tuple[str, ...],
    dependencies: bool,
    no_validate: bool,
    root: Path | None,
    kube_versions: tuple[str, ...],
    preset: Preset | None,
    config: Path | None,
    schema_locations: tuple[str, ...],
    strict_schemas: bool,
    helm: str | None,
    reporting: Reporting,
) -> None:
    """Compile specs into Helm charts.

    \b
    flowhelm compile examples/order/spec.yaml
    flowhelm compile spec.yaml -o deploy/chart --kube-version 1.31 --kube-version 1.35
    """  # noqa: D301  # \b is a character that click knows
    schemas = (schema_locations, strict_schemas)
    settings = _Settings(output, check_only, force, adopt, not no_validate, kube_versions, schemas, helm, dependencies)
    if dependencies and check_only:
        raise click.UsageError("--check writes nothing, so it cannot fetch dependencies")
    if engine == "argo":
        raise click.UsageError("the engine argo is not supported yet; use jobs")
    options = Options(root=root)

    def once() -> int:
        taken: dict[Path, Path] = {}
        outcomes: list[_Outcome] = []
        policing = Policing(preset, config)
        for spec in specs:
            outcomes.append(_compile(spec, options, settings, policing, len(specs) > 1, taken, read))
            if not no_validate and len(outcomes) == len(specs) and all(each.proof for each in outcomes):
                policing.report_idle(outcomes[-1].diagnostics)
            if reporting.format == "text":
                outcomes[-1].show(reporting)
        if reporting.format != "text":  # one document, however many specs
            _together(outcomes).show(reporting)
        codes = [outcome.exit_code(reporting) for outcome in outcomes]
        return next((code for code in (1, 3) if code in codes), 0)

    read = set(specs)
    before = _stamps(read)  # from before a compilation: what changes during it is seen after it
    code = once()
    while watch:
        before = {**_stamps(read), **before}
        while _stamps(read) == before:
            time.sleep(0.3)
        before = _stamps(read)
        code = once()
    raise click.exceptions.Exit(code)


@dataclass(frozen=True)
class _Settings:
    """Where and how charts are written and proved."""

    output: Path | None
    check_only: bool
    force: bool
    adopt: tuple[str, ...]
    validate: bool
    kube_versions: tuple[str, ...]
    schemas: tuple[tuple[str, ...], bool]
    helm: str | None
    dependencies: bool

    def target(self, name: str, several: bool) -> Path:
        """The chart's folder."""
        if self.output is None:
            return Path("charts-out") / name
        return self.output / name if several else self.output


@dataclass(frozen=True)
class _Outcome:
    """What came of a spec: findings, news, the texts that findings point into, and whether the chart is stale."""

    diagnostics: Diagnostics
    lines: list[str]
    sources: Mapping[str, str]
    proof: Proof | None
    stale: bool = False

    def show(self, reporting: Reporting) -> None:
        """Print it."""
        show(self.diagnostics, reporting, self.lines, self.sources, self.proof)

    def exit_code(self, reporting: Reporting) -> int:
        """1 for errors, 3 for a stale chart or what --fail-on names."""
        code = reporting.exit_code(self.diagnostics)
        return 3 if self.stale and code != 1 else code


def _together(outcomes: Sequence[_Outcome]) -> _Outcome:
    """The outcomes of several specs as one."""
    diagnostics = Diagnostics()
    for outcome in outcomes:
        for finding in outcome.diagnostics:
            diagnostics.report(finding)
    proofs = [outcome.proof for outcome in outcomes if outcome.proof]
    checked = [proof.checked for proof in proofs if proof.checked]
    proof = Proof(proofs[0].helm, Checked.total(checked)) if proofs and checked else None
    sources = {file: text for outcome in outcomes for file, text in outcome.sources.items()}
    return _Outcome(diagnostics, [], sources, proof)


def _compile(
    spec: Path,
    options: Options,
    settings: _Settings,
    policing: Policing,
    several: bool,
    taken: dict[Path, Path],
    read: set[Path],
) -> _Outcome:
    """Compile one spec.

    `taken` holds the folders that this command has written, by spec; `read` takes the libraries that it was made of.
    """
    diagnostics = Diagnostics()
    compilation = compile_spec(spec, options, diagnostics)
    read.update(map(Path, compilation.sources if compilation else ()))
    book = policing.rulebook(str(spec), diagnostics) if settings.validate else None
    proved = Diagnostics()
    target = settings.target(compilation.name, several) if compilation else Path()
    verification = _proof(compilation, target, settings, book, proved) if compilation else None
    lines: list[str] = []
    stale = False
    if compilation and not diagnostics.has_errors and not proved.has_errors:
        if (other := taken.setdefault(target, spec)) != spec:
            raise click.ClickException(f"{other} and {spec} have one name, and would both become {target}")
        stale = _write(compilation, target, settings, diagnostics, lines)
        if (
            settings.dependencies
            and not diagnostics.count_errors()
            and _fetch(compilation, target, settings, diagnostics)
        ):
            proved = Diagnostics()
            verification = _proof(compilation, target, settings, book, proved)
    for finding in proved:
        diagnostics.report(finding)
    lines += _proved(compilation, verification)
    proof = Proof(verification.helm, verification.checked) if verification else None
    lines += policing.news
    sources = {**policing.sources, **(compilation.sources if compilation else {})}
    return _Outcome(diagnostics, lines, sources, proof, stale)


def _proof(
    compilation: Compilation, target: Path, settings: _Settings, book: Rulebook | None, diagnostics: Diagnostics
) -> Verification | None:
    """Render and validate, with the sub-charts that are in the chart's folder."""
    if not settings.validate:
        return None
    locations, is_strict = settings.schemas
    custom = None
    if locations or is_strict:
        from generator.validate.known import Custom, read_places

        custom = Custom(read_places(locations, diagnostics), is_strict)
    charts, versions = target / "charts", settings.kube_versions
    return verify(compilation, diagnostics, versions, settings.helm, charts=charts, custom=custom, rulebook=book)


def _fetch(compilation: Compilation, target: Path, settings: _Settings, diagnostics: Diagnostics) -> bool:
    """Fetch the sub-charts of the chart, when it was written; whether there are any, and they came."""
    from generator.render.dependencies import fetch_dependencies
    from generator.render.engine import find_engine

    dependencies = () if diagnostics.count_errors() else compilation.chart.metadata.dependencies
    engine = find_engine(settings.helm, diagnostics) if dependencies else None
    return engine is not None and fetch_dependencies(target, engine, dependencies[0].span, diagnostics)


def _write(
    compilation: Compilation, target: Path, settings: _Settings, diagnostics: Diagnostics, lines: list[str]
) -> bool:
    """Write the chart, or only compare it; whether it is not up to date."""
    from generator.write.plan import Verdict, plan_write, stale
    from generator.write.writer import apply

    words = {
        Verdict.CREATE: "created",
        Verdict.UPDATE: "updated",
        Verdict.REMOVE: "removed",
        Verdict.IDENTICAL: "unchanged",
        Verdict.CONFLICT: "edited by hand",
        Verdict.ADOPTED: "your own",
        Verdict.KEPT: "kept",
    }
    plan = plan_write(compilation.files, target, diagnostics, force=settings.force, adopt=settings.adopt)
    if plan is None:
        return False
    if settings.check_only:
        changes = stale(plan)
        lines += [f"{target} is up to date" if not changes else f"{target} is not up to date:"]
        lines += [f"  {action.verdict:9} {action.path}" for action in changes]
        return bool(changes)
    if apply(plan, diagnostics):
        counts = [f"{plan.count(verdict)} {word}" for verdict, word in words.items() if plan.count(verdict)]
        lines.append(f"{target}: {len(plan.actions)} files ({', '.join(counts)})")
        lines += [f"  {path} is your own, and not what would be generated now" for path in plan.adopted_and_different]
    return False


def _proved(compilation: Compilation | None, verification: Verification | None) -> list[str]:
    if compilation is None or verification is None:
        return []
    sets = "1 set" if verification.renderings == 1 else f"{verification.renderings} sets"
    rendered = f"rendered with Helm {verification.helm}, {sets} of values"
    needs = [
        f"needs {requirement.api} in the cluster ({requirement.purpose}); without it: --set {requirement.switch}"
        for requirement in compilation.chart.guide.requirements
        if not requirement.off
    ]
    left_out = ", ".join(verification.not_rendered)
    missing = [f"not checked: {left_out}, not in charts/ (--dependencies fetches what is missing)"] if left_out else []
    return [rendered, *missing, *needs]


def _stamps(files: Iterable[Path]) -> dict[Path, tuple[int, int] | None]:
    """What tells a file from an earlier one of the same name; None where there is none."""
    found: dict[Path, tuple[int, int] | None] = {}
    for path in files:
        try:
            status = path.stat()
            found[path] = (status.st_mtime_ns, status.st_size)
        except OSError:
            found[path] = None
    return found
