"""Every text of the user's own choice, filled with what may mean something to a template, a shell, YAML or a browser.

Each text either is refused, at its place, or reaches the rendered objects exactly as it was written. All texts of a
spec are tried at once: what a harmless text becomes everywhere in the chart, the hostile one in its place must become.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.chart.model import FileSet
from generator.compiler import KUBE_VERSION, Compilation, Options, compile_spec, verify
from generator.diagnostics import Diagnostic, Diagnostics, Severity, Span
from generator.render.engine import Engine
from generator.render.renderer import Settings, render
from generator.spec.call import REQUEST_PATH, STEP
from generator.spec.formats import CONSTANT, DATA, DYNAMIC, JSON, MAPPING, PATH, TEXT, URL_PATH
from generator.spec.model import SPEC
from generator.spec.objects import EXTRA, PATCH, VALUES
from generator.spec.parser import parse_spec
from generator.spec.service import SERVICE
from generator.spec.shapes import Either, Key, ListOf, MapOf, Reading, RecordOf, Shape
from generator.spec.workflow import TASK, WORKFLOW
from generator.write.temporary import temporary_folder
from generator.yamlio.nodes import Node, plain
from generator.yamlio.reader import read_spec_text
from tests.hostile.full_spec import Free, filled, full_spec, texts, without, written

TEXTS = {
    "go-template": '{{ .Values.x }}{{- end }}{{ fail "x" }}{{ include "shop.fullname" . }}',
    "go-unbalanced": '{{ `}} {{"{{"}} -}} {{- if true }}',
    "flowhelm-lookalike": "$ {{ inputs.order }} $ {{x}} ${x} $[x] {{inputs.parameters.x}} {{=sprig.env('HOME')}}",
    "jinja": "[[ config ]] [% for x in y %] [# hidden #] {% raw %} {# x #}",
    "shell": "'; reboot; \" `reboot` && $HOME ${HOME:-x} | tee > /dev/null \\",
    "kubernetes-expansion": "$(HOME) $$(HOME) $$$(HOME) $ ( $) $$ $(",
    "yaml": "--- # x: y\n- &a !!python/object *a\n... |+ >- ? @ % ` null yes 0755 1e3 'q' \"q\"",
    "breaks": "one\n\n  two \n\tthree\n\n",
    "unicode": "é 日本 😀 \u202e right-to-left \u00a0",
    "controls": "a\ufeffb\u0007c",
    "line-separators": "a\u2028b\u2029c",
    "markup": "<script>alert(1)</script> | a | b | [x](javascript:x) ![](x) **b** &amp; ```",
    "spaces": "   ",
    "long": "x" * 3000,
}

# Names that mean something only within one pod.
INTERNAL = (
    ("items", "[]", "key"),
    ("items", "[]", "path"),
    ("volumes", "[]", "name"),
    ("volumeMounts", "[]", "name"),
)

MARK = re.compile(r"zq\d{3,}qz")


class Kitchen:
    """Compiles the full spec with texts in it, and takes back the texts that are refused until the rest is taken."""

    def __init__(self, folder: Path, helm: Path) -> None:
        self.folder = folder
        self.engine = Engine((str(helm),), "4.3.1")
        (folder / "beside.txt").write_text("beside")

    def compile(self, spec: Any, text_of: dict[Free, str]) -> tuple[Compilation | None, list[Diagnostic], list[str]]:
        path = self.folder / "spec.yaml"
        text = written(filled(spec, text_of.__getitem__))
        path.write_text(text)
        found = Diagnostics()
        compilation = compile_spec(path, Options(self.folder), found)
        if compilation and not found.has_errors:
            verify(compilation, found, helm=self.engine.program[0])
        errors = [each for each in found if each.severity is Severity.ERROR]
        return compilation, errors, text.splitlines()

    def accepted(self, spec: Any, text_of: dict[Free, str]) -> tuple[Compilation, Any, set[Free]]:
        """The compilation with all texts that are taken; the spec without the others; what was refused."""
        by_mark = {each.mark: each for each in texts(spec)}
        text_of = dict(text_of)
        refused: set[Free] = set()
        for _ in range(8):
            compilation, errors, lines = self.compile(spec, text_of)
            if not errors:
                assert compilation is not None
                return compilation, spec, refused
            guilty = {by_mark[mark] for error in errors for mark in blamed(error, lines)}
            assert guilty, [(error.message, error.span) for error in errors]
            for each in (each for each in guilty if each.sound):
                text_of[each] = each.sound
            refused |= guilty
            spec = without(spec, frozenset(each for each in guilty if not each.sound))
        pytest.fail("errors do not come to an end")

    def objects(self, files: FileSet) -> list[Any]:
        with temporary_folder(files) as folder:
            found = Diagnostics()
            rendering = render(folder, Settings(KUBE_VERSION), self.engine, found)
            assert rendering is not None, list(found)
            return [each.data for each in rendering.manifests.objects]


def blamed(error: Diagnostic, lines: list[str]) -> set[str]:
    """The texts that an error is about: the one at its line, or, in a rendered object, the one that it names."""
    assert error.span is not None, error.message
    assert 1 <= error.span.start.line <= len(lines), error
    line = lines[error.span.start.line - 1]
    assert error.span.start.column <= len(line) + 1, error
    at_line = set(MARK.findall(line))
    if error.subject is None:
        assert at_line, f"{error.message}: not at line {error.span.start.line}, {line!r}"
        return at_line
    return at_line or set(MARK.findall(error.message + error.path))


def comparable(value: Any, exchange: dict[str, str], place: tuple[str, ...] = ()) -> Any:
    """A tree without checksums, JSON texts as what they hold, what Kubernetes will expand as it will be."""
    if isinstance(value, dict):
        return {
            internal(key) if place == ("data",) else exchanged(key, exchange): comparable(item, exchange, (*place, key))
            for key, item in value.items()
            if not key.startswith("checksum/")
        }
    if isinstance(value, list):
        return [comparable(item, exchange, (*place, "[]")) for item in value]
    if not isinstance(value, str):
        return value
    if place[0] == "data" and "json" not in place and value.startswith("{"):
        return comparable(json.loads(value), exchange, (*place, "json"))
    if place[-1:] in (("subPath",), ("app.kubernetes.io/version",)) or place[-3:] in INTERNAL:
        return internal(value)
    if "json" not in place and (place[-3:] == ("env", "[]", "value") or place[-2:-1] in (("command",), ("args",))):
        return exchanged(expanded(value), exchange)
    return exchanged(value, exchange)


def exchanged(text: str, exchange: dict[str, str]) -> str:
    return MARK.sub(lambda found: exchange.get(found[0], found[0]), text)


def internal(key: str) -> str:
    """A name that only the chart itself uses, or a text cut to fit a label: what follows the mark may be anything."""
    return re.sub(f"({MARK.pattern}).*", r"\1", key, flags=re.S)


def expanded(text: str) -> str:
    """What the kubelet makes of a text in which every `$(` is escaped."""
    assert not re.search(r"(?<!\$)(?:\$\$)*\$\(", text), text
    return text.replace("$$", "$")


@pytest.fixture(scope="module")
def kitchen(tmp_path_factory: pytest.TempPathFactory, helm4: Path) -> Kitchen:
    return Kitchen(tmp_path_factory.mktemp("kitchen"), helm4)


@pytest.fixture(scope="module")
def plain_spec(kitchen: Kitchen) -> Any:
    """The full spec without the texts of which even a harmless one must mean something: names of tasks, ports…"""
    spec = full_spec()
    _, left, refused = kitchen.accepted(spec, {each: each.harmless for each in texts(spec)})
    assert len(refused) < len(list(texts(spec))) / 4
    return left


@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_is_refused_at_its_place_or_arrives_as_it_is(kind: str, kitchen: Kitchen, plain_spec: Any) -> None:
    hostile = {each: each.harmless + TEXTS[kind] for each in texts(plain_spec)}
    compilation, spec, refused = kitchen.accepted(plain_spec, hostile)
    left = set(texts(spec)) - refused
    assert len(left) > 50, "most texts are free"
    harmless = {each: each.sound if each in refused else each.harmless for each in texts(spec)}
    plain, errors, _ = kitchen.compile(spec, harmless)
    assert plain is not None
    assert not errors
    exchange = {each.mark: each.mark + TEXTS[kind] for each in left}
    expected = [comparable(each, exchange) for each in kitchen.objects(plain.files)]
    found = [comparable(each, {}) for each in kitchen.objects(compilation.files)]
    assert found == expected
    card, plain_card = (yaml.safe_load(each.files["Chart.yaml"]) for each in (compilation, plain))
    assert card == comparable(plain_card, exchange, ("",))


def test_the_full_spec_has_a_text_at_every_key_that_takes_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found: set[tuple[str, str]] = set()
    read = RecordOf._value

    def noted(shape: RecordOf[Any], declared: Key, node: Node, span: Span, reading: Reading) -> object:
        if MARK.search(repr(plain(node))):
            found.add((shape.record.__name__, declared.name))
        return read(shape, declared, node, span, reading)

    monkeypatch.setattr(RecordOf, "_value", noted)
    spec = full_spec()
    root = read_spec_text(written(filled(spec, lambda each: each.harmless)).encode(), "spec.yaml", Diagnostics())
    assert root is not None
    parse_spec(root, Diagnostics())
    roots = (SPEC, SERVICE, WORKFLOW, TASK, STEP)
    takers = {pair for shape in roots for pair in free_keys(shape)}
    assert len(takers) > 50
    assert takers - found == set()


def free_keys(shape: Shape[Any], seen: tuple[Any, ...] = ()) -> Iterator[tuple[str, str]]:
    """Record and key of every text of the user's own choice in the language."""
    if isinstance(shape, RecordOf):
        if shape.record in seen:
            return
        for name, (_, declared) in shape.keys.items():
            if not declared.later:
                if is_free(declared.shape):
                    yield shape.record.__name__, name
                yield from free_keys(declared.shape, (*seen, shape.record))
    for part in ("item", "value", "short", "long"):
        if isinstance(inner := getattr(shape, part, None), Shape):
            yield from free_keys(inner, seen)


def is_free(shape: Shape[Any]) -> bool:
    if isinstance(shape, ListOf) and shape is not EXTRA:
        return is_free(shape.item)
    if isinstance(shape, MapOf):
        return shape.name is None or is_free(shape.value)
    if isinstance(shape, Either):
        return is_free(shape.short)
    known = (TEXT, DYNAMIC, JSON, CONSTANT, DATA, MAPPING, PATCH, EXTRA, VALUES, PATH, REQUEST_PATH, URL_PATH)
    return any(shape is each for each in known)
