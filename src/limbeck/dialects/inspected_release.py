"""The queries of the running release, for the tables that SQLAlchemy reads."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.dialects.inspected_rows import (
    NEW_ROW,
    InspectedColumn,
    InspectedTable,
    inspected_tables,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from limbeck.dialects.measurement import ReleaseTables

# errors of MySQL: out of range, truncated, too long
# https://mariadb.com/kb/en/mariadb-error-code-reference/
_DOES_NOT_FIT = frozenset({1264, 1265, 1406})
# violated checks of MariaDB and MySQL
_CHECKS = frozenset({4025, 3819})


_ALL = " with all columns"


class InspectedRelease:
    """SELECT, INSERT and UPDATE of every table and view, in the schema of the parent revision.

    Args:
        connection: a connection to the database, before the revision runs.
        words: the words of the revision's statements, to select the tables that it needs.
        release: the tables and columns that the release knows; None for all.
    """

    def __init__(
        self,
        connection: Connection,
        words: Collection[str] | None = None,
        release: ReleaseTables | None = None,
    ) -> None:
        self._views: dict[str, tuple[str, ...]] = {}
        self._number = NEW_ROW
        quote = connection.dialect.identifier_preparer.quote
        inspector = sa.inspect(connection)
        for view in inspector.get_view_names():
            with suppress(Exception):
                names = ", ".join(quote(one["name"]) for one in inspector.get_columns(view))
                self._views[f"SELECT on view {view}"] = (f"SELECT {names} FROM {quote(view)}",)
        self._all_tables = inspected_tables(connection, words)
        self._tables = _known(self._all_tables, release)
        connection.rollback()
        self._default_row = (
            "() VALUES ()" if connection.dialect.name in {"mysql", "mariadb"} else "DEFAULT VALUES"
        )
        self._unusable: set[str] = set()
        self._partial: set[str] = set()
        self._checks_references: str | None = None
        if connection.dialect.name in {"mysql", "mariadb"} and not self._has_rows(connection):
            self._checks_references = "SET foreign_key_checks = {}"
        driver = connection.connection
        self._unusable = set(self.failing(driver))
        self._partial = {
            one.name for one in self._tables if _required_insert(one.name) in self._unusable
        }
        self._unusable |= set(self.failing(driver))

    def _has_rows(self, connection: Connection) -> bool:
        quote = connection.dialect.identifier_preparer.quote
        found = any(
            connection.exec_driver_sql(f"SELECT 1 FROM {quote(one.name)} LIMIT 1").first()
            for one in self._tables
        )
        connection.rollback()
        return found

    def _queries(self) -> dict[str, tuple[str, ...]]:
        found = dict(self._views)
        for table in self._tables:
            found.update(_queries(table, self._number, self._default_row))
            if table.name in self._partial:
                found.update(_partial_inserts(table, self._number))
        return {label: texts for label, texts in found.items() if label not in self._unusable}

    def writes(self, table: str) -> dict[str, str]:
        """Return the INSERT and UPDATE of a table."""
        found = {}
        for one in self._all_tables:
            queries = _queries(one, self._number, self._default_row) if one.name == table else {}
            for label, texts in queries.items():
                if label == f"INSERT into {table}{_ALL}":
                    found["insert"] = texts[0]
                elif label == f"UPDATE of {table}":
                    found["update"] = texts[0]
        return found

    def failing(self, driver: Any) -> dict[str, str]:
        """Return the queries that fail now, with the reason; their changes are rolled back."""
        found = {}
        # rows of a table without transactions remain: the next rows get other keys
        self._number += 1
        cursor = driver.cursor()
        before = 1
        if self._checks_references is not None:  # there are no rows to reference
            cursor.execute("SELECT @@foreign_key_checks")
            before = cursor.fetchone()[0]
            cursor.execute(self._checks_references.format(0))
        for label, texts in self._queries().items():
            reason = None
            for text in texts:
                # an optional column may be left out
                reason = _failure(cursor, text, _CHECKS if label.endswith(_ALL) else frozenset())
                if reason is None:
                    break
            if reason is not None:
                found[label] = reason
        if self._checks_references is not None:
            cursor.execute(self._checks_references.format(before))
        cursor.close()
        return found


def _known(tables: list[InspectedTable], release: ReleaseTables | None) -> list[InspectedTable]:
    """Return the tables that the release knows, with the columns that it knows."""
    if release is None:
        return tables
    return [
        replace(
            one,
            columns=tuple(column for column in one.columns if column.name in release[one.name]),
            read=tuple(name for name in one.read if name in release[one.name]),
        )
        for one in tables
        if one.name in release
    ]


def _failure(cursor: Any, text: str, ignored: Collection[int]) -> str | None:
    cursor.execute("SAVEPOINT limbeck_query")
    try:
        cursor.execute(text)
        cursor.fetchall()
    except Exception as error:
        # whether a value fits depends on the value: only existing values are judged
        if error.args and (error.args[0] in _DOES_NOT_FIT or error.args[0] in ignored):
            return None
        return str(error.args[-1] if error.args else error)
    finally:
        with suppress(Exception):
            cursor.execute("ROLLBACK TO SAVEPOINT limbeck_query")
            cursor.execute("RELEASE SAVEPOINT limbeck_query")
    return None


def _required_insert(table: str) -> str:
    return f"INSERT into {table} with the required columns"


def _inserts(table: InspectedTable, columns: list[InspectedColumn], number: int) -> tuple[str, ...]:
    """Return an INSERT with new values, and one with existing values.

    Existing values increase from column to column, as a check of two columns may ask for.
    """
    new = [one.literal(5 if one.references else number) for one in columns]
    existing = [
        one.literal(number if one.is_unique else 5 if one.references else place)
        for place, one in enumerate(columns, 5)
    ]
    return table.insert(columns, [new]), table.insert(columns, [existing])


def _partial_inserts(table: InspectedTable, number: int) -> Mapping[str, tuple[str, ...]]:
    """Return an INSERT for each optional column, without that column."""
    given = [one for one in table.columns if not one.has_default]
    return {
        f"INSERT into {table.name} without {left_out.name}": _inserts(
            table, [one for one in given if one is not left_out], number
        )
        for left_out in given
        if left_out.is_nullable and len(given) > 1
    }


def _queries(table: InspectedTable, number: int, default_row: str) -> Mapping[str, tuple[str, ...]]:
    quote = table.quote
    name = quote(table.name)
    columns = table.columns
    found: dict[str, tuple[str, ...]] = {}
    if columns:
        names = ", ".join(map(quote, table.read))
        found[f"SELECT on {table.name}"] = (f"SELECT {names} FROM {name} LIMIT 1",)
    plain = [one for one in columns if not one.has_default]
    required = [one for one in plain if not one.is_nullable]
    found[_required_insert(table.name)] = (
        _inserts(table, required, number) if required else (f"INSERT INTO {name} {default_row}",)
    )
    if plain:
        found[f"INSERT into {table.name}{_ALL}"] = _inserts(table, plain, number)
    changed = [quote(one.name) for one in columns if not one.is_unique]
    if changed:
        pairs = ", ".join(f"{one} = {one}" for one in changed)
        found[f"UPDATE of {table.name}"] = (f"UPDATE {name} SET {pairs}",)
    return found
