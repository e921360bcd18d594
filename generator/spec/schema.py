"""The JSON Schema of the language, made from the declarations of its keys.

Output: the text of flowhelm.schema.json, for editors; `make goldens` writes it, a test compares it.
"""

from __future__ import annotations

import json

from generator.spec.definitions import Definitions, JsonSchema, without_doubles
from generator.spec.model import SPEC

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def spec_schema() -> JsonSchema:
    """The schema of a whole spec: what it takes is what the parser takes, but for what `scalars` names."""
    definitions = Definitions()
    root = SPEC.schema(definitions)
    return without_doubles({"$schema": DIALECT, "title": "flowhelm spec", **root, "$defs": definitions.found})


def schema_text() -> str:
    """The schema as a file."""
    return json.dumps(spec_schema(), indent=2) + "\n"
