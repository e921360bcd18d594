"""The examples that `flowhelm explain` shows are true: the wrong one is found, once, and the right one is not."""

from pathlib import Path

import pytest

from generator.catalog import all_codes
from generator.compiler import Options, compile_spec
from generator.diagnostics import Code, Diagnostics, Severity
from tests.fragments import complete

# Codes of specs; those of rendered objects, of diff and of the tool have tests of their own.
CODES = [code for code in all_codes().values() if code.id.startswith(("FH0", "FH1", "FH2", "FH40"))]

# What no few lines of one file show.
WITHOUT = {
    **dict.fromkeys(("FH2112", "FH2113", "FH2116", "FH2117", "FH2119"), "libraries"),
    "FH0004": "bytes",
    "FH0005": "size",
    "FH0007": "size",
    "FH0012": "layout",
    "FH0101": "a file",
    **dict.fromkeys(("FH0103", "FH0104", "FH0105", "FH0106"), "git"),
    "FH2015": "size",
    "FH2103": "size",
    "FH2403": "size",
    "FH2205": "size",
    "FH2492": "found as FH2401 before; what is left is a safety net",
}


LIBRARY = """\
flowhelm: v1
name: payments
version: 1.0.0
workflows:
  charge:
    outputs: {receipt: {type: string, value: none}}
    tasks: {book: {run: {image: registry.example.com/pay/book:1.0.0}}}
  collect:
    inputs: {gateway: {type: service}}
    tasks: {ask: {call: {service: "${{ inputs.gateway }}", post: /charges}}}
"""


def findings(fragment: str, folder: Path) -> list[tuple[str, Severity, str]]:
    (folder / "spec.yaml").write_text(complete(fragment), encoding="utf-8")
    (folder / "lib").mkdir(exist_ok=True)
    (folder / "lib/payments.yaml").write_text(LIBRARY)
    (folder / "a.conf").write_text("a")
    (folder / "a.txt").write_text("a")
    (folder / "shop.conf").write_text("a")
    diagnostics = Diagnostics()
    compile_spec(folder / "spec.yaml", Options(root=folder), diagnostics)
    return [(found.code.id, found.severity, found.message) for found in diagnostics]


@pytest.mark.parametrize("code", [code for code in CODES if code.id not in WITHOUT], ids=lambda code: code.id)
def test_the_examples_are_true(code: Code, tmp_path: Path) -> None:
    assert code.wrong, "a code has a wrong example"
    found = findings(code.wrong, tmp_path)
    assert code.id in [each[0] for each in found], f"{complete(code.wrong)}\n{found}"
    errors = [each for each in found if each[1] is Severity.ERROR]
    assert {each[0] for each in errors} <= {code.id}, "one cause, one finding"
    assert code.right, "a code has a right example"
    better = findings(code.right, tmp_path)
    assert code.id not in [each[0] for each in better], f"{complete(code.right)}\n{better}"
    assert [each for each in better if each[1] is Severity.ERROR] == [], complete(code.right)


def test_codes_of_specs_name_their_source() -> None:
    assert [code.id for code in CODES if not code.source] == []


def test_codes_without_examples_are_codes() -> None:
    assert WITHOUT.keys() <= {code.id for code in CODES}
