"""Statements on real MySQL and MariaDB: every text arrives byte for byte, whatever the server makes of backslashes."""

from __future__ import annotations

from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import pytest
import yaml

from generator.emit.emitter import emit
from generator.runtime.journal import unpack
from tests.charts import chart_of, write_files
from tests.cluster.cluster import Namespace, Release
from tests.cluster.example_database import PASSWORD, start_mysql
from tests.cluster.stand_ins import DATABASES, load_database
from tests.cluster.test_e2e_task_kinds import WORDS

pytestmark = pytest.mark.cluster

TEXTS = [
    *WORDS,
    "縗' or ''='",  # its last byte in GBK is a backslash
    "¿' or 1=1 -- ",
    "\\",
    "/*! drop table orders */",
    '"; drop table orders; #',
    "`; drop table orders; --",
    "x\r\n\\g\ndelimiter $$\n\\! id\n",
]


def task(query: str, key: str = "dsn", needs: Any = (), outputs: dict[str, str] | None = None, **params: str) -> Any:
    """A statement on the database."""
    return {
        "sql": {"engine": "mysql", "dsn": {"secret": "db", "key": key}, "query": query, "params": params},
        "calls": ["10.0.0.1:3306"],
        "needs": needs,
        "outputs": {name: {"type": kind} for name, kind in (outputs or {}).items()},
    }


def spec() -> str:
    """All texts are parameters of one statement; a run of it for each way in which servers read backslashes."""
    texts = {f"w{number}": f"${{{{ inputs.words[{number}] }}}}" for number in range(len(TEXTS))}
    insert = "set session group_concat_max_len = 100000; insert into orders (mode, word) values " + ", ".join(
        f"(:mode, :{name})" for name in texts
    )
    write = f"{insert}; select group_concat(hex(word) order by id) as words from orders where mode = :mode"
    modes = {"plain": "", "unescaped": "set session sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'; "}
    columns = "id int auto_increment primary key, mode text, word text character set utf8mb4 collate utf8mb4_bin"
    tasks = {
        "create": task(f"create table orders ({columns})"),
        **{
            mode: task(first + write, "dsn", ["create"], {"words": "string"}, mode=mode, **texts)
            for mode, first in modes.items()
        },
        "half": task("insert into orders (mode, word) values ('half', 'x'); select * from nosuch", needs=["create"]),
        "lost": task(
            "select count(*) as n from orders where mode = 'half'", "dsn", {"half": "failed"}, {"n": "integer"}
        ),
        "types": task(
            "select :i + 1 as i, :f * 2 as f, 1 = 1 as b",
            outputs={"i": "integer", "f": "number", "b": "boolean"},
            i="${{ 41 }}",
            f="${{ 1.25 }}",
        ),
        "none": task("select 1 as amount from dual where 1 = 0", outputs={"amount": "integer"}),
        "scheme": task("select 1", "scheme"),
        "word": task("select 1", "wrong"),
    }
    return yaml.safe_dump(
        {
            "defaults": {"resources": {"cpu": "10m", "memory": "32Mi"}},
            "workflows": {"statements": {"inputs": {"words": {"type": "list"}}, "tasks": tasks}},
        }
    )


@pytest.mark.parametrize("server", DATABASES)
def test_statements(server: str, load: Path, namespace: Namespace, helm4: Path, tmp_path: Path) -> None:
    try:
        load_database(load, server)
    except CalledProcessError as problem:
        pytest.skip(f"the packages of {server} cannot be had: {problem.stderr}")
    dsn = f"{{}}://shop:{{}}@{server}:3306/shop"
    data = {
        "dsn": dsn.format("mysql", PASSWORD),
        "scheme": dsn.format("postgres", PASSWORD),
        "wrong": dsn.format("mysql", "wrong-word"),
    }
    namespace.apply({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "stringData": data})
    start_mysql(namespace, server, "shop")
    release = Release(namespace, helm4, write_files(emit(chart_of(spec())), tmp_path / "shop"))
    repository, _, tag = DATABASES[server].partition(":")
    image = "sqlClients.mysql.image"
    release.install("--set", f"monitoring.enabled=false,{image}.repository={repository},{image}.tag={tag}")
    run = release.run("statements", "hostile", words=TEXTS)
    assert run.verdict() == "Failed"
    journal = unpack(run.job()["metadata"]["annotations"]["flowhelm.dev/journal"])["tasks"]
    jobs = namespace.get("jobs", "-l", f"flowhelm.dev/run={run.name},flowhelm.dev/task")
    noted = [job["metadata"]["annotations"] for job in jobs]
    outputs = {each["flowhelm.dev/path"]: yaml.safe_load(each.get("flowhelm.dev/outputs", "{}")) for each in noted}
    for mode in ("plain", "unescaped"):
        assert [bytes.fromhex(word).decode() for word in outputs[mode]["words"].split(",")] == TEXTS
    assert outputs["types"] == {"i": 42, "f": 2.5, "b": True}
    assert outputs["lost"] == {"n": 0}, "all of a transaction or nothing"
    reasons = {name: journal[name]["reason"] for name in ("half", "none", "scheme", "word")}
    assert reasons["half"] == "Table 'shop.nosuch' doesn't exist"
    assert reasons["none"] == "the statement gave no row, and the output amount has no default"
    assert reasons["scheme"] == "the DSN begins with postgres://, but the task's engine is mysql"
    assert reasons["word"].startswith("Access denied for user 'shop'")
    said = namespace.kubectl("logs", "-l", f"flowhelm.dev/run={run.name}", "--tail=-1", "--max-log-requests=50")
    assert PASSWORD not in said
    assert "wrong-word" not in said
