"""Credentials in the spec: which are found, and that no report can show one (rulings C09, L17)."""

from __future__ import annotations

import pytest

from generator.check.runner import check
from generator.diagnostics import Diagnostic, Diagnostics
from generator.graph import build_graph
from tests.systems import system_of

WORDS = "hunter2"
KEY = "AKIA" + "IOSFODNN7EXAMPLE"
JWT = "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"


def findings(text: str) -> list[Diagnostic]:
    found = Diagnostics()
    system = system_of(text, found)
    check(system, build_graph(system, found), found)
    return [finding for finding in found if finding.code.id.startswith("FH40")]


def variable(name: str, value: str) -> str:
    return f"services: {{web: {{image: shop/web:1.0.0, env: {{{name}: {value}}}}}}}"


@pytest.mark.parametrize(
    "name",
    [
        "PASSWORD",
        "DB_PASSWORD",
        "db_passwd",
        "clientSecret",
        "API_TOKEN",
        "apiKey",
        "SIGNING_PRIVATE_KEY",
        "CREDENTIALS",
    ],
)
def test_a_literal_under_a_secret_name_is_found(name: str) -> None:
    (finding,) = findings(variable(name, WORDS))
    assert finding.code.id == "FH4001"
    assert finding.masked


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOKEN_TTL", "long"),
        ("PASSWORD_FILE", "/run/secrets/db"),
        ("SECRET_NAME", "db"),
        ("TOKEN_URL", "https://id.example.com/token"),
        ("API_KEY_HEADER", "X-Key"),
        ("TOKEN_LENGTH", "32"),
        ("MAX_TOKEN", "4096"),
        ("USE_TOKEN", "true"),
        ("DB_PASSWORD", "''"),
        ("DB_PASSWORD", "{secret: db, key: password}"),
        ("LEVEL", WORDS),
    ],
)
def test_what_is_no_secret_is_left_alone(name: str, value: str) -> None:
    assert findings(variable(name, value)) == []


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (KEY, "AWS"),
        ("ghp_" + "a1B2" * 9, "GitHub"),
        ("github_pat_" + "a1B2" * 9, "GitHub"),
        ("sk_live_" + "a1B2" * 6, "Stripe"),
        ("xoxb-" + "1234567890-abcdef", "Slack"),
        ("Bearer " + JWT, "JSON Web Token"),
        ("amqp://user:pa55word@queue:5672", "address with a password"),
        ("redis://:pa55word@cache:6379", "address with a password"),
        ('"-----BEGIN RSA PRIVATE KEY-----\\nMIIE"', "private key"),
    ],
)
def test_known_forms_are_found_wherever_they_stand(value: str, words: str) -> None:
    for text in (
        variable("ANYTHING", value),
        f"services: {{web: {{image: a:1.0.0, files: {{/etc/a: {{content: {value}}}}}}}}}",
        f"services: {{web: {{image: a:1.0.0, args: [{value}]}}}}",
    ):
        (finding,) = findings(text)
        assert (finding.code.id, finding.masked) == ("FH4002", True)
        assert words in finding.message


@pytest.mark.parametrize(
    "value",
    [
        "https://user@example.com:8443/path",
        "'amqp://user:${{ services.web.host }}@queue'",
        "amqp://user:$(PASSWORD)@queue",
        "'https://{{ user }}:{{ password }}@host'",
        "https://example.com/a:b@c",
        "eyJub3Qi.a.token",
        "skilled_live_performance_of_the_year",
    ],
)
def test_what_only_resembles_a_form_is_left_alone(value: str) -> None:
    assert findings(variable("ANYTHING", value)) == []


def test_headers_of_calls_are_looked_at() -> None:
    text = """
services: {web: {image: shop/web:1.0.0, ports: {http: 80}}}
workflows:
  order:
    inputs: {token: {type: string}}
    tasks:
      a: {call: {service: web, get: /, headers: {Authorization: Bearer hunter2}}}
      b: {call: {service: web, get: /, headers: {Authorization: "Bearer ${{ inputs.token }}", Accept: text/plain}}}
"""
    (finding,) = findings(text)
    assert finding.message == "the header `Authorization` holds a literal, and by its name a secret"


def test_no_finding_says_the_secret() -> None:
    text = variable("DB_PASSWORD", WORDS) + f"\ndescription: {KEY}\n"
    found = findings(text)
    assert len(found) == 2
    for finding in found:
        everything = [finding.message, finding.hint, *(note.message for note in finding.notes)]
        assert not any(WORDS in said or KEY in said for said in everything)
        assert finding.masked
        assert finding.span is not None


@pytest.mark.parametrize(
    "value",
    [
        "eyJ" * 200_000,
        "a" * 600_000 + "://",
        "://" * 200_000,
        "://a:" * 100_000,
        "-----BEGIN " * 60_000,
        "gh" * 300_000,
    ],
)
def test_a_hostile_text_is_read_once(value: str) -> None:
    # In the time of its square it would take hours.
    assert findings(f"description: '{value}'\nservices: {{web: {{image: a:1.0.0}}}}") == []
