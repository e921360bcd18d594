"""Every key of the language changes the field that its row says, and a mistake in it is one finding at its place."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from generator.compiler import Compilation, Options, compile_spec
from generator.diagnostics import Diagnostic, Diagnostics, Severity
from generator.spec.environment import ENVIRONMENT, Overrides
from generator.spec.model import SPEC
from generator.spec.shapes import Key, ListOf, MapOf, RecordOf, Shape
from generator.spec.workflow import KINDS
from generator.yamlio.manifests import load
from generator.yamlio.nodes import plain
from tests.charts import RELEASE, objects, write_files
from tests.keys import chart, services, tasks, workflows
from tests.keys.environments import CHANGES, Change
from tests.keys.rows import HEAD, MARK, MISSING, Entry, Placed, read, sections, value_at, whole_spec
from tests.systems import system_of

AROUND: tuple[Entry, ...] = (
    ("templates", "small", "workdir: /from/template"),
    ("services", "peer", "image: peer/peer:1, ports: {http: 8080, admin: 9000}"),
    ("services", "other", "image: other/other:1, ports: {http: 8080}"),
    ("workflows", "shared", "inputs: {order: {default: x}, list: {type: list, default: []}}, tasks: {t: {wait: 1s}}"),
    ("workflows", "simple", "tasks: {t: {wait: 1s}}"),
    ("services", "smaller", "image: x/y:1, extends: small"),
)
LIBRARY = HEAD + "workflows: {lent: {tasks: {t: {wait: 1s}}}}\n"
TABLES: Mapping[str, tuple[Placed, ...]] = {
    "services": services.PLACED,
    "tasks": tasks.PLACED,
    "workflows": workflows.PLACED,
}
ROWS = (*(placed for table in TABLES.values() for placed in table), *chart.PLACED)


class Table:
    """Rows in one spec, compiled and rendered once."""

    def __init__(self, folder: Path, placed: tuple[Placed, ...], helm: Path) -> None:
        text, self.named = whole_spec(placed, AROUND)
        compilation, self.findings, self.lines = compiled(folder, text)
        errors = [each for each in self.findings if each.severity is Severity.ERROR]
        assert errors == [], [(each.message, self.lines[line_of(each)]) for each in errors]
        assert compilation is not None
        self.readme = compilation.files["README.md"].decode()
        chart = write_files(compilation.files, folder / "chart")
        self.objects = objects(
            helm, chart, "--api-versions=monitoring.coreos.com/v1", "--api-versions=gateway.networking.k8s.io/v1"
        )

    def value(self, row: Placed, name: str) -> Any:
        """What stands where the row looks, in what the chart has of the entry of this name."""
        place, path = row.at
        if place == "finding":
            here = f"  {name}:"
            return sum(each.code.id == path and self.lines[line_of(each)].startswith(here) for each in self.findings)
        if place == "README.md":
            text = row.row.value.replace("NAME", name)
            return text if text in self.readme else MISSING
        return field(self.objects, place, path, name)


def field(found: Mapping[tuple[str, str], Any], place: str, path: str, name: str) -> Any:
    """A field of the object of an entry: of kind `Kind`, its name with what follows a slash, or that after `/=`."""
    kind, _, suffix = place.partition("/")
    full = suffix[1:] if suffix.startswith("=") else f"{RELEASE}-keys-{name}{suffix}"
    data = found.get((kind, full.replace("NAME", name)))
    return MISSING if data is None else value_at(data, path.replace("NAME", name))


def compiled(folder: Path, text: str) -> tuple[Compilation | None, list[Diagnostic], list[str]]:
    """The compilation of a spec in the folder, what was found, and the spec's lines."""
    (folder / "beside.txt").write_text("beside\n")
    (folder / "library.yaml").write_text(LIBRARY)
    path = folder / "spec.yaml"
    path.write_text(text)
    found = Diagnostics()
    return compile_spec(path, Options(folder), found), list(found), text.splitlines()


def line_of(finding: Diagnostic) -> int:
    """The number of a finding's line, from 0."""
    return finding.span.start.line - 1 if finding.span else -1


def parts(placed: tuple[Placed, ...]) -> Iterator[tuple[Placed, ...]]:
    """Rows for one chart each: Helm takes much longer to check the values of a chart that is twice as large."""
    rows = tuple(each for each in placed if each.row.says)
    yield from (rows[start : start + 64] for start in range(0, len(rows), 64))


PARTS = {f"{name}-{number}": part for name, table in TABLES.items() for number, part in enumerate(parts(table))}


@pytest.mark.parametrize("part", PARTS)
def test_every_key_changes_the_field_that_its_row_says(part: str, tmp_path: Path, helm4: Path) -> None:
    table = Table(tmp_path, PARTS[part], helm4)
    wrong = []
    for each in table.named:
        row = each.placed
        expected = named(row.row.value, each.name)
        found, without = table.value(row, each.name), table.value(row, each.other)
        if found != expected or type(found) is not type(expected):
            wrong.append(f"{row.key} ({row.row.says}): {row.at} is {found!r}, not {expected!r}")
        elif without == named(row.row.value, each.other):
            wrong.append(f"{row.key} ({row.row.says}): {row.at} is {expected!r} without it too")
    assert wrong == [], "\n" + "\n".join(wrong)


def named(value: Any, name: str) -> Any:
    """The expected value with the entry's name in it."""
    return value.replace("NAME", name) if isinstance(value, str) else value


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("stage", ["language", "meaning"])
def test_a_mistake_in_a_key_is_one_finding_at_its_place(name: str, stage: str, tmp_path: Path) -> None:
    rows = [row for row in TABLES[name] if row.row.code.startswith("FH1") is (stage == "language")]
    entries = [(row.place.section, f"{row.place.section[0]}{number}", row.wrong) for number, row in enumerate(rows)]
    text = HEAD + sections([*AROUND, *((section, name, wrong[0]) for section, name, wrong in entries)])
    _, findings, lines = compiled(tmp_path, text)
    by_line: dict[int, list[Diagnostic]] = {}
    for each in findings:
        if each.severity is not Severity.INFO:
            by_line.setdefault(line_of(each), []).append(each)
    trouble = []
    for row, (_, name, (wrong, offset)) in zip(rows, entries, strict=True):
        start = f"  {name}: {{"
        line = next(number for number, line in enumerate(lines) if line.startswith(start))
        column = len(start) + len(wrong[:offset].replace("NAME", name)) + 1
        found = [(each.code.id, each.span.start.column if each.span else 0) for each in by_line.pop(line, [])]
        if found != [(row.row.code, column)]:
            trouble.append(f"{row.key}: {row.row.wrong} gives {found}, not {[(row.row.code, column)]}")
    assert trouble == [], "\n" + "\n".join(trouble)
    assert by_line == {}, "findings outside of the rows"


@pytest.mark.parametrize("placed", [each for each in chart.PLACED if each.row.says], ids=lambda each: each.key)
def test_a_key_of_the_whole_spec_changes_the_file_that_its_row_says(placed: Placed, tmp_path: Path) -> None:
    file, path = placed.at
    if file == "none":
        return
    seen = []
    for text in (placed.says, placed.without):
        compilation, findings, _ = compiled(tmp_path, f"{{{text}}}")
        assert compilation is not None, [each.message for each in findings]
        if file == "finding":
            seen.append(sum(each.code.id == path for each in findings))
        else:
            seen.append(value_at(load(compilation.files.get(file, b"{}").decode()), path))
    assert seen[0] == placed.row.value
    assert seen[0] != seen[1]


@pytest.mark.parametrize("placed", chart.PLACED, ids=lambda each: each.key)
def test_a_mistake_in_a_key_of_the_whole_spec_is_one_finding(placed: Placed, tmp_path: Path) -> None:
    text, offset = placed.wrong
    _, findings, _ = compiled(tmp_path, f"{{{text}}}")
    errors = [each for each in findings if each.severity is not Severity.INFO]
    assert [(each.code.id, each.span and each.span.start.column) for each in errors] == [(placed.row.code, offset + 2)]


def test_what_a_template_says_arrives_as_if_the_service_said_it(tmp_path: Path) -> None:
    rows = [row for row in services.PLACED if row.row.says and row.row.key not in ("extends", "image")]
    entries = [("services", f"s{number}", row.says) for number, row in enumerate(rows)]
    direct, _, _ = compiled(tmp_path, HEAD + sections([*AROUND, *entries]))
    extending = [("services", name, f"extends: {name}-t") for _, name, _ in entries]
    templates = [("templates", f"{name}-t", text.replace("NAME", name)) for _, name, text in entries]
    by_template, findings, _ = compiled(tmp_path, HEAD + sections([*AROUND, *templates, *extending]))
    assert direct is not None
    assert by_template is not None, [each.message for each in findings]
    assert differing(direct, by_template) == []


def differing(one: Compilation, other: Compilation) -> list[str]:
    """The files in which two charts differ."""
    return sorted(path for path in {**one.files, **other.files} if one.files.get(path) != other.files.get(path))


@pytest.mark.parametrize("missing", [False, True], ids=["wrong", "missing"])
def test_a_mistake_in_a_template_is_one_finding(missing: bool, tmp_path: Path) -> None:
    """At its place; what is missing is only known when the service that extends it has been read."""
    codes = ("FH1003",) if missing else ("FH1",)
    rows = [row for row in services.PLACED if row.row.code.startswith(codes) and (row.row.code == "FH1003") is missing]
    entries = [("templates", f"t{number}", row.wrong[0]) for number, row in enumerate(rows)]
    users = [("services", f"s{number}", f"image: x/y:1, extends: t{number}") for number in range(len(rows))]
    _, findings, lines = compiled(tmp_path, HEAD + sections([*AROUND, *entries, *users]))
    expected = {f"  t{number}": row for number, row in enumerate(rows)}
    found = Counter((lines[line_of(each)].partition(":")[0], each.code.id) for each in findings)
    assert found == Counter((name, row.row.code) for name, row in expected.items())


@pytest.mark.parametrize("section", ["services", "tasks"])
def test_what_defaults_say_is_merged_under_each(section: str) -> None:
    wrong = []
    for row in TABLES[section]:
        if row.row.says and row.row.key != "extends" and ".on_exit." not in row.key:
            said = entry(row.says, section)
            own = {key: value for key, value in said.items() if key in KINDS}  # each task says itself what it does
            if merged_over(said, own, section) != said:
                wrong.append(row.key)
    assert wrong == []


def entry(flow: str, section: str) -> Any:
    """The service or task that an entry of the spec is about."""
    tree = read(flow.replace("NAME", "web"))
    return tree if section == "services" else tree["tasks"]["t"]


def merged_over(defaults: Any, own: Any, section: str) -> Any:
    """What a service or task says when it says `own` itself and `defaults` is under all of them."""
    whole = {"services": {"web": own}} if section == "services" else {"workflows": {"w": {"tasks": {"t": own}}}}
    tree = {"flowhelm": "v1", "name": "keys", "version": "1.0.0", "defaults": defaults, **whole}
    system = system_of(json.dumps(tree), Diagnostics(), head="")
    record = system.services["web"] if section == "services" else system.workflows["w"].tasks["t"]
    return plain(record.spec.node)


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory, helm4: Path) -> tuple[Any, Any, Any]:
    """The values of an environment with all changes, and the objects without and with them."""
    folder = tmp_path_factory.mktemp("environments")
    entries = [(each.section, f"e{number}", each.says) for number, each in enumerate(CHANGES)]
    overrides: dict[str, str] = {}
    for number, each in enumerate(CHANGES):
        entry = f"      e{number}: {{{each.changed.replace('NAME', f'e{number}')}}}\n"
        overrides[each.section] = overrides.get(each.section, "") + entry
    over = "".join(f"    {section}:\n{text}" for section, text in overrides.items())
    compilation, findings, _ = compiled(folder, f"{HEAD}{sections(entries)}environments:\n  prod:\n{over}")
    assert compilation is not None, [each.message for each in findings]
    path = write_files(compilation.files, folder / "chart")
    values = load(compilation.files["values-prod.yaml"].decode())
    return values, objects(helm4, path), objects(helm4, path, f"--values={path / 'values-prod.yaml'}")


@pytest.mark.parametrize("number", range(len(CHANGES)), ids=lambda number: CHANGES[number].pattern)
def test_an_environment_changes_a_value_and_the_field_behind_it(number: int, changed: tuple[Any, Any, Any]) -> None:
    change, name = CHANGES[number], f"e{number}"
    values, plain, prod = changed
    assert value_at(values, f"{change.section}.{name}.{change.values}") == named(change.value, name)
    place, _, path = change.at.partition(" ")
    assert field(prod, place, path, name) == named(change.seen, name)
    assert field(plain, place, path, name) != named(change.seen, name)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.pattern)
def test_a_mistake_in_an_environment_is_one_finding_at_its_place(change: Change, tmp_path: Path) -> None:
    start = f"environments: {{e: {{{change.section}: {{a: {{"
    wrong = change.wrong.replace("NAME", "a")
    line = start + wrong.replace(MARK, "") + "}}}}"
    _, findings, lines = compiled(tmp_path, HEAD + sections([(change.section, "a", change.says)]) + line)
    errors = [each for each in findings if each.severity is Severity.ERROR]
    found = [(each.code.id, line_of(each), each.span and each.span.start.column) for each in errors]
    assert found == [(change.code, len(lines) - 1, len(start) + wrong.index(MARK) + 1)]


def test_every_pattern_of_an_environment_has_a_row() -> None:
    assert sorted(ENVIRONMENT.paths()) == sorted({change.pattern for change in CHANGES})


def test_every_key_of_the_language_has_a_row() -> None:
    rows = {row.key for row in ROWS}
    # The test of templates renders each row of services once more.
    rows |= {key.replace("services.", "templates.", 1) for key in rows if key.startswith("services.")}
    # And the test of defaults merges each under a service or task.
    starts = ("services.*.", "workflows.*.tasks.*.")
    rows |= {f"defaults.{key.removeprefix(start)}" for start in starts for key in rows if key.startswith(start)}
    keys = dict(all_keys(SPEC))
    del keys["defaults.extends"]  # each service says for itself what it extends
    rows.remove("defaults.extends")
    assert sorted(keys.keys() - rows) == [], "keys without a row"
    assert sorted(rows - keys.keys()) == [], "rows without a key"
    refused = {key for key, declared in keys.items() if declared.later}
    derived = ("templates.", "defaults.")
    assert {row.key for row in ROWS if not row.row.says} == {key for key in refused if not key.startswith(derived)}


def all_keys(shape: Shape[Any], path: str = "", seen: tuple[Any, ...] = ()) -> Iterator[tuple[str, Key]]:
    """Every key that can be reached from a shape, by its path; what environments override has rows of its own."""
    if isinstance(shape, Overrides):
        return
    if isinstance(shape, RecordOf):
        if shape.record in seen:
            return
        for name, (_, declared) in shape.keys.items():
            here = f"{path}.{name}" if path else name
            yield here, declared
            yield from all_keys(declared.shape, here, (*seen, shape.record))
    sign = "[]" if isinstance(shape, ListOf) else ".*" if isinstance(shape, MapOf) else ""
    for inner in shape.inside:
        yield from all_keys(inner, path + sign, seen)
