"""Stage: what a user names → a file or folder on this machine, and what it is.

Input: an operand of the command line. Output: an :class:`Input` for as long as the context is open; archives, commits
and standard input are in a temporary folder until then.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.diagnostics import Code, Diagnostics
from generator.inputs import codes, git
from generator.inputs.archive import Refused, unpack_chart
from generator.inputs.safety import refuse_unsafe
from generator.records import dataclass
from generator.regexes import regex

STDIN = "-"
_ARCHIVES = (".tgz", ".tar.gz")
_SPEC_KEY = regex(rb"^[\"']?flowhelm[\"']?[ \t]*:", re.MULTILINE)
_SPEC_JSON = regex(rb"^\s*\{")
_HEAD = 1 << 20
_MAX_PIPE = 64 << 20
_COMMIT = "commit"


class Kind(StrEnum):
    """What an input is."""

    SPEC = "spec"
    CHART = "chart"
    MANIFESTS = "manifests"


@dataclass(frozen=True)
class Input:
    """Something that can be compared or validated: `named` as the user wrote it, `path` where it is on this machine.

    `root` is the root of the commit that it comes from.
    """

    named: str
    kind: Kind
    path: Path
    root: Path | None = None


@contextmanager
def opened(
    named: str,
    diagnostics: Diagnostics,
    *,
    read_stdin: Callable[[], bytes] | None = None,
    beside: str = "",
) -> Iterator[Input | None]:
    """The input that `named` stands for: a path, `-` or `git:REF[:path]`; None, with a finding, when there is none.

    `beside` is the other side of a comparison: a `git:REF` without a path takes its path. `read_stdin` gives what `-`
    stands for. Findings: FH6201 to FH6208.
    """
    with TemporaryDirectory(prefix="flowhelm-") as scratch:
        found: Input | None = None
        try:
            path = _local(named, Path(scratch), read_stdin, beside)
            commit = Path(scratch) / _COMMIT
            root = commit if commit.exists() else None
            kind = _kind(path)
            if kind is Kind.CHART:
                refuse_unsafe(path, root)
            elif kind is Kind.MANIFESTS:
                _refuse_templates(path)
            found = Input(named, kind, path, root)
        except Refused as refused:
            report(refused, named, diagnostics)
        yield found


def report(refused: Refused, named: str, diagnostics: Diagnostics) -> None:
    """Turns a refusal into a finding on the operand."""
    diagnostics.add(refused.code, f"{named}: {refused.message}", hint=_hint(refused.code))


def _hint(code: Code) -> str:
    return {
        codes.NO_GIT.id: "run it inside the repository, with git installed",
        codes.UNSAFE_CHART.id: "copy what is needed into the chart",
        codes.TEMPLATES.id: "name the folder of the chart instead, the one with Chart.yaml",
        codes.UNKNOWN_REF.id: "`git fetch` may be needed; `git branch -a` and `git tag` list what there is",
        codes.NOT_IN_COMMIT.id: "the path counts from the repository's root; write ./path to count from here",
    }.get(code.id, "")


def _local(named: str, scratch: Path, read_stdin: Callable[[], bytes] | None, beside: str) -> Path:
    """Where an input is on this machine, unpacked; raises Refused."""
    if named == STDIN:
        path = scratch / "stdin.yaml"
        path.write_bytes(read_stdin() if read_stdin else b"")
        return path
    if named.startswith(git.PREFIX):
        ref, inside = git.split(named)
        place = git.find(ref, inside or _path_of(beside))
        path = git.extract(place, scratch / _COMMIT)
    else:
        path = Path(named)
        if not _exists(path):
            raise Refused(codes.NOT_FOUND, "there is no such file or folder")
        if path.is_fifo():  # `<(helm template …)` of a shell: it can be read once
            return _copied(path, scratch / "pipe.yaml")
    return _unpacked(path, scratch / "chart") if path.name.endswith(_ARCHIVES) and path.is_file() else path


def _copied(pipe: Path, into: Path) -> Path:
    """What comes out of a pipe, as a file; raises Refused."""
    with pipe.open("rb") as stream:
        data = stream.read(_MAX_PIPE + 1)
    if len(data) > _MAX_PIPE:
        raise Refused(codes.TOO_LARGE, f"it is larger than {_MAX_PIPE >> 20} MiB")
    into.write_bytes(data)
    return into


def _refuse_templates(path: Path) -> None:
    """Raises Refused for the templates of a chart, without the chart."""
    for folder in (path.absolute(), *path.absolute().parents):
        if folder.name == "templates" and (folder.parent / "Chart.yaml").is_file():
            chart = folder.parent.name
            raise Refused(codes.TEMPLATES, f"these are templates of the chart {chart}, which only Helm can read")


def _path_of(beside: str) -> str:
    """The path that a `git:REF` without one takes from the other side."""
    if beside.startswith(git.PREFIX):
        beside = git.split(beside)[1]
    elif beside not in ("", STDIN):
        return str(Path(beside).absolute())
    if beside in ("", STDIN):
        raise Refused(codes.NOT_IN_COMMIT, "it names no path: write git:REF:path")
    return beside


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _unpacked(archive: Path, into: Path) -> Path:
    """The chart of a packaged chart; raises Refused."""
    unpack_chart(archive, into)
    folders = sorted(folder for folder in into.iterdir() if (folder / "Chart.yaml").is_file()) if into.exists() else []
    if len(folders) != 1:
        raise Refused(codes.NOT_A_CHART, "no folder in it holds a Chart.yaml")
    return folders[0]


def _kind(path: Path) -> Kind:
    """What a file or folder is; raises Refused."""
    if not path.is_dir() and not path.is_file():
        raise Refused(codes.UNREADABLE, "it is a device or a socket, no file")
    if path.is_dir():
        return Kind.CHART if (path / "Chart.yaml").is_file() else Kind.MANIFESTS
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError as error:
        raise Refused(codes.UNREADABLE, os.strerror(error.errno or 0)) from error
    is_json_spec = _SPEC_JSON.match(head) and b'"flowhelm"' in head and b'"apiVersion"' not in head
    return Kind.SPEC if _SPEC_KEY.search(head) or is_json_spec else Kind.MANIFESTS
