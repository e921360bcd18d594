"""Statements of `sql` tasks: their parameters, their text, and the way to their database (rulings C05, S18)."""

from __future__ import annotations

from collections.abc import Iterator

from generator.check import workflow_codes
from generator.check.rule import Finding, Rule, Subject
from generator.diagnostics import Span
from generator.resolve.model import System, Task
from generator.resolve.statements import Statement, read_statement
from generator.spec.expression_text import Place
from generator.spec.sql import Sql
from generator.spec.suggestions import did_you_mean


def statements(subject: Subject) -> Iterator[Finding]:
    """Texts that are no SQL, parameters without a value, and values without a parameter."""
    for workflow, task in subject.tasks():
        owner = ("workflows", workflow.name, task.name)
        if task.spec.sql is not None and (text := _text(subject.system, task.spec.sql)) is not None:
            yield from _of_statement(task.spec.sql, text, owner)


def _text(system: System, sql: Sql) -> str | None:
    """The text of a statement; none for a file that is no text; None for one that could not be read."""
    content = system.statement(sql)
    try:
        return None if content is None else content.decode()
    except UnicodeDecodeError:
        return ""


def _of_statement(sql: Sql, text: str, owner: tuple[str, ...]) -> Iterator[Finding]:
    statement = read_statement(text, sql.engine)
    if "\0" in text or statement.is_empty:
        message = f"`{sql.file}` holds no statement" if sql.file else "there is no statement here"
        yield Finding(workflow_codes.NO_STATEMENT, message, sql.span("file" if sql.file else "query"), "", (), owner)
        return
    for each in statement.misread:
        message, span = _where(sql, statement, each.start) + each.message, _place(sql, statement, each.start, each.end)
        yield Finding(workflow_codes.NO_STATEMENT, message, span, each.hint, (), owner)
    yield from _parameters(sql, statement, owner)


def _parameters(sql: Sql, statement: Statement, owner: tuple[str, ...]) -> Iterator[Finding]:
    """Parameters and values that have no counterpart; one that was probably meant for another is reported once."""
    used = {each.name: each for each in reversed(statement.parameters)}
    guesses = set()
    for name in (name for name in used if name not in sql.params):
        guess = did_you_mean(name, sql.params)
        guesses.add(guess)
        otherwise = f"add params: {{{name}: …}}; if the colon is SQL's own, write a space behind it"
        hint = f"did you mean :{guess}?" if guess else otherwise
        start, end = used[name].start, used[name].end
        message, span = f"{_where(sql, statement, start)}`:{name}` has no value", _place(sql, statement, start, end)
        yield Finding(workflow_codes.PARAMETER_MISSING, message, span, hint, (), owner)
    for name in sql.params:
        if name not in used and name not in guesses and not statement.misread:
            message = f"the statement has no parameter :{name}"
            hint = "write it outside of strings and comments, or remove the value"
            yield Finding(workflow_codes.PARAMETER_UNUSED, message, sql.span("params", name), hint, (), owner)


def _place(sql: Sql, statement: Statement, start: int, end: int) -> Span:
    """Where a part of the statement stands in the spec: exactly if it is written there on one line."""
    return sql.span("file") if sql.file else Place.of(statement.text, sql.span("query")).span(start, end)


def _where(sql: Sql, statement: Statement, start: int) -> str:
    """The line of a statement, where its place alone does not tell it."""
    line = statement.text.count("\n", 0, start) + 1
    if sql.file:
        return f"{sql.file}, line {line}: "
    return f"line {line} of the statement: " if "\n" in statement.text.rstrip("\n") else ""


def databases_without_a_way(subject: Subject) -> Iterator[Finding]:
    """A statement whose database no policy lets it reach."""
    for workflow, task in subject.tasks():
        if task.kind == "sql" and not task.edges and not task.spec.calls:  # a library takes the service as an input
            yield _without_way(task, ("workflows", workflow.name, task.name))


def _without_way(task: Task, owner: tuple[str, ...]) -> Finding:
    message = f"nothing says where the database of `{task.name}` is, so the network policies keep it away"
    hint = "add calls: [<service of the spec, or host:port>]"
    return Finding(workflow_codes.NO_WAY, message, task.spec.key_span("sql"), hint, (), owner)


RULES: tuple[Rule, ...] = (statements, databases_without_a_way)
