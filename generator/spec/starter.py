"""A first spec, with comments that say what comes next.

Input: a name, an image, a port. Output: the text of a spec that compiles without a finding, formatted as `fmt` does.
"""

from __future__ import annotations

from generator.kube.identifiers import corrected
from generator.spec.formats import IMAGE, NAME
from generator.yamlio.formatter import is_safely_plain
from generator.yamlio.writer import quote

SCHEMA_FILE = "flowhelm.schema.json"
NAME_OF_NOTHING = "app"

_TEXT = """\
# yaml-language-server: $schema={schema}
flowhelm: v1
name: {name}
version: 0.1.0
description: What the system does, in one sentence.

services:
  {name}:
    image: {image}
    ports: {{http: {port}}}
    health: {{ready: {{tcp: true}}}}          # or {{ready: GET /readyz, live: GET /healthz}}, if it can say so itself
    resources: {{cpu: 50m, memory: 128Mi}}  # requested for each pod; the memory is also its limit
    replicas: 1
    scratch: [/tmp]                       # writable paths: the image's own files are read-only
    # env:
    #   LOG_LEVEL: info
    #   DB_PASSWORD: {{secret: {name}-db, key: password}}
    # expose: {{host: {name}.example.com}}  # an Ingress
    # calls: [db.example.com:5432]        # what it may reach; everything else is closed to it

# Tasks, and the order and conditions between them; `flowhelm explain` and docs/spec-reference.md say more.
# workflows:
#   nightly:
#     triggers: {{schedule: {{cron: "0 3 * * *"}}}}
#     tasks:
#       clean-up:
#         call: {{service: {name}, post: /clean-up}}
"""


def starter_text(name: str, image: str, port: int) -> str:
    """The text of the spec."""
    written = image if is_safely_plain(image, flow=False) else quote(image)
    return _TEXT.format(schema=SCHEMA_FILE, name=name, image=written, port=port)


def suggested_name(folder: str) -> str:
    """A name for the system, from that of its folder."""
    return corrected(folder) or NAME_OF_NOTHING


def name_problem(name: str) -> str:
    """What is wrong with a name, or nothing."""
    return NAME.mistake(name).replace(" | ", ": ")


def image_problem(image: str) -> str:
    """What is wrong with an image, or nothing."""
    return IMAGE.mistake(image).replace(" | ", ": ")
