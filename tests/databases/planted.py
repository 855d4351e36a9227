"""A schema whose objects have the names of PostgreSQL's own, and count how often they are used.

The objects do what those of the server do, so that commands take their usual course. The calls of
a function are counted in `pg_stat_user_functions`, also in a transaction that is rolled back.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

from sqlalchemy.dialects import postgresql

import limbeck
from tests.databases.crash_harness import session
from tests.servers import Database

PATH = "public, trap, pg_catalog"
"""A search path on which the planted objects come before those of the server."""

_CALL = re.compile(r"\b([a-z]\w*)\(")
_CALLED = """
CREATE SCHEMA track;
CREATE SCHEMA trap;
SET LOCAL check_function_bodies = off;
CREATE FUNCTION track.make(number text, what text) RETURNS text LANGUAGE plpgsql AS $f$
DECLARE name text := 'n' || number;
BEGIN
    EXECUTE format($g$CREATE FUNCTION track.%I() RETURNS boolean LANGUAGE plpgsql AS
        $b$ BEGIN RETURN true; END $b$$g$, name);
    EXECUTE format('COMMENT ON FUNCTION track.%I() IS %L', name, what);
    RETURN format('track.%I()', name);
END $f$;
"""
_FUNCTIONS = """
DO $do$
DECLARE f record; mark text; body text;
BEGIN
FOR f IN
    SELECT p.oid, p.proname AS name, oidvectortypes(p.proargtypes) AS arguments, p.proretset,
        format_type(p.prorettype, NULL) AS result, p.pronargs AS number
    FROM pg_proc p JOIN pg_type r ON r.oid = p.prorettype
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND p.provariadic = 0
    AND (r.typtype <> 'p' OR r.typname = 'void')
    AND NOT EXISTS (SELECT 1 FROM unnest(p.proargtypes) u(n) JOIN pg_type t
        ON t.oid = u.n WHERE t.typtype = 'p')
    AND p.proname = ANY (string_to_array(current_setting('track.words'), ' '))
LOOP
    mark := track.make(f.oid::text, format('function %s(%s)', f.name, f.arguments));
    SELECT format('pg_catalog.%I(%s)', f.name, coalesce(string_agg('$' || n, ', '), ''))
        INTO body FROM generate_series(1, f.number) n;
    body := CASE WHEN f.proretset THEN 'RETURN QUERY SELECT * FROM ' || body
        WHEN f.result = 'void' THEN 'PERFORM ' || body ELSE 'RETURN ' || body END;
    EXECUTE format('CREATE FUNCTION trap.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L', f.name,
        f.arguments, CASE WHEN f.proretset THEN 'SETOF ' ELSE '' END || f.result,
        format('BEGIN PERFORM %s; %s; END', mark, body));
END LOOP;
END $do$
"""
_OPERATORS = """
DO $do$
DECLARE it record; mark text; own text;
BEGIN
FOR it IN
    SELECT o.oid::text, o.oprname AS name, format_type(o.oprleft, NULL) AS one,
        format_type(o.oprright, NULL) AS other, format_type(o.oprresult, NULL) AS result
    FROM pg_operator o WHERE o.oprleft <> 0 AND o.oprright <> 0 AND NOT EXISTS (
        SELECT 1 FROM pg_type t WHERE t.typtype = 'p' AND t.oid IN (o.oprleft, o.oprright))
    AND (o.oprname IN ('=', '<>', '<', '<=', '>', '>=', '||', '+', '-', '*', '/', '%')
        OR o.oprname ~ '~')
    UNION ALL
    SELECT 'v' || row_number() OVER (), s.name, p.one, p.other,
        CASE s.name WHEN '||' THEN 'text' ELSE 'boolean' END
    FROM unnest('{=,<>,<,<=,>,>=,||,~,!~,~~,!~~,~*}'::text[]) s(name), (VALUES
        ('varchar', 'varchar'), ('name', 'varchar'), ('varchar', 'name'), ('text', 'varchar'),
        ('varchar', 'text'), ('"char"', 'varchar')) p(one, other)
LOOP
    mark := track.make('o' || it.oid, format('operator %s (%s, %s)', it.name, it.one, it.other));
    own := 'operator_' || it.oid;
    EXECUTE format('CREATE FUNCTION trap.%I(%s, %s) RETURNS %s LANGUAGE plpgsql AS %L', own, it.one,
        it.other, it.result,
        format('BEGIN PERFORM %s; RETURN %s OPERATOR(pg_catalog.%s) %s; END', mark,
            CASE WHEN it.other = 'varchar' THEN '$1::pg_catalog.text' ELSE '$1' END, it.name, '$2'));
    EXECUTE format('CREATE OPERATOR trap.%s (FUNCTION = trap.%I, LEFTARG = %s, RIGHTARG = %s)',
        it.name, own, it.one, it.other);
END LOOP;
END $do$
"""
# name and argument, the type of the state, the first state, the next one
_AGGREGATES = (
    ("count", "*", "bigint", "0", "$1 + 1"),
    ("count", "anyelement", "bigint", "0", "$1 + CASE WHEN $2 IS NULL THEN 0 ELSE 1 END"),
    *(
        (name, type_, type_, None, f"pg_catalog.{pick}($1, $2)".replace("pg_catalog.", ""))
        for type_ in ("integer", "bigint", "text", "numeric", "timestamptz", "float8")
        for name, pick in (("min", "least"), ("max", "greatest"))
    ),
    ("sum", "integer", "bigint", None, "coalesce($1, 0) + $2"),
    ("sum", "bigint", "numeric", None, "coalesce($1, 0) + $2"),
    ("bool_and", "boolean", "boolean", None, "coalesce($1, true) AND $2"),
    ("bool_or", "boolean", "boolean", None, "coalesce($1, false) OR $2"),
    ("string_agg", "text, text", "text", None, "CASE WHEN $1 IS NULL THEN $2 ELSE $1 || $3 || $2 END"),
    *(
        ("array_agg", type_, f"{type_}[]", None, "pg_catalog.array_append($1, $2)")
        for type_ in ("text", "smallint", "name", "oid")
    ),
)  # fmt: skip
_TYPES = (
    "text", "name", "oid", "regclass", "regtype", "regproc", "regnamespace", "regprocedure",
    "regrole", "int2", "int4", "int8", "bool", "float8", "jsonb", "json", "uuid", "bytea", "date",
    "timestamptz", "inet", "int2vector", "oidvector",
)  # fmt: skip


def words() -> list[str]:
    """Return all words that limbeck's code and that of SQLAlchemy's dialect write as a call."""
    folders = (Path(limbeck.__file__).parent, Path(postgresql.__file__).parent)
    files = [file for folder in folders for file in folder.rglob("*.py")]
    return sorted({word for one in files for word in _CALL.findall(one.read_text("utf-8"))})


def plant(database: Database, *, types: bool = True) -> None:
    """Create functions, operators, aggregates, types and views in the schema `trap`.

    Args:
        database: where.
        types: create domains with the names of types too.
    """
    with session(database.address) as connection:
        driver = connection.connection.driver_connection
        cursor = driver.cursor()

        def mark(number: object, what: str) -> str:
            cursor.execute("SELECT track.make(%s, %s)", (str(number), what))
            return str(cursor.fetchone()[0])

        cursor.execute(_CALLED)
        cursor.execute("SELECT set_config('track.words', %s, true)", (" ".join(words()),))
        cursor.execute(_FUNCTIONS)
        cursor.execute(_OPERATORS)
        for place, (name, of, state, first, following) in enumerate(_AGGREGATES):
            call = mark(f"a{place}", f"aggregate {name}({of})")
            arguments = ", ".join(one for one in (state, of) if one != "*")
            cursor.execute(
                f"CREATE FUNCTION trap.a{place}({arguments}) RETURNS {state} LANGUAGE plpgsql"
                f" SET search_path = pg_catalog"
                f" AS $f$ BEGIN PERFORM {call}; RETURN {following}; END $f$"
            )
            initial = "" if first is None else f", INITCOND = '{first}'"
            cursor.execute(
                f"CREATE AGGREGATE trap.{name}({of}) (SFUNC = trap.a{place}, STYPE = {state}{initial})"
            )
        cursor.execute(
            "SELECT c.relname, n.nspname, (SELECT string_agg(quote_ident(a.attname) || CASE WHEN"
            " a.atttypid = 'anyarray'::regtype THEN '::pg_catalog.text' ELSE '' END, ', ' ORDER BY a.attnum)"
            " FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attname <> 'xmin')"
            " FROM pg_class c JOIN pg_namespace n ON n.oid ="
            " c.relnamespace WHERE n.nspname IN ('pg_catalog', 'information_schema')"
            " AND c.relkind IN ('r', 'v') AND c.relname !~ '^(_|pg_statistic|pg_stats)'"
        )
        for name, schema, columns in cursor.fetchall():
            cursor.execute(
                f'CREATE TABLE trap."{name}" AS SELECT {columns} FROM "{schema}"."{name}"'
                " WITH NO DATA"
            )
        for name in _TYPES if types else ():
            call = mark(f"d{name}", f"type {name}")
            cursor.execute(f"CREATE DOMAIN trap.{name} AS pg_catalog.{name} CHECK ({call})")
        cursor.execute(f"ALTER DATABASE {database.url.database} SET track_functions = 'pl'")
        driver.commit()


def called(database: Database) -> list[str]:
    """Return the planted objects that were used since the last call."""
    time.sleep(0.1)
    with session(database.address) as connection:
        found = connection.exec_driver_sql(
            "SELECT obj_description(s.funcid, 'pg_proc') || ' x' || s.calls"
            " FROM pg_stat_user_functions s WHERE s.schemaname = 'track' AND s.calls > 0"
            " UNION ALL SELECT 'table ' || t.relname FROM pg_stat_user_tables t"
            " WHERE t.schemaname = 'trap' AND t.seq_scan > 0 ORDER BY 1"
        ).scalars()
        used = [str(one) for one in found]
        connection.exec_driver_sql("SELECT pg_stat_reset()")
        connection.commit()
    return used
