"""Where findings on rendered objects are shown."""

from generator.chart.model import Origin, Origins
from generator.diagnostics import Diagnostics, Span
from generator.manifest import Broken, Manifest, read_manifests
from generator.validate.model import Layer
from generator.validate.places import ChartPlaces, FilePlaces
from generator.validate.validator import validate_manifests

TEMPLATE = """\
{{- if .Values.web }}
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  ports:
    - name: http
      port: {{ .Values.port }}
{{- end }}
"""
RENDERED = """\
---
# Source: shop/templates/web.yaml
apiVersion: v1
kind: Service
metadata: {name: r, labels: {a.b/c: d}}
spec: {ports: [{name: http, port: 0}]}
"""
MANIFEST = read_manifests(RENDERED).objects[0]


def test_the_longest_known_prefix_leads_to_the_spec() -> None:
    port, all_of_it = Span.at("spec.yaml", 9, 7, 4), Span.at("spec.yaml", 3, 1, 3)
    places = ChartPlaces("out", Origins({"templates/web.yaml": Origin(all_of_it, {"spec.ports[0]": port})}))
    assert places.of(MANIFEST, ("spec", "ports", 0, "port")) == port
    assert places.of(MANIFEST, ("spec", "type")) == all_of_it
    assert places.of_broken(Broken("x", "templates/web.yaml", 4)) == all_of_it


def test_a_template_of_somebody_else_is_searched_for_the_keys() -> None:
    places = ChartPlaces("charts/shop", read={"templates/web.yaml": TEMPLATE}.get)
    assert places.of(MANIFEST, ("spec", "ports", 0, "port")) == Span.at("charts/shop/templates/web.yaml", 8, 7, 4)
    assert places.of(MANIFEST, ("spec", "ports", 0)) == Span.at("charts/shop/templates/web.yaml", 6, 3, 5)
    assert places.of(MANIFEST, ("spec", "selector")) == Span.at("charts/shop/templates/web.yaml", 5, 1, 4)
    assert places.of(MANIFEST, ()) == Span.at("charts/shop/templates/web.yaml", 1, 1)
    assert ChartPlaces("charts/shop").of(MANIFEST, ("spec",)) == Span.at("charts/shop/templates/web.yaml", 1, 1)


def test_files_have_lines_of_their_own() -> None:
    manifest = Manifest(MANIFEST.data, "all.yaml", 40, text=MANIFEST.text)
    assert FilePlaces().of(manifest, ("spec", "ports", 0, "port")) == Span.at("all.yaml", 44, 29, 4)


def test_a_finding_of_a_rendering_is_at_the_users_line_and_names_the_values() -> None:
    origins = Origins({"templates/web.yaml": Origin(Span.at("spec.yaml", 3, 1))})
    diagnostics = Diagnostics()
    manifests = read_manifests(RENDERED, values_file="values-prod.yaml")
    checked = validate_manifests(manifests, ["1.35"], diagnostics, ChartPlaces("out", origins), [Layer.API])
    [finding] = diagnostics
    assert (finding.span, finding.values_file) == (Span.at("spec.yaml", 3, 1), "values-prod.yaml")
    assert (checked.files, checked.objects, checked.not_checked) == (1, 1, {})


def test_what_is_the_same_in_two_renderings_is_looked_at_once() -> None:
    both = read_manifests(RENDERED) + read_manifests(RENDERED, values_file="values-prod.yaml")
    diagnostics = Diagnostics()
    checked = validate_manifests(both, ["1.35"], diagnostics, ChartPlaces("out"))
    assert checked.objects == 1
    assert [finding.code.id for finding in diagnostics] == ["FH3104"]


def test_references_are_followed_within_each_rendering() -> None:
    account = "---\n# Source: c/templates/a.yaml\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n"
    binding = (
        "---\n# Source: c/templates/b.yaml\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\n"
        "metadata: {name: b}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}\n"
        "subjects: [{kind: ServiceAccount, name: a}]\n"
    )
    manifests = read_manifests(account + binding) + read_manifests(binding, values_file="values-prod.yaml")
    diagnostics = Diagnostics()
    validate_manifests(manifests, ["1.35"], diagnostics, ChartPlaces("out"))
    [finding] = diagnostics
    assert (finding.code.id, finding.values_file) == ("FH3410", "values-prod.yaml")
