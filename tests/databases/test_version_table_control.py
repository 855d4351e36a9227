"""The owner and triggers of the version table and the journal are verified before use."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck import op
from limbeck.runtime.errors import (
    ForeignJournalError,
    ForeignVersionTableError,
    VersionRowsChangedError,
)
from tests.cli.project_fixture import cli_project
from tests.databases.crash_harness import Project, database_state
from tests.databases.test_recovery_rules import execute
from tests.servers import Database

_log = logging.getLogger(__name__)
_VERSIONS = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"
STRICT: dict[str, Any] = {"detect": "all"}


def _makes_table() -> None:
    op.execute("CREATE TABLE t (id INTEGER)")


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        (
            (
                "CREATE TABLE elsewhere (version_num VARCHAR(32) PRIMARY KEY)",
                "CREATE VIEW alembic_version AS SELECT version_num FROM elsewhere",
            ),
            "not a plain table",
        ),
        (("CREATE TABLE alembic_version (version VARCHAR(32))",), "no column version_num"),
    ],
)
def test_a_version_table_of_another_shape_is_refused(
    server_database: Database, statements: tuple[str, ...], reason: str
) -> None:
    execute(server_database, *statements)
    project = Project(server_database.address, ups={"a1": _makes_table}, configure=STRICT)
    with pytest.raises(ForeignVersionTableError, match=reason):
        project.upgrade()
    assert "t" not in database_state(server_database.address)


def test_a_view_as_version_table_is_a_warning_in_projects_of_alembic(
    server_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    execute(
        server_database,
        "CREATE TABLE elsewhere (version_num VARCHAR(32) PRIMARY KEY)",
        "CREATE VIEW alembic_version AS SELECT version_num FROM elsewhere",
    )
    Project(server_database.address, ups={"a1": _makes_table}).upgrade()
    assert "is not a plain table" in caplog.text
    found = database_state(server_database.address)
    assert found["elsewhere"][2] == ["('a1',)"]
    assert "t" in found


_TRIGGERS = {
    "postgresql": (
        "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TRIGGER audit BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION nothing()",
    ),
    "mariadb": ("CREATE TRIGGER audit BEFORE INSERT ON {table} FOR EACH ROW SET @seen = 1",),
    "mysql": ("CREATE TRIGGER audit BEFORE INSERT ON {table} FOR EACH ROW SET @seen = 1",),
}


def test_triggers_of_the_version_table_are_named(
    server_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    triggers = _TRIGGERS[server_database.kind]
    execute(server_database, _VERSIONS, *(sql.format(table="alembic_version") for sql in triggers))
    Project(server_database.address, ups={"a1": _makes_table}, configure=STRICT).upgrade()
    assert "triggers or rules, which run on each change: audit" in caplog.text


_KEEPS = {
    "postgresql": (
        "CREATE FUNCTION keeps() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
        "CREATE TRIGGER k BEFORE UPDATE ON alembic_version FOR EACH ROW EXECUTE FUNCTION keeps()",
        "DROP TRIGGER k ON alembic_version",
    ),
    "mysql": (
        "CREATE TRIGGER k BEFORE UPDATE ON alembic_version FOR EACH ROW SET NEW.version_num = 'a1'",
        "DROP TRIGGER k",
    ),
}


def test_a_trigger_that_keeps_the_old_version_row_is_an_error(server_database: Database) -> None:
    """The server counts such a row as updated."""
    *creation, removal = _KEEPS.get(server_database.kind, _KEEPS["mysql"])
    ups = {"a1": lambda: None, "b2": _makes_table}
    Project(server_database.address, ups={"a1": ups["a1"]}, configure=STRICT).upgrade()
    execute(server_database, *creation)
    project = Project(server_database.address, ups=ups, configure=STRICT)
    with pytest.raises(VersionRowsChangedError, match="was not written"):
        project.upgrade()
    assert database_state(server_database.address)["alembic_version"][2] == ["('a1',)"]
    execute(server_database, removal)
    project.upgrade()
    found = database_state(server_database.address)
    assert found["alembic_version"][2] == ["('b2',)"]
    assert "t" in found


def test_triggers_of_the_journal_are_refused(server_database: Database) -> None:
    def fails() -> None:
        op.execute("CREATE TABLE t (id INTEGER)")
        if server_database.kind == "postgresql":
            op.get_bind().commit()
        op.execute("INSERT INTO nowhere VALUES (1)")

    project = Project(server_database.address, ups={"a1": fails})
    with pytest.raises(sa.exc.DBAPIError):
        project.upgrade()
    triggers = _TRIGGERS[server_database.kind]
    execute(server_database, *(sql.format(table="limbeck_journal") for sql in triggers))
    with pytest.raises(ForeignJournalError, match="triggers or rules: audit"):
        project.upgrade()


def test_sources_in_a_journal_with_triggers_are_not_used(
    server_database: Database, tmp_path: Path
) -> None:
    """`restore` writes the sources as files, and `upgrade --allow-downgrade` runs them."""
    project = cli_project(tmp_path, server_database, extra="journal = keep")
    path = project.write("a1")
    project.check_output("upgrade", "head")
    path.unlink()
    triggers = _TRIGGERS[server_database.kind]
    execute(server_database, *(sql.format(table="limbeck_journal") for sql in triggers))
    for words in (("restore",), ("restore", "a1"), ("upgrade", "head", "--allow-downgrade")):
        done = project.run(*words)
        assert done.code not in {0, 2}, done.text
        assert "is not limbeck's journal: it has triggers or rules: audit" in done.text
    assert not list(project.versions.glob("*.py"))


@contextmanager
def _roles(database: Database) -> Iterator[tuple[str, str]]:
    """Create a role that owns the version table, and a user who may read and write it."""
    owner = f"owner_{database.url.database}"
    user = f"user_{database.url.database}"
    execute(
        database,
        f"CREATE ROLE {owner}",
        f"CREATE ROLE {user} LOGIN",
        _VERSIONS,
        f"ALTER TABLE alembic_version OWNER TO {owner}",
        f"GRANT ALL ON alembic_version TO {user}",
        f"GRANT ALL ON SCHEMA public TO {user}, {owner}",
    )
    try:
        yield owner, database.url.set(username=user).render_as_string(hide_password=False)
    finally:
        execute(
            database,
            f"ALTER DATABASE {database.url.database} OWNER TO CURRENT_USER",
            *(f"DROP OWNED BY {name} CASCADE" for name in (owner, user)),
            *(f"DROP ROLE {name}" for name in (user, owner)),
        )


def test_a_version_table_of_another_role_is_refused(
    postgresql: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with _roles(postgresql) as (owner, address):
        project = Project(address, ups={"a1": _makes_table}, configure=STRICT)
        with pytest.raises(ForeignVersionTableError, match=f"belongs to {owner}"):
            project.upgrade()
        Project(address, ups={"a1": _makes_table}).upgrade()
        assert f"it belongs to {owner}" in caplog.text


@pytest.mark.parametrize(
    "change",
    [
        "GRANT {owner} TO {user}",
        "ALTER ROLE {user} NOINHERIT; GRANT {owner} TO {user}",
        "ALTER DATABASE {database} OWNER TO {owner}",
        "ALTER ROLE {owner} SUPERUSER",
        "ALTER TABLE alembic_version OWNER TO pg_database_owner",
    ],
)
def test_a_version_table_of_the_same_team_is_used(
    postgresql: Database, caplog: pytest.LogCaptureFixture, change: str
) -> None:
    with _roles(postgresql) as (owner, address):
        user = sa.make_url(address).username
        sql = change.format(owner=owner, user=user, database=postgresql.url.database)
        execute(postgresql, *sql.split("; "), f"GRANT ALL ON alembic_version TO {user}")
        Project(address, ups={"a1": _makes_table}, configure=STRICT).upgrade()
        assert "belongs to" not in caplog.text


def test_a_version_table_whose_rows_are_hidden_is_refused(postgresql: Database) -> None:
    with _roles(postgresql) as (owner, address):
        execute(
            postgresql,
            f"GRANT {owner} TO {sa.make_url(address).username}",
            "ALTER TABLE alembic_version ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE alembic_version FORCE ROW LEVEL SECURITY",
        )
        with pytest.raises(ForeignVersionTableError, match="row security"):
            Project(address, ups={"a1": _makes_table}, configure=STRICT).upgrade()


_TWO: dict[str, Any] = {"a1": lambda: None, "b2": _makes_table}


def _moves_or_reports(database: Database, address: str, table: str = "alembic_version") -> bool:
    """Run an upgrade to `b2`; it succeeds only if the version has moved. Return whether it did."""
    try:
        Project(address, ups=_TWO).upgrade()
    except Exception as error:  # noqa: BLE001 - which error it is depends on the server
        _log.info("%s", error)
        found = database_state(database.address)
        assert "('b2',)" not in found.get(table, ((), (), []))[2]
        return False
    found = database_state(database.address)
    assert found[table][2] == ["('b2',)"]
    assert "t" in found
    return True


def test_rows_hidden_by_row_security_are_not_treated_as_absent(
    postgresql: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Without FORCE, row security hides the rows from users that do not own the table."""
    with _roles(postgresql) as (_owner, address):
        execute(
            postgresql,
            "INSERT INTO alembic_version VALUES ('a1')",
            "ALTER TABLE alembic_version ENABLE ROW LEVEL SECURITY",
            "CREATE POLICY p ON alembic_version FOR SELECT USING (true)",
        )
        with pytest.raises(ForeignVersionTableError, match=r"row security|belongs to"):
            Project(address, ups=_TWO, configure=STRICT).upgrade()
        assert not _moves_or_reports(postgresql, address)
        assert "cannot be trusted" in caplog.text
        assert database_state(postgresql.address)["alembic_version"][2] == ["('a1',)"]


_INSTEAD = {
    "writes": "UPDATE elsewhere SET version_num = NEW.version_num; RETURN NEW;",
    "pretends": "RETURN NEW;",
    "refuses": "RETURN NULL;",
}


@pytest.mark.parametrize("body", _INSTEAD)
def test_a_view_with_a_trigger_in_place_of_the_version_table(
    postgresql: Database, body: str
) -> None:
    execute(
        postgresql,
        "CREATE TABLE elsewhere (version_num VARCHAR(32) PRIMARY KEY)",
        "INSERT INTO elsewhere VALUES ('a1')",
        "CREATE VIEW alembic_version AS SELECT version_num || '' AS version_num FROM elsewhere",
        f"CREATE FUNCTION instead() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN {_INSTEAD[body]} END'",
        "CREATE TRIGGER i INSTEAD OF INSERT OR UPDATE OR DELETE ON alembic_version FOR EACH ROW"
        " EXECUTE FUNCTION instead()",
    )
    try:
        with pytest.raises(ForeignVersionTableError, match="not a plain table"):
            Project(postgresql.address, ups=_TWO, configure=STRICT).upgrade()
        moved = _moves_or_reports(postgresql, postgresql.address, "elsewhere")
        assert moved is (body == "writes")
    finally:
        execute(postgresql, "DROP VIEW alembic_version", "DROP FUNCTION instead")


@pytest.mark.parametrize(
    "statements",
    [
        (
            "CREATE TABLE alembic_version (version_num VARCHAR(32)) PARTITION BY LIST (version_num)",
            "CREATE TABLE part_one PARTITION OF alembic_version FOR VALUES IN ('a1')",
            "CREATE TABLE part_rest PARTITION OF alembic_version DEFAULT",
            "INSERT INTO alembic_version VALUES ('a1')",
        ),
        (
            _VERSIONS,
            "CREATE TABLE child () INHERITS (alembic_version)",
            "INSERT INTO child VALUES ('a1')",
        ),
        (
            "CREATE TABLE parent (version_num VARCHAR(32) NOT NULL)",
            "CREATE TABLE alembic_version () INHERITS (parent)",
            "INSERT INTO alembic_version VALUES ('a1')",
        ),
        (
            "CREATE EXTENSION postgres_fdw",
            "CREATE TABLE elsewhere (version_num VARCHAR(32) PRIMARY KEY)",
            "INSERT INTO elsewhere VALUES ('a1')",
            (
                "CREATE SERVER loop FOREIGN DATA WRAPPER postgres_fdw"
                " OPTIONS (host '{host}', port '{port}', dbname '{database}')"
            ),
            "CREATE USER MAPPING FOR CURRENT_USER SERVER loop OPTIONS (user '{user}')",
            (
                "CREATE FOREIGN TABLE alembic_version (version_num VARCHAR(32))"
                " SERVER loop OPTIONS (table_name 'elsewhere')"
            ),
        ),
        (
            "CREATE EXTENSION file_fdw",
            "CREATE SERVER files FOREIGN DATA WRAPPER file_fdw",
            (
                "CREATE FOREIGN TABLE alembic_version (version_num VARCHAR(32))"
                " SERVER files OPTIONS (program 'echo a1')"
            ),
        ),
    ],
    ids=["partitioned", "with a child", "a child", "on another server", "a file"],
)
def test_unusual_version_tables_move_or_are_reported(
    postgresql: Database, statements: tuple[str, ...]
) -> None:
    url = postgresql.url
    values = {
        "host": url.host, "port": url.port or 5432, "database": url.database, "user": url.username,
    }  # fmt: skip
    extension = statements[0].removeprefix("CREATE EXTENSION ")
    with postgresql.engine() as engine, engine.connect() as connection:
        known = connection.exec_driver_sql("SELECT name FROM pg_available_extensions").scalars()
        if extension != statements[0] and extension not in set(known):
            pytest.skip(f"{extension} is not available")
    execute(postgresql, *(one.format(**values) for one in statements))
    try:
        table = "elsewhere" if extension == "postgres_fdw" else "alembic_version"
        moved = _moves_or_reports(postgresql, postgresql.address, table)
        assert moved is (extension != "file_fdw")
    finally:
        if extension != statements[0]:
            execute(postgresql, f"DROP EXTENSION {extension} CASCADE")


@pytest.mark.parametrize(
    "statements",
    [
        (
            _VERSIONS,
            "INSERT INTO alembic_version VALUES ('a1')",
            (
                "CREATE TRIGGER k AFTER UPDATE ON alembic_version BEGIN"
                " UPDATE alembic_version SET version_num = 'a1'; END"
            ),
        ),
        (
            "CREATE TABLE elsewhere (version_num VARCHAR(32) PRIMARY KEY)",
            "INSERT INTO elsewhere VALUES ('a1')",
            "CREATE VIEW alembic_version AS SELECT version_num FROM elsewhere",
            "CREATE TRIGGER k INSTEAD OF UPDATE ON alembic_version BEGIN SELECT 1; END",
        ),
        (
            _VERSIONS,
            "INSERT INTO alembic_version VALUES ('a1')",
            "CREATE TRIGGER k BEFORE UPDATE ON alembic_version BEGIN SELECT RAISE(IGNORE); END",
        ),
    ],
    ids=["changed back", "a view", "ignored"],
)
def test_triggers_on_sqlite_that_keep_the_version_are_reported(
    sqlite: Database, statements: tuple[str, ...]
) -> None:
    execute(sqlite, *statements)
    with pytest.raises(VersionRowsChangedError):
        Project(sqlite.address, ups=_TWO).upgrade()
    assert "t" not in database_state(sqlite.address)
