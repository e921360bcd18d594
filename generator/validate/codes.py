"""Findings about objects against their schemas: the layer `schema`."""

from generator.diagnostics import Code, Severity

UNREADABLE = Code(
    "FH3001",
    "not a Kubernetes object",
    "Every document must be one object that YAML can be read into; kubectl and Helm refuse anything else.",
    wrong="- kind: Service\n",
    right="apiVersion: v1\nkind: Service\n",
)
NO_KIND = Code(
    "FH3002",
    "apiVersion or kind missing",
    "The API server finds the kind of an object by these two fields.",
    wrong="metadata: {name: web}\n",
    right="apiVersion: v1\nkind: Service\nmetadata: {name: web}\n",
    source="Kubernetes API conventions, Types (Kinds)",
)
NO_SUCH_KIND = Code(
    "FH3003",
    "kind or API version that Kubernetes does not have",
    "The cluster answers `no matches for kind`, and the whole release fails. API versions are removed over time.",
    wrong="apiVersion: extensions/v1beta1\nkind: Ingress\n",
    right="apiVersion: networking.k8s.io/v1\nkind: Ingress\n",
    source="Kubernetes, Deprecated API Migration Guide",
)
NOT_CHECKED = Code(
    "FH3004",
    "kind without a schema",
    "Nothing is known of this kind here, so its objects were not checked; that is not the same as valid.",
    severity=Severity.INFO,
)
NULL = Code(
    "FH3005",
    "empty value (null)",
    "The API server treats null as not written, other tools do not; a value that is meant has been lost on the way.",
    wrong="resources:\n  limits:\n",
    right="resources: {}\n",
    severity=Severity.WARNING,
)
DEPRECATED = Code(
    "FH3006",
    "API version that Kubernetes gives up",
    "The cluster still takes it, and warns; the version of Kubernetes that removes it refuses the whole release.",
    wrong="apiVersion: discovery.k8s.io/v1beta1\nkind: EndpointSlice\n",
    right="apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n",
    source="Kubernetes, Deprecated API Migration Guide",
    severity=Severity.WARNING,
)
RULES_LEFT = Code(
    "FH3007",
    "rules of a definition that were not evaluated",
    "A definition's rules in CEL can refuse an object that fits its schema. They are evaluated when the package "
    "common-expression-language is installed (`flowhelm[cel]`), and as far as it knows their functions.",
    source="Kubernetes documentation, Validation rules of CustomResourceDefinitions",
    severity=Severity.INFO,
)
UNKNOWN_FIELD = Code(
    "FH3010",
    "unknown field",
    "The API server refuses a field it does not know (strict validation) or drops it without a word.",
    wrong="spec: {replica: 2}\n",
    right="spec: {replicas: 2}\n",
    source="Kubernetes API reference",
)
WRONG_TYPE = Code(
    "FH3011",
    "value of the wrong type",
    "The API server cannot decode the object, and refuses all of it.",
    wrong="value: 8080\n",
    right='value: "8080"\n',
    source="Kubernetes API reference",
)
MISSING_FIELD = Code(
    "FH3012",
    "required field missing",
    "The API server refuses the object.",
    wrong="containers: [{image: web}]\n",
    right="containers: [{name: web, image: web}]\n",
    source="Kubernetes API reference",
)
VALUE = Code(
    "FH3013",
    "value that the schema does not allow",
    "The API server refuses a value outside of what the field's schema lists.",
    source="the schema of the kind",
)
RULE = Code(
    "FH3014",
    "rule of the definition that does not hold",
    "The API server evaluates the rules in CEL of a CustomResourceDefinition, and refuses an object that breaks one.",
    wrong="spec: {minReplicas: 5, maxReplicas: 3}   # rule: self.minReplicas <= self.maxReplicas\n",
    right="spec: {minReplicas: 3, maxReplicas: 5}\n",
    source="Kubernetes documentation, Validation rules of CustomResourceDefinitions",
)
NO_SCHEMAS = Code(
    "FH3020",
    "no schemas for this version of Kubernetes",
    "Schemas come with the package kubernetes-validate; a version it does not hold can't be checked.",
    wrong="flowhelm validate --kube-version 1.10 chart\n",
    right="flowhelm validate --kube-version 1.33 chart\n",
)
BAD_LOCATION = Code(
    "FH3021",
    "schema location that can't be read",
    "Custom resources whose schemas can't be read are not checked. Nothing is fetched: a location is a folder, a file "
    "or a template of paths.",
    wrong="flowhelm validate --schema-location https://example.com/crds chart\n",
    right="flowhelm validate --schema-location crds/ chart\n",
)
ACCEPT_IDLE = Code(
    "FH3030",
    "exception without effect",
    "What is accepted is not there any more; left in the file, the exception hides the next real finding.",
    wrong='[[accept]]\ncode = "FH4110"\nname = "removed-long-ago"\nreason = "a demo"\n',
    severity=Severity.WARNING,
)
ACCEPT_OVER = Code(
    "FH3031",
    "exception that is over",
    "It was given for a time, and the time has passed: what it let pass counts again.",
    wrong='[[accept]]\ncode = "FH4110"\nreason = "until the next release"\nuntil = 2020-01-31\n',
    severity=Severity.WARNING,
)

CODES = (
    UNREADABLE,
    NO_KIND,
    NO_SUCH_KIND,
    NOT_CHECKED,
    NULL,
    DEPRECATED,
    RULES_LEFT,
    UNKNOWN_FIELD,
    WRONG_TYPE,
    MISSING_FIELD,
    VALUE,
    RULE,
    NO_SCHEMAS,
    BAD_LOCATION,
    ACCEPT_IDLE,
    ACCEPT_OVER,
)
