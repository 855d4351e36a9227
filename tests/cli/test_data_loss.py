"""Data losses: reported in drafts and before a run, confirmed by the user, refused by policies."""

from __future__ import annotations

import os
import pty
import re
import select
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cli.project_fixture import CliProject, cli_project
from tests.servers import Database

MODELS = """
import sqlalchemy as sa
metadata = sa.MetaData()
sa.Table("person", metadata, sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(50)), sa.Column("age", sa.Integer))
sa.Table("note", metadata, sa.Column("id", sa.Integer, primary_key=True))
sa.Table("bare", metadata, sa.Column("id", sa.Integer, primary_key=True))
"""


def _fill(database: Database) -> None:
    with database.engine(poolclass=sa.NullPool) as engine, engine.begin() as connection:
        for statement in (
            "CREATE TABLE person (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(50), age INTEGER)",
            "CREATE TABLE note (id INTEGER NOT NULL PRIMARY KEY)",
            "CREATE TABLE bare (id INTEGER NOT NULL PRIMARY KEY)",
            "INSERT INTO person VALUES (1, 'Ada', 36), (2, 'Alan', NULL), (3, 'Ada', 7)",
            "INSERT INTO note VALUES (1), (2)",
        ):
            connection.exec_driver_sql(statement)


def _project(tmp_path: Path, database: Database, *, extra: str = "") -> CliProject:
    project = cli_project(tmp_path, database, extra=extra)
    _fill(database)
    project.write("a1")
    project.check_output("stamp", "a1")
    return project


def _native_project(tmp_path: Path, database: Database) -> CliProject:
    project = CliProject(tmp_path / "project", "unused", template="declared")
    pyproject = project.folder / "pyproject.toml"
    text = pyproject.read_text("utf-8")
    text = re.sub(r"(?m)^#?\s*url = .*$", 'url = "${DATABASE_URL}"', text, count=1)
    pyproject.write_text(re.sub(r"(?m)^metadata = .*$", "", text, count=1), "utf-8")
    project.environment["DATABASE_URL"] = database.address
    return project


def _use_alembic_env(project: CliProject) -> None:
    text = project.env_py.read_text("utf-8")
    project.env_py.write_text(text.replace("from limbeck import", "from alembic import"), "utf-8")


DROPS = {
    "op.drop_table('note')": "drops table note, which holds 2 rows",
    "op.drop_column('person', 'age')": "drops column person.age, which has a value in 2 rows",
    "with op.batch_alter_table('person') as batch_op:\n    batch_op.drop_column('name')": (
        "drops column person.name, which has a value in 3 rows"
    ),
    "for name in ['bare', 'note']:\n    op.drop_table(f'{name}')": (
        "drops table note, which holds 2 rows"
    ),
    "op.execute('DROP TABLE IF EXISTS note')": "drops table note, which holds 2 rows",
    "op.execute(sa.text('ALTER TABLE person DROP COLUMN age'))": "drops column person.age",
}
FAILS = {
    "op.alter_column('person', 'age', existing_type=sa.Integer(), nullable=False)": (
        "makes person.age NOT NULL, but 1 row has no value: the statement will fail"
    ),
    "op.add_column('person', sa.Column('x', sa.Integer(), nullable=False))": (
        "adds person.x NOT NULL without a default to a table that holds 3 rows"
    ),
    "op.create_index('i', 'person', ['name'], unique=True)": (
        "makes person (name) unique, but some values occur more than once"
    ),
}
NARROW = {
    "op.alter_column('person', 'name', type_=sa.String(length=3), existing_type=sa.String(50))": (
        "makes person.name VARCHAR(3), which 1 value does not fit into"
    ),
}


@pytest.mark.parametrize("body", [*DROPS, *FAILS])
def test_data_losses_are_reported_before_the_run(
    database: Database, tmp_path: Path, body: str
) -> None:
    if database.kind == "sqlite" and "op.alter_column" in body:
        body = (
            "with op.batch_alter_table('person') as b:\n    b.alter_column('age', nullable=False)"
        )
        words = FAILS[next(iter(FAILS))]
    else:
        words = {**DROPS, **FAILS}[body]
    project = _project(tmp_path, database)
    project.write("b2", body, down="a1")
    done = project.run("upgrade", "head")
    if database.kind in {"mariadb", "mysql"} and "adds" in words:
        # the servers give existing rows the implicit default of the type
        assert (done.code, words in done.err) == (0, False)
        return
    assert words in done.err
    assert re.search(r'The upgrade of b2 .*File ".*b2_\.py", line \d+', done.err)
    assert done.err.index(words) < done.err.index("Running upgrade")
    assert done.code == (1 if words in FAILS.values() and "adds" not in words else done.code)


@pytest.mark.parametrize("body", NARROW)
def test_a_type_too_narrow_for_the_values_is_reported(
    server_database: Database, tmp_path: Path, body: str
) -> None:
    project = _project(tmp_path, server_database)
    project.write("b2", body, down="a1")
    assert NARROW[body] in project.run("upgrade", "head").err


def test_migrations_without_data_losses_report_nothing(database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, database)
    project.write(
        "b2",
        """
        op.drop_table('bare')
        op.add_column('person', sa.Column('x', sa.Integer(), nullable=False, server_default='1'))
        op.execute('UPDATE person SET age = 1 WHERE age IS NULL')
        with op.batch_alter_table('person') as batch_op:
            batch_op.alter_column('age', existing_type=sa.Integer(), nullable=False)
        op.create_index('i', 'person', ['id'], unique=True)
        """,
        down="a1",
    )
    done = project.run("upgrade", "head")
    assert done.code == 0, done.text
    assert "The upgrade of" not in done.err


NOT_NULL = """
with op.batch_alter_table('person') as batch_op:
    batch_op.alter_column('age', existing_type=sa.Integer(), nullable=False)
"""
BACKFILL = "op.backfill('person', 'age = 1', where='age IS NULL')"


@pytest.mark.parametrize("is_earlier", [False, True])
def test_rows_filled_by_a_backfill_are_not_reported(
    database: Database, tmp_path: Path, *, is_earlier: bool
) -> None:
    project = _project(tmp_path, database, extra="data_loss = refuse")
    if is_earlier:
        project.write("b2", BACKFILL, down="a1")
        project.write("c3", NOT_NULL, down="b2")
    else:
        project.write("b2", BACKFILL + "\n" + NOT_NULL, down="a1")
    done = project.run("upgrade", "head")
    assert done.code == 0, done.text


def test_rows_that_a_skipped_data_migration_would_have_filled_are_refused(
    sqlite: Database, tmp_path: Path
) -> None:
    project = _project(tmp_path, sqlite, extra="data_loss = refuse")
    path = project.write("b2", BACKFILL, down="a1")
    text = path.read_text("utf-8")
    path.write_text(text.replace("depends_on = None", "depends_on = None\nkind = 'data'"), "utf-8")
    project.write("c3", NOT_NULL, down="b2")
    done = project.run("upgrade", "head", "--skip-data")
    assert done.code == 255, done.text
    assert "makes person.age NOT NULL, but 1 row has no value" in done.out
    assert project.check_output("current").split()[0] == "a1"
    project.check_output("upgrade", "head")


@pytest.mark.parametrize("has_version", [True, False])
def test_a_statement_that_will_fail_is_refused_in_a_native_project(
    database: Database, tmp_path: Path, has_version: bool
) -> None:
    project = _native_project(tmp_path, database)
    _fill(database)
    project.write("a1")
    if has_version:
        project.check_output("stamp", "a1")
    project.write("b2", "op.create_table('z', sa.Column('id', sa.Integer))\n" + NOT_NULL, down="a1")
    done = project.run("upgrade")
    assert done.code == 255, done.text
    assert "Nothing was run: existing rows do not allow a change" in done.out
    assert "makes person.age NOT NULL, but 1 row has no value: the statement will fail" in done.out
    assert "op.backfill" in done.err
    with database.engine() as engine, engine.connect() as connection:
        assert not sa.inspect(connection).has_table("z")
    assert project.run("upgrade", "--yes").code == 1
    project.write("b2", BACKFILL + "\n" + NOT_NULL, down="a1")
    project.check_output("recover", "--forget")
    project.check_output("upgrade")


def test_batches_of_a_table_without_a_key_are_refused_before_the_run(
    database: Database, tmp_path: Path
) -> None:
    """Without this check, MariaDB would have committed the earlier statements of the migration."""
    project = _project(tmp_path, database, extra="data_loss = refuse")
    with database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE keyless (n INTEGER)")
    first = "op.create_table('z', sa.Column('id', sa.Integer))\n"
    project.write("b2", first + "op.backfill('keyless', {'n': '1'})", down="a1")
    done = project.run("upgrade", "head")
    assert done.code == 255, done.text
    assert "changes keyless in batches, but this table has no primary key" in done.out
    assert 'b2_.py", line 16' in done.out
    with database.engine() as engine, engine.connect() as connection:
        assert not sa.inspect(connection).has_table("z")
    native = CliProject(tmp_path / "native", "unused", template="declared")
    text = (native.folder / "pyproject.toml").read_text("utf-8")
    text = re.sub(r"(?m)^#?\s*url = .*$", 'url = "${DATABASE_URL}"', text, count=1)
    (native.folder / "pyproject.toml").write_text(
        re.sub(r"(?m)^metadata = .*$", "", text, count=1), "utf-8"
    )
    native.environment["DATABASE_URL"] = database.address
    native.write("a1")
    native.write("b2", first + "op.backfill('keyless', {'n': '1'})", down="a1")
    done = native.run("upgrade")
    assert done.code == 255, done.text
    assert "Nothing was run: a table has no primary key" in done.out
    assert "Create a primary key before the backfill" in done.err
    key = "with op.batch_alter_table('keyless') as b:\n    b.create_primary_key('pk', ['n'])\n"
    project.write("b2", f"{key}op.add_column('keyless', sa.Column('m', sa.Integer))\n"
               "op.backfill('keyless', {'m': '1'})", down="a1")  # fmt: skip
    project.check_output("upgrade", "head")


def test_the_policy_refuses_data_losses_without_confirmation(
    database: Database, tmp_path: Path
) -> None:
    project = _project(tmp_path, database, extra="data_loss = refuse")
    project.write("b2", "op.drop_table('note')", down="a1")
    done = project.run("upgrade", "head")
    assert done.code == 255
    assert "drops table note, which holds 2 rows" in done.out
    assert "--yes" in done.err
    assert "a1" in project.check_output("current")
    project.check_output("upgrade", "head", "--yes")
    assert "b2 (head)" in project.check_output("current")


def test_data_losses_of_a_downgrade_are_reported(database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, database, extra="data_loss = refuse")
    project.write("b2", "pass", down="a1", downgrade="op.drop_column('person', 'age')")
    project.check_output("upgrade", "head")
    done = project.run("downgrade", "-1")
    assert done.code == 255
    assert "The downgrade of b2 drops column person.age" in done.out
    project.check_output("downgrade", "-1", "--yes")


def test_projects_of_alembic_are_only_warned(sqlite: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, sqlite)
    _use_alembic_env(project)
    project.write("b2", "op.drop_table('note')", down="a1")
    done = project.run("upgrade", "head")
    assert done.code == 0
    assert "drops table note, which holds 2 rows" in done.err


@pytest.mark.parametrize(("answer", "code"), [("n\n", 255), ("\n", 255), ("y\n", 0)])
def test_the_user_of_a_terminal_is_asked_for_confirmation(
    sqlite: Database, tmp_path: Path, answer: str, code: int
) -> None:
    project = _project(tmp_path, sqlite)
    project.write("b2", "op.drop_table('note')", down="a1")
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(project.folder)
        os.execv(sys.executable, [sys.executable, "-m", "limbeck", "upgrade", "head"])
    seen = read_until(terminal, "[y/N]")
    assert "drops table note, which holds 2 rows" in seen
    os.write(terminal, answer.encode())
    read_until(terminal, "\0")
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == code
    assert ("b2" in project.check_output("current")) is (code == 0)


def read_until(terminal: int, words: str) -> str:
    seen = b""
    end = time.monotonic() + 60
    while words.encode() not in seen and time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # the other end is gone
            break
        if not piece:
            break
        seen += piece
    return seen.decode("utf-8", "replace")


def _with_models(project: CliProject, models: str) -> None:
    (project.folder / "models.py").write_text(models, "utf-8")
    text = project.env_py.read_text("utf-8")
    changed = re.sub(
        r"(?m)^target_metadata = .*$", "from models import metadata as target_metadata", text
    )
    assert changed != text
    project.env_py.write_text(changed, "utf-8")


def test_a_draft_warns_of_its_data_losses(database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, database)
    models = re.sub(r'sa\.Table\("(note|bare)".*\n', "", MODELS).replace(
        ', sa.Column("age", sa.Integer)', ""
    )
    _with_models(project, models)
    done = project.run("revision", "--autogenerate", "-m", "less")
    assert done.code == 0, done.text
    assert "The new revision drops table note, which holds 2 rows" in done.err
    assert "drops column person.age, which has a value in 2 rows" in done.err
    assert "bare" not in re.findall(r"drops table (\w+)", done.err)


def test_tables_of_models_that_were_not_imported_are_not_dropped(
    database: Database, tmp_path: Path
) -> None:
    project = _project(tmp_path, database)
    with database.engine(poolclass=sa.NullPool) as engine, engine.begin() as connection:
        for name in ("more", "most"):
            connection.exec_driver_sql(f"CREATE TABLE {name} (id INTEGER NOT NULL PRIMARY KEY)")
    one = 'sa.Table("other", metadata, sa.Column("id", sa.Integer, primary_key=True))\n'
    _with_models(project, f"import sqlalchemy as sa\nmetadata = sa.MetaData()\n{one}")
    (project.folder / "billing.py").write_text(
        "from models import metadata\n" + MODELS.partition("MetaData()\n")[2], "utf-8"
    )
    before = set(project.versions.glob("*.py"))
    done = project.run("revision", "--autogenerate", "-m", "gone")
    assert done.code == 255
    assert "The models lack 5 of the database's tables" in done.out
    assert "--allow-drops" in done.err
    assert "Modules with models were not imported: person (billing.py, line 2)" in done.err
    assert set(project.versions.glob("*.py")) == before
    project.check_output(
        "revision", "--autogenerate", "-m", "gone", "--allow-drops", "--renames", "never"
    )
    (path,) = set(project.versions.glob("*.py")) - before
    assert path.read_text("utf-8").partition("def downgrade")[0].count("op.drop_table(") == 5
    path.unlink()
    _use_alembic_env(project)
    done = project.run("revision", "--autogenerate", "-m", "gone")
    assert done.code == 0
    assert "Were all models imported?" in done.err
    assert "person (billing.py, line 2), note (billing.py, line 4)" in done.err


def test_an_error_about_empty_models_names_modules_that_are_not_imported(
    sqlite: Database, tmp_path: Path
) -> None:
    project = _project(tmp_path, sqlite)
    _with_models(project, "import sqlalchemy as sa\nmetadata = sa.MetaData()\n")
    (project.folder / "shop").mkdir()
    (project.folder / "shop" / "item.py").write_text(
        "from sqlmodel import Field, SQLModel\nclass Item(SQLModel, table=True):\n    id: int\n"
    )
    (project.folder / "shop" / "plain.py").write_text("class Item:\n    table = 'item'\n")
    done = project.run("revision", "--autogenerate", "-m", "gone")
    assert done.code == 255
    assert f"define the models ({Path('shop') / 'item.py'}) where" in done.err


@pytest.mark.parametrize(
    "step",
    [
        """op.execute("UPDATE cat SET mood = 'old' WHERE mood IS NULL")""",
        """op.backfill("cat", "mood = 'old'", where="mood IS NULL")""",
    ],
)
def test_a_refused_upgrade_succeeds_with_the_suggested_step(
    database: Database, tmp_path: Path, step: str
) -> None:
    project = _native_project(tmp_path, database)
    kind = "sa.Enum('new', 'old', name='kind')"
    project.write(
        "a1",
        f"op.create_table('cat', sa.Column('id', sa.Integer, primary_key=True), sa.Column('mood', {kind}))",
    )
    project.check_output("upgrade", "head")
    with database.engine(poolclass=sa.NullPool) as engine, engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO cat (id) VALUES (1)")
    change = f"op.alter_column('cat', 'mood', existing_type={kind}, nullable=False)"
    project.write("b2", change, down="a1")
    done = project.run("upgrade", "head")
    assert "before this statement, for example with `op.execute` or `op.backfill`" in done.err
    project.write("b2", f"{step}\n{change}", down="a1")
    project.check_output("upgrade", "head")
    with database.engine(poolclass=sa.NullPool) as engine, engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT mood FROM cat").scalar() == "old"
