"""Upgrades of tenants that repeat the statements of the first one, on PostgreSQL."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck import Config, fleet
from limbeck.fleet.repeated_upgrade import (
    _CHANGES_ONE,
    RepeatedUpgrades,
    _own_transaction,
    _Upgrade,
)
from limbeck.history import Move
from tests.databases.fleet_project import FleetProject, fleet_project, names_of, schemas, tables
from tests.servers import Database

HEAD = (
    "op.create_table('t2', sa.Column('id', sa.Integer, primary_key=True),"
    " sa.Column('note', sa.String(20), server_default='50%'))\n"
    "op.add_column('t1', sa.Column('name', sa.String(20), comment='it''s'))\n"
    "op.create_index(op.f('i1'), 't1', ['name'])"
)


@pytest.fixture
def five(postgresql: Database, tmp_path: Path) -> Iterator[tuple[FleetProject, list[str]]]:
    """A project whose five tenants are at its first revision, with a second one that is fixed."""
    names = names_of(postgresql, 5)
    with schemas(postgresql, names) as pattern:
        project = fleet_project(tmp_path / "project", postgresql, revisions=1)
        project.settings(schemas=pattern, retries=0, workers=1)
        code, results = project.results("upgrade")
        assert code == 0, results
        project.write(2, HEAD)
        yield project, names


def _upgrade(project: FleetProject) -> tuple[list[fleet.TenantResult], int]:
    """Upgrade in this process; return the results, and for how many tenants the files were run."""
    config = Config(toml_file=str(project.folder / "pyproject.toml"))
    settings = fleet.FleetSettings.from_config(config)
    repeat = RepeatedUpgrades.run
    answers: list[tuple[Move, ...]] = []

    def run(self: RepeatedUpgrades, *arguments: Any) -> tuple[Move, ...]:
        answers.append(repeat(self, *arguments))
        return answers[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.folder)
        patch.setattr(RepeatedUpgrades, "run", run)
        results = list(fleet.upgrade(settings))
    return results, answers.count(())


def _state(database: Database, schema: str) -> dict[str, Any]:
    """Return everything that an upgrade leaves in a schema, without times."""
    with database.engine() as engine, engine.connect() as connection:
        inspector = sa.inspect(connection)
        names = sorted(inspector.get_table_names(schema=schema))
        found: dict[str, Any] = {
            name: [
                [{**one, "type": str(one["type"])} for one in inspector.get_columns(name, schema)],
                inspector.get_indexes(name, schema),
                inspector.get_pk_constraint(name, schema),
            ]
            for name in names
        }
        rows = connection.exec_driver_sql(f'SELECT * FROM "{schema}".alembic_version')
        found["rows"] = rows.scalars().all()
        journal = connection.exec_driver_sql(
            "SELECT lane, revision, direction, place, state, fingerprint, statement, trace"
            f' FROM "{schema}".limbeck_journal ORDER BY revision, place'
        )
        found["journal"] = [
            (*row[:7], {**json.loads(row[7]), "at": len(json.loads(row[7])["at"]), "seconds": 0})
            for row in journal
        ]
    return json.loads(json.dumps(found, default=str).replace(f"{schema}.", ""))


def test_repeated_statements_give_the_schema_of_an_ordinary_run(
    five: tuple[FleetProject, list[str]],
) -> None:
    project, names = five
    results, ordinary = _upgrade(project)
    assert ordinary == 1
    assert {(one.outcome, one.moves, one.before, one.after) for one in results} == {
        ("done", ("r2",), ("r1",), ("r2",))
    }
    first, *others = (_state(project.database, name) for name in names)
    assert first["rows"] == ["r2"]
    assert [row[1] for row in first["journal"]] == ["r1", "r2"]
    assert all(one == first for one in others)
    # the journal of each tenant is whole: a later run finds nothing to complain about
    code, back = project.results("downgrade", "r1")
    assert code == 0, back
    assert [tables(project.database, name) for name in names] == [{"t1"}] * 5


def test_several_revisions_are_repeated(five: tuple[FleetProject, list[str]]) -> None:
    project, names = five
    project.write(3)
    project.write(4, "op.create_index('i4', 't3', ['id'])")
    results, ordinary = _upgrade(project)
    assert ordinary == 1
    assert {one.moves for one in results} == {("r2", "r3", "r4")}
    first, *others = (_state(project.database, name) for name in names)
    assert first["rows"] == ["r4"]
    assert all(one == first for one in others)


@pytest.mark.parametrize(
    "step",
    [
        "op.create_table('t2', *[sa.Column('id', sa.Integer)])",
        "op.create_table('t2', sa.Column('id', sa.Integer))\nop.execute('DELETE FROM t1')",
        "op.create_table('t2', sa.Column('id', sa.Integer))\nop.execute('SELECT 1')",
    ],
    ids=["not constant", "changes rows", "reads"],
)
def test_other_revisions_are_run_for_each_tenant(
    five: tuple[FleetProject, list[str]], step: str
) -> None:
    project, _names = five
    project.write(2, step)
    results, ordinary = _upgrade(project)
    assert {one.outcome for one in results} == {"done"}
    assert ordinary == 5


def test_a_tenant_with_another_table_or_journal_is_upgraded_without_repetition(
    five: tuple[FleetProject, list[str]],
) -> None:
    project, names = five
    with project.database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql(f'CREATE TABLE "{names[2]}".t2 (id INT)')  # in the way
        connection.exec_driver_sql(
            f"UPDATE \"{names[3]}\".limbeck_journal SET fingerprint = 'edited'"
        )
    results, ordinary = _upgrade(project)
    assert ordinary == 3
    assert [one.outcome for one in results] == ["done", "done", "failed", "done", "done"]
    failed = results[2]
    assert "r2.py" in failed.error
    assert "already exists" in failed.error
    assert _state(project.database, names[2])["rows"] == ["r1"]
    assert _state(project.database, names[0])["rows"] == ["r2"]


def test_a_repeated_upgrade_waits_for_another_runner(five: tuple[FleetProject, list[str]]) -> None:
    project, names = five
    key = f"limbeck:{project.database.url.database}:{names[1]}.alembic_version"
    with project.database.engine() as engine, engine.begin() as connection:
        connection.execute(
            sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:k, 0))"), {"k": key}
        )
        code, results = project.results("upgrade", "--lock-timeout", "0.3")
    assert code == 10
    assert results[names[1]]["code"] == "LB310"
    assert {results[name]["outcome"] for name in names if name != names[1]} == {"done"}
    assert project.results("upgrade")[0] == 0


def test_two_runs_at_once_upgrade_each_tenant_once(five: tuple[FleetProject, list[str]]) -> None:
    project, names = five
    command = project.command("fleet", "upgrade", "--workers", "2", "--json")
    runs = [
        subprocess.Popen(command, cwd=project.folder, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outs = [run.communicate(timeout=120)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outs
    first, *others = (_state(project.database, name) for name in names)
    assert first["rows"] == ["r2"]
    assert all(one == first for one in others)


def test_a_session_ended_during_the_upgrade_is_rolled_back(
    five: tuple[FleetProject, list[str]],
) -> None:
    project, names = five
    with project.database.engine() as engine, engine.connect() as holder:
        holder.exec_driver_sql(f'LOCK TABLE "{names[1]}".t1')
        done: list[Any] = []
        run = threading.Thread(target=lambda: done.append(project.results("upgrade")))
        run.start()
        deadline = time.monotonic() + 60
        ended = 0
        while not ended and time.monotonic() < deadline:
            with engine.connect() as other:
                # it waits for the table, in the script that begins with another one
                ended = other.execute(
                    sa.text(
                        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                        " WHERE wait_event_type = 'Lock' AND query LIKE '%CREATE TABLE t2%ADD%'"
                        " AND datname = current_database()"
                    )
                ).scalar_one()
            time.sleep(0.02)
        run.join()
        holder.rollback()
    assert ended == 1
    code, results = done[0]
    assert code == 10
    assert results[names[1]]["outcome"] == "failed"
    assert results[names[1]]["can_retry"] is True
    assert {results[name]["outcome"] for name in names if name != names[1]} == {"done"}
    assert _state(project.database, names[1])["rows"] == ["r1"]
    assert tables(project.database, names[1]) == {"t1"}
    assert project.results("upgrade")[0] == 0
    assert _state(project.database, names[1]) == _state(project.database, names[0])


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_nothing_is_committed_unless_one_version_row_is_changed(
    postgresql: Database, rows: int
) -> None:
    made = "\n;\n".join(
        [
            "BEGIN",
            "CREATE TABLE made (id integer)",
            _CHANGES_ONE.format("UPDATE versions SET num = 'b' WHERE num = 'a'"),
            "COMMIT",
        ]
    )
    with postgresql.engine() as engine, engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE versions (num text)")
        for _ in range(rows):
            connection.exec_driver_sql("INSERT INTO versions VALUES ('a')")
        connection.commit()
        with (
            nullcontext() if rows == 1 else pytest.raises(sa.exc.DBAPIError),
            _own_transaction(connection),
        ):
            _Upgrade((), (), made).send(connection)
        assert sa.inspect(connection).has_table("made") is (rows == 1)


def test_listeners_of_the_project_see_every_statement(
    five: tuple[FleetProject, list[str]],
) -> None:
    project, names = five
    (project.folder / "audit.py").write_text(
        "import sqlalchemy as sa\n\n\n"
        "def listen(engine):\n"
        "    @sa.event.listens_for(engine, 'before_cursor_execute', retval=True)\n"
        "    def write(connection, cursor, statement, parameters, context, many):\n"
        "        return f'{statement} -- audited' if 'CREATE TABLE t2' in statement else statement, parameters\n"
        "    @sa.event.listens_for(engine, 'after_cursor_execute')\n"
        "    def keep(connection, cursor, statement, *rest):\n"
        "        if 'audited' in statement:\n"
        "            with open('audit.txt', 'a') as file:\n"
        "                file.write('seen\\n')\n"
    )
    text = (project.folder / "pyproject.toml").read_text()
    # an absolute path: Python caches what "." contains, and this process has been in other folders
    listeners = (
        f'[tool.limbeck]\nprepend_sys_path = ["{project.folder}"]\nlisteners = "audit:listen"'
    )
    (project.folder / "pyproject.toml").write_text(text.replace("[tool.limbeck]", listeners, 1))
    results, ordinary = _upgrade(project)
    assert {one.outcome for one in results} == {"done"}, results[0].error
    assert ordinary == 5
    assert (project.folder / "audit.txt").read_text() == "seen\n" * 5
    assert all(_state(project.database, name)["rows"] == ["r2"] for name in names)
