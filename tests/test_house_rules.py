"""The rules of the house that no linter knows: complete lists, unique codes, one home for each library."""

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import generator
from generator.catalog import all_codes
from generator.diagnostics import Code

PACKAGE = Path(generator.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# Package → the tuple that lists its modules.
LISTS = {
    "check.rules": "RULES",
    "cli": "COMMANDS",
    "diff.rules": "RULES",
    "importers": "IMPORTERS",
    "lower.engines": "ENGINES",
    "lower.resources": "RESOURCES",
    "validate.api": "RULES",
    "validate.policy": "RULES",
    "validate.references": "RULES",
}

# Room → how the numbers of its codes begin.
NUMBERS = {
    "yamlio": ("FH00",),
    "source": ("FH01",),
    "spec": ("FH1", "FH22"),
    "resolve": ("FH20", "FH21", "FH22"),
    "graph": ("FH23",),
    "check": ("FH24", "FH40"),
    "lower": ("FH24",),
    "validate": ("FH30", "FH31", "FH32", "FH33", "FH34", "FH35", "FH41", "FH42", "FH43", "FH44"),
    "diff": ("FH5",),
    "render": ("FH60",),
    "write": ("FH61",),
    "inputs": ("FH62",),
}

# Library → the only rooms that import it.
HOMES = {
    "click": {"cli"},
    "helm_python": {"render"},
    "jinja2": {"emit"},
    "jsonschema": {"validate"},
    "jsonschema_rs": {"validate"},
    "kubernetes_validate": {"validate"},
    "networkx": {"graph"},
    "subprocess": {"inputs", "render", "runs"},
    "yaml": {"yamlio"},
}

# Rooms whose result is bytes of the chart, which no clock, environment or chance may reach.
PURE = {"spec", "resolve", "graph", "check", "plan", "chart", "lower", "emit"}
IMPURE = {"datetime", "getpass", "locale", "platform", "random", "secrets", "socket", "tempfile", "time", "uuid"}

# A program of its own each: the runner in the cluster, and the process in which a Helm library may crash.
PROGRAMS = ("runtime/", "render/worker.py")
HEAVY = {"ctypes", "jinja2", "jsonschema", "jsonschema_rs", "kubernetes_validate", "networkx", "yaml"}
VAGUE = {"base", "common", "helper", "helpers", "lib", "manager", "misc", "tools", "util", "utils"}


def room(file: Path) -> str:
    """The first part of a module's name below the package."""
    return file.relative_to(PACKAGE).with_suffix("").parts[0]


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def shown(file: Path) -> str:
    return file.relative_to(PACKAGE.parent).as_posix()


def imported(file: Path) -> set[str]:
    """The libraries that a module imports, wherever in it."""
    names = [node.names for node in ast.walk(tree(file)) if isinstance(node, ast.Import)]
    plain = {alias.name.partition(".")[0] for group in names for alias in group}
    froms = {
        (node.module or "").partition(".")[0]
        for node in ast.walk(tree(file))
        if isinstance(node, ast.ImportFrom) and not node.level
    }
    return plain | froms


def origins(entry: Any, package: str) -> Iterator[str]:
    """The modules that an entry of a list comes from: by its name, its own definition, or the functions it holds."""
    if isinstance(entry, str):
        yield f"{package}.{entry}"
    elif isinstance(entry, ModuleType):
        yield entry.__name__
    elif inspect.isfunction(entry) or inspect.isclass(entry):
        yield entry.__module__
    elif isinstance(entry, tuple):
        for part in entry:
            yield from origins(part, package)
    elif dataclasses.is_dataclass(entry):
        yield type(entry).__module__
        for part in dataclasses.fields(entry):
            value = getattr(entry, part.name)
            if callable(value):
                yield from origins(value, package)


def unlisted(package: ModuleType, name: str) -> set[str]:
    """The modules of a package with no entry in its tuple of this name, and of no use to those that have one."""
    names = [module.name for module in pkgutil.iter_modules(package.__path__) if module.name != "__main__"]
    modules = {f"{package.__name__}.{name}" for name in names}
    entries = getattr(package, name)
    assert isinstance(entries, tuple), f"{package.__name__}.{name} is a tuple: explicit, in an order"
    listed = {origin for entry in entries for origin in origins(entry, package.__name__)}
    siblings = [file for file in Path(package.__path__[0]).glob("*.py") if file.name != "__init__.py"]
    shared = {name for file in siblings for name in imported_names(file)}
    return modules - listed - shared


def imported_names(file: Path) -> Iterator[str]:
    """The full names of what a module imports, which may be modules or things in them."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("where", [where for where in LISTS if (PACKAGE / where.replace(".", "/")).is_dir()])
def test_every_module_stands_in_its_list(where):
    assert unlisted(importlib.import_module(f"generator.{where}"), LISTS[where]) == set()


def test_a_module_that_is_not_listed_is_noticed(tmp_path, monkeypatch):
    (tmp_path / "shelf").mkdir()
    (tmp_path / "shelf" / "__init__.py").write_text("from shelf import first\nRULES = (first.rule,)\n")
    (tmp_path / "shelf" / "first.py").write_text("from shelf.shared import word\ndef rule(): ...\n")
    (tmp_path / "shelf" / "second.py").write_text("from shelf.shared import word\ndef rule(): ...\n")
    (tmp_path / "shelf" / "shared.py").write_text("word = ''\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert unlisted(importlib.import_module("shelf"), "RULES") == {"shelf.second"}


def codes_of(file: Path) -> dict[str, Code]:
    """The codes that a module defines, by the constant's name."""
    if "Code(" not in file.read_text(encoding="utf-8") or file.name == "diagnostics.py":
        return {}
    name = ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    module = importlib.import_module(name)
    found = {key: value for key, value in vars(module).items() if isinstance(value, Code)}
    listed = {code.id for code in module.CODES}
    assert {code.id for code in found.values()} <= listed, f"{name}.CODES lists every code of the module"
    return found | {f"CODES[{code.id}]": code for code in module.CODES}


ALL_CODES = {file: codes for file in MODULES if (codes := codes_of(file))}


def test_codes_are_unique_and_well_formed():
    ids = Counter(
        code.id for codes in ALL_CODES.values() for code in {id(each): each for each in codes.values()}.values()
    )
    assert [code for code, count in ids.items() if count > 1] == []
    assert [code for code in ids if not re.fullmatch(r"FH\d{4}", code)] == []
    assert len(ids) > 50


@pytest.mark.parametrize("file", ALL_CODES, ids=shown)
def test_codes_stand_in_the_range_of_their_room_and_explain_themselves(file):
    for code in ALL_CODES[file].values():
        assert code.id.startswith(NUMBERS[room(file)])
        assert code.title, code.id
        assert code.why, code.id
        assert not code.title.endswith("."), code.id


def test_the_catalogue_has_every_code():
    assert all_codes().keys() == {code.id for codes in ALL_CODES.values() for code in codes.values()}


@pytest.mark.parametrize("library", HOMES)
def test_a_library_has_one_home(library):
    assert {shown(file) for file in MODULES if library in imported(file) and room(file) not in HOMES[library]} == set()


def test_nothing_that_makes_bytes_asks_the_clock_the_machine_or_chance():
    found = {shown(file): names for file in MODULES if room(file) in PURE and (names := imported(file) & IMPURE)}
    assert found == {}


def test_the_command_line_starts_light():
    code = "import generator.cli, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "generator.cli" in loaded
    assert HEAVY & set(loaded) == set()


SLOW = re.compile(
    r"from dataclasses import .*\bdataclass\b|\bdataclasses\.dataclass\(|^\w[\w: ]*= re\.compile\(", re.MULTILINE
)
"""What generator.records and generator.regexes make when it is first used."""


def test_importing_a_module_compiles_no_dataclasses_and_no_regular_expressions():
    files = [file for file in MODULES if room(file) not in ("runtime", "records")]
    assert [shown(file) for file in files if SLOW.search(file.read_text(encoding="utf-8"))] == []
    assert SLOW.search("import re\n_NAME: Final = re.compile('x')\n")


@pytest.mark.parametrize("file", MODULES, ids=shown)
def test_a_module_says_what_it_is_and_keeps_to_its_size(file):
    text = file.read_text(encoding="utf-8")
    assert ast.get_docstring(tree(file)), "a docstring names the stage, its input and its output"
    assert text.count("\n") <= 400, "a file of more than 400 lines holds more than one idea"
    assert file.stem not in VAGUE, "a module's name says what is in it"


def prints_or_exits(file: Path) -> Iterator[int]:
    """The lines in which a module prints or ends the program."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("print", "sys.exit", "exit", "quit", "os._exit"):
            yield node.lineno
        if isinstance(node, ast.Raise) and node.exc and "SystemExit" in ast.unparse(node.exc):
            yield node.lineno


def test_only_the_command_line_prints_and_exits():
    libraries = [file for file in MODULES if not file.relative_to(PACKAGE).as_posix().startswith(("cli/", *PROGRAMS))]
    assert {shown(file): lines for file in libraries if (lines := list(prints_or_exits(file)))} == {}
    assert list(prints_or_exits(PACKAGE / "cli" / "__init__.py")), "what is looked for is found where it may be"


def test_every_list_that_is_looked_for_is_there_or_still_to_come():
    built = {where for where in LISTS if (PACKAGE / where.replace(".", "/")).is_dir()}
    assert {"cli", "diff.rules"} <= built
