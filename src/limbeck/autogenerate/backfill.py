"""Columns that take no NULL, added to tables that hold rows: filled once, then left alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column as SqlColumn
from sqlalchemy import DefaultClause, Enum, literal, text
from sqlalchemy.exc import SQLAlchemyError

from limbeck import operations as ops
from limbeck.autogenerate.draft_operations import NoteOp, OnTheWayBackOp
from limbeck.autogenerate.promises import listed
from limbeck.catalog import Column, Key, Table
from limbeck.render import escaped
from limbeck.sql import quote_literal

if TYPE_CHECKING:
    from limbeck.autogenerate.comparison import Sides


class OneWayColumnOp(ops.AlterColumnOp):
    """A change of a column that the way back has no use for."""

    def reverse(self) -> Any:
        """Return nothing but the memory of this operation."""
        return OnTheWayBackOp(self)


def needs_fill(sides: Sides, column: Column) -> bool:
    """Say whether rows that are there would have to have a value that nobody gives."""
    return (
        sides.detections.everything
        and not column.nullable
        and column.default is None
        and not dict(column.extras).get("serial")
    )


def filled_column(
    sides: Sides, owner: Key, column: Column, op: ops.AddColumnOp, model: SqlColumn[Any] | None
) -> Iterator[ops.Operation]:
    """Yield the addition of a column, with a value for rows that are there where one can be had.

    Args:
        sides: what is compared; knows what the database takes for a neutral value.
        owner: the table.
        column: the column.
        op: adds it as it shall be.
        model: the models' column, whose Python-side default is the best value.
    """
    fill = _fill(sides, owner, column, model)
    name = f"{op.table_name}.{column.name}"
    if fill is None:
        yield NoteOp(
            f"{name} takes no NULL and has no default: this fails on a table that holds rows.\n"
            "Give it a server_default, or add it as nullable, fill it, and set nullable=False."
        )
        yield op
        return
    is_told = sides.answers and sides.answers.fill(owner, column.name) is not None
    yield NoteOp(
        f"{name} takes no NULL and has no default: rows that are there get {fill}"
        + (", as told." if is_told else ".\nPut in what fits them better.")
    )
    op.column.server_default = DefaultClause(text(escaped(fill)))
    yield op
    yield OneWayColumnOp(
        op.table_name,
        column.name,
        schema=op.schema,
        existing_type=op.column.type,
        existing_nullable=False,
        modify_server_default=None,
    )


def unfilled_column(
    sides: Sides, owner: Key, column: Column, drop: ops.DropColumnOp
) -> Iterator[ops.Operation]:
    """Yield the drop of a column whose way back has to fill it."""
    added = drop._reverse
    if added is None:
        yield drop
        return
    there = list(filled_column(sides, owner, column, added, None))
    places = [each is added for each in there].index(True)
    for op in reversed(there[places + 1 :]):
        yield OnTheWayBackOp(op)
    yield drop
    for op in reversed(there[:places]):
        yield OnTheWayBackOp(op)


def _fill(sides: Sides, owner: Key, column: Column, model: SqlColumn[Any] | None) -> str | None:
    told: str | None = sides.answers.fill(owner, column.name) if sides.answers else None
    if told is not None:
        return told
    known = sides.dialect.autogenerate.backfill_value
    if model is not None and model.default is None and sides.answers:
        asked: str | None = sides.answers.asked_fill(owner, column.name, str(column.type))
        if asked is not None:
            return asked
    if known is None or _is_particular(sides, owner, column.name):
        return None
    default: Any = None if model is None else model.default
    if model is not None and default is not None and default.is_scalar:
        try:
            said = literal(default.arg, model.type).compile(
                dialect=sides.sa_dialect, compile_kwargs={"literal_binds": True}
            )
        except (SQLAlchemyError, NotImplementedError, TypeError, ValueError):
            pass
        else:
            return str(said)
    if model is not None and isinstance(model.type, Enum) and model.type.enums:
        return quote_literal(model.type.enums[0])
    catalog = sides.want if model is not None else sides.have
    table = catalog.get(owner)
    # a list that a check allows, as enum types make them
    allowed = listed(table, column.name) if isinstance(table, Table) else ()
    found: str | None = allowed[0] if allowed else known(column, catalog)
    return found


def _is_particular(sides: Sides, owner: Key, name: str) -> bool:
    """Say whether one value for all rows would break a key."""
    for catalog in (sides.want, sides.have):
        table: Any = catalog.get(owner)
        if table is None:
            continue
        keys = [*table.uniques, *table.foreign_keys, *(i for i in table.indexes if i.unique)]
        keys += [table.primary_key] if table.primary_key is not None else []
        if any(name in key.columns for key in keys):
            return True
    return False
