"""How a chart is rendered: what `helm template` is told.

Stage: render. No findings.
"""

from __future__ import annotations

from dataclasses import field
from pathlib import Path

from generator.records import dataclass
from generator.render.process import Limits


@dataclass(frozen=True)
class Settings:
    """How a chart is rendered.

    `kube_version` is what the templates see of the cluster; `values_files` are as for `helm -f`, later ones win; `sets`
    as for `--set`; `label` names the set of values in findings (default: the paths; empty for the chart's own).
    """

    kube_version: str
    release: str = "release"
    namespace: str = "default"
    values_files: tuple[Path, ...] = ()
    sets: tuple[str, ...] = ()
    api_versions: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    label: str | None = None

    @property
    def shown(self) -> str:
        """The set of values as findings name it; empty for the chart's own values."""
        return " + ".join(map(str, self.values_files)) if self.label is None else self.label
