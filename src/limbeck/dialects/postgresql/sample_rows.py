"""Generate rows for the tables of a PostgreSQL scratch database from types and constraints."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from limbeck.dialects.filled_tables import tables_to_fill
from limbeck.dialects.postgresql.fitting_values import with_fitting_values
from limbeck.dialects.postgresql.qualified_sql import qualified
from limbeck.dialects.postgresql.sample_columns import ROWS, SampleColumn, SampleTable, quoted

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NUMBER_LENGTH = 3
_COLUMNS = qualified("""
SELECT c.oid::bigint, format('%I.%I', n.nspname, c.relname) AS name, a.attname,
  format_type(b.type_oid, b.typmod) AS type, a.attnotnull, a.atthasdef, a.attidentity <> '',
  a.attgenerated <> '', format_type(a.atttypid, a.atttypmod),
  (SELECT min(e.enumlabel) FROM pg_enum e WHERE e.enumtypid = b.type_oid),
  (SELECT string_agg(pg_get_constraintdef(x.oid), ' ') FROM pg_constraint x
    WHERE x.contype = 'c' AND (x.conrelid = c.oid AND a.attnum = ANY (x.conkey)
      OR x.contypid = a.atttypid)),
  EXISTS (SELECT 1 FROM pg_constraint x WHERE x.conrelid = c.oid AND x.contype = 'f'
    AND a.attnum = ANY (x.conkey)),
  coalesce(pg_get_expr(c.relpartbound, c.oid), (SELECT pg_get_expr(k.relpartbound, k.oid)
    FROM pg_inherits h JOIN pg_class k ON k.oid = h.inhrelid WHERE h.inhparent = c.oid
    ORDER BY k.oid LIMIT 1)), c.relispartition, c.relkind,
  (SELECT p.partattrs[0] FROM pg_partitioned_table p WHERE p.partrelid = c.oid
    OR p.partrelid = (SELECT h.inhparent FROM pg_inherits h WHERE h.inhrelid = c.oid LIMIT 1)
    ORDER BY p.partrelid = c.oid LIMIT 1) = a.attnum,
  (SELECT string_agg(x.indexrelid::text, ' ') FROM pg_index x
    WHERE x.indrelid = c.oid AND (x.indisunique OR x.indisexclusion) AND (a.attnum = ANY (x.indkey)
      OR 0 = ANY (x.indkey) AND EXISTS (SELECT 1 FROM pg_depend d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = x.indexrelid
        AND d.refobjid = c.oid AND d.refobjsubid = a.attnum))),
  (SELECT e.typcategory = 'S' OR e.typname = 'xml' FROM pg_type e
    WHERE e.oid = CASE WHEN b.element_oid <> 0 THEN b.element_oid ELSE b.type_oid END),
  t.typtype = 'c',
  (SELECT pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%' FROM pg_attrdef d
    WHERE d.adrelid = c.oid AND d.adnum = a.attnum),
  (SELECT json_agg(pg_get_expr(x.conbin, x.conrelid)) FROM pg_constraint x
    WHERE x.contype = 'c' AND (x.conrelid = c.oid AND ARRAY[a.attnum] = x.conkey
      OR x.contypid = a.atttypid)),
  (SELECT json_agg(pg_get_expr(x.conbin, x.conrelid)) FROM pg_constraint x
    WHERE x.contype = 'c' AND x.conrelid = c.oid AND a.attnum = ANY (x.conkey)
      AND array_length(x.conkey, 1) > 1)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
CROSS JOIN LATERAL (SELECT CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE a.atttypid END,
  CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END,
  CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE 0 END) AS b(type_oid, typmod, element_oid)
WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND n.nspname NOT LIKE 'pg\\_%'
ORDER BY c.oid, a.attnum
""")
_REFERENCES = qualified("""
SELECT x.conrelid::bigint, x.confrelid::bigint FROM pg_constraint x
WHERE x.contype = 'f' AND x.conrelid <> x.confrelid
""")
_INHERITED = qualified("SELECT h.inhrelid::bigint, h.inhparent::bigint FROM pg_inherits h")
_UNVALIDATED = qualified("""
SELECT format('ALTER %s %s DROP CONSTRAINT %I', kind, owner, conname),
  format('ALTER %s %s ADD CONSTRAINT %I %s', kind, owner, conname, pg_get_constraintdef(oid))
FROM (SELECT c.oid, c.conname, CASE WHEN c.contypid <> 0 THEN 'DOMAIN' ELSE 'TABLE' END AS kind,
    CASE WHEN c.contypid <> 0 THEN c.contypid::regtype::text ELSE c.conrelid::regclass::text END
    AS owner
  FROM pg_constraint c WHERE NOT c.convalidated AND c.contype IN ('c', 'f')
    AND c.conparentid = 0) x
""")
# Each row has a separate subtransaction, so that a rejected row does not affect the others.
_FILL = """
DO $fill$ BEGIN
  FOR i IN {first}..{last} LOOP
    BEGIN
      INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE VALUES ({values});
    EXCEPTION WHEN others THEN NULL;
    END;
  END LOOP;
END $fill$
"""
_ADVANCE = qualified("""
SELECT setval(format('%I.%I', s.schemaname, s.sequencename)::regclass,
  least(s.max_value / 10 * 9, greatest(coalesce(s.last_value, 0), 100000))) FROM pg_sequences s
WHERE s.increment_by > 0 AND s.max_value > 10000
""")


def sample_tables(cursor: Any, words: Collection[str] | None = None) -> list[SampleTable]:
    """Return the tables, referenced tables first.

    Args:
        cursor: a cursor of the driver.
        words: the words of a revision's statements, to select the tables that it needs.
    """
    cursor.execute(_COLUMNS)
    found: dict[int, list[Any]] = {}
    for row in cursor.fetchall():
        found.setdefault(row[0], []).append(row)
    cursor.execute(_REFERENCES)
    parents: dict[int, set[int]] = {}
    for child, parent in cursor.fetchall():
        parents.setdefault(child, set()).add(parent)
    oids = list(found)
    if words is not None:
        related = {oid: set(parents.get(oid, ())) for oid in oids}
        cursor.execute(_INHERITED)
        for child, parent in cursor.fetchall():
            # the rows of a partitioned table are in its partitions
            related.setdefault(child, set()).add(parent)
            related.setdefault(parent, set()).add(child)
        names = {oid: found[oid][0][1] for oid in oids}
        chosen = tables_to_fill(
            {names[oid]: {names[one] for one in related[oid] if one in names} for oid in oids},
            words,
        )
        oids = [oid for oid in oids if names[oid] in chosen]
        parents = {oid: parents.get(oid, set()) & set(oids) for oid in oids}
    return with_fitting_values(cursor, [_table(found[oid]) for oid in _in_order(oids, parents)])


def _in_order(oids: list[int], parents: dict[int, set[int]]) -> Iterator[int]:
    done: set[int] = set()
    while left := [oid for oid in oids if oid not in done]:
        ready = [oid for oid in left if parents.get(oid, set()) <= done] or left[:1]
        done.update(ready)
        yield from ready


def _table(rows: list[Any]) -> SampleTable:
    varied = _varied(rows)
    columns = tuple(
        SampleColumn(
            name=row[2],
            type=row[3],
            is_not_null=row[4],
            has_default=row[5] or row[6],
            is_identity=row[6],
            is_generated=row[7],
            declared_type=row[8],
            enum_value=row[9],
            checks=row[10] or "",
            references=row[11],
            is_unique=row[2] in varied,
            is_text=bool(row[17]),
            is_composite=row[18],
            is_numbered=row[6] or bool(row[19]),
            partition_bound=row[12] if row[15] else None,
            conditions=_listed(row[20]),
            shared_conditions=_listed(row[21]),
        )
        for row in rows
        if not row[7]
    )
    read = tuple(row[2] for row in rows)
    return SampleTable(rows[0][1], columns, read, is_filled_by_partitions=rows[0][14] == "p")


def _listed(found: Any) -> tuple[str, ...]:
    """Return a JSON array, which some drivers return as text."""
    return tuple(json.loads(found) if isinstance(found, str) else found or ())


def _varied(rows: list[Any]) -> set[str]:
    """Return one column of each unique index: with another value in each row of it."""
    members: dict[str, list[Any]] = {}
    for row in rows:
        for index in (row[16] or "").split():
            members.setdefault(index, []).append(row)
    # the last one that has many values, and refers to no other table
    return {
        max(found, key=lambda row: (not _has_few_values(row), not row[11], found.index(row)))[2]
        for found in members.values()
    }


def _has_few_values(row: Any) -> bool:
    # the values of a partition key are those of one partition
    return bool(row[15]) or row[9] is not None or row[3].startswith(("boolean", "bit"))


def fill(
    connection: Connection, *, spoiled: bool = False, words: Collection[str] | None = None
) -> None:
    """Fill the tables of a scratch database, and commit.

    Args:
        connection: a connection to the scratch database.
        spoiled: add rows that the constraints allow: NULLs, duplicates, orphans, extreme values.
        words: the words of a revision's statements, to select the tables that it needs.
    """
    cursor = connection.connection.cursor()
    unvalidated = _drop_unvalidated(cursor) if spoiled else []
    tables = sample_tables(cursor, words)
    for table in tables:
        if table.columns and not table.is_filled_by_partitions:
            cursor.execute(
                _statement(table, [column.value("i") for column in table.columns], 1, ROWS)
            )
    if spoiled:
        statements = [
            _statement(table, [
                column.value("i") if column.is_not_null or column.has_default else "NULL"
                for column in table.columns
            ], ROWS + 3000, ROWS + 3000 + ROWS // 2)
            for table in tables
            if not table.is_filled_by_partitions
        ]  # fmt: skip
        statements += [
            _statement(table, values, ROWS + 1, ROWS + 2)
            for salt, table in enumerate(tables)
            if not table.is_filled_by_partitions
            for values in _spoiled_rows(table, 10 * salt)
        ]
        cursor.execute(";".join(statements) or "SELECT 1")
    for statement in unvalidated:
        cursor.execute(statement)
    cursor.execute(_ADVANCE)
    cursor.close()
    connection.connection.dbapi_connection.commit()  # type: ignore[union-attr]


def _drop_unvalidated(cursor: Any) -> list[str]:
    """Drop NOT VALID constraints, which old rows may violate; return the SQL that adds them."""
    cursor.execute(_UNVALIDATED)
    found = cursor.fetchall()
    for drop, _add in found:
        cursor.execute(drop)
    return [add for _drop, add in found]


def _statement(table: SampleTable, values: list[str], first: int, last: int) -> str:
    return _FILL.format(
        first=first,
        last=last,
        table=table.name,
        columns=", ".join(quoted(column.name) for column in table.columns),
        values=", ".join(values),
    )


def _spoiled_rows(table: SampleTable, salt: int) -> Iterator[list[str]]:
    """Yield rows with one spoiled value each; a constraint may reject them.

    Args:
        table: the table.
        salt: makes the values differ from those of other tables, so that references are invalid.
    """
    for index, column in enumerate(table.columns):
        for offset, bad in enumerate(_spoiled_values(column, salt)):
            values = [
                column.value(str(ROWS // 2)) if not column.is_unique else
                column.value(qualified(f"i + {100 * (index + 1) + 10 * offset}"))
                for column in table.columns
            ]  # fmt: skip
            values[index] = bad
            yield values


def _long_text(length: int) -> str:
    """Return texts of the full length, which differ at their end."""
    number = min(length, _NUMBER_LENGTH)
    return qualified(f"rpad('no number', {length - number}, 'x') || right(i::text, {number})")


def _spoiled_values(column: SampleColumn, salt: int) -> Iterator[str]:
    if not column.is_not_null:
        yield "NULL"
    if not column.is_unique:
        yield column.value("3")
    base, _, size = column.type.partition("(")
    base = base.strip()
    if column.type.endswith("[]"):
        yield "'{}'"
        if column.is_text:
            length = size.partition(")")[0] or 3000
            yield qualified(f"ARRAY[rpad('no number ' || i, {length}, 'x')]")
    elif base in {"smallint", "integer", "bigint"}:
        # larger than the next smaller type allows, but not so large that sums overflow
        large = {"smallint": 32000, "integer": 40000, "bigint": 3000000000}[base]
        yield qualified(f"{large + salt} + i")
        yield qualified(f"-{salt} - i")
        yield "0"
        yield qualified(f"{ROWS + 5000 + salt} + i")
    elif base in {"numeric", "real", "double precision", "money"}:
        precision = re.match(r"(\d+),(\d+)", size)
        unlimited = 14 if base == "money" else 20
        whole = int(precision[1]) - int(precision[2]) if precision else unlimited
        yield qualified("9" * max(whole - 1, 1) + " + 0.6")
        yield "3.4" if base == "numeric" else qualified("i + (1.0 / 3)")
        yield qualified("0 - i")
        yield "0"
    elif base.startswith(("character", "text", "citext")) or base == "name":
        length = int(size.partition(")")[0]) if size else 3000
        yield from (_long_text(length), "''", "'-'")
        # texts that differ in case only
        yield from (
            column.value(qualified(f"'{letter}' || (i % 2)")) for letter in "xX" if column.is_unique
        )
    elif base.startswith("json"):
        yield '\'{"a": 1, "a": 2}\''
        yield "'\"text\"'"
    elif base == "date" or base.startswith("timestamp"):
        yield "'0001-01-01'"
        yield "'infinity'"
