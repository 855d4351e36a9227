"""Run the queries of the release that is in use, as a role that owns no objects."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from limbeck.dialects.measurement import ReleaseTables
from limbeck.dialects.postgresql.qualified_sql import qualified
from limbeck.dialects.postgresql.sample_columns import ROWS, SampleColumn, SampleTable, quoted
from limbeck.dialects.postgresql.sample_rows import sample_tables

# A role that exists on every server: a new role would belong to the whole server, and would
# remain if this process is killed. It gets privileges in the scratch database only.
# https://www.postgresql.org/docs/current/predefined-roles.html
OTHER_ROLE = "pg_signal_backend"
_IS_SUPERUSER = qualified("SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user")
_SCHEMAS = qualified(
    "SELECT n.nspname FROM pg_namespace n WHERE n.nspname NOT LIKE 'pg\\_%'"
    " AND n.nspname <> 'information_schema'"
)
_VIEWS = qualified("""
SELECT format('%I.%I', n.nspname, c.relname),
  string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('v', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
GROUP BY 1
""")


# A DO block returns nothing, so the results are passed in a setting of the transaction.
_TRY_ALL = """
DO $limbeck$
DECLARE
  queries pg_catalog.jsonb := {queries};
  role_name pg_catalog.text := {role};
  outcomes pg_catalog.jsonb := '[]';
  query pg_catalog.jsonb;
  reason pg_catalog.text;
  number bigint;
  as_owner bigint;
BEGIN
  {prepare}
  FOR query IN SELECT value FROM pg_catalog.jsonb_array_elements(queries) LOOP
    FOR attempt IN 0..1 LOOP
      reason := NULL;
      BEGIN
        IF role_name OPERATOR(pg_catalog.<>) '' THEN
          EXECUTE pg_catalog.format('SET LOCAL ROLE %I', role_name);
        END IF;
        EXECUTE query OPERATOR(pg_catalog.->>) attempt;
        GET DIAGNOSTICS number = ROW_COUNT;
        SET CONSTRAINTS ALL IMMEDIATE;  -- what else fails at COMMIT
        IF number OPERATOR(pg_catalog.=) 0 AND (query OPERATOR(pg_catalog.->>) 3)::boolean THEN
          RAISE EXCEPTION 'no row is written';
        END IF;
        IF number OPERATOR(pg_catalog.=) 0 AND (query OPERATOR(pg_catalog.->>) 2)::boolean THEN
          RESET ROLE;
          EXECUTE query OPERATOR(pg_catalog.->>) attempt;
          GET DIAGNOSTICS as_owner = ROW_COUNT;
          IF as_owner OPERATOR(pg_catalog.>) 0 THEN
            RAISE EXCEPTION 'the role does not see the rows any more';
          END IF;
          EXECUTE query OPERATOR(pg_catalog.->>) 4;
          GET DIAGNOSTICS as_owner = ROW_COUNT;
          IF as_owner OPERATOR(pg_catalog.>) 0 THEN
            RAISE EXCEPTION 'no row is written';
          END IF;
        END IF;
        RAISE EXCEPTION 'undo' USING ERRCODE = 'ZZ001';
      EXCEPTION
        WHEN SQLSTATE 'ZZ001' THEN NULL;
        -- whether a value fits depends on the value: the statement judges those that are there
        WHEN string_data_right_truncation OR numeric_value_out_of_range THEN NULL;
        WHEN others THEN reason := SQLERRM;
      END;
      EXIT WHEN reason IS NULL
        OR (query OPERATOR(pg_catalog.->>) 1) OPERATOR(pg_catalog.=) '';
    END LOOP;
    outcomes := outcomes OPERATOR(pg_catalog.||) pg_catalog.jsonb_build_array(reason);
  END LOOP;
  {restore}
  PERFORM pg_catalog.set_config('limbeck.outcomes', outcomes::pg_catalog.text, true);
END $limbeck$
"""


_NO_ROWS = "SELECT WHERE false"
# the rows that an UPDATE changes, unless a trigger skips those that it leaves as they are
_ROWS_TO_WRITE = """
SELECT FROM {} WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t
  WHERE t.tgrelid OPERATOR(pg_catalog.=) {}::pg_catalog.regclass
    AND t.tgfoid OPERATOR(pg_catalog.=)
    'pg_catalog.suppress_redundant_updates_trigger'::pg_catalog.regproc)
LIMIT 1
"""
_REPLICATION = "PERFORM pg_catalog.set_config('session_replication_role', '{}', true);"


@dataclass(frozen=True, slots=True)
class _Query:
    label: str
    sql: str
    returns_rows: bool
    table: str
    other_sql: str | None = None
    writes_row: bool = False
    rows_to_write: str | None = None


class RunningRelease:
    """SELECT, INSERT and UPDATE of every table, in the schema of the parent revision.

    Args:
        cursor: a cursor of the driver, from before the revision runs.
        words: the words of the revision's statements, to select the tables that it needs.
        release: the tables and columns that the release knows; None for all.
    """

    def __init__(
        self,
        cursor: Any,
        words: Collection[str] | None = None,
        release: ReleaseTables | None = None,
    ) -> None:
        cursor.execute(_IS_SUPERUSER)
        self._role = OTHER_ROLE if cursor.fetchone()[0] else None
        cursor.execute(_VIEWS)
        queries = [
            _Query(f"SELECT on view {_shown(name)}", f"SELECT {columns} FROM {name}", False, name)
            for name, columns in cursor.fetchall()
        ]
        tables = _known(sample_tables(cursor, words), release)
        self._is_empty = self._role is not None and not _has_rows(cursor, tables)
        for table in tables:
            queries.extend(_queries(table))
        if self._role is not None:
            self._grant(cursor, {one.table for one in queries})
        usable = self._usable(cursor, queries)
        known = {one.label for one in usable}
        # a constraint requires more than the required columns: omit each other column in turn
        partial = [
            query
            for table in tables
            if table.read and _required_insert(table.name) not in known
            for query in _partial_inserts(table)
        ]
        self._queries = (*usable, *(self._usable(cursor, partial) if partial else ()))

    def _usable(self, cursor: Any, queries: Sequence[_Query]) -> tuple[_Query, ...]:
        """Return the queries that succeed before the revision runs."""
        self._queries = tuple(queries)
        outcomes = self._outcomes(cursor)
        return tuple(query for query in queries if outcomes[query.label] is None)

    def _grant(self, cursor: Any, tables: set[str]) -> None:
        cursor.execute(_SCHEMAS)
        for (schema,) in cursor.fetchall():
            name = quoted(schema)
            cursor.execute(f"GRANT USAGE ON SCHEMA {name} TO {OTHER_ROLE}")
            cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {name} TO {OTHER_ROLE}")
            if tables:
                cursor.execute(
                    f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {name}"
                    f" TO {OTHER_ROLE}"
                )

    def failing(self, cursor: Any) -> dict[str, str]:
        """Return the queries that fail now, with the reason, without changing the transaction."""
        return {label: why for label, why in self._outcomes(cursor).items() if why is not None}

    def _outcomes(self, cursor: Any) -> dict[str, str | None]:
        """Run all queries on the server at once, each in a subtransaction that is rolled back."""
        if not self._queries:
            return {}
        rows = [
            [
                query.sql,
                query.other_sql or "",
                query.returns_rows and self._role is not None,
                query.writes_row,
                query.rows_to_write or _NO_ROWS,
            ]
            for query in self._queries
        ]
        # references are not checked if there are no rows
        # https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SESSION-REPLICATION-ROLE
        cursor.execute(
            _TRY_ALL.format(
                queries=_literal(json.dumps(rows)),
                role=_literal(self._role or ""),
                prepare=_REPLICATION.format("replica") if self._is_empty else "",
                restore=_REPLICATION.format("origin") if self._is_empty else "",
            )
        )
        cursor.execute("SELECT pg_catalog.current_setting('limbeck.outcomes')")
        reasons = json.loads(cursor.fetchone()[0])
        return {query.label: reason for query, reason in zip(self._queries, reasons, strict=True)}


def _known(tables: list[SampleTable], release: ReleaseTables | None) -> list[SampleTable]:
    """Return the tables that the release knows, with the columns that it knows."""
    if release is None:
        return tables
    found = []
    for one in tables:
        name = _shown(one.name)
        known = release.get(name, release.get(f"public.{name}"))
        if known is not None:
            columns = tuple(column for column in one.columns if column.name in known)
            read = tuple(column for column in one.read if column in known)
            found.append(replace(one, columns=columns, read=read))
    return found


def _has_rows(cursor: Any, tables: Sequence[SampleTable]) -> bool:
    for table in tables:
        cursor.execute(f"SELECT EXISTS (SELECT FROM {table.name})")
        if cursor.fetchone()[0]:
            return True
    return False


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _queries(table: SampleTable) -> Iterator[_Query]:
    shown = _shown(table.name)
    names = ", ".join(map(quoted, table.read))
    if not names:
        return
    yield _Query(
        f"SELECT on {shown}", f"SELECT {names} FROM {table.name} LIMIT 1", True, table.name
    )
    written = [
        column for column in table.columns if not column.is_identity and not column.is_generated
    ]
    number = ROWS + 100000
    required = [one for one in written if one.is_not_null and not one.has_default]
    plain = [one for one in written if not one.is_numbered]
    for words, columns in (("the required columns", required), ("all columns", plain)):
        yield _Query(
            f"INSERT into {shown} with {words}",
            table.insert(columns, (_new(column, number) for column in columns)),
            False,
            table.name,
            table.insert(columns, _present(columns, number)),
            writes_row=True,
        )
    changed = [quoted(one.name) for one in written if not one.is_unique]
    if changed:
        yield _Query(
            f"UPDATE of {shown}",
            f"UPDATE {table.name} SET {', '.join(f'{name} = {name}' for name in changed)}"
            f" WHERE ctid OPERATOR(pg_catalog.=) ANY"
            f" (SELECT ctid FROM {table.name} LIMIT 1)",
            True,
            table.name,
            rows_to_write=_ROWS_TO_WRITE.format(table.name, _literal(table.name)),
        )


def _required_insert(table: str) -> str:
    return f"INSERT into {_shown(table)} with the required columns"


def _partial_inserts(table: SampleTable) -> Iterator[_Query]:
    """Yield an INSERT for each optional column, without that column."""
    given = [
        column
        for column in table.columns
        if not (
            column.is_identity or column.is_generated or column.has_default or column.is_numbered
        )
    ]
    for left_out in (one for one in given if not one.is_not_null):
        columns = [one for one in given if one is not left_out]
        yield _Query(
            f"INSERT into {_shown(table.name)} without {left_out.name}",
            table.insert(columns, (_new(column, ROWS + 100000) for column in columns)),
            False,
            table.name,
            table.insert(columns, _present(columns, ROWS + 100000)),
            writes_row=True,
        )


def _new(column: SampleColumn, number: int) -> str:
    # a reference requires an existing row
    return column.value("5" if column.references else str(number))


def _present(columns: Sequence[SampleColumn], number: int) -> Iterator[str]:
    """Yield values that exist: a column that the revision makes a reference requires one.

    They increase from column to column, as a check that compares two columns may ask for.
    """
    for place, column in enumerate(columns, 5):
        is_new = column.is_unique and not column.references
        yield column.value(str(number if is_new else 5 if column.references else place))


def _shown(name: str) -> str:
    return name.removeprefix("public.").replace('"', "")
