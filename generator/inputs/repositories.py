"""Stage: the git imports of a spec → their files, as the lock pins them.

Input: the lock, and the addresses that a spec and its libraries name. Output: contents. They are kept in a cache of the
user, under the hash of what they hold, so that a spec compiles without a network once its imports were there; nothing
is ever taken that has another hash than the pinned one.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import weakref
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field, replace
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp

from generator.diagnostics import Code, Diagnostics, Span
from generator.inputs import git
from generator.inputs.archive import Refused
from generator.records import dataclass
from generator.source.address import PREFIX, Address
from generator.source.codes import CHANGED, NOT_FETCHED, NOT_PINNED
from generator.source.lock import NAME, Pin, read_lock
from generator.write.disk import replace_file


def cache_folder() -> Path:
    """Where fetched files are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "flowhelm" / "imports"


class Fetched:
    """Commits that git has fetched, kept in a scratch folder for as long as this object lives."""

    def __init__(self) -> None:
        self._repositories: dict[tuple[str, str], tuple[Path, str]] = {}

    def commit(self, url: str, ref: str) -> str:
        """The commit that a branch, tag or commit names now; raises Refused."""
        return self._fetched(url, ref)[1]

    def file(self, url: str, ref: str, path: str) -> bytes:
        """A file of that commit; raises Refused."""
        repository, commit = self._fetched(url, ref)
        return git.file_of(repository, commit, path)

    def _fetched(self, url: str, ref: str) -> tuple[Path, str]:
        if (url, ref) not in self._repositories:
            repository = self._scratch / f"{len(self._repositories)}.git"
            self._repositories[url, ref] = (repository, git.fetch(url, ref, repository))
        return self._repositories[url, ref]

    @cached_property
    def _scratch(self) -> Path:
        folder = Path(mkdtemp(prefix="flowhelm-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return folder


@dataclass
class PinnedFiles:
    """What the lock file pins: from the cache, else fetched once. The lock is read when the first import needs it."""

    lock: Path
    cache: Path = field(default_factory=cache_folder)
    fetched: Fetched = field(default_factory=Fetched)
    _pins: dict[str, Pin] | None = None
    _damaged: bool = False

    def read(self, address: Address, span: Span, diagnostics: Diagnostics) -> bytes | None:
        """The content of a file; None after reporting that it is not pinned, not there, or another one."""
        if self._pins is None and not self._damaged:
            self._pins = read_lock(self.lock, diagnostics)
            self._damaged = self._pins is None
        if self._pins is None:
            return None
        pin = self._pins.get(address.repository)
        digest = pin.files.get(address.path) if pin else None
        if pin is None or digest is None:
            what = f'"{address.path}" of {address.repository}' if pin else address.repository
            hint = "flowhelm update <spec> pins it"
            diagnostics.add(NOT_PINNED, f"{what} is not in {NAME}", span, hint=hint)
            return None
        kept = _kept(self.cache, digest)
        if kept is not None:
            return kept
        try:
            data = self.fetched.file(address.url, pin.commit, address.path)
        except Refused as refused:
            _report(
                NOT_FETCHED,
                f"{address.repository} is not in the cache and cannot be fetched",
                refused,
                span,
                diagnostics,
            )
            return None
        if _digest(data) != digest:
            message = f'"{address.path}" of {address.repository} has another content than {NAME} says'
            hint = "find out why before you run `flowhelm update`: the commit is the same"
            diagnostics.add(CHANGED, message, span, hint=hint)
            return None
        _keep(self.cache, digest, data)
        return data


@dataclass
class MovingFiles:
    """What branches and tags name now, for the repositories that are to move; the rest stays as it is pinned.

    `found` gathers the pins of all that was read. `moving` None: everything moves.
    """

    pins: Mapping[str, Pin]
    moving: frozenset[str] | None = None
    cache: Path = field(default_factory=cache_folder)
    fetched: Fetched = field(default_factory=Fetched)
    found: dict[str, Pin] = field(default_factory=dict)

    def read(self, address: Address, span: Span, diagnostics: Diagnostics) -> bytes | None:
        """The content of a file; None after reporting that it cannot be fetched."""
        repository, old = address.repository, self.pins.get(address.repository)
        stays = old is not None and self.moving is not None and repository not in self.moving
        ref = old.commit if old and stays else address.ref
        try:
            if repository not in self.found:
                self.found[repository] = Pin(old.commit if old and stays else self.fetched.commit(address.url, ref))
            pin = self.found[repository]
            data = _kept(self.cache, old.files.get(address.path, "")) if old and stays else None
            if data is None:
                data = self.fetched.file(address.url, ref, address.path)
        except Refused as refused:
            _report(NOT_FETCHED, f"{repository} cannot be fetched", refused, span, diagnostics)
            return None
        self._note(repository, pin, address.path, data)
        return data

    def keep_others(self) -> None:
        """Take over from the old pins what was not read now: another spec in the folder may need it."""
        for repository, old in self.pins.items():
            pin = self.found.get(repository)
            for path, digest in old.files.items() if pin else ():
                if pin is None or path in self.found[repository].files:
                    continue
                if pin.commit == old.commit:
                    files = {**self.found[repository].files, path: digest}
                    self.found[repository] = replace(pin, files=files)
                    continue
                url, _, ref = repository.removeprefix(PREFIX).rpartition("@")
                with suppress(Refused):  # it is gone: whoever still needs it will be told
                    self._note(repository, self.found[repository], path, self.fetched.file(url, ref, path))
        self.found = {**self.pins, **self.found}

    def _note(self, repository: str, pin: Pin, path: str, data: bytes) -> None:
        digest = _digest(data)
        self.found[repository] = replace(pin, files={**pin.files, path: digest})
        _keep(self.cache, digest, data)


def _report(code: Code, message: str, refused: Refused, span: Span, diagnostics: Diagnostics) -> None:
    diagnostics.add(code, f"{message}: {refused.message}", span)


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _kept(cache: Path, digest: str) -> bytes | None:
    """What the cache has under a hash, if it still has that hash."""
    try:
        data = (cache / digest.removeprefix("sha256:")).read_bytes() if digest else b""
    except OSError:
        return None
    return data if _digest(data) == digest else None


def _keep(cache: Path, digest: str, data: bytes) -> None:
    """Keep a file; a cache that cannot be written is done without."""
    try:
        replace_file(cache / digest.removeprefix("sha256:"), data)
    except OSError:
        return
