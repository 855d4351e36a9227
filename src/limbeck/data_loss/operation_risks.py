"""Find the operations of a draft that can lose data or fail on existing rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from limbeck import operations as ops
from limbeck.autogenerate import FillOp
from limbeck.data_loss.counts import Risk
from limbeck.data_loss.script_analysis import is_plain_cast

_WORD = re.compile(r"\w+")


def draft_risks(operations: Iterable[Any]) -> Iterator[Risk]:
    """Yield the risks of operations and of the operations that they contain, in order."""
    listed = list(_flat(operations))
    changed, filled = _changed_columns(listed), _filled_columns(listed)
    for op in listed:
        for risk in _risks(op):
            changed_columns = changed.get((risk.namespace, risk.table), set())
            # a check on what the draft changes cannot be evaluated with the current rows
            if risk.kind == "check" and changed_columns & set(_WORD.findall(risk.type)):
                continue
            if risk.kind == "not_null" and risk.columns[0] in changed_columns:
                continue
            if risk.kind == "narrow" and (risk.namespace, risk.table, risk.columns[0]) in filled:
                continue
            yield risk


def _flat(operations: Iterable[Any]) -> Iterator[Any]:
    for op in operations:
        yield from _flat(getattr(op, "ops", None) or ())
        yield op


def _changed_columns(operations: Iterable[Any]) -> dict[tuple[str | None, str], set[str]]:
    """Return, by table, the columns that are added, renamed, filled or whose type changes."""
    columns: dict[tuple[str | None, str], set[str]] = {}
    for op in operations:
        names = set()
        if isinstance(op, ops.AddColumnOp):
            names = {op.column.name}
        elif isinstance(op, ops.AlterColumnOp):
            is_text = isinstance(op.modify_type, sa.String) and isinstance(
                op.existing_type, sa.String
            )
            is_retyped = op.modify_type is not None and not is_text and op.modify_nullable is None
            names = {op.modify_name} if op.modify_name else set()
            names |= {op.column_name} if is_retyped else set()
        elif isinstance(op, FillOp):
            columns.setdefault(op.table, set()).add(op.column)
        if names:
            columns.setdefault((op.schema, op.table_name), set()).update(names)
    return columns


def _filled_columns(operations: Iterable[Any]) -> set[tuple[str | None, str, str]]:
    return {(*op.table, op.column) for op in operations if isinstance(op, FillOp)}


def model_risks(metadata: Any, dialect: Any, operations: Iterable[Any]) -> Iterator[Risk]:
    """Yield a risk for each text column whose type in the models is an Enum.

    Args:
        metadata: the models, one MetaData or several.
        dialect: SQLAlchemy's dialect.
        operations: the operations of the draft, which may change the values of rows.
    """
    filled = _filled_columns(_flat(operations))
    for models in metadata if isinstance(metadata, (list, tuple)) else [metadata]:
        for table in models.tables.values() if models is not None else ():
            for column in table.columns:
                type_ = column.type
                if not isinstance(type_, sa.Enum) or not type_.enums:
                    continue
                is_native = type_.native_enum and dialect.supports_native_enum
                if is_native or (table.schema, table.name, column.name) in filled:
                    continue
                values = tuple(str(value) for value in type_.enums)
                yield Risk("unknown_value", table.name, table.schema, (column.name,), values)


def _risks(op: Any) -> Iterator[Risk]:  # noqa: C901 -- a table of cases
    match op:
        case ops.DropTableOp():
            yield Risk("drop_table", op.table_name, op.schema)
        case ops.DropColumnOp():
            yield Risk("drop_column", op.table_name, op.schema, (op.column_name,))
        case ops.AddColumnOp():
            column = op.column
            generated = column.computed is not None or column.identity is not None
            # PostgreSQL's serial types have a default
            generated = generated or "SERIAL" in str(getattr(column.type, "get_col_spec", str)())
            if not (column.nullable or column.server_default is not None or generated):
                yield Risk("new_not_null", op.table_name, op.schema, (column.name,), column.type)
        case ops.AlterColumnOp():
            yield from _altered(op)
        case ops.AlterEnumOp():
            values = set(op.values) | set(op.renames) | set(op.replacements)
            gone = tuple(value for value in op.existing_values or () if value not in values)
            for schema, table, column in op.info.get("columns", ()) if gone else ():
                yield Risk("enum_value", table, schema, (column,), gone)
        case ops.CreateCheckConstraintOp():
            yield Risk("check", op.table_name, op.schema, (), _condition(op.condition))
        case ops.CreateUniqueConstraintOp():
            yield from _unique(op.table_name, op.schema, op.columns)
        case ops.CreateIndexOp() if op.unique and not any("where" in key for key in op.kw):
            yield from _unique(op.table_name, op.schema, op.columns)


def _altered(op: Any) -> Iterator[Risk]:
    columns = (op.column_name,)
    if op.modify_nullable is False:
        type_ = op.existing_type if op.modify_type is None else op.modify_type
        yield Risk("not_null", op.table_name, op.schema, columns, type_)
    if _is_converted(op):
        return  # values are converted by an expression of the user, which is not analyzed
    if isinstance(op.modify_type, (sa.String, sa.Integer, sa.Numeric)):
        yield Risk("narrow", op.table_name, op.schema, columns, op.modify_type)


def _is_converted(op: Any) -> bool:
    using = op.kw.get("postgresql_using")
    return using is not None and not is_plain_cast(using)


def _condition(condition: Any) -> str:
    if not isinstance(condition, sa.ColumnElement):
        return str(getattr(condition, "text", condition)).replace(":", "\\:")
    options = {"literal_binds": True, "include_table": False}
    return str(condition.compile(compile_kwargs=options)).replace(":", "\\:")


def _unique(table: str, namespace: str | None, columns: Iterable[Any]) -> Iterator[Risk]:
    names = tuple(getattr(column, "name", column) for column in columns)
    if names and all(isinstance(name, str) for name in names):
        yield Risk("unique", table, namespace, names)
