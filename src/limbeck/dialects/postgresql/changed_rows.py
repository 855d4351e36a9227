"""What a statement of PostgreSQL has changed in rows and values, compared with those before it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from limbeck.dialects.postgresql.lock_modes import quoted_name
from limbeck.dialects.postgresql.qualified_sql import qualified
from limbeck.dialects.postgresql.sample_columns import quoted
from limbeck.dialects.postgresql.schema_snapshot import SchemaSnapshot

# the only statements that can run others and commit them
RUNS_OTHERS = re.compile(r"\s*(?:CALL|DO)\b", re.IGNORECASE)
_TRANSACTION = qualified("SELECT txid_current()")
_ROWS = qualified("SELECT count(*) FROM ONLY {table} t")
# each row bears the number of the transaction that wrote it
_LARGEST_TRANSACTION = qualified("""
SELECT max(x.n) FROM (SELECT count(*) AS n FROM ONLY {table} t
  WHERE t.xmin::pg_catalog.text::bigint > {since} GROUP BY t.xmin::pg_catalog.text) x
""")
_MAY_CHANGE = re.compile(r"\bTYPE\b|\bUPDATE\b", re.IGNORECASE)
_USING = re.compile(r"\bUSING\b", re.IGNORECASE)


class ColumnValues:
    """The values of the columns that a statement may change, from before it ran.

    Args:
        start: the catalog before the revision; columns that the revision adds are ignored.
    """

    def __init__(self, start: SchemaSnapshot) -> None:
        self._start = start
        self._values: dict[tuple[int, str], list[Any]] = {}

    def __bool__(self) -> bool:
        return bool(self._values)

    def clear(self) -> None:
        """Forget the values."""
        self._values = {}

    def read(self, cursor: Any, statement: str, before: SchemaSnapshot) -> None:
        """Read the values of the columns whose type the statement may change."""
        if not _MAY_CHANGE.search(statement):
            return
        text = statement.lower()
        for (oid, _number), (name, _type) in before.columns.items():
            one = before.relations[oid]
            is_there = oid in self._start.tables and one.kind == "r"
            if is_there and one.name.rpartition(".")[2].lower() in text and name.lower() in text:
                table = quoted_name(one.name)
                cursor.execute(
                    f"SELECT {quoted(name)}::pg_catalog.text FROM ONLY {table} ORDER BY ctid"
                )
                self._values[oid, name] = [row[0] for row in cursor.fetchall()]

    def lost(
        self, cursor: Any, statement: str, before: SchemaSnapshot, after: SchemaSnapshot
    ) -> Iterator[str]:
        """Yield descriptions of the columns that have lost values."""
        differs = self._merges if _USING.search(statement) else self._differs
        for (table, number), (name, type_name) in before.columns.items():
            is_old = (table, number) in self._start.columns
            if table not in after.relations or table not in self._start.tables or not is_old:
                continue
            now = after.columns.get((table, number))
            where = f"{before.relations[table].name}.{name}"
            if now is None:
                if (table, number) not in before.computed:
                    yield f"the values of column {where}"
            elif now[1] != type_name and differs(cursor, table, name, now[0], type_name, after):
                yield f"a part of the values of column {where}"

    def _differs(
        self, cursor: Any, oid: int, name: str, new_name: str, type_name: str, after: SchemaSnapshot
    ) -> bool:
        """Return whether the old values cannot be restored from the new ones."""
        old = self._values.get((oid, name))
        if old is None:
            return False
        table, column = quoted_name(after.relations[oid].name), quoted(new_name)
        for expression in (
            f"{column}::pg_catalog.text::{type_name}::pg_catalog.text",
            f"{column}::pg_catalog.text",
        ):
            cursor.execute("SAVEPOINT limbeck_values")
            try:
                cursor.execute(f"SELECT {expression} FROM ONLY {table} ORDER BY ctid")
                new = [row[0] for row in cursor.fetchall()]
            except Exception:
                cursor.execute("ROLLBACK TO SAVEPOINT limbeck_values")
                continue
            finally:
                with suppress(Exception):
                    cursor.execute("RELEASE SAVEPOINT limbeck_values")
            return len(new) != len(old) or any(
                not _is_same(one, other) for one, other in zip(old, new, strict=True)
            )
        return False

    def _merges(
        self, cursor: Any, oid: int, name: str, new_name: str, _type: str, after: SchemaSnapshot
    ) -> bool:
        """Return whether an expression maps several old values to the same new one."""
        old = self._values.get((oid, name))
        if old is None:
            return False
        table = quoted_name(after.relations[oid].name)
        cursor.execute(
            f"SELECT {quoted(new_name)}::pg_catalog.text FROM ONLY {table} ORDER BY ctid"
        )
        new = [row[0] for row in cursor.fetchall()]
        pairs = set(zip(old, new, strict=False))
        return len(new) != len(old) or len(pairs) != len({value for _old, value in pairs})


def _is_same(one: Any, other: Any) -> bool:
    if one == other:
        return True
    try:
        return float(one) == float(other)
    except (TypeError, ValueError):
        return one is not None and other is not None and str(one).rstrip() == str(other).rstrip()


@dataclass(frozen=True, slots=True)
class CommittedRows:
    """Numbers of rows by table.

    Args:
        deleted: how many rows it has less than before.
        written: how many rows one transaction has inserted or updated, or that were deleted.
    """

    deleted: Mapping[str, int] = field(default_factory=dict)
    written: Mapping[str, int] = field(default_factory=dict)


class RowNumbers:
    """The numbers of rows before a statement.

    Args:
        cursor: a cursor of the driver, outside a transaction.
        tables: the names of the tables.
    """

    def __init__(self, cursor: Any, tables: Iterable[str]) -> None:
        self._since = _number(cursor, _TRANSACTION)
        self._before = {name: _number(cursor, _ROWS, name) for name in tables}

    def changes(self, cursor: Any) -> CommittedRows:
        """Return what has changed since then."""
        deleted, written = {}, {}
        for name, before in self._before.items():
            deleted[name] = before - _number(cursor, _ROWS, name)
            new = _number(cursor, _LARGEST_TRANSACTION.replace("{since}", str(self._since)), name)
            written[name] = max(deleted[name], new)
        return CommittedRows(deleted, written)


def _number(cursor: Any, query: str, table: str = "") -> int:
    cursor.execute(query.replace("{table}", quoted_name(table)) if table else query)
    return int(cursor.fetchone()[0] or 0)
