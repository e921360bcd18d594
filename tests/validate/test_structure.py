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
from generator.validate.model import Layer
from generator.validate.places import FilePlaces
from generator.validate.schemas import available_versions, schemas_for
from generator.validate.validator import validate_manifests
from generator.yamlio.manifests import load
from tests.validate.objects import GONE, OBJECTS, changed, found

CONTAINER = "spec.template.spec.containers[0]"

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
    ("Secret", "data", {"tls.key": 5}, "FH3011", 'data["tls.key"]', "tls.key must be a text, but is another type"),
    ("ServiceMonitor", "spec.endpoints[0].interval", "30", "FH3013", "spec.endpoints[0].interval", "interval must mat"),
    ("ServiceMonitor", "spec.endpoints[0].scheme", "HTTP", "FH3013", "spec.endpoints[0].scheme",
     'scheme must be one of http, https, but is the text "HTTP"'),
    ("ServiceMonitor", "spec.endpoints[0].tlsConfig", {"insecure": True}, "FH3010",
     "spec.endpoints[0].tlsConfig.insecure", 'unknown field "insecure"'),
    ("PodMonitor", "spec.podMetricsEndpoints[0].portNumber", 0, "FH3013", "spec.podMetricsEndpoints[0].portNumber",
     "portNumber must be at least 1, but is the number 0"),
    ("PrometheusRule", "spec.groups[0].rules[0].expr", GONE, "FH3012", "spec.groups[0].rules[0]",
     'item 1 of rules needs the field "expr"'),
    ("PrometheusRule", "spec.groups", None, "FH3005", "spec.groups", "groups is empty (null)"),
]
# fmt: on


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
    assert _hint(changed("Ingress", "apiVersion", "extensions/v1beta1")) == "write `apiVersion: networking.k8s.io/v1`"
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
    [finding] = diagnostics
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
    definitions = json.loads((schemas.folder / "_definitions.json").read_bytes())
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
