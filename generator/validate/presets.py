"""How severely findings count: a preset, and what a user says of single codes.

Input: the code of a finding. Output: its severity; None when it is not to be shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Final

from generator.diagnostics import Code, Severity
from generator.records import dataclass
from generator.validate.model import Preset
from generator.validate.policy import access_codes, exposure_codes, pod_codes, workload_codes

POLICIES: Final[Mapping[str, Code]] = {
    code.id: code for room in (pod_codes, workload_codes, access_codes, exposure_codes) for code in room.CODES
}
"""The codes that presets judge."""

_ALWAYS: Final = frozenset((pod_codes.NAMESPACE_LABEL.id, pod_codes.ENFORCED.id))
"""What the API server refuses."""

_OPTIONAL: Final = frozenset(
    code.id
    for code in (
        pod_codes.WRITABLE_HOST_PATH,
        pod_codes.NO_DIGEST,
        pod_codes.PULL_POLICY,
        pod_codes.LOW_USER,
        workload_codes.NO_LIVENESS,
        workload_codes.SAME_PROBES,
        workload_codes.NO_CPU_LIMIT,
        workload_codes.NO_DISK,
        workload_codes.UNHEALTHY_PODS,
        workload_codes.NO_PRIORITY,
        workload_codes.ONE_REPLICA,
        workload_codes.CRON_DEADLINE,
        workload_codes.NO_NAMESPACE,
        workload_codes.DEFAULT_NAMESPACE,
        access_codes.SECRET_ENV,
        access_codes.MAKES_PODS,
        exposure_codes.LOW_PORT,
        exposure_codes.ONE_WAY,
    )
)
"""Notes in `strict`, off below: tools differ over them, or most charts have good reasons not to do them."""

_GRAVE: Final = frozenset(
    code.id
    for code in (
        pod_codes.BASELINE,
        pod_codes.DOCKER_SOCKET,
        access_codes.NAMED_SECRET,
        access_codes.TOKEN,
        access_codes.CLUSTER_ADMIN,
        access_codes.EVERYBODY,
    )
)
"""Warnings in every preset, and errors in `strict`."""


SEEN_IN_SPECS: Final = (access_codes.NAMED_SECRET.id, access_codes.TOKEN.id)
"""What is found in a spec already, where it was written (FH4001, FH4002)."""


def preset_severity(code: Code, preset: Preset) -> Severity | None:
    """How severely a code counts in a preset; None: it doesn't."""
    if code.id not in POLICIES or code.id in _ALWAYS:
        return code.severity
    if code.id in _OPTIONAL:
        return Severity.INFO if preset is Preset.STRICT else None
    if code.id in _GRAVE:
        return Severity.ERROR if preset is Preset.STRICT else Severity.WARNING
    if preset is Preset.STANDARD:
        return code.severity
    return Severity.WARNING if preset is Preset.STRICT else None


POD_SECURITY: Final[Mapping[str, tuple[str, ...]]] = {
    "privileged": (),
    "baseline": (pod_codes.BASELINE.id,),
    "restricted": (pod_codes.BASELINE.id, pod_codes.RESTRICTED.id),
}
"""The levels of Pod Security that can be asked for, and what counts then."""


@dataclass(frozen=True)
class Policy:
    """How severely findings count.

    The preset says it; where a level of Pod Security is asked for, what is against it is a warning at least; what is
    said of single codes stands above both (None: off).
    """

    preset: Preset = Preset.STANDARD
    severities: Mapping[str, Severity | None] = field(default_factory=dict)
    pod_security: str = ""

    def severity(self, code: Code, said: Severity | None = None) -> Severity | None:
        """The severity of a finding with this code, which may say one itself; None when it is not to be shown."""
        if code.id in self.severities:
            return self.severities[code.id]
        if code.id not in POLICIES:
            return said or code.severity
        severity = preset_severity(code, self.preset)
        if self.pod_security and code.id in POD_SECURITY["restricted"]:
            if code.id not in POD_SECURITY[self.pod_security]:
                return None
            return severity if severity is Severity.ERROR else Severity.WARNING
        return severity
