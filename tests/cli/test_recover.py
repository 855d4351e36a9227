"""`status` and `recover`: the steps of an interrupted migration, continued or undone."""

from __future__ import annotations

import json
import os
import pty
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cli.project_fixture import CliProject, cli_project
from tests.cli.test_data_loss import read_until
from tests.servers import Database

STEPS = """
op.create_table('side', sa.Column('id', sa.Integer), sa.Column('n', sa.String(9)))
op.execute("INSERT INTO side (id) VALUES (1)")
op.add_column('t', sa.Column('x', sa.Integer))
op.execute("UPDATE t SET x = id")
op.create_index('ix', 't', ['x'])
"""
COMMIT = 'op.execute("COMMIT")\n'
BROKEN = 'op.execute("INSERT INTO nowhere VALUES (1)")\n'


def schema_of(database: Database) -> dict[str, list[str]]:
    with database.engine(poolclass=sa.NullPool) as engine:
        inspector = sa.inspect(engine)
        return {
            name: sorted(column["name"] for column in inspector.get_columns(name))
            for name in inspector.get_table_names()
        }


def query(database: Database, sql: str) -> list[tuple[object, ...]]:
    with database.engine(poolclass=sa.NullPool) as engine, engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]


def interrupted(
    folder: Path, database: Database, steps: str = STEPS, *, journal: str = "auto"
) -> CliProject:
    """Return a project in which the upgrade of b2 has failed after its steps were committed."""
    project = cli_project(folder, database, extra=f"journal = {journal}")
    project.write(
        "a1", "op.execute('CREATE TABLE t (id INTEGER)')\nop.execute('INSERT INTO t VALUES (7)')"
    )
    project.check_output("upgrade", "head")
    project.write("b2", steps + COMMIT + BROKEN, down="a1")
    done = project.run("upgrade", "head")
    assert done.code == 1
    assert "recover" in done.text, done.text
    return project


def rewrite_revision(project: CliProject, steps: str = STEPS) -> None:
    project.write("b2", steps + COMMIT, down="a1")


def test_status_lists_the_steps_and_writes_nothing(database: Database, tmp_path: Path) -> None:
    project = interrupted(tmp_path, database)
    before = schema_of(database), query(database, "SELECT * FROM limbeck_journal ORDER BY place")
    (found,) = json.loads(project.check_output("status", "--json"))
    assert found["revisions"] == ["a1"]
    assert found["pending"] == ["b2"]
    (move,) = found["interrupted"]
    assert (move["revision"], move["direction"]) == ("b2", "upgrade")
    outcomes = [step["outcome"] for step in move["steps"]]
    # the COMMIT of MariaDB is counted as a statement
    assert set(outcomes) - {"runs again"} == {"done"}
    assert "CREATE TABLE side" in move["steps"][0]["statement"]
    text = project.check_output("status")
    assert "Interrupted: upgrade of b2" in text
    assert "1 statement that changes rows in side" in text
    assert before == (
        schema_of(database),
        query(database, "SELECT * FROM limbeck_journal ORDER BY place"),
    )


def test_status_of_a_database_without_anything(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    project.write("a1")
    assert "Revision: base (nothing applied)\nPending: 1 (a1)" in project.check_output("status")
    assert schema_of(database) == {}


def test_continue_finishes_the_migration(database: Database, tmp_path: Path) -> None:
    project = interrupted(tmp_path, database)
    rewrite_revision(project)
    assert "Finished the upgrade of b2" in project.check_output("recover", "--continue")
    assert query(database, "SELECT id, x FROM t") == [(7, 7)]
    assert query(database, "SELECT id FROM side") == [(1,)]
    assert "b2" in project.check_output("current")
    assert "limbeck_journal" not in schema_of(database)
    assert "No migration is interrupted." in project.check_output("recover", "--continue")


def test_continue_accepts_a_statement_that_is_no_longer_in_the_file(
    database: Database, tmp_path: Path
) -> None:
    project = interrupted(tmp_path, database)
    rewrite_revision(project, STEPS.replace('op.execute("UPDATE t SET x = id")\n', ""))
    refused = project.run("upgrade", "head")
    assert refused.code == 255
    assert "recover --continue" in refused.err
    project.check_output("recover", "--continue")
    assert query(database, "SELECT id, x FROM t") == [(7, 7)]
    assert "b2" in project.check_output("current")


def test_undo_reverts_everything(database: Database, tmp_path: Path) -> None:
    project = interrupted(tmp_path, database)
    out = project.check_output("recover", "--undo")
    assert "Reverted: drop table side" in out
    assert "Undid the upgrade of b2" in out
    assert schema_of(database) == {"alembic_version": ["version_num"], "t": ["id"]}
    assert query(database, "SELECT id FROM t") == [(7,)]
    rewrite_revision(project)
    project.check_output("upgrade", "head")
    assert query(database, "SELECT id, x FROM t") == [(7, 7)]


def test_undo_reverts_objects_with_a_percent_sign(database: Database, tmp_path: Path) -> None:
    steps = """
op.add_column('t', sa.Column('50%', sa.Integer))
op.execute(sa.text("ALTER TABLE t RENAME COLUMN id TO " + QUOTED))
"""
    quoted = database.url.get_dialect()().identifier_preparer.quote_identifier("a %s")
    project = interrupted(
        tmp_path, database, steps.replace("QUOTED", repr(quoted.replace("%%", "%")))
    )
    assert schema_of(database)["t"] == ["50%", "a %s"]
    project.check_output("recover", "--undo")
    assert schema_of(database)["t"] == ["id"]


def test_undo_stops_at_a_statement_without_a_reverse(database: Database, tmp_path: Path) -> None:
    steps = """
op.create_table('side', sa.Column('id', sa.Integer))
op.execute("UPDATE t SET id = id + 1")
op.add_column('t', sa.Column('x', sa.Integer))
"""
    project = interrupted(tmp_path, database, steps)
    done = project.run("recover", "--undo")
    assert done.code == 255
    assert "no reverse statement of 1 statement that changes rows in t" in done.out
    assert schema_of(database)["t"] == ["id"]
    assert "side" in schema_of(database)
    # the first statements of the migration are left; it continues after them
    rewrite_revision(project, steps)
    project.check_output("upgrade", "head")
    assert query(database, "SELECT id FROM t") == [(8,)]
    assert schema_of(database)["t"] == ["id", "x"]


def test_forget_starts_from_the_first_statement(database: Database, tmp_path: Path) -> None:
    project = interrupted(tmp_path, database)
    assert "Forgot the upgrade of b2" in project.check_output("recover", "--forget")
    assert "limbeck_journal" not in schema_of(database)
    assert "side" in schema_of(database)
    rewrite_revision(project)
    done = project.run("upgrade", "head")
    assert done.code == 1
    assert "side" in done.out


def test_without_a_terminal_no_question_is_asked(mysql_family: Database, tmp_path: Path) -> None:
    project = interrupted(tmp_path, mysql_family)
    done = project.run("recover")
    assert done.code == 255
    assert "Interrupted: upgrade of b2" in done.out
    assert "--continue, --undo or --forget" in done.err
    assert project.run("recover", "--undo", "--forget").code == 255


@pytest.mark.parametrize(("answer", "rows"), [("done", [(1,)]), ("not-done", [(1,), (1,)])])
def test_a_statement_with_unknown_outcome_needs_a_decision(
    mysql_family: Database, tmp_path: Path, answer: str, rows: list[tuple[object, ...]]
) -> None:
    project = interrupted(tmp_path, mysql_family, "op.execute('CREATE TABLE side (id INT)')\n")
    with mysql_family.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO side VALUES (1)")
        fingerprint = "0" * 64
        connection.exec_driver_sql(
            "INSERT INTO limbeck_journal (lane, revision, direction, place, state, fingerprint, "
            "statement) SELECT lane, 'b2', 'up', 90, 'running', %s, 'CALL fill()' "
            "FROM limbeck_journal LIMIT 1",
            (fingerprint,),
        )
    assert "unknown: CALL fill()" in project.check_output("status")
    done = project.run("recover", "--continue")
    assert done.code == 255
    assert "--unknown done" in done.err
    project.write(
        "b2",
        "op.execute('CREATE TABLE side (id INT)')\nop.execute('INSERT INTO side VALUES (1)')"
        if answer == "not-done"
        else "op.execute('CREATE TABLE side (id INT)')",
        down="a1",
    )
    project.check_output("recover", "--continue", "--unknown", answer)
    assert query(mysql_family, "SELECT id FROM side") == rows


def test_an_interrupted_downgrade_is_continued(mysql_family: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, mysql_family)
    project.write("a1", "op.execute('CREATE TABLE t (id INT)')")
    down = "op.execute('DROP TABLE side')\n"
    project.write(
        "b2", "op.execute('CREATE TABLE side (id INT)')", down="a1", downgrade=down + BROKEN
    )
    project.check_output("upgrade", "head")
    assert project.run("downgrade", "a1", "--yes").code == 1
    assert "Interrupted: downgrade of b2" in project.check_output("status")
    # the revision is the head by its version row, and its table is gone
    wrong = project.run("upgrade", "head")
    assert wrong.code == 255
    assert "downgrade of b2 was interrupted" in wrong.out
    assert "recover --continue" in wrong.err
    undo = project.run("recover", "--undo")
    assert undo.code == 255
    assert "no reverse statement of DROP TABLE side" in undo.out
    project.write("b2", down="a1", downgrade=down)
    project.check_output("recover", "--continue")
    assert "a1" in project.check_output("current")


BACKFILL = """
op.add_column('item', sa.Column('x', sa.Integer))
op.backfill('item', 'x = id', batch=4, seconds=None)
"""


def project_with_interrupted_backfill(folder: Path, database: Database) -> CliProject:
    """Return a project in which a backfill has failed in its second batch."""
    project = cli_project(folder, database, extra="journal = auto")
    rows = ", ".join(f"({n}, 0)" for n in range(1, 11))
    project.write(
        "a1",
        "op.create_table('item', sa.Column('id', sa.Integer, primary_key=True, autoincrement=False),"
        " sa.Column('n', sa.Integer), sa.CheckConstraint('n < 1', name='small'))\n"
        f"op.execute('INSERT INTO item VALUES {rows}')",
    )
    project.check_output("upgrade", "head")
    project.write(
        "b2",
        BACKFILL.replace("'x = id'", "'x = id, n = CASE WHEN id = 6 THEN 5 ELSE 0 END'"),
        down="a1",
    )
    done = project.run("upgrade", "head")
    assert done.code == 1
    assert "recover" in done.text, done.text
    return project


def test_status_shows_an_interrupted_backfill(database: Database, tmp_path: Path) -> None:
    project = project_with_interrupted_backfill(tmp_path, database)
    (found,) = json.loads(project.check_output("status", "--json"))
    (move,) = found["interrupted"]
    step = move["steps"][-1]
    assert step["outcome"] == "partly done"
    assert step["statement"].startswith("UPDATE item SET x=")
    assert step["statement"].endswith("(4 rows so far)")
    assert "partly done: UPDATE item" in project.check_output("status")
    assert query(database, "SELECT count(x) FROM item") == [(4,)]
    project.write("b2", BACKFILL, down="a1")
    refused = project.run("upgrade", "head")
    assert refused.code == 255
    assert "recover --continue" in refused.err
    project.check_output("recover", "--continue")
    assert query(database, "SELECT count(*) FROM item WHERE x = id") == [(10,)]
    assert "limbeck_journal" not in schema_of(database)


def test_undo_does_not_revert_a_backfill_of_older_columns(
    database: Database, tmp_path: Path
) -> None:
    project = project_with_interrupted_backfill(tmp_path, database)
    project.write("b2", BACKFILL, down="a1")
    out = project.run("recover", "--undo")
    # n was there before, so that its values have no reverse
    assert out.code != 0
    assert "partly done" in project.check_output("status")


def _use_alembic_env(project: CliProject) -> None:
    text = project.env_py.read_text("utf-8")
    project.env_py.write_text(text.replace("from limbeck import", "from alembic import"), "utf-8")


def test_current_names_an_interrupted_migration_on_stderr(
    database: Database, tmp_path: Path
) -> None:
    project = interrupted(tmp_path, database)
    before = project.run("current")
    assert "Not finished: upgrade of b2" in before.err
    assert "Not finished" not in before.out
    listed = project.run("current", "--json")
    assert [one["revision"] for one in json.loads(listed.out)[0]["revisions"]] == ["a1"]
    assert "Not finished: upgrade of b2" in listed.err
    project.check_output("recover", "--forget")
    after = project.run("current")
    assert "Not finished" not in after.err
    assert after.out == before.out


@pytest.mark.parametrize("choice", ["--continue", "--undo", "--forget"])
def test_projects_of_alembic_have_the_same_choices(
    server_database: Database, tmp_path: Path, choice: str
) -> None:
    project = interrupted(tmp_path, server_database)
    _use_alembic_env(project)
    status = project.run("current")
    assert "Not finished: upgrade of b2" in status.err
    assert status.out.split()[0] == "a1"
    rewrite_revision(project)
    project.check_output("recover", choice)
    found = schema_of(server_database)
    assert ("side" in found) is (choice != "--undo")
    assert "limbeck_journal" not in found
    assert ("b2" in project.run("current").out) is (choice == "--continue")
    if choice == "--undo":
        project.check_output("upgrade", "head")
        assert query(server_database, "SELECT id, x FROM t") == [(7, 7)]


def _answer(project: CliProject, *answers: tuple[str, str]) -> tuple[int, str]:
    """Run `recover` on a terminal; each answer follows the words that ask for it."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(project.folder)
        os.execv(sys.executable, [sys.executable, "-m", "limbeck", "recover"])
    seen = ""
    for words, answer in answers:
        seen += read_until(terminal, words)
        os.write(terminal, f"{answer}\n".encode())
    seen += read_until(terminal, "\0")
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen


@pytest.mark.parametrize("is_alembic", [False, True])
def test_recover_asks_on_a_terminal(
    server_database: Database, tmp_path: Path, is_alembic: bool
) -> None:
    project = interrupted(tmp_path, server_database)
    if is_alembic:
        _use_alembic_env(project)
    code, seen = _answer(project, ("does nothing):", ""))
    assert "Interrupted: upgrade of b2" in seen
    assert code == 0
    assert "side" in schema_of(server_database)
    code, seen = _answer(project, ("does nothing):", "u"))
    assert (code, "Undid the upgrade of b2" in seen) == (0, True), seen
    assert "side" not in schema_of(server_database)


def test_recover_asks_whether_a_statement_took_effect(
    server_database: Database, tmp_path: Path
) -> None:
    steps = "op.execute('CREATE TABLE side (id INT)')\n"
    project = interrupted(tmp_path, server_database, steps)
    with server_database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO limbeck_journal (lane, revision, direction, place, state, fingerprint, "
            f"statement) SELECT lane, 'b2', 'up', 90, 'running', '{'0' * 64}', 'CALL fill()' "
            "FROM limbeck_journal LIMIT 1"
        )
    rewrite_revision(project, steps)
    code, seen = _answer(project, ("does nothing):", "c"), ("unknown]", "y"))
    assert (code, "Finished the upgrade of b2" in seen) == (0, True), seen
    assert "b2" in project.check_output("current")


def test_restore_keeps_the_steps_of_an_interrupted_revision(
    sqlite: Database, tmp_path: Path
) -> None:
    project = interrupted(tmp_path, sqlite, journal="keep")
    before = project.run("status").text
    assert "b2" in before
    (project.versions / "a1_.py").unlink()
    project.check_output("restore", "a1")
    (project.versions / "b2_.py").unlink()
    done = project.run("restore", "b2")
    assert done.code != 0
    assert "no source of b2" in done.text, done.text
    rewrite_revision(project)
    assert project.run("status").text == before
    project.check_output("upgrade", "head")
    assert query(sqlite, "SELECT id, x FROM t") == [(7, 7)]
    assert query(sqlite, "SELECT id FROM side") == [(1,)]


def test_undo_does_not_revert_steps_in_another_default_schema(
    server_database: Database, tmp_path: Path
) -> None:
    """The names in such a step can stand for other objects in the default schema of the run."""
    is_postgresql = server_database.kind == "postgresql"
    other = "elsewhere" if is_postgresql else f"{server_database.url.database}_elsewhere"
    use = f"SET search_path = {other}" if is_postgresql else f"USE {other}"
    with server_database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {other}")
    try:
        project = cli_project(tmp_path, server_database)
        project.write(
            "a1",
            "op.execute('CREATE TABLE t (id INTEGER)')\nop.execute('CREATE TABLE x (id INTEGER)')",
        )
        project.check_output("upgrade", "head")
        steps = f"op.execute('{use}')\nop.execute('CREATE TABLE x (id INTEGER)')\n"
        project.write("b2", steps + COMMIT + BROKEN, down="a1")
        assert project.run("upgrade", "head").code == 1
        done = project.run("recover", "--undo")
        assert done.code == 255, done.text
        assert "0 steps were reverted" in done.text
        assert "(in another default schema)" in done.text
        assert set(schema_of(server_database)) > {"t", "x"}
        assert query(server_database, f"SELECT * FROM {other}.x") == []
        project.write("b2", steps + COMMIT, down="a1")
        project.check_output("recover", "--continue")
        assert "b2" in project.check_output("current")
    finally:
        with server_database.engine() as engine, engine.begin() as connection:
            cascade = " CASCADE" if is_postgresql else ""
            connection.exec_driver_sql(f"DROP SCHEMA {other}{cascade}")


def test_a_file_with_another_identifier_does_not_run_the_steps_again(
    database: Database, tmp_path: Path
) -> None:
    project = interrupted(tmp_path, database)
    before = schema_of(database)
    path = project.versions / "b2_.py"
    text = path.read_text("utf-8")
    path.unlink()
    (project.versions / "c9_.py").write_text(text.replace("'b2'", "'c9'"), "utf-8")
    done = project.run("upgrade", "head")
    assert done.code == 255, done.text
    assert "The upgrade of b2 was interrupted, and its revision has no file" in done.text
    assert schema_of(database) == before


def test_stamp_names_the_steps_that_it_forgets(database: Database, tmp_path: Path) -> None:
    project = interrupted(tmp_path, database)
    done = project.run("stamp", "b2")
    assert done.code == 0, done.text
    assert "was interrupted, and has changed the database" in done.err
    assert "was interrupted" not in project.run("stamp", "b2").text


def test_an_interrupted_revision_without_a_file_is_reported(
    database: Database, tmp_path: Path
) -> None:
    project = interrupted(tmp_path, database)
    (project.versions / "b2_.py").unlink()
    done = project.run("upgrade", "head")
    assert done.code == 255, done.text
    assert "The upgrade of b2 was interrupted, and its revision has no file" in done.text
    project.check_output("recover", "--undo")
    project.check_output("upgrade", "head")
    assert schema_of(database) == {"alembic_version": ["version_num"], "t": ["id"]}
