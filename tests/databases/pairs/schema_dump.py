"""The schema of a database as its server prints it, not as limbeck or SQLAlchemy read it.

Column order and names that the server chose do not count; everything else does.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterable

import sqlalchemy as sa

from tests.databases.pairs.sqlite_schema_dump import sqlite_account
from tests.servers import Database

OWN = ("alembic_version", "limbeck_journal")
Account = list[str]


def explicit_names_of(models: sa.MetaData, dialect: sa.Dialect) -> set[str]:
    """Return the names of constraints that the models set explicitly."""
    preparer = dialect.identifier_preparer
    found: set[str] = set()
    for table in models.tables.values():
        for item in table.constraints:
            name = None if item.name is None else preparer.format_constraint(item)
            if name is not None:
                found.add(plain(name))
        for index in table.indexes:
            found.add("KEY " + plain(preparer.format_constraint(index) or ""))
    return found


def plain(name: str) -> str:
    """Return a name without its quotes."""
    if name[:1] in {'"', "`"}:
        return name[1:-1].replace(name[0] * 2, name[0])
    return name


def account(database: Database, engine: sa.Engine, models: sa.MetaData) -> Account:
    """Return the lines in which a database describes itself, in an order of their own."""
    return ACCOUNTS[database.kind](database, engine, explicit_names_of(models, engine.dialect))


# ── PostgreSQL ────────────────────────────────────────────────────────────

_NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'


def _postgresql(database: Database, _engine: sa.Engine, explicit_names: set[str]) -> Account:
    url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    hidden = [word for name in OWN for word in ("-T", f"*.{name}")]
    run = subprocess.run(
        # of the server's version or a later one
        [os.environ.get("LIMBECK_TEST_PG_DUMP", "pg_dump"), "--schema-only", "--no-owner", url, *hidden],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    blocks = re.split(r"^-- Name: .*$", run.stdout, flags=re.MULTILINE)[1:]
    texts = ["\n".join(_kept(block)) for block in blocks]
    texts = _own_sequences([text for text in texts if text])
    return sorted(_columns_sorted(_names_masked(text, explicit_names)) for text in texts)


def _kept(block: str) -> Iterable[str]:
    for line in block.splitlines():
        if line.strip() and not line.startswith(("--", "SET default_table", "\\")):
            yield line.rstrip()


def _own_sequences(texts: list[str]) -> list[str]:
    # A sequence that a column owns is known by that column.
    owned = re.compile(rf"^ALTER SEQUENCE ({_NAME}\.{_NAME}) OWNED BY (.*);$")
    names = dict(found.groups() for text in texts if (found := owned.match(text)))
    mended = []
    for text in texts:
        made = re.sub(r"SEQUENCE NAME .*", "SEQUENCE NAME ?", text)
        for name, column in names.items():
            made = made.replace(f"{name}\n", f"<{column}>\n").replace(f"{name} ", f"<{column}> ")
            made = made.replace(f"nextval('{name.replace(chr(39), chr(39) * 2)}'", f"<{column}>")
        mended.append(made)
    return mended


def _names_masked(text: str, explicit_names: set[str]) -> str:
    def masked(found: re.Match[str]) -> str:
        return found[0] if plain(found[1]) in explicit_names else "CONSTRAINT ?"

    if text.startswith("CREATE DOMAIN"):
        return text
    text = re.sub(rf"\bCONSTRAINT ({_NAME})", masked, text)
    # PostgreSQL 18 names them, by the column's name when it was created
    return text.replace(" CONSTRAINT ? NOT NULL", " NOT NULL")


def _columns_sorted(text: str) -> str:
    if text.startswith("CREATE INDEX"):
        return re.sub(r" WITH \(([^()]*)\)", _sorted_parameters, text)
    lines = text.split("\n")
    if not text.startswith(("CREATE TABLE", "CREATE UNLOGGED TABLE")):
        return text
    inner = sorted(line.rstrip(",") for line in lines[1:] if line.startswith("    "))
    outer = [
        "WITH (" + ", ".join(sorted(line[6:-2].split(", "))) + ");"
        if line[:6] == "WITH ("
        else line
        for line in lines[1:]
        if not line.startswith("    ")
    ]
    return "\n".join([lines[0], *inner, *outer])


def _sorted_parameters(found: re.Match[str]) -> str:
    return f" WITH ({', '.join(sorted(found[1].split(', ')))})"


# ── MariaDB ───────────────────────────────────────────────────────────────


def _mariadb(database: Database, engine: sa.Engine, explicit_names: set[str]) -> Account:
    found = []
    with engine.connect() as connection:
        names = connection.exec_driver_sql(
            "SELECT table_name, table_type FROM information_schema.tables"
            " WHERE table_schema = DATABASE()"
        ).all()
        for name, sort in names:
            if name in OWN:
                continue
            quoted = engine.dialect.identifier_preparer.quote_identifier(name)
            row = connection.exec_driver_sql(f"SHOW CREATE TABLE {quoted}").one()
            text = re.sub(r" AUTO_INCREMENT=\d+", "", row[1])
            if sort != "BASE TABLE":
                found.append(text)
                continue
            lines = [
                _mariadb_line(line.strip().rstrip(","), explicit_names)
                for line in text.splitlines()
            ]
            found.append("\n".join([lines[0], *sorted(lines[1:-1]), lines[-1]]))
        found.extend(_mariadb_programs(connection))
    assert database.kind in {"mariadb", "mysql"}
    return sorted(found)


def _mariadb_programs(connection: sa.Connection) -> Iterable[str]:
    """Yield triggers and routines as the server shows them."""
    # the server keeps the list of parameters as it was written, so that its parts are asked for
    asked = (
        (
            "SELECT 'trigger', trigger_name, event_object_table, action_timing, event_manipulation,"
            " action_order, action_statement, sql_mode, definer FROM information_schema.triggers"
            " WHERE trigger_schema = DATABASE()"
        ),
        (
            "SELECT routine_type, routine_name, dtd_identifier, routine_definition, is_deterministic,"
            " sql_data_access, security_type, sql_mode, routine_comment, definer"
            " FROM information_schema.routines WHERE routine_schema = DATABASE()"
        ),
        (
            "SELECT routine_type, specific_name, ordinal_position, parameter_mode, parameter_name,"
            " dtd_identifier FROM information_schema.parameters WHERE specific_schema = DATABASE()"
        ),
        (
            "SELECT 'event', event_name, event_definition, interval_value, interval_field, status,"
            " on_completion, event_comment FROM information_schema.events"
            " WHERE event_schema = DATABASE()"
        ),
        (
            "SELECT 'privilege', grantee, table_name, privilege_type, is_grantable"
            " FROM information_schema.table_privileges WHERE table_schema = DATABASE()"
        ),
        (
            "SELECT 'privilege', grantee, table_name, column_name, privilege_type"
            " FROM information_schema.column_privileges WHERE table_schema = DATABASE()"
        ),
        (
            "SELECT 'database', default_character_set_name, default_collation_name"
            " FROM information_schema.schemata WHERE schema_name = DATABASE()"
        ),
    )
    for sql in asked:
        for row in connection.exec_driver_sql(sql).all():
            yield " ".join(" ".join(map(str, row)).split())


def _clock(found: re.Match[str]) -> str:
    return f"DEFAULT CURRENT_TIMESTAMP({found[1]})" if found[1] else "DEFAULT CURRENT_TIMESTAMP"


def _mariadb_line(line: str, explicit_names: set[str]) -> str:
    # MySQL shows a bit or number as default in the way in which it was given
    line = re.sub(
        r"(bit\(\d+\)) DEFAULT \(0x([0-9A-F]+)\)",
        lambda found: f"{found[1]} DEFAULT b'{int(found[2], 16):b}'",
        line,
    )
    line = re.sub(r"DEFAULT \(-\(([\d.]+)\)\)", r"DEFAULT '-\1'", line)
    line = re.sub(
        r"DEFAULT (?:\((-?[\d.]+(?:e\d+)?)\)|'(-?\d+\.\d+)')",
        lambda found: f"DEFAULT '{float(found[1] or found[2]):g}'",
        line,
    )
    line = re.sub(r"DEFAULT \(now\((\d?)\)\)", _clock, line)
    # MySQL shows whether RESTRICT was given, which means the same as no action
    # https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html
    line = re.sub(r" ON (?:UPDATE|DELETE) RESTRICT", "", line)
    found = re.match(r"(CONSTRAINT|(?:UNIQUE )?KEY) (`(?:[^`]|``)+`)", line)
    if found is None:
        return line
    # The name of an index is set by an index, that of a UNIQUE KEY also by a constraint.
    name = plain(found[2])
    if f"KEY {name}" in explicit_names or (found[1] != "KEY" and name in explicit_names):
        return line
    return line.replace(found[2], "?", 1)


# ── SQLite ────────────────────────────────────────────────────────────────


def _sqlite(database: Database, engine: sa.Engine, explicit_names: set[str]) -> Account:
    assert database.kind == "sqlite"
    return sqlite_account(engine, OWN, explicit_names)


ACCOUNTS: dict[str, Callable[[Database, sa.Engine, set[str]], Account]] = {
    "postgresql": _postgresql,
    "mariadb": _mariadb,
    "mysql": _mariadb,
    "sqlite": _sqlite,
}
