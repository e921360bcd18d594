"""The whole program on one screen: a spec file becomes a chart in memory, and the chart is proved with Helm.

    spec text ─ yamlio ─▶ nodes ─ spec ─▶ Spec ─ resolve ─▶ System ─ graph ─▶ SystemGraph ─ plan ─▶ plans ─ check
        └▶ lower ─▶ Chart ─ emit ─▶ FileSet   (compile_spec)   ─ render ─▶ Manifests ─ validate   (verify)

Each stage takes its input and the sink for findings; the work stops after a stage that reported errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from generator.diagnostics import Diagnostics, Span
from generator.records import dataclass
from generator.validate.model import LAYERS, Checked, Layer

if TYPE_CHECKING:
    from generator.chart.model import Chart, FileSet
    from generator.check.acceptance import Acceptance
    from generator.source import Repositories, SourceFile
    from generator.spec.model import Spec
    from generator.validate.known import Custom
    from generator.validate.rulebook import Rulebook

KUBE_VERSION = "1.35"
"""The Kubernetes version that charts are rendered for and validated against when none is said."""


@dataclass(frozen=True)
class Options:
    """What a compilation may be told.

    `root` is the folder that files may come from; None finds it. A `library`, from which there is no chart to make, is
    a mistake unless it is allowed.
    """

    root: Path | None = None
    library: bool = False


@dataclass(frozen=True)
class Compilation:
    """A compiled spec: its chart, as trees and as files, the texts that findings point into, and what is accepted."""

    name: str
    chart: Chart
    files: FileSet
    sources: Mapping[str, str] = field(default_factory=dict)
    accepted: tuple[Acceptance, ...] = ()


def compile_spec(path: Path, options: Options, diagnostics: Diagnostics) -> Compilation | None:
    """Spec file → chart files in memory. Reads through the loader, writes nothing.

    None when there are errors, and for a library, which is checked and has no chart.
    """
    from generator.check.runner import check
    from generator.emit.emitter import emit
    from generator.graph import build_graph
    from generator.lower.lowering import lower
    from generator.plan.planner import plan_workflows
    from generator.resolve.resolver import resolve
    from generator.resolve.reuse_codes import NOTHING_TO_DEPLOY
    from generator.source import Loader, read_source

    before = diagnostics.count_errors()
    source = read_source(path, diagnostics)
    spec = read_spec(source, diagnostics) if source else None
    if source is None or spec is None:
        return None
    system = resolve(spec, Loader(path, options.root, repositories=pinned_beside(path)), diagnostics)
    graph = build_graph(system, diagnostics)
    accepted = check(system, graph, diagnostics)
    if diagnostics.count_errors() > before:
        return None
    if system.is_library:
        if not options.library:
            message = "this is a library: there is no chart to make"
            hint = "import it in a spec that has services; `flowhelm validate` checks a library on its own"
            diagnostics.add(NOTHING_TO_DEPLOY, message, Span.at(source.shown, 1), hint=hint)
        return None
    sources = {source.shown: source.data.decode("utf-8-sig"), **system.sources}
    plans = plan_workflows(system, graph)
    chart = lower(system, plans, diagnostics)
    if diagnostics.count_errors() > before:
        return None
    return Compilation(spec.name, chart, emit(chart), sources, accepted)


def pinned_beside(spec: Path) -> Callable[[], Repositories]:
    """What reads git imports as the lock beside the spec pins them; loaded only when there is one."""

    @cache
    def repositories() -> Repositories:
        from generator.inputs.repositories import PinnedFiles
        from generator.source.lock import lock_beside

        return PinnedFiles(lock_beside(spec))

    return repositories


def read_spec(source: SourceFile, diagnostics: Diagnostics) -> Spec | None:
    """The spec that a file holds; None when its text or its words are wrong."""
    from generator.spec.parser import parse_spec
    from generator.yamlio.reader import read_spec_text

    before = diagnostics.count_errors()
    root = read_spec_text(source.data, source.shown, diagnostics)
    spec = parse_spec(root, diagnostics) if root else None
    return None if diagnostics.count_errors() > before else spec


@dataclass(frozen=True)
class Verification:
    """What a chart was proved with: Helm's version, how many sets of values it was rendered with, what was checked.

    `not_rendered` are its sub-charts that are not there.
    """

    helm: str
    renderings: int
    checked: Checked
    not_rendered: tuple[str, ...] = ()


def verify(
    compilation: Compilation,
    diagnostics: Diagnostics,
    kube_versions: Sequence[str] = (),
    helm: str | None = None,
    layers: tuple[Layer, ...] = LAYERS,
    charts: Path | None = None,
    custom: Custom | None = None,
    rulebook: Rulebook | None = None,
) -> Verification | None:
    """Render the chart with its own values and with each environment's, and validate what comes out.

    `charts` is the folder with the sub-charts that are there; `custom` says what describes custom resources,
    `rulebook` how findings are judged. Findings lead to the lines of the spec. None when the chart could not be
    rendered.
    """
    from generator.check.acceptance import let_pass
    from generator.manifest import Manifests
    from generator.render.engine import find_engine
    from generator.render.release import check_release_size
    from generator.render.renderer import Settings, render_each
    from generator.write.temporary import temporary_folder

    engine = find_engine(helm, diagnostics)
    if engine is None:
        return None
    versions = tuple(kube_versions) or (KUBE_VERSION,)
    origins, texts = compilation.chart.origins, compilation.files
    with temporary_folder(compilation.files, charts) as folder:
        values = [(), *((folder / path,) for path in texts if path.startswith("values-"))]
        settings = [
            Settings(versions[0], values_files=files, label="".join(path.name for path in files)) for files in values
        ]
        renderings = render_each(
            folder, settings, engine, diagnostics, origins, compilation.name, partial(_get_ready, versions)
        )
        if None in renderings:
            return None
        manifests = sum((each.manifests for each in renderings if each), Manifests())
    from generator.validate.known import Custom
    from generator.validate.places import ChartPlaces
    from generator.validate.presets import SEEN_IN_SPECS
    from generator.validate.rulebook import Rulebook
    from generator.validate.validator import validate_manifests

    check_release_size(compilation.files, max((each.text for each in renderings if each), key=len), diagnostics)
    places = ChartPlaces(compilation.name, origins, lambda path: texts[path].decode() if path in texts else None)
    found = Diagnostics()
    book = (rulebook or Rulebook()).without(*SEEN_IN_SPECS)
    checked = validate_manifests(manifests, versions, found, places, layers, custom or Custom(), book)
    owners = {each.ref: origins.find(each.source) for each in manifests.objects}
    accepted = [
        replace(each, must_have_effect=each.must_have_effect and not book.is_off(each.code))
        for each in compilation.accepted
    ]
    let_pass(found, accepted, owners, diagnostics, complete=set(layers) == set(LAYERS))
    missing = tuple(dict.fromkeys(name for each in renderings if each for name in each.not_rendered))
    return Verification(engine.version, len(renderings), checked, missing)


def _get_ready(versions: Sequence[str]) -> None:
    """What can be done for the validation before there is something to validate: while Helm works, it costs no time."""
    from generator.validate import validator  # noqa: F401  # to load it takes half as long as Helm
    from generator.validate.known import get_ready

    get_ready(versions)
