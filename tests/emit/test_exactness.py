"""Whatever text a user writes arrives in the rendered object as it was, through both Helms' templates and YAML."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from generator.chart.model import Chart, Metadata, Origin, Template
from generator.chart.nodes import Builtin, Default, FileText, Include, Join, Json, Tree, Value
from generator.chart.values import ValueEntry, Values
from generator.diagnostics import Span
from tests.charts import rendered

# Characters that YAML can hold in a quoted text, with the awkward ones often.
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
BRACES = ("{{", "}}", "{", "}", "{{-", "-}}", "{{ .Values.x }}", "`", "$x", "$(x)", "%s", "%")
QUOTES = ('"', "'", "\\", "|+", "# x", ": ", "---", "yes", "0x1F", "1e3", "010", "~", "null")
BREAKS = ("\n", "\n\n", " ", "\t", "\r\n", "\u0085", "\u2028", "\ufeff")
PIECES = st.sampled_from([*BRACES, *QUOTES, *BREAKS, "é", "😀"])
TEXTS = st.lists(st.one_of(PIECES, st.text(CHARACTERS, max_size=5)), max_size=8).map("".join)

GROUPS = ("commonLabels", "networkPolicy", "global")
BASE = ("nameOverride", "fullnameOverride")
EXACT = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def as_value(text):
    """Helm 3 cannot check values with control characters against a schema; lowering keeps them in the templates."""
    return "".join(character for character in text if character.isprintable() or character in "\t\n\r")


def chart_of(texts):
    """One object that holds every text in each of the ways in which a text gets into an object."""
    entries = [ValueEntry((name,), "", {"type": "string"}, "") for name in BASE]
    entries += [
        ValueEntry(("texts", f"t{i}"), text, {"type": "string"}, as_value(text)) for i, text in enumerate(texts)
    ]
    entries += [ValueEntry((group,), "", {"type": "object"}, {}) for group in GROUPS]
    entries.append(ValueEntry(("extraObjects",), "", {"type": "array"}, []))
    name = Include("fullname")
    files = {f"files/f{i}": text.encode() for i, text in enumerate(texts)}
    tree: dict[str, Tree] = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name},
        "literal": list(texts),
        "keys": {f"k{text}": i for i, text in enumerate(texts)},
        "joined": [Join((text, name, text)) for text in texts],
        "default": [Default(Value(("none",)), text or "-") for text in texts],
        "printed": [Default(Value(("none",)), Join((text, Builtin("Release.Name")))) for text in texts],
        "value": [Value(("texts", f"t{i}")) for i in range(len(texts))],
        "file": [FileText(path) for path in files],
        "json": Json({"texts": list(texts)}),
    }
    metadata = Metadata("shop", "1.0.0", description="".join(texts))
    template = Template("templates/all.yaml", tree, Origin(Span.at("spec.yaml", 1)))
    return Chart(metadata, Values(tuple(entries)), (template,), files)


@EXACT
@given(texts=st.lists(TEXTS, min_size=1, max_size=12, unique=True))
@example(texts=["{{ `x` }}", "a\n{{ b }}\n", "a\n  b\n\n", "{", "line \nnext\n", "x: |+\n\n"])
def test_every_text_arrives(helm, texts):
    with TemporaryDirectory() as folder:
        found = rendered(helm, Path(folder), chart_of(texts))["ConfigMap", "r-shop"]
    assert found["literal"] == texts
    assert found["keys"] == {f"k{text}": i for i, text in enumerate(texts)}
    assert found["joined"] == [f"{text}r-shop{text}" for text in texts]
    assert found["default"] == [text or "-" for text in texts]
    assert found["printed"] == [f"{text}r" for text in texts]
    assert found["value"] == [as_value(text) for text in texts]
    assert found["file"] == [text.removeprefix("\ufeff") for text in texts]
    assert json.loads(found["json"]) == {"texts": texts}
