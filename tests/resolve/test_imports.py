"""Libraries: what they bring, what they are called, and where they end."""

from pathlib import Path

import pytest

from generator.diagnostics import Diagnostics
from generator.resolve.imports import MAX_DEPTH, MAX_FILES
from generator.resolve.model import System
from generator.resolve.resolver import resolve
from generator.source import Loader, read_source
from generator.spec.parser import parse_spec
from generator.yamlio.reader import read_spec_text

HEAD = "flowhelm: v1\nname: it\nversion: 1.0.0\n"
PING = "workflows: {ping: {tasks: {ping: {run: {image: 'shop/ping:1.0.0', args: [a]}}}}}\n"


def system_in(folder: Path, **files: str) -> tuple[System, list[str]]:
    """The system of spec.yaml in a folder with these files, and the codes of what was found."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(HEAD + text)
    found, path = Diagnostics(), folder / "spec.yaml"
    source = read_source(path, found)
    assert source
    root = read_spec_text(source.data, source.shown, found)
    spec = parse_spec(root, found) if root else None
    assert spec, [finding.message for finding in found]
    return resolve(spec, Loader(path, folder), found), [finding.code.id for finding in found]


def test_workflows_are_called_by_the_aliases_on_the_shortest_way(tmp_path: Path) -> None:
    """`common` is imported by two libraries and by the spec: it is read once, and has the spec's alias."""
    system, found = system_in(
        tmp_path,
        common=PING,
        a="imports: {c: common.yaml, d: deep.yaml}\n"
        "workflows: {go: {tasks: {one: {workflow: c.ping}, two: {workflow: d.ping}}}}\n",
        b="imports: {x: common.yaml}\nworkflows: {go: {tasks: {one: {workflow: x.ping}}}}\n",
        deep=PING,
        spec="imports: {b: b.yaml, a: a.yaml, common: common.yaml}\n"
        "workflows: {go: {tasks: {a: {workflow: a.go}, b: {workflow: b.go}, c: {workflow: common.ping}}}}\n",
    )
    assert found == []
    assert sorted(system.workflows) == ["a-d-ping", "a-go", "b-go", "common-ping", "go"]
    assert list(system.startable) == ["go"]


def test_only_what_is_reused_comes_into_the_system(tmp_path: Path) -> None:
    """A workflow of a library that nobody uses may even be wrong."""
    system, found = system_in(
        tmp_path,
        lib=PING.rstrip("}\n") + "}}}}, wrong: {tasks: {a: {needs: [b], run: {image: a}}}}}\n",
        spec="imports: {lib: lib.yaml}\nworkflows: {go: {tasks: {ping: {workflow: lib.ping}}}}\n",
    )
    assert (sorted(system.workflows), found) == (["go", "lib-ping"], [])


def test_defaults_stay_in_their_file(tmp_path: Path) -> None:
    """The spec's do not reach imported workflows, the library's own do (rulings L09)."""
    system, found = system_in(
        tmp_path,
        lib="defaults: {timeout: 5m}\n" + PING,
        spec="imports: {lib: lib.yaml}\ndefaults: {timeout: 7m}\n"
        "workflows: {go: {tasks: {ping: {workflow: lib.ping}}}}\n",
    )
    timeouts = {
        name: [task.spec.timeout.text for task in each.all_tasks() if task.spec.timeout]
        for name, each in system.workflows.items()
    }
    assert (timeouts, found) == ({"go": ["7m"], "lib-ping": ["5m"]}, [])


def test_files_are_relative_to_the_library_that_names_them(tmp_path: Path) -> None:
    library = tmp_path / "lib"
    library.mkdir()
    (library / "a.conf").write_text("of the library")
    (tmp_path / "a.conf").write_text("of the spec")
    system, found = system_in(
        tmp_path,
        **{
            "lib/files": "templates: {web: {files: {/lib: {from: a.conf}}}}\nworkflows: {ping: {tasks: {ping: "
            "{run: {image: 'shop/ping:1.0.0'}, files: {/lib: {from: a.conf}}}}}}\n",
            "spec": "imports: {lib: lib/files.yaml}\n"
            "services: {web: {extends: lib.web, image: 'shop/web:1.0.0', files: {/own: {from: a.conf}}}}\n"
            "workflows: {go: {tasks: {ping: {workflow: lib.ping}}}}\n",
        },
    )
    files = system.services["web"].spec.files
    task = system.workflows["lib-ping"].tasks["ping"].spec.files
    assert found == []
    assert system.content(files["/own"]) == b"of the spec"
    assert system.content(files["/lib"]) == system.content(task["/lib"]) == b"of the library"


def test_a_workflow_is_one_for_all_services_it_is_given(tmp_path: Path) -> None:
    """Its pod may go to each of them; a run's calls only to the one that this run gives."""
    system, found = system_in(
        tmp_path,
        lib="workflows: {ask: {inputs: {it: {type: service}}, tasks: {"
        "call: {call: {service: '${{ inputs.it }}', get: /}}, "
        "run: {run: {image: 'shop/a:1.0.0', args: ['${{ inputs.it.url }}']}}}}}\n",
        spec="imports: {lib: lib.yaml}\n"
        "services: {a: {image: 'a:1', ports: {http: 80}}, b: {image: 'a:1', ports: {http: 80}}}\n"
        "workflows: {one: {tasks: {ask: {workflow: lib.ask, with: {it: '${{ services.a }}'}}}},"
        " two: {tasks: {ask: {workflow: lib.ask, with: {it: '${{ services.b }}'}}}}}\n",
    )
    assert found == []
    assert {edge.service for edge in system.workflows["lib-ask"].tasks["run"].edges} == {"a", "b"}
    for name, service in (("one", "a"), ("two", "b")):
        ways = {(workflow, task, edge.service) for workflow, task, edge in system.workflows[name].communications()}
        assert ways == {(name, "", service), ("lib-ask", "run", service)}


def chain(length: int) -> dict[str, str]:
    """Libraries l1, l2 … that import the next one each."""
    links = {f"l{index}": f"imports: {{next: l{index + 1}.yaml}}\ntemplates: {{}}\n" for index in range(1, length)}
    return {**links, f"l{length}": "templates: {}\n", "spec": "imports: {next: l1.yaml}\ntemplates: {}\n"}


@pytest.mark.parametrize(("length", "codes"), [(MAX_DEPTH, []), (MAX_DEPTH + 1, ["FH2113"])])
def test_libraries_may_import_each_other_up_to_a_depth(tmp_path: Path, length: int, codes: list[str]) -> None:
    assert [code for code in system_in(tmp_path, **chain(length))[1] if code != "FH2115"] == codes


@pytest.mark.parametrize(("count", "codes"), [(MAX_FILES, []), (MAX_FILES + 5, ["FH2113"])])
def test_so_many_files_may_be_imported_and_no_more(tmp_path: Path, count: int, codes: list[str]) -> None:
    files = {f"l{index}": "templates: {}\n" for index in range(count)}
    imports = ", ".join(f"l{index}: l{index}.yaml" for index in range(count))
    found = system_in(tmp_path, **files, spec=f"imports: {{{imports}}}\ntemplates: {{}}\n")[1]
    assert [code for code in found if code != "FH2115"] == codes


def test_a_library_behind_a_link_out_of_the_root_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "outside.yaml").write_text(HEAD + PING)
    (root / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (root / "within.yaml").write_text(HEAD + PING)
    (root / "again.yaml").symlink_to(root / "within.yaml")
    found = system_in(
        root,
        spec="imports: {out: link.yaml, one: within.yaml, two: again.yaml}\n"
        "workflows: {go: {tasks: {a: {workflow: out.ping}, b: {workflow: one.ping}, c: {workflow: two.ping}}}}\n",
    )[1]
    assert found == ["FH0102", "FH2114"]
