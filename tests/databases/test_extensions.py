"""PostgreSQL with TimescaleDB, PostGIS and pgvector, where LIMBECK_TEST_PG_EXTENSIONS names one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cli.project_fixture import cli_project
from tests.servers import Database, answers

SERVER = os.environ.get(
    "LIMBECK_TEST_PG_EXTENSIONS", "postgresql+psycopg://postgres@127.0.0.1:54399/postgres"
)
MODELS = """
import sqlalchemy as sa
from geoalchemy2 import Geometry
from pgvector.sqlalchemy import Vector
metadata = sa.MetaData()
sa.Table("place", metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", Geometry("POINT", srid=4326)), sa.Column("meaning", Vector(3)))
sa.Table("measure", metadata, sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("value", sa.Float))
"""
EXTENSIONS = ("timescaledb", "vector", "postgis")


@pytest.fixture
def extended(tmp_path: Path) -> Iterator[Database]:
    """Return an empty database with the extensions."""
    pytest.importorskip("geoalchemy2")
    pytest.importorskip("pgvector")
    if not answers("postgresql", SERVER):
        pytest.skip("no PostgreSQL with extensions; set LIMBECK_TEST_PG_EXTENSIONS")
    name = f"limbeck_extensions_{os.getpid()}"
    admin = sa.create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    database = Database("postgresql", sa.make_url(SERVER).set(database=name))
    with database.engine() as engine, engine.begin() as connection:
        for extension in EXTENSIONS:
            connection.exec_driver_sql(f"CREATE EXTENSION {extension}")
    try:
        yield database
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        admin.dispose()


def test_types_are_drafted_with_their_import_and_hypertables_are_quiet(
    extended: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, extended)
    (project.folder / "models.py").write_text(MODELS, "utf-8")
    env = project.env_py.read_text("utf-8")
    models = "from models import metadata as target_metadata"
    project.env_py.write_text(re.sub(r"(?m)^target_metadata = .*$", models, env), "utf-8")
    project.check_output("revision", "--autogenerate", "-m", "all")
    (draft,) = project.folder.rglob("versions/*_all.py")
    text = draft.read_text("utf-8")
    assert "import geoalchemy2" in text
    assert "import pgvector" in text
    project.check_output("upgrade", "head")
    with extended.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("SELECT create_hypertable('measure', 'at')")
        connection.exec_driver_sql("INSERT INTO measure VALUES (now(), 1), ('2000-01-01', 2)")
    assert "The models and the database do not differ." in project.check_output("check")
    project.check_output("downgrade", "base", "--yes")
