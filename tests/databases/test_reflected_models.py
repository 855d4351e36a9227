"""Models that SQLAlchemy has reflected equal the database that they were reflected from."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

import limbeck.compat
from limbeck.compat.autogenerate import compare_metadata
from limbeck.compat.migration import MigrationContext
from tests.servers import Database


@pytest.mark.parametrize("detect", ["all", "alembic"])
def test_reflected_tables_are_equal(database: Database, detect: str) -> None:
    limbeck.compat.install()
    with database.engine() as engine, engine.begin() as connection:
        for sql in (
            (
                "CREATE TABLE parent (id INTEGER NOT NULL PRIMARY KEY, code VARCHAR(9) NOT NULL,"
                " CONSTRAINT uq_code UNIQUE (code))"
            ),
            (
                "CREATE TABLE child (a INTEGER NOT NULL, b INTEGER NOT NULL, parent_id INTEGER,"
                " PRIMARY KEY (a, b), FOREIGN KEY (parent_id) REFERENCES parent (id))"
            ),
            "CREATE INDEX ix_child ON child (parent_id)",
        ):
            connection.exec_driver_sql(sql)
        models = sa.MetaData()
        models.reflect(connection)
        options = {"detect": detect, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, models) == []
