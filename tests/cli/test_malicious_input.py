"""Malicious input in messages, names, paths and passwords."""

from __future__ import annotations

import ast
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from limbeck.dialects import find
from tests.cli.project_fixture import cli_project
from tests.cli.test_failures import BASE, tables
from tests.servers import Database

SECRET = "hunter2secret"
MESSAGES = [
    'quotes """ and \'\'\' and "',
    'ends with a quote "',
    "back\\slash \\N{DASH} \\x41 \\",
    "${1/0} <% raise SystemExit %> <%! import os %> ## % for x in y:",
    "lines\nof text\r\nand % if True:",
    "\x1b[31mred\x07\x00null",
    '""" + open("pwned", "w").write("x") + """',
    "snow ☃ and \u202e turned round",
    "x" * 10_000,
]


@pytest.mark.parametrize("message", MESSAGES, ids=range(len(MESSAGES)))
def test_a_message_is_never_run_as_code(sqlite: Database, tmp_path: Path, message: str) -> None:
    if "\0" in message:
        message = message.replace("\0", "")  # no argument can hold one
    project = cli_project(tmp_path, sqlite)
    project.check_output("revision", "-m", message, "--rev-id", "m1")
    (path,) = project.versions.glob("*.py")
    text = path.read_text("utf-8")
    docstring = ast.get_docstring(ast.parse(text), clean=False) or ""
    assert docstring.replace("\r\n", "\n").startswith(message.replace("\r\n", "\n"))
    done = project.run("upgrade", "head")
    assert done.code == 0, done.text
    shown = done.text + project.check_output("history", "-v") + project.check_output("show", "m1")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\x9b]", shown)
    assert not list(tmp_path.rglob("pwned"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("--rev-id", "../evil"),
        ("--rev-id", "/tmp/evil"),
        ("--rev-id", "..\\evil"),
        ("--rev-id", "a/b"),
        ("--rev-id", "a\nb"),
        ("--rev-id", "."),
        ("--rev-id", ""),
        ("--rev-id", "%(rev)s"),
        ("--rev-id", "x' OR '1'='1"),
        ("--version-path", "../elsewhere"),
        ("--version-path", "/tmp"),
        ("--branch-label", "../evil"),
    ],
)
def test_nothing_is_written_outside_the_version_folder(
    sqlite: Database, tmp_path: Path, arguments: tuple[str, str]
) -> None:
    project = cli_project(tmp_path, sqlite)
    before = {path for path in tmp_path.rglob("*") if "__pycache__" not in str(path)}
    done = project.run("revision", "-m", "x", *arguments)
    assert done.code == 255, done.text
    assert "next:" in done.err
    assert before == {path for path in tmp_path.rglob("*") if "__pycache__" not in str(path)}


def test_a_file_is_never_written_over(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite, extra="file_template = always")
    project.check_output("revision", "-m", "one", "--rev-id", "a1")
    path = project.versions / "always.py"
    before = path.read_bytes()
    done = project.run("revision", "-m", "two", "--rev-id", "b2")
    assert done.code == 255
    assert "already exists" in done.out
    assert path.read_bytes() == before


def test_identifiers_and_messages_are_quoted_in_sql(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    project.write("a1", BASE)
    evil = "q'; DROP TABLE one; --"
    path = project.write("b2", down="a1", doc="evil\nDROP TABLE one;\n*/ DROP TABLE one;")
    path.write_text(path.read_text("utf-8").replace("'b2'", repr(evil.replace("-", "")), 1))
    script = project.check_output("upgrade", "a1:head", "--sql")
    for line in script.splitlines():
        assert not line.lstrip().startswith(("DROP", "*/")), line
    assert "q''; DROP TABLE one" in script
    project.check_output("upgrade", "head")
    assert "one" in tables(database)
    project.check_output("downgrade", "a1")
    assert "one" in tables(database)


def test_names_in_a_database_are_never_run_as_code(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    names = ['x"); import os; os.abort(); ("', "y'''\"\"\"", "z\\", "${1/0}"]
    metadata = sa.MetaData()
    for name in names:
        sa.Table(name, metadata, sa.Column(f"c {name}", sa.Integer, primary_key=True))
    with database.engine(poolclass=sa.NullPool) as engine:
        metadata.create_all(engine)
    text = project.env_py.read_text("utf-8")
    project.env_py.write_text(
        re.sub(
            r"(?m)^target_metadata = .*$",
            "import sqlalchemy\ntarget_metadata = sqlalchemy.MetaData()\n"
            "sqlalchemy.Table('mine', target_metadata, sqlalchemy.Column('id', sqlalchemy.Integer))",
            text,
        ),
        "utf-8",
    )
    done = project.run("revision", "--autogenerate", "-m", "drop")
    assert done.code == 0, done.text
    (path,) = project.versions.glob("*.py")
    body = ast.parse(path.read_text("utf-8"))
    called = {
        node.func.attr
        for node in ast.walk(body)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert "abort" not in called
    assert "drop_table" in called
    project.check_output("upgrade", "head")
    project.check_output("downgrade", "base")
    with database.engine(poolclass=sa.NullPool) as engine:
        assert set(names) <= set(sa.inspect(engine).get_table_names())


URLS = [
    f"postgresql+psycopg://bob:{SECRET}@127.0.0.1:1/db",
    f"postgresql+psycopg://bob:{SECRET}%x@127.0.0.1:1/db",
    f"postgresql://bob:{SECRET}@host:notaport/db",
    f"postgresql+nodriver://bob:{SECRET}@h/db",
    f"not a url {SECRET}",
    f"://bob:{SECRET}@@h",
    f"mysql+pymysql://bob:{SECRET}@127.0.0.1:1/db",
    f"postgresql+psycopg://127.0.0.1:1/postgres?password={SECRET}&bad=1",
    f"postgresql+asyncpg://bob:{SECRET}@127.0.0.1:1/x",
]


@pytest.mark.parametrize("url", URLS, ids=range(len(URLS)))
def test_passwords_are_never_shown(sqlite: Database, tmp_path: Path, url: str) -> None:
    project = cli_project(tmp_path, sqlite)
    ini = project.folder / "alembic.ini"
    text = ini.read_text("utf-8")
    ini.write_text(
        re.sub(r"(?m)^sqlalchemy\.url.*$", lambda _: f"sqlalchemy.url = {url}", text), "utf-8"
    )
    for command in (("upgrade", "head"), ("--raiseerr", "current"), ("heads",)):
        assert SECRET not in project.run(*command).text
    done = project.run("current")
    assert done.code != 0
    assert "next:" in done.err


def test_a_password_given_by_env_py_is_not_shown(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    text = project.env_py.read_text("utf-8")
    url = f"postgresql+psycopg://bob:{SECRET}%x@127.0.0.1:1/d"
    project.env_py.write_text(
        text.replace(
            "config = context.config",
            f"config = context.config\nconfig.set_main_option('sqlalchemy.url', {url!r})",
            1,
        ),
        "utf-8",
    )
    done = project.run("current")
    assert done.code != 0
    assert SECRET not in done.text


def test_a_password_in_a_statement_is_not_shown(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    project.write("a1", f"op.execute(\"CREATE USER bob IDENTIFIED BY PASSWORD '{SECRET}'\")")
    done = project.run("upgrade", "head")
    assert done.code == 1
    assert SECRET not in done.text


def test_listing_runs_no_revision_file(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    path = project.write("a1")
    path.write_text(path.read_text("utf-8") + "\nopen('ran', 'w').close()\n", "utf-8")
    for command in (("heads",), ("history", "-v"), ("branches",), ("show", "a1")):
        project.check_output(*command)
    assert not (project.folder / "ran").exists()


_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


@contextmanager
def _holds(database: Database, role: str, *statements: str) -> Iterator[None]:
    """Run statements as a role, and keep their transaction open."""
    engine = sa.create_engine(database.url.set(username=role), poolclass=sa.NullPool)
    with engine.connect() as connection, connection.begin():
        for statement in statements:
            connection.exec_driver_sql(statement)
        mutex = find("postgresql").mutex
        assert mutex is not None
        with mutex(connection, ".alembic_version", timeout=9, waiting=print):
            yield


def test_names_of_roles_cannot_control_the_terminal(postgresql: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, postgresql)
    project.write("a1", 'op.create_table("t", sa.Column("id", sa.Integer))')
    project.write("b2", 'op.execute("ALTER TABLE t ADD x INT")', down="a1")
    project.check_output("upgrade", "a1")
    role = f"evil\x1b[31m\nlimbeck: done\u202e{postgresql.url.database}"
    quoted = f'"{role}"'
    plain = f"plain_{postgresql.url.database}"
    shown = []
    with postgresql.engine(isolation_level="AUTOCOMMIT") as engine, engine.connect() as admin:
        admin.exec_driver_sql(f"CREATE ROLE {quoted} SUPERUSER LOGIN")
        admin.exec_driver_sql(f"CREATE ROLE {plain} LOGIN")
        try:
            with _holds(postgresql, role, "LOCK TABLE t IN SHARE MODE"):
                shown += [
                    project.run(*words).text
                    for words in (
                        ("upgrade", "head", "--lock-timeout=0.5"),
                        ("upgrade", "head", "--sql"),
                        ("status",),
                        ("status", "--json"),
                        ("history", "-i"),
                        ("current", "-v"),
                    )
                ]
            assert "evil" in shown[0]
            assert "\\x1b" in shown[0]
            # the version table of another role
            admin.exec_driver_sql(f"ALTER ROLE {quoted} NOSUPERUSER")
            admin.exec_driver_sql(f"ALTER TABLE alembic_version OWNER TO {quoted}")
            admin.exec_driver_sql(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {plain}")
            admin.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {plain}")
            ini = project.folder / "alembic.ini"
            address = postgresql.url.set(username=plain).render_as_string(hide_password=False)
            ini.write_text(ini.read_text("utf-8").replace(postgresql.address, address), "utf-8")
            shown.append(project.run("upgrade", "head").text)
            assert "belongs to evil" in shown[-1]
        finally:
            for name in (quoted, plain):
                admin.exec_driver_sql(f"REASSIGN OWNED BY {name} TO CURRENT_USER")
                admin.exec_driver_sql(f"DROP OWNED BY {name} CASCADE")
                admin.exec_driver_sql(f"DROP ROLE {name}")
    for text in shown:
        assert not _CONTROL.search(text), repr(text)
        assert "\nlimbeck: done" not in text


def test_written_files_follow_the_umask(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    before = os.umask(0o077)
    try:
        project.check_output("revision", "-m", "closed")
    finally:
        os.umask(before)
    (path,) = project.versions.glob("*closed*")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
