"""Which statements of an interrupted revision run again, and which are skipped."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from limbeck import op
from limbeck.runtime.errors import StepChangedError
from tests.databases.crash_harness import Project, database_state, session
from tests.servers import Database


def run(database: Database, *programs: Callable[[], None]) -> None:
    """Run one revision; every program but the last fails, and the next is its mended file."""
    for program in programs[:-1]:
        with pytest.raises(sa.exc.DBAPIError):
            Project(database.address, ups={"a1": program}).upgrade()
    Project(database.address, ups={"a1": programs[-1]}).upgrade()
    assert set(database_state(database.address)) >= {"alembic_version"}
    assert "limbeck_journal" not in database_state(database.address)
    assert database_state(database.address)["alembic_version"][2] == ["('a1',)"]


def execute(database: Database, *statements: str) -> None:
    with database.engine() as engine, engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def rows(database: Database, table: str) -> list[str]:
    found: list[str] = database_state(database.address)[table][2]
    return found


def _nulls() -> None:
    op.execute("CREATE TABLE t (id INT, name VARCHAR(9))")
    op.execute("INSERT INTO t (id) VALUES (1)")


def _not_null() -> None:
    op.alter_column("t", "name", nullable=False, existing_type=sa.String(9))


def test_a_statement_inserted_above_the_failed_one_runs(mysql_family: Database) -> None:
    def broken() -> None:
        _nulls()
        _not_null()

    def corrected() -> None:
        _nulls()
        op.execute("UPDATE t SET name = 'x'")
        _not_null()

    run(mysql_family, broken, corrected)
    assert rows(mysql_family, "t") == ["(1, 'x')"]


def test_an_inserted_row_is_inserted_once(mysql_family: Database) -> None:
    def broken() -> None:
        _nulls()
        op.add_column("t", sa.Column("more", sa.Integer))
        _not_null()

    def corrected() -> None:
        op.execute("CREATE TABLE t (id INT, name VARCHAR(9))")
        op.execute("INSERT INTO t (id) VALUES (1)")
        op.execute("INSERT INTO t (id) VALUES (2)")
        op.add_column("t", sa.Column("more", sa.Integer))
        op.execute("CREATE INDEX broken ON t (nonsense)")

    def corrected_again() -> None:
        op.execute("CREATE TABLE t (id INT, name VARCHAR(9))")
        op.execute("INSERT INTO t (id) VALUES (1)")
        op.execute("INSERT INTO t (id) VALUES (2)")
        op.add_column("t", sa.Column("more", sa.Integer))
        op.execute("CREATE INDEX whole ON t (id)")

    run(mysql_family, broken, corrected, corrected_again)
    assert rows(mysql_family, "t") == ["(1, None, None)", "(2, None, None)"]


def _insert(*values: int) -> None:
    table = sa.table("t", sa.column("id", sa.Integer))
    for value in values:
        op.get_bind().execute(table.insert(), {"id": value})


def test_statements_are_distinguished_by_parameters(mysql_family: Database) -> None:
    def broken() -> None:
        op.execute("CREATE TABLE t (id INT)")
        _insert(1, 1)
        op.execute("CREATE INDEX broken ON t (nonsense)")

    def corrected() -> None:
        op.execute("CREATE TABLE t (id INT)")
        _insert(1, 1)
        op.execute("CREATE INDEX ix ON t (id)")
        _insert(1, 2)

    run(mysql_family, broken, corrected)
    assert rows(mysql_family, "t") == ["(1,)", "(1,)", "(1,)", "(2,)"]


def test_changed_parameters_of_a_completed_statement_stop_the_run(mysql_family: Database) -> None:
    def broken() -> None:
        op.execute("CREATE TABLE t (id INT)")
        _insert(1)
        op.execute("CREATE INDEX broken ON t (nonsense)")

    def changed() -> None:
        op.execute("CREATE TABLE t (id INT)")
        _insert(5)
        op.execute("CREATE INDEX whole ON t (id)")

    with pytest.raises(sa.exc.DBAPIError):
        Project(mysql_family.address, ups={"a1": broken}).upgrade()
    with pytest.raises(StepChangedError, match="other parameters"):
        Project(mysql_family.address, ups={"a1": changed}).upgrade()
    assert rows(mysql_family, "t") == ["(1,)"]


def test_a_failed_step_runs_when_its_cause_is_removed(mysql_family: Database) -> None:
    execute(mysql_family, "CREATE TABLE t (id INT, x INT)", "CREATE INDEX ix ON t (x)")

    def index() -> None:
        op.create_index("ix", "t", ["id"], unique=True)

    with pytest.raises(sa.exc.DBAPIError):
        Project(mysql_family.address, ups={"a1": index}).upgrade()
    execute(mysql_family, "DROP INDEX ix ON t")
    run(mysql_family, index)
    with session(mysql_family.address) as connection:
        assert sa.inspect(connection).get_indexes("t")[0]["column_names"] == ["id"]


def test_a_table_that_was_dropped_meanwhile_is_created_again(mysql_family: Database) -> None:
    execute(mysql_family, "CREATE TABLE t (id INT)")

    def program(last: str) -> Callable[[], None]:
        def upgrade() -> None:
            op.create_table("side", sa.Column("id", sa.Integer))
            op.add_column("t", sa.Column("x", sa.Integer))
            op.execute(last)

        return upgrade

    with pytest.raises(sa.exc.DBAPIError):
        Project(
            mysql_family.address, ups={"a1": program("CREATE INDEX i ON t (nonsense)")}
        ).upgrade()
    execute(mysql_family, "DROP TABLE side")
    run(mysql_family, program("CREATE INDEX i ON t (id)"))
    assert {"side", "t"} <= set(database_state(mysql_family.address))


def test_a_table_that_was_dropped_before_a_block_is_created_again(postgresql: Database) -> None:
    execute(postgresql, "CREATE TABLE t (id INT)")

    def program(column: str) -> Callable[[], None]:
        def upgrade() -> None:
            op.create_table("side", sa.Column("id", sa.Integer))
            op.execute("INSERT INTO t VALUES (1)") if column == "data" else None
            with op.get_context().autocommit_block():
                op.execute(f"CREATE INDEX CONCURRENTLY i ON t ({column})")

        return upgrade

    with pytest.raises(sa.exc.DBAPIError):
        Project(postgresql.address, ups={"a1": program("nonsense")}).upgrade()
    execute(postgresql, "DROP TABLE side")
    run(postgresql, program("id"))
    assert {"side", "t"} <= set(database_state(postgresql.address))


def test_rows_before_a_block_are_not_inserted_twice(postgresql: Database) -> None:
    def program(column: str) -> Callable[[], None]:
        def upgrade() -> None:
            op.execute("CREATE TABLE t (id INT)")
            op.execute("INSERT INTO t VALUES (1)")
            if column == "id":
                op.execute("INSERT INTO t VALUES (2)")
            with op.get_context().autocommit_block():
                op.execute(f"CREATE INDEX CONCURRENTLY i ON t ({column})")

        return upgrade

    run(postgresql, program("nonsense"), program("id"))
    assert rows(postgresql, "t") == ["(1,)", "(2,)"]


def test_guarded_statements_can_be_run_again(mysql_family: Database) -> None:
    execute(mysql_family, "CREATE TABLE t (id INT)")

    def program(last: str) -> Callable[[], None]:
        def upgrade() -> None:
            names = {one["name"] for one in sa.inspect(op.get_bind()).get_columns("t")}
            if "a" not in names:
                op.add_column("t", sa.Column("a", sa.Integer))
            if "b" not in names:
                op.add_column("t", sa.Column("b", sa.Integer))
            op.execute(last)

        return upgrade

    run(
        mysql_family,
        program("CREATE INDEX i ON t (nonsense)"),
        program("CREATE INDEX j ON t (nonsense)"),
        program("CREATE INDEX i ON t (a)"),
    )
    assert [name for name, _ in database_state(mysql_family.address)["t"][0]] == ["id", "a", "b"]


def test_a_guarded_column_that_is_dropped_is_added_again(mysql_family: Database) -> None:
    execute(mysql_family, "CREATE TABLE t (id INT)")

    def add() -> None:
        op.add_column("t", sa.Column("a", sa.Integer))
        op.execute("CREATE INDEX i ON t (nonsense)")

    def removed() -> None:
        op.execute("CREATE INDEX i ON t (id)")

    with pytest.raises(sa.exc.DBAPIError):
        Project(mysql_family.address, ups={"a1": add}).upgrade()
    execute(mysql_family, "ALTER TABLE t DROP COLUMN a")
    with pytest.raises(StepChangedError, match=r"column t\.a"):
        Project(mysql_family.address, ups={"a1": removed}).upgrade()
