"""Whether a release of the chart fits the Secret in which Helm keeps it.

Input: the chart's files and its rendered manifests. Output: a finding when the record would be refused. Helm stores the
chart and the manifest as JSON, gzipped, in base64; Kubernetes takes at most 1 MiB of data in a Secret.
Sources: https://kubernetes.io/docs/concepts/configuration/secret/#restriction-data-size; Helm, storage/driver/util.go.
"""

from __future__ import annotations

import base64
import gzip
import json

from generator.chart.model import FileSet
from generator.diagnostics import Diagnostics
from generator.render import codes

LIMIT = 1024 * 1024


def check_release_size(files: FileSet, manifests: str, diagnostics: Diagnostics) -> None:
    """Report a chart whose release record would pass 1 MiB, and what in it is large."""
    if sum(map(len, files.values())) + len(manifests) < LIMIT // 2:
        return  # it only gets smaller: no need to pack it to know
    size = release_size(files, manifests)
    if size > LIMIT:
        largest = sorted(files, key=lambda path: (-len(files[path]), path))[:3]
        shown = ", ".join(f"{path} ({len(files[path]) / LIMIT:.1f} MiB)" for path in largest)
        message = f"a release of this chart takes {size / LIMIT:.1f} MiB, and Helm can store 1 MiB"
        diagnostics.add(
            codes.RELEASE_TOO_LARGE, message, hint=f"put large data into images or volumes; largest: {shown}"
        )


def release_size(files: FileSet, manifests: str) -> int:
    """Bytes of the record, within a few percent: what Helm's own has beside these texts is small."""
    chart = [{"name": path, "data": base64.b64encode(content).decode()} for path, content in files.items()]
    record = json.dumps({"chart": chart, "manifest": manifests}).encode()
    return len(base64.b64encode(gzip.compress(record, 9)))
