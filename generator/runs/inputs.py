"""The inputs of a run that someone starts: read by what the workflow declares (rulings C26), refused all at once.

In: `--input name=value` texts, the text of an input file, the declarations. Out: values, or what is wrong with them.
A value is never shown in a message, for it may be a secret.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.records import dataclass
from generator.runtime.plan import Declared
from generator.runtime.values import is_a, read_json, type_of, with_article
from generator.spec.suggestions import did_you_mean

Json = Any

MOST_BYTES = 120_000
"""Of all inputs as JSON: they are an annotation of the run's Job, beside the plan and the progress."""

EXAMPLES = {
    "integer": "a whole number, such as 3",
    "number": "a number, such as 0.5",
    "boolean": "true or false",
    "list": 'a list in JSON, such as ["a", "b"]',
    "object": 'an object in JSON, such as {"id": 3}',
}


@dataclass(frozen=True)
class Given:
    """The values of the inputs that were given, typed; or what is wrong, one sentence each."""

    values: Mapping[str, Json]
    problems: tuple[str, ...] = ()


def read_given(pairs: Sequence[str], file: str | None, declared: Mapping[str, Declared]) -> Given:
    """What was given on the command line and in a file; the command line counts where both have an input."""
    problems: list[str] = []
    from_file = _read_file(file, declared, problems) if file is not None else {}
    values = {**from_file, **_read_pairs(pairs, declared, problems)}
    named = {*from_file, *(pair.partition("=")[0] for pair in pairs if "=" in pair)}
    meant = {name: did_you_mean(name, declared) for name in sorted(named - declared.keys() - {""})}
    problems += [
        f"there is no input {name}" + (f"; did you mean {known}?" if known else "") for name, known in meant.items()
    ]
    problems += [
        f"the input {name} is missing; it is {with_article(each.type)}"
        for name, each in declared.items()
        if not each.has_default and name not in named and name not in meant.values()
    ]
    size = len(json.dumps(values, ensure_ascii=False).encode("utf-8", "replace"))
    if size > MOST_BYTES:
        problems.append(f"the inputs are {size} bytes of JSON; at most {MOST_BYTES} can be given to a run")
    return Given(values, tuple(problems))


def described(declared: Mapping[str, Declared]) -> Iterator[str]:
    """The declarations, one line each."""
    width = max((len(name) for name in declared), default=0)
    for name, each in declared.items():
        yield f"{name:{width}}  {each.type}{'' if each.has_default else ', required'}"


def _read_pairs(pairs: Sequence[str], declared: Mapping[str, Declared], problems: list[str]) -> dict[str, Json]:
    values: dict[str, Json] = {}
    seen: set[str] = set()
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            problems.append("--input takes name=value, and one has no " + ("name" if equals else "="))
        elif name in seen:
            problems.append(f"the input {name} is given twice")
        elif name in declared:
            seen.add(name)
            value = _read_text(name, text, declared[name], problems)
            if value is not None:
                values[name] = value
    return values


def _read_text(name: str, text: str, declared: Declared, problems: list[str]) -> Json:
    """A text by the declared type; None when it is not of that type."""
    if declared.type == "string":
        try:
            text.encode()
        except UnicodeEncodeError:
            problems.append(f"the input {name} is not text in UTF-8")
            return None
        return text
    try:
        value = read_json(text)
    except json.JSONDecodeError as wrong:
        where = f": it is no JSON at character {wrong.pos + 1}" if declared.type in ("list", "object") else ""
        problems.append(f"the input {name} is not {EXAMPLES[declared.type]}{where}")
        return None
    except ValueError as wrong:
        problems.append(f"the input {name}: {wrong}")
        return None
    return _typed(name, value, declared, problems)


def _read_file(text: str, declared: Mapping[str, Declared], problems: list[str]) -> dict[str, Json]:
    """The values of a JSON object; null is as if it were not there."""
    try:
        read = read_json(text)
    except json.JSONDecodeError as wrong:
        problems.append(f"the input file is not JSON: line {wrong.lineno}, column {wrong.colno}: {wrong.msg}")
        return {}
    except ValueError as wrong:
        problems.append(f"the input file: {wrong}")
        return {}
    if not isinstance(read, dict):
        problems.append(f'the input file is {with_article(type_of(read))}, not an object such as {{"name": "value"}}')
        return {}
    given = {name: value for name, value in read.items() if value is not None}
    return {
        name: _typed(name, value, declared[name], problems) if name in declared else value
        for name, value in given.items()
    }


def _typed(name: str, value: Json, declared: Declared, problems: list[str]) -> Json:
    if is_a(value, declared.type):
        return value
    problems.append(
        f"the input {name} is {with_article(type_of(value))}, not {EXAMPLES.get(declared.type, 'a string')}"
    )
    return None
