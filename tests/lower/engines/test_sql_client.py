"""The scripts that feed the databases' own clients, run with stand-ins for these."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from generator.lower.engines.jobs import sql

SCRIPTS = Path(sql.__file__).parent / "client"
HARD = 'a "b" \\ \x01\t, \u00e9 \U0001f600\nline 2; drop table t'

PSQL = r"""#!/bin/sh
printf '%s\n' "$@" > "$SEEN"
for word; do case $word in null=*) null=${word#null=} ;; esac; done
[ -z "$RESULTS" ] || sed "s/NOTHING/$null/" "$RESULTS" > 0
: > 1
printf '%s' "$ERRORS" >&2
exit "$CODE"
"""
MYSQL = r"""#!/bin/sh
cat > "$SEEN"
cat options > "$SEEN.options"
[ -z "$RESULTS" ] || cat "$RESULTS"
printf '%s' "$ERRORS" >&2
exit "$CODE"
"""


@pytest.fixture
def client(tmp_path: Path) -> Any:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in (("psql", PSQL), ("mysql", MYSQL), ("mariadb", MYSQL)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    (tmp_path / "statement.sql").write_text("select 1\n;")

    def run(engine: str, dsn: str, *, results: str = "", errors: str = "", code: int = 0, **params: str) -> Any:
        (tmp_path / "results").write_text(results)
        (tmp_path / "outputs").write_text("")
        environment = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "TMPDIR": str(tmp_path),
            "FLOWHELM_DSN": dsn,
            "FLOWHELM_STATEMENT": str(tmp_path / "statement.sql"),
            "FLOWHELM_OUTPUTS": str(tmp_path / "outputs"),
            "FLOWHELM_COLUMNS": "a b c" if results else "",
            "FLOWHELM_PARAMS": " ".join(params),
            **{f"FLOWHELM_PARAM_{name}": value for name, value in params.items()},
            "SEEN": str(tmp_path / "seen"),
            "RESULTS": str(tmp_path / "results") if results else "",
            "ERRORS": errors,
            "CODE": str(code),
        }
        command = ["sh", str(SCRIPTS / f"{engine}.sh")]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=20, check=False)
        return ended, (tmp_path / "outputs").read_text()

    return run


def csv(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def test_the_first_row_of_a_result_of_psql_becomes_json(client: Any) -> None:
    results = f"a,b,other,c\n{csv(HARD)},NOTHING,x,\nsecond,1,2,3\n"
    ended, written = client("postgres", "postgres://u@db/x", results=results)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(written) == {"a": HARD, "b": None, "c": ""}


def test_a_result_without_rows_gives_nothing(client: Any) -> None:
    assert client("postgres", "postgres://u@db/x", results="a,b\n")[1] == ""
    xml = '<?xml version="1.0"?>\n\n<resultset statement="select" xmlns:xsi="x">\n</resultset>\n'
    assert client("mysql", "mysql://u@db/x", results=xml)[1] == ""


def test_the_first_row_of_the_last_result_of_mysql_becomes_json(client: Any) -> None:
    def resultset(*rows: str) -> str:
        lines = "".join(f"  <row>\n{row}  </row>\n\n" for row in rows)
        return f'<?xml version="1.0"?>\n\n<resultset statement="x" xmlns:xsi="y">\n{lines}</resultset>\n'

    quoted = HARD.replace("&", "&amp;").replace('"', "&quot;") + " &lt;/row&gt; &amp;lt;"
    row = f'\t<field name="a">{quoted}</field>\n\t<field name="b" xsi:nil="true" />\n\t<field name="c"></field>\n'
    results = resultset('\t<field name="a">no</field>\n') + resultset(row, '\t<field name="a">second</field>\n')
    ended, written = client("mysql", "mysql://u@db/x", results=results)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(written) == {"a": HARD + " </row> &lt;", "b": None, "c": ""}


def test_psql_reads_parameters_from_the_environment(client: Any, tmp_path: Path) -> None:
    client("postgres", "postgres://u@db/x", order=HARD)
    seen = (tmp_path / "seen").read_text()
    assert "\\getenv param_order FLOWHELM_PARAM_order\n" in seen
    assert "drop table" not in seen
    assert "ON_ERROR_STOP=1\n--single-transaction\n" in seen


def test_mysql_is_told_parameters_as_hexadecimal_digits(client: Any, tmp_path: Path) -> None:
    client("mysql", "mysql://u@db/x", order=HARD + "\n", empty="")
    assert (tmp_path / "seen").read_text() == (
        f"SET @param_order = _utf8mb4 X'{(HARD + chr(10)).encode().hex()}'; SET @param_empty = _utf8mb4 X''; "
        "START TRANSACTION; select 1\n;\nCOMMIT;\n"
    )


def test_every_byte_reaches_mysql_with_what_any_image_has(
    client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small images have neither printenv nor od: a value must not get lost because of that."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "awk", "cat", "mktemp", "sed", "grep", "head"):
        (tools / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(tools))
    text = "".join(chr(code) for code in range(1, 0x180)) + "\n"
    ended, _ = client("mysql", "mysql://u@db/x", text=text)
    assert ended.returncode == 0, ended.stderr
    assert f"SET @param_text = _utf8mb4 X'{text.encode().hex()}'; " in (tmp_path / "seen").read_text()


def test_the_address_of_mysql_becomes_options(client: Any, tmp_path: Path) -> None:
    client("mysql", "mysql://sh%40p:p%22w%5C%23%3F@[::1]:3307/or%2Fders?ssl-ca=/etc/ca.pem&compress")
    assert (tmp_path / "seen.options").read_text() == (
        '[client]\nprotocol=tcp\nhost="::1"\nport="3307"\nuser="sh@p"\npassword="p\\"w\\\\#?"\ndatabase="or/ders"\n'
        'ssl-ca="/etc/ca.pem"\ncompress\n'
    )


@pytest.mark.parametrize(
    ("engine", "dsn", "reason"),
    [
        ("postgres", "mysql://u:secret@db/x", "the DSN begins with mysql://, but the task's engine is postgres"),
        ("mysql", "postgresql://u:secret@db/x", "the DSN begins with postgresql://, but the task's engine is mysql"),
        ("postgres", "", "the DSN is empty"),
        ("postgres", "secret", "the DSN is empty, or no address"),
        ("mysql", "user=u password=secret://x", "the DSN is empty, or no address"),
        ("mysql", "mysql://u:secret%@db/x", "the DSN cannot be read"),
        ("mysql", "mysql://u:secret%0Ax@db/x", "the DSN cannot be read"),
        ("mysql", "mysql://u:sec?ret=secret@db/x", "the DSN cannot be read"),
        ("mysql", "mysql:///x", "the DSN cannot be read"),
    ],
)
def test_a_wrong_address_fails_the_task_without_being_shown(client: Any, engine: str, dsn: str, reason: str) -> None:
    ended, written = client(engine, dsn)
    assert ended.returncode == 1
    assert written.startswith(reason)
    assert "secret" not in ended.stderr + written


@pytest.mark.parametrize(
    ("engine", "errors", "reason"),
    [
        ("postgres", 'psql:/x/statement.sql:3: ERROR:  relation "t" does not exist\nLINE 1: …', 'ERROR: relation "t"'),
        ("postgres", "psql: error: connection to server at x failed: FATAL:  no\n", "connection to server at x failed"),
        ("postgres", 'psql: error: invalid percent-encoded token: "secret%"\n', "the DSN cannot be read"),
        ("postgres", "", "psql ended with exit code 3"),
        (
            "mysql",
            "-----\nselect secret\n-----\n\nERROR 1146 (42S02) at line 2: Table 'x' is not there\n",
            "Table 'x' is",
        ),
        ("mysql", "mariadb: unknown variable 'a=1'\n", "mariadb: unknown variable"),
        ("mysql", "", "mariadb ended with exit code 3"),
    ],
)
def test_what_the_client_says_is_the_reason(client: Any, engine: str, errors: str, reason: str) -> None:
    ended, written = client(engine, f"{engine}://u@db/x", errors=errors, code=3)
    assert ended.returncode == 1
    assert written.startswith(reason)
    assert "secret" not in ended.stderr + written
