"""What a `sql` task can say: a statement, its parameters, and where the database's address is kept (rulings S18)."""

from __future__ import annotations

from collections.abc import Mapping

from generator.spec.expression import Text
from generator.spec.formats import DYNAMIC, FILE, TEXT, variable_key
from generator.spec.parts import REFERENCE, KeyReference
from generator.spec.scalars import Choice
from generator.spec.shapes import MapOf, NameRule, Record, RecordOf, exactly_one, key

ENGINES = ("postgres", "mysql")

_MAX_PARAMETER = 58
"""MySQL's variables have names of at most 64 characters, and each of these begins with `param_`."""


def _parameter_mistake(text: str) -> str:
    """What is wrong with the name of a parameter."""
    long = f"the name has {len(text)} characters | {_MAX_PARAMETER} is the limit" if len(text) > _MAX_PARAMETER else ""
    return variable_key.mistake(text) or long


_parameter_key = NameRule(_parameter_mistake, {**variable_key.form, "maxLength": _MAX_PARAMETER})


class Sql(Record):
    """A statement, or several, that the database's own client runs in one transaction."""

    engine: str = key(Choice(*ENGINES), "The database's language and client.", default="postgres")
    dsn: KeyReference | None = key(
        REFERENCE,
        "Where its address is kept, as in postgres://user:password@host:5432/database: "
        "a key of a Secret or ConfigMap. `calls` says which way there is open.",
        required=True,
    )
    query: str = key(TEXT, "The statement; `:name` is a parameter.", default="")
    file: str = key(FILE, "A file with the statement, relative to the spec.", default="")
    params: Mapping[str, Text] = key(
        MapOf(DYNAMIC, "`params`", _parameter_key),
        "Values of the parameters. The client quotes or binds them: none becomes a part of the statement.",
        factory=dict,
    )


SQL = RecordOf(Sql, "`sql`", exactly_one("query", "file"))
