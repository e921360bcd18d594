"""Every diagnostic code on one page.

Input: the codes. Output: the text of docs/diagnostics.md; `make goldens` writes it, a test compares it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generator.diagnostics import Code

PARTS = (
    ("FH0", "Reading a file"),
    ("FH1", "The language: keys, types, formats"),
    ("FH2", "Meaning: names, types, order, collisions"),
    ("FH3", "Rendered objects against Kubernetes"),
    ("FH4", "Policy"),
    ("FH5", "Changes between two charts"),
    ("FH6", "The tool and its surroundings"),
)
"""How the codes of each part begin, and its title."""

_INTRODUCTION = """\
# Diagnostics

Made from the codes in `generator/`; `make goldens` writes it anew. `flowhelm explain FH1001` shows one of them. An
error ends a compilation, and nothing is written; with warnings and notes the chart is written. A finding that is meant
to be there is accepted at its place: `accept: {FH2404: only one release in this cluster}`.
"""


def diagnostics_page(codes: Iterable[Code]) -> str:
    """The whole page."""
    return "\n".join(_lines(tuple(codes))) + "\n"


def _lines(codes: tuple[Code, ...]) -> Iterator[str]:
    yield _INTRODUCTION
    parts = [(title, [code for code in codes if code.id.startswith(start)]) for start, title in PARTS]
    for title, inside in parts:
        yield f"- [{title}](#{_anchor(title)}): {inside[0].id} to {inside[-1].id}"
    for title, inside in parts:
        yield f"\n## {title}"
        for code in inside:
            yield from _code(code)


def _code(code: Code) -> Iterator[str]:
    yield f"\n### {code.id}: {code.title}\n"
    yield f"*{code.severity.value.capitalize()}.* {' '.join(code.why.split())}"
    for label, example in (("Wrong", code.wrong), ("Right", code.right)):
        if example:
            yield f"\n{label}:\n\n```yaml\n{example.rstrip()}\n```"
    if code.source:
        yield f"\nSource: {code.source}"


def _anchor(title: str) -> str:
    return "".join(char for char in title.lower().replace(" ", "-") if char.isalnum() or char == "-")
