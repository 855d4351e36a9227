"""Many commands at once on one database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.project_fixture import CliProject, cli_project, finish
from tests.cli.test_failures import rows
from tests.servers import Database

RUNNERS = pytest.mark.parametrize("runners", [4, pytest.param(16, marks=pytest.mark.slow)])


def _fill(project: CliProject) -> None:
    project.write(
        "a1",
        """
        op.create_table('one', sa.Column('id', sa.Integer, primary_key=True))
        op.execute('INSERT INTO one VALUES (1)')
        time.sleep(0.3)
        """,
    )
    project.write(
        "b2",
        """
        op.execute('INSERT INTO one VALUES (2)')
        with op.get_context().autocommit_block():
            op.execute('INSERT INTO one VALUES (3)')
        op.execute('INSERT INTO one VALUES (4)')
        time.sleep(0.3)
        """,
        down="a1",
    )


def _race(project: CliProject, runners: int, *arguments: str) -> str:
    processes = [project.start(*arguments) for _ in range(runners)]
    found = [finish(process, 200) for process in processes]
    assert [done.code for done in found] == [0] * runners, [d.text for d in found if d.code][:1]
    return "".join(done.err for done in found)


@RUNNERS
@pytest.mark.parametrize("settings", ["", "transaction_per_migration=True"])
def test_each_migration_is_run_once(
    database: Database, tmp_path: Path, runners: int, settings: str
) -> None:
    project = cli_project(tmp_path, database, settings=settings)
    _fill(project)
    stderr = _race(project, runners, "upgrade", "head")
    assert stderr.count("-> a1") == 1
    assert stderr.count("-> b2") == 1
    assert rows(database) == [1, 2, 3, 4]
    assert project.check_output("current").startswith("b2 (head)")


def test_stamp_waits_for_the_lock(server_database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, server_database)
    _fill(project)
    _race(project, 4, "stamp", "b2")
    assert project.check_output("current").startswith("b2 (head)")


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_version_rows_are_read_again_after_the_wait_for_the_lock(
    server_database: Database, tmp_path: Path, level: str
) -> None:
    project = cli_project(tmp_path, server_database)
    text = project.env_py.read_text("utf-8")
    project.env_py.write_text(
        text.replace(
            "poolclass=pool.NullPool,", f"poolclass=pool.NullPool, isolation_level={level!r},"
        ),
        "utf-8",
    )
    _fill(project)
    stderr = _race(project, 4, "upgrade", "head")
    assert stderr.count("-> a1") == stderr.count("-> b2") == 1
    assert rows(server_database) == [1, 2, 3, 4]


def test_a_transaction_of_env_py_reads_versions_committed_by_other_runs(
    server_database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, server_database)
    text = project.env_py.read_text("utf-8")
    changed = text.replace(
        "with connectable.connect() as connection:",
        "with connectable.begin() as connection:\n        connection.exec_driver_sql('SELECT 1')",
    )
    assert changed != text
    project.env_py.write_text(changed, "utf-8")
    project.write(
        "a1",
        """
        op.create_table('one', sa.Column('id', sa.Integer, primary_key=True))
        op.execute('INSERT INTO one VALUES (1)')
        time.sleep(0.5)
        """,
    )
    stderr = _race(project, 4, "upgrade", "head")
    assert stderr.count("-> a1") == 1
    assert rows(server_database) == [1]
