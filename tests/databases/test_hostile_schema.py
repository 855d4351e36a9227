"""No command uses a function, operator, type or table that other users have planted on the search path."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from tests.cli.project_fixture import Done, Running, finish
from tests.databases import planted
from tests.databases.crash_harness import session
from tests.servers import Database

_MODELS = f"""
import sqlalchemy as sa
from sqlalchemy import event

metadata = sa.MetaData()


def listen(engine):
    @event.listens_for(engine, "connect")
    def set_path(driver, _record):
        with driver.cursor() as cursor:
            cursor.execute("SET search_path = {planted.PATH}")
        driver.commit()


def table(name, *columns):
    key = sa.Column("id", sa.Integer, primary_key=True)
    sa.Table(name, metadata, key, *columns)


def column(name, type_, *arguments, **keywords):
    return sa.Column(name, type_, *arguments, **keywords)

"""
_FIRST = """
table("parent", column("code", sa.String(20)))
table(
    "child",
    column("name", sa.String(20)),
    column("nick", sa.String(20)),
    column("amount", sa.String(20)),
    column("parent_id", sa.Integer),
    column("kind", sa.Enum("a", "b", "c", name="kind")),
    column("n", sa.BigInteger),
    column("price", sa.Numeric(10, 2)),
)
table("gone")
"""
_SECOND = """
table("parent", column("code", sa.String(20), unique=True))
table(
    "child",
    column("title", sa.String(20)),
    column("nickname", sa.String(10)),
    column("amount", sa.Numeric(10, 2)),
    column("parent_id", sa.Integer, sa.ForeignKey("parent.id"), nullable=False),
    column("kind", sa.Enum("a", "b", name="kind")),
    column("n", sa.Integer, unique=True),
    column("price", sa.Numeric(8, 1)),
    column("extra", sa.Integer, nullable=False),
)
"""
_ROWS = (
    "INSERT INTO parent VALUES (1, 'x'), (2, 'y')",
    (
        "INSERT INTO child SELECT g, 'name' || g, 'nick' || g, (g * 2)::text, 1 + mod(g, 2), 'a',"
        " g, g / 3.0 FROM generate_series(1, 50) g"
    ),
    "INSERT INTO gone VALUES (1)",
)
_REVISION = '''"""about {id}"""

import sqlalchemy as sa
from limbeck import op

revision = {id!r}
down_revision = {down!r}


def upgrade() -> None:
{upgrade}


def downgrade() -> None:
    pass
'''


class _Project:
    """A native project whose connections have the hostile search path."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder = folder / "project"
        self.database = database
        self.versions = self.folder / "migrations" / "versions"
        self.versions.mkdir(parents=True)
        template = Path(planted.limbeck.__file__).parent / "project" / "native_frame"
        frame = (template / "script.py.mako").read_text("utf-8")
        (self.folder / "migrations" / "script.py.mako").write_text(frame, "utf-8")
        (self.folder / "pyproject.toml").write_text(
            f'[tool.limbeck]\nurl = "{database.address}"\nmetadata = "models:metadata"\n'
            'listeners = "models:listen"\nlogging = "WARNING"\ndata_loss = "tell"\n',
            "utf-8",
        )

    def models(self, tables: str) -> None:
        (self.folder / "models.py").write_text(_MODELS + tables, "utf-8")

    def write(self, id_: str, down: str, upgrade: str) -> Path:
        path = self.versions / f"{id_}.py"
        body = textwrap.indent(textwrap.dedent(upgrade).strip(), "    ")
        path.write_text(_REVISION.format(id=id_, down=down, upgrade=body), "utf-8")
        return path

    def run(self, *words: str, code: int = 0) -> Done:
        """Run a command; it must end as expected, and use nothing that was planted."""
        process = Running(self.folder, words, {})
        try:
            done = finish(process, 120)
        finally:
            process.kill()
        assert planted.called(self.database) == [], words
        assert done.code == code, done.text
        return done

    def sql(self, *statements: str) -> None:
        with session(self.database.address) as connection:
            for statement in statements:
                connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
            connection.commit()


def _project(folder: Path, database: Database) -> _Project:
    planted.plant(database)
    project = _Project(folder, database)
    project.models(_FIRST)
    project.run("revision", "--autogenerate", "-m", "first", "--rev-id", "a1")
    return project


def test_planted_objects_are_counted(postgresql: Database) -> None:
    planted.plant(postgresql)
    with session(postgresql.address) as connection:
        connection.exec_driver_sql(f"SET search_path = {planted.PATH}")
        connection.commit()
        for query in (
            "SELECT count(*), max(relpages) FROM pg_catalog.pg_class",
            "SELECT 1 FROM pg_catalog.pg_class WHERE relname = 'x'::varchar OR relname = 'y'",
            "SELECT quote_ident('a'), CAST('a' AS text)",
            "SELECT 1 FROM pg_namespace",
        ):
            connection.exec_driver_sql(query)
            connection.rollback()
    found = {re.sub(r" x\d+$", "", one) for one in planted.called(postgresql)}
    assert found >= {
        "aggregate count(*)", "aggregate max(integer)", "operator = (name, varchar)",
        "function quote_ident(text)", "type text", "table pg_namespace",
    }  # fmt: skip
    assert planted.called(postgresql) == []


def test_everyday_commands(postgresql: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, postgresql)
    for words in (
        ("status",), ("plan", "--no-scratch"), ("heads",), ("upgrade",), ("current", "-v"),
        ("history", "-i"), ("status", "--json"), ("check",), ("upgrade",), ("stats",),
        ("ensure_version",),
    ):  # fmt: skip
        project.run(*words)
    project.sql(*_ROWS)
    project.models(_SECOND)
    assert "drop table gone" in project.run("check", code=255).text
    options = [
        ("--rename", "child.name=child.title"), ("--rename", "child.nick=child.nickname"),
        ("--replace", "kind.c=b"), ("--using", "child.amount=CAST(amount AS NUMERIC)"),
        ("--fill", "child.extra=7"),
    ]  # fmt: skip
    words = [word for option in options for word in option]
    project.run("revision", "--autogenerate", "-m", "second", "--rev-id", "b2", *words)
    found = project.run("plan").text
    assert "LOSES: b2 drops table gone: 1 row, id = 1" in found
    assert "ok: b2 makes child (n) unique" in found
    project.run("upgrade", "--yes")
    project.run("check")
    project.run("downgrade", "-1", "--yes")
    project.run("upgrade", "--yes")
    project.write(
        "c3",
        "b2",
        """
        op.backfill("child", {"title": "nickname"}, batch=10)
        op.backfill("child", {"extra": sa.text("n")}, where="title IS NOT NULL", batch=10)
        """,
    )
    project.run("upgrade")
    for words in (
        ["stamp", "b2"], ["stamp", "--purge", "c3"], ["restore", "--accept", "b2"],
        ["downgrade", "base", "--yes"],
    ):  # fmt: skip
        project.run(*words)


def test_likely_renames_are_verified_in_the_rows(postgresql: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, postgresql)
    project.run("upgrade")
    project.sql(*_ROWS)
    project.models(_SECOND)
    words = ("--renames", "guess", "--replace", "kind.c=b", "--fill", "child.extra=7")
    project.run("revision", "--autogenerate", "-m", "second", "--rev-id", "b2", *words)
    draft = next(project.versions.glob("b2*")).read_text("utf-8")
    assert "nickname" in draft


def test_interrupted_runs_and_missing_files(postgresql: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, postgresql)
    project.run("upgrade")
    path = project.write("b2", "a1", "op.add_column('parent', sa.Column('more', sa.Integer))")
    project.run("upgrade")
    path.unlink()
    project.run("restore")
    assert path.exists()
    path.unlink()
    project.run("upgrade", "--allow-downgrade", "--yes")
    path = project.write(
        "d4",
        "a1",
        """
        op.add_column("parent", sa.Column("extra", sa.Integer))
        with op.get_context().autocommit_block():
            op.execute("CREATE INDEX CONCURRENTLY ix_e ON parent (extra)")
            op.execute("UPDATE parent SET extra = 1")
            op.execute("INSERT INTO nowhere VALUES (1)")
        """,
    )
    project.run("upgrade", code=1)
    assert "ix_e" in project.run("status").text
    project.run("recover", "--continue", code=1)
    project.run("recover", "--undo")
    project.run("upgrade", code=1)
    project.run("recover", "--forget")
    path.unlink()
    project.sql("DROP TABLE alembic_version", "DROP TABLE limbeck_journal")
    # the planted objects are differences for `adopt`
    assert "No revision has the schema" in project.run("adopt", "-y", code=255).text


def test_commands_with_a_scratch_database(postgresql: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, postgresql)
    project.write("b2", "a1", "op.add_column('parent', sa.Column('extra', sa.Integer))")
    for words in (
        ("lint", "a1:b2"), ("lint", "--pending"), ("verify", "a1"), ("snapshot",), ("upgrade",),
        ("downgrade", "base", "--yes"), ("squash", "a1:b2", "-m", "one"), ("plan",),
    ):  # fmt: skip
        project.run(*words)


def test_fleets(postgresql: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, postgresql)
    project.sql("CREATE SCHEMA tenant_one")
    with (project.folder / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(
            f'[tool.limbeck.fleet]\nschemas = "tenant_*"\nresults = "{postgresql.address}"\n'
        )
    for words in (
        ("status",), ("upgrade",), ("status",), ("check",), ("plan",), ("create", "tenant_two"),
        ("downgrade", "base", "--yes"), ("stamp", "a1"),
    ):  # fmt: skip
        project.run("fleet", *words)
