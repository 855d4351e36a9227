"""Who controls the version table and the journal is verified before their rows are used."""

from __future__ import annotations

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
from tests.cli.project_fixture import worksite
from tests.databases.crash_harness import Project, picture
from tests.databases.test_recovery_rules import execute
from tests.servers import Database

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
    assert "t" not in picture(server_database.address)


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
    found = picture(server_database.address)
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
    assert picture(server_database.address)["alembic_version"][2] == ["('a1',)"]
    execute(server_database, removal)
    project.upgrade()
    found = picture(server_database.address)
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
    site = worksite(tmp_path, server_database, extra="journal = keep")
    path = site.write("a1")
    site.good("upgrade", "head")
    path.unlink()
    triggers = _TRIGGERS[server_database.kind]
    execute(server_database, *(sql.format(table="limbeck_journal") for sql in triggers))
    for words in (("restore",), ("restore", "a1"), ("upgrade", "head", "--allow-downgrade")):
        done = site.run(*words)
        assert done.code not in {0, 2}, done.text
        assert "is not limbeck's journal: it has triggers or rules: audit" in done.text
    assert not list(site.versions.glob("*.py"))


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
