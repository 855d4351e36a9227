"""A database created by `create_all` does not differ from its models after normalization."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import pytest
import sqlalchemy as sa

from limbeck.catalog import Catalog
from limbeck.dialects import Scope, find
from limbeck.diff import diff
from limbeck.sqlalchemy_io import read
from tests.databases import models_mariadb, models_mysql, models_postgresql, models_sqlite
from tests.servers import Database

MODELS: dict[str, ModuleType] = {
    "postgresql": models_postgresql,
    "mariadb": models_mariadb,
    "mysql": models_mysql,
    "sqlite": models_sqlite,
}


def made(database: Database, connection: sa.Connection) -> sa.MetaData:
    metadata: sa.MetaData = MODELS[database.kind].everything()
    if database.kind == "postgresql":
        connection.execute(sa.schema.CreateSchema("other"))
    metadata.create_all(connection)
    connection.commit()
    return metadata


def scope(database: Database) -> Scope:
    return Scope((None, "other")) if database.kind == "postgresql" else Scope()


def both(
    connection: sa.Connection, metadata: sa.MetaData, asked: Scope, *, ask_server: bool = True
) -> tuple[Catalog, Catalog]:
    dialect = find(connection.dialect.name)
    assert dialect.reflect is not None
    assert dialect.normalize is not None
    have = dialect.reflect(connection, asked)
    want = read(metadata, connection.dialect).catalog
    return dialect.normalize(have, want, connection if ask_server else None)


@contextmanager
def counted(connection: sa.Connection) -> Iterator[list[str]]:
    statements: list[str] = []

    def count(_c: object, _k: object, statement: str, *_: object) -> None:
        statements.append(statement)

    sa.event.listen(connection, "before_cursor_execute", count)
    try:
        yield statements
    finally:
        sa.event.remove(connection, "before_cursor_execute", count)


@pytest.mark.filterwarnings("ignore:Computed column")
def test_nothing_differs(database: Database) -> None:
    with database.engine() as engine, engine.connect() as connection:
        metadata = made(database, connection)
        have, want = both(connection, metadata, scope(database))
        assert diff(have, want) == ()
        assert len(have.tables) == len(metadata.tables)


@pytest.mark.filterwarnings("ignore:Computed column")
def test_normalization_on_the_server_leaves_no_objects(server_database: Database) -> None:
    with server_database.engine() as engine, engine.connect() as connection:
        metadata = made(server_database, connection)
        dialect = find(connection.dialect.name)
        assert dialect.reflect is not None
        assert dialect.normalize is not None
        have = dialect.reflect(connection, scope(server_database))
        want = read(metadata, connection.dialect).catalog
        connection.commit()
        dialect.normalize(have, want, connection)
        assert not connection.in_transaction()
        assert dialect.reflect(connection, scope(server_database)) == have


@pytest.mark.filterwarnings("ignore:Computed column")
def test_the_transaction_of_the_caller_stays_open(server_database: Database) -> None:
    with server_database.engine() as engine, engine.connect() as connection:
        metadata = made(server_database, connection)
        connection.execute(sa.text("CREATE TABLE extra (a INTEGER)"))
        connection.commit()
        with connection.begin() as transaction:
            connection.execute(sa.text("INSERT INTO extra VALUES (1)"))
            both(connection, metadata, scope(server_database))
            assert connection.scalar(sa.text("SELECT count(*) FROM extra")) == 1
            transaction.rollback()
        assert connection.scalar(sa.text("SELECT count(*) FROM extra")) == 0


def test_an_expression_that_the_server_refuses_is_compared_as_text(
    server_database: Database,
) -> None:
    def models(first: str, second: str) -> sa.MetaData:
        metadata = sa.MetaData()
        sa.Table(
            "t", metadata, sa.Column("a", sa.Integer), sa.Column("b", sa.DateTime),
            sa.CheckConstraint(first, name="one"), sa.CheckConstraint(second, name="two"),
        )  # fmt: skip
        return metadata

    with server_database.engine() as engine, engine.connect() as connection:
        # One server writes the time of day into the check, the other a function's other name.
        known = "b > '2000-01-01' and not (a = 4)"
        models("a > 1", known).create_all(connection)
        connection.commit()
        wanted = models("no_such_function(a) > 1", known)
        have, want = both(connection, wanted, Scope())
        changes = diff(have, want)
        assert {change.key.name for change in changes} == {"one"}


@pytest.mark.filterwarnings("ignore:Computed column")
def test_normalization_without_a_server_is_almost_complete(database: Database) -> None:
    with database.engine() as engine, engine.connect() as connection:
        metadata = made(database, connection)
        have, want = both(connection, metadata, scope(database), ask_server=False)
        parts = sum(len(table.columns) + len(table.indexes) for table in have.tables)
        assert len(diff(have, want)) <= parts * 0.08


@pytest.mark.parametrize("tables", [5, 50])
def test_statements_do_not_grow_with_tables(database: Database, tables: int) -> None:
    metadata = sa.MetaData()
    for number in range(tables):
        sa.Table(
            f"t{number}", metadata, sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.String(20), server_default="x", index=True),
            sa.Column("up", sa.ForeignKey(f"t{max(number - 1, 0)}.id")),
            sa.CheckConstraint("name <> ''", name=f"ck{number}"),
        )  # fmt: skip
    with database.engine() as engine, engine.connect() as connection:
        metadata.create_all(connection)
        connection.commit()
        with counted(connection) as statements:
            have, want = both(connection, metadata, Scope())
        assert diff(have, want) == ()
        assert len(statements) == 1


def test_only_requested_objects_are_read(database: Database) -> None:
    metadata = sa.MetaData()
    for name in ("one", "two"):
        sa.Table(name, metadata, sa.Column("id", sa.Integer, primary_key=True))
    with database.engine() as engine, engine.connect() as connection:
        metadata.create_all(connection)
        connection.execute(sa.text("CREATE VIEW v AS SELECT id FROM one"))
        connection.commit()
        reflect = find(connection.dialect.name).reflect
        assert reflect is not None
        found = reflect(connection, Scope(tables=frozenset({"two"})))
        assert [table.key.name for table in found.tables] == ["two"]
        views = reflect(connection, Scope(kinds=frozenset({"view"})))
        assert [(thing.key.kind, thing.key.name) for thing in views] == [("view", "v")]
        assert not reflect(connection, Scope(kinds=frozenset()))
