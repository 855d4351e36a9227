"""Several runners on one database, locks held by others, and the state after errors."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck import context, op
from limbeck.environment import Environment, current_environment
from limbeck.errors import DatabaseError
from limbeck.runtime import Event, Finished, MigrationFailedError, failure_of, raise_with_report
from tests.databases.crash_harness import Project, database_state, in_child, line, session
from tests.servers import Database

RUNNERS = 8


def _slow_first() -> None:
    op.execute("CREATE TABLE once (id INTEGER)")
    op.execute("INSERT INTO once VALUES (1)")
    time.sleep(0.2)


def _slow_second() -> None:
    op.execute("INSERT INTO once VALUES (2)")
    time.sleep(0.2)


def _slow(url: str) -> Project:
    return Project(url, ups={"a1": _slow_first, "b2": _slow_second})


def test_each_migration_is_run_by_one_of_many_runners(database: Database) -> None:
    children = []
    for _ in range(RUNNERS):
        pid = os.fork()
        if pid == 0:
            code = 70
            try:
                _slow(database.address).upgrade()
                code = 0
            except BaseException as error:  # noqa: BLE001 - the child must never come back
                os.write(2, f"child: {type(error).__name__}: {error}\n".encode())
            finally:
                os._exit(code)
        children.append(pid)
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]
    assert codes == [0] * RUNNERS
    found = database_state(database.address)
    assert found["once"][2] == ["(1,)", "(2,)"]
    assert found["alembic_version"][2] == ["('b2',)"]


def test_a_waiting_runner_reports_who_holds_the_lock(database: Database) -> None:
    project = _slow(database.address)
    words: list[Any] = []
    with session(database.address) as other:
        if database.kind == "sqlite":
            other.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            from limbeck.dialects import find

            record = find(other.dialect.name)
            assert record.mutex is not None
            held = record.mutex(other, ".alembic_version", timeout=1, waiting=words.append)
            held.__enter__()
        with pytest.raises(DatabaseError, match="did not end within 1 s") as caught:
            project.upgrade(lock_timeout=1, listener=words.append)
        other.rollback()
        if database.kind != "sqlite":
            held.__exit__(None, None, None)
    assert caught.value.code == "LB310"
    assert "since" in str(caught.value) or database.kind == "sqlite"
    assert len(words) == 1
    project.upgrade(lock_timeout=1)
    assert database_state(database.address)["once"][2] == ["(1,)", "(2,)"]


def test_the_lock_of_an_ended_process_is_released(server_database: Database) -> None:
    def die() -> None:
        os._exit(9)

    project = Project(server_database.address, ups={"a1": die})
    assert in_child(project.upgrade) == 9
    line(server_database.address).upgrade(lock_timeout=10)
    assert "person" in database_state(server_database.address)


def test_runs_with_other_version_tables_do_not_wait(server_database: Database) -> None:
    done: list[str] = []

    def nested() -> None:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        done.append("outer")

    def other() -> None:
        inner = Project(
            server_database.address,
            ups={"x1": lambda: done.append("inner")},
            configure={"version_table": "other_version"},
        )
        inner.upgrade(lock_timeout=5)

    Project(server_database.address, ups={"a1": nested}).upgrade()
    assert done == ["inner", "outer"]


def test_a_failed_statement_is_reported_with_its_context(database: Database) -> None:
    def broken() -> None:
        op.execute("INSERT INTO nowhere VALUES (1)")

    project = line(database.address)
    project.ups["d4"] = broken
    project.configure["transaction_per_migration"] = True
    with pytest.raises(MigrationFailedError) as caught, raise_with_report():
        project.upgrade()
    failure = caught.value.failure
    assert failure.move.revision.id == "d4"
    assert failure.statement == "INSERT INTO nowhere VALUES (1)"
    assert "nowhere" in failure.message
    assert "c3" in failure.state
    assert isinstance(caught.value.__cause__, sa.exc.DBAPIError)
    assert database_state(database.address)["alembic_version"][2] == ["('c3',)"]


def test_programs_get_the_original_error(sqlite: Database) -> None:
    def broken() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no") as caught:
        Project(sqlite.address, ups={"a1": broken}).upgrade()
    story = failure_of(caught.value)
    assert story is not None
    assert story.message == "ValueError: no"


def test_a_failed_migration_is_rolled_back_with_its_tables(sqlite: Database) -> None:
    def broken() -> None:
        op.execute("CREATE TABLE half (id INTEGER)")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        Project(sqlite.address, ups={"a1": broken}).upgrade()
    assert "half" not in database_state(sqlite.address)


@pytest.mark.parametrize("journal_mode", ["DELETE", "WAL"])
def test_version_rows_are_read_again_after_a_commit_of_another_connection(
    sqlite: Database, journal_mode: str
) -> None:
    def insert(number: int) -> Callable[[], None]:
        return lambda: op.execute(f"INSERT INTO t VALUES ({number})")

    ups = {"a1": lambda: op.execute("CREATE TABLE t (id INTEGER)")}
    ups |= {f"b{number}": insert(number) for number in range(1, 7)}
    reads: list[str] = []
    others: list[int] = []

    def project(*ids: str) -> Project:
        return Project(sqlite.address, ups={id_: ups[id_] for id_ in ids})

    def record(conn: sa.Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("SELECT alembic_version"):
            reads.append(statement)

    def other_upgrades(event: Event) -> None:
        if isinstance(event, Finished) and event.move.revision.id == "b3":
            others.append(in_child(project("a1", "b1", "b2", "b3", "b4").upgrade))

    with session(sqlite.address) as connection:
        connection.execute(sa.text(f"PRAGMA journal_mode = {journal_mode}"))
    mine = project(*ups)
    mine.watch = lambda engine: sa.event.listen(engine, "before_cursor_execute", record)
    mine.upgrade(listener=other_upgrades)
    assert others == [0]
    found = database_state(sqlite.address)
    assert found["t"][2] == [f"({number},)" for number in range(1, 7)]
    assert found["alembic_version"][2] == ["('b6',)"]
    # at the start, in the first transaction, and twice because of the other runner: not in each
    # of the seven transactions
    assert len(reads) == 4


def test_foreign_keys_can_be_switched_off_in_a_migration(sqlite: Database) -> None:
    def parent_and_child() -> None:
        op.execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
        op.execute("CREATE TABLE child (id INTEGER REFERENCES parent (id) ON DELETE CASCADE)")
        op.execute("INSERT INTO parent VALUES (1)")
        op.execute("INSERT INTO child VALUES (1)")

    def without_keys() -> None:
        op.execute("PRAGMA foreign_keys = OFF")
        op.execute("DELETE FROM parent")

    project = Project(sqlite.address, ups={"a1": parent_and_child, "b2": without_keys})
    project.watch = lambda engine: sa.event.listen(
        engine, "connect", lambda raw, _record: raw.execute("PRAGMA foreign_keys = ON")
    )
    project.upgrade()
    assert database_state(sqlite.address)["child"][2] == ["(1,)"]


def test_environments_of_several_threads_are_separate(tmp_path: Any) -> None:
    start = threading.Barrier(4)
    wrong: list[BaseException] = []

    def work(number: int) -> None:
        def program() -> None:
            start.wait()
            op.execute(f"CREATE TABLE t{number} (id INTEGER)")

        try:
            Project(f"sqlite:///{tmp_path}/{number}.db", ups={"a1": program}).upgrade()
        except BaseException as error:  # noqa: BLE001 - raised in the main thread
            wrong.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    for number in range(4):
        assert f"t{number}" in database_state(f"sqlite:///{tmp_path}/{number}.db")
    assert current_environment() is None


def test_op_and_context_raise_an_error_outside_of_a_migration() -> None:
    with pytest.raises(NameError, match="no migration is running"):
        op.execute("SELECT 1")
    with pytest.raises(NameError, match="no migration environment is running"):
        context.configure()
    with Environment(object(), object()):
        assert context.is_offline_mode() is False
