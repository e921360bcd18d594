"""Names, labels and keys as the API server allows them."""

from collections.abc import Callable

import pytest

from generator.kube import names

GOOD: list[tuple[Callable[[str], str], str]] = [
    (names.dns_label_mistake, "1-a"),
    (names.dns_1035_mistake, "a-1"),
    (names.subdomain_mistake, "a.b-c.1"),
    (names.segment_mistake, "system:a B"),
    (names.label_key_mistake, "a.b/C_d"),
    (names.label_value_mistake, ""),
    (names.label_value_mistake, "A_1.b"),
    (names.env_name_mistake, "a b.C-1"),
    (names.config_key_mistake, ".A_b-1"),
    (names.port_name_mistake, "a-1"),
]

BAD: list[tuple[Callable[[str], str], str]] = [
    (names.dns_label_mistake, "a.b"),
    (names.dns_label_mistake, "a" * 64),
    (names.dns_label_mistake, "-a"),
    (names.dns_label_mistake, "a\n"),
    (names.dns_1035_mistake, "1a"),
    (names.dns_1035_mistake, "a" * 64),
    (names.subdomain_mistake, "a..b"),
    (names.subdomain_mistake, "a" * 254),
    (names.segment_mistake, ".."),
    (names.segment_mistake, "a%"),
    (names.label_key_mistake, "/a"),
    (names.label_key_mistake, "A.b/c"),
    (names.label_key_mistake, "a/" + "b" * 64),
    (names.label_key_mistake, ""),
    (names.label_value_mistake, "a_"),
    (names.label_value_mistake, "a" * 64),
    (names.env_name_mistake, ""),
    (names.env_name_mistake, "a=b"),
    (names.config_key_mistake, "..a"),
    (names.config_key_mistake, "."),
    (names.config_key_mistake, "a/b"),
    (names.config_key_mistake, "a" * 254),
    (names.port_name_mistake, "80"),
    (names.port_name_mistake, "a--b"),
    (names.port_name_mistake, "a" * 16),
    (names.port_name_mistake, "A"),
]


@pytest.mark.parametrize(("rule", "text"), GOOD)
def test_what_is_allowed(rule: Callable[[str], str], text: str) -> None:
    assert rule(text) == ""


@pytest.mark.parametrize(("rule", "text"), BAD)
def test_what_is_not(rule: Callable[[str], str], text: str) -> None:
    assert rule(text)
