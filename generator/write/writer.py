"""WritePlan → chart on disk, as a whole or not at all.

Input: a :class:`WritePlan`. Output: the files in its folder, and findings about those that a person edited.
"""

from __future__ import annotations

from pathlib import Path

from generator.diagnostics import Diagnostics
from generator.write import codes
from generator.write.folder import FolderChanged
from generator.write.journal import write_in_place
from generator.write.plan import Verdict, WritePlan
from generator.write.staging import swap


def apply(plan: WritePlan, diagnostics: Diagnostics) -> bool:
    """Carry the plan out; whether that worked. Files that a person edited are kept, and reported as errors.

    A crash at any instant leaves the old chart or the new one. What the folder holds beside generated files is not
    touched.
    """
    _report_edits(plan, diagnostics)
    if not plan.changes:
        return True
    try:
        _write(plan)
    except FolderChanged:
        message = f"{plan.target} changed while it was being written, and nothing was written"
        diagnostics.add(codes.CHANGED, message, hint="run the same command again")
        return False
    except OSError as error:
        message = f"{plan.target} cannot be written: {error.strerror or error}"
        diagnostics.add(codes.UNWRITABLE, message, hint="make the folder writable, or name another one with -o")
        return False
    return True


def _write(plan: WritePlan) -> None:
    writes = {action.path: None if action.verdict is Verdict.REMOVE else action.content for action in plan.changes}
    plan.folder.require_writable(writes)
    if not plan.folder.exists:
        swap(plan.folder, writes)
        return
    if not _stands_in(plan.folder.path):
        try:
            swap(plan.folder, writes)
            return
        except OSError:
            pass  # not in this place; the reason, if it is one for the other way too, comes from there
    write_in_place(plan.folder, writes)


def _stands_in(folder: Path) -> bool:
    """Whether this process, and so the shell that started it, stands in the folder: it would lose its ground."""
    return Path.cwd().is_relative_to(folder)


def _report_edits(plan: WritePlan, diagnostics: Diagnostics) -> None:
    for action in plan.actions:
        file = plan.target / action.path
        if action.verdict is Verdict.CONFLICT:
            hint = f"compare it with {file}.new; then --force overwrites it, --adopt {action.path} makes it your own"
            diagnostics.add(codes.EDITED, f"{file} was edited by hand, and is kept", hint=hint)
        elif action.verdict is Verdict.KEPT:
            message = f"{file} is no longer generated, but was edited by hand, and is kept"
            diagnostics.add(codes.NO_LONGER_GENERATED, message, hint="delete it unless you need it")
