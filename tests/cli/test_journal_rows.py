"""Commands that only read do not change the journal; a move past a revision deletes its rows."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from tests.cli.project_fixture import CliProject, cli_project, finish
from tests.cli.test_failures import wait_for
from tests.servers import Database

READERS = (("current",), ("history", "-i"), ("heads",), ("check",))


def tables(database: Database) -> set[str]:
    with database.engine(poolclass=sa.NullPool) as engine:
        return set(sa.inspect(engine).get_table_names())


def journal(database: Database) -> list[str]:
    if "limbeck_journal" not in tables(database):
        return []
    with database.engine(poolclass=sa.NullPool) as engine, engine.connect() as connection:
        query = "SELECT revision FROM limbeck_journal WHERE direction <> 'kept'"
        return sorted(set(connection.exec_driver_sql(query).scalars()))


def _project(folder: Path, database: Database) -> CliProject:
    """Return a project whose journal is dropped when it is not needed."""
    return cli_project(folder, database, extra="journal = auto")


def _interrupt(project: CliProject) -> None:
    project.write("a1", "op.create_table('one', sa.Column('id', sa.Integer))")
    project.check_output("upgrade", "head")
    project.write(
        "b2",
        "op.create_table('two', sa.Column('id', sa.Integer))\nop.execute('INSERT INTO x VALUES (1)')",
        down="a1",
        downgrade="op.drop_table('two')",
    )
    assert project.run("upgrade", "head").code == 1


def test_readers_write_nothing(database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, database)
    project.write("a1", "op.create_table('one', sa.Column('id', sa.Integer))")
    for command in READERS:
        project.run(*command)
        assert tables(database) == set(), command


def test_readers_do_not_drop_an_empty_journal(mariadb: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, mariadb)
    _interrupt(project)
    with mariadb.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM limbeck_journal")
    for command in READERS:
        project.run(*command)
        assert "limbeck_journal" in tables(mariadb), command


def test_stamp_deletes_the_rows_of_the_revisions_that_it_passes(
    mariadb: Database, tmp_path: Path
) -> None:
    project = _project(tmp_path, mariadb)
    _interrupt(project)
    assert journal(mariadb) == ["b2"]
    project.write("c3", "pass", down="b2", downgrade="pass")
    project.check_output("stamp", "c3")
    assert journal(mariadb) == []
    project.check_output("downgrade", "a1")
    assert "two" not in tables(mariadb)
    # the revision starts from its first statement
    project.write("b2", "op.create_table('two', sa.Column('id', sa.Integer))", down="a1")
    project.check_output("upgrade", "head")
    assert "two" in tables(mariadb)


def test_stamp_on_another_revision_keeps_the_rows(mariadb: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, mariadb)
    _interrupt(project)
    project.check_output("stamp", "a1")
    assert journal(mariadb) == ["b2"]
    project.check_output("stamp", "--purge", "a1")
    assert journal(mariadb) == []


def test_readers_do_not_disturb_a_run_before_its_first_step(
    server_database: Database, tmp_path: Path
) -> None:
    project = _project(tmp_path, server_database)
    project.write(
        "a1",
        """
        open("ready", "w").close()
        for _ in range(600):
            if __import__("os").path.exists("go"):
                break
            time.sleep(0.05)
        op.create_table("one", sa.Column("id", sa.Integer))
        op.execute("INSERT INTO one VALUES (1)")
        """,
    )
    process = project.start("upgrade", "head")
    wait_for(project.folder / "ready")
    for command in (*READERS, ("status",)):
        project.run(*command)
    (project.folder / "go").touch()
    done = finish(process)
    assert done.code == 0, done.text
    assert "a1" in project.check_output("current")
    assert tables(server_database) == {"alembic_version", "one"}
