"""What the functions of templates do with values.

Input: the name of a function and its arguments. Output: what is known of its answer. A function that is not listed
reads its arguments whole. Source: https://helm.sh/docs/chart_template_guide/function_list/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from generator.validate.values.known import (
    UNKNOWN,
    Either,
    Items,
    Known,
    Record,
    Root,
    Text,
    either,
    items,
    options_of,
    record,
)

if TYPE_CHECKING:
    from generator.validate.values.evaluation import Evaluation

Function: TypeAlias = "Callable[[Evaluation, Sequence[Known]], Known]"

ASKING: Final = frozenset(
    (
        *("default", "coalesce", "required", "ternary", "empty", "not", "and", "or", "eq", "ne", "has", "contains"),
        *("hasKey", "get", "dig", "pluck", "index", "kindIs", "kindOf", "typeIs", "typeOf", "toJson", "toYaml"),
    )
)
"""Functions whose arguments may be missing."""


def apply(walk: Evaluation, name: str, given: Sequence[Known]) -> Known:
    """The answer of a function."""
    function = _FUNCTIONS.get(name)
    if function is not None and (given or name in ("dict", "list")):
        return function(walk, given)
    for value in given:
        walk.consume(value)
    return UNKNOWN


def _any_of_them(_: Evaluation, given: Sequence[Known]) -> Known:
    return either(given)


def _looked_at(_: Evaluation, given: Sequence[Known]) -> Known:
    """Only whether it is there, or of what kind."""
    del given
    return UNKNOWN


def _last(_: Evaluation, given: Sequence[Known]) -> Known:
    return given[-1]


def _include(walk: Evaluation, given: Sequence[Known]) -> Known:
    name, data = given[0], given[-1] if len(given) > 1 else UNKNOWN
    if isinstance(name, Text):
        walk.call(name.text, data)
    else:
        walk.consume(name)
        walk.call_any(data)
    return UNKNOWN


def _tpl(walk: Evaluation, given: Sequence[Known]) -> Known:
    """The texts that are in the values, and become templates so, are looked at for themselves."""
    walk.consume(given[0])
    walk.takes_texts = True
    if len(given) > 1 and not isinstance(given[-1], Root):
        walk.consume(_without_roots(given[-1]))
    return UNKNOWN


def _dict(walk: Evaluation, given: Sequence[Known]) -> Known:
    pairs = list(zip(given[::2], given[1::2], strict=False))
    made = record({key.text: value for key, value in pairs if isinstance(key, Text)})
    if made and all(isinstance(key, Text) for key, _ in pairs):
        return made
    for key, value in pairs:
        walk.consume(key)
        walk.consume(_without_roots(value))
    return UNKNOWN


def _list(walk: Evaluation, given: Sequence[Known]) -> Known:
    return _items(walk, given)


def _items(walk: Evaluation, values: Sequence[Known]) -> Known:
    made = items(values)
    if made:
        return made
    for value in values:
        walk.consume(_without_roots(value))
    return UNKNOWN


def _print(walk: Evaluation, given: Sequence[Known]) -> Known:
    """Texts beside each other: the name of a file, as in `print $.Template.BasePath "/config.yaml"`."""
    for value in given:
        walk.consume(value)
    texts = [value.text for value in given if isinstance(value, Text)]
    return Text("".join(texts)) if len(texts) == len(given) else UNKNOWN


def _index(walk: Evaluation, given: Sequence[Known]) -> Known:
    value = given[0]
    for key in given[1:]:
        walk.consume(key)
        value = walk.item(value, key)
    return walk.guard(value)


def _get(walk: Evaluation, given: Sequence[Known]) -> Known:
    return _index(walk, given[:2])


def _has_key(walk: Evaluation, given: Sequence[Known]) -> Known:
    _index(walk, given[:2])
    return UNKNOWN


def _dig(walk: Evaluation, given: Sequence[Known]) -> Known:
    *keys, default, value = given
    for key in keys:
        walk.consume(key)
        value = walk.guard(walk.item(value, key))
    return either((value, default))


def _pluck(walk: Evaluation, given: Sequence[Known]) -> Known:
    key, *values = given
    walk.consume(key)
    return _items(walk, [walk.guard(walk.item(value, key)) for value in values])


def _pick(walk: Evaluation, given: Sequence[Known]) -> Known:
    value, *keys = given
    if not all(isinstance(key, Text) for key in keys):
        return value
    texts = [key.text for key in keys if isinstance(key, Text)]
    return record({text: walk.guard(walk.field(value, text)) for text in texts}) or value


def _first(walk: Evaluation, given: Sequence[Known]) -> Known:
    return walk.element(given[0])


def _same(_: Evaluation, given: Sequence[Known]) -> Known:
    return given[0]


def _set(walk: Evaluation, given: Sequence[Known]) -> Known:
    """What is put somewhere may be read from there later, and so counts as read."""
    for value in given[1:]:
        walk.consume(_without_roots(value))
    if len(given) > 1 and isinstance(given[1], Text):
        walk.guard(walk.field(given[0], given[1].text))
    return given[0]


def _merge(walk: Evaluation, given: Sequence[Known]) -> Known:
    """Into a place of the values: read from there later. Into anything else: what it is made of is known."""
    if any(not isinstance(option, Record) for option in options_of(given[0])):
        for value in given[1:]:
            walk.consume(_without_roots(value))
    return either(given)


def _without_roots(value: Known) -> Known:
    """A value without the data of charts: whoever takes values out of that says so, by `.Values`."""
    match value:
        case Root():
            return UNKNOWN
        case Record():
            return Record(tuple((key, _without_roots(entry)) for key, entry in value.entries), value.size)
        case Items():
            return Items(tuple(map(_without_roots, value.items)), value.size)
        case Either():
            return either(map(_without_roots, value.options))
        case _:
            return value


_FUNCTIONS: Final[Mapping[str, Function]] = {
    **dict.fromkeys(("and", "or", "coalesce", "default"), _any_of_them),
    **dict.fromkeys(("deepCopy", "mustDeepCopy", "omit", "unset"), _same),
    **dict.fromkeys(("not", "empty", "kindOf", "typeOf", "kindIs", "typeIs", "len"), _looked_at),
    **dict.fromkeys(("merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite"), _merge),
    **dict.fromkeys(("first", "mustFirst", "last", "mustLast"), _first),
    **dict.fromkeys(("list", "tuple"), _list),
    "print": _print,
    "required": _last,
    "ternary": lambda walk, given: _any_of_them(walk, given[:2]),
    "include": _include,
    "tpl": _tpl,
    "dict": _dict,
    "index": _index,
    "get": _get,
    "hasKey": _has_key,
    "dig": _dig,
    "pluck": _pluck,
    "pick": _pick,
    "set": _set,
}
