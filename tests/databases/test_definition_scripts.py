"""Drafts of objects declared next to the models, as scripts that the clients of the servers run."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa

from limbeck import commands
from limbeck.dialects import find
from limbeck.project import Project
from tests import servers
from tests.cases.autogenerate import every_pair
from tests.cases.autogenerate.builders import Pair
from tests.databases.pairs.harness import Stage, stage

ENV = """\
from limbeck import context

given = context.config.attributes
if context.is_offline_mode():
    context.configure(dialect_name=given["dialect"], target_metadata=given["models"])
    with context.begin_transaction():
        context.run_migrations()
else:
    with given["engine"].connect() as connection:
        context.configure(
            connection=connection, target_metadata=given["models"], **given["options"]
        )
        with context.begin_transaction():
            context.run_migrations()
"""
PLAYED = {
    "postgresql": (
        "views on views declared", "comment on a trigger changes", "type under a policy and a",
         "declared trigger and grant on a view", "materialised view changes under its index",
    ),
    "mariadb": (
        "procedure of MariaDB changes", "view and trigger that call a function of MariaDB",
         "several triggers of MariaDB", "column of MariaDB renamed under a trigger",
    ),
    "sqlite": (
        "view of SQLite changes under its trigger", "view and trigger of SQLite with awkward",
    ),
}  # fmt: skip


def selected_pairs() -> list[tuple[str, Pair]]:
    """Return the pairs to play with their databases."""
    found = []
    for kind, names in PLAYED.items():
        pairs = [one for one in every_pair() if kind in one.on]
        found += [(kind, one) for one in pairs if any(one.name.startswith(n) for n in names)]
    return found


def client(database: servers.Database, script: str) -> None:
    """Give a script to the server's own client."""
    url = database.url
    words = {
        "sqlite": ["sqlite3", "-bail", str(url.database)],
        "postgresql": ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-d",
                       url.set(drivername="postgresql").render_as_string(hide_password=False)],
        "mariadb": ["mariadb", f"-h{url.host}", f"-P{url.port}", f"-u{url.username}",
                    f"-p{url.password}" if url.password else "--skip-password", str(url.database)],
    }[database.kind]  # fmt: skip
    if shutil.which(words[0]) is None:
        pytest.skip(f"there is no {words[0]}")
    run = subprocess.run(words, input=script, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr + script


def able_without(on: Stage, models: sa.MetaData, pair: Pair) -> Project:
    """Return the stage's project as it is, with an env.py that can do without a database."""
    made = on.project(models, pair.options)
    (on.folder / "project" / "migrations" / "env.py").write_text(ENV, "utf-8")
    made.config.attributes["dialect"] = on.engine.dialect.name
    return made


def play(on: Stage, pair: Pair) -> None:
    """Go there and back by scripts."""
    wanted = on.expected(pair.after, pair)
    before = on.expected(pair.before, pair)
    on.create(pair.before, pair)
    project = able_without(on, pair.after, pair)
    ask = commands.RevisionRequest(
        message="x",
        autogenerate=True,
        allow_drops=True,
        answers=commands.UserAnswers(renames=pair.renames),
    )
    made = commands.revision(project, ask).revisions[0]
    with on.engine.begin() as connection:
        # a script from the beginning makes it
        connection.exec_driver_sql("DROP TABLE alembic_version")
    for target, back in (("head", False), (f"{made.id}:base", True)):
        out = io.StringIO()
        project.config.output_buffer = out
        move = commands.downgrade if back else commands.upgrade
        move(project, commands.MoveRequest(target, sql=True))
        client(on.database, out.getvalue())
        if not back:
            assert on.account(pair.after) == wanted
            assert commands.check(project).differences == ()
    assert on.account(pair.before) == before


@pytest.mark.parametrize(
    ("kind", "pair"), [pytest.param(k, p, id=f"{k}-{p.name}") for k, p in selected_pairs()]
)
def test_a_script_gives_the_schema_of_a_run(kind: str, pair: Pair, tmp_path: Path) -> None:
    with stage(kind, tmp_path) as on:
        play(on, pair)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_projects_of_alembic_do_not_compare_declared_objects(kind: str, tmp_path: Path) -> None:
    with stage(kind, tmp_path) as on:
        for pair in [pair for place, pair in selected_pairs() if place == kind][::2]:
            if pair.renames or "type" in pair.name:
                continue
            on.create(pair.before, pair)
            project = on.project(pair.after, {"detect": "alembic"})
            assert commands.check(project).differences == (), pair.name


def test_the_journal_detects_a_changed_routine(mariadb: servers.Database) -> None:
    trace = find("mysql").trace
    assert trace is not None
    steps = (
        "CREATE FUNCTION `f a`(n int) RETURNS int RETURN n",
        "ALTER FUNCTION `f a` COMMENT 'it''s'",
        "CREATE OR REPLACE FUNCTION `f a`(n bigint) RETURNS int RETURN n",
        "DROP FUNCTION `f a`",
        "CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END",
        "DROP PROCEDURE p",
        "CREATE TABLE t (id int, x int, KEY ix (x))",
        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET @a = 1",
        "DROP TRIGGER g",
        "ALTER TABLE t ALTER INDEX ix IGNORED",
        "CREATE INDEX iy ON t (id) COMMENT 'x' IGNORED",
    )
    with mariadb.engine() as engine, engine.connect() as connection:
        for sql in steps:
            before = trace(connection, sql)
            connection.exec_driver_sql(sql)
            assert before is not None
            assert trace(connection, sql) != before, sql
