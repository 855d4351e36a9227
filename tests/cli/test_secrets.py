"""Secrets that go through limbeck: none is printed, logged or stored."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cli.project_fixture import LIMBECK, cli_project
from tests.servers import Database

# the dashes make the statement one that no server accepts
FAILING = "op.execute(\"CREATE ROLE nobody PASSWORD 's3cr-et' NO SUCH WORD\")"
KEPT = """
op.create_table("one", sa.Column("id", sa.Integer, primary_key=True))
op.execute("INSERT INTO one VALUES (1)")
op.execute("UPDATE one SET id = 1 WHERE 'password=s3cr-et' = 'x'")
"""


def stored(database: Database) -> str:
    """Return everything that the journal's table holds, with packed sources unpacked."""
    from limbeck.runtime.applied_sources import AppliedSource

    with database.engine(poolclass=sa.NullPool) as engine, engine.connect() as connection:
        if not sa.inspect(connection).has_table("limbeck_journal"):
            return ""
        rows = connection.exec_driver_sql("SELECT direction, statement FROM limbeck_journal").all()
    texts = []
    for direction, statement in rows:
        if direction == "kept":
            packed = AppliedSource("", "", "", "", "", "", (), statement)
            texts.append(packed.source.decode())
        else:
            texts.append(statement)
    return "\n".join(texts)


def test_a_failing_statement_is_shown_without_its_password(
    database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, database)
    project.write("aaaa", FAILING)
    done = project.run("upgrade", "head")
    assert done.code == 1
    assert "s3cr-et" not in done.text
    assert "PASSWORD ***" in done.text
    assert "s3cr-et" not in stored(database)


def test_a_traceback_has_no_password(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    project.write("aaaa", FAILING.replace("NO SUCH WORD", "NO SUCH WORD'"))
    done = subprocess.run(
        [*LIMBECK, "--raiseerr", "upgrade", "head"],
        cwd=project.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    # the source line of the traceback is the user's own file, the statement below it is not
    assert "s3cr-et" not in done.stdout + done.stderr


def test_the_kept_source_and_the_journal_have_no_password(
    database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, database, extra="journal = keep")
    path = project.write("aaaa", KEPT)
    before = path.read_bytes()
    project.check_output("upgrade", "head")
    assert "s3cr-et" not in stored(database)
    assert "was changed" not in project.run("current").text
    path.unlink()
    done = project.run("restore")
    assert done.code == 0, done.text
    assert "***" in done.err
    assert b"s3cr-et" in before
    assert b"s3cr-et" not in path.read_bytes()
    compile(path.read_text(), str(path), "exec")


@pytest.mark.parametrize("setting", ["[logger_sqlalchemy]\nlevel = DEBUG", "echo = True"])
def test_the_log_of_the_engine_has_no_password(
    sqlite: Database, tmp_path: Path, setting: str
) -> None:
    project = cli_project(tmp_path, sqlite)
    ini = project.folder / "alembic.ini"
    text = ini.read_text()
    if setting.startswith("echo"):
        text = text.replace("sqlalchemy.url", "sqlalchemy.echo = true\nsqlalchemy.url", 1)
    else:
        text = re.sub(r"\[logger_sqlalchemy\]\nlevel = \w+", setting, text)
    ini.write_text(text)
    project.write("aaaa", "op.execute(\"SELECT 'password=s3cr-et'\")")
    done = project.run("upgrade", "head")
    assert done.code == 0, done.text
    assert "SELECT 'password=***" in done.text
    assert "s3cr-et" not in done.text


@pytest.mark.parametrize("words", [("current", "-v"), ("current", "--json")])
def test_the_query_of_an_address_is_masked(
    sqlite: Database, tmp_path: Path, words: tuple[str, ...]
) -> None:
    project = cli_project(tmp_path, sqlite)
    ini = project.folder / "alembic.ini"
    address = f"{sqlite.address}?cache=shared&sslpassword=s3cr-et"
    ini.write_text(ini.read_text().replace(sqlite.address, address))
    done = project.run(*words)
    assert "s3cr-et" not in done.text


@pytest.mark.parametrize("words", [("plan",), ("plan", "--json"), ("plan", "--html", "plan.html")])
def test_a_plan_shows_no_values_of_a_failing_statement(
    database: Database, tmp_path: Path, words: tuple[str, ...]
) -> None:
    project = cli_project(tmp_path, database)
    project.write(
        "a1",
        'op.create_table("users", sa.Column("id", sa.Integer, primary_key=True), '
        'sa.Column("password", sa.String(50), unique=True))\n'
        'users = sa.table("users", sa.column("id"), sa.column("password"))\n'
        'op.bulk_insert(users, [{"id": 1, "password": "s3cr-et"}])\n'
        'op.execute(sa.text("INSERT INTO users (id, password) VALUES (1, :p)")'
        '.bindparams(p="s3cr-et"))\n',
    )
    done = project.run(*words)
    page = project.folder / "plan.html"
    text = done.text + (page.read_text("utf-8") if page.exists() else "")
    assert "a1 fails on empty tables" in text
    assert "s3cr-et" not in text
