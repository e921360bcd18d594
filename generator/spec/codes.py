"""What can be wrong with the words of a spec: keys, types and formats."""

from generator.diagnostics import Code

UNKNOWN_KEY = Code(
    "FH1001",
    "unknown key",
    "A misspelt key would be ignored in silence, and what it was meant to set would be missing in the cluster.",
    wrong="services:\n  web: {imge: shop/web:1.0.0}\n",
    right="services:\n  web: {image: shop/web:1.0.0}\n",
    source="docs/spec-reference.md",
)
WRONG_TYPE = Code(
    "FH1002",
    "value of the wrong type",
    "Each key takes one kind of value; a text where a number belongs is a mistake somewhere else.",
    wrong='replicas: "2"\n',
    right="replicas: 2\n",
    source="rulings L02",
)
MISSING_KEY = Code(
    "FH1003",
    "required key missing",
    "Without it there is nothing sensible to generate.",
    wrong="services:\n  web: {replicas: 2}\n",
    right="services:\n  web: {image: shop/web:1.0.0}\n",
    source="rulings L07",
)
BAD_NAME = Code(
    "FH1004",
    "name that cannot be used",
    "Names become the names of Kubernetes objects, ports and variables, which allow only these characters and lengths.",
    wrong="services:\n  Order_Service: {image: a:1}\n",
    right="services:\n  order-service: {image: a:1}\n",
    source="RFC 1123; rulings L01",
)
BAD_FORMAT = Code(
    "FH1005",
    "value in a wrong format",
    "The value is a text with rules of its own: a duration, a quantity, a schedule, an image.",
    wrong="timeout: 10\n",
    right="timeout: 10s\n",
    source="rulings L06, L11",
)
OUT_OF_RANGE = Code(
    "FH1006",
    "number out of range",
    "Kubernetes would refuse the number, or it makes no sense here.",
    source="docs/spec-reference.md",
    wrong="ports: {http: 80800}\n",
    right="ports: {http: 8080}\n",
)
NOT_ONE_OF = Code(
    "FH1007",
    "value that is not one of the choices",
    "The key takes one of a few words.",
    source="docs/spec-reference.md",
    wrong="kind: statefullset\n",
    right="kind: statefulset\n",
)
EXCLUSIVE = Code(
    "FH1008",
    "keys that exclude each other",
    "Exactly one of these keys says what is meant; with two of them, or none, that is open.",
    source="docs/spec-reference.md",
    wrong="files: {/etc/a: {content: x, from: a.txt}}\n",
    right="files: {/etc/a: {from: a.txt}}\n",
)
NO_EXPRESSION = Code(
    "FH1009",
    "expression where none is evaluated",
    "This key is used at compile time or has a format of its own; `${{ }}` would reach the cluster as plain text.",
    wrong="image: shop/web:${{ inputs.tag }}\n",
    right="image: shop/web:1.0.0\n",
    source="rulings X01",
)
NOT_YET = Code(
    "FH1010",
    "not supported yet",
    "The word belongs to the language, but this version cannot do it; ignoring it would be worse than saying so.",
    source="docs/spec-reference.md",
    wrong="traffic: {timeout: 5s}\n",
    right="replicas: 2\n",
)
WRONG_VERSION = Code(
    "FH1011",
    "unknown version of the language",
    "The first key names the version of the language, so that later ones can change it without breaking your file.",
    source="docs/spec-reference.md",
    wrong="flowhelm: v2\n",
    right="flowhelm: v1\n",
)
EMPTY = Code(
    "FH1012",
    "nothing in it",
    "An empty list or mapping here would make an object that does nothing.",
    wrong="workflows: {nightly: {tasks: {}}}\n",
    right="workflows: {nightly: {tasks: {ping: {call: {service: web, get: /}}}}}\n",
    source="rulings L07",
)
BARE_EXPRESSION = Code(
    "FH1013",
    "condition without ${{ }}",
    "A condition is an expression; without the braces it is only a text.",
    wrong="when: inputs.express\n",
    right="when: ${{ inputs.express }}\n",
    source="rulings X07",
)
NOT_A_VALUE = Code(
    "FH1014",
    "not a value of the chart",
    "Environments become values files of one chart, so they can only change what the chart takes as a value.",
    wrong="environments: {prod: {services: {web: {ports: {http: 80}}}}}\n",
    right="environments: {prod: {services: {web: {replicas: 4}}}}\n",
    source="rulings L10",
)

CODES = (
    UNKNOWN_KEY,
    WRONG_TYPE,
    MISSING_KEY,
    BAD_NAME,
    BAD_FORMAT,
    OUT_OF_RANGE,
    NOT_ONE_OF,
    EXCLUSIVE,
    NO_EXPRESSION,
    NOT_YET,
    WRONG_VERSION,
    EMPTY,
    BARE_EXPRESSION,
    NOT_A_VALUE,
)
