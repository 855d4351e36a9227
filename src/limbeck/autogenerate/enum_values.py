"""Added and removed values of an enum type, and the other changes that use them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Enum as SqlEnum

from limbeck.autogenerate.backfill import FillOp
from limbeck.autogenerate.rename_evidence import allowed_values
from limbeck.catalog import Catalog, Column, Enum, Expr, Key, Table
from limbeck.diff import Alter, Change, Create, Drop
from limbeck.operations import AlterColumnOp, Operation
from limbeck.sql import quote_literal, unquote_literal

if TYPE_CHECKING:
    from limbeck.autogenerate.comparison import Comparison
    from limbeck.autogenerate.sqlalchemy_objects import Objects

Place = tuple[Key, str]


def defaults_to_drop(changes: Sequence[Change], change: Alter) -> Iterator[Alter]:
    """Yield the changes of columns whose default is a value that is added or removed.

    Such a default is not valid on both sides of the type's change.

    Args:
        changes: all changes of a draft.
        change: the change of an enum type.
    """
    old, new = change.old, change.new
    if not isinstance(old, Enum) or not isinstance(new, Enum):
        return
    changed = {*old.values} ^ {*new.values}
    for other in changes:
        if not isinstance(other, Alter) or other.owner is None or "default" not in other.fields:
            continue
        if not isinstance(other.old, Column) or not isinstance(other.new, Column):
            continue
        if new.key in {other.old.type.ref, other.new.type.ref} and any(
            _contains_literal(column.default, changed) for column in (other.old, other.new)
        ):
            yield other


def needs_commit(changes: Sequence[Change], change: Alter) -> tuple[bool, bool]:
    """Return whether the new values of a type have to be committed before they are used.

    Args:
        changes: all changes of a draft.
        change: the change of an enum type.

    Returns:
        The answer for the upgrade and for the downgrade.
    """
    old, new = change.old, change.new
    if not isinstance(old, Enum) or not isinstance(new, Enum):
        return False, False
    forward = _is_added(old, new) and any(
        _contains_literal(part, {*new.values} - {*old.values})
        for other in changes
        for part in _values_after(other)
    )
    back = _is_added(new, old) and any(
        _contains_literal(part, {*old.values} - {*new.values})
        for other in changes
        for part in _values_before(other)
    )
    return forward, back


def columns_of_type(catalog: Catalog, key: Key) -> tuple[tuple[str | None, str, str], ...]:
    """Return schema, table and name of the columns that have an enum type, without arrays.

    Args:
        catalog: the catalog of the database.
        key: the type.
    """
    return tuple(
        (table.key.namespace, table.key.name, column.name)
        for table in catalog.tables
        for column in table.columns
        if column.type.ref == key and not column.type.dimensions
    )


@dataclass(frozen=True)
class Replacement:
    """A dropped value of an Enum without a database type, and the value that replaces it.

    The database stores such an Enum as text, or its values as part of the column's type (MySQL).

    Args:
        owner: the table.
        column: the name of the column.
        op: the UPDATE, with its reverse if that is unambiguous.
        is_known: the column already accepts the replacement before the draft runs.
        wide: all values, old and new, if the column's type has to accept both for a while.
    """

    owner: Key
    column: str
    op: FillOp
    is_known: bool
    wide: tuple[str, ...] = ()


def replaced_values(comparison: Comparison, objects: Objects) -> list[Replacement]:
    """Return the UPDATEs for dropped values of Enums, with the replacements the user chose.

    Args:
        comparison: what is compared, with the answers of the user.
        objects: SQLAlchemy objects of both sides.

    Raises:
        DraftError: an answer names a value that the Enum does not have.
    """
    replacements: list[Replacement] = []
    for table in comparison.target.tables:
        if table.key not in comparison.current:
            continue
        present = comparison.current_table(table.key)
        for column in objects.target(table.key).columns:
            current = present.column(column.name)
            if (
                isinstance(column.type, SqlEnum)
                and current is not None
                and current.type.ref is None
            ):
                replacements += _replaced_in(comparison, present, current, column.type)
    return replacements


def _replaced_in(
    comparison: Comparison, table: Table, column: Column, kind: Any
) -> Iterator[Replacement]:
    answers = comparison.answers
    old = _present_values(table, column)
    prefixes = (f"{kind.name}.", f"{table.key.full_name}.{column.name}.")
    for value in old:
        if value not in kind.enums:
            answers.offer("replace", f"{prefixes[0 if kind.name else 1]}{value}")
    for answer in sorted(answers.values):
        prefix = next((candidate for candidate in prefixes if answer.startswith(candidate)), None)
        if prefix is None or answer.removeprefix(prefix) in kind.enums:
            continue
        other = answers.checked_replacement(answer, kind.enums)
        replacement = _replacement(
            comparison, table.key, column.name, (answer.removeprefix(prefix), other), old
        )
        is_wider = column.type.name.lower() == "enum" and other not in old
        yield replace(replacement, wide=(*old, other)) if is_wider else replacement


def _present_values(table: Table, column: Column) -> tuple[str, ...]:
    """Return the values that a column accepts now; empty if they are not known."""
    if column.type.name.lower() == "enum":
        return tuple(unquote_literal(arg, backslash_escapes=True) for arg in column.type.args)
    literals = allowed_values(table, column.name)
    return tuple(unquote_literal(word) for word in literals if word[0] == "'")


def widened(op: AlterColumnOp, replacements: Sequence[Replacement]) -> Iterator[Operation]:
    """Yield a change of a column's type, preceded by a step that replaces dropped values.

    Args:
        op: the change, with a type of SQLAlchemy.
        replacements: the replacements for which the column must accept old and new values at once.
    """
    if replacements:
        values = tuple(
            dict.fromkeys(value for replacement in replacements for value in replacement.wide)
        )
        both = SqlEnum(*values, name=getattr(op.modify_type, "name", None))
        yield AlterColumnOp(
            op.table_name,
            op.column_name,
            schema=op.schema,
            modify_type=both,
            existing_type=op.existing_type,
            existing_nullable=op.existing_nullable,
            existing_server_default=op.existing_server_default,
            existing_comment=op.existing_comment,
        )
        yield from (replacement.op for replacement in replacements)
        op.existing_type = both
    yield op


def _replacement(
    comparison: Comparison, owner: Key, name: str, pair: tuple[str, str], old: tuple[str, ...]
) -> Replacement:
    quote = comparison.sa_dialect.identifier_preparer.quote
    table = ".".join(quote(word) for word in owner.path if word)
    column = quote(name)
    escapes = comparison.dialect.capabilities.quoting.backslash_escapes
    gone, other = (quote_literal(value, backslash_escapes=escapes) for value in pair)
    sql = f"UPDATE {table} SET {column} = {other} WHERE {column} = {gone}"  # noqa: S608 - names and values are quoted
    # the downgrade drops the new value, so its rows get the replaced value back
    is_new = bool(old) and pair[1] not in old
    undo = f"UPDATE {table} SET {column} = {gone} WHERE {column} = {other}" if is_new else ""  # noqa: S608 - the same
    op = FillOp(sql, (owner.namespace, owner.name), name, undo)
    return Replacement(owner, name, op, pair[1] in old)


def _is_added(old: Enum, new: Enum) -> bool:
    """Return whether a type only gets additional values, which are added in place."""
    rest = iter(new.values)
    return len(old.values) < len(new.values) and all(value in rest for value in old.values)


def _values_after(change: Change) -> Iterator[Any]:
    if isinstance(change, Create):
        yield change.what
    elif isinstance(change, Alter) and not isinstance(change.new, Enum):
        yield change.new


def _values_before(change: Change) -> Iterator[Any]:
    if isinstance(change, Drop):
        yield change.what
    elif isinstance(change, Alter) and not isinstance(change.old, Enum):
        yield change.old


def _contains_literal(value: Any, labels: set[str]) -> bool:
    """Return whether a value contains an expression with one of the labels as a literal."""
    if isinstance(value, Expr):
        return any(quote_literal(label) in value.compared_text for label in labels)
    if isinstance(value, tuple):
        return any(_contains_literal(each, labels) for each in value)
    if isinstance(value, str) or not hasattr(type(value), "__dataclass_fields__"):
        return False
    return any(_contains_literal(getattr(value, field.name), labels) for field in fields(value))
