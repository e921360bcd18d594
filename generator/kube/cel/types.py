"""Names and types in an expression of CEL.

Input: a text, the types of its variables, and which result is wanted. Output: what is wrong, or "".
A type is a word (`string`, `dyn`), a mapping of an object's fields, or a pair of `list` or `map` and what is in it.
What a function makes of `dyn` is not looked into: no right expression is called wrong.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, TypeAlias

from generator.kube.cel.syntax import Call, CelError, Items, Literal, Name, Node, Select, parse

Type: TypeAlias = Any
_NUMBERS: Final = ("int", "uint", "double")
_PLAIN: Final = ("bool", "int", "uint", "double", "string", "bytes", "null")
_ORDERED: Final = (*_NUMBERS, "bool", "string", "bytes", "timestamp", "duration")
_TYPES: Final = frozenset((*_PLAIN, "list", "map", "null_type", "type", "dyn", "optional_type"))
_MACROS: Final = {"all": "bool", "exists": "bool", "exists_one": "bool", "existsOne": "bool", "map": "list",
                  "filter": "list", "transformList": "list", "transformMap": "map", "optMap": "dyn",
                  "optFlatMap": "dyn"}  # fmt: skip
_FUNCTIONS: Final = {
    "size": "int", "int": "int", "uint": "uint", "double": "double", "string": "string", "bytes": "bytes",
    "bool": "bool", "type": "type", "dyn": "dyn", "duration": "duration", "timestamp": "timestamp", "matches": "bool",
    "quantity": "quantity", "isQuantity": "bool", "url": "url", "isURL": "bool", "ip": "ip", "isIP": "bool",
    "cidr": "cidr", "isCIDR": "bool", "semver": "semver", "isSemver": "bool",
}  # fmt: skip
_WITH_DOMAIN: Final = {
    "sets": "bool", "base64": "dyn", "math": "dyn", "optional": "dyn", "format": "dyn", "lists": "list",
    "strings": "string", "ip": "bool",
}  # fmt: skip
_OF_TEXT: Final = {
    "contains": "bool", "startsWith": "bool", "endsWith": "bool", "matches": "bool", "charAt": "string",
    "lowerAscii": "string", "upperAscii": "string", "replace": "string", "substring": "string", "trim": "string",
    "reverse": "string", "split": "list", "find": "string", "findAll": "list", "format": "string",
}  # fmt: skip
_OF_OTHERS: Final = {
    "size": "int", "join": "string", "indexOf": "int", "lastIndexOf": "int", "isSorted": "bool", "sum": "dyn",
    "min": "dyn", "max": "dyn", "slice": "list", "flatten": "list", "distinct": "list", "sort": "list",
    "first": "dyn", "last": "dyn", "reverse": "dyn", "isGreaterThan": "bool", "isLessThan": "bool", "compareTo": "int",
    "asInteger": "int", "isInteger": "bool", "asApproximateFloat": "double", "sign": "int", "add": "dyn", "sub": "dyn",
    "family": "int", "isUnspecified": "bool", "isLoopback": "bool", "isLinkLocalMulticast": "bool",
    "isLinkLocalUnicast": "bool", "isGlobalUnicast": "bool", "containsIP": "bool", "containsCIDR": "bool", "ip": "ip",
    "masked": "cidr", "prefixLength": "int", "getScheme": "string", "getHost": "string", "getHostname": "string",
    "getPort": "string", "getEscapedPath": "string", "getQuery": "map", "orValue": "dyn", "or": "dyn",
    "hasValue": "bool", "value": "dyn", "path": "dyn", "group": "dyn", "serviceAccount": "dyn", "resource": "dyn",
    "subresource": "dyn", "namespace": "dyn", "name": "dyn", "check": "dyn", "allowed": "bool", "reason": "string",
    "errored": "bool", "error": "string", "fieldSelector": "dyn", "labelSelector": "dyn", "validate": "dyn",
    "major": "int", "minor": "int", "patch": "int", "includes": "bool", "getFullYear": "int", "getMonth": "int",
    "getDate": "int", "getDayOfMonth": "int", "getDayOfWeek": "int", "getDayOfYear": "int", "getHours": "int",
    "getMinutes": "int", "getSeconds": "int", "getMilliseconds": "int",
}  # fmt: skip


def mistake(text: str, variables: Mapping[str, Type], wanted: Collection[str] = ()) -> str:
    """What is wrong with an expression; `wanted` are the types that its result may have (none: any)."""
    try:
        found = type_of(text, variables)
    except CelError as error:
        return str(error)
    except RecursionError:  # no verdict on an expression that is nested so deeply
        return ""
    if wanted and _word(found) not in wanted:
        return f"its result must be of type {' or '.join(wanted)}, but is {_word(found)}"
    return ""


def type_of(text: str, variables: Mapping[str, Type]) -> Type:
    """The type of an expression's result; raises CelError, or RecursionError for one that is nested too deeply."""
    return _typed(parse(text), variables)


def _word(found: Type) -> str:
    if isinstance(found, Mapping):
        return "object"
    return found[0] if isinstance(found, tuple) else str(found)


def _inner(found: Type) -> Type:
    return found[1] if isinstance(found, tuple) else "dyn"


def _typed(node: Node, variables: Mapping[str, Type]) -> Type:
    match node:
        case Literal(kind):
            return kind
        case Name(name):
            if name in variables:
                return variables[name]
            if name in _TYPES:
                return "type"
            raise CelError(f"there is no {name} here")
        case Items(kind, items):
            types = [_typed(item, variables) for item in items]
            values = types if kind == "list" else types[1::2]
            return (kind, values[0] if values and all(each == values[0] for each in values) else "dyn")
        case Select(operand, field, is_optional):
            return (
                _field(_typed(operand, variables), field) if not is_optional else _optional(operand, field, variables)
            )
        case Call():
            return _called(node, variables)


def _optional(operand: Node, field: str, variables: Mapping[str, Type]) -> Type:
    _field(_typed(operand, variables), field)
    return "dyn"


def _field(found: Type, name: str) -> Type:
    if isinstance(found, Mapping):
        if name not in found:
            raise CelError(f"there is no field {name}")
        return found[name]
    if _word(found) == "map":
        return _inner(found)
    if _word(found) in (*_PLAIN, "list", "type"):
        raise CelError(f"a {_word(found)} has no field {name}")
    return "dyn"


def _called(call: Call, variables: Mapping[str, Type]) -> Type:
    if call.name.startswith("@"):
        return _operator(call, [_typed(each, variables) for each in call.arguments])
    if call.target is None:
        return _function(call, variables)
    if isinstance(call.target, Name) and call.target.name not in variables:
        if call.target.name == "cel" and call.name == "bind":
            return _bound(call, variables)
        if call.target.name in _WITH_DOMAIN:
            for each in call.arguments:
                _typed(each, variables)
            return _WITH_DOMAIN[call.target.name]
    target = _typed(call.target, variables)
    if call.name in _MACROS:
        return _macro(call, target, variables)
    for each in call.arguments:
        _typed(each, variables)
    return _method(call.name, _word(target))


def _method(name: str, target: str) -> Type:
    if name in _OF_TEXT and target in ("string", "dyn"):
        return _OF_TEXT[name] if target == "string" or name not in _OF_OTHERS else "dyn"
    if name not in _OF_OTHERS:
        raise CelError(f"there is no {name} of a {target}" if name in _OF_TEXT else f"there is no function {name}")
    if target in ("bool", "int", "uint", "double", "null") or (name == "size" and target == "object"):
        raise CelError(f"there is no {name} of a {target}")
    return _OF_OTHERS[name]


def _function(call: Call, variables: Mapping[str, Type]) -> Type:
    if call.name == "has":
        if len(call.arguments) != 1 or not isinstance(call.arguments[0], Select):
            raise CelError("has takes a field, as has(object.spec)")
        _typed(call.arguments[0], variables)
        return "bool"
    if call.name not in _FUNCTIONS:
        raise CelError(f"there is no function {call.name}")
    types = [_word(_typed(each, variables)) for each in call.arguments]
    most = 2 if call.name in ("matches", "semver", "isSemver", "timestamp") else 1
    if not 1 <= len(types) <= most:
        raise CelError(f"{call.name} does not take {len(types)} arguments")
    if call.name == "size" and types[0] not in ("string", "bytes", "list", "map", "dyn"):
        raise CelError(f"there is no size of a {types[0]}")
    return _FUNCTIONS[call.name]


def _bound(call: Call, variables: Mapping[str, Type]) -> Type:
    if len(call.arguments) != 3 or not isinstance(call.arguments[0], Name):
        raise CelError("cel.bind takes a name, a value and an expression")
    name, value, body = call.arguments
    assert isinstance(name, Name)
    return _typed(body, {**variables, name.name: _typed(value, variables)})


def _macro(call: Call, target: Type, variables: Mapping[str, Type]) -> Type:
    if _word(target) not in ("list", "map", "dyn"):
        raise CelError(f"there is no {call.name} of a {_word(target)}")
    *names, body = call.arguments or (None,)
    bound = [each.name for each in names if isinstance(each, Name)]
    if body is None or not bound:
        raise CelError(f"{call.name} takes a name and an expression")
    rest = names[len(bound) :]
    is_map = _word(target) == "map"
    inner = _inner(target) if not is_map else ("string" if len(bound) == 1 else _inner(target))
    scope = {**variables, **dict.fromkeys(bound, "dyn"), bound[-1]: inner}
    for each in rest:
        _typed(each, scope)
    result = _typed(body, scope)
    if call.name in ("all", "exists", "exists_one", "existsOne", "filter") and _word(result) not in ("bool", "dyn"):
        raise CelError(f"what {call.name} looks for must be of type bool, but is {_word(result)}")
    if call.name == "map":
        return ("list", result)
    return target if call.name == "filter" and not is_map else _MACROS[call.name]


def _operator(call: Call, types: list[Type]) -> Type:
    words = [_word(each) for each in types]
    match call.name:
        case "@&&" | "@||" | "@!1":
            _need(call.name, words, ("bool",))
            return "bool"
        case "@-1":
            _need(call.name, words, ("int", "double", "duration"))
            return types[0]
        case "@?:":
            _need(call.name, words[:1], ("bool",))
            if not _agree(types[1], types[2]):
                raise CelError(f"the two ends of ?: are of types {words[1]} and {words[2]}")
            return types[1] if words[2] != "dyn" else "dyn"
        case "@==" | "@!=":
            if not _agree(types[0], types[1]) and not (words[0] in _NUMBERS and words[1] in _NUMBERS):
                raise CelError(f"a {words[0]} can't be compared with a {words[1]}")
            return "bool"
        case "@<" | "@<=" | "@>" | "@>=":
            _need(call.name, words, _ORDERED)
            if not _agree(*words) and not (words[0] in _NUMBERS and words[1] in _NUMBERS):
                raise CelError(f"a {words[0]} can't be compared with a {words[1]}")
            return "bool"
        case "@in":
            if words[1] not in ("list", "map", "dyn"):
                raise CelError(f"nothing is in a {words[1]}")
            if words[1] == "list" and not _agree(types[0], _inner(types[1])):
                raise CelError(f"no {words[0]} is in a list of {_word(_inner(types[1]))}")
            return "bool"
        case "@[]" | "@[?]":
            if words[0] not in ("list", "map", "dyn"):
                raise CelError(f"a {words[0]} has no items")
            if words[0] == "list" and words[1] not in (*_NUMBERS, "dyn"):
                raise CelError(f"the items of a list are not found by a {words[1]}")
            return _inner(types[0]) if call.name == "@[]" else "dyn"
        case _:
            return _arithmetic(call.name, types, words)


def _arithmetic(name: str, types: list[Type], words: list[str]) -> Type:
    allowed = {"@+": (*_NUMBERS, "string", "bytes", "list", "timestamp", "duration"),
               "@-": (*_NUMBERS, "timestamp", "duration"), "@%": ("int", "uint")}.get(name, _NUMBERS)  # fmt: skip
    _need(name, words, allowed)
    if set(words) <= {"timestamp", "duration"}:
        return "timestamp" if words.count("timestamp") == 1 else "duration"
    if not _agree(*words):
        raise CelError(f"a {words[0]} and a {words[1]} don't go together in {name.strip('@1')}")
    return types[0] if words[0] != "dyn" else types[1]


def _need(name: str, words: Collection[str], allowed: Collection[str]) -> None:
    for word in words:
        if word != "dyn" and word not in allowed:
            raise CelError(f"{name.strip('@1')} does not take a {word}")


def _agree(one: Type, other: Type) -> bool:
    if "dyn" in (_word(one), _word(other)):
        return True
    if "null" in (one, other):
        return isinstance(one, Mapping) or isinstance(other, Mapping) or one == other
    if _word(one) != _word(other):
        return False
    return _agree(_inner(one), _inner(other)) if isinstance(one, tuple) else True
