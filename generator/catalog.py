"""Every diagnostic code, gathered from the stages; feeds `explain`, reports and docs.

Input: nothing. Output: the codes by their id. A room keeps its codes in a module without heavy imports; a new one gets
a line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Final

from generator.diagnostics import Code

ROOMS: Final = (
    "generator.yamlio.codes",
    "generator.source.codes",
    "generator.spec.codes",
    "generator.spec.expression_codes",
    "generator.resolve.codes",
    "generator.resolve.expression_codes",
    "generator.resolve.reuse_codes",
    "generator.graph",
    "generator.check.codes",
    "generator.check.workflow_codes",
    "generator.lower.codes",
    "generator.validate.codes",
    "generator.validate.api.codes",
    "generator.validate.references.codes",
    "generator.validate.values.codes",
    "generator.validate.policy.pod_codes",
    "generator.validate.policy.workload_codes",
    "generator.validate.policy.access_codes",
    "generator.validate.policy.exposure_codes",
    "generator.diff.codes",
    "generator.render.codes",
    "generator.write.codes",
    "generator.inputs.codes",
)
"""The modules that hold codes, in the order of the stages."""


@cache
def all_codes() -> Mapping[str, Code]:
    """Every code by its id, in order."""
    codes: list[Code] = [code for room in ROOMS for code in import_module(room).CODES]
    return {code.id: code for code in sorted(codes, key=lambda code: code.id)}


def find_code(text: str) -> Code | None:
    """The code with this id, however it is written (`FH3107`, `fh3107`, `3107`); None when there is none."""
    digits = text.strip().upper().removeprefix("FH")
    return all_codes().get(f"FH{digits}")
