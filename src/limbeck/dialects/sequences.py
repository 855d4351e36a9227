"""Sequences and schemas, for databases that support the standard syntax."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from limbeck import operations as ops
from limbeck.dialects.text_ddl import SqlQuoting, TextStatement

if TYPE_CHECKING:
    from limbeck.dialects.ddl_builder import BuildContext

STANDARD: Mapping[str, str] = {
    "increment": "INCREMENT BY 1",
    "minvalue": "NO MINVALUE",
    "maxvalue": "NO MAXVALUE",
    "cycle": "NO CYCLE",
    "cache": "CACHE 1",
    "owned_by": "OWNED BY NONE",
}
"""The clauses that restore the default of an option."""

OPERATIONS = (ops.CreateSequenceOp, ops.DropSequenceOp, ops.AlterSequenceOp)

Rename = Callable[[SqlQuoting, str, "str | None", str], str]

_ORDER = ("data_type", "increment", "minvalue", "maxvalue", "start", "restart", "cache", "cycle")


def option_clauses(options: Mapping[str, Any], quoting: SqlQuoting, back: Mapping[str, str]) -> str:
    """Return sequence options as clauses, in the order in which databases print them.

    Args:
        options: names and values; None restores the default.
        quoting: quoting of the database.
        back: the clauses that restore defaults.

    Raises:
        TypeError: no database has such an option.
    """
    unknown = set(options) - set(_ORDER) - {"owned_by"}
    if unknown:
        raise TypeError(f"a sequence has no option {', '.join(sorted(unknown))}")
    clauses = [_clause(name, options[name], back) for name in _ORDER if name in options]
    clauses += [_owner(options[name], quoting, back) for name in ("owned_by",) if name in options]
    return "".join(f" {clause}" for clause in clauses if clause)


def _clause(name: str, value: Any, back: Mapping[str, str]) -> str:  # noqa: PLR0911 - a table
    if value is None or (name == "cycle" and not value):
        return back.get(name, "")
    match name:
        case "data_type":
            return f"AS {value}"
        case "start":
            return f"START WITH {int(value)}"
        case "restart":
            return "RESTART" if value is True else f"RESTART WITH {int(value)}"
        case "increment":
            return f"INCREMENT BY {int(value)}"
        case "cycle":
            return "CYCLE"
        case _:
            return f"{name.upper()} {int(value)}"


def _owner(owner: Any, quoting: SqlQuoting, back: Mapping[str, str]) -> str:
    if owner is None or "owned_by" not in back:
        return back.get("owned_by", "")
    parts = owner.split(".") if isinstance(owner, str) else owner
    return "OWNED BY " + ".".join(quoting.name(part) for part in parts if part)


def _create(op: ops.CreateSequenceOp, back: Mapping[str, str]) -> Iterator[TextStatement]:
    guard = "IF NOT EXISTS " if op.if_not_exists else ""
    given = {key: value for key, value in op.options.items() if value is not None}
    yield TextStatement(
        lambda quoting: (
            f"CREATE SEQUENCE {guard}{quoting.name(op.sequence_name, op.schema)}"
            f"{option_clauses(given, quoting, back)}"
        )
    )


def _drop(_context: BuildContext, op: ops.DropSequenceOp) -> Iterator[TextStatement]:
    guard = "IF EXISTS " if op.if_exists else ""
    yield TextStatement(
        lambda quoting: f"DROP SEQUENCE {guard}{quoting.name(op.sequence_name, op.schema)}"
    )


def _alter(
    op: ops.AlterSequenceOp, back: Mapping[str, str], rename: Rename
) -> Iterator[TextStatement]:
    if op.options:
        yield TextStatement(
            lambda quoting: (
                f"ALTER SEQUENCE {quoting.name(op.sequence_name, op.schema)}"
                f"{option_clauses(op.options, quoting, back)}"
            )
        )
    new = op.new_name
    if new is not None:
        yield TextStatement(lambda quoting: rename(quoting, op.sequence_name, op.schema, new))


def standard_rename(quoting: SqlQuoting, name: str, schema: str | None, new: str) -> str:
    """Return ALTER SEQUENCE ... RENAME TO."""
    return f"ALTER SEQUENCE {quoting.name(name, schema)} RENAME TO {quoting.name(new)}"


def sequences(
    back: Mapping[str, str] = STANDARD, rename: Rename = standard_rename
) -> dict[type, Any]:
    """Return the handlers that create, change and drop sequences.

    Args:
        back: the clauses that restore the default of an option.
        rename: writes the statement that renames a sequence.
    """
    return {
        ops.CreateSequenceOp: lambda _context, op: _create(op, back),
        ops.DropSequenceOp: _drop,
        ops.AlterSequenceOp: lambda _context, op: _alter(op, back, rename),
    }


def create_schema(_context: BuildContext, op: ops.CreateSchemaOp) -> Iterator[TextStatement]:
    """Build CREATE SCHEMA."""
    guard = "IF NOT EXISTS " if op.if_not_exists else ""
    yield TextStatement(lambda quoting: f"CREATE SCHEMA {guard}{quoting.name(op.schema_name)}")


def drop_schema(_context: BuildContext, op: ops.DropSchemaOp) -> Iterator[TextStatement]:
    """Build DROP SCHEMA."""
    guard = "IF EXISTS " if op.if_exists else ""
    end = " CASCADE" if op.cascade else ""
    yield TextStatement(lambda quoting: f"DROP SCHEMA {guard}{quoting.name(op.schema_name)}{end}")


SCHEMAS: Mapping[type, Any] = {
    ops.CreateSchemaOp: create_schema,
    ops.DropSchemaOp: drop_schema,
}
"""The handlers that create and drop schemas."""
