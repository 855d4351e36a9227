"""Functions, operators and tables that others have planted are not used."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from limbeck import op
from limbeck.dialects import find
from limbeck.errors import ForeignJournalError, VersionRowsChangedError
from tests.databases.crash_harness import Project, picture, session
from tests.databases.test_recovery_rules import execute
from tests.servers import Database

FUNCTIONS = (
    ("pg_try_advisory_xact_lock(bigint)", "boolean", "true"),
    ("pg_try_advisory_lock(bigint)", "boolean", "true"),
    ("pg_advisory_unlock(bigint)", "boolean", "true"),
    ("hashtextextended(text, bigint)", "bigint", "1"),
    ("current_setting(text)", "text", "'x'"),
    ("set_config(text, text, boolean)", "text", "'x'"),
    ("pg_backend_pid()", "int", "1"),
    ("to_regclass(text)", "regclass", "NULL"),
    ("quote_ident(text)", "text", "'x'"),
    ("pg_get_indexdef(oid)", "text", "'x'"),
    ("clock_timestamp()", "timestamptz", "NULL"),
)


def test_planted_functions_and_operators_are_not_called(postgresql: Database) -> None:
    execute(
        postgresql,
        "CREATE SCHEMA trap",
        "CREATE TABLE public.called (name text)",
        "CREATE TABLE public.t (id int)",
    )
    for signature, result, value in FUNCTIONS:
        name = signature.partition("(")[0]
        execute(
            postgresql,
            f"CREATE FUNCTION trap.{signature} RETURNS {result} LANGUAGE plpgsql AS $f$ BEGIN "
            f"INSERT INTO public.called VALUES ('{name}'); RETURN {value}; END $f$",
        )
    for left in ("text", "name", "oid", "int", "bigint"):
        execute(
            postgresql,
            f"CREATE FUNCTION trap.equal_{left}({left}, {left}) RETURNS boolean LANGUAGE plpgsql AS "
            f"$f$ BEGIN INSERT INTO public.called VALUES ('= {left}'); RETURN true; END $f$",
            f"CREATE OPERATOR trap.= (FUNCTION = trap.equal_{left}, LEFTARG = {left}, "
            f"RIGHTARG = {left})",
        )
    record = find("postgresql")
    assert record.mutex is not None
    assert record.patience is not None
    assert record.trace is not None
    assert record.activity is not None
    assert record.foreign_table is not None
    try:
        with session(postgresql.address) as connection:
            connection.exec_driver_sql("SET search_path = trap, pg_catalog, public")
            connection.commit()
            with record.mutex(connection, ".t", timeout=1, waiting=print, table_timeout=1) as lasts:
                assert lasts is True
            with connection.begin():
                taken = record.mutex(connection, ".t", timeout=1, waiting=print, table_timeout=1)
                with taken as lasts:
                    assert lasts is False
                record.patience.bound(connection, 3)
                record.patience.holders(connection)
                record.trace(connection, "CREATE INDEX CONCURRENTLY ix ON t (id)")
                record.trace(connection, "DROP INDEX CONCURRENTLY ix")
                record.trace(connection, "CREATE DATABASE nothing")
                assert record.activity.now(connection) > 1
                assert not record.activity.runs(connection, "nothing")
                assert record.foreign_table(connection, "public", "t") is None
            found = connection.exec_driver_sql("SELECT DISTINCT name FROM public.called").all()
            assert found == []
    finally:
        execute(postgresql, "DROP SCHEMA trap CASCADE")


def _fails() -> None:
    op.execute("CREATE TABLE t (id INTEGER)")
    op.get_bind().commit()
    op.execute("INSERT INTO nowhere VALUES (1)")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("ALTER TABLE limbeck_journal OWNER TO {role}", "belongs to"),
        (
            "CREATE RULE r AS ON INSERT TO limbeck_journal DO ALSO SELECT 1",
            "triggers or rules",
        ),
        ("ALTER TABLE limbeck_journal RENAME COLUMN state TO status", "other columns"),
    ],
)
def test_a_journal_of_others_is_not_trusted(postgresql: Database, change: str, reason: str) -> None:
    project = Project(postgresql.address, ups={"a1": _fails})
    with pytest.raises(sa.exc.DBAPIError):
        project.upgrade()
    role = f"other_{postgresql.url.database}"
    execute(postgresql, f"CREATE ROLE {role}", f"CREATE ROLE me_{role} LOGIN")
    execute(
        postgresql,
        change.format(role=role),
        f"GRANT ALL ON ALL TABLES IN SCHEMA public TO me_{role}",
        f"GRANT ALL ON SCHEMA public TO me_{role}",
    )
    try:
        url = postgresql.url.set(username=f"me_{role}")
        address = url.render_as_string(hide_password=False)
        with pytest.raises(ForeignJournalError, match=reason):
            Project(address, ups={"a1": _fails}).upgrade()
    finally:
        with session(postgresql.address) as connection:
            for name in (role, f"me_{role}"):
                connection.exec_driver_sql(f"DROP OWNED BY {name} CASCADE")
                connection.exec_driver_sql(f"DROP ROLE {name}")
            connection.commit()


def test_a_version_row_that_a_trigger_keeps_away_is_reported(postgresql: Database) -> None:
    execute(
        postgresql,
        "CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)",
        "CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER away BEFORE INSERT OR UPDATE ON alembic_version"
        " FOR EACH ROW EXECUTE FUNCTION away()",
    )
    try:
        project = Project(
            postgresql.address, ups={"a1": lambda: op.execute("CREATE TABLE t (id INTEGER)")}
        )
        with pytest.raises(VersionRowsChangedError, match="0 found"):
            project.upgrade()
        assert "t" not in picture(postgresql.address)
    finally:
        execute(postgresql, "DROP FUNCTION away CASCADE")
