"""The keys of the whole spec. A row's text is a spec of its own; the fields are those of the chart's own files."""

from tests.keys.rows import Place, Row

_HEAD = "flowhelm: v1, name: keys, version: 1.0.0"
_WEB = "services: {web: {image: x/y:1}}"
_FLOW = "workflows: {flow: {tasks: {t: {run: {image: x/y:1}}}}}"
_USER = "workflows: {w: {tasks: {t: {%s}}}}"
WHOLE = Place("", "…", {}, f"{_HEAD}, {_WEB}", ("flowhelm",), section="")

# fmt: off
GENERAL = (
    Row("flowhelm", f"{_HEAD}, {_WEB}", "none", None, f"flowhelm: →v2, name: keys, version: 1.0.0, {_WEB}", "FH1011",
        other=f"{_HEAD}, {_WEB}"),
    Row("name", f"flowhelm: v1, name: shop, version: 1.0.0, {_WEB}", "Chart.yaml name", "shop",
        f"flowhelm: v1, name: →My Shop, version: 1.0.0, {_WEB}", "FH1004", other=f"{_HEAD}, {_WEB}"),
    Row("version", f"flowhelm: v1, name: keys, version: 2.0.0-rc.1+b, {_WEB}", "Chart.yaml version", "2.0.0-rc.1+b",
        f"flowhelm: v1, name: keys, version: →1.10, {_WEB}", "FH1005", other=f"{_HEAD}, {_WEB}"),
    Row("appVersion", "appVersion: 1.10", "Chart.yaml appVersion", "1.10", "appVersion: →[]", "FH1002"),
    Row("description", "description: 'on {{ x }}'", "Chart.yaml description", "on {{ x }}", 'description: →"a\\x07b"',
        "FH1005"),
    Row("maintainers", "maintainers: [{name: Ann}]", "Chart.yaml maintainers", [{"name": "Ann"}], "maintainers: →Ann",
        "FH1002"),
    Row("maintainers[].name", "maintainers: [{name: 'no'}]", "Chart.yaml maintainers[0].name", "no",
        "maintainers: [{→email: a@b.c}]", "FH1003", other="maintainers: [{name: a}]"),
    Row("maintainers[].email", "maintainers: [{name: a, email: a@b.c}]", "Chart.yaml maintainers[0].email", "a@b.c",
        "maintainers: [{name: a, email: →{}}]", "FH1002"),
    Row("maintainers[].url", "maintainers: [{name: a, url: 'https://a'}]", "Chart.yaml maintainers[0].url", "https://a",
        "maintainers: [{name: a, url: →~}]", "FH1002"),
    Row("home", "home: https://shop.example", "Chart.yaml home", "https://shop.example", "home: →[]", "FH1002"),
    Row("sources", "sources: [https://git.example]", "Chart.yaml sources", ["https://git.example"], "sources: →x",
        "FH1002"),
    Row("keywords", "keywords: [0755, 'off']", "Chart.yaml keywords", ["0755", "off"], "keywords: [→{}]", "FH1002"),
    Row("icon", "icon: https://a/b.svg", "Chart.yaml icon", "https://a/b.svg", "icon: →~", "FH1002"),
    Row("kubeVersion", "kubeVersion: '>=1.31.0-0 <1.40'", "Chart.yaml kubeVersion", ">=1.31.0-0 <1.40",
        "kubeVersion: →latest", "FH1005"),
    Row("engine", "engine: jobs", "none", None, "engine: →argo", "FH1010"),
    Row("monitoring", f"{_HEAD}, {_FLOW}, monitoring: {{enabled: false}}", "values.yaml monitoring.enabled", False,
        "monitoring: →false", "FH1002", other=f"{_HEAD}, {_FLOW}"),
    Row("monitoring.enabled", f"{_HEAD}, {_FLOW}, monitoring: {{enabled: false}}", "values.yaml monitoring.enabled",
        False, "monitoring: {enabled: →0}", "FH1002", other=f"{_HEAD}, {_FLOW}"),
    Row("templates", f"{_HEAD}, templates: {{a: {{image: p/q:2}}}}, services: {{web: {{extends: a}}}}",
        "values.yaml services.web.image.repository", "p/q", "templates: →[]", "FH1002", other=f"{_HEAD}, {_WEB}"),
    Row("defaults", "defaults: {replicas: 3}", "values.yaml services.web.replicas", 3, "defaults: {→replica: 3}",
        "FH1001"),
    Row("services", f"{_HEAD}, {_FLOW}, services: {{shop: {{image: shop/shop:1}}}}",
        "values.yaml services.shop.image.repository", "shop/shop", f"{_HEAD}, {_FLOW}, services: →[]",
        "FH1002"),
    Row("workflows", f"{_HEAD}, {_WEB}, workflows: {{flow: {{timeout: 5m, tasks: {{t: {{run: {{image: x/y:1}}}}}}}}}}",
        "values.yaml workflows.flow.timeout", "5m", "workflows: →[]", "FH1002"),
    Row("environments", "environments: {prod: {services: {web: {replicas: 5}}}}",
        "values-prod.yaml services.web.replicas", 5, "environments: {→Prod: {}}", "FH1004"),
    Row("accept", f"{_HEAD}, services: {{web: {{image: x/y:1, rollout: {{grace: 1.5s}}}}}}, accept: {{FH2424: ok}}",
        "finding FH2424", 0, "accept: {→nothing: x}", "FH2461"),
    Row("extra", "extra: [{apiVersion: v1, kind: ConfigMap, metadata: {name: own}, data: {a: '{{ x }}'}}]", "none",
        None,
        "extra: →{}", "FH1002", note="see test_extra"),
    Row("imports", f"{_HEAD}, {_WEB}, imports: {{lib: library.yaml}}, {_USER % 'workflow: lib.lent'}",
        "files/w/plan.json tasks.t.workflow.plan.workflow", "lib-lent", "imports: {lib: →missing.yaml}", "FH0101",
        other=f"{_HEAD}, {_WEB}, {_USER % 'wait: 1s'}"),
)
_REDIS = "name: redis, version: ^19.0.0, repository: 'https://charts.example'"
DEPENDENCIES = (
    Row("dependencies", f"dependencies: [{{{_REDIS}}}]", "Chart.yaml dependencies",
        [{"name": "redis", "version": "^19.0.0", "repository": "https://charts.example"}], "dependencies: →redis",
        "FH1002"),
    Row("dependencies[].name", "dependencies: [{name: redis, version: 1.x}]", "Chart.yaml dependencies[0].name",
        "redis",
        "dependencies: [{name: →Redis!, version: 1.x}]", "FH1005", other="dependencies: [{name: other, version: 1.x}]"),
    Row("dependencies[].version", "dependencies: [{name: redis, version: 1.10}]", "Chart.yaml dependencies[0].version",
        "1.10", "dependencies: [{name: redis, version: →latest}]", "FH1005",
        other="dependencies: [{name: redis, version: 2.x}]"),
    Row("dependencies[].repository", f"dependencies: [{{{_REDIS}}}]", "Chart.yaml dependencies[0].repository",
        "https://charts.example", "dependencies: [{name: redis, version: 1.x, repository: →charts.example}]", "FH1005"),
    Row("dependencies[].condition", f"dependencies: [{{{_REDIS}, condition: redis.enabled}}]",
        "Chart.yaml dependencies[0].condition", "redis.enabled",
        f"dependencies: [{{{_REDIS}, condition: →enabled it}}]", "FH1005"),
    Row("dependencies[].alias", f"dependencies: [{{{_REDIS}, alias: cache}}]", "Chart.yaml dependencies[0].alias",
        "cache",
        f"dependencies: [{{{_REDIS}, alias: →a b}}]", "FH1005"),
    Row("dependencies[].tags", f"dependencies: [{{{_REDIS}, tags: [stores]}}]", "Chart.yaml dependencies[0].tags",
        ["stores"], f"dependencies: [{{{_REDIS}, tags: →stores}}]", "FH1002"),
    Row("dependencies[].values", f"dependencies: [{{{_REDIS}, values: {{a: {{b: 1e3, c: 'on'}}}}}}]",
        "values.yaml redis.a",
        {"b": 1000.0, "c": "on"}, f"dependencies: [{{{_REDIS}, values: →[]}}]", "FH1002"),
)
# fmt: on

PLACED = WHOLE.rows(GENERAL, DEPENDENCIES)
