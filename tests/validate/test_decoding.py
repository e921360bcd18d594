"""Values that have the right JSON type, but that the API server can't decode."""

from typing import Any

import pytest

from generator.validate.model import Layer
from tests.validate.objects import GONE, changed, found

LEASE = "Lease/leader"
EVENT = "Event/web.1"

# Object, place, value there, code, start of the message.
# fmt: off
WRONG: list[tuple[str, str, Any, str, str]] = [
    ("Deployment", "spec.strategy.rollingUpdate.maxSurge", 2**31, "FH3013", "maxSurge 2147483648 is beyond 32 bits"),
    (LEASE, "spec.leaseTransitions", 2**31, "FH3013", "leaseTransitions 2147483648 is beyond 32 bits"),
    ("PodTemplate/web", "template.spec.terminationGracePeriodSeconds", 2**63, "FH3013", "terminationGracePeriod"),
    (LEASE, "spec.renewTime", "2024-05-01T10:00:00Z", "FH3013", 'renewTime "2024-05-01T10:00:00Z" is not a time w'),
    (LEASE, "spec.renewTime", "", "FH3013", 'renewTime "" is not a time with microseconds'),
    (EVENT, "firstTimestamp", "2024-05-01", "FH3013", 'firstTimestamp "2024-05-01" is not a time of RFC 3339'),
    (EVENT, "firstTimestamp", "2024-02-30T10:00:00Z", "FH3013", 'firstTimestamp "2024-02-30T10:00:00Z" is not'),
    ("ResourceQuota/quota", "spec.hard.pods", "many", "FH3103", 'pods "many" is not a quantity'),
    ("PersistentVolume/nfs", "spec.capacity.storage", "5GI", "FH3103", 'storage "5GI" is not a quantity'),
    ("RuntimeClass/gvisor", "overhead.podFixed", {"cpu": ""}, "FH3103", 'cpu "" is not a quantity'),
    ("Secret/web", "data", {"a": "0aGk="}, "FH3204", 'the value of "a" is not base64'),
    ("ConfigMap/settings", "binaryData", {"a": "x"}, "FH3204", 'the value of "a" is not base64'),
    ("CertificateSigningRequest/jane", "spec.request", "a b", "FH3204", 'the value of "request" is not base64'),
]
RIGHT: list[tuple[str, str, Any]] = [
    (LEASE, "spec.renewTime", "2024-05-01T10:00:00.123456+02:00"),
    (EVENT, "firstTimestamp", "2024-05-01T10:00:00.5Z"),
    (EVENT, "eventTime", None),
    ("ResourceQuota/quota", "spec.hard.pods", 50),
    ("Secret/web", "data", {"a": "aG\nk="}),
    ("Secret/web", "data", {"a": [104, 105]}),
    # What the schemas call required, and the API server fills in or takes as empty.
    ("PriorityClass/high", "value", GONE),
    ("EndpointSlice/web-1", "endpoints", GONE),
    ("Deployment", "status", {"conditions": [{"type": "Available"}]}),
]
# fmt: on


@pytest.mark.parametrize(("kind", "path", "value", "code", "message"), WRONG)
def test_what_cannot_be_decoded(kind: str, path: str, value: Any, code: str, message: str) -> None:
    [(found_code, _, said)] = found(changed(kind, path, value), Layer.SCHEMA, Layer.API)
    assert found_code == code
    assert said.startswith(message)


@pytest.mark.parametrize(("kind", "path", "value"), RIGHT)
def test_what_can_be_decoded(kind: str, path: str, value: Any) -> None:
    assert [code for code, _, _ in found(changed(kind, path, value), Layer.SCHEMA) if code != "FH3005"] == []


def test_a_list_in_place_of_base64_holds_bytes_or_is_refused() -> None:
    data = changed("Secret/web", "data", {"a": [{}, None], "b": [None, 300], "c": [None, 104]})
    assert sorted((code, path) for code, path, _ in found(data, Layer.SCHEMA)) == [
        *((("FH3005", f"data.{key}[{index}]")) for key, index in (("a", 1), ("b", 0))),
        *(("FH3011", f"data.{key}") for key in "ab"),
    ]
