"""Find the operations of a draft that can lose data or fail on existing rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from limbeck import operations as ops
from limbeck.data_loss.counts import Risk


def draft_risks(operations: Iterable[Any]) -> Iterator[Risk]:
    """Yield the risks of operations and of the operations that they contain, in order."""
    for op in operations:
        inner = getattr(op, "ops", None)
        if inner is not None:
            yield from draft_risks(inner)
        yield from _risks(op)


def _risks(op: Any) -> Iterator[Risk]:
    match op:
        case ops.DropTableOp():
            yield Risk("drop_table", op.table_name, op.schema)
        case ops.DropColumnOp():
            yield Risk("drop_column", op.table_name, op.schema, (op.column_name,))
        case ops.AddColumnOp():
            column = op.column
            generated = column.computed is not None or column.identity is not None
            # PostgreSQL's serial types bring a default along
            generated = generated or "SERIAL" in str(getattr(column.type, "get_col_spec", str)())
            if not (column.nullable or column.server_default is not None or generated):
                yield Risk("new_not_null", op.table_name, op.schema, (column.name,))
        case ops.AlterColumnOp():
            yield from _altered(op)
        case ops.CreateUniqueConstraintOp():
            yield from _unique(op.table_name, op.schema, op.columns)
        case ops.CreateIndexOp() if op.unique and not any("where" in key for key in op.kw):
            yield from _unique(op.table_name, op.schema, op.columns)


def _altered(op: Any) -> Iterator[Risk]:
    columns = (op.column_name,)
    if op.modify_nullable is False:
        yield Risk("not_null", op.table_name, op.schema, columns)
    if isinstance(op.modify_type, (sa.String, sa.Integer, sa.Numeric)):
        yield Risk("narrow", op.table_name, op.schema, columns, op.modify_type)


def _unique(table: str, namespace: str | None, columns: Iterable[Any]) -> Iterator[Risk]:
    names = tuple(getattr(column, "name", column) for column in columns)
    if names and all(isinstance(name, str) for name in names):
        yield Risk("unique", table, namespace, names)
