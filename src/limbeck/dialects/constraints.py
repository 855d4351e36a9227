"""What dialects ask of constraints: are they for this database, what did the server call them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

    from limbeck.catalog import Table
    from limbeck.operations import DropConstraintOp


def is_wanted(dialect: Dialect, constraint: Any) -> bool:
    """Tell whether a constraint is for this database; those of a type may not be."""
    rule = constraint._create_rule
    return rule is None or bool(rule(dialect.ddl_compiler(dialect, None)))  # type: ignore[arg-type]


def is_of_type(constraint: Any) -> bool:
    """Tell whether a constraint came with a column's type (Boolean, Enum)."""
    return bool(getattr(constraint, "_type_bound", False))


def named_on_server(operation: DropConstraintOp, table: Table | None) -> str | None:
    """Return the name that the server gave to a constraint nobody named.

    The constraint is found by what it was when it was made, or else as the only one of its
    kind; None when neither tells.
    """
    if table is None:
        return None
    of_kind = [
        each for each in table.constraints if each.kind == _KINDS.get(operation.constraint_type)
    ]
    columns = _columns(operation)
    if columns:
        of_kind = [each for each in of_kind if getattr(each, "columns", None) == columns]
    return of_kind[0].name if len(of_kind) == 1 else None


def _columns(operation: DropConstraintOp) -> tuple[str, ...]:
    made = getattr(operation, "_reverse", None)
    names = getattr(made, "local_cols", None) or getattr(made, "columns", None) or ()
    return tuple(str(getattr(column, "name", column)) for column in names)


_KINDS: dict[str | None, str] = {
    "unique": "unique",
    "check": "check",
    "primary": "primary_key",
    "foreignkey": "foreign_key",
}
