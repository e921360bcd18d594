"""Findings about values and what reads them: the layer `values`."""

from generator.diagnostics import Code, Severity

UNREAD = Code(
    "FH3501",
    "value that no template reads",
    "It has no effect, whatever it is set to; often it is misspelt, or its template has gone.",
    wrong="# templates read .Values.replicaCount\nreplicasCount: 3\n",
    right="replicaCount: 3\n",
    severity=Severity.WARNING,
)
MISSING = Code(
    "FH3502",
    "value that is read and not there",
    "Without `default`, `if` or `required`, Helm writes nothing where the value should stand, and says nothing.",
    wrong="image: {{ .Values.image.nmae }}\n",
    right="image: {{ .Values.image.name }}\n",
    source="https://helm.sh/docs/chart_template_guide/function_list/#default",
    severity=Severity.WARNING,
)
REFUSED = Code(
    "FH3503",
    "value that is read and that the schema refuses",
    "values.schema.json forbids keys that it does not list, so nobody can set this one.",
    wrong='{"properties": {"image": {"type": "string"}}, "additionalProperties": false}\n',
    right='{"properties": {"image": {"type": "string"}, "tag": {"type": "string"}}, "additionalProperties": false}\n',
    severity=Severity.WARNING,
)

CODES = (UNREAD, MISSING, REFUSED)
