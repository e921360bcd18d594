"""The schema layer: what is made otherwise than its kind's schema says, in plain words and at its place."""

import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest

from generator.diagnostics import Diagnostics, Severity
from generator.manifest import read_manifests
from generator.validate.compilers import FastCompiler, SlowCompiler, Violation
from generator.validate.lifecycle import LIVES as LIFE
from generator.validate.model import Layer
from generator.validate.places import FilePlaces
from generator.validate.schemas import available_versions, schemas_for
from generator.validate.shared import definitions_in
from generator.validate.validator import validate_manifests
from generator.yamlio.manifests import load
from tests.validate.objects import GONE, OBJECTS, changed, found

CODES = "spec.podFailurePolicy.rules[2].onExitCodes"
CONTAINER = "spec.template.spec.containers[0]"
ITEMS = "spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.targets.items"

# fmt: off
CASES: list[tuple[str, str, Any, str, str, str]] = [
    ("Deployment", "spec.replica", 2, "FH3010", "spec.replica", 'unknown field "replica"'),
    ("Deployment", "spec.replicas", "3", "FH3011", "spec.replicas", "replicas must be a whole number, but is the text"),
    ("Deployment", "spec.replicas", None, "FH3005", "spec.replicas", "replicas is empty (null)"),
    ("Deployment", "metadata.labels", {"a.b/c": 1}, "FH3011", 'metadata.labels["a.b/c"]',
     "a.b/c must be a text, but is the number 1"),
    ("Deployment", f"{CONTAINER}.name", GONE, "FH3012", CONTAINER, 'item 1 of containers needs the field "name"'),
    ("Deployment", f"{CONTAINER}.args", [True], "FH3011", f"{CONTAINER}.args[0]",
     "item 1 of args must be a text, but is true"),
    ("Deployment", f"{CONTAINER}.ports", {}, "FH3011", f"{CONTAINER}.ports", "ports must be a list, but is a mapping"),
    ("Service", "spec.ports[0].targetPort", [], "FH3011", "spec.ports[0].targetPort",
     "targetPort must be a number or a text, but is a list"),
    ("Deployment", "spec.replicas", 2**31, "FH3013", "spec.replicas", "replicas 2147483648 is beyond 32 bits"),
    ("Deployment", "spec.nope", None, "FH3010", "spec.nope", 'unknown field "nope"'),
    ("Deployment", f"{CONTAINER}.args", [None], "FH3005", f"{CONTAINER}.args[0]", "item 1 of args is empty (null)"),
    ("Deployment", "apiVersion", "apps/v1beta1", "FH3003", "apiVersion",
     "there is no Deployment in apps/v1beta1 (in Kubernetes 1.35)"),
    ("Deployment", "apiVersion", GONE, "FH3002", "", "apiVersion is missing"),
    ("Deployment", "apiVersion", "apps.example.com/v1", "FH3004", "",
     "1 object was not checked: no schema is known for apps.example.com/v1 Deployment"),
    ("Deployment", "kind", "../Deployment", "FH3003", "apiVersion", "there is no ../Deployment in apps/v1"),
    ("Secret", "data", {"tls.key": 5}, "FH3011", 'data["tls.key"]', "tls.key must be a text"),
    ("ServiceMonitor", "spec.endpoints[0].interval", "30", "FH3013", "spec.endpoints[0].interval", "interval must mat"),
    ("ServiceMonitor", "spec.endpoints[0].scheme", "HTTP", "FH3013", "spec.endpoints[0].scheme",
     'scheme must be one of http, https, but is the text "HTTP"'),
    ("ServiceMonitor", "spec.endpoints[0].tlsConfig", {"insecure": True}, "FH3010",
     "spec.endpoints[0].tlsConfig.insecure", 'unknown field "insecure"'),
    ("PodMonitor", "spec.podMetricsEndpoints[0].portNumber", 0, "FH3013", "spec.podMetricsEndpoints[0].portNumber",
     "portNumber must be at least 1, but is the number 0"),
    ("PrometheusRule", "spec.groups[0].rules[0].expr", GONE, "FH3012", "spec.groups[0].rules[0]",
     'item 1 of rules needs the field "expr"'),
    ("Job/migrate", f"{CODES}.values", [None], "FH3005", f"{CODES}.values[0]", "item 1 of values is empty (null)"),
    ("ServiceMonitor", "spec.endpoints", [None], "FH3011", "spec.endpoints[0]", "item 1 of endpoints must be a"),
    ("CustomResourceDefinition/backups.shop.example.com", f"{ITEMS}.properties.name", "a", "FH3011",
     f"{ITEMS}.properties.name", 'name must be a mapping, but is the text "a"'),
    ("CustomResourceDefinition/backups.shop.example.com", "spec.versions[0].subresources.status.a", 1, "FH3010",
     "spec.versions[0].subresources.status.a", 'unknown field "a"'),
    ("CustomResourceDefinition/backups.shop.example.com", f"{ITEMS}.typo", "a", "FH3010", f"{ITEMS}.typo",
     'unknown field "typo"'),
    ("PrometheusRule", "spec.groups", None, "FH3005", "spec.groups", "groups is empty (null)"),
]
# fmt: on


# fmt: off
LIVES: list[tuple[str, str, str, str, str, str]] = [
    ("1.24", "policy/v1", "PodDisruptionBudget", "FH3020", "there are no schemas for Kubernetes 1.24",
     "choose one from 1.25 to "),
    ("1.25", "policy/v1beta1", "PodDisruptionBudget", "FH3003",
     "there is no PodDisruptionBudget in policy/v1beta1 (in Kubernetes 1.25)",
     "Kubernetes 1.25 removed it: write `apiVersion: policy/v1`; an empty selector"),
    ("1.25", "policy/v1beta1", "PodSecurityPolicy", "FH3003", "there is no PodSecurityPolicy in policy/v1beta1",
     "Kubernetes 1.25 removed it: use Pod Security admission"),
    ("1.25", "autoscaling/v2beta2", "HorizontalPodAutoscaler", "FH3006",
     "autoscaling/v2beta2 HorizontalPodAutoscaler is deprecated since Kubernetes 1.23, and gone from 1.26 on",
     "write `apiVersion: autoscaling/v2`"),
    ("1.26", "autoscaling/v2beta2", "HorizontalPodAutoscaler", "FH3003", "there is no HorizontalPodAutoscaler in",
     "Kubernetes 1.26 removed it"),
    ("1.32", "v1", "Endpoints", "", "", ""),
    ("1.33", "v1", "Endpoints", "FH3006", "v1 Endpoints is deprecated since Kubernetes 1.33", "use an EndpointSl"),
    ("1.33", "resource.k8s.io/v1", "DeviceClass", "FH3003", "there is no DeviceClass in resource.k8s.io/v1 (in Kub",
     "it comes with Kubernetes 1.34"),
    ("1.35", "v1", "Deployment", "FH3003", "there is no Deployment in v1", "write `apiVersion: apps/v1`"),
    ("1.35", "apps/v1", "Deploymnet", "FH3003", "there is no Deploymnet in apps/v1", 'did you mean "Deployment"?'),
    ("1.35", "apps/v1", "deployment", "FH3003", "there is no deployment in apps/v1", 'did you mean "Deployment"?'),
    ("1.35", "apps/v1", "../v1.25.0-local-strict/job", "FH3003", "there is no ../v1.25.0-local-strict/job in apps", ""),
]
# fmt: on


@pytest.mark.parametrize(("version", "api_version", "kind", "code", "message", "hint"), LIVES)
def test_api_versions_come_and_go(
    version: str, api_version: str, kind: str, code: str, message: str, hint: str
) -> None:
    diagnostics = Diagnostics()
    manifests = read_manifests(json.dumps({"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"}}), "f")
    validate_manifests(manifests, [version], diagnostics, FilePlaces(), [Layer.SCHEMA])
    first = [(finding.code.id, finding.message, finding.hint) for finding in diagnostics][:1]
    assert [found_code for found_code, _, _ in first] == ([code] if code else [])
    assert all(said.startswith(message) and advice.startswith(hint) for _, said, advice in first)
    assert all(advice for _, _, advice in first) == bool(hint or not code)


def test_the_versions_without_schemas_do_not_hide_the_others() -> None:
    diagnostics = Diagnostics()
    checked = validate_manifests(
        read_manifests(OBJECTS["Service"], "f"), ["1.24", "1.37", "1.38"], diagnostics, FilePlaces()
    )
    assert checked.versions == ("1.37",)
    assert [finding.message[-4:] for finding in diagnostics if finding.code.id == "FH3020"] == ["1.24", "1.38"]


@pytest.mark.parametrize("version", available_versions())
def test_what_is_removed_has_no_schema_and_what_is_deprecated_has_one(version: str) -> None:
    schemas = schemas_for(version)
    assert schemas
    known = {pair for pair in LIFE if schemas.has(*pair)}
    assert {pair for pair in known if LIFE[pair].is_removed_in(version)} == set()
    assert {pair for pair in set(LIFE) - known if LIFE[pair].is_deprecated_in(version)} == set()


def test_what_the_server_fills_in_is_not_missing() -> None:
    assert found(changed("RoleBinding", "roleRef.apiGroup", GONE), Layer.SCHEMA, Layer.API) == []


def test_a_null_under_a_free_key_is_an_empty_value() -> None:
    findings = found(changed("Secret", "data", {"tls.crt": "", "tls.key": None}), Layer.SCHEMA, Layer.API)
    assert [code for code, _, _ in findings] == ["FH3005"]


@pytest.mark.parametrize(("kind", "path", "value", "code", "where", "message"), CASES)
def test_each_mistake(kind: str, path: str, value: Any, code: str, where: str, message: str) -> None:
    [(found_code, found_path, said)] = found(changed(kind, path, value), Layer.SCHEMA)
    assert (found_code, found_path) == (code, where)
    assert said.startswith(message)


def _hint(data: dict[str, Any]) -> str:
    diagnostics = Diagnostics()
    manifests = read_manifests(json.dumps(data), "file.yaml")
    validate_manifests(manifests, ["1.35"], diagnostics, FilePlaces(), [Layer.SCHEMA])
    [finding] = diagnostics
    return finding.hint


def test_hints_say_how_to_mend_it() -> None:
    assert _hint(changed("Deployment", "spec.replica", 2)) == 'did you mean "replicas"?'
    assert _hint(changed("Deployment", f"{CONTAINER}.env[0].val", "x")) == 'did you mean "value"?'
    assert _hint(changed("Deployment", f"{CONTAINER}.env[0].value", 8080)) == 'write it in quotes: "8080"'
    assert _hint(changed("Deployment", "spec.replicas", "3")) == "write it without quotes"
    assert _hint(changed("Ingress", "apiVersion", "extensions/v1beta1")).startswith("Kubernetes 1.22 removed it: write")
    assert _hint(changed("ServiceMonitor", "spec.endpoint", [])) == 'did you mean "endpoints"?'


def test_findings_are_at_their_line() -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports:\n  - {port: x}\n"
    stream = f"# first\n---\n# comment\n{service}"
    diagnostics = Diagnostics()
    validate_manifests(read_manifests(stream, "all.yaml"), ["1.35"], diagnostics, FilePlaces(), [Layer.SCHEMA])
    [finding] = diagnostics
    assert finding.span is not None
    assert (finding.span.file, finding.span.start.line, finding.span.start.column) == ("all.yaml", 9, 6)


def test_items_of_a_list_are_objects() -> None:
    stream = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n"
    stream += "  metadata: {name: a}\n  spec: {port: 1}\n"
    diagnostics = Diagnostics()
    checked = validate_manifests(read_manifests(stream, "f"), ["1.35"], diagnostics, FilePlaces(), [Layer.SCHEMA])
    [finding] = diagnostics
    assert checked.objects == 1
    assert finding.span is not None
    assert (finding.message, finding.span.start.line) == ('unknown field "port"', 7)


def test_several_versions_are_named_where_they_differ() -> None:
    text = "apiVersion: flowcontrol.apiserver.k8s.io/v1beta3\nkind: FlowSchema\nmetadata: {name: a}\n"
    text += "spec: {priorityLevelConfiguration: {name: b}}\n"
    diagnostics = Diagnostics()
    checked = validate_manifests(read_manifests(text, "f"), ["1.30", "1.33", "1.35"], diagnostics, FilePlaces())
    assert checked.versions == ("1.30", "1.33", "1.35")
    [finding, deprecated] = sorted(diagnostics, key=lambda found: found.severity.rank)
    assert deprecated.message.endswith("and gone from 1.32 on (in Kubernetes 1.30)")
    api_version = "flowcontrol.apiserver.k8s.io/v1beta3"
    assert finding.message == f"there is no FlowSchema in {api_version} (in Kubernetes 1.33, 1.35)"


def test_a_version_without_schemas_is_an_error() -> None:
    diagnostics = Diagnostics()
    validate_manifests(read_manifests(OBJECTS["Service"], "f"), ["1.99"], diagnostics, FilePlaces(), [Layer.SCHEMA])
    [finding] = diagnostics
    assert (finding.code.id, finding.severity) == ("FH3020", Severity.ERROR)
    assert finding.hint.startswith("choose one from 1.")


def test_documents_that_are_no_objects() -> None:
    findings = found("- a\n---\nkind: [\n---\nfive\n", Layer.SCHEMA)
    assert [code for code, _, _ in findings] == ["FH3001"] * 3


def test_versions_are_known_from_the_installed_package() -> None:
    versions = list(available_versions())
    assert versions == sorted(versions, key=lambda version: int(version.partition(".")[2]))
    assert "1.35" in versions
    assert schemas_for("v1.35.2") is schemas_for("1.35") or schemas_for("v1.35.2") == schemas_for("1.35")
    assert schemas_for("1.5") is None


def _mutants(count: int) -> list[Any]:
    rng = random.Random(35)
    values = [None, True, -1, 1.5, "x", [], {}, [1], {"a": 1}]
    mutants = []
    for number in range(count):
        data: Any = copy.deepcopy(load(OBJECTS[list(OBJECTS)[number % len(OBJECTS)]]))
        here = data
        while isinstance(here, (dict, list)) and here:
            step = rng.choice(list(here) if isinstance(here, dict) else list(range(len(here))))
            if rng.random() < 0.3 or not isinstance(here[step], (dict, list)) or not here[step]:
                here[step] = rng.choice(values)
                if isinstance(here, dict) and rng.random() < 0.3:
                    here["unknown"] = here.pop(step)
                break
            here = here[step]
        mutants.append(data)
    return mutants


def test_both_compilers_say_the_same() -> None:
    """The fallback is the reference implementation of JSON Schema."""
    schemas = schemas_for("1.35")
    assert schemas is not None
    definitions = definitions_in((schemas.folder / "_definitions.json").read_bytes())
    fast, slow = FastCompiler(definitions), SlowCompiler(definitions)
    checks = {}
    for data in _mutants(150):
        key = (str(data.get("apiVersion")), str(data.get("kind")))
        schema = schemas.find(*key)
        if schema is None:
            continue
        if key not in checks:
            checks[key] = (fast.compile(schema.document), slow.compile(schema.document))
        one, other = (sorted(map(_comparable, check(data))) for check in checks[key])
        assert one == other
    assert len(checks) == len(OBJECTS)


def _comparable(violation: Violation) -> tuple[str, str, str]:
    wanted = sorted(violation.wanted) if isinstance(violation.wanted, list) else violation.wanted
    return (str(violation.path), violation.keyword, str(wanted))


def test_own_schemas_hold_no_prose() -> None:
    folder = Path(__file__).parents[2] / "generator" / "schemas"
    files = list(folder.glob("*/*.json"))
    assert files
    assert all('"description"' not in path.read_text() for path in files)
