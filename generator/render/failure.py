"""What Helm says when it can't render, taken apart.

Input: Helm's error text, of Helm 3 or 4. Output: :class:`Failure` values: the code, the message without Helm's
wrapping, and the place in the chart. The forms stand in the tests, as both versions print them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.chart.model import CARD
from generator.diagnostics import Code
from generator.manifest import Path
from generator.records import dataclass
from generator.regexes import regex
from generator.render import codes

_MAX_MESSAGE = 400
_PLACE = regex(r"(?<![\w./-])([\w.-]+)/([^\s:\"'()]+):(\d+)(?::(\d+))?")
_NOT_YAML = regex(r"YAML parse error on [^/]+/([^:]+): (?:error converting YAML to JSON: )?(?:yaml: )?(.*)", re.S)
_PARSE = regex(r"parse error at \([^)]*\): (.*)", re.S)
_STOPPED = regex(r"execution error at \([^)]*\): (.*)", re.S)
_NESTED = regex(r"(?:error calling (?:include|tpl): |error during tpl function execution for \"[^\"]*\": )")
_SCHEMA = regex(r"values don't meet the specifications of the schema")
_VIOLATION = regex(r"- at '(?P<pointer>[^']*)': (?P<text>.*)|- (?P<dotted>\(root\)|[^:\s]+): (?P<old>.*)")
_MISSING = regex(r"missing in charts/ directory: (.*)")
_CHART_NAME = regex(r"(?P<chart>[\w.-]+):")
_CARD = regex(r"validation: chart\.metadata\.(\w+)|chart requires (kubeVersion)")
_PACKED = regex(r"error unpacking subchart (\S+) in \S+: (.*)", re.S)
_LOADED_FILE = regex(r"cannot load ([\w./-]+): (.*)", re.S)
_NO_MAPPING = regex(r".*cannot unmarshal (\w+) into Go value of type.*", re.S)
_KINDS = {"array": "a list", "string": "text", "number": "a number", "bool": "true or false"}
_LINE = regex(r"yaml: line (\d+)")
_NO_MEMORY = regex(r"out of memory|cannot allocate memory|stack overflow|exceeds 1000000000-byte limit")


@dataclass(frozen=True)
class Failure:
    """One reason why a chart doesn't render.

    `file` is relative to the chart; `line` and `column` count from 1 and are 0 when Helm didn't say; `values_path` is
    the place in the values of `chart` when these are wrong; `key` the place in a YAML `file`, where Helm says no line;
    `via` are the places of the templates that led there, outermost first.
    """

    code: Code
    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    values_path: Path | None = None
    key: Path = ()
    chart: str = ""
    via: tuple[tuple[str, int, int], ...] = ()


def missing_dependencies(text: str) -> tuple[str, ...]:
    """The sub-charts that Helm wants and didn't find; empty when that isn't what the error is about."""
    found = _MISSING.search(text)
    return tuple(name.strip() for name in found[1].splitlines()[0].split(",")) if found else ()


def failures(text: str) -> tuple[Failure, ...]:
    """What an error text of Helm says; never empty."""
    text = text.partition("\n\nUse --debug flag")[0].strip()
    text = re.split(r"^Error: ", text, maxsplit=1, flags=re.M)[-1]  # what stands before it are lines of a log
    if _NO_MEMORY.search(text[:2000]):
        return (Failure(codes.CRASH, "a template needs more memory than a rendering may have"),)
    if _SCHEMA.search(text):
        return tuple(_violations(text)) or (_unusable_schema(text),)
    if found := _NOT_YAML.search(text):
        return (Failure(codes.NOT_YAML, f"the rendered text can't be read: {_short(found[2])}", found[1]),)
    if found := _LOADED_FILE.search(text):
        file, reason = found.groups()
        line = _LINE.search(reason)
        reason = _NO_MAPPING.sub(lambda no: f"it is {_KINDS.get(no[1], no[1])}, not a mapping", reason)
        message = f"{file} can't be loaded: {_short(_last(reason))}"
        return (Failure(codes.CHART, message, file, int(line[1]) if line else 0),)
    if found := _PACKED.search(text):
        archive = f"charts/{found[1]}"
        return (Failure(codes.CHART, f"{archive} can't be unpacked: {_short(found[2])}", archive),)
    if found := _CARD.match(text):
        return (Failure(codes.CHART, _short(text), CARD, key=(found[1] or found[2],)),)
    return (_template(text),)


def _unusable_schema(text: str) -> Failure:
    *_, chart, reason = ["", *text.splitlines()]
    message = f"the schema of {chart.rstrip(':')} can't be used: {_short(reason)}"
    return Failure(codes.VALUES_SCHEMA, message, "values.schema.json", chart=chart.rstrip(":"))


def _template(text: str) -> Failure:
    places = [(found[2], int(found[3]), int(found[4] or 0) + 1 if found[4] else 0) for found in _PLACE.finditer(text)]
    if found := _PARSE.search(text):
        code, message = codes.TEMPLATE, found[1]
    elif found := _STOPPED.search(text):
        code, message = codes.EXECUTION, found[1]
    elif places:
        code, message = codes.EXECUTION, _last(_NESTED.split(text)[-1])
    else:
        return Failure(codes.CHART, _short(text) or "Helm failed without a message")
    *via, (file, line, column) = places
    return Failure(code, _short(message), file, line, column, via=tuple(via))


def _violations(text: str) -> Iterator[Failure]:
    chart = ""
    for line in text.splitlines()[1:]:
        if named := _CHART_NAME.fullmatch(line):
            chart = named["chart"]
        found = _VIOLATION.fullmatch(line)
        if found and found["pointer"] is not None:
            steps = [step.replace("~1", "/").replace("~0", "~") for step in found["pointer"].split("/")[1:]]
            message = found["text"]
        elif found:
            steps = [] if found["dotted"] == "(root)" else found["dotted"].split(".")
            message = found["old"]
        else:
            continue
        path = tuple(int(step) if step.isdigit() else step for step in steps)
        yield Failure(codes.VALUES_SCHEMA, _short(message), values_path=path, chart=chart)


def _last(text: str) -> str:
    """The innermost reason: what stands after the last `at <…>:`, or the last line."""
    text = re.split(r"at <.*?>:\s", text, flags=re.S)[-1].strip()
    return text.splitlines()[-1].strip() if text else ""


def _short(text: str) -> str:
    """One line of reasonable length: a recursion's error has 92 KB."""
    text = " ".join(text.split()).rstrip(".")
    return text if len(text) <= _MAX_MESSAGE else f"{text[:_MAX_MESSAGE]} …"
