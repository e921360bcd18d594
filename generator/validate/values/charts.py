"""Stage: the files of a chart → what its templates and those of its sub-charts read of the values.

Input: the files of a chart, its sub-charts' in `charts/<name>/`. Output: a :class:`Reading`, with paths in the values
of the chart itself; None when nothing can be said: a library, or templates that can't be parsed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.records import dataclass
from generator.validate.values.evaluation import FILES, Body, Evaluation, Reading
from generator.validate.values.known import UNKNOWN, Root, Steps
from generator.validate.values.parsing import parse
from generator.yamlio.manifests import load

_MAX_CHARTS = 200


@dataclass(frozen=True)
class Part:
    """A chart of the tree: where its values stand, its files, what Chart.yaml says."""

    prefix: Steps
    files: Mapping[str, str]
    card: Mapping[str, Any]
    is_missing: bool = False

    @property
    def is_library(self) -> bool:
        """Whether only other charts use its templates."""
        return self.card.get("type") == "library"

    @property
    def dependencies(self) -> list[Mapping[str, Any]]:
        """The sub-charts that it names."""
        old = _mapping(self.files.get("requirements.yaml"))
        listed = self.card.get("dependencies") or old.get("dependencies")
        return [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []


def defaults_of(files: Mapping[str, str]) -> Mapping[str, Any]:
    """The values of a chart, with those of its sub-charts at their places."""
    merged: dict[str, Any] = {}
    for part in _parts((), files):
        here = merged
        for step in part.prefix:
            below = here.setdefault(step, {})
            here = below if isinstance(below, dict) else {}
        _fill(here, _mapping(part.files.get("values.yaml")))
    return merged


def _fill(values: dict[str, Any], defaults: Mapping[str, Any]) -> None:
    """What is there stays; the chart above comes first."""
    for key, default in defaults.items():
        if isinstance(default, dict) and isinstance(values.get(key), dict):
            _fill(values[key], default)
        elif key not in values:
            values[key] = default


def read_values_of(files: Mapping[str, str], values: Sequence[Mapping[str, object]]) -> Reading | None:
    """What the templates of a chart read; `values` are all that are known, in which texts may be templates too."""
    parts = list(_parts((), files))
    if parts[0].is_library or len(parts) > _MAX_CHARTS:
        return None
    defined: dict[str, Body] = {}
    bodies: list[tuple[Root, Body]] = []
    for part in reversed(parts):  # of two templates with one name, that of the chart above counts
        root = Root(part.prefix)
        for path, text in sorted(part.files.items()):
            if not path.startswith("templates/") or part.is_missing:
                continue
            tree = parse(text)
            if tree is None:
                return None
            shown = _shown(part, path)
            defined |= {name: Body(nodes, shown) for name, nodes in tree.defined.items()}
            body = Body(tree.body, shown)
            if not part.prefix:
                defined[FILES + path.removeprefix("templates")] = body
            if not (part.is_library or path.rpartition("/")[2].startswith("_")):
                bodies.append((root, body))
    walk = Evaluation(defined, frozenset(part.prefix for part in parts if part.prefix))
    for root, body in reversed(bodies):
        walk.run(body, root)
    _read_texts(walk, parts, values)
    for name in sorted(defined.keys() - walk.used):  # nobody calls it; maybe a chart above does
        if not name.startswith(FILES):
            walk.run(Body(defined[name].nodes, ""), UNKNOWN)
    for part in parts:
        _read_by_helm(walk, part)
    return walk.reading


def _shown(part: Part, path: str) -> str:
    """A template of the chart itself; others are nobody's to mend here."""
    return path if not part.prefix else ""


def _parts(prefix: Steps, files: Mapping[str, str]) -> Iterator[Part]:
    """A chart and all below it; a dependency that is not there, too."""
    part = Part(prefix, files, _mapping(files.get("Chart.yaml")))
    yield part
    if len(prefix) > 10:
        return
    inner: dict[str, dict[str, str]] = {}
    for path, text in files.items():
        if path.startswith("charts/") and path.count("/") > 1:
            _, folder, below = path.split("/", 2)
            inner.setdefault(folder, {})[below] = text
    charts = {str(_mapping(each.get("Chart.yaml")).get("name")): each for each in inner.values()}
    named: set[str] = set()
    for entry in part.dependencies:
        name, alias = str(entry.get("name")), str(entry.get("alias") or entry.get("name"))
        named.add(name)
        if name in charts:
            yield from _parts((*prefix, alias), charts[name])
        else:
            yield Part((*prefix, alias), {}, {}, is_missing=True)
    for name in sorted(charts.keys() - named):
        yield from _parts((*prefix, name), charts[name])


def _read_by_helm(walk: Evaluation, part: Part) -> None:
    """What Helm itself looks at: conditions and tags of dependencies, values that are imported from them."""
    readers = walk.reading.readers
    if part.is_missing or part.is_library:
        readers.read(part.prefix)
    readers.read((*part.prefix, "tags"))
    for entry in part.dependencies:
        readers.touch((*part.prefix, str(entry.get("alias") or entry.get("name"))))
        for condition in str(entry.get("condition") or "").split(","):
            if condition.strip():
                readers.read((*part.prefix, *condition.strip().split(".")))
        if entry.get("import-values"):
            readers.read((*part.prefix, str(entry.get("alias") or entry.get("name"))))
            walk.reading.guarded.add(part.prefix)
    if part.prefix:
        readers.touch((*part.prefix, "global"))
        readers.touch(("global",))


def _read_texts(walk: Evaluation, parts: list[Part], values: Sequence[Mapping[str, object]]) -> None:
    """Texts that `tpl` may make templates of: those in the values, and files that templates read."""
    if not walk.takes_texts:
        return
    texts = [text for text in _texts(list(values)) if "{{" in text]
    for part in parts:
        other = (text for path, text in part.files.items() if not path.startswith(("templates/", "charts/", "crds/")))
        texts += [text for text in other if "{{" in text]
    for text in texts:
        tree = parse(text)
        for part in parts:
            if tree:
                walk.run(Body(tree.body, ""), Root(part.prefix))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for below in value.values():
            yield from _texts(below)
    elif isinstance(value, list):
        for below in value:
            yield from _texts(below)


def _mapping(text: str | None) -> Mapping[str, Any]:
    data = load(text) if text else None
    return data if isinstance(data, dict) else {}
