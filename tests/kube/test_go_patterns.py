"""Expressions that only Go takes, or only Python; each verdict is that of Go's own `regexp.Compile`."""

import pytest

from generator.kube.go_patterns import go_pattern_matches, go_pattern_mistake

TAKEN = (
    "",
    "(?i)^a$",
    r"^\p{L}+$",
    r"\PL",
    r"\p{^Greek}",
    r"a\z",
    r"\Qa.b(\E",
    r"\Qa(",
    "(?s:a)",
    "(?U)a*",
    "(?i)a(?-i)b",
    "(?-i)a",
    "[[:alpha:]]+",
    "[[:^digit:]_]",
    "(?P<n>a)",
    "(?<n>a)",
    "a{,5}",
    "a{",
    "x{1,1000}",
    r"\x{10FFFF}",
    r"\x41",
    r"[\w-.]",
    "[]a]",
    "[^]a]",
    "[a-]",
    r"\07",
    r"\12",
    r"\_\-\/",
    "é",
    "a??",
    "(a{10}){100}",
    "()*",
    "a(?i)*",
    r"[\]\\]",
    "[[:a]",
)
REFUSED = {
    r"\C": r"Go has no \C",
    r"\Z": r"Go has no \Z",
    r"\1": r"Go has no \1",
    r"\8": r"Go has no \8",
    r"\u00e9": r"Go has no \u",
    "(?=a)b": "Go has no (?=…)",
    "(?!a)b": "Go has no (?!…)",
    "(?<=a)b": "Go has no (?<…)",
    "(?>a)": "Go has no (?>…)",
    "(?x)a": "Go has no (?x…)",
    "(?#c)a": "Go has no (?#…)",
    "(?P=n)": "Go has no (?P…)",
    "(?-)a": "Go has no (?-…)",
    "(?<>a)": "bad name of a group in (?<>",
    "a++": "two repetitions in a row at ++",
    "a{1}{2}": "two repetitions in a row at }{",
    "*a": "nothing to repeat before *",
    "a|+": "nothing to repeat before +",
    "({1})": "nothing to repeat before {1}",
    "a{1001}": "a repetition of more than 1000: {1001}",
    "a{2,1}": "bad repeat count {2,1}",
    "(a{11}){100}": "nested repetitions of more than 1000",
    "(a": "a ) is missing",
    "a)": "unexpected )",
    "[a": "a ] is missing after [a",
    "[z-a]": "bad range of characters z-a",
    r"[a-\d]": r"Go has no \d",
    r"[[:words:]]": "there is no class [:words:]",
    r"\p{Xx}": r"there is no class \p{Xx}",
    r"\p{L": r"there is no class \p{L",
    r"\x{110000}": r"there is no character \x{110000}",
    r"\xg": r"Go has no \x",
    "a\\": "it ends with a \\",
}


@pytest.mark.parametrize("pattern", TAKEN)
def test_what_go_takes(pattern: str) -> None:
    assert go_pattern_mistake(pattern) == ""


@pytest.mark.parametrize(("pattern", "mistake"), REFUSED.items())
def test_what_go_refuses(pattern: str, mistake: str) -> None:
    assert go_pattern_mistake(pattern) == mistake


def test_depth_ends_in_words() -> None:
    assert go_pattern_mistake("(" * 5000 + ")" * 5000) == "it is nested too deeply"


def test_matches_only_where_both_read_the_same() -> None:
    assert go_pattern_matches("^a+$", "aa") is True
    assert go_pattern_matches("^a+$", "b") is False
    for pattern in ("[[:alpha:]]", r"\pL", r"a\z", r"\Qa", "(?U)a", "(a"):
        assert go_pattern_matches(pattern, "a") is None
