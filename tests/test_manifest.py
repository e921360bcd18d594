"""Streams of documents as objects."""

from generator.manifest import Broken, path_text, read_manifests

SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: shop}\n"


def test_each_object_knows_its_template_and_line() -> None:
    stream = f"---\n# Source: shop/charts/db/templates/a.yaml\n{SERVICE}---\n# Source: shop/crds/b.yaml\n{SERVICE}"
    first, second = read_manifests(stream, values_file="v.yaml").objects
    assert (first.source, first.line, first.values_file) == ("charts/db/templates/a.yaml", 2, "v.yaml")
    assert (second.source, second.line) == ("crds/b.yaml", 7)
    assert str(first.ref) == "Service a"
    assert first.ref.namespace == "shop"


def test_a_file_is_the_source_of_what_stands_in_it() -> None:
    [found] = read_manifests(f"# Source: not/this\n{SERVICE}", "dir/file.yaml").objects
    assert found.source == "dir/file.yaml"


def test_a_list_counts_as_its_items() -> None:
    found = read_manifests("apiVersion: v1\nkind: List\nitems:\n- {kind: A}\n- {kind: B}\n", "f").objects
    assert [(item.ref.kind, item.root) for item in found] == [("A", ("items", 0)), ("B", ("items", 1))]


def test_what_is_no_object_is_broken() -> None:
    found = read_manifests("a: 1\n---\n- b\n---\nc: [\n---\n7\n", "f")
    assert len(found.objects) == 1
    assert found.broken == (
        Broken("the document is a list, not an object", "f", 3, is_other=True),
        Broken("did not find expected node content, while parsing a flow node", "f", 6, 1, text="c: [\n"),
        Broken("the document is the value 7, not an object", "f", 7, is_other=True),
    )


def test_hooks_are_known_by_their_annotation() -> None:
    hook = SERVICE.replace("{name: a", "{annotations: {helm.sh/hook: test}, name: a")
    assert [item.is_hook for item in read_manifests(f"{SERVICE}---\n{hook}").objects] == [False, True]


def test_two_renderings_can_be_added() -> None:
    both = read_manifests(SERVICE) + read_manifests("- a")
    assert (len(both.objects), len(both.broken)) == (1, 1)


def test_paths_as_text() -> None:
    assert path_text(("spec", "ports", 0, "name")) == "spec.ports[0].name"
    assert path_text(("metadata", "labels", "a.b/c")) == 'metadata.labels["a.b/c"]'
    assert path_text((0, "$ref")) == "[0].$ref"
    assert path_text(()) == ""
