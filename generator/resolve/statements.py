"""Stage resolve: the parameters in a text of SQL, and the text as the database's own client takes it.

Input: the text as it was written. Output: its `:name` parameters with their places, what cannot be understood, and the
compiled text, in which parameters are what the client itself quotes or binds: `:'name'` of psql
(https://www.postgresql.org/docs/current/app-psql.html), `EXECUTE … USING` of MySQL
(https://dev.mysql.com/doc/refman/8.4/en/sql-prepared-statements.html). A colon in a string, a comment, a quoted name or
a cast means nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import pairwise

from generator.records import dataclass

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
# The order counts. Unfinished strings match up to the end of the text, and have no `close`.
_POSTGRES = rf"""(?P<space>\s+|--[^\n]*)
    | (?P<comment>/\*)
    | (?P<string>(?:(?<![\w$])e'[^'\\]*(?:(?:''|\\.)[^'\\]*)*|'[^']*(?:''[^']*)*|"[^"]*(?:""[^"]*)*)(?P<close>['"]?))
    | (?P<dollar>(?<![\w$])\$(?:[^\W\d]\w*)?\$)
    | (?P<foreign>:(?:'[^']*'?|"[^"]*"?|\{{)|\\)
    | ::|:(?P<parameter>{_NAME})
    | (?P<end>;)
    | [\w$]+ | ."""
_MYSQL = rf"""(?P<space>\s+|\#[^\n]*|--(?=\s|$)[^\n]*)
    | (?P<comment>/\*)
    | (?P<string>(?:'[^'\\]*(?:(?:''|\\.)[^'\\]*)*|"[^"\\]*(?:(?:""|\\.)[^"\\]*)*|`[^`]*(?:``[^`]*)*)(?P<close>['"`]?))
    | (?P<delimiter>delimiter\b)
    | (?P<foreign>\\|\?)
    | :(?P<parameter>{_NAME})
    | (?P<end>;)
    | [\w$]+ | ."""


@cache
def _pattern(engine: str) -> re.Pattern[str]:
    """The tokens of a dialect; compiled when a spec has a statement, which most have not."""
    return re.compile(_POSTGRES if engine == "postgres" else _MYSQL, re.VERBOSE | re.DOTALL | re.IGNORECASE)


_FOREIGN = {
    "\\": ("a command of the client begins here, not SQL", "remove it; strings that hold \\ are quoted"),
    "?": ("`?` is no parameter here", "write :name, and its value under `params`"),
    ":'": ("this is psql's own form of a parameter", "write :name, without quotes; the client adds them"),
    ':"': ("this is psql's own form of a name", "write the name itself"),
    ":{": ("this is psql's own form of a condition", "remove it"),
}

MYSQL_CASTS = {"integer": "CAST({} AS SIGNED)", "number": "{} + 0e0", "boolean": "{} = 'true'"}
"""MySQL does not read a text where a number belongs as PostgreSQL does: values whose type is known are converted."""


@dataclass(frozen=True)
class Parameter:
    """A `:name` of the text, from the colon on."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Misread:
    """What no client would take, and where."""

    message: str
    hint: str
    start: int
    end: int


@dataclass(frozen=True)
class Statement:
    """A text of SQL, read. `ends` are the places behind its semicolons; `open` tells that something follows the last.

    `delimited`: the text changes its own delimiter (`delimiter //`), so that nobody knows where its statements end.
    """

    engine: str
    text: str
    parameters: tuple[Parameter, ...]
    misread: tuple[Misread, ...]
    ends: tuple[int, ...]
    open: bool
    delimited: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to run."""
        return not self.open and not self.ends

    def compiled(self, types: Mapping[str, str], *, captured: bool = False) -> str:
        """The text for the client; `types` are those of the parameters, as far as they are known.

        `captured`: psql writes each result to a file of its own (client/postgres.sh).
        """
        return self._for_psql(captured) if self.engine == "postgres" else self._for_mysql(types)

    def _for_psql(self, captured: bool) -> str:
        pieces = [(each.start, each.end, f":'param_{each.name}'") for each in self.parameters]
        if captured:  # `\\` ends the command, so that lines keep their numbers
            pieces += [(end, end, f" \\o {number} \\\\") for number, end in enumerate(self.ends, start=1)]
        return _replaced(self.text, 0, len(self.text), pieces)

    def _for_mysql(self, types: Mapping[str, str]) -> str:
        if self.delimited:
            return f"\n{self.text}\ndelimiter ;\n"  # the client knows the word at the start of a line alone
        casts = {each.name: cast for each in self.parameters if (cast := MYSQL_CASTS.get(types.get(each.name, "")))}
        head = "".join(f"SET @param_{name} = {casts[name].format(f'@param_{name}')}; " for name in sorted(casts))
        places = [each.start for each in self.parameters]
        bound = []
        for start, end in pairwise((0, *self.ends, len(self.text))):
            parameters = self.parameters[bisect_left(places, start) : bisect_left(places, end)]
            bound.append(self._bound(start, end, parameters))
        return head + "".join(bound)

    def _bound(self, start: int, end: int, parameters: tuple[Parameter, ...]) -> str:
        """One statement: as it is, or prepared and executed with its parameters."""
        last = end == len(self.text) and self.open
        if not parameters:
            return self.text[start:end] + ("\n;" if last else "")
        text = _replaced(self.text, start, end, [(each.start, each.end, "?") for each in parameters])
        using = ", ".join(f"@param_{each.name}" for each in parameters)
        text = text if last else text.removesuffix(";")
        prepared = f"SET @statement = {_mysql_literal(text)}; PREPARE statement FROM @statement; "
        return f"{prepared}EXECUTE statement USING {using};"


@lru_cache(maxsize=32)
def read_statement(text: str, engine: str) -> Statement:
    """Read a text of SQL, in the dialect of the engine."""
    return _Reader(text.removeprefix("\ufeff"), engine).read()


class _Reader:
    """Goes through a text token by token."""

    def __init__(self, text: str, engine: str) -> None:
        self.text, self.engine = text, engine
        self.parameters: list[Parameter] = []
        self.misread: list[Misread] = []
        self.ends: list[int] = []
        self.open = self.delimited = False

    def read(self) -> Statement:
        """The whole text."""
        position, match = 0, _pattern(self.engine).match
        while position < len(self.text):
            token = match(self.text, position)
            assert token is not None  # the pattern's last branch takes any character
            position = self._take(token, token.lastgroup or "")
        if self.delimited and self.parameters:
            message, hint = "a text with `delimiter` cannot have parameters", "put the procedure into a file of its own"
            first = self.parameters[0]
            self.misread.append(Misread(message, hint, first.start, first.end))
        misread = [each for each in self.misread if self.parameters or self.text[each.start] != "?"]
        return Statement(
            self.engine, self.text, tuple(self.parameters), tuple(misread), tuple(self.ends), self.open, self.delimited
        )

    def _take(self, token: re.Match[str], kind: str) -> int:
        """Take a token up; returns where the next one starts."""
        start, end = token.span()
        if kind == "space":
            return end
        if kind == "comment":
            return self._comment(start)
        if kind == "end":
            self.ends.append(end)
            self.open = False
            return end
        self.open = True
        if kind == "dollar":
            closing = self.text.find(token[0], end)
            return closing + len(token[0]) if closing >= 0 else self._unfinished(start, "string")
        if kind == "string" and not token["close"]:
            return self._unfinished(start, "string")
        if kind == "delimiter" and self._begins_line(start):
            self.delimited = True
            return _behind_line(self.text, end)
        if kind == "foreign":
            self.misread.append(Misread(*_FOREIGN[token[0][:2]], start, end))
        elif kind == "parameter":
            self.parameters.append(Parameter(token["parameter"], start, end))
        return end

    def _begins_line(self, start: int) -> bool:
        return not self.text[self.text.rfind("\n", 0, start) + 1 : start].strip()

    def _comment(self, start: int) -> int:
        """Behind a comment, which may hold others in PostgreSQL."""
        depth = 0
        for mark in re.compile(r"/\*|\*/").finditer(self.text, start):
            depth += 1 if mark[0] == "/*" and (depth == 0 or self.engine == "postgres") else -(mark[0] == "*/")
            if depth == 0:
                return mark.end()
        return self._unfinished(start, "comment")

    def _unfinished(self, start: int, what: str) -> int:
        self.misread.append(Misread(f"the {what} that begins here has no end", "close it", start, start + 1))
        return len(self.text)


def _behind_line(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _replaced(text: str, start: int, end: int, pieces: list[tuple[int, int, str]]) -> str:
    def parts() -> Iterator[str]:
        position = start
        for first, behind, piece in sorted(pieces):
            yield text[position:first]
            yield piece
            position = behind
        yield text[position:end]

    return "".join(parts())


def _mysql_literal(text: str) -> str:
    r"""A text as MySQL reads it whether `\` escapes or not (sql_mode NO_BACKSLASH_ESCAPES)."""
    quoted = ["'" + part.replace("'", "''") + "'" for part in text.split("\\")]
    joint = ", CHAR(92 USING utf8mb4), "
    return quoted[0] if len(quoted) == 1 else f"CONCAT({joint.join(quoted)})"
