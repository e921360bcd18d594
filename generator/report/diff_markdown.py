"""Stage: a comparison → a comment on a pull request.

Input: a :class:`ChartDiff`. Output: Markdown below the 65,536 characters that forges take. What is cut first are field
changes, then mild findings; the verdict and the errors stay.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from generator.diagnostics import Diagnostic, Severity
from generator.diff.model import ChartDiff
from generator.diff.verdict import verdict
from generator.diff.wording import counted
from generator.report.diff_lines import Entry, entries, printable, sections

LIMIT = 65_536
"""What GitHub takes as the length of a comment."""

_BUDGET = 60_000
_LONGEST_MESSAGE = 600


def diff_markdown(diff: ChartDiff) -> str:
    """The report as Markdown. Text of the manifests can neither format it nor mention anyone."""
    page = _Page(f"**{_escaped(verdict(diff))}**\n")
    found = [(title, finding) for title, findings in sections(diff) for finding in findings]
    errors = [entry for entry in found if entry[1].severity is Severity.ERROR]
    page.add_all([_findings(errors)] if errors else [], "")
    if errors and page.is_cut:
        page = _Page(page.text + _names(errors))
    milder = [_findings([entry]) for entry in found if entry[1].severity is not Severity.ERROR]
    page.add_all(milder, "finding")
    page.add_all([_entry(entry) for entry in entries(diff)], "changed object")
    return page.text


class _Page:
    """A text that stays within the budget."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.is_cut = False

    def add_all(self, parts: list[str], noun: str) -> None:
        """Adds the parts as long as they fit, and says how many did not."""
        left = 0
        for part in parts:
            if len(self.text) + len(part) <= _BUDGET:
                self.text += part
            else:
                left += 1
        self.is_cut = left > 0
        if left and noun:
            self.text += (
                f"\n*{counted(left, noun)} left out, for a comment cannot be longer. `flowhelm diff` shows all.*\n"
            )


def _findings(entries: Iterable[tuple[str, Diagnostic]]) -> str:
    lines = []
    for title, finding in entries:
        values = f" (with {finding.values_file})" if finding.values_file else ""
        lines.append(
            f"\n- **{finding.severity} {finding.code.id}** {title}: {_escaped(f'{finding.subject}{values}')}  \n"
        )
        lines.append(f"  {_escaped(_cut(finding.message))}\n")
        if finding.hint:
            lines.append(f"  *{_escaped(finding.hint)}*\n")
    return "".join(lines)


def _names(entries: list[tuple[str, Diagnostic]]) -> str:
    """So many errors that only their places fit, and of those a part."""
    lines: list[str] = []
    length = 0
    for index, (_, finding) in enumerate(entries):
        line = f"\n- **{finding.severity} {finding.code.id}** {_escaped(_cut(str(finding.subject)))}"
        if length + len(line) > _BUDGET // 2:
            return "".join(lines) + f"\n\n*{counted(len(entries) - index, 'more error')}; `flowhelm diff` shows all.*\n"
        lines.append(line)
        length += len(line)
    return "".join(lines) + "\n"


def _entry(entry: Entry) -> str:
    summary = f"<code>{entry.sigil}</code> {_escaped(entry.headline)}"
    lines = [f"{_GITHUB_SIGIL.get(mark, mark)} {line}".rstrip() for mark, line in entry.lines]
    if not lines:
        return f"\n{summary}  \n"
    fence = "`" * max(3, 1 + max((len(run) for line in lines for run in re.findall("`+", line)), default=0))
    body = "\n".join(lines)
    return f"\n<details><summary>{summary}</summary>\n\n{fence}diff\n{body}\n{fence}\n\n</details>\n"


_GITHUB_SIGIL = {"~": "!"}
"""GitHub colours `!` lines of a diff; `~` it does not know."""


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_MESSAGE else text[: _LONGEST_MESSAGE - 1] + "…"


def _escaped(text: str) -> str:
    """Text that Markdown shows as it is: no formatting, no HTML, no mention."""
    text = html.escape(printable(text), quote=False).replace("@", "&#64;")
    return re.sub(r"([\\`*_\[\]{}#|~])", r"\\\1", text)
