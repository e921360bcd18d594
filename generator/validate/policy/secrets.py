"""Secrets in clear text: by the name of what holds them, by the form of known tokens, by how random they look.

The value itself is in no message, and findings are masked: no report shows the place.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from generator.diagnostics import Code
from generator.kube.credentials import credential_form, names_credential
from generator.kube.workloads import value_at
from generator.manifest import Path
from generator.regexes import regex
from generator.validate.model import Data, ObjectRule, Problem, Problems
from generator.validate.policy import access_codes as codes
from generator.validate.policy.workload import Container, ContainerRule

_HINT: Final = "put it into a Secret and refer to that by secretKeyRef or a volume; if it is no secret, accept the code"
_OPEN: Final = regex(
    r"\$\(|\$\{|\{\{|<[^>]*>|^\s*$|^(?:true|false|none|null|change[-_]?me|[-+]?[0-9.]{1,3})$", re.IGNORECASE
)
"""What stands for a value that comes from elsewhere, or is none."""
_EXAMPLE: Final = regex(r"://[\w.-]{1,64}:(?:password|passwd|pass|pwd|secret|x+)@", re.IGNORECASE)
"""How programs and their documentation show what an address looks like."""
_PATH: Final = regex(r"^(?:/|\./|~/|[a-z]+://[^:@]*$)")
_RANDOM: Final = regex(r"(?<![\w+/.:@=-])[A-Za-z0-9+/_-]{24,128}={0,2}(?![\w+/.:@-])")
_HASH: Final = regex(r"[0-9a-fA-F-]+|[0-9]+")
_ENTROPY: Final = 4.2
"""Bits a character. Words and paths have about 3.5, random letters and digits of this length from 4.3 on."""
_OPTION: Final = regex(r"^--?(?P<name>[A-Za-z][\w.-]*)=(?P<value>.+)$", re.DOTALL)
_CHECKSUM: Final = regex(r"(?:checksum|hash|sha\d*|digest|uid|revision|last-applied-configuration)", re.IGNORECASE)


def variables(container: Container) -> Problems:
    """Literals of environment variables, and of arguments."""
    for index, variable in enumerate(container.data.get("env") or ()):
        here = (*container.path, "env", index)
        value = variable.get("value")
        if value:
            yield from _named(
                str(variable.get("name")), value, (*here, "value"), f"the variable {variable.get('name')}"
            )
        elif value_at(variable, ("valueFrom", "secretKeyRef")):
            message = f"the variable {variable.get('name')} has its value from a Secret"
            yield Problem(codes.SECRET_ENV, message, (*here, "valueFrom"), "mount the Secret as a file")
    for index, source in enumerate(container.data.get("envFrom") or ()):
        if source.get("secretRef"):
            message = f"all of the Secret {source['secretRef'].get('name', '')} becomes variables"
            yield Problem(codes.SECRET_ENV, message, (*container.path, "envFrom", index), "mount the Secret as a file")
    for key in ("command", "args"):
        for index, text in enumerate(container.data.get(key) or ()):
            option = _OPTION.match(text)
            what = f"{key}[{index}]"
            name, value = (option["name"], option["value"]) if option else ("", text)
            yield from _named(name, value, (*container.path, key, index), f"{what} (--{name})" if name else what)


def config_maps(data: Data) -> Problems:
    """What stands in a ConfigMap: each entry, and in an entry of several lines each line that sets something."""
    for key, text in (data.get("data") or {}).items():
        path: Path = ("data", key)
        yield from _once(_entry(key, text, path))


def _entry(key: str, text: str, path: Path) -> Problems:
    if "\n" not in text.strip():
        yield from _named(key, text, path, f'the entry "{key}"')
        return
    form = credential_form(_EXAMPLE.sub("", text))
    if form:
        yield _problem(codes.TOKEN, f'{form} stands in the entry "{key}"', path)
    for line in text.splitlines():
        name, _, value = line.strip().partition("=" if "=" in line else ":")
        name = name.strip().strip("\"'")
        if (
            re.fullmatch(r"[\w.-]+", name)
            and names_credential(name.replace(".", "_"))
            and _is_literal(value.strip(" \"',;"))
        ):
            yield _problem(codes.NAMED_SECRET, f'"{name}" in the entry "{key}" holds a literal', path)


def noted(data: Data) -> Problems:
    """Annotations of any object, and of the pods that it makes."""
    for path in (
        ("metadata",),
        ("spec", "template", "metadata"),
        ("spec", "jobTemplate", "spec", "template", "metadata"),
    ):
        for key, text in (value_at(data, (*path, "annotations")) or {}).items():
            form = credential_form(text) if isinstance(text, str) else ""
            if form:
                yield _problem(codes.TOKEN, f"{form} stands in the annotation {key}", (*path, "annotations", key))


def holds_secret(data: Data, path: Path) -> bool:
    """Whether what stands at a path of an object is a secret by its place: no finding of any kind may show it."""
    if data.get("kind") == "Secret":
        return path[:1] in (("data",), ("stringData",))
    if path[:1] == ("data",) and len(path) > 1:
        return names_credential(str(path[1]).replace(".", "_"))
    if len(path) < 3 or (path[-3], path[-1]) != ("env", "value"):
        return False
    variable: Any = data
    for step in path[:-1]:
        variable = variable[step]  # the path of a finding that has a value leads there
    return names_credential(str(variable.get("name")))


def _named(name: str, value: str, path: Path, what: str) -> Problems:
    """At most one problem of a text that has a name: by its form, by the name, by its disorder."""
    form = credential_form(value)
    if form:
        yield _problem(codes.TOKEN, f"{form} stands in {what}", path)
    elif names_credential(name.replace(".", "_")) and _is_literal(value) and not _PATH.match(value):
        yield _problem(codes.NAMED_SECRET, f"{what} is named like a secret, and holds a literal", path)
    elif not _CHECKSUM.search(name) and any(_is_random(word) for word in _RANDOM.findall(value)):
        yield _problem(codes.RANDOM_TEXT, f"{what} holds a text as random as a key", path)


def _is_literal(value: str) -> bool:
    return bool(value) and not _OPEN.search(value)


def _is_random(word: str) -> bool:
    if _HASH.fullmatch(word) or not (
        re.search(r"[0-9]", word) and re.search(r"[a-z]", word) and re.search(r"[A-Z]", word)
    ):
        return False
    counts = Counter(word)
    return -sum(count / len(word) * math.log2(count / len(word)) for count in counts.values()) >= _ENTROPY


def _once(problems: Problems) -> Iterator[Problem]:
    yield from dict.fromkeys(problems)


def _problem(code: Code, message: str, path: Path) -> Problem:
    return Problem(code, message, path, _HINT, masked=True)


RULES: Final = (ContainerRule(variables), ObjectRule(config_maps, ("ConfigMap",)), ObjectRule(noted))
