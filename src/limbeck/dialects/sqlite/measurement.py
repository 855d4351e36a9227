"""Measure a statement on SQLite: its amount of work, and what a copy of a table loses."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from limbeck.dialects.inspected_release import InspectedRelease
from limbeck.dialects.inspected_rows import fill_rows
from limbeck.dialects.measurement import EVERYTHING, WRITES, Measured, ReleaseTables, names_in

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

ORDER = ("SHARED", "EXCLUSIVE")
_ROWS = 3000
# Work that grows with the number of rows takes some steps of the virtual machine for each row.
# https://www.sqlite.org/c3ref/progress_handler.html
_STEP = 100
_LONG = _ROWS // _STEP
_WRITES = frozenset({sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE})
# https://www.sqlite.org/pragma.html#pragma_table_xinfo
_HIDDEN, _GENERATED = 1, frozenset({2, 3})
_REBUILD = re.compile(
    r"\s*(REINDEX|VACUUM)\b\s*(?:main\.)?([\w$]+|\"[^\"]+\")?\s*;?\s*$", re.IGNORECASE
)
_READS = ("SELECT", "PRAGMA", "EXPLAIN", "BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "WITH")
_TABLE_WORDS = (
    "CHECK", "COLLATE", "ON DELETE", "ON UPDATE", "AUTOINCREMENT", "GENERATED", "UNIQUE",
    "REFERENCES", "NOT NULL", "DEFAULT", "STRICT", "WITHOUT ROWID",
)  # fmt: skip
_LITERAL = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _State:
    """The schema and the numbers of rows at one point.

    Args:
        objects: type, table and SQL by name.
        roots: the first page of each table.
        rows: the number of rows of each table.
        columns: names and declared types of each table.
        generated: table and name of generated columns.
    """

    objects: Mapping[str, tuple[str, str, str]] = field(default_factory=dict)
    roots: Mapping[str, int] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    generated: frozenset[tuple[str, str]] = frozenset()


class SqliteProbe:
    """Measures statements on one connection to a scratch database.

    Args:
        connection: the connection that runs the revision.
        engine: not used, because a second connection would have to wait.
        words: the words of the revision's statements; None for queries of all tables.
        release: the tables and columns that the running release knows; None for all.
    """

    def __init__(
        self,
        connection: Connection,
        engine: Engine,
        words: Collection[str] | None = None,
        release: ReleaseTables | None = None,
    ) -> None:
        del engine
        self._release = InspectedRelease(connection, words, release)
        self._driver: Any = connection.connection.dbapi_connection
        self._start = self._state()
        self._before = self._start
        self._values: dict[tuple[str, str], list[Any]] = {}
        self._steps = 0
        self._written: set[str] = set()
        self._gone: dict[str, dict[str, list[Any]]] = {}
        self._rebuilt: set[str] = set()

    def close(self) -> None:
        """Stop counting."""
        self._stop()

    def _stop(self) -> None:
        self._driver.set_progress_handler(None, 0)
        self._driver.set_authorizer(None if sys.version_info >= (3, 11) else _allow)

    def _rows(self, query: str) -> list[Any]:
        return list(self._driver.execute(query).fetchall())

    def _state(self) -> _State:
        objects, roots, rows, columns = {}, {}, {}, {}
        generated = set()
        for kind, name, table, root, text in self._rows(
            "SELECT type, name, tbl_name, rootpage, sql FROM sqlite_master"
            " WHERE name NOT LIKE 'sqlite_%'"
        ):
            objects[name] = (kind, table, text or "")
            if kind == "table":
                roots[name] = root
                quoted = name.replace('"', '""')
                rows[name] = self._rows(f'SELECT count(*) FROM "{quoted}"')[0][0]
                listed = self._rows(f'PRAGMA table_xinfo("{quoted}")')
                listed = [row for row in listed if row[6] != _HIDDEN]
                columns[name] = {row[1]: row[2] for row in listed}
                generated |= {(name, row[1]) for row in listed if row[6] in _GENERATED}
        return _State(objects, roots, rows, columns, frozenset(generated))

    # ── before and after a statement ──────────────────────────────────────

    def before(self, statement: str, *, in_transaction: bool, continues: bool) -> str | None:
        """Record the schema, and start counting."""
        del in_transaction
        if not continues:
            self._before = self._state()
            self._values = self._all_values(statement)
            self._steps = 0
            self._written = set()
        self._driver.set_progress_handler(self._count, _STEP)
        self._driver.set_authorizer(self._note_write)
        return None

    def _note_write(self, action: int, table: str | None, *_rest: str | None) -> int:
        """Record the tables that a statement inserts into, updates or deletes from.

        https://www.sqlite.org/c3ref/set_authorizer.html
        """
        if action in _WRITES and table is not None:
            self._written.add(table)
        return sqlite3.SQLITE_OK

    def _count(self) -> int:
        self._steps += 1
        return 0

    def after(self, statement: str, *, in_transaction: bool) -> Measured:
        """Compare the schema with that before the statement."""
        del in_transaction
        self._stop()
        before, after = self._before, self._state()
        words = names_in(statement)
        restored = {name: self._gone.pop(name) for name in set(self._gone) & set(after.rows)}
        self._rebuilt |= set(restored)
        for name in set(before.rows) & set(self._start.roots) - set(after.rows):
            self._gone[name] = {
                column: values for (table, column), values in self._values.items() if table == name
            }
        touched = tuple(sorted({*self._touched(statement, before, after), *restored}))
        is_read = statement.lstrip().upper().startswith(_READS) and not self._written
        is_write = bool(touched) and not is_read
        copied = {name for name, values in restored.items() if any(values.values())}
        is_long = is_write and self._steps >= _LONG and any(before.rows.get(one) for one in touched)
        rewrites = tuple(self._rewrites(statement, before, after)) if is_long else ()
        rewrites, is_long = (*rewrites, *copied), is_long or bool(copied)
        locks = dict.fromkeys(touched, "EXCLUSIVE") if is_write else {}
        return Measured(
            locks=locks,
            strongest="EXCLUSIVE" if locks else None,
            rewrites=rewrites,
            scans=touched if is_long else (),
            # readers are only blocked during the COMMIT, which is brief
            blocks=dict.fromkeys(locks, WRITES if is_long else EVERYTHING),
            is_long=is_long,
            lost=(*self._lost(statement, before, after), *self._not_restored(restored, after)),
            dropped=(
                *self._dropped(before, after, words),
                *(one for name in restored for one in self._left_out(name, after)),
            ),
            restored=tuple(restored),
        )

    def _not_restored(
        self, restored: Mapping[str, Mapping[str, list[Any]]], after: _State
    ) -> Iterator[str]:
        """Yield the data of a table that the table which replaces it lacks."""
        for table, values in restored.items():
            for column, old in values.items():
                if (table, column) in self._start.generated:
                    continue
                if column not in after.columns[table]:
                    yield f"the values of column {table}.{column}"
                    continue
                new = self._stored(table, column)
                if len(new) < len(old):
                    yield f"{len(old) - len(new)} rows of table {table}"
                    break
                if _comparable(old) != _comparable(new):
                    yield f"a part of the values of column {table}.{column}"

    def _left_out(self, table: str, after: _State) -> Iterator[str]:
        """Yield the keywords of a table's definition that its replacement lacks."""
        was, now = _words(self._start.objects[table][2]), _words(after.objects[table][2])
        for word, number in (was - now).items():
            yield f"{number} {word} of table {table}"

    def missing_at_end(self) -> tuple[str, ...]:
        """Return the indexes and triggers that were dropped with a table and not created again."""
        now = self._state()
        return tuple(
            f"{kind} {name}"
            for name, (kind, table, _text) in self._start.objects.items()
            if table in self._rebuilt and name not in now.objects
        )

    def _touched(self, statement: str, before: _State, after: _State) -> Iterator[str]:
        words = names_in(statement)
        rebuilt = _rebuilt(statement, before)
        for name in self._start.roots:
            was, now = before.objects.get(name), after.objects.get(name)
            # a rename changes the text of the tables that reference the table
            is_changed = was != now and (name.lower() in words or now is None)
            has_moved = before.roots.get(name) != after.roots.get(name)
            has_other_rows = before.rows.get(name) != after.rows.get(name)
            indexes_differ = any(
                one[1] == name
                for key in before.objects.keys() ^ after.objects.keys()
                if (one := before.objects.get(key) or after.objects[key])[0] == "index"
            )
            is_written = name in self._written or name in rebuilt
            if name in before.roots and (
                is_changed or has_moved or has_other_rows or indexes_differ or is_written
            ):
                yield name

    def _rewrites(self, statement: str, before: _State, after: _State) -> Iterator[str]:
        for name, root in before.roots.items():
            if name not in self._start.roots:
                continue
            is_new_copy = name in after.roots and after.roots[name] != root
            removed = set(before.columns[name]) - set(after.columns.get(name, before.columns[name]))
            drops_column = removed and re.search(r"\bDROP\b", statement, re.IGNORECASE)
            is_copied = name not in after.roots and len(after.roots) == len(before.roots)
            is_copied = is_copied and "INSERT" in statement.upper()
            is_vacuum = re.match(r"\s*VACUUM", statement, re.IGNORECASE)
            if is_new_copy or drops_column or is_copied or is_vacuum:
                yield name

    def _dropped(self, before: _State, after: _State, words: set[str]) -> Iterator[str]:
        gone = set(before.roots) - set(after.roots)
        for name, (kind, table, _text) in before.objects.items():
            is_expected = kind == "table" or table in gone or name.lower() in words
            if name not in after.objects and not is_expected:
                yield f"{kind} {name}"
        for name in before.roots:
            if name not in after.roots or before.roots[name] == after.roots[name]:
                continue
            was, now = _words(before.objects[name][2]), _words(after.objects[name][2])
            for word, number in (was - now).items():
                yield f"{number} {word} of table {name}"

    # ── lost rows and values ──────────────────────────────────────────────

    def _all_values(self, statement: str) -> dict[tuple[str, str], list[Any]]:
        text = statement.lower()
        if not re.search(r"insert|update|(?:create|drop)\s+table", text):
            return {}
        return {
            (table, column): self._stored(table, column)
            for table, columns in self._before.columns.items()
            for column in columns
            if table in self._start.roots
        }

    def _stored(self, table: str, column: str) -> list[Any]:
        return [row[0] for row in self._rows(f'SELECT "{column}" FROM "{table}" ORDER BY 1')]

    def _lost(self, statement: str, before: _State, after: _State) -> Iterator[str]:
        is_rename = re.search(r"\bRENAME\b", statement, re.IGNORECASE) is not None
        for name, number in before.rows.items():
            if name not in self._start.roots:
                continue
            if name not in after.rows:
                if number and not (is_rename and len(after.roots) >= len(before.roots)):
                    yield f"the rows of table {name}"
                continue
            if number - after.rows[name] >= _ROWS // 3:
                yield f"{number - after.rows[name]} rows of table {name}"
            gone = set(before.columns[name]) - set(after.columns[name])
            added = set(after.columns[name]) - set(before.columns[name])
            if not (is_rename and len(gone) == len(added)):
                for column in sorted(gone):
                    if (name, column) not in before.generated:
                        yield f"the values of column {name}.{column}"
            if before.roots[name] != after.roots[name]:
                yield from self._changed_values(name, after)

    def _changed_values(self, table: str, after: _State) -> Iterator[str]:
        for column in self._before.columns[table]:
            old = self._values.get((table, column))
            if column not in after.columns[table] or old is None:
                continue
            new = self._stored(table, column)
            if len(old) == len(new) and _comparable(old) != _comparable(new):
                yield f"a part of the values of column {table}.{column}"

    def failing_queries(self) -> Mapping[str, str]:
        """Run the queries of the running release."""
        return self._release.failing(self._driver)

    def left_behind(self) -> tuple[str, ...]:
        """Return nothing: a failed statement has no effect."""
        return ()

    def rejects_every_row(self, error: BaseException) -> bool:
        """Return whether the statement failed because a new column has no value."""
        return "Cannot add a NOT NULL column" in str(error)


def _allow(*_arguments: object) -> int:
    return sqlite3.SQLITE_OK


def _rebuilt(statement: str, state: _State) -> set[str]:
    """Return the tables that REINDEX or VACUUM processes."""
    match = _REBUILD.match(statement)
    if match is None:
        return set()
    name = (match[2] or "").strip("\"'`[]")
    one = state.objects.get(name)
    return set(state.roots) if one is None else {one[1]}


def _words(text: str) -> Counter[str]:
    plain = re.sub(r"\s+", " ", _LITERAL.sub(" ", text)).upper()
    return Counter(
        {word: len(re.findall(rf"\b{word}\b", plain)) for word in _TABLE_WORDS if word in plain}
    )


def _comparable(values: list[Any]) -> list[str]:
    def text(value: Any) -> str:
        try:
            return str(float(value))
        except (TypeError, ValueError):
            return str(value)

    return sorted(map(text, values))


def open_probe(
    connection: Connection,
    engine: Engine,
    words: Collection[str] | None = None,
    release: ReleaseTables | None = None,
) -> SqliteProbe:
    """Return a probe for a connection to a scratch database."""
    return SqliteProbe(connection, engine, words, release)


def fill(
    connection: Connection, *, spoiled: bool = False, words: Collection[str] | None = None
) -> None:
    """Fill the tables of a scratch database, or those that a revision's statements name."""
    fill_rows(connection, _ROWS, spoiled=spoiled, words=words)
