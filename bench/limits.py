"""Lower limits for every tool: a bare driver with the same statements, minimal catalog queries.

Each limit is the text of a program of its own, run as a process like the tools.
"""

from __future__ import annotations

import sqlalchemy as sa

# No garbage collection is needed for models, all of which are kept.
MODELS = "import gc\ngc.disable()\nimport models\ngc.freeze()"
_SPLIT = (
    "words = open('script.sql').read()\n"
    "words = '\\n'.join(l for l in words.splitlines() if not l.startswith('--'))\n"
    "parts = [p.strip() for p in words.split(';\\n')]\n"
    "parts = [p.rstrip(';') for p in parts if p and p.rstrip(';') not in ('BEGIN', 'COMMIT')]\n"
)
_POSTGRESQL = (
    (
        "SELECT c.oid, n.nspname, c.relname, c.relkind, c.reloptions, obj_description(c.oid)"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND n.nspname = 'public'"
    ),
    (
        "SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,"
        " pg_get_expr(d.adbin, d.adrelid), col_description(a.attrelid, a.attnum)"
        " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
        " WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND c.relkind IN ('r', 'p')"
    ),
    (
        "SELECT conrelid, conname, contype, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace"
    ),
    (
        "SELECT i.indrelid, i.indexrelid::regclass, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = 'public'::regnamespace"
    ),
)
_MARIADB = (
    (
        "SELECT table_name, engine, table_collation, table_comment FROM information_schema.tables"
        " WHERE table_schema = database()"
    ),
    (
        "SELECT table_name, column_name, column_type, is_nullable, column_default, extra,"
        " collation_name, column_comment FROM information_schema.columns"
        " WHERE table_schema = database()"
    ),
    (
        "SELECT table_name, index_name, column_name, non_unique, seq_in_index, sub_part"
        " FROM information_schema.statistics WHERE table_schema = database()"
    ),
    (
        "SELECT k.table_name, k.constraint_name, k.column_name, k.referenced_table_name,"
        " k.referenced_column_name FROM information_schema.key_column_usage k"
        " WHERE k.table_schema = database()"
    ),
)
_SQLITE = (
    "SELECT type, name, tbl_name, sql FROM sqlite_schema",
    "SELECT m.name, c.* FROM sqlite_schema m, pragma_table_xinfo(m.name) c WHERE m.type = 'table'",
    (
        "SELECT m.name, f.* FROM sqlite_schema m, pragma_foreign_key_list(m.name) f"
        " WHERE m.type = 'table'"
    ),
    (
        "SELECT m.name, i.name, x.name FROM sqlite_schema m, pragma_index_list(m.name) i,"
        " pragma_index_xinfo(i.name) x WHERE m.type = 'table'"
    ),
)
_CATALOGS = {"postgresql": _POSTGRESQL, "mysql": _MARIADB, "sqlite": _SQLITE}


def statements(url: str) -> str:
    """Return a program that sends script.sql with nothing but the driver."""
    return f"{_SPLIT}{_connect(url)}for part in parts: cursor.execute(part)\nlink.commit()\n"


def catalog(url: str) -> str:
    """Return a program that imports the models and asks for what a comparison needs."""
    queries = _CATALOGS[sa.make_url(url).get_backend_name()]
    return (
        f"{MODELS}\n{_connect(url)}"
        f"for query in {queries!r}:\n    cursor.execute(query)\n    cursor.fetchall()\n"
    )


def backfill(url: str, expression: str, rows: int, size: int) -> str:
    """Return a program with the loop that one would write by hand: ranges of the key, committed."""
    return (
        f"{_connect(url)}"
        f"for low in range(0, {rows}, {size}):\n"
        f"    cursor.execute('UPDATE big SET whole = {expression} WHERE id > %s AND id <= %s"
        f" AND whole IS NULL', (low, low + {size}))\n"
        "    link.commit()\n"
    )


def _connect(url: str) -> str:
    parsed = sa.make_url(url)
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        opened = f"import sqlite3\nlink = sqlite3.connect({parsed.database!r})\n"
    elif kind == "postgresql":
        opened = (
            f"import psycopg\nlink = psycopg.connect(host={parsed.host!r}, port={parsed.port!r},"
            f" user={parsed.username!r}, password={parsed.password!r}, dbname={parsed.database!r})\n"
        )
    else:
        opened = (
            f"import pymysql\nlink = pymysql.connect(host={parsed.host!r}, port={parsed.port!r},"
            f" user={parsed.username!r}, password={parsed.password or ''!r},"
            f" database={parsed.database!r})\n"
        )
    return f"{opened}cursor = link.cursor()\n"
