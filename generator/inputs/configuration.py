"""A user's own settings: `.flowhelm.toml`, or `[tool.flowhelm]` of pyproject.toml, in the working directory or above.

Input: a path, or the file itself. Output: :class:`Configuration`; mistakes are findings with line and column, and what
is wrong counts as not written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import field, replace
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from generator.diagnostics import Diagnostics, Severity, Span
from generator.inputs import codes
from generator.inputs.toml_places import Keys, TomlPlaces
from generator.records import dataclass
from generator.regexes import regex
from generator.validate.model import Preset
from generator.validate.presets import POD_SECURITY, Policy
from generator.validate.rulebook import Exemption, Rulebook

NAME: Final = ".flowhelm.toml"
_PROJECT: Final = "pyproject.toml"
_MAX_SIZE: Final = 1 << 20
_POLICY: Final = ("preset", "pod-security", "severity")
_TOP: Final = (*_POLICY, "environments", "accept")
_PATTERNS: Final = ("kind", "name", "path", "file")
_ACCEPT: Final = ("code", "reason", *_PATTERNS, "until")
_SEVERITIES: Final[Mapping[str, Severity | None]] = {**{str(each): each for each in Severity}, "off": None}
_CODE: Final = regex(r"FH[34]\d{3}")


@dataclass(frozen=True)
class Configuration:
    """What a configuration file says; `file` is empty when there is none."""

    file: str = ""
    text: str = ""
    policy: Policy = field(default_factory=Policy)
    environments: Mapping[str, Policy] = field(default_factory=dict)
    exemptions: tuple[Exemption, ...] = ()

    def rulebook(self, preset: Preset | None, today: date) -> Rulebook:
        """The rules by which findings are judged; a preset of the command line stands above the file's own."""
        policy = replace(self.policy, preset=preset) if preset else self.policy
        return Rulebook(policy, self.environments, self.exemptions, today)


def find_configuration(here: Path) -> Path | None:
    """The file with settings that counts for who stands here: the nearest, up to the root of the Git checkout.

    Outside of a checkout only the folder itself counts. Where the inputs are does not matter: what comes from elsewhere
    must not judge itself.
    """
    return _nearest(_own_folders(here))


def find_overlooked(start: Path, here: Path) -> Path | None:
    """The nearest file with settings above an input that does not count, for what stands in a folder further down."""
    own, stands = _own_folders(here), start.resolve()
    between = [folder for folder in (stands, *stands.parents) if folder.is_relative_to(here.resolve())]
    return _nearest([folder for folder in between or _own_folders(start) if folder not in own])


def _own_folders(start: Path) -> list[Path]:
    """A folder and those above it up to the root of its checkout; without one, itself."""
    try:
        here = start.resolve()
        above = (here, *here.parents)
        root = next((number for number, folder in enumerate(above) if (folder / ".git").exists()), 0)
    except OSError:
        return []
    return list(above[: root + 1])


def _nearest(folders: list[Path]) -> Path | None:
    for folder in folders:
        for name in (NAME, _PROJECT):
            file = folder / name
            if file.is_file() and (name == NAME or "[tool.flowhelm" in _text(file)):
                return file
    return None


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(_MAX_SIZE).decode("utf-8-sig", errors="replace")
    except OSError:
        return ""


def read_configuration(file: Path, known: Callable[[str], bool], diagnostics: Diagnostics) -> Configuration:
    """The settings of a file; `known` tells whether there is a code of this name."""
    import tomllib

    name = shown(file)
    try:
        data = file.read_bytes()
        text = data.decode("utf-8-sig")
        document = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        diagnostics.add(codes.CONFIGURATION, f"{name} can't be read: {error}", Span.at(name, 1))
        return Configuration()
    except tomllib.TOMLDecodeError as error:
        message, _, place = str(error).partition(" (at ")
        found = re.search(r"line (\d+), column (\d+)", place)
        end = (text.count("\n") + 1, len(text) - text.rfind("\n"))
        line, column = (int(found[1]), int(found[2])) if found else end
        diagnostics.add(codes.CONFIGURATION, f"this is no TOML: {message}", Span.at(name, line, column))
        return Configuration()
    root: Keys = ("tool", "flowhelm") if file.name == _PROJECT else ()
    settings: object = document
    for key in root:
        settings = settings.get(str(key), {}) if isinstance(settings, dict) else {}
    return _Reader(name, TomlPlaces(text), known, diagnostics).read(settings, root)


def shown(file: Path) -> str:
    """The path as the user would write it from where they stand."""
    here = Path.cwd()
    return file.relative_to(here).as_posix() if file.is_relative_to(here) else file.as_posix()


@dataclass(frozen=True)
class _Reader:
    """Reads one document, and reports what is wrong with it."""

    file: str
    places: TomlPlaces
    known: Callable[[str], bool]
    diagnostics: Diagnostics

    def read(self, document: object, root: Keys) -> Configuration:
        """All of it."""
        top = self._table(document, root, _TOP)
        policy = self._policy(top, root, Policy())
        environments = {
            name: self._policy(
                self._table(said, (*root, "environments", name), _POLICY), (*root, "environments", name), policy
            )
            for name, said in self._any(top.get("environments", {}), (*root, "environments")).items()
        }
        accepted = top.get("accept", [])
        if not isinstance(accepted, list):
            self._mistake((*root, "accept"), "accept is a list of tables", "write [[accept]]")
            accepted = []
        exemptions = [self._exemption(each, (*root, "accept", index)) for index, each in enumerate(accepted)]
        found = tuple(each for each in exemptions if each)
        return Configuration(self.file, self.places.text, policy, environments, found)

    def _policy(self, said: Mapping[str, Any], at: Keys, base: Policy) -> Policy:
        preset = self._choice(said, "preset", at, tuple(Preset))
        level = self._choice(said, "pod-security", at, POD_SECURITY)
        severities = dict(base.severities)
        for code, text in self._any(said.get("severity", {}), (*at, "severity")).items():
            here = (*at, "severity", code)
            if self._is_code(code, here) and self._choice({"severity": text}, "severity", at, tuple(_SEVERITIES), here):
                severities[code] = _SEVERITIES[text]
        return Policy(Preset(preset) if preset else base.preset, severities, level or base.pod_security)

    def _exemption(self, said: object, at: Keys) -> Exemption | None:
        table = self._table(said, at, _ACCEPT)
        texts = {key: self._pattern(table, key, at) for key in ("code", "reason", *_PATTERNS)}
        for key in ("code", "reason"):
            if key not in table:
                self._mistake(at, f"an exception needs a {key}", f'write {key} = "…"')
        until = table.get("until")
        if until is not None and (not isinstance(until, date) or isinstance(until, datetime)):
            self._mistake((*at, "until"), "until is a date", "write it as in until = 2027-01-31, without quotes")
            return None
        code, reason = texts["code"], texts["reason"]
        if code is None or reason is None or not self._is_code(code, (*at, "code")):
            return None
        if not reason.strip():
            self._mistake((*at, "reason"), "the reason is empty", "say why")
            return None
        patterns = {key: texts[key] or "*" for key in _PATTERNS}
        return Exemption(code, reason, self._span((*at, "code")), **patterns, until=until)

    def _pattern(self, table: Mapping[str, Any], key: str, at: Keys) -> str | None:
        value = table.get(key)
        if value is None or isinstance(value, str):
            return value
        self._mistake((*at, key), f"{key} is a text", f'write {key} = "…"')
        return None

    def _table(self, value: object, at: Keys, keys: tuple[str, ...]) -> Mapping[str, Any]:
        """A table without keys that nobody knows."""
        table = self._any(value, at)
        for key in table.keys() - set(keys):
            close = get_close_matches(key[:80], keys, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known here: {', '.join(keys)}"
            self._mistake((*at, key), f'unknown key "{key[:80]}"', hint)
        return table

    def _any(self, value: object, at: Keys) -> Mapping[str, Any]:
        if isinstance(value, dict):
            return value
        self._mistake(at, f"{at[-1] if at else 'the file'} is a table", "write key = value below its heading")
        return {}

    def _choice(
        self, table: Mapping[str, Any], key: str, at: Keys, choices: Collection[str], here: Keys = ()
    ) -> str | None:
        value = table.get(key)
        if value is None or (isinstance(value, str) and value in choices):
            return value
        self._mistake(here or (*at, key), f"{key} must be one of {', '.join(choices)}", "")
        return None

    def _is_code(self, code: str, here: Keys) -> bool:
        if _CODE.fullmatch(code) and self.known(code):
            return True
        hint = "findings on rendered objects have codes from FH3001 to FH4999; `flowhelm explain` lists them"
        self._mistake(here, f"{code[:20]} is the code of no finding on rendered objects", hint)
        return False

    def _mistake(self, keys: Keys, message: str, hint: str) -> None:
        self.diagnostics.add(codes.CONFIGURATION, message, self._span(keys), hint=hint)

    def _span(self, keys: Keys) -> Span:
        return Span.at(self.file, *self.places.of(keys))
