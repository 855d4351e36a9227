"""Run one pair of models through scripts of limbeck with the client of the server."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from limbeck import commands
from tests.cases.autogenerate.builders import Pair
from tests.databases.pairs.harness import Result, Stage, marked, schema_difference
from tests.servers import Database

MARKS = ("drafted", "upgraded", "equal", "undone")


def play_scripts(on: Stage, pair: Pair) -> Result:
    """Play a pair there and back with `--sql` and return its marks; all four, if it is right."""
    result = Result(pair, wanted=MARKS)
    wanted, before = on.expected(pair.after, pair), on.expected(pair.before, pair)
    on.create(pair.before, pair)
    on.fill(pair)
    project = on.project(pair.after, pair.options)
    if on.kind == "mariadb" and (pair.before._sequences or pair.after._sequences):
        # MySQL has none: who writes a script without a server says which of the two it is for
        name = on.engine.url.drivername.replace("mysql", "mariadb", 1)
        project.config.attributes["url"] = on.engine.url.set(drivername=name)
    with marked(result, "drafted"):
        ask = commands.RevisionRequest(
            message=pair.name,
            autogenerate=True,
            allow_drops=True,
            answers=commands.UserAnswers(renames=pair.renames, policy="never"),
        )
        written = commands.revision(project, ask).revisions[0]
        result.source = Path(str(written.path)).read_text(encoding="utf-8")
    if not result.marks["drafted"]:
        return result
    with on.engine.begin() as connection:
        # the database that a script is for has not been compared with models
        connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")
    out = on.script
    for mark, move, where in (
        ("upgraded", commands.upgrade, "head"),
        ("undone", commands.downgrade, f"{written.id}:base"),
    ):
        out.seek(0)
        out.truncate()
        with marked(result, mark):
            move(project, commands.MoveRequest(where, sql=True))
            run_script(on.database, out.getvalue())
        if not result.marks[mark]:
            result.source += f"\n{out.getvalue()}"
            return result
        if mark == "upgraded":
            result.mark("equal", schema_difference(wanted, on.account(pair.after)))
    result.mark("undone", schema_difference(before, on.account(pair.before)))
    return result


def run_script(database: Database, script: str) -> None:
    """Run a script as an operator would; an error of the client is an assertion.

    Where the server's client is not installed, the driver sends the script in one piece.
    """
    if shutil.which(next(_client(database))) is None:
        _send(database, script)
        return
    done = subprocess.run(
        [*_client(database)], input=script, text=True, capture_output=True, check=False,
        env={**os.environ, "PGOPTIONS": "--client-min-messages=warning"}, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def _send(database: Database, script: str) -> None:
    url = database.url
    if database.kind == "postgresql":
        import psycopg

        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(script.encode())
        return
    import pymysql
    from pymysql.constants import CLIENT

    with (
        pymysql.connect(
            host=url.host or "localhost",
            port=url.port or 3306,
            user=url.username,
            password=url.password or "",
            database=url.database,
            client_flag=CLIENT.MULTI_STATEMENTS,
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(script)
        while cursor.nextset():
            pass


def _client(database: Database) -> Iterator[str]:
    url = database.url
    if database.kind == "postgresql":
        yield from ("psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1")
        yield url.set(drivername="postgresql").render_as_string(hide_password=False)
        return
    yield from ("mysql", f"--host={url.host}", f"--port={url.port or 3306}")
    yield from (f"--user={url.username}", "--default-character-set=utf8mb4")
    if url.password:
        yield f"--password={url.password}"
    yield str(url.database)
