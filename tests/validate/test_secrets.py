"""Secrets in clear text: what is one, what only looks like one, and that no message has the value."""

from __future__ import annotations

from typing import Any

import pytest

from generator.validate.policies import check_object
from generator.validate.policy import access_codes
from generator.validate.policy.secrets import holds_secret

CLEAR = {code.id for code in (access_codes.NAMED_SECRET, access_codes.TOKEN, access_codes.RANDOM_TEXT)}
RANDOM = "q8Zt3vKx91LmPw0sRb7YdF2hJc5NgUe4"


def pod(**container: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "a", "image": "shop/a:1", **container}]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec}


def env(name: str, value: str) -> dict[str, Any]:
    return pod(env=[{"name": name, "value": value}])


def config(key: str, value: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {key: value}}


def note(value: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "annotations": {"note": value}}}


SECRET = [
    (env("DB_PASSWORD", "hunter2"), "FH4301", "hunter2"),
    (env("apiKey", "abcdefgh"), "FH4301", "abcdefgh"),
    (env("STRIPE", "sk_live_0123456789abcdefghij"), "FH4302", "sk_live_0123456789abcdefghij"),
    (env("URL", "postgres://shop:hunter2@db/shop"), "FH4302", "hunter2"),
    (env("X", "glpat-0123456789abcdefghij"), "FH4302", "glpat-0123456789abcdefghij"),
    (env("X", "AIza" + "Sy0123456789abcdefghijklmnopqrstuvw"[:35]), "FH4302", "AIzaSy"),
    (env("X", "npm_" + "a1B2" * 9), "FH4302", "npm_a1B2"),
    (env("X", "AccountKey=" + "a1B2" * 21 + "ab=="), "FH4302", "a1B2a1B2"),
    (env("SIGNING", RANDOM), "FH4303", RANDOM),
    (pod(args=["--db-password=hunter2"]), "FH4301", "hunter2"),
    (pod(args=["--url", "https://user:hunter2@example.com"]), "FH4302", "hunter2"),
    (pod(command=["sh", "-c", f"curl -H 'X-Key: {RANDOM}' https://example.com"]), "FH4303", RANDOM),
    (config("password", "hunter2"), "FH4301", "hunter2"),
    (config("app.properties", "level=info\nspring.datasource.password=hunter2\n"), "FH4301", "hunter2"),
    (config("app.yaml", "db:\n  password: hunter2\n"), "FH4301", "hunter2"),
    (config("id_rsa", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA\n"), "FH4302", "b3BlbnNzaA"),
    (note("https://user:hunter2@example.com"), "FH4302", "hunter2"),
]
NO_SECRET = [
    env("DB_PASSWORD_FILE", "/run/secrets/db"),
    env("PASSWORD", "/run/secrets/db"),
    env("TOKEN_TTL", "3600"),
    env("MAX_TOKEN", "12"),
    env("API_KEY", "$(OTHER)"),
    env("API_KEY", "${OTHER}"),
    env("DB_PASSWORD", ""),
    env("DB_PASSWORD", "<your password>"),
    env("USE_SECRET", "true"),
    env("OAUTH_TOKEN", "https://login.example.com/token"),
    env("COMMIT", "9fceb02d0ae598e95dc970b74767f19372d61af8"),
    env("ID", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
    env("IMAGE", "registry.example.com/shop/web@sha256:" + "0123456789abcdef" * 4),
    env("CLASSES", "com.example.shop.checkout.PaymentServiceFactoryBean"),
    env("CHECKSUM", RANDOM),
    env("URL", "postgres://shop:$(PASSWORD)@db/shop"),
    env("URL", "http://example.com:8080/a@b"),
    pod(args=["--password-file=/run/secrets/db", "--token-ttl=30s"]),
    pod(args=["--flag-with-a-long-name-of-many-words-1-and-2-and-3"]),
    pod(env=[{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}}]),
    config("app.properties", "level=info\npassword=${DB_PASSWORD}\ntoken=\n"),
    config("ca.crt", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
    config("usage", "an address such as\npostgres://user:password@host/database\n"),
    note("https://example.com/user:1@home"),
    {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "stringData": {"password": "hunter2"}},
]


@pytest.mark.parametrize(("data", "code", "value"), SECRET, ids=[f"{case[1]} {case[2]}" for case in SECRET])
def test_what_is_a_secret_is_found_and_not_told(data: dict[str, Any], code: str, value: str) -> None:
    [problem] = [problem for problem in check_object(data) if problem.code.id in CLEAR]
    assert (problem.code.id, problem.masked) == (code, True)
    assert value not in problem.message + problem.hint


@pytest.mark.parametrize("data", NO_SECRET, ids=str)
def test_what_only_looks_like_one(data: dict[str, Any]) -> None:
    assert [problem.message for problem in check_object(data) if problem.code.id in CLEAR] == []


@pytest.mark.parametrize(
    ("data", "path", "expected"),
    [
        (env("DB_PASSWORD", "1"), ("spec", "containers", 0, "env", 0, "value"), True),
        (env("LEVEL", "1"), ("spec", "containers", 0, "env", 0, "value"), False),
        (env("DB_PASSWORD", "1"), ("spec", "containers", 0, "env", 0, "name"), False),
        (config("password", "1"), ("data", "password"), True),
        (config("level", "1"), ("data", "level"), False),
        (NO_SECRET[-1], ("stringData", "password"), True),
        (NO_SECRET[-1], ("metadata", "name"), False),
    ],
)
def test_the_places_of_secrets(data: dict[str, Any], path: tuple[str | int, ...], expected: bool) -> None:
    assert holds_secret(data, path) is expected
