"""What can go wrong between a chart and its rendered manifests."""

from generator.diagnostics import Code, Severity

NO_HELM = Code(
    "FH6001",
    "no Helm found",
    "Charts are rendered by Helm itself, so that what is checked is what will be installed.",
    right="export PATH=$PATH:/opt/helm/bin\n",
)
UNUSABLE_HELM = Code(
    "FH6002",
    "Helm does not answer",
    "The program that was named is not Helm 3 or 4, or it cannot run on this machine.",
    wrong="flowhelm compile --helm /bin/true spec.yaml\n",
    right="flowhelm compile --helm /usr/bin/helm spec.yaml\n",
)
OLD_HELM = Code(
    "FH6003",
    "old Helm",
    "Rendering is tested with Helm 3.17 and later; an older one may render something else than the one that installs.",
    severity=Severity.WARNING,
)
TIME_LIMIT = Code(
    "FH6004",
    "rendering takes too long",
    "A template that never ends would block a pipeline for hours; Helm itself has no limit.",
    wrong="{{ range until 2000000000 }}{{ end }}\n",
)
CRASH = Code(
    "FH6005",
    "Helm ran out of memory",
    "A template that grows without end would take down the machine that renders it; Helm itself has no limit.",
    wrong='{{ repeat 2000000000 "x" }}\n',
)
OUTPUT_LIMIT = Code(
    "FH6006",
    "rendered text too large",
    "No cluster takes it: a release is stored in one Secret of at most 1 MiB, an object is at most 1.5 MiB.",
)
TEMPLATE = Code(
    "FH6010",
    "template cannot be parsed",
    "Helm reads no further than the first syntax error, so nothing of the chart can be rendered.",
    wrong="{{ if .Values.enabled }}\n",
    right="{{ if .Values.enabled }}…{{ end }}\n",
)
EXECUTION = Code(
    "FH6011",
    "template fails",
    "The template asks for something that the values do not give, or stops by itself (`fail`, `required`).",
    wrong="{{ .Values.missing.name }}\n",
    right="{{ with .Values.missing }}{{ .name }}{{ end }}\n",
)
VALUES_SCHEMA = Code(
    "FH6012",
    "values do not fit the chart's schema",
    "Helm refuses to render or install a chart with values that its values.schema.json does not allow.",
)
CHART = Code(
    "FH6013",
    "chart cannot be loaded",
    "Chart.yaml, values.yaml or another file that Helm reads before the templates is missing or damaged.",
)
NOT_YAML = Code(
    "FH6014",
    "rendered text is no YAML",
    "Helm parses what a template gives before it installs anything; a wrong indentation is the usual reason.",
    wrong="labels:\n{{ toYaml .Values.labels }}\n",
    right="labels:\n  {{- toYaml .Values.labels | nindent 2 }}\n",
)
NOT_RENDERED = Code(
    "FH6015",
    "dependency not checked",
    "Nothing is fetched over the network here; a dependency that isn't in the chart's `charts/` folder is left out.",
    right="helm dependency build charts-out/shop\n",
    severity=Severity.INFO,
)
NOT_FETCHED = Code(
    "FH6017",
    "dependencies that could not be fetched",
    "`helm dependency build`, which `flowhelm compile --dependencies` runs in the chart's folder, failed. The chart is "
    "written, but its sub-charts are not all there.",
    wrong="dependencies: [{name: redis, version: ^99.0.0, repository: 'https://charts.example.com'}]",
    right="dependencies: [{name: redis, version: ^19.0.0, repository: 'https://charts.example.com'}]",
)
RELEASE_TOO_LARGE = Code(
    "FH6016",
    "chart too large for a release",
    "Helm keeps each release, its templates, files and manifests, in one Secret, and Kubernetes takes at most 1 MiB.",
    right="files that are large go into images or volumes\n",
    source="https://kubernetes.io/docs/concepts/configuration/secret/#restriction-data-size",
)
LIBRARY = Code(
    "FH6018",
    "library chart",
    "It has no objects of its own: its templates are parsed, and run only in the charts that use it.",
    severity=Severity.INFO,
)

CODES = (
    NO_HELM,
    UNUSABLE_HELM,
    OLD_HELM,
    TIME_LIMIT,
    CRASH,
    OUTPUT_LIMIT,
    TEMPLATE,
    EXECUTION,
    VALUES_SCHEMA,
    CHART,
    NOT_YAML,
    NOT_RENDERED,
    NOT_FETCHED,
    RELEASE_TOO_LARGE,
    LIBRARY,
)
