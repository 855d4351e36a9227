"""One migrated database for the whole run; each test works in a transaction that is undone."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session

import limbeck


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    default = f"sqlite:///{tmp_path_factory.mktemp('database') / 'test.sqlite'}"
    engine = create_engine(os.environ.get("TEST_DATABASE_URL", default))
    if engine.dialect.name == "sqlite":
        begin_at_once(engine)
    limbeck.upgrade(config=Path(__file__).parent, url=engine.url)
    yield engine
    engine.dispose()


def begin_at_once(engine: Engine) -> None:
    """Let SQLite's driver begin transactions where SQLAlchemy does, for savepoints to work."""

    @event.listens_for(engine, "connect")
    def connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()


@pytest.fixture
def session(connection: Connection) -> Iterator[Session]:
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        yield session
