"""FileSet + folder → WritePlan: what is to happen to each file, decided before anything is written.

Input: the files of a chart and the folder they go to. Output: a :class:`WritePlan`. Hand edits are told from
generated text by the checksums in `.flowhelm.json`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from enum import StrEnum
from pathlib import Path

from generator.chart.model import FileSet
from generator.diagnostics import Diagnostics
from generator.records import dataclass
from generator.regexes import regex
from generator.write import codes, record
from generator.write.folder import Folder, scan
from generator.write.journal import recover
from generator.write.record import Record, checksum, parse_record
from generator.write.staging import discard

_NAME = regex(rb'^name: *"?([^"\n]+?)"? *$', re.MULTILINE)


class Verdict(StrEnum):
    """What happens to a file."""

    CREATE = "create"
    IDENTICAL = "identical"
    UPDATE = "update"
    REMOVE = "remove"
    CONFLICT = "conflict"  # edited by hand: kept, and its new text goes to <file>.new
    ADOPTED = "adopted"  # the user's own since `--adopt`
    KEPT = "kept"  # no longer generated, but edited by hand

    @property
    def writes(self) -> bool:
        """Whether the file on disk changes."""
        return self in (Verdict.CREATE, Verdict.UPDATE, Verdict.REMOVE)


@dataclass(frozen=True)
class Action:
    """One file's verdict; `content` is what is generated for it now, None when nothing is."""

    verdict: Verdict
    path: str
    content: bytes | None = None


@dataclass(frozen=True)
class WritePlan:
    """`target` is the folder as the user names it, `folder` what lay there when the plan was made; actions by path."""

    target: Path
    folder: Folder
    actions: tuple[Action, ...]

    @property
    def changes(self) -> tuple[Action, ...]:
        """The actions that write or remove a file."""
        return tuple(action for action in self.actions if action.verdict.writes)

    @property
    def adopted_and_different(self) -> tuple[str, ...]:
        """The user's own files that are not what would be generated now."""
        own = (action for action in self.actions if action.verdict is Verdict.ADOPTED)
        return tuple(action.path for action in own if self.folder.content(action.path) != action.content)

    def count(self, verdict: Verdict) -> int:
        """How many files get this verdict."""
        return sum(action.verdict is verdict for action in self.actions)


def stale(plan: WritePlan) -> tuple[Action, ...]:
    """The actions by which the folder is not what would be generated: for `compile --check`.

    Empty: it is up to date.
    """
    return tuple(action for action in plan.actions if action.verdict.writes or action.verdict is Verdict.CONFLICT)


def plan_write(
    files: FileSet, target: Path, diagnostics: Diagnostics, *, force: bool = False, adopt: Collection[str] = ()
) -> WritePlan | None:
    """Decide what happens to each file of the chart folder `target`.

    `force` overwrites hand edits; `adopt` names generated files that become the user's own, by their path in the
    chart or as the user reaches them. A write that was interrupted here is finished first. None: it is refused, the
    reasons stand in the diagnostics.
    """
    if target.exists() and not target.is_dir():
        diagnostics.add(codes.NOT_A_FOLDER, f"{target} is a file", hint="name another folder with -o")
        return None
    try:
        place = target.resolve()
        recover(place)
        discard(place)
        folder = scan(place)
        owned = _read_record(folder, target, diagnostics, force)
        if owned and not force and not _is_same_chart(files, folder, target, diagnostics):
            return None
        return _Planner(files, target, folder, owned, force, diagnostics).plan(adopt) if owned else None
    except OSError as error:
        diagnostics.add(codes.UNWRITABLE, f"{target} cannot be read: {error.strerror}")
        return None


def _read_record(folder: Folder, target: Path, diagnostics: Diagnostics, force: bool) -> Record | None:
    text = folder.content(record.NAME)
    if text is None:
        if "Chart.yaml" in folder.files and not force:
            hint = "name another folder with -o, or overwrite this chart with --force"
            diagnostics.add(codes.FOREIGN_CHART, f"{target} holds a chart that flowhelm did not make", hint=hint)
            return None
        return Record()
    try:
        return parse_record(text)
    except ValueError as error:
        if force:
            return Record()
        hint = "restore the file from version control, or overwrite whatever differs with --force"
        diagnostics.add(codes.UNREADABLE_RECORD, f"{target / record.NAME} cannot be read: {error}", hint=hint)
        return None


def _is_same_chart(files: FileSet, folder: Folder, target: Path, diagnostics: Diagnostics) -> bool:
    """Whether the folder holds an earlier state of this chart, or none: a slip in -o must not replace another one."""
    there, here = (_NAME.search(text) for text in (folder.content("Chart.yaml") or b"", files.get("Chart.yaml", b"")))
    if there is None or here is None or there[1] == here[1]:
        return True
    hint = "name another folder with -o, or overwrite this chart with --force"
    message = f"{target} holds the chart {there[1].decode()}, not {here[1].decode()}"
    diagnostics.add(codes.FOREIGN_CHART, message, hint=hint)
    return False


@dataclass(frozen=True)
class _Planner:
    files: FileSet
    target: Path
    folder: Folder
    owned: Record
    force: bool
    diagnostics: Diagnostics

    def plan(self, adopt: Collection[str]) -> WritePlan | None:
        adopted = self._adopted(adopt)
        if adopted is None:
            return None
        actions = {path: self._decide(path, content, adopted) for path, content in self.files.items()}
        # The new text of a conflict is a generated file like all others: next time it is updated, or it leaves.
        for action in [action for action in actions.values() if action.verdict is Verdict.CONFLICT]:
            path = f"{action.path}.new"
            actions[path] = self._decide(path, action.content or b"", adopted)
        for path in self.owned.files.keys() - actions.keys() - adopted:
            if path in self.folder.files:
                actions[path] = Action(Verdict.REMOVE if self._is_unedited(path) else Verdict.KEPT, path)
        actions[record.NAME] = self._record(actions, adopted)
        plan = WritePlan(self.target, self.folder, tuple(actions[path] for path in sorted(actions)))
        return plan if self._is_free(plan) else None

    def _adopted(self, adopt: Collection[str]) -> frozenset[str] | None:
        unknown = False
        adopted = {path for path in self.owned.adopted if path in self.folder.files}
        for name in adopt:
            path = self._path_in_chart(name)
            if path in self.folder.files and path in self.files:
                adopted.add(path)
                continue
            reason = "is not there" if path in self.files else "is not a file that flowhelm generates for this chart"
            self.diagnostics.add(codes.NOT_GENERATED, f"{name} {reason}", hint="--adopt names a generated file")
            unknown = True
        return None if unknown else frozenset(adopted)

    def _path_in_chart(self, name: str) -> str:
        """`charts/shop/values.yaml`, as the user reaches the file, and `values.yaml` are the same."""
        if name in self.files:
            return name
        found = Path(name).parent.resolve() / Path(name).name
        return found.relative_to(self.folder.path).as_posix() if found.is_relative_to(self.folder.path) else name

    def _decide(self, path: str, content: bytes, adopted: Collection[str]) -> Action:
        if path not in self.folder.files:
            verdict = Verdict.CREATE
        elif path in adopted:
            verdict = Verdict.ADOPTED
        elif self.folder.content(path) == content:
            verdict = Verdict.IDENTICAL
        elif self.force or self._is_unedited(path):
            verdict = Verdict.UPDATE
        else:
            verdict = Verdict.CONFLICT
        return Action(verdict, path, content)

    def _is_unedited(self, path: str) -> bool:
        content = self.folder.content(path)
        return content is not None and checksum(content) == self.owned.files.get(path)

    def _record(self, actions: Mapping[str, Action], adopted: frozenset[str]) -> Action:
        generated = {
            action.path: checksum(action.content)
            for action in actions.values()
            if action.content is not None and action.verdict is not Verdict.ADOPTED
        }
        text = Record(generated, adopted).text
        present = self.folder.content(record.NAME)
        verdict = Verdict.CREATE if present is None else Verdict.IDENTICAL if present == text else Verdict.UPDATE
        return Action(verdict, record.NAME, text)

    def _is_free(self, plan: WritePlan) -> bool:
        leaving = frozenset(action.path for action in plan.actions if action.verdict is Verdict.REMOVE)
        obstacles = {action.path: self.folder.obstacle(action.path, leaving) for action in plan.actions}
        for path, obstacle in obstacles.items():
            if obstacle:
                message = f"{self.target / path} cannot be written: {obstacle}"
                self.diagnostics.add(codes.IN_THE_WAY, message, hint="move it away, or name another folder with -o")
        return not any(obstacles.values())
