"""How findings on rendered objects are judged: which count, how severely, and which are accepted.

Input: what a user configures. Output: the severity of a problem, and whether a finding is let pass; exceptions that are
over, or let nothing pass, are findings themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import field, replace
from datetime import date
from fnmatch import fnmatchcase

from generator.diagnostics import Diagnostic, Diagnostics, ObjectRef, Severity, Span
from generator.records import dataclass
from generator.regexes import regex
from generator.validate import codes
from generator.validate.model import Problem
from generator.validate.presets import POLICIES, Policy

_ENVIRONMENT = regex(r"(?:^|/)values[-.](?P<after>[^/]+)\.ya?ml$|(?:^|/)(?P<before>[^/]+)-values\.ya?ml$")


@dataclass(frozen=True)
class Exemption:
    """Findings of one code that are accepted: on objects, at paths and in files that fit the patterns (`*`, `?`).

    From the day after `until` on they count again. `span` is where it was written.
    """

    code: str
    reason: str
    span: Span
    kind: str = "*"
    name: str = "*"
    path: str = "*"
    file: str = "*"
    until: date | None = None

    def covers(self, finding: Diagnostic) -> bool:
        """Whether it is about this finding."""
        subject = finding.subject
        texts = (
            (self.kind, subject.kind if subject else ""),
            (self.name, subject.name if subject else ""),
            (self.path, finding.path),
            (self.file, finding.span.file if finding.span else ""),
        )
        return finding.code.id == self.code and all(fits(pattern, text) for pattern, text in texts)


def fits(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern with `*` and `?`; brackets, of which paths are full, stand for themselves."""
    return fnmatchcase(text, pattern.replace("[", "[[]"))


@dataclass
class Rulebook:
    """The policy of all environments, those of single ones by their names, and what is accepted; `today` ends that."""

    policy: Policy = field(default_factory=Policy)
    environments: Mapping[str, Policy] = field(default_factory=dict)
    exemptions: tuple[Exemption, ...] = ()
    today: date = date.min
    _used: set[Exemption] = field(default_factory=set)
    _reached: set[Exemption] = field(default_factory=set)

    def policy_of(self, values_file: str) -> Policy:
        """The policy for what was rendered with a values file: `values-prod.yaml`, `ci/prod-values.yaml` are `prod`."""
        found = _ENVIRONMENT.search(values_file.rpartition(" + ")[2])
        return self.environments.get(found["after"] or found["before"], self.policy) if found else self.policy

    def judge(self, problem: Problem, values_files: Collection[str]) -> tuple[Severity, str] | None:
        """The worst severity of a problem in renderings with these values files, and that file; None: it is off."""
        worst: tuple[Severity, str] | None = None
        for values_file in values_files:
            severity = self.policy_of(values_file).severity(problem.code, problem.severity)
            if severity and (worst is None or severity.rank < worst[0].rank):
                worst = (severity, values_file)
            if not self.environments:
                break
        return worst

    def look_at(self, subject: ObjectRef, file: Callable[[], str]) -> None:
        """Take note that an object is there, shown in a file: what is accepted of it should have an effect."""
        for each in self.exemptions:
            is_meant = fits(each.kind, subject.kind) and fits(each.name, subject.name)
            if is_meant and each not in self._reached and (each.file == "*" or fits(each.file, file())):
                self._reached.add(each)

    def accepts(self, finding: Diagnostic) -> bool:
        """Whether an exemption lets a finding pass."""
        covering = [each for each in self.exemptions if each.covers(finding)]
        self._used.update(covering)
        return any(each.until is None or self.today <= each.until for each in covering)

    def without(self, *off: str) -> Rulebook:
        """The same rules, of which these codes do not count; what is accepted is kept count of in both."""
        policies = {
            name: replace(policy, severities={**policy.severities, **dict.fromkeys(off)})
            for name, policy in (("", self.policy), *self.environments.items())
        }
        return replace(self, policy=policies.pop(""), environments=policies)

    def is_off(self, code: str) -> bool:
        """Whether no environment asks for a code."""
        found = POLICIES.get(code)
        return found is not None and not any(
            policy.severity(found) for policy in (self.policy, *self.environments.values())
        )

    def report_idle(self, diagnostics: Diagnostics) -> None:
        """Report the exemptions that let nothing pass, which would hide the next real finding, and those over."""
        for each in self.exemptions:
            if each.until is not None and each.until < self.today:
                message = f"{each.code} was accepted until {each.until.isoformat()}"
                diagnostics.add(codes.ACCEPT_OVER, message, each.span, hint="mend it, or remove the exception")
            elif each not in self._used and not self.is_off(each.code):
                is_there = each in self._reached
                message = (
                    f"{each.code} is accepted, but {'nothing here has it' if is_there else 'no object here is meant'}"
                )
                severity = None if is_there else Severity.INFO
                hint = "remove it" if is_there else "remove it, unless it is for other charts"
                diagnostics.add(codes.ACCEPT_IDLE, message, each.span, hint=hint, severity=severity)
