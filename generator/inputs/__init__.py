"""What a user names – spec, chart, archive, manifests, a state in git – as files, and read as manifests."""

from generator.inputs.opened import Input, Kind, opened
from generator.inputs.reading import charts_in, load_manifests, manifest_files, report_broken

__all__ = ["Input", "Kind", "charts_in", "load_manifests", "manifest_files", "opened", "report_broken"]
