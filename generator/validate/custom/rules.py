"""Rules in CEL that definitions of custom resources hold (`x-kubernetes-validations`).

Input: a value and its part of the schema. Output: the rules that it breaks. They are evaluated with the package
common-expression-language when it is installed (the extra `cel`); a rule that can't be is remembered as not evaluated.
Rules about a change (`oldSelf`) have nothing to say of an object that is made.
Source: Kubernetes documentation, "Validation rules"; apiextensions-apiserver, pkg/apiserver/schema/cel.
"""

from __future__ import annotations

import base64
import datetime
import importlib.util
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from generator.manifest import Path
from generator.regexes import regex
from generator.validate import codes
from generator.validate.custom.functions import FUNCTIONS, REFUSED, duration_of
from generator.validate.model import Problem, Problems

_OLD: Final = regex(r"\boldSelf\b")
_STEP: Final = regex(r"\.([A-Za-z_][\w-]*)|\[['\"](.+?)['\"]\]")
_RESERVED: Final = frozenset((
    "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let",
    "loop", "package", "namespace", "return",
))  # fmt: skip
_LONGEST: Final = 4000
_MOST_STEPS: Final = 10**7
_TOKEN: Final = regex(
    r"""(?P<text>r?(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'))"""
    r"""|(?P<loop>\.(?:all|exists|exists_one|map|filter)\s*\()|(?P<open>\()|(?P<close>\))""",
    re.DOTALL,
)
"""What tells how deep loops stand in each other."""
_REFUSED: Final = regex(rf"ValueError: {REFUSED}(.*?)(?:\. Check function|$)")
_META_FIELDS: Final = ("name", "generateName")

Node = Mapping[str, Any]


def is_installed() -> bool:
    """Whether rules can be evaluated here."""
    return importlib.util.find_spec("cel") is not None


class Rules:
    """Evaluates the rules of one object; `not_evaluated` gathers those for which it can't."""

    def __init__(self) -> None:
        self.not_evaluated: set[str] = set()
        self._context: Any = None

    def broken(self, value: Any, node: Node, path: Path) -> Problems:
        """The rules of a part of the schema that its value breaks."""
        context = None
        for rule in node.get("x-kubernetes-validations") or ():
            text = str(rule.get("rule", ""))
            if _is_about_change(text):
                if rule.get("optionalOldSelf"):
                    self.not_evaluated.add(text)
                continue
            program = _program(text)
            if program is None or not _ends_soon(text, value):
                self.not_evaluated.add(text)
                continue
            context = context or self._with(cel_value(value, node, is_root=not path))
            try:
                holds = program.execute(context)
            except (KeyError, IndexError, ZeroDivisionError) as error:  # as on the server
                yield _problem(rule, f"`{text}` can't be evaluated: there is no {error}", path)
            except (RuntimeError, TypeError, ValueError, OverflowError) as error:
                if found := _REFUSED.search(str(error)):
                    yield _problem(rule, f"`{text}` can't be evaluated: {found[1]}", path)
                else:  # beyond what the library knows of CEL
                    self.not_evaluated.add(text)
            else:
                if holds is False:
                    yield _problem(rule, _message(rule, context) or f"the rule `{text}` does not hold", path)

    def _with(self, value: Any) -> Any:
        """Where rules find `self`, and the functions of Kubernetes."""
        if self._context is None:
            import cel

            self._context = cel.Context()
            for name, function in FUNCTIONS.items():
                self._context.add_function(name, function)
        self._context.add_variable("self", value)
        return self._context


def _message(rule: Node, context: Any) -> str:
    """What the rule says of a value that breaks it."""
    program = _program(rule["messageExpression"]) if rule.get("messageExpression") else None
    if program is not None:
        try:
            said = program.execute(context)
        except Exception:  # then the server, too, falls back on the message
            said = ""
        if isinstance(said, str) and said.strip() and "\n" not in said:
            return said.strip()
    return str(rule.get("message") or "").strip()


def _problem(rule: Node, message: str, path: Path) -> Problem:
    steps = tuple(name or quoted for name, quoted in _STEP.findall(str(rule.get("fieldPath") or "")))
    text = " ".join(str(rule["rule"]).split())
    hint = "" if text in message else f"the rule is `{text}`"
    return Problem(codes.RULE, message, (*path, *steps), hint)


@cache
def _program(text: str) -> Any:
    """A rule, ready to run; None when it can't be."""
    if not is_installed() or len(text) > _LONGEST:
        return None
    import logging

    import cel

    logging.getLogger("cel").disabled = True  # it warns of every function that refuses a value
    try:
        return cel.compile(text)
    except Exception:  # whatever it says of a text, the rule can't be evaluated
        return None


@cache
def _is_about_change(text: str) -> bool:
    return _OLD.search(text) is not None


def _ends_soon(text: str, value: Any) -> bool:
    """Whether a rule's loops take few enough steps. The API server refuses a definition with costlier ones."""
    depth = _depth(text)
    return depth == 0 or (_size(value) + text.count(",")) ** depth <= _MOST_STEPS


@cache
def _depth(text: str) -> int:
    """How deep loops stand in each other."""
    stack, deepest = [0], 0
    for found in _TOKEN.finditer(text):
        if found["loop"] or found["open"]:
            stack.append(stack[-1] + (1 if found["loop"] else 0))
            deepest = max(deepest, stack[-1])
        elif found["close"] and len(stack) > 1:
            stack.pop()
    return deepest


def _size(value: Any) -> int:
    """How many values there are in a value."""
    if isinstance(value, dict):
        return 1 + sum(map(_size, value.values()))
    if isinstance(value, list):
        return 1 + sum(map(_size, value))
    return 1


def cel_value(value: Any, node: Node, is_root: bool = False) -> Any:
    """A value as a rule sees it: typed by the schema, the names of fields escaped, of metadata only the names."""
    if isinstance(value, dict):
        fields, more = node.get("properties") or {}, node.get("additionalProperties")
        known = more if isinstance(more, Mapping) else {}
        result = {
            _escaped(key) if key in fields else key: cel_value(inner, fields.get(key, known))
            for key, inner in value.items()
        }
        if (is_root or node.get("x-kubernetes-embedded-resource")) and isinstance(value.get("metadata"), dict):
            result["metadata"] = {key: value["metadata"][key] for key in _META_FIELDS if key in value["metadata"]}
        return result
    if isinstance(value, list):
        items = node.get("items")
        return [cel_value(item, items if isinstance(items, Mapping) else {}) for item in value]
    if isinstance(value, str):
        return _text(value, str(node.get("format", "")))
    if isinstance(value, (int, float)) and not isinstance(value, bool) and "type" in node:
        return float(value) if node["type"] == "number" else int(value) if node["type"] == "integer" else value
    return value


def _text(value: str, form: str) -> Any:
    try:
        if form in ("date-time", "date"):
            return datetime.datetime.fromisoformat(value if form == "date-time" else f"{value}T00:00:00Z")
        if form == "byte":
            return base64.b64decode(value)
        return duration_of(value) if form == "duration" else value
    except ValueError:
        return value


def _escaped(name: str) -> str:
    """A field's name as rules write it."""
    if name in _RESERVED:
        return f"__{name}__"
    name = name.replace("__", "__underscores__")
    for sign, word in ((".", "__dot__"), ("-", "__dash__"), ("/", "__slash__")):
        name = name.replace(sign, word)
    return name
