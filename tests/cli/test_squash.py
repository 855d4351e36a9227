"""`squash`: one revision replaces several; the old files, and their removal."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cli.project_fixture import CliProject, cli_project, finish
from tests.servers import Database

ROLE = """
op.create_table("role", sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("name", sa.String(20), nullable=False))
"""
PEOPLE = """
op.create_table("person", sa.Column("id", sa.Integer, primary_key=True),
                sa.Column("name", sa.String(50)), sa.Column("old", sa.Integer))
op.bulk_insert(sa.table("role", sa.column("id"), sa.column("name")),
               [{"id": 1, "name": "admin"}, {"id": 2, "name": "it's 50%: guest"}])
"""
FILL = """
op.add_column("role", sa.Column("grade", sa.Integer))
op.execute("UPDATE role SET grade = id * 10 WHERE name <> '\\:x'")
with op.batch_alter_table("role") as batch:
    batch.alter_column("grade", existing_type=sa.Integer(), nullable=False)
"""
UNFILL = """
with op.batch_alter_table("role") as batch:
    batch.drop_column("grade")
"""
LAST = """
op.execute(sa.table("role", sa.column("id"), sa.column("name"), sa.column("grade"))
           .insert().values(id=3, name="late", grade=5))
with op.batch_alter_table("person") as batch:
    batch.drop_column("old")
op.create_index("ix_person_name", "person", ["name"])
"""
UNLAST = """
op.drop_index("ix_person_name", table_name="person")
op.add_column("person", sa.Column("old", sa.Integer))
op.execute("DELETE FROM role WHERE id = 3")
"""


def _project(tmp_path: Path, database: Database) -> CliProject:
    project = cli_project(tmp_path, database)
    project.write("a1", ROLE, downgrade='op.drop_table("role")')
    project.write(
        "b2", PEOPLE, down="a1", downgrade='op.execute("DELETE FROM role")\nop.drop_table("person")'
    )
    project.write("c3", FILL, down="b2", downgrade=UNFILL)
    project.write("d4", LAST, down="c3", downgrade=UNLAST)
    project.write(
        "e5",
        'op.add_column("person", sa.Column("late", sa.Integer))',
        down="d4",
        downgrade='with op.batch_alter_table("person") as b:\n    b.drop_column("late")',
    )
    return project


def _rows(database: Database) -> list[tuple[object, ...]]:
    engine = sa.create_engine(database.address)
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT id, name, grade FROM role ORDER BY id"))
        rows = [tuple(row) for row in found]
    engine.dispose()
    return rows


EXPECTED = [(1, "admin", 10), (2, "it's 50%: guest", 20), (3, "late", 5)]


def test_a_range_becomes_one_revision(database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, database)
    out = project.check_output("squash", "b2:d4", "-m", "all of it", "--rev-id", "s9")
    assert "Revision s9 replaces 3 revisions, b2 to d4" in out
    assert "rows of 1 table compared" in out
    assert project.check_output("heads") == "e5 (head)\n"
    assert project.check_output("history").splitlines()[0].startswith("s9 -> e5")
    project.check_output("upgrade", "head")
    assert _rows(database) == EXPECTED
    project.check_output("downgrade", "a1")
    project.check_output("upgrade", "s9")
    assert _rows(database) == EXPECTED
    project.check_output("downgrade", "base")


@pytest.mark.parametrize("start", ["b2", "c3", "d4", "a1"])
def test_databases_inside_the_range_continue_with_the_old_files(
    database: Database, tmp_path: Path, start: str
) -> None:
    project = _project(tmp_path, database)
    project.check_output("upgrade", start)
    project.check_output("squash", "b2:d4", "--rev-id", "s9")
    assert project.check_output("current").split()[0] == ("s9" if start == "d4" else start)
    if start in {"b2", "c3"}:
        refused = project.run("squash", "--finish")
        assert refused.code == 255
        assert f"(at {start})" in refused.text
    project.check_output("upgrade", "s9")
    assert project.check_output("current").split()[0] == "s9"
    assert _rows(database) == EXPECTED
    out = project.check_output("squash", "--finish")
    assert out.count("Removed") == 3
    assert "Revision e5 now follows the new one" in out
    assert not list(project.versions.glob("[bcd]?_.py"))
    project.check_output("upgrade", "head")
    assert project.check_output("current").split()[0] == "e5"
    project.check_output("downgrade", "b2")
    assert project.check_output("current").split()[0] == "s9"
    assert "Rev: s9" in project.check_output("show", "c3")


def _small(tmp_path: Path, second: str = "pass", third: str = "pass") -> CliProject:
    project = CliProject(tmp_path / "project", f"sqlite:///{tmp_path / 'x.db'}")
    project.write("a1", ROLE, downgrade='op.drop_table("role")')
    project.write("b2", second, down="a1")
    project.write("c3", third, down="b2")
    return project


BACKFILL = """
op.add_column("role", sa.Column("grade", sa.Integer))
op.backfill("role", "grade = id * 10", where="grade IS NULL", batch=7)
with op.batch_alter_table("role") as batch:
    batch.alter_column("grade", existing_type=sa.Integer(), nullable=False)
"""
CURRENCIES = """
import datetime, decimal
op.create_table("currency", sa.Column("code", sa.String(3), primary_key=True),
                sa.Column("rate", sa.Numeric(8, 2)), sa.Column("since", sa.Date))
op.insert_rows("currency", [
    {"code": "EUR", "rate": decimal.Decimal("1.50"), "since": datetime.date(2002, 1, 1)},
    {"code": "DEM", "rate": None, "since": None},
])
"""
RATES = """
op.update_rows("currency", [{"code": "EUR", "rate": 2}], key=["code"])
op.delete_rows("currency", [{"code": "DEM"}])
op.execute(op.tables.currency.insert().values(code="USD"))
"""
UNRATES = """
op.delete_rows("currency", [{"code": "USD"}])
op.insert_rows("currency", [{"code": "DEM", "rate": None, "since": None}])
"""


KEPT = {
    "b2": (
        """
with op.batch_alter_table("role") as batch:
    batch.alter_column("name", new_column_name="title", existing_type=sa.String(20),
                       existing_nullable=False)
""",
        """
with op.batch_alter_table("role") as batch:
    batch.alter_column("title", new_column_name="name", existing_type=sa.String(20),
                       existing_nullable=False)
""",
    ),
    "c3": ('op.rename_table("role", "task")', 'op.rename_table("task", "role")'),
    "d4": (
        """
op.add_column("task", sa.Column("grade", sa.Integer, nullable=False, server_default="5"))
with op.batch_alter_table("task") as batch:
    batch.alter_column("grade", server_default=None, existing_type=sa.Integer(),
                       existing_nullable=False)
""",
        'with op.batch_alter_table("task") as batch:\n    batch.drop_column("grade")',
    ),
    "e5": (
        'op.execute("CREATE TABLE copied AS SELECT id, title FROM task")',
        'op.drop_table("copied")',
    ),
    "f6": (
        'op.execute("ALTER TABLE copied RENAME COLUMN title TO label")',
        'op.execute("ALTER TABLE copied RENAME COLUMN label TO title")',
    ),
}


def test_rows_below_the_range_are_kept(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    project.write("a1", ROLE, downgrade='op.drop_table("role")')
    before = "a1"
    for id_, (up, down) in KEPT.items():
        project.write(id_, up, down=before, downgrade=down)
        before = id_
    project.check_output("upgrade", "a1")
    with database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO role (id, name) VALUES (1, 'a'), (2, 'b')")
    project.check_output("squash", "b2:f6", "--rev-id", "s9")
    project.check_output("upgrade", "head")
    with database.engine() as engine, engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT id, title, grade FROM task ORDER BY id").all()
        copied = connection.exec_driver_sql("SELECT id, label FROM copied ORDER BY id").all()
    assert [tuple(row) for row in rows] == [(1, "a", 5), (2, "b", 5)]
    assert [tuple(row) for row in copied] == [(1, "a"), (2, "b")]
    project.check_output("downgrade", "a1")
    with database.engine() as engine, engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT name FROM role ORDER BY id").scalars().all() == [
            "a", "b",
        ]  # fmt: skip


def test_what_was_dropped_and_created_again_is_empty(database: Database, tmp_path: Path) -> None:
    """A column and a table that the range drops and creates again lose their rows."""
    drop = 'with op.batch_alter_table("role") as b:\n    b.drop_column("n")'
    add = 'op.add_column("role", sa.Column("n", sa.Integer))'
    table = 'op.create_table("log", sa.Column("id", sa.Integer, primary_key=True))'
    project = cli_project(tmp_path, database)
    project.write("a1", f"{ROLE}{add}\n{table}", downgrade="pass")
    project.write("b2", f'{drop}\nop.drop_table("log")', down="a1", downgrade=f"{add}\n{table}")
    project.write("c3", f"{add}\n{table}", down="b2", downgrade=f'{drop}\nop.drop_table("log")')
    project.check_output("upgrade", "a1")
    with database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO role (id, name, n) VALUES (1, 'a', 7)")
        connection.exec_driver_sql("INSERT INTO log (id) VALUES (1)")
    project.check_output("squash", "b2:c3", "--rev-id", "s9")
    for command in (("upgrade", "head"), ("downgrade", "a1")):
        project.check_output(*command, "--yes")
        with database.engine() as engine, engine.begin() as connection:
            rows = connection.exec_driver_sql("SELECT id, name, n FROM role").all()
            assert [tuple(row) for row in rows] == [(1, "a", None)]
            assert connection.exec_driver_sql("SELECT count(*) FROM log").scalar() == 0
            connection.exec_driver_sql("UPDATE role SET n = 7")
            connection.exec_driver_sql("INSERT INTO log (id) VALUES (2)")


@pytest.mark.parametrize("way", ["operations", "batch", "sql", "one statement"])
def test_what_one_revision_drops_and_creates_again_is_empty(
    database: Database, tmp_path: Path, way: str
) -> None:
    batch = 'with op.batch_alter_table("role") as b:\n    '
    added = 'add_column("role", sa.Column("n", sa.Integer))'
    table = 'op.create_table("log", sa.Column("id", sa.Integer, primary_key=True))'
    again = {
        "operations": f'{batch}b.drop_column("n")\nop.{added}',
        "batch": f'{batch}b.drop_column("n")\n    b.add_column(sa.Column("n", sa.Integer))',
        "sql": """op.execute("ALTER TABLE role DROP COLUMN n")
op.execute("ALTER TABLE role ADD COLUMN n integer")""",
        "one statement": 'op.execute("ALTER TABLE role DROP COLUMN n, ADD COLUMN n integer")',
    }[way]
    if way == "one statement" and database.kind == "sqlite":
        pytest.skip("SQLite changes one column with each statement")
    project = cli_project(tmp_path, database)
    project.write("a1", f"{ROLE}op.{added}\n{table}", downgrade="pass")
    again += f"\nop.drop_table('log')\n{table}"
    other = 'op.{}("other", sa.Column("id", sa.Integer, primary_key=True))'
    project.write("b2", f"{other.format('create_table')}\n{again}", down="a1",
               downgrade=f"{again}\nop.drop_table('other')")  # fmt: skip
    project.write("c3", 'op.create_index("ix", "role", ["name"])', down="b2",
               downgrade='op.drop_index("ix", "role")')  # fmt: skip
    project.check_output("upgrade", "a1")
    with database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO role (id, name, n) VALUES (1, 'a', 7)")
        connection.exec_driver_sql("INSERT INTO log (id) VALUES (1)")
    project.check_output("squash", "b2:c3", "--rev-id", "s9")
    for command in (("upgrade", "head"), ("downgrade", "a1")):
        project.check_output(*command, "--yes")
        with database.engine() as engine, engine.begin() as connection:
            rows = connection.exec_driver_sql("SELECT id, name, n FROM role").all()
            assert [tuple(row) for row in rows] == [(1, "a", None)]
            assert connection.exec_driver_sql("SELECT count(*) FROM log").scalar() == 0
            connection.exec_driver_sql("UPDATE role SET n = 7")
            connection.exec_driver_sql("INSERT INTO log (id) VALUES (2)")


def test_a_conversion_of_values_is_kept(postgresql: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, postgresql)
    project.write("a1", ROLE)
    convert = """
op.alter_column("role", "name", type_=sa.Integer(), existing_type=sa.String(20),
                postgresql_using="length(name)")
"""
    project.write("b2", convert, down="a1")
    project.write("c3", 'op.create_index("ix", "role", ["name"])', down="b2",
               downgrade='op.drop_index("ix")\nop.execute("ALTER TABLE role ALTER name TYPE text")'
               '\nop.execute("ALTER TABLE role ALTER name TYPE varchar(20)")')  # fmt: skip
    project.check_output("upgrade", "a1")
    with postgresql.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO role (id, name) VALUES (1, '1234')")
    project.check_output("squash", "b2:c3", "--rev-id", "s9")
    project.check_output("upgrade", "head")
    with postgresql.engine() as engine, engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT name FROM role").scalar() == 4


def test_backfills_and_reference_rows_are_carried_over(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    project.write("a1", ROLE, downgrade='op.drop_table("role")')
    project.write("b2", BACKFILL, down="a1", downgrade=UNFILL)
    project.write("c3", CURRENCIES, down="b2", downgrade='op.drop_table("currency")')
    project.write("d4", RATES, down="c3", downgrade=UNRATES)
    project.check_output("upgrade", "a1")
    with database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO role (id, name) VALUES (1, 'a'), (2, 'b')")
    project.check_output("squash", "b2:d4", "-m", "x", "--rev-id", "s9")
    text = (project.versions / "s9_x.py").read_text("utf-8")
    assert [text.count(f"op.{name}(") for name in ("backfill", "insert_rows", "update_rows")] == [
        1, 2, 1,
    ]  # fmt: skip
    project.check_output("upgrade", "head")
    with database.engine() as engine, engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT id, grade FROM role ORDER BY id").all()
        codes = connection.exec_driver_sql("SELECT code, rate FROM currency ORDER BY code").all()
    assert [tuple(row) for row in rows] == [(1, 10), (2, 20)]
    assert [tuple(row) for row in codes] == [("EUR", 2), ("USD", None)]
    project.check_output("downgrade", "a1")


OPAQUE = """
bind = op.get_bind()
for id_ in (7, 8):
    found = bind.execute(sa.text("SELECT count(*) FROM role")).scalar()
    bind.execute(sa.text("INSERT INTO role (id, name) VALUES (:id, :name)"),
                 {"id": id_, "name": f'''line {found}
    kept as it is'''})
"""


def test_opaque_data_steps_need_a_decision(tmp_path: Path) -> None:
    project = _small(tmp_path, OPAQUE)
    before = sorted(project.versions.glob("*.py"))
    done = project.run("squash", "a1:c3")
    assert done.code == 255
    assert "cannot be reduced to statements" in done.out
    assert "b2_.py:17: it uses the connection directly: SELECT count(*)" in done.out
    assert "--keep-data copies the source" in done.err
    assert sorted(project.versions.glob("*.py")) == before
    assert project.run("squash", "a1:c3", "--keep-data", "--drop-data").code == 255


@pytest.mark.parametrize(("option", "count"), [("--keep-data", 2), ("--drop-data", 0)])
def test_an_opaque_data_step_is_kept_or_dropped_as_decided(
    tmp_path: Path, option: str, count: int
) -> None:
    project = _small(tmp_path, OPAQUE)
    out = project.check_output("squash", "a1:c3", option)
    assert ("Omitted: " in out) == (option == "--drop-data")
    project.check_output("upgrade", "head")
    engine = sa.create_engine(project.url)
    with engine.connect() as connection:
        names = list(connection.execute(sa.text("SELECT name FROM role ORDER BY id")).scalars())
    engine.dispose()
    assert names == [f"line {number}\n        kept as it is" for number in range(count)]
    project.check_output("downgrade", "base")


def test_values_that_differ_in_each_run_are_detected(tmp_path: Path) -> None:
    random = 'op.execute("INSERT INTO role VALUES (1, hex(randomblob(8)))")'
    project = _small(tmp_path, random)
    done = project.run("squash", "a1:c3")
    assert (done.code, "role (name)" in done.out) == (255, True)
    assert "The values differ in role" in project.run("squash", "a1:c3", "--keep-data").err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("a1:b2",), "d4 follows a1 and is not merged inside the range"),
        (("b2:c3",), None),
        (("c3:c3",), "has only one revision"),
        (("b2",), "is not a range of revisions"),
        (("d4:c3",), "is not an ancestor"),
        ((), "The revisions to squash are missing"),
        (("--finish",), "There are no files of replaced revisions"),
        (("b2:c3", "--finish"), "--finish takes no range"),
    ],
)
def test_invalid_ranges_are_refused(
    tmp_path: Path, words: tuple[str, ...], expected: str | None
) -> None:
    project = _small(tmp_path)
    project.write("d4", "op.create_table('d', sa.Column('id', sa.Integer))", down="a1")
    done = project.run("squash", *words)
    assert done.code == (0 if expected is None else 255), done.text
    assert (expected or "replaces 2 revisions") in done.out, done.text


def test_branches_and_a_merge_inside(tmp_path: Path) -> None:
    project = _small(tmp_path)
    project.write("d4", "op.create_table('d', sa.Column('id', sa.Integer))", down="a1",
               downgrade="op.drop_table('d')")  # fmt: skip
    project.write("e5", down=("c3", "d4"))
    project.check_output("upgrade", "d4")
    project.check_output("squash", "b2:e5", "--rev-id", "s9")  # needs d4, which is below it then
    assert project.check_output("current").split()[0] == "d4"
    project.check_output("upgrade", "head")
    assert project.check_output("current") == "s9 (head)\n"
    project.check_output("squash", "--finish")
    project.check_output("squash", "a1:s9", "--rev-id", "t9")
    assert project.check_output("heads") == "t9 (head)\n"
    assert project.check_output("upgrade", "head") == ""
    assert project.check_output("current") == "t9 (head)\n"
    project.check_output("downgrade", "base")


def test_finish_waits_for_all_tenants_of_a_fleet(tmp_path: Path) -> None:
    project = _small(tmp_path)
    data = project.folder / "data"
    data.mkdir()
    (project.folder / "limbeck.toml").write_text(f'[fleet]\nfiles = "{data}/*.db"\n', "utf-8")
    for name, revision in (("north", "b2"), ("south", "c3")):
        project.check_output("upgrade", revision)
        shutil.copy(tmp_path / "x.db", data / f"{name}.db")
    project.check_output("squash", "a1:c3", "--rev-id", "s9")
    refused = project.run("squash", "--finish")
    assert (refused.code, "north.db (at b2)" in refused.text) == (255, True), refused.text
    assert "LB697" in refused.text
    assert "south.db" not in refused.text
    assert len(list(project.versions.glob("[abc]?_.py"))) == 3
    shutil.copy(data / "south.db", data / "north.db")
    assert project.check_output("squash", "--finish").count("Removed") == 3


def test_json_and_scripts(tmp_path: Path) -> None:
    import json

    project = _small(tmp_path, "op.execute(\"INSERT INTO role VALUES (1, 'x')\")")
    found = json.loads(project.check_output("squash", "a1:c3", "--rev-id", "s9", "--json"))
    assert (found["revision"], found["replaces"]) == ("s9", ["a1", "b2", "c3"])
    script = project.check_output("upgrade", "head", "--sql")
    assert "CREATE TABLE role" in script
    assert "VALUES (1, 'x')" in script
    inside = project.check_output("upgrade", "b2:head", "--sql")
    assert "-- Running upgrade b2 -> c3" in inside
    assert "CREATE TABLE role" not in inside
    assert json.loads(project.check_output("squash", "--finish", "--json"))["changed"] == []
    assert json.loads(project.check_output("show", "s9", "--json"))[0]["replaces"] == [
        "a1",
        "b2",
        "c3",
    ]


def _stopping(marker: Path, number: int) -> str:
    """Return a step that counts its runs, and waits in one of them."""
    return f"""
import pathlib
marker = pathlib.Path({str(marker)!r})
seen = marker.read_text() + "x" if marker.exists() else "x"
marker.write_text(seen)
if len(seen) == {number}:
    time.sleep(60)
op.get_bind().execute(sa.text("SELECT 1"))
"""


def scratch_databases(database: Database, pid: int) -> list[str]:
    """Return the scratch databases of a process."""
    if database.kind == "sqlite":
        names = [path.name for path in Path(tempfile.gettempdir()).glob("limbeck_scratch_*")]
    else:
        query = (
            "SELECT datname FROM pg_database"
            if database.kind == "postgresql"
            else "SELECT schema_name FROM information_schema.schemata"
        )
        engine = sa.create_engine(database.address)
        with engine.connect() as connection:
            names = list(connection.execute(sa.text(query)).scalars())
        engine.dispose()
    return [name for name in names if name.startswith("limbeck_scratch_") and f"_{pid}_" in name]


@pytest.mark.parametrize("number", [1, 2], ids=["old files", "proof"])
def test_a_killed_squash_keeps_the_old_state_and_the_next_run_cleans_up(
    database: Database, tmp_path: Path, number: int
) -> None:
    project = _project(tmp_path, database)
    marker = tmp_path / "seen"
    project.write("c3", FILL + _stopping(marker, number), down="b2", downgrade=UNFILL)
    before = sorted(project.versions.glob("*.py"))
    running = project.start("squash", "b2:d4", "--rev-id", "s9", "--keep-data")
    deadline = time.monotonic() + 90
    while not (marker.exists() and len(marker.read_text()) == number):
        assert time.monotonic() < deadline
        assert running.poll() is None
        time.sleep(0.05)
    assert scratch_databases(database, running.pid)
    running.kill()
    finish(running)
    assert sorted(project.versions.glob("*.py")) == before
    assert project.check_output("heads") == "e5 (head)\n"
    project.check_output("squash", "b2:d4", "--rev-id", "s9", "--keep-data")
    assert scratch_databases(database, running.pid) == []
    project.check_output("upgrade", "head")
    assert _rows(database) == EXPECTED
