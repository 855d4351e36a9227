"""Programs that run migrations through Alembic's API."""

from __future__ import annotations

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import limbeck.compat
from tests.servers import Database, own_database

limbeck.compat.install()

from alembic import autogenerate, command  # noqa: E402 - the alias comes first
from alembic.config import Config  # noqa: E402
from alembic.migration import MigrationContext  # noqa: E402
from alembic.operations import Operations  # noqa: E402
from alembic.runtime.environment import EnvironmentContext  # noqa: E402
from alembic.script import ScriptDirectory  # noqa: E402

ENV = """
from alembic import context
from sqlalchemy import create_engine, pool

config = context.config


def run(connection):
    context.configure(connection=connection, target_metadata=config.attributes.get("metadata"))
    with context.begin_transaction():
        context.run_migrations()


given = config.attributes.get("connection")
if context.is_offline_mode():
    context.configure(url=config.get_main_option("sqlalchemy.url"), literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
elif given is not None:
    run(given)
else:
    engine = create_engine(config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
    with engine.connect() as connection:
        run(connection)
    engine.dispose()
"""
ONE = '''"""make people"""
import sqlalchemy as sa
from alembic import op

revision, down_revision = "aaaa", None


def upgrade():
    op.create_table(
        "people",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(50), nullable=False),
    )


def downgrade():
    op.drop_table("people")
'''
TWO = '''"""name them"""
import sqlalchemy as sa
from alembic import op

revision, down_revision = "bbbb", "aaaa"


def upgrade():
    op.add_column("people", sa.Column("age", sa.Integer))
    bind = op.get_bind()
    bind.execute(
        sa.text("INSERT INTO people (id, name, age) VALUES (:id, :name, :age)"),
        {"id": 1, "name": "it's Ada", "age": 36},
    )


def downgrade():
    op.execute("DELETE FROM people")
    with op.batch_alter_table("people") as batch_op:
        batch_op.drop_column("age")
'''


def _config(folder: Path, address: str, **options: Any) -> Config:
    versions = folder / "migrations" / "versions"
    if not versions.exists():
        versions.mkdir(parents=True)
        (folder / "migrations" / "env.py").write_text(ENV)
        (versions / "one.py").write_text(ONE)
        (versions / "two.py").write_text(TWO)
    config = Config(**options)
    config.set_main_option("script_location", str(folder / "migrations"))
    config.set_main_option("sqlalchemy.url", address.replace("%", "%%"))
    return config


def _columns(engine: sa.Engine, table: str = "people") -> list[str]:
    inspector = sa.inspect(engine)
    return (
        [column["name"] for column in inspector.get_columns(table)]
        if inspector.has_table(table)
        else []
    )


def test_commands_up_and_down(database: Database, tmp_path: Path) -> None:
    """command.* with a Config that has no file and its own stdout."""
    stdout = io.StringIO()
    config = _config(tmp_path, database.address, stdout=stdout)
    command.upgrade(config, "head")
    command.current(config)
    command.history(config)
    assert stdout.getvalue() == (
        "bbbb (head)\naaaa -> bbbb (head), name them\n<base> -> aaaa, make people\n"
    )
    with database.engine() as engine:
        assert _columns(engine) == ["id", "name", "age"]
        command.downgrade(config, "-1")
        assert _columns(engine) == ["id", "name"]
        command.downgrade(config, "base")
        assert _columns(engine) == []
        command.stamp(config, "head")
        with engine.connect() as connection:
            assert MigrationContext.configure(connection).get_current_heads() == ("bbbb",)


def test_a_script_contains_the_values_passed_to_the_bind(
    database: Database, tmp_path: Path
) -> None:
    """`--sql` writes what bind.execute(statement, values) would have sent."""
    stdout = io.StringIO()
    config = _config(tmp_path, database.address, output_buffer=stdout)
    command.upgrade(config, "aaaa:head", sql=True)
    assert "VALUES (1, 'it''s Ada', 36);" in stdout.getvalue()


def test_a_connection_in_the_attributes_is_used(database: Database, tmp_path: Path) -> None:
    """Migrations join the transaction of the program, and go with it."""
    config = _config(tmp_path, "sqlite:///not-used")
    with database.engine() as engine:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "aaaa")
            connection.execute(sa.text("INSERT INTO people (id, name) VALUES (7, 'Bob')"))
        with engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT name FROM people")) == "Bob"
            assert MigrationContext.configure(connection).get_current_revision() == "aaaa"
    assert not Path("not-used").exists()


def test_stamp_inside_a_transaction_begun_after_configure(
    database: Database, tmp_path: Path
) -> None:
    """The program's transaction stays open and its own."""
    scripts = ScriptDirectory.from_config(_config(tmp_path, database.address))
    with database.engine() as engine, engine.connect() as connection:
        context = MigrationContext.configure(connection)
        with connection.begin() as transaction:
            context.stamp(scripts, "head")
            assert transaction.is_active
            assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == "bbbb"
        assert MigrationContext.configure(connection).get_current_revision() == "bbbb"


def test_environment_context_with_a_function(database: Database, tmp_path: Path) -> None:
    """EnvironmentContext(config, script, fn=...) runs env.py with the function's steps."""
    config = _config(tmp_path, database.address)
    scripts = ScriptDirectory.from_config(config)
    seen: list[tuple[str, ...]] = []

    def upgrade(rows: tuple[str, ...], _context: Any) -> Any:
        seen.append(rows)
        return scripts._upgrade_revs("head", rows)

    for _ in range(2):
        with EnvironmentContext(config, scripts, fn=upgrade, destination_rev="head"):
            scripts.run_env()
    assert seen == [(), ("bbbb",)]


def test_compare_and_produce(database: Database, tmp_path: Path) -> None:
    """compare_metadata, produce_migrations and render_python_code."""
    config = _config(tmp_path, database.address)
    command.upgrade(config, "head")
    metadata = sa.MetaData()
    sa.Table(
        "people",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("age", sa.Integer),
        sa.Column("town", sa.String(30)),
    )
    with database.engine() as engine, engine.connect() as connection:
        context = MigrationContext.configure(connection)
        (difference,) = autogenerate.compare_metadata(context, metadata)
        assert (difference[0], difference[2], difference[3].name) == (
            "add_column",
            "people",
            "town",
        )
        made = autogenerate.produce_migrations(context, metadata)
        code = autogenerate.render_python_code(made.upgrade_ops, migration_context=context)
        assert "op.add_column('people', sa.Column('town', sa.String(length=30)" in code
        operations = Operations(context)
        for table in made.upgrade_ops.ops:
            for operation in table.ops:
                operations.invoke(operation)
        assert autogenerate.compare_metadata(context, metadata) == []


def test_operations_without_scripts(database: Database) -> None:
    """Operations(context) and the proxy that Operations.context() fills."""
    from alembic import op

    with database.engine() as engine:
        with engine.begin() as connection:
            context = MigrationContext.configure(connection)
            Operations(context).create_table("t", sa.Column("a", sa.Integer))
            with Operations.context(context):
                op.add_column("t", sa.Column("b", sa.Integer))
            with pytest.raises(NameError):
                op.drop_table("t")
        assert _columns(engine, "t") == ["a", "b"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_eight_threads_each_with_its_database(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Threads do not see each other's environments."""
    request.getfixturevalue(kind)  # skips or fails where the server is missing

    def work(number: int) -> tuple[list[str], list[str]]:
        folder = tmp_path / str(number)
        folder.mkdir()
        with own_database(kind, folder) as mine:
            config = _config(folder, mine.address)
            command.upgrade(config, "head")
            with mine.engine() as engine:
                up = _columns(engine)
                command.downgrade(config, "base")
                return up, _columns(engine)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8))) == [(["id", "name", "age"], [])] * 8


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_from_asyncio(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """run_sync with the connection in the attributes, two databases at a time."""
    from sqlalchemy.ext.asyncio import create_async_engine

    request.getfixturevalue(kind)

    async def work(number: int) -> str | None:
        folder = tmp_path / str(number)
        folder.mkdir()
        with own_database(kind, folder) as mine:
            config = _config(folder, mine.address)
            engine = create_async_engine(mine.async_address)

            def upgrade(connection: sa.Connection) -> str | None:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                return MigrationContext.configure(connection).get_current_revision()

            async with engine.begin() as connection:
                at = await connection.run_sync(upgrade)
            await engine.dispose()
            return at

    async def all_of_them() -> list[str | None]:
        return await asyncio.gather(work(1), work(2))

    assert asyncio.run(all_of_them()) == ["bbbb", "bbbb"]


def test_a_migration_of_one_project_runs_another_project(
    database: Database, tmp_path: Path
) -> None:
    """A migration that migrates a second database leaves `op` as it was."""
    inner, outer = tmp_path / "inner", tmp_path / "outer"
    inner.mkdir()
    outer.mkdir()
    other = f"sqlite:///{tmp_path / 'inner.sqlite'}"
    first = _config(inner, other)
    second = _config(outer, database.address)
    (outer / "migrations" / "versions" / "two.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import command, op\n"
        "from alembic.config import Config\n"
        "revision, down_revision = 'bbbb', 'aaaa'\n"
        "def upgrade():\n"
        "    inner = Config()\n"
        f"    inner.set_main_option('script_location', {str(inner / 'migrations')!r})\n"
        f"    inner.set_main_option('sqlalchemy.url', {other!r})\n"
        "    command.upgrade(inner, 'head')\n"
        "    op.add_column('people', sa.Column('after', sa.Integer))\n"
    )
    command.upgrade(second, "head")
    with database.engine() as engine:
        assert _columns(engine) == ["id", "name", "after"]
    engine = sa.create_engine(first.get_main_option("sqlalchemy.url"))
    assert _columns(engine) == ["id", "name", "age"]
    engine.dispose()


def test_models_imported_only_by_revision_files_are_compared(
    sqlite: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project whose env.py never imports its models keeps its tables."""
    (tmp_path / "shop_base.py").write_text("import sqlalchemy as sa\nmetadata = sa.MetaData()\n")
    (tmp_path / "shop_models.py").write_text(
        "import sqlalchemy as sa\nfrom shop_base import metadata\n"
        "sa.Table('people', metadata, sa.Column('id', sa.Integer, primary_key=True),\n"
        "         sa.Column('name', sa.String(50), nullable=False))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    config = _config(tmp_path, sqlite.address)
    migrations = tmp_path / "migrations"
    (migrations / "versions" / "two.py").unlink()
    (migrations / "versions" / "one.py").write_text("import shop_models\n" + ONE)
    (migrations / "env.py").write_text(
        ENV.replace('config.attributes.get("metadata")', "__import__('shop_base').metadata")
    )
    command.upgrade(config, "head")
    for name in ("shop_base", "shop_models"):
        monkeypatch.delitem(__import__("sys").modules, name, raising=False)
    command.check(config)


def test_an_index_finds_a_column_that_one_block_drops_and_adds(sqlite: Database) -> None:
    """Other indexes of the table, and this one, survive the copy."""
    with sqlite.engine() as engine, engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        operations.create_table("t", sa.Column("a", sa.Integer), sa.Column("b", sa.Integer))
        operations.create_index("ix_a_b", "t", ["a", "b"])
        with operations.batch_alter_table("t") as block:
            block.drop_column("b")
            block.add_column(sa.Column("b", sa.Integer, sa.Computed("a + 1", persisted=True)))
        assert [one["name"] for one in sa.inspect(connection).get_indexes("t")] == ["ix_a_b"]


def test_a_migration_that_lists_all_tables_finds_those_of_the_project(
    database: Database, tmp_path: Path
) -> None:
    """Nova copies every table it finds; the journal of a run is not one of them."""
    config = _config(tmp_path, database.address)
    (tmp_path / "migrations" / "versions" / "two.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        "revision, down_revision = 'bbbb', 'aaaa'\n"
        "def upgrade():\n"
        "    op.add_column('people', sa.Column('first', sa.Integer))\n"
        "    metadata = sa.MetaData()\n"
        "    metadata.reflect(op.get_bind())\n"
        "    for name in sorted(metadata.tables):\n"
        "        op.create_table(f'shadow_{name}', sa.Column('id', sa.Integer))\n"
    )
    command.upgrade(config, "head")
    with database.engine() as engine:
        assert sorted(sa.inspect(engine).get_table_names()) == [
            "alembic_version", "people", "shadow_alembic_version", "shadow_people"
        ]  # fmt: skip


def test_threads_of_an_event_loop_do_not_mix_their_output(tmp_path: Path) -> None:
    """A server that upgrades its tenants with asyncio.to_thread, all at once."""

    def work(number: int) -> tuple[str, str]:
        folder = tmp_path / str(number)
        folder.mkdir()
        with own_database("sqlite", folder) as mine:
            stdout, script = io.StringIO(), io.StringIO()
            config = _config(folder, mine.address, stdout=stdout)
            command.upgrade(config, "aaaa" if number % 2 else "head")
            command.current(config)
            command.upgrade(
                _config(folder, mine.address, output_buffer=script), "aaaa:bbbb", sql=True
            )
            return stdout.getvalue(), script.getvalue().splitlines()[0]

    async def all_of_them() -> list[tuple[str, str]]:
        return await asyncio.gather(*(asyncio.to_thread(work, number) for number in range(6)))

    heading = "-- Running upgrade aaaa -> bbbb"
    assert asyncio.run(all_of_them()) == [("bbbb (head)\n", heading), ("aaaa\n", heading)] * 3


def test_a_program_drafts_a_revision_and_edits_it(sqlite: Database, tmp_path: Path) -> None:
    """command.revision with process_revision_directives, and without a file at all."""
    metadata = sa.MetaData()
    sa.Table("town", metadata, sa.Column("id", sa.Integer, primary_key=True))
    config = _config(tmp_path, sqlite.address)
    config.attributes["metadata"] = metadata
    command.upgrade(config, "head")
    seen: list[Any] = []

    def leave_out(_context: Any, revision: Any, directives: list[Any]) -> None:
        seen.append((revision, [type(one).__name__ for one in directives[0].upgrade_ops.ops]))
        directives[:] = []

    made = command.revision(config, autogenerate=True, process_revision_directives=leave_out)
    assert made == []
    assert seen == [(("bbbb",), ["CreateTableOp", "DropTableOp"])]

    def keep_one(_context: Any, _revision: Any, directives: list[Any]) -> None:
        directives[0].upgrade_ops.ops = directives[0].upgrade_ops.ops[:1]

    (tmp_path / "migrations" / "script.py.mako").write_text(
        '"""${message}"""\nfrom alembic import op\nimport sqlalchemy as sa\n'
        "revision = ${repr(up_revision)}\ndown_revision = ${repr(down_revision)}\n"
        "def upgrade():\n    ${upgrades}\ndef downgrade():\n    ${downgrades}\n"
    )
    script: Any = command.revision(
        config, "town", autogenerate=True, rev_id="cccc", process_revision_directives=keep_one
    )
    assert (script.revision, script.down_revision, script.doc) == ("cccc", "bbbb", "town")
    assert "op.create_table('town'" in Path(script.path).read_text()
    assert "op.drop_table('people')" not in Path(script.path).read_text().split("def downgrade")[0]


@pytest.mark.parametrize("job", ["check", "autogenerate"])
def test_a_comparison_leaves_an_empty_version_table(
    job: str, database: Database, tmp_path: Path
) -> None:
    """Alembic leaves one too; programs may look for it."""
    config = _config(tmp_path, database.address)
    config.attributes["metadata"] = sa.MetaData()
    (tmp_path / "migrations" / "script.py.mako").write_text(
        "revision, down_revision = ${repr(up_revision)}, None\n"
    )
    for path in (tmp_path / "migrations" / "versions").glob("*.py"):
        path.unlink()
    command.history(config, indicate_current=True)
    with database.engine() as engine:
        assert sa.inspect(engine).get_table_names() == []
        if job == "check":
            command.check(config)
        else:
            command.revision(config, autogenerate=True)
        assert sa.inspect(engine).get_table_names() == ["alembic_version"]
        with engine.connect() as connection:
            assert MigrationContext.configure(connection).get_current_heads() == ()


def test_changes_that_env_py_does_not_commit_are_rolled_back(
    sqlite: Database, tmp_path: Path
) -> None:
    """A transaction that a connection began by itself takes all with it, on SQLite as well."""
    config = _config(tmp_path, sqlite.address)
    begins = '    connection.exec_driver_sql("SELECT 1")\n    context.configure(connection'
    env = ENV.replace("    context.configure(connection", begins, 1)
    (tmp_path / "migrations" / "env.py").write_text(env)
    command.upgrade(config, "head")
    with sqlite.engine() as engine:
        assert sa.inspect(engine).get_table_names() == []
