"""Values that an enum type gains or loses, and the other changes that use them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import Enum as SqlEnum

from limbeck.autogenerate.backfill import FillOp
from limbeck.catalog import Catalog, Column, Enum, Expr, Key
from limbeck.diff import Alter, Change, Create, Drop
from limbeck.sql import quote_literal, unquote_literal

if TYPE_CHECKING:
    from limbeck.autogenerate.comparison import Comparison
    from limbeck.autogenerate.sqlalchemy_objects import Objects

Place = tuple[Key, str]


@dataclass
class EnumChanges:
    """What a changed enum type means for the other changes of a draft.

    Args:
        changes: all changes of a draft.
    """

    changes: Sequence[Change]

    def defaults_to_drop(self, change: Alter) -> Iterator[Alter]:
        """Yield the changes of columns whose default is a value that is added or removed.

        Neither the old nor the new default fits the type on both sides of its change.

        Args:
            change: of an enum type.
        """
        old, new = change.old, change.new
        if not isinstance(old, Enum) or not isinstance(new, Enum):
            return
        changed = {*old.values} ^ {*new.values}
        for other in self.changes:
            if not isinstance(other, Alter) or other.owner is None or "default" not in other.fields:
                continue
            if not isinstance(other.old, Column) or not isinstance(other.new, Column):
                continue
            if new.key in {other.old.type.ref, other.new.type.ref} and any(
                _says(column.default, changed) for column in (other.old, other.new)
            ):
                yield other

    def needs_commit(self, change: Alter) -> tuple[bool, bool]:
        """Return whether the new values of a type have to be committed before they are used.

        Args:
            change: of an enum type.

        Returns:
            The answer for this way and for the way back.
        """
        old, new = change.old, change.new
        if not isinstance(old, Enum) or not isinstance(new, Enum):
            return False, False
        there = _is_added(old, new) and any(
            _says(part, {*new.values} - {*old.values})
            for other in self.changes
            for part in _afterwards(other)
        )
        back = _is_added(new, old) and any(
            _says(part, {*old.values} - {*new.values})
            for other in self.changes
            for part in _before(other)
        )
        return there, back


def columns_of_type(catalog: Catalog, key: Key) -> tuple[tuple[str | None, str, str], ...]:
    """Return schema, table and name of the columns that have an enum type, arrays left out.

    Args:
        catalog: of the database.
        key: the type.
    """
    return tuple(
        (table.key.namespace, table.key.name, column.name)
        for table in catalog.tables
        for column in table.columns
        if column.type.ref == key and not column.type.dimensions
    )


def replaced_values(comparison: Comparison, objects: Objects) -> Iterator[FillOp]:
    """Yield an UPDATE for each dropped value of an Enum that is no type of its own.

    The database keeps it as text, or as a part of the column's type, as MySQL does.

    Args:
        comparison: what is compared, with the answers of the user.
        objects: SQLAlchemy objects of both sides.
    """
    dialect = comparison.sa_dialect
    quote = dialect.identifier_preparer.quote
    for answer, other in sorted(comparison.answers.values.items()):
        name, _, value = answer.rpartition(".")
        for table in comparison.target.tables:
            if table.key not in comparison.current:
                continue
            for column in objects.target(table.key).columns:
                kind: Any = column.type
                if not isinstance(kind, SqlEnum) or kind.name != name:
                    continue
                is_native = kind.native_enum and dialect.supports_native_enum
                if value in kind.enums or other not in kind.enums:
                    continue
                present = comparison.current_table(table.key).column(column.name)
                if is_native and (present is None or not _has_values(present, value, other)):
                    continue
                comparison.answers.replacement(answer)
                place = ".".join(quote(word) for word in table.key.path if word)
                column_name, old, new = (
                    quote(column.name),
                    quote_literal(value),
                    quote_literal(other),
                )
                sql = f"UPDATE {place} SET {column_name} = {new} WHERE {column_name} = {old}"  # noqa: S608 - names and values are quoted
                yield FillOp(sql, (table.key.namespace, table.key.name), column.name)


def _has_values(column: Column, *values: str) -> bool:
    """Return whether all values are part of the type of a column."""
    known = {unquote_literal(arg, backslash_escapes=True) for arg in column.type.args}
    return column.type.ref is None and known.issuperset(values)


def _is_added(one: Enum, other: Enum) -> bool:
    """Return whether a type only gets values: they are added in place."""
    rest = iter(other.values)
    return len(one.values) < len(other.values) and all(value in rest for value in one.values)


def _afterwards(change: Change) -> Iterator[Any]:
    if isinstance(change, Create):
        yield change.what
    elif isinstance(change, Alter) and not isinstance(change.new, Enum):
        yield change.new


def _before(change: Change) -> Iterator[Any]:
    if isinstance(change, Drop):
        yield change.what
    elif isinstance(change, Alter) and not isinstance(change.old, Enum):
        yield change.old


def _says(value: Any, labels: set[str]) -> bool:
    """Return whether an expression somewhere in a value has one of the labels as a literal."""
    if isinstance(value, Expr):
        return any(quote_literal(label) in value.words for label in labels)
    if isinstance(value, tuple):
        return any(_says(each, labels) for each in value)
    if isinstance(value, str) or not hasattr(type(value), "__dataclass_fields__"):
        return False
    return any(_says(getattr(value, field.name), labels) for field in fields(value))
