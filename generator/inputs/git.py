"""Reads a state of the repository around the current folder: `git:REF[:path]`.

Input: a ref and a path. Output: the files of that commit in a folder, byte for byte as they are committed (attributes
that leave files out of archives have no effect). The ref goes to git only as something to be looked up, and all later
calls name the commit by its hash, so that no part of the text can act as an option.
"""

from __future__ import annotations

import io
import os
import posixpath
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from generator.diagnostics import Code
from generator.inputs import codes
from generator.inputs.archive import Limits, Refused, Unpacking
from generator.records import dataclass
from generator.source import address

PREFIX = "git:"
LIMITS = Limits(1 << 30, 100_000)
MAX_FILE = 8 << 20
"""Bytes of one imported file."""

_CAREFUL = ("-c", "core.hooksPath=/dev/null", "-c", "fetch.recurseSubmodules=false", "-c", "gc.auto=0")
_AROUND = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE")
"""What git sets for its hooks, and would lead from the fetched repository to the one around."""
_PATIENCE = 60.0
_LINK = "120000"


@dataclass(frozen=True)
class Place:
    """A path in a commit, counted from the repository's root; `is_file` tells a file from a folder."""

    commit: str
    path: str
    is_file: bool


def split(named: str) -> tuple[str, str]:
    """Ref and path of `git:REF:path`; the path is empty when there is none."""
    ref, _, path = named.removeprefix(PREFIX).partition(":")
    return ref, path


def find(ref: str, path: str) -> Place:
    """Looks a path up; raises Refused. A path without `./` counts from the repository's root, as it does for git."""
    top = _ask("rev-parse", "--show-toplevel", failing=codes.NO_GIT).rstrip("\n")
    commit = _ask(
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        f"{ref}^{{commit}}",
        failing=codes.UNKNOWN_REF,
        message=f'there is no commit "{ref}"',
    ).strip()
    inside = _from_root(path, top)
    if inside == ".":
        return Place(commit, "", is_file=False)
    missing = f'"{inside}" is not in {ref}'
    kind = _ask("cat-file", "-t", f"{commit}:{inside}", failing=codes.NOT_IN_COMMIT, message=missing).strip()
    return Place(commit, inside, is_file=kind == "blob")


def extract(place: Place, into: Path) -> Path:
    """Writes the files of a place below `into`, and returns the path there; raises Refused.

    A file may be a spec that imports others, so it comes with the whole commit; a folder comes alone.
    """
    tree = place.commit if place.is_file or not place.path else f"{place.commit}:{place.path}"
    target = Unpacking(into, LIMITS)
    into.mkdir()
    with _contents() as content:
        for entry in _ask("ls-tree", "-r", "-z", "--full-tree", tree, failing=codes.NO_GIT).split("\0"):
            about, _, name = entry.partition("\t")
            mode, kind, blob = about.split() if about else ("", "", "")
            if kind == "blob" and mode == _LINK:
                target.add_link(name, os.fsdecode(content(blob).read()))
            elif kind == "blob":
                target.add_file(name, content(blob))
    target.link()
    return into / place.path if place.is_file else into


def fetch(url: str, ref: str, into: Path) -> str:
    """Fetches what a branch, tag or commit names into a new bare repository; returns the commit. Raises Refused.

    The address and the ref are well-formed (see `source.address`). Git may use no other transport than https, but the
    user's own configuration may replace that by ssh.
    """
    _ask_elsewhere(into, "init", "--quiet", "--bare", str(into))
    _ask_elsewhere(into, *_CAREFUL, "fetch", "--quiet", "--depth=1", "--no-tags", "--", url, ref)
    return _ask_elsewhere(into, "rev-parse", "--verify", "--quiet", "FETCH_HEAD^{commit}").decode().strip()


def file_of(repository: Path, commit: str, path: str) -> bytes:
    """The content of a file of a fetched commit; raises Refused, also for links."""
    entry = _ask_elsewhere(repository, "ls-tree", "-z", "--full-tree", commit, "--", path).decode("utf-8", "replace")
    about, _, name = entry.rstrip("\0").partition("\t")
    mode, kind, blob = about.split() if about else ("", "", "")
    if kind != "blob" or name != path:
        raise Refused(codes.NOT_IN_COMMIT, f'"{path}" is no file of the commit {commit[:12]}')
    if mode == _LINK:
        raise Refused(codes.NOT_IN_COMMIT, f'"{path}" is a link, which is not followed')
    if int(_ask_elsewhere(repository, "cat-file", "-s", blob)) > MAX_FILE:
        raise Refused(codes.TOO_LARGE, f'"{path}" is larger than {MAX_FILE >> 20} MiB')
    return _ask_elsewhere(repository, "cat-file", "blob", blob)


class _Contents:
    """Asks one git process for the contents of blobs."""

    def __init__(self, questions: IO[bytes], answers: IO[bytes]) -> None:
        self._questions = questions
        self._answers = answers

    def __call__(self, blob: str) -> IO[bytes]:
        self._questions.write(f"{blob}\n".encode())
        self._questions.flush()
        header = self._answers.readline().split()
        if len(header) != 3:
            raise Refused(codes.NO_GIT, f"git has lost the object {blob}")
        size = int(header[2])
        if size > LIMITS.size:
            raise Refused(codes.TOO_LARGE, "a file of the commit is too large")
        data = self._answers.read(size)
        self._answers.read(1)
        return io.BytesIO(data)


@contextmanager
def _contents() -> Iterator[_Contents]:
    top = _ask("rev-parse", "--show-toplevel", failing=codes.NO_GIT).rstrip("\n")
    with subprocess.Popen(
        ["git", "cat-file", "--batch"],
        cwd=top,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield _Contents(process.stdin, process.stdout)
        finally:
            process.kill()


def _from_root(path: str, top: str) -> str:
    """A path as git counts it; `.` is the root. An absolute one, or one with `./` in front, is one of this machine."""
    if Path(path).is_absolute() or path.split("/")[0] in (".", ".."):
        path = os.path.relpath(os.path.realpath(path), os.path.realpath(top)).replace(os.sep, "/")
    path = posixpath.normpath(path)
    if path.split("/")[0] == "..":
        raise Refused(codes.NOT_IN_COMMIT, f'"{path}" is outside the repository {top}')
    return path


def _ask(*arguments: str, failing: Code, message: str = "") -> str:
    """What git answers; raises Refused with the code `failing` when it does not like the question."""
    return os.fsdecode(_run(arguments, _environment(), failing, message))


def _ask_elsewhere(repository: Path, *arguments: str) -> bytes:
    """What git answers about a fetched repository; raises Refused."""
    around = {name: value for name, value in _environment().items() if name not in _AROUND}
    allowed = ":".join((*address.PROTOCOLS, "ssh"))
    environment = {**around, "GIT_DIR": str(repository), "GIT_ALLOW_PROTOCOL": allowed, "GIT_LITERAL_PATHSPECS": "1"}
    return _run(arguments, environment, codes.NO_GIT, "")


def _run(arguments: Sequence[str], environment: Mapping[str, str], failing: Code, message: str) -> bytes:
    try:
        result = subprocess.run(
            ["git", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except FileNotFoundError:
        raise Refused(codes.NO_GIT, "there is no program git on the PATH") from None
    except subprocess.TimeoutExpired:
        raise Refused(codes.NO_GIT, f"git did not answer within {_PATIENCE:.0f} seconds") from None
    except ValueError:
        raise Refused(failing, "the name holds a null character") from None
    if result.returncode == 0:
        return result.stdout
    said = result.stderr.decode("utf-8", "replace").strip().partition("\n")[0].removeprefix("fatal: ")
    raise Refused(failing, message or said or "git failed")


def _environment() -> dict[str, str]:
    """Git as programs use it: without questions, in English."""
    return {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
