"""What a user names – spec, chart, archive, manifests, a state in git – as files, and read as manifests."""

from generator.inputs.opened import Input, Kind, opened
from generator.inputs.reading import load_manifests, report_broken

__all__ = ["Input", "Kind", "load_manifests", "opened", "report_broken"]
