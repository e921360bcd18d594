"""Files that a spec brings along: read within a root folder, or from the commit of a repository that the lock pins.

Input: paths as a user wrote them. Output: bytes, or a finding.
"""

from generator.source.codes import CODES, OUTSIDE, UNREADABLE
from generator.source.files import MAX_SPEC, AnyLoader, Loader, Opened, Repositories, SourceFile, read_source

__all__ = [
    "CODES",
    "MAX_SPEC",
    "OUTSIDE",
    "UNREADABLE",
    "AnyLoader",
    "Loader",
    "Opened",
    "Repositories",
    "SourceFile",
    "read_source",
]
