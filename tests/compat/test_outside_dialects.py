"""Dialects of other packages, compared with Alembic: their scripts, and DuckDB live."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.compat import peer_venvs
from tests.compat.script_cases import BRING_ONE, WRITTEN

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

PACKAGES = (
    "SQLAlchemy==2.0.*",
    "sqlalchemy-redshift",
    "sqlalchemy-cockroachdb",
    "sqlalchemy-bigquery",
    "sqlalchemy-hana",
    "databricks-sqlalchemy",
    "ydb-sqlalchemy",
    "starrocks",
    "duckdb-engine",
    "snowflake-sqlalchemy",
    "clickhouse-sqlalchemy",
    "sqlalchemy-spanner",
)
# Alembic gives an index over a text a column called like the text, which only YDB prints.
DIFFERS = {"yql indexes up"}
# in this script Alembic leaves placeholders of parameters, which no database can read
PLACEHOLDERS = "python_defaults up"
# Fewer than these whole scripts would mean that hardly anything was compared.
LEAST = 20

Written = dict[str, tuple[str, "str | None"]]


@pytest.fixture(scope="module")
def venvs() -> dict[str, Path]:
    """Two environments with the packages, one with Alembic, one with limbeck."""
    return peer_venvs.sides("outside-dialects", PACKAGES)


def _run(venv: Path, folder: Path, *words: str) -> str:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(venv / "bin" / words[0]), *words[1:]],
        cwd=folder,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def scripts(venvs: dict[str, Path]) -> tuple[Written, Written]:
    writer = Path(__file__).with_name("outside_writer.py")
    theirs, ours = (
        json.loads(_run(venvs[side], writer.parent, "python", str(writer)))
        for side in ("peer", "limbeck")
    )
    return theirs, ours


def _statements(text: str) -> list[str]:
    # Alembic doubles percent signs and backslashes for some drivers, which no script needs
    text = text.replace("%%", "%").replace("\\\\", "\\")
    return [" ".join(one.split()) for one in text.split(";") if one.strip()]


@pytest.mark.parametrize("address", [*BRING_ONE, *WRITTEN])
def test_scripts_equal_those_of_alembic(address: str, scripts: tuple[Written, Written]) -> None:
    theirs, ours = scripts
    whole = 0
    for name, (text, error) in theirs.items():
        dialect, _, script = name.partition(" ")
        if dialect != address or name in DIFFERS or script == PLACEHOLDERS:
            continue
        found, failed = ours[name]
        if error is None:
            assert (_statements(found), failed) == (_statements(text), None), name
            whole += bool(text)
        elif failed is None:
            # what Alembic has no words for, limbeck may say
            wanted = _statements(text)
            assert _statements(found)[: len(wanted)] == wanted, name
        else:
            assert (_statements(found), failed) == (_statements(text), error), name
    assert whole >= LEAST


# ── live ──────────────────────────────────────────────────────────────────

ENV = """
import sqlalchemy as sa
from alembic import context
from alembic.ddl.postgresql import PostgresqlImpl


class AlembicDuckDBImpl(PostgresqlImpl):
    __dialect__ = "duckdb"


engine = sa.create_engine("duckdb:///data.db")
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
ONE = '''"""one"""
import sqlalchemy as sa
from alembic import op

revision, down_revision = "one", None


def upgrade():
    op.create_table(
        "parent",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("amount", sa.Numeric(10, 2), server_default="0"),
    )
    op.create_index("ix_name", "parent", ["name"])
    parent = sa.table("parent", sa.column("id"), sa.column("name"))
    op.bulk_insert(parent, [{"id": 1, "name": "it's"}, {"id": 2, "name": "50%"}])


def downgrade():
    op.drop_table("parent")
'''
TWO = '''"""two"""
import sqlalchemy as sa
from alembic import op

revision, down_revision = "two", "one"


def upgrade():
    op.drop_index("ix_name", "parent")
    op.add_column("parent", sa.Column("made", sa.DateTime))
    op.alter_column("parent", "amount", server_default="5")
    op.alter_column("parent", "name", nullable=True)
    op.execute("UPDATE parent SET name = 'new' WHERE id = 2")
    op.rename_table("parent", "person")


def downgrade():
    op.rename_table("person", "parent")
    op.drop_column("parent", "made")
'''
LOOK = """
import duckdb
with duckdb.connect("data.db") as db:
    print(db.sql("select table_name, column_name, data_type, is_nullable, column_default "
                 "from information_schema.columns order by all").fetchall())
    print(db.sql("select index_name from duckdb_indexes() order by all").fetchall())
    print(db.sql("select * from alembic_version").fetchall())
    for table in db.sql("select table_name from information_schema.tables "
                        "where table_name like 'p%'").fetchall():
        print(db.sql(f"select * from {table[0]} order by all").fetchall())
"""


def test_duckdb_is_upgraded_and_downgraded(venvs: dict[str, Path], tmp_path: Path) -> None:
    outputs_of: dict[str, list[str]] = {}
    for side, venv in venvs.items():
        folder = tmp_path / side
        (folder / "here" / "versions").mkdir(parents=True)
        (folder / "alembic.ini").write_text("[alembic]\nscript_location = here\n")
        (folder / "here" / "env.py").write_text(ENV)
        for name, text in {"one": ONE, "two": TWO}.items():
            (folder / "here" / "versions" / f"{name}.py").write_text(text)
        outputs = outputs_of.setdefault(side, [])
        for words in ("upgrade one", "upgrade head", "downgrade -1", "downgrade base"):
            outputs.append(_run(venv, folder, "alembic", *words.split()))
            assert not (folder / "data.db.wal").exists(), "the driver did not close its file"
            outputs.append(_run(venv, folder, "alembic", "current"))
            outputs.append(_run(venv, folder, "python", "-c", LOOK))
    assert outputs_of["limbeck"] == outputs_of["peer"]
    assert re.search("'person', 'made'", outputs_of["peer"][5])


# ── comparing ─────────────────────────────────────────────────────────────

# the last versions that SQLAlchemy's queries for PostgreSQL can read DuckDB with
COMPARES = ("SQLAlchemy==2.0.36", "duckdb==1.1.3", "duckdb-engine==0.15.0")
MODELS = """
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("gone", metadata, sa.Column("id", sa.Integer, primary_key=True, autoincrement=False))
sa.Table(
    "kept",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(20), nullable=False),
    sa.Column("amount", sa.Numeric(10, 2), server_default="0"),
    sa.Column("made", sa.DateTime),
)
"""
LATER = """
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("new", metadata, sa.Column("id", sa.Integer, primary_key=True, autoincrement=False))
sa.Table(
    "kept",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(20)),
    sa.Column("amount", sa.Numeric(10, 2), server_default="0"),
    sa.Column("day", sa.Date),
)
"""
MAKO = '''"""${message}"""
import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision, down_revision = ${repr(up_revision)}, ${repr(down_revision)}


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
'''


def test_duckdb_is_compared(tmp_path: Path) -> None:
    written: dict[str, list[str]] = {}
    for side, venv in peer_venvs.sides("duckdb", COMPARES).items():
        folder = tmp_path / side
        versions = folder / "here" / "versions"
        versions.mkdir(parents=True)
        ini = "[alembic]\nscript_location = here\nprepend_sys_path = .\n"
        (folder / "alembic.ini").write_text(ini)
        env = ENV.replace(
            "connection=connection", "connection=connection, target_metadata=metadata"
        )
        (folder / "here" / "env.py").write_text(f"from models import metadata\n{env}")
        (folder / "here" / "script.py.mako").write_text(MAKO)
        outputs = written.setdefault(side, [])
        for number, models in enumerate((MODELS, LATER)):
            (folder / "models.py").write_text(models)
            name = f"r{number}"
            draft = ("revision", "--autogenerate", "-m", "x", "--rev-id", name)
            _run(venv, folder, "alembic", *draft)
            outputs.append((versions / f"{name}_x.py").read_text())
            _run(venv, folder, "alembic", "upgrade", "head")
            outputs.append(_run(venv, folder, "alembic", "check"))
    assert written["limbeck"] == written["peer"]
    assert "op.drop_column('kept', 'made')" in written["peer"][2]


# ── native ────────────────────────────────────────────────────────────────

NATIVE_ENV = """
import sqlalchemy as sa
from limbeck import context

metadata = sa.MetaData()
ID = {"primary_key": True, "autoincrement": False}
sa.Table("parent", metadata, sa.Column("id", sa.Integer, **ID))
sa.Table(
    "child",
    metadata,
    sa.Column("id", sa.Integer, sa.Sequence("child_numbers"), primary_key=True),
    sa.Column("parent_id", sa.ForeignKey("parent.id", name="fk_parent")),
    sa.Column("name", sa.String(20), nullable=False, unique=True),
    sa.Column("note", sa.Text),
    sa.Column("ratio", sa.Double),
    sa.Column("amount", sa.Integer, sa.CheckConstraint("amount > 0", name="ck_amount")),
    sa.Column("colour", sa.Enum("red", "blue", name="colour")),
    sa.UniqueConstraint("name", "amount", name="uq_name_amount"),
    sa.Index("ix_amount", "amount"),
)
engine = sa.create_engine("duckdb:///data.db")
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, detect="all")
    with context.begin_transaction():
        context.run_migrations()
"""


def test_a_native_project_on_duckdb(tmp_path: Path) -> None:
    venv = peer_venvs.sides("native-duckdb", ("duckdb", "duckdb-sqlalchemy"))["limbeck"]
    _run(venv, tmp_path, "limbeck", "init", "migrations")
    (tmp_path / "migrations" / "env.py").write_text(NATIVE_ENV)
    _run(venv, tmp_path, "limbeck", "revision", "--autogenerate", "-m", "all")
    (drafted,) = (tmp_path / "migrations" / "versions").glob("*.py")
    assert "create_enum" not in drafted.read_text()
    _run(venv, tmp_path, "limbeck", "upgrade", "head")
    _run(venv, tmp_path, "limbeck", "check")
    _run(venv, tmp_path, "limbeck", "downgrade", "base")
    _run(venv, tmp_path, "limbeck", "upgrade", "head")
    _run(venv, tmp_path, "limbeck", "check")
