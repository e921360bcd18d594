"""What can be wrong with a spec's text before any of it is understood."""

from generator.diagnostics import Code

SYNTAX = Code(
    "FH0001",
    "not valid YAML",
    "The text cannot be read as YAML, so nothing in it can be checked.",
    wrong="services:\n  web: {image: a:1\n",
    right="services:\n  web: {image: 'a:1'}\n",
    source="YAML 1.2.2",
)
DUPLICATE_KEY = Code(
    "FH0002",
    "key written twice",
    "YAML readers silently take one of the two values; which one differs between tools.",
    wrong="ports: {http: 80}\nports: {http: 81}\n",
    right="ports: {http: 81}\n",
    source="YAML 1.2.2 §3.2.1.3",
)
TAB = Code(
    "FH0003",
    "tab used for indentation",
    "YAML allows only spaces for indentation; a tab looks like a different depth in every editor.",
    wrong="ports:\n\thttp: 8080\n",
    right="ports:\n  http: 8080\n",
    source="YAML 1.2.2 §6.1",
)
ENCODING = Code(
    "FH0004",
    "not UTF-8 text",
    "Spec files are UTF-8, so that every tool reads the same characters.",
    source="YAML 1.2.2 §5.2",
)
TOO_LARGE = Code(
    "FH0005",
    "file too large",
    "A spec is written by people; the limits keep a damaged or hostile file from using up the machine.",
    source="rulings C27",
)
ALIAS = Code(
    "FH0006",
    "alias that cannot be expanded",
    "An alias must name an anchor that stands before it and must not contain itself; all aliases together may expand "
    "to at most 100,000 values.",
    source="YAML 1.2.2 §7.1; rulings C27",
    wrong="x-a: &a [*a]\n",
    right="x-a: &a [1]\nx-b: *a\n",
)
NUMBER = Code(
    "FH0007",
    "number with too many digits",
    "No setting of Kubernetes takes such a number; write it in quotes when it is meant as text.",
    source="YAML 1.2.2 §10.3.2",
)
DOCUMENTS = Code(
    "FH0008",
    "more than one document",
    "A spec is one YAML document; a second one after `---` would be ignored.",
    source="rulings L19",
    wrong="name: shop\n---\nname: other\n",
    right="name: shop\n",
)
TAG = Code(
    "FH0009",
    "tag that the spec language does not know",
    "Only the core tags (!!str, !!int, !!float, !!bool, !!null, !!map, !!seq) have a meaning here.",
    source="YAML 1.2.2 §10.3; rulings C03",
    wrong="image: !env IMAGE\n",
    right="image: shop/web:1.0.0\n",
)
KEY = Code(
    "FH0010",
    "key that is not a plain text",
    "Every key of a spec is one scalar.",
    source="language rule 1",
    wrong="? [a, b]\n: 1\n",
    right="x-a: 1\n",
)
MERGE = Code(
    "FH0011",
    "merge key without a mapping",
    "`<<` merges a mapping or a list of mappings into the one it stands in.",
    source="rulings C03",
    wrong="x-web: {<<: 5}\n",
    right="x-base: &base {replicas: 2}\nx-web: {<<: *base}\n",
)
FORMAT = Code(
    "FH0012",
    "text that cannot be formatted",
    "Formatting changes the layout and never what the text says; where that cannot be kept, the file stays as it is.",
    source="rulings C03",
)

CODES = (SYNTAX, DUPLICATE_KEY, TAB, ENCODING, TOO_LARGE, ALIAS, NUMBER, DOCUMENTS, TAG, KEY, MERGE, FORMAT)
