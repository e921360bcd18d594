"""Specs of any size, for timing: services that call one another, and a workflow for each ten of them.

python -m bench.generated 100 > spec.yaml
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

_PER_WORKFLOW = 10


def generated_spec(services: int) -> str:
    """A spec with so many services: ports, variables, probes, files, an autoscaler and a way in here and there."""
    lines = ["flowhelm: v1", "name: large", "version: 1.0.0", "defaults: {resources: {cpu: 50m, memory: 64Mi}}"]
    lines += ["services:", *(line for number in range(services) for line in _service(number))]
    lines += [
        "workflows:",
        *(line for number in range(0, services, _PER_WORKFLOW) for line in _workflow(number, services)),
    ]
    return "\n".join(lines) + "\n"


def _service(number: int) -> Iterator[str]:
    yield f"  service-{number}:"
    yield f"    image: registry.example.com/large/service-{number}:1.0.{number}"
    yield "    ports: {http: 8080, metrics: 9090}"
    yield f'    env: {{LEVEL: info, NUMBER: "{number}", KEY: {{secret: keys, key: service-{number}}}}}'
    yield "    health: {ready: GET /readyz, live: GET /livez}"
    yield "    metrics: {port: metrics}"
    if number:
        yield f"    calls: [service-{number - 1}]"
    if number % 4 == 0:
        yield "    autoscale: {max: 8, cpu: 70}"
    if number % 5 == 0:
        yield f"    files: {{/etc/service.conf: {{content: 'number={number}'}}}}"
    if number % 10 == 0:
        yield f"    expose: {{host: service-{number}.example.com}}"


def _workflow(first: int, services: int) -> Iterator[str]:
    yield f"  flow-{first}:"
    yield "    triggers: {schedule: {cron: '0 3 * * *'}}"
    yield "    tasks:"
    for number in range(first, min(first + _PER_WORKFLOW, services)):
        needs = f"needs: [call-{number - 1}], " if number > first else ""
        yield f"      call-{number}: {{{needs}call: {{service: service-{number}, post: /work}}}}"


if __name__ == "__main__":
    sys.stdout.write(generated_spec(int(sys.argv[1])))
