"""Scratch databases: made, built from a catalog, filled, removed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from limbeck.catalog import Catalog
from limbeck.errors import ScratchError
from limbeck.scratch import DatabaseSource, capture_source, open_scratch, parse_name, redirected
from tests.servers import Database


def _models() -> sa.MetaData:
    models = sa.MetaData()
    sa.Table(
        "tenant",
        models,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(50), nullable=False, unique=True),
        sa.Column("parent_id", sa.ForeignKey("tenant.id", name="fk_parent")),
    )
    sa.Table(
        "account",
        models,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(120), nullable=False, index=True),
        sa.Column("tenant_id", sa.ForeignKey("tenant.id", name="fk_tenant"), nullable=False),
        sa.Column("age", sa.SmallInteger),
        sa.Column("kind", sa.Enum("a", "b", "c", name="kind")),
        sa.Column("bio", sa.Text),
        sa.Column("made", sa.DateTime),
        sa.Column("score", sa.Numeric(8, 2)),
        sa.Column("day", sa.Date),
        sa.Column("document", sa.JSON),
        sa.CheckConstraint("age >= 0 AND age < 150", name="ck_age"),
        sa.UniqueConstraint("tenant_id", "email", name="uq_email"),
    )
    sa.Table(
        "membership",
        models,
        sa.Column("account_id", sa.ForeignKey("account.id", name="fk_account"), primary_key=True),
        sa.Column("tenant_id", sa.ForeignKey("tenant.id", name="fk_place"), primary_key=True),
        sa.Column("starts", sa.Date),
        sa.Column("ends", sa.Date),
        sa.CheckConstraint("starts < ends", name="ck_order"),
    )
    sa.Table(
        "code",
        models,
        sa.Column("code", sa.String(2), primary_key=True),
        sa.Column("words", sa.String(20)),
        sa.Column("state", sa.String(10), nullable=False),
        sa.CheckConstraint("length(words) > 3", name="ck_words"),
        sa.CheckConstraint("state IN ('new', 'old')", name="ck_state"),
    )
    return models


@pytest.fixture
def catalog(database: Database) -> Iterator[Catalog]:
    with open_scratch(database.url) as scratch:
        with scratch.connection() as connection:
            _models().create_all(connection)
        yield scratch.catalog()


def test_a_schema_that_is_built_is_the_schema_that_was_read(
    database: Database, catalog: Catalog
) -> None:
    with open_scratch(database.url) as scratch:
        scratch.build_schema(catalog)
        assert scratch.catalog() == catalog


def test_every_table_gets_rows(database: Database, catalog: Catalog) -> None:
    with open_scratch(database.url) as scratch:
        scratch.build_schema(catalog)
        filled = scratch.fill_rows(rows_per_table=40)
        assert filled.unfilled == {}
        assert {key.name: number for key, number in filled.counts.items()} == dict.fromkeys(
            ("tenant", "account", "membership", "code"), 40
        )
        with scratch.connection() as connection:
            nulls, least = connection.execute(
                sa.text("SELECT count(*) - count(bio), min(score) FROM account")
            ).one()
        assert nulls > 0
        assert float(least) == -999999.99


def test_digests_show_a_changed_value_and_no_change_of_order(
    database: Database, catalog: Catalog
) -> None:
    with open_scratch(database.url) as scratch:
        scratch.build_schema(catalog)
        scratch.fill_rows(rows_per_table=10)
        before = scratch.row_digests()
        assert scratch.row_digests() == before
        with scratch.connection() as connection:
            connection.execute(sa.text("UPDATE tenant SET name = 'changed' WHERE id = 3"))
        after = scratch.row_digests()
        changed = {key.name for key in before if before[key] != after[key]}
        assert changed == {"tenant"}


def test_scratch_databases_are_removed(database: Database) -> None:
    with open_scratch(database.url) as scratch:
        assert scratch.exists()
    assert not scratch.exists()


def test_the_next_run_removes_what_a_killed_process_left(database: Database) -> None:
    text = database.url.render_as_string(hide_password=False)
    program = (
        "import os, signal\nfrom limbeck.scratch import open_scratch\n"
        f"with open_scratch({text!r}) as scratch:\n"
        "    print(scratch.name, flush=True)\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    left = done.stdout.strip()
    assert left
    with open_scratch(database.url) as scratch:
        name = left if scratch.kind != "file" else left.split("/")[-2]
        assert parse_name(name) is not None
        rules = scratch.record.scratch
        if rules.list_databases is not None:
            with scratch.connection() as connection:
                assert rules.list_databases(connection, name) == []
        else:
            from pathlib import Path

            assert not Path(left).exists()


def test_a_role_that_may_not_create_databases_gets_a_schema(postgresql: Database) -> None:
    role = f"limbeck_plain_{os.getpid()}"
    with postgresql.engine(isolation_level="AUTOCOMMIT") as engine, engine.connect() as admin:
        admin.exec_driver_sql(f"DROP ROLE IF EXISTS {role}")
        admin.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
        admin.exec_driver_sql(f"GRANT CREATE ON DATABASE {postgresql.url.database} TO {role}")
        try:
            with open_scratch(postgresql.url.set(username=role)) as scratch:
                assert scratch.kind == "schema"
                with scratch.connection() as connection:
                    _models().create_all(connection)
                filled = scratch.fill_rows(rows_per_table=5)
                assert len(filled.counts) == 4
            schemas = admin.scalar(
                sa.text("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'limbeck_scratch%'")
            )
            assert schemas == 0
        finally:
            admin.exec_driver_sql(f"DROP OWNED BY {role}")
            admin.exec_driver_sql(f"DROP ROLE {role}")


def test_pools_connect_to_the_scratch_database_during_a_redirection(database: Database) -> None:
    """An application keeps one engine for the life of its process, and env.py imports it."""
    engine = sa.create_engine(database.address, poolclass=sa.QueuePool)
    place = {
        "sqlite": "SELECT file FROM pragma_database_list WHERE name = 'main'",
        "postgresql": "SELECT current_database()",
    }.get(database.kind, "SELECT DATABASE()")

    def where() -> str:
        with engine.connect() as connection:
            return str(connection.scalar(sa.text(place)))

    try:
        home = where()
        default = engine.dialect.default_schema_name
        source = capture_source(where)
        with open_scratch(source) as scratch, redirected(scratch, source):
            first = where()
            assert where() == first != home
            schema = engine.dialect.default_schema_name
            assert schema == (first if database.kind in {"mariadb", "mysql"} else default)
        assert where() == home
        assert engine.dialect.default_schema_name == default
    finally:
        engine.dispose()


def test_an_engine_created_during_a_redirection_connects_normally_afterwards(
    database: Database,
) -> None:
    engine = sa.create_engine(database.address, poolclass=sa.QueuePool)
    source = DatabaseSource(sa.make_url(database.address))
    try:
        with (
            open_scratch(source) as scratch,
            redirected(scratch, source),
            engine.begin() as connection,
        ):
            connection.exec_driver_sql("CREATE TABLE only_on_scratch (id INTEGER)")
        assert not sa.inspect(engine).has_table("only_on_scratch")
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE at_home (id INTEGER)")
        assert sa.inspect(engine).has_table("at_home")
    finally:
        engine.dispose()


_COUNT = "SELECT count(*) FROM pg_roles WHERE rolname = :role"
ROLE = f"limbeck_made_{os.getpid()}"
HIDDEN = (
    f"DO $$ BEGIN EXECUTE chr(67) || 'REATE ROLE {ROLE}'; END $$",
    "SELECT make('CREATE ', 'ROLE')",
    f"SELECT pg_temp.nothing(); DO $$ BEGIN EXECUTE 'CREATE RO' || 'LE {ROLE}'; END $$",
)
_MAKE = (
    "CREATE FUNCTION make(a text, b text) RETURNS void LANGUAGE plpgsql AS"
    f" $$ BEGIN EXECUTE a || b || ' {ROLE}'; END $$;"
    "CREATE FUNCTION pg_temp.nothing() RETURNS void LANGUAGE sql AS 'SELECT'"
)


def _run(engine: sa.Engine, *statements: str) -> None:
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.commit()


@pytest.mark.parametrize("level", ["READ COMMITTED", "AUTOCOMMIT"])
@pytest.mark.parametrize("statement", HIDDEN, ids=["block", "function", "two statements"])
def test_a_role_that_dynamic_sql_creates_is_not_committed(
    postgresql: Database, level: str, statement: str
) -> None:
    """Roles belong to the whole server, and the text does not show that one is created."""
    source = DatabaseSource(sa.make_url(postgresql.address))
    with open_scratch(source) as scratch, redirected(scratch, source):
        engine = sa.create_engine(postgresql.address, isolation_level=level)
        with pytest.raises(ScratchError, match="changes roles of the server") as raised:
            _run(engine, _MAKE, statement)
        engine.dispose()
    assert raised.value.code == "LB608"
    with postgresql.engine() as own, own.connect() as connection:
        assert connection.scalar(sa.text(_COUNT), {"role": ROLE}) == 0


def test_a_block_that_commits_by_itself_and_creates_a_role_is_reported(
    postgresql: Database,
) -> None:
    source = DatabaseSource(sa.make_url(postgresql.address))
    block = f"DO $$ BEGIN COMMIT; EXECUTE 'CREATE RO' || 'LE {ROLE}'; END $$"
    try:
        with open_scratch(source) as scratch, redirected(scratch, source):
            engine = sa.create_engine(postgresql.address, isolation_level="AUTOCOMMIT")
            with pytest.raises(ScratchError, match="has changed roles of the server"):
                _run(engine, block)
            engine.dispose()
    finally:
        with postgresql.engine(isolation_level="AUTOCOMMIT") as own, own.connect() as connection:
            connection.exec_driver_sql(f"DROP ROLE IF EXISTS {ROLE}")


def test_a_block_without_roles_is_run_once(postgresql: Database) -> None:
    source = DatabaseSource(sa.make_url(postgresql.address))
    with open_scratch(source) as scratch, redirected(scratch, source):
        engine = sa.create_engine(postgresql.address, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE TABLE mark (n integer)")
            connection.exec_driver_sql("DO $$ BEGIN INSERT INTO mark VALUES (1); END $$")
            assert connection.exec_driver_sql("SELECT n FROM mark").all() == [(1,)]
        engine.dispose()
