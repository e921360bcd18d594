"""Patterns that RE2 and Python read alike."""

from __future__ import annotations

import re
import time

import pytest

from generator.resolve.patterns import pattern_mistake


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "^[0-9]+$",
        r"\d{3}-\w+?\s*",
        "(a|b)*",
        "(?:a)(?P<name>b)",
        "(?i)abc",
        "(?i-s:a)b",
        r"[]a-z\]\d-]+",
        "[^]a]",
        r"\.\(\)\{\}\x41\n",
        "a{2}b{2,}c{2,3}?",
        "a{b",
        "x{}",
        "é+",
        r"\bword\B",
        "[[]",
        "a]}",
    ],
)
def test_what_both_read_alike_is_accepted(pattern: str) -> None:
    assert pattern_mistake(pattern) == ""


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(?=a)", "look-ahead"),
        ("a(?!b)", "look-ahead"),
        ("(?<=a)b", "look-behind"),
        ("(?<!a)b", "look-behind"),
        (r"(a)\1", "back-reference"),
        ("(?P<x>a)(?P=x)", "back-reference"),
        ("(?>a)", "atomic"),
        ("(?#x)a", "comment"),
        ("a++", "repeats a repeat"),
        ("a**", "repeats a repeat"),
        ("a{2}{3}", "repeats a repeat"),
        ("a{,3}", "read differently"),
        ("a{1001}", "more than 1000"),
        (r"\Z", "write $"),
        (r"\pL", r"`\p`"),
        (r"\u0041", r"`\u`"),
        (r"\Qa\E", r"`\Q`"),
        ("[[:alpha:]]", "POSIX"),
        (r"[\b]", "read differently"),
        ("a(?i)b", "read differently"),
        ("(?x)a b", "read differently"),
        ("(a", "not a regular expression"),
        ("*a", "not a regular expression"),
        ("[z-a]", "not a regular expression"),
        ("a\\", "read differently"),
        ("[a", "read differently"),
    ],
)
def test_what_they_read_differently_is_named(pattern: str, words: str) -> None:
    assert words in pattern_mistake(pattern)


def test_a_long_pattern_ends_quickly() -> None:
    assert pattern_mistake("[" * 4000)
    assert pattern_mistake("(" * 4000)
    assert not pattern_mistake("a" * 4000)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+",
        "(a*)*",
        "(a*)+$",
        "(?:a+){2,}",
        "(a|a)*",
        "(a|ab)*c",
        "(A|(?i:a))+",
        "(a|)*",
        "((a+))+",
        "((a|a)b)*",
        "(a?a)*",
        "(a{1,2})*",
        "(-a*a*)*",
        "(-(a*)?)*",
        "(-a+|a)*",
        "(-((a+))*)*",
        "([a-z]+|[0-9])*",
        r"(\w+\s?)*",
        "(.|é)*",
        "(a+){30}",
        "((a|a+),)*",
        "(-(a|a)?)*",
        "((-(a|a)b?),)*",
        "(a{0}|b)*",
    ],
)
def test_what_python_might_search_for_ever_is_refused(pattern: str) -> None:
    assert "may take for ever" in pattern_mistake(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "^[a-z]+(-[a-z]+)*$",
        r"^(\d{1,3}\.){3}\d{1,3}$",
        "([0-9a-f]{1,4}:){7}",
        r"^v\d+(\.\d+)*(-rc\d+)?$",
        "(a+)?",
        "(ab|cd)*",
        "(a|b|[0-9])+x",
        "((a+),)*",
        "(é|è)*",
        "((ab)*c)*",
        "^(a|a)$",
        "((a)(b))*",
    ],
)
def test_repeats_that_end_are_accepted(pattern: str) -> None:
    assert pattern_mistake(pattern) == ""
    began = time.process_time()
    for unit in ("a", "-a", "ab", "1.", "a,", "0:"):
        re.search(pattern, unit * 200 + "!")
    assert time.process_time() - began < 5
