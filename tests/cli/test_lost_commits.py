"""The report of a failure after the migrations or during their commit."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cli.project_fixture import CliProject, cli_project
from tests.cli.test_failures import BASE, ROW, rows
from tests.servers import Database
from tests.tcp_proxy import counting_proxy, lose_at_commit

AFTER = "with context.begin_transaction():\n            context.run_migrations()\n"


def _through(folder: Path, url: sa.URL) -> CliProject:
    return CliProject(folder / "project", url.render_as_string(hide_password=False))


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("command", [("upgrade", "head"), ("downgrade", "a1"), ("stamp", "a1")])
def test_a_commit_with_unknown_outcome_is_reported(
    server_database: Database, tmp_path: Path, when: str, command: tuple[str, str]
) -> None:
    start, end = ("a1", "b2") if command[0] == "upgrade" else ("b2", "a1")
    with counting_proxy(server_database.url) as proxy:
        project = _through(tmp_path, proxy.url)
        project.write("a1", BASE)
        project.write("b2", ROW.format(1), downgrade="op.execute('DELETE FROM one')", down="a1")
        project.check_output("upgrade", start)
        proxy.loss_rule = lose_at_commit(when)
        done = project.run(*command)
        proxy.loss_rule = None
        assert done.code == 1
        assert "Traceback" not in done.text
        assert "nothing was run" not in done.text
        assert f"the database is at {end}, or still at {start}; `current` shows which" in done.out
        assert "when the server is reachable" in done.err
        assert len(done.text.splitlines()) <= 25
        assert project.check_output("current").startswith(end if when == "after" else start)
        project.check_output(*command)
        assert project.check_output("current").startswith(end)


def test_a_commit_that_the_server_refuses_rolls_everything_back(
    postgresql: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, postgresql)
    project.write("a1", BASE)
    project.check_output("upgrade", "head")
    keyed = (
        "op.execute('CREATE TABLE two (id INTEGER REFERENCES one DEFERRABLE INITIALLY DEFERRED)')\n"
        "op.execute('INSERT INTO two VALUES ({})')\n"
    )
    project.write("b2", keyed.format(7), down="a1")
    done = project.run("upgrade", "head")
    assert done.code == 1
    assert "Traceback" not in done.text
    assert "State: everything was rolled back; the database is at a1" in done.out
    assert "foreign key" in done.out
    project.write("b2", keyed.format("NULL"), down="a1")
    project.check_output("upgrade", "head")


@pytest.mark.parametrize(
    ("is_inside", "state"),
    [
        (False, "the migrations are done and committed; the database is at a1"),
        (True, "everything was rolled back; the database is at base"),
    ],
)
def test_a_failure_of_env_py_after_the_run_does_not_hide_the_run(
    database: Database,
    tmp_path: Path,
    is_inside: bool,
    state: str,
) -> None:
    if is_inside and database.kind != "postgresql":
        pytest.skip("one transaction for the whole run is PostgreSQL's")
    project = cli_project(tmp_path, database)
    project.write("a1", BASE)
    env = project.env_py
    broken = "connection.exec_driver_sql('SELECT * FROM nowhere')\n"
    indent = " " * (12 if is_inside else 8)
    assert AFTER in env.read_text()
    env.write_text(env.read_text().replace(AFTER, f"{AFTER}{indent}{broken}"))
    done = project.run("upgrade", "head")
    assert done.code == 1
    assert "nothing was run" not in done.text
    assert "the end of the run (after upgrade  -> a1" in done.out
    assert f"State: {state}" in done.out
    assert "env.py" in done.text
    assert (rows(database) == []) if not is_inside else True


def test_env_py_can_exit_with_its_own_code(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    project.write("a1", BASE)
    env = project.env_py
    env.write_text(env.read_text() + "\nraise SystemExit(0)\n")
    done = project.run("upgrade", "head")
    assert done.code == 0
    assert "State:" not in done.text


def test_an_interrupt_after_the_migrations_reports_the_state(
    database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, database)
    project.write("a1", BASE)
    text = project.env_py.read_text()
    assert AFTER in text
    raised = f"{AFTER}        raise KeyboardInterrupt\n"
    project.env_py.write_text(text.replace(AFTER, raised))
    done = project.run("upgrade", "head")
    assert done.code == 130
    assert "Interrupted in the end of the run (after upgrade  -> a1" in done.err
    assert "the migrations are done and committed; the database is at a1" in done.err
