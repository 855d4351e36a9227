"""The command `limbeck plan`, with its text and JSON output, on each database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.cli.project_fixture import CliProject, cli_project
from tests.servers import Database

BASE = """
    op.create_table(
        "users",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(40)),
        sa.Column("age", sa.Integer),
        sa.Column("boss", sa.Integer),
    )
    op.create_table("old", sa.Column("id", sa.Integer, primary_key=True))
"""
CHANGE = """
    with op.batch_alter_table("users") as batch:
        batch.alter_column("email", existing_type=sa.String(40), nullable=False)
        batch.create_unique_constraint("uq_age", ["age"])
        batch.create_check_constraint("ck_age", "age > 0")
        batch.create_foreign_key("fk_boss", "users", ["boss"], ["id"])
    op.drop_table("old")
"""
ROWS = (
    "INSERT INTO users VALUES (1, NULL, 5, NULL), (2, 'x', 5, 1), (3, NULL, -1, 99)",
    "INSERT INTO old VALUES (1), (2)",
)


def _project(
    tmp_path: Path, database: Database, change: str = CHANGE, **options: str
) -> CliProject:
    project = cli_project(tmp_path, database, **options)
    project.write("a1", BASE, downgrade="op.drop_table('users')\nop.drop_table('old')")
    project.write("b2", change, down="a1")
    project.check_output("upgrade", "a1")
    with database.engine() as engine, engine.begin() as connection:
        for sql in ROWS:
            connection.exec_driver_sql(sql)
    return project


def _contents(database: Database) -> dict[str, Any]:
    with database.engine() as engine:
        metadata = sa.MetaData()
        metadata.reflect(engine)
        with engine.connect() as connection:
            return {
                name: sorted(map(tuple, connection.execute(sa.select(table))), key=str)
                for name, table in metadata.tables.items()
            }


def _plan(project: CliProject, *arguments: str, code: int = 0) -> dict[str, Any]:
    done = project.run("plan", "--json", *arguments)
    assert done.code == code, done.text
    document = json.loads(done.out)
    assert document["format"] == 1
    (found,) = document["plans"]
    return dict(found)


def test_rows_that_violate_a_change_are_found_and_nothing_is_written(
    database: Database, tmp_path: Path
) -> None:
    project = _project(tmp_path, database)
    before = _contents(database)
    found = _plan(project, code=1)
    assert _contents(database) == before
    assert (found["direction"], found["start"]) == ("upgrade", ["a1"])
    assert [one["revision"] for one in found["moves"]] == ["b2"]
    checks = {one["kind"]: one for one in found["checks"]}
    answers = {kind: (one["status"], one["count"], one["keys"]) for kind, one in checks.items()}
    assert answers == {
        "not null": ("fails", 2, [["1"], ["3"]]),
        "unique": ("fails", 1, [["5"]]),
        "check": ("fails", 1, [["3"]]),
        "foreign key": ("fails", 1, [["3"]]),
        "drop table": ("loses", 2, [["1"], ["2"]]),
    }
    statements = [one for each in found["transactions"] for one in each["statements"]]
    assert {one["source"] for one in statements} == {"measured"}
    assert statements[-1]["sql"].upper().startswith("DROP TABLE")
    # a check reads the table, and SQLite copies it
    works = [one for one in statements if "users" in (*one["rewrites"], *one["scans"])]
    assert works
    assert all(one["is_long"] for one in works)
    assert found["tables"]["old"]["rows"] in {0, 2}  # an estimate on servers
    assert found["notes"] == []
    # what the checks say is true: the upgrade fails
    assert project.run("upgrade", "head").code != 0


def test_rows_that_satisfy_all_changes_pass(database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, database)
    with database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM users WHERE id <> 2")
        connection.exec_driver_sql("UPDATE users SET boss = NULL")
        connection.exec_driver_sql("DELETE FROM old")
    found = _plan(project, "--no-scratch")
    assert {one["status"] for one in found["checks"]} == {"passes"}
    project.check_output("upgrade", "head")


RENAMES = """
    with op.batch_alter_table("users") as batch:
        batch.alter_column("email", existing_type=sa.String(40), new_column_name="mail")
        batch.add_column(sa.Column("state", sa.Integer, server_default="1", nullable=False))
    with op.batch_alter_table("users") as batch:
        batch.alter_column("state", existing_type=sa.Integer, existing_nullable=False,
                           server_default=None)
"""


@pytest.mark.parametrize("options", [(), ("--no-scratch",)], ids=["measured", "known"])
def test_a_rename_and_a_temporary_default_lose_nothing(
    database: Database, tmp_path: Path, options: tuple[str, ...]
) -> None:
    project = _project(tmp_path, database, RENAMES)
    checks = _plan(project, *options)["checks"]
    # without a scratch database the statements of a table copy of SQLite are not known
    assert {one["status"] for one in checks} <= (
        {"uncertain"} if database.kind == "sqlite" and options else set()
    )
    project.check_output("upgrade", "head")


@pytest.mark.parametrize("options", [(), ("--no-scratch",)], ids=["measured", "known"])
@pytest.mark.parametrize(
    "change",
    [
        """
        op.alter_column("users", "email", existing_type=sa.String(40), type_=sa.String(2),
                        new_column_name="mail")
        op.rename_table("users", "people")
        """,
        """
        op.rename_table("users", "people")
        op.alter_column("people", "email", existing_type=sa.String(40), new_column_name="mail")
        op.alter_column("people", "mail", existing_type=sa.String(40), type_=sa.String(2))
        """,
    ],
    ids=["at once", "one after the other"],
)
def test_a_column_that_is_renamed_and_made_narrower(
    server_database: Database, tmp_path: Path, change: str, options: tuple[str, ...]
) -> None:
    project = _project(tmp_path, server_database, change)
    with server_database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("UPDATE users SET email = 'long' WHERE id = 1")
    (check,) = _plan(project, *options, code=1)["checks"]
    assert (check["kind"], check["status"], check["keys"]) == ("type", "fails", [["1"]])
    assert (check["table"], check["columns"]) == ("people", ["mail"])
    assert "mail" in check["query"]
    assert "users" in check["query"]


def test_a_later_revision_narrows_what_an_earlier_one_renames(
    server_database: Database, tmp_path: Path
) -> None:
    project = _project(
        tmp_path, server_database, 'op.execute("ALTER TABLE users RENAME TO people")'
    )
    project.write(
        "c3",
        'op.alter_column("people", "email", existing_type=sa.String(40), type_=sa.String(2))',
        down="b2",
    )
    with server_database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("UPDATE users SET email = 'long' WHERE id = 1")
    (check,) = _plan(project, code=1)["checks"]
    assert (check["revision"], check["kind"], check["status"]) == ("c3", "type", "fails")


def test_dropped_columns_and_new_columns_without_a_value_are_reported(
    database: Database, tmp_path: Path
) -> None:
    project = _project(
        tmp_path,
        database,
        """
    with op.batch_alter_table("users") as batch:
        batch.drop_column("email")
    with op.batch_alter_table("users") as batch:
        batch.add_column(sa.Column("state", sa.Integer, nullable=False))
""",
    )
    fills = database.kind in {"mariadb", "mysql"}  # the server fills in 0
    kinds = {one["kind"]: one["status"] for one in _plan(project, code=0 if fills else 1)["checks"]}
    assert kinds == {"drop column": "loses"} | ({} if fills else {"new column": "fails"})


def test_without_a_scratch_database_the_text_is_analysed(
    database: Database, tmp_path: Path
) -> None:
    project = _project(tmp_path, database)
    found = _plan(project, "--no-scratch", code=1)
    statements = [one for each in found["transactions"] for one in each["statements"]]
    assert {one["source"] for one in statements} <= {"known", "unknown"}
    assert found["measured_on"] is None
    kinds = {one["kind"] for one in found["checks"] if one["status"] == "fails"}
    assert kinds == {"not null", "unique", "check", "foreign key"}
    assert {one["status"] for one in _plan(project, "--no-scratch", "--no-checks")["checks"]} == {
        "not run"
    }


def test_downgrades_and_destinations(database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, database, "pass")
    found = _plan(project, "base", "--no-scratch")
    assert found["direction"] == "downgrade"
    lost = {one["table"]: (one["status"], one["count"]) for one in found["checks"]}
    assert lost == {"users": ("loses", 3), "old": ("loses", 2)}
    assert _plan(project, "-1", "--no-scratch")["moves"] == found["moves"]
    assert [one["revision"] for one in _plan(project, "+1", "--no-scratch")["moves"]] == ["b2"]
    assert _plan(project, "a1")["moves"] == []
    done = project.run("plan", "a1")
    assert "nothing to do: the database is at a1" in done.out


def test_raw_sql_and_the_bind(sqlite: Database, tmp_path: Path) -> None:
    change = """
        op.get_bind().execute(sa.text("CREATE UNIQUE INDEX ix_raw ON users (age)"))
        op.execute("UPDATE users SET email = 'none'")
        op.execute("CREATE UNIQUE INDEX ix_email ON users (email)")
    """
    project = _project(tmp_path, sqlite, change)
    found = _plan(project, code=1)
    answers = {tuple(one["columns"]): one for one in found["checks"]}
    assert answers["age",]["status"] == "fails"
    assert answers["email",]["status"] == "passes"
    statements = [one["sql"] for each in found["transactions"] for one in each["statements"]]
    assert statements[1] == "UPDATE users SET email = 'none'"


def test_rows_changed_by_earlier_statements_of_the_plan(sqlite: Database, tmp_path: Path) -> None:
    change = """
        op.execute("UPDATE users SET email = 'none' WHERE email IS NULL")
        with op.batch_alter_table("users") as batch:
            batch.alter_column("email", existing_type=sa.String(40), nullable=False)
    """
    project = _project(tmp_path, sqlite, change)
    (check,) = _plan(project)["checks"]
    assert (check["status"], check["count"]) == ("uncertain", 2)
    assert "b2 changes rows of users before" in check["reason"]
    project.check_output("upgrade", "head")


def test_transactions(postgresql: Database, tmp_path: Path) -> None:
    change = """
        op.add_column("users", sa.Column("note", sa.Text))
        with op.get_context().autocommit_block():
            op.create_index("ix", "users", ["note"], postgresql_concurrently=True)
        op.execute("UPDATE users SET note = 'x'")
    """
    project = _project(tmp_path, postgresql, change)
    project.write("c3", "op.drop_column('users', 'age')", down="b2")
    for arguments in ((), ("--no-scratch", "--no-checks")):
        found = _plan(project, *arguments)
        shown = [(one["kind"], one["revisions"]) for one in found["transactions"]]
        assert shown == [
            ("transaction", ["b2"]),
            ("autocommit", ["b2"]),
            ("transaction", ["b2", "c3"]),
        ]
    assert found["transactions"][2]["locks"] == {"users": "ACCESS EXCLUSIVE"}


def test_a_type_that_is_too_narrow(server_database: Database, tmp_path: Path) -> None:
    change = """
        op.alter_column("users", "email", existing_type=sa.String(40), type_=sa.String(2))
    """
    project = _project(tmp_path, server_database, change)
    with server_database.engine() as engine, engine.begin() as connection:
        connection.exec_driver_sql("UPDATE users SET email = 'long' WHERE id = 1")
    (check,) = _plan(project, "--no-scratch", code=1)["checks"]
    assert (check["kind"], check["status"], check["keys"]) == ("type", "fails", [["1"]])


def test_text(sqlite: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, sqlite, "op.create_index('ix', 'users', ['age'], unique=True)")
    done = project.run("plan")
    assert done.code == 1
    assert "CREATE UNIQUE INDEX ix ON users (age)" in done.out
    assert "FAILS: b2 makes users (age) unique: 1 duplicate value, age = 5" in done.out
    assert "GROUP BY" in project.run("plan", "-v").out
    assert project.run("-q", "plan").out == ""


@pytest.mark.parametrize("native", [True, False])
def test_native_and_alembic_projects(sqlite: Database, tmp_path: Path, native: bool) -> None:
    project = _project(tmp_path, sqlite)
    text = project.env_py.read_text("utf-8")
    name = "limbeck" if native else "alembic"
    project.env_py.write_text(text.replace("from limbeck import", f"from {name} import"), "utf-8")
    found = _plan(project, code=1)
    assert found["measured_on"].startswith("sqlite")
    assert len(found["checks"]) == 5


# ── what goes wrong ───────────────────────────────────────────────────────


def test_unknown_revisions(database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, database)
    done = project.run("plan", "nope")
    assert done.code == 255
    assert "Can't locate revision identified by 'nope'" in done.out
    (project.versions / "a1_.py").unlink()
    project.write("b2", CHANGE)
    done = project.run("plan")
    assert done.code == 255
    assert "a1" in done.out
    assert "Traceback" not in done.text


def test_a_program_that_fails(sqlite: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, sqlite, "raise RuntimeError('no')")
    found = _plan(project)
    assert found["transactions"] == []
    assert any("no" in note for note in found["notes"])


def test_another_server_for_scratch_cannot_be_reached(sqlite: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, sqlite)
    done = project.run("plan", "--json", "--scratch-url", "postgresql://u:hush@localhost:1/x")
    (found,) = json.loads(done.out)["plans"]
    assert any("was not measured" in note for note in found["notes"])
    assert {one["status"] for one in found["checks"]} == {"fails", "loses"}
    assert "hush" not in done.text


# ── statistics, pages ─────────────────────────────────────────────────────


def test_statistics_replace_the_database(database: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, database)
    text = project.check_output("stats")
    written = json.loads(text)
    assert (written["format"], written["revisions"]) == (1, ["a1"])
    assert set(written["tables"]) == {"users", "old"}
    assert "sizes of 2 tables" in project.check_output("stats", "-o", "stats.json")
    assert (project.folder / "stats.json").read_text("utf-8") == text
    written["tables"]["users"] = {"rows": 5_000_000, "bytes": None}
    (project.folder / "stats.json").write_text(json.dumps(written), "utf-8")
    found = _plan(project, "--stats", "stats.json", "--no-scratch")
    assert (found["start"], found["sizes_from"]) == (["a1"], "stats.json")
    assert found["tables"]["users"]["rows"] == 5_000_000
    assert found["dialect"] == written["dialect"]
    assert {one["kind"] for one in found["checks"]} == {
        "not null", "unique", "check", "foreign key", "drop table",
    }  # fmt: skip
    assert {one["status"] for one in found["checks"]} == {"not run"}


def test_no_database_can_be_reached(postgresql: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, postgresql)
    project.check_output("stats", "-o", "stats.json")
    ini = project.folder / "alembic.ini"
    gone = "postgresql+psycopg://me:hush@127.0.0.1:1/gone"
    ini.write_text(ini.read_text("utf-8").replace(postgresql.address, gone), "utf-8")
    done = project.run("plan")
    assert done.code == 255
    assert "The database is not reachable" in done.text
    assert "plan --stats FILE" in done.text
    assert "hush" not in done.text
    found = _plan(project, "--stats", "stats.json")
    assert [one["revision"] for one in found["moves"]] == ["b2"]
    assert any("was not measured" in note for note in found["notes"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no JSON", "it is not JSON"),
        ("[]", "'format'"),
        ('{"format": 2}', "'format'"),
        ('{"format": 1, "dialect": "sqlite", "revisions": [1], "tables": {}}', "'revisions'"),
        ('{"format": 1, "dialect": 1, "revisions": [], "tables": {}}', "'dialect'"),
        ('{"format": 1, "dialect": "sqlite", "revisions": [], "tables": []}', "'tables'"),
        (
            '{"format": 1, "dialect": "sqlite", "revisions": [], "tables": {"t": {"rows": -1}}}',
            "'rows' or 'bytes' of 't' is -1",
        ),
        (None, "cannot be read"),
    ],
)
def test_invalid_statistics_are_refused(
    sqlite: Database, tmp_path: Path, text: str | None, words: str
) -> None:
    project = cli_project(tmp_path, sqlite)
    if text is not None:
        (project.folder / "stats.json").write_text(text, "utf-8")
    done = project.run("plan", "--stats", "stats.json")
    assert done.code == 255
    assert words in done.text
    assert "limbeck stats --output FILE" in done.text


def test_a_page(sqlite: Database, tmp_path: Path) -> None:
    project = _project(tmp_path, sqlite)
    assert project.run("plan", "--html", "plan.html").code == 1
    page = (project.folder / "plan.html").read_text("utf-8")
    assert "CREATE TABLE _alembic_tmp_users" in page
    done = project.run("plan", "--no-scratch", "--html", "nowhere/plan.html")
    assert done.code == 255
    assert "The file cannot be written" in done.text


def test_several_databases(tmp_path: Path) -> None:
    project = CliProject(tmp_path / "project", "sqlite:///one.db", template="multidb")
    ini = project.folder / "alembic.ini"
    text = ini.read_text("utf-8")
    for name in ("engine1", "engine2"):
        start = text.index(f"[{name}]")
        end = text.index("sqlalchemy.url", start)
        line = text[end:].partition("\n")[0]
        text = text[:end] + text[end:].replace(line, f"sqlalchemy.url = sqlite:///{name}.db", 1)
    ini.write_text(text, "utf-8")
    (project.versions / "a1_.py").write_text(
        "from limbeck import op\n"
        "revision = 'a1'\n"
        "down_revision = None\n"
        "def upgrade(engine_name):\n"
        "    op.execute(f'CREATE TABLE {engine_name} (id INTEGER)')\n"
        "def downgrade(engine_name):\n"
        "    pass\n",
        "utf-8",
    )
    found = json.loads(project.check_output("plan", "--json"))["plans"]
    statements = [one["transactions"][0]["statements"][0]["sql"] for one in found]
    assert statements == [f"CREATE TABLE {name} (id INTEGER)" for name in ("engine1", "engine2")]
    project.check_output("plan", "--html", "plan.html")
    page = (project.folder / "plan.html").read_text("utf-8")
    assert all(f"CREATE TABLE {name} (id INTEGER)" in page for name in ("engine1", "engine2"))
    done = project.run("stats")
    assert done.code == 255
    assert "env.py configures 2 databases" in done.text


def test_revisions_after_one_that_fails_are_not_measured(
    database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, database)
    project.write("a1", 'op.execute("INSERT INTO missing VALUES (1)")')
    project.write("b2", 'op.create_table("one", sa.Column("id", sa.Integer))', down="a1")
    project.write("c3", 'op.drop_table("one")', down="b2")
    text = project.check_output("plan")
    assert "note: a1 fails on empty tables: " in text
    assert "[SQL" not in text
    assert "note: from b2 on, nothing was measured, because that fails" in text
    assert text.count("fails-always") == 1
