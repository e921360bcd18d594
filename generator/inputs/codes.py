"""What can be wrong with the files that a user names."""

from generator.diagnostics import Code, Severity

NOT_FOUND = Code(
    "FH6201",
    "nothing there by this name",
    "A spec, a chart folder, a packaged chart, a file or folder of manifests, `-` or `git:REF:path` is needed.",
    wrong="flowhelm diff charts/shop-old charts/shop",
    right="flowhelm diff git:main:charts/shop charts/shop",
)
UNREADABLE = Code(
    "FH6202",
    "file that cannot be read",
    "Specs and manifests are UTF-8 text that this user may read.",
)
NOT_A_CHART = Code(
    "FH6203",
    "archive without a chart",
    "A packaged chart is a gzipped tar archive with one folder, in which Chart.yaml stands.",
    wrong="tar czf shop.tgz templates values.yaml",
    right="helm package shop",
    source="https://helm.sh/docs/topics/charts/",
)
UNSAFE_ARCHIVE = Code(
    "FH6204",
    "archive that would write outside its folder",
    "Paths with `..`, absolute paths, links and devices have no place in a chart; unpacked, they reach other files.",
    source="https://nvd.nist.gov/vuln/detail/CVE-2019-1000008",
)
TOO_LARGE = Code(
    "FH6205",
    "too much data",
    "The limits keep a damaged or hostile archive from filling the disk. Helm refuses charts above 100 MiB too.",
)
NO_GIT = Code(
    "FH6206",
    "git cannot be used",
    "`git:REF:path` reads a state of the repository around the current folder, by the program git.",
    wrong="cd /tmp && flowhelm diff git:main:charts/shop charts/shop",
    right="cd shop && flowhelm diff git:main:charts/shop charts/shop",
)
UNKNOWN_REF = Code(
    "FH6207",
    "git knows no such commit",
    "The part after `git:` is a branch, a tag or a commit that is in this clone.",
    wrong="git:orgin/main:charts/shop",
    right="git:origin/main:charts/shop",
)
NOT_IN_COMMIT = Code(
    "FH6208",
    "path that is not in the commit",
    "The path after the second colon counts from the repository's root; with `./` in front, from the current folder.",
    wrong="git:main:shop/charts",
    right="git:main:charts/shop",
)
NO_MANIFESTS = Code(
    "FH6209",
    "folder without manifests",
    "A folder that holds no Chart.yaml is read for its .yaml, .yml and .json files, hidden ones left out.",
)
NOT_AN_OBJECT = Code(
    "FH6210",
    "document that is not a Kubernetes object",
    "Two sides can only be compared when every document of both can be read.",
    wrong="- kind: Service\n",
    right="apiVersion: v1\nkind: Service\n",
)
BROKEN_BASELINE = Code(
    "FH6211",
    "baseline that cannot be read",
    "With a baseline only new findings are shown. While it can't be read, all are, and the command fails.",
    wrong="flowhelm validate charts/shop --baseline values.yaml",
    right="flowhelm validate charts/shop --write-baseline baseline.json",
)
UNSAFE_CHART = Code(
    "FH6212",
    "chart that leads to other files",
    "Helm follows links, and what they lead to becomes part of the chart: a password file as well as a template. They "
    "may lead within the chart's repository, or within the chart where it is in none.",
    wrong="ln -s /etc/passwd charts/shop/templates/users.yaml",
    right="cp ../common/_labels.tpl charts/shop/templates/_labels.tpl",
)
LEFT_OUT = Code(
    "FH6213",
    "file that is no manifest",
    "A folder may hold other files too. One without any Kubernetes object, whose documents have neither apiVersion nor "
    "kind, is left out; named on its own, it is an error. An input without any document is a warning: what was to be "
    "piped in may have failed.",
    severity=Severity.INFO,
)
TEMPLATES = Code(
    "FH6214",
    "templates outside of their chart",
    "Templates become manifests only when Helm renders them, with the chart's values.",
    wrong="flowhelm validate charts/shop/templates",
    right="flowhelm validate charts/shop",
)
CONFIGURATION = Code(
    "FH6215",
    "configuration that can't be followed",
    "What is wrong in the file would count as not written, and findings would be judged otherwise than was meant.",
    wrong='[severity]\nFH4206 = "fatal"\n',
    right='[severity]\nFH4206 = "error"\n',
    source="docs/policies.md",
)

CODES = (
    NOT_FOUND,
    UNREADABLE,
    NOT_A_CHART,
    UNSAFE_ARCHIVE,
    TOO_LARGE,
    NO_GIT,
    UNKNOWN_REF,
    NOT_IN_COMMIT,
    NO_MANIFESTS,
    NOT_AN_OBJECT,
    BROKEN_BASELINE,
    UNSAFE_CHART,
    LEFT_OUT,
    TEMPLATES,
    CONFIGURATION,
)
