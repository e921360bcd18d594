"""Parameters in texts of SQL, and what the databases' own clients are given."""

from __future__ import annotations

import pytest

from generator.resolve.statements import read_statement

POSTGRES = r"""
select :a::text, 'it''s :no', "q :no", E'\' :no', U&'\0041:no', $$ ' :no $$, $t$ $$ :no $t$ -- :no
/* :no /* nested :no */ still :no */ , list[1 : 2], :b + :a where a$b$c = 1 or x=:c"""

MYSQL = r"""
select :a, 'it\'s :no', "\" :no", `:no``:no`, @x := 1 # :no
-- :no
from t /* :no /* not nested */ where n = :b and b = :c"""


@pytest.mark.parametrize(("engine", "text"), [("postgres", POSTGRES), ("mysql", MYSQL)])
def test_only_what_stands_in_the_statement_itself_is_a_parameter(engine: str, text: str) -> None:
    statement = read_statement(text, engine)
    assert statement.misread == ()
    names = [each.name for each in statement.parameters]
    assert sorted(set(names)) == ["a", "b", "c"]
    assert [text[each.start : each.end] for each in statement.parameters] == [f":{name}" for name in names]


def test_psql_quotes_the_values_itself() -> None:
    compiled = read_statement("insert into t values (:order, :order::int, ':order');", "postgres").compiled({})
    assert compiled == "insert into t values (:'param_order', :'param_order'::int, ':order');"


def test_psql_writes_each_result_to_a_file_and_lines_keep_their_numbers() -> None:
    text = "select 1; -- one\nselect 'a;b' as \"c;d\";\nselect 3"
    compiled = read_statement(text, "postgres").compiled({}, captured=True)
    assert compiled == "select 1; \\o 1 \\\\ -- one\nselect 'a;b' as \"c;d\"; \\o 2 \\\\\nselect 3"


def test_mysql_binds_the_values() -> None:
    text = "update t set a = 'it''s \\\\' where b = :b and c = :a;\nselect 1"
    compiled = read_statement(text, "mysql").compiled({})
    assert compiled == (
        "SET @statement = CONCAT('update t set a = ''it''''s ', CHAR(92 USING utf8mb4), '', CHAR(92 USING utf8mb4), "
        "''' where b = ? and c = ?'); PREPARE statement FROM @statement; "
        "EXECUTE statement USING @param_b, @param_a;\nselect 1\n;"
    )


def test_mysql_is_given_values_of_known_types() -> None:
    text = "select :n, :f, :b, :s, :d"
    types = {"n": "integer", "f": "number", "b": "boolean", "s": "string", "d": "dynamic"}
    head = read_statement(text, "mysql").compiled(types).partition("SET @statement")[0]
    assert head == (
        "SET @param_b = @param_b = 'true'; SET @param_f = @param_f + 0e0; SET @param_n = CAST(@param_n AS SIGNED); "
    )


def test_procedures_of_mysql_keep_their_delimiter() -> None:
    text = "delimiter //\ncreate procedure p() begin select 1; select 2; end//"
    statement = read_statement(text, "mysql")
    assert statement.delimited
    assert statement.compiled({}) == f"\n{text}\ndelimiter ;\n"


@pytest.mark.parametrize(
    ("engine", "text", "words", "at"),
    [
        ("postgres", "select 'it's'", "the string that begins here has no end", 12),
        ("postgres", "select $a$ $b$", "the string", 7),
        ("postgres", "select /* /* */ 1", "the comment", 7),
        ("postgres", "\\! reboot", "a command of the client", 0),
        ("postgres", "select :'x'", "psql's own form", 7),
        ("postgres", "select :{?x}", "psql's own form", 7),
        ("mysql", "select `a", "the string", 7),
        ("mysql", "\\! reboot", "a command of the client", 0),
        ("mysql", "select :a, ?", "`?` is no parameter", 11),
        ("mysql", "delimiter //\nselect :a//", "cannot have parameters", 20),
    ],
)
def test_what_no_client_takes_is_told(engine: str, text: str, words: str, at: int) -> None:
    (misread,) = read_statement(text, engine).misread
    assert words in misread.message
    assert misread.start == at


def test_a_column_may_be_called_delimiter() -> None:
    statement = read_statement("select delimiter from t where delimiter = :d", "mysql")
    assert (statement.delimited, len(statement.parameters), statement.misread) == (False, 1, ())
    assert read_statement("  DELIMITER $$\nselect 1$$", "mysql").delimited


@pytest.mark.parametrize("text", ["", " \n", "-- nothing\n", "/* nothing */"])
def test_a_text_without_statement_is_known(text: str) -> None:
    assert read_statement(text, "postgres").is_empty
    assert not read_statement(f"{text}\nselect 1", "postgres").is_empty
