"""Expressions of CEL are read, and their names and types checked, as the API server does."""

import pytest

from generator.kube.cel import mistake

VARIABLES = {"object": "dyn", "names": ("list", "string"), "self": {"size": "int", "labels": ("map", "string")}}
RIGHT = (
    "object.spec.replicas <= 5 && has(object.metadata.labels)",
    "names.all(name, name.startsWith('a')) ? true : object.x in [1, 2]",
    "self.labels.exists(key, self.labels[key] == r'\\d') || !('a' in self.labels)",
    "size(names) + self.size > 3 && object.?a.orValue(1) == 1",
    "names.map(name, size(name)).all(length, length < 3)",
    "cel.bind(x, self.size, x * 2 > 4) // doubled",
    "{'a': 1}.a == 1 && [1, 2,][0] == 1 && -1 < 0u && 1.5 < 2",
    "quantity('1Gi').isLessThan(quantity('2Gi')) && sets.contains([1], [1])",
    "(" * 300 + "1" + ")" * 300,  # nested too deeply for a verdict
    "timestamp('2024-01-01T00:00:00Z') - timestamp('2023-01-01T00:00:00Z') > duration('1h')",
)
WRONG = (
    ("", "unexpected the end"),
    ("object.", "a name is missing before the end"),
    ("a b", "unexpected b"),
    ("'open", 'cannot read "\'open"'),
    ("in == 1", "in is a reserved word"),
    ("99999999999999999999 > 1", "99999999999999999999 is beyond 64 bits"),
    ("thing == 1", "there is no thing here"),
    ("self.length == 1", "there is no field length"),
    ("self.size", "its result must be of type bool, but is int"),
    ("object.flag", "its result must be of type bool, but is dyn"),
    ("self.size == 'a'", "a int can't be compared with a string"),
    ("self.size + 'a' == 'b'", "a int and a string don't go together in +"),
    ("self.size && true", "&& does not take a int"),
    ("names.all(name, size(name))", "what all looks for must be of type bool, but is int"),
    ("1 in names", "no int is in a list of string"),
    ("self.size.startsWith('a')", "there is no startsWith of a int"),
    ("names.every(true)", "there is no function every"),
    ("_in_(self.size)", "there is no function _in_"),
    ("lower('a') == 'a'", "there is no function lower"),
    ("has(object)", "has takes a field, as has(object.spec)"),
)


@pytest.mark.parametrize("text", RIGHT)
def test_a_right_expression(text: str) -> None:
    assert mistake(text, VARIABLES, ("bool",)) == ""


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_a_wrong_expression(text: str, said: str) -> None:
    assert mistake(text, VARIABLES, ("bool",)) == said
