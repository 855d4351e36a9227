"""Compare the reference rows that the models declare with the rows of the database."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import logging
import uuid
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator, TypeEngine

from limbeck.autogenerate.draft_operations import NoteOp
from limbeck.catalog import Computed, Key, Table
from limbeck.operations import DeleteRowsOp, InsertRowsOp, Operation, UpdateRowsOp
from limbeck.sqlalchemy_io import DeclaredRows, Writer, rows_declared_in

if TYPE_CHECKING:
    from limbeck.autogenerate.comparison import Comparison
    from limbeck.render import RenderContext

_log = logging.getLogger("alembic.autogenerate.compare.rows")
_SHOWN = 5  # keys in a message


@dataclass
class RowChanges:
    """The changes of rows.

    Args:
        before: changes that run before the changes of the schema.
        after: changes that run after them.
    """

    before: list[Operation] = field(default_factory=list)
    after: list[Operation] = field(default_factory=list)


def row_changes(ctx: RenderContext, comparison: Comparison) -> RowChanges:
    """Compare the declared rows of all tables with the database.

    Tables are processed in the order of their foreign keys; deletions come last, in reverse order.
    Without a database, only the rows of new tables are drafted.

    Args:
        ctx: options, filters, connection.
        comparison: the two catalogs.
    """
    changes = RowChanges()
    deletions: list[Operation] = []
    for key, model, declared in _declarations(ctx, comparison):
        table = _TableRows(ctx, comparison, key, model, declared)
        if table.present is None:
            changes.after += table.all_inserted()
        elif ctx.connection is not None:
            inserted, deleted = table.compared()
            changes.after += inserted
            # while the database has all columns of the deleted rows
            (changes.before if table.loses_columns else deletions)[:0] = deleted
        else:
            _log.info("The rows of %s are compared with a database only", model.fullname)
    changes.after += deletions
    return changes


def _declarations(
    ctx: RenderContext, comparison: Comparison
) -> Iterator[tuple[Key, sa.Table, DeclaredRows]]:
    for metadata in ctx.metadatas:
        declarations = rows_declared_in(metadata)
        if not declarations:
            continue
        keys = {
            id(comparison.snapshot.origins.get(key)): key
            for key in comparison.target.objects
            if key.kind == "table"
        }
        for table in metadata.sorted_tables:
            declared = declarations.get(table.fullname)
            if declared is not None and id(table) in keys:
                yield keys[id(table)], table, declared


class _TableRows:
    """The rows of one table.

    Args:
        ctx: options, filters, connection.
        comparison: the two catalogs.
        key: the table's key in the models.
        model: the models' table.
        declared: its declared rows.
    """

    def __init__(
        self,
        ctx: RenderContext,
        comparison: Comparison,
        key: Key,
        model: sa.Table,
        declared: DeclaredRows,
    ) -> None:
        self._connection = ctx.connection
        self._comparison = comparison
        self._key = key
        self._model = model
        self._declared = declared
        self._old_names = {
            column.name: comparison.old_columns.get((key, column.name), column.name)
            for column in model.columns
        }
        table = comparison.before.get(comparison.present_key(key))
        self.present = table if isinstance(table, Table) else None

    @property
    def loses_columns(self) -> bool:
        """Whether the draft drops or renames columns of the table."""
        assert self.present is not None  # noqa: S101 - the caller has looked; for mypy
        wanted = {column.name for column in self._model.columns}
        return any(column.name not in wanted for column in self.present.columns)

    def all_inserted(self) -> list[Operation]:
        """Return the insertion of the rows of a new table; they are dropped with the table."""
        rows = [self._plain(row) for row in self._declared.rows]
        descriptions = [self._words(row) for row in rows]
        return [self._insert(rows, descriptions, NoteOp(""))] if rows else []

    def compared(self) -> tuple[list[Operation], list[Operation]]:
        """Return the insertions and updates, and the deletions."""
        present = {self._identity(row): row for row in self._read(self._compared_columns())}
        wanted = {self._identity(row): row for row in self._declared.rows}
        changes: list[Operation] = []
        new = [self._plain(row) for identity, row in wanted.items() if identity not in present]
        if new:
            keys = [self._only_key(row) for row in new]
            descriptions = [self._words(row) for row in new]
            delete = DeleteRowsOp(
                self._key.name, keys, schema=self._model.schema, keys=descriptions, old_rows=new
            )
            changes.append(self._insert(new, descriptions, delete))
        changes += self._updated(wanted, present)
        gone = [row for identity, row in present.items() if identity not in wanted]
        if not gone or self._declared.undeclared == "keep":
            return changes, []
        return changes, [self._deleted({self._identity(row) for row in gone})]

    def _insert(
        self, rows: list[dict[str, Any]], descriptions: list[str], back: Operation
    ) -> InsertRowsOp:
        return InsertRowsOp(
            self._key.name,
            rows,
            schema=self._model.schema,
            keys=_shortened(descriptions),
            reversed_=back,
        )

    def _updated(
        self,
        wanted: Mapping[Hashable, Mapping[str, Any]],
        present: Mapping[Hashable, Mapping[str, Any]],
    ) -> Iterator[Operation]:
        rows, old_rows = [], []
        for identity, row in wanted.items():
            if identity not in present:
                continue
            changed = [name for name in row if self._differs(name, row, present[identity])]
            if not changed:
                continue
            key = self._only_key(self._plain(row))
            rows.append({**key, **self._plain({name: row[name] for name in changed})})
            before = {
                name: present[identity][name] for name in changed if name in present[identity]
            }
            if before:
                old_rows.append({**key, **self._plain(before)})
        if rows:
            yield UpdateRowsOp(
                self._key.name,
                rows,
                key=self._declared.key,
                schema=self._model.schema,
                keys=_shortened([self._words(row) for row in rows]),
                old_rows=old_rows,
            )

    def _deleted(self, gone: set[Hashable]) -> Operation:
        assert self.present is not None  # noqa: S101 - the caller has looked; for mypy
        names = {old: new for new, old in self._old_names.items()}
        columns = {
            column.name: column.name
            for column in self.present.columns
            if not isinstance(column.default, Computed)
        }
        whole = []
        for row in self._read(columns):
            renamed = {names.get(name, name): value for name, value in row.items()}
            if self._identity(renamed) in gone:
                whole.append(row if self.loses_columns else renamed)
        if self.loses_columns:
            key, schema = self._comparison.present_key(self._key), None
            schema = key.namespace
            where = [self._old_names[name] for name in self._declared.key]
        else:
            key, schema = self._key, self._model.schema
            where = list(self._declared.key)
        plain = [self._plain(row) for row in whole]
        keys = [{name: row[name] for name in where} for row in plain]
        descriptions = _shortened([", ".join(str(value) for value in row.values()) for row in keys])
        return DeleteRowsOp(key.name, keys, schema=schema, keys=descriptions, old_rows=plain)

    # ── rows of the database ──────────────────────────────────────────────

    def _compared_columns(self) -> dict[str, str]:
        """Return the columns to read, by their names in the models."""
        assert self.present is not None  # noqa: S101 - the caller has looked; for mypy
        present = {column.name for column in self.present.columns}
        names = dict.fromkeys([*self._declared.key, *(n for r in self._declared.rows for n in r)])
        return {name: self._old_names[name] for name in names if self._old_names[name] in present}

    def _read(self, columns: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        present = self._comparison.present_key(self._key)
        table = sa.table(present.name, schema=present.namespace)
        selected = [
            sa.column(old, self._type(name)).label(f"c{position}")
            for position, (name, old) in enumerate(columns.items())
        ]
        assert self._connection is not None  # noqa: S101 - the caller has looked; for mypy
        for row in self._connection.execute(sa.select(*selected).select_from(table)):
            yield dict(zip(columns, row, strict=True))

    def _type(self, name: str) -> TypeEngine[Any]:
        """Return the type of a column in the models, or in the database if the models lack it."""
        new = {old: new for new, old in self._old_names.items()}.get(name, name)
        if new in self._model.c:
            return self._model.c[new].type
        writer = Writer(self._comparison.before, self._comparison.sa_dialect)
        column = None if self.present is None else self.present.column(name)
        return sa.types.NullType() if column is None else writer.type(column.type)

    # ── values ────────────────────────────────────────────────────────────

    def _identity(self, row: Mapping[str, Any]) -> Hashable:
        return tuple(_comparable(self._type(name), row[name]) for name in self._declared.key)

    def _differs(self, name: str, row: Mapping[str, Any], present: Mapping[str, Any]) -> bool:
        if name not in present:  # the draft adds the column
            return row[name] is not None or self._model.c[name].server_default is not None
        type_ = self._type(name)
        return not _is_same(_comparable(type_, row[name]), _comparable(type_, present[name]))

    def _plain(self, row: Mapping[str, Any]) -> dict[str, Any]:
        dialect = self._comparison.sa_dialect
        return {name: _plain_value(self._type(name), row[name], dialect) for name in row}

    def _only_key(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {name: row[name] for name in self._declared.key}

    def _words(self, row: Mapping[str, Any]) -> str:
        return ", ".join(str(row[name]) for name in self._declared.key)


def _shortened(descriptions: Sequence[str]) -> list[str]:
    shown = list(descriptions[:_SHOWN])
    return (
        [*shown, f"and {len(descriptions) - _SHOWN} more"] if len(descriptions) > _SHOWN else shown
    )


def _label(type_: sa.Enum, value: Any) -> Any:
    """Return the text that the database stores for a member of an enumeration."""
    if type_.enum_class is None or (isinstance(value, str) and value in type_.enums):
        return value
    members = list(type_.enum_class)
    names = type_.enums
    if isinstance(value, str):
        return value
    return names[members.index(value)] if value in members else value


def _plain_value(type_: TypeEngine[Any], value: Any, dialect: Any) -> Any:
    """Return a value of a built-in class that can be written as a literal into a file."""
    if isinstance(type_, TypeDecorator):
        stored = type_.process_bind_param(value, dialect)
        return _plain_value(type_.impl_instance, stored, dialect)
    if value is None:
        return None
    if isinstance(type_, sa.Enum):
        return _label(type_, value)
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(dt.timezone.utc)  # drivers return time zones that have no literal
    return bytes(value) if isinstance(value, memoryview | bytearray) else value


def _comparable(type_: TypeEngine[Any], value: Any) -> Hashable:  # noqa: C901, PLR0911 -- a table of cases
    """Return a value in a form in which models and database can be compared."""
    if value is None:
        return None
    if isinstance(type_, TypeDecorator):
        return value if isinstance(value, Hashable) else repr(value)
    if isinstance(type_, sa.Enum):
        label = _label(type_, value)
        return label if isinstance(label, Hashable) else str(label)
    if isinstance(type_, sa.JSON):
        return json.dumps(value, sort_keys=True, default=str)
    if isinstance(type_, sa.Boolean):
        return bool(value)
    if isinstance(type_, sa.Float):
        return float(value)
    if isinstance(type_, sa.Numeric):
        number = decimal.Decimal(str(value))
        scale = getattr(type_, "scale", None)
        return number if scale is None else round(number, scale)
    if isinstance(type_, sa.DateTime):
        return _moment(value)
    if isinstance(type_, sa.Date) and isinstance(value, dt.datetime):
        return value.date()
    if isinstance(type_, sa.Uuid) or isinstance(value, uuid.UUID):
        return str(value).replace("-", "")
    if isinstance(type_, sa.CHAR):
        return str(value).rstrip(" ")
    if isinstance(value, memoryview | bytearray):
        return bytes(value)
    return value if isinstance(value, Hashable) else repr(value)


def _moment(value: Any) -> Hashable:
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(dt.timezone.utc)
    return value if isinstance(value, Hashable) else str(value)


def _is_same(wanted: Hashable, present: Hashable) -> bool:
    if isinstance(wanted, float) and isinstance(present, float):
        return abs(wanted - present) <= 1e-6 * max(abs(wanted), abs(present))
    if isinstance(wanted, dt.datetime) and isinstance(present, dt.datetime):
        if (wanted.tzinfo is None) != (present.tzinfo is None):
            return wanted.replace(tzinfo=None) == present.replace(tzinfo=None)
        # a column without fractions of a second rounds them
        is_rounded = present.microsecond == 0
        return wanted == present or (
            is_rounded and abs(wanted - present) <= dt.timedelta(seconds=0.5)
        )
    return wanted == present
