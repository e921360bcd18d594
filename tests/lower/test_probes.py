"""Which probes a service gets when it says little, and that it gets no others when it says more."""

import pytest

from generator.lower.probes import lower_probes
from tests.systems import sound_system

SERVICE = """
services:
  web:
    image: web:1
    ports: {http: 8080, grpc: 9000}
    health: HEALTH
"""


def probes(health, main="http"):
    spec = sound_system(SERVICE.replace("HEALTH", health)).services["web"].spec
    return lower_probes(spec.health, spec.ports, main)


@pytest.mark.parametrize(
    ("health", "kinds"),
    [
        ("{ready: GET /r}", {"startupProbe": "tcpSocket", "readinessProbe": "httpGet", "livenessProbe": "tcpSocket"}),
        ("{live: GET /l}", {"startupProbe": "httpGet", "readinessProbe": "tcpSocket", "livenessProbe": "httpGet"}),
        ("{ready: {tcp: true}}", {"startupProbe": "tcpSocket", "readinessProbe": "tcpSocket"}),
        ("{live: {tcp: true, delay: 3s}}", {"livenessProbe": "tcpSocket"}),
        ("{}", {"startupProbe": "tcpSocket", "readinessProbe": "tcpSocket"}),
    ],
)
def test_what_is_left_out_is_filled_in_so_that_probes_differ(health, kinds):
    found = probes(health)
    assert {key: next(iter(probe)) for key, probe in found.items()} == kinds


def test_without_a_main_port_nothing_is_invented():
    assert probes("{}", main="") == {}


def test_the_long_form_is_as_written():
    assert probes("{ready: {get: /r, delay: 5s}, live: {exec: [true], delay: 1m, period: 1500ms}}") == {
        "readinessProbe": {
            "httpGet": {"path": "/r", "port": "http"},
            "initialDelaySeconds": 5,
            "periodSeconds": 10,
            "timeoutSeconds": 1,
            "failureThreshold": 3,
        },
        "livenessProbe": {
            "exec": {"command": ["true"]},
            "initialDelaySeconds": 60,
            "periodSeconds": 2,
            "timeoutSeconds": 1,
            "failureThreshold": 3,
        },
    }


def test_grpc_asks_a_number():
    assert probes('{ready: {grpc: "", port: grpc}}')["readinessProbe"]["grpc"] == {"port": 9000, "service": ""}
