"""`alembic.operations.toimpl`: the default implementations of operations.

Third-party code that replaces the implementation of an operation calls these functions.
"""

from __future__ import annotations

from typing import Any

from limbeck.dialects import send
from limbeck.operations import BatchBlock, Operation, Operations


def _apply_natively(operations: Operations, operation: Operation) -> Any:
    if isinstance(operations.impl, BatchBlock):
        operations.impl.ops.append(operation)
        return None
    return send(operation, operations.migration_context.sink)


def add_column(operations: Operations, operation: Operation) -> Any:
    """Add a column."""
    return _apply_natively(operations, operation)


def alter_column(operations: Operations, operation: Operation) -> Any:
    """Change a column."""
    return _apply_natively(operations, operation)


def bulk_insert(operations: Operations, operation: Operation) -> Any:
    """Insert rows."""
    return _apply_natively(operations, operation)


def create_constraint(operations: Operations, operation: Operation) -> Any:
    """Create a constraint."""
    return _apply_natively(operations, operation)


def create_index(operations: Operations, operation: Operation) -> Any:
    """Create an index."""
    return _apply_natively(operations, operation)


def create_table(operations: Operations, operation: Operation) -> Any:
    """Create a table and return it."""
    return _apply_natively(operations, operation)


def create_table_comment(operations: Operations, operation: Operation) -> Any:
    """Set a table's comment."""
    return _apply_natively(operations, operation)


def drop_column(operations: Operations, operation: Operation) -> Any:
    """Drop a column."""
    return _apply_natively(operations, operation)


def drop_constraint(operations: Operations, operation: Operation) -> Any:
    """Drop a constraint."""
    return _apply_natively(operations, operation)


def drop_index(operations: Operations, operation: Operation) -> Any:
    """Drop an index."""
    return _apply_natively(operations, operation)


def drop_table(operations: Operations, operation: Operation) -> Any:
    """Drop a table."""
    return _apply_natively(operations, operation)


def drop_table_comment(operations: Operations, operation: Operation) -> Any:
    """Remove a table's comment."""
    return _apply_natively(operations, operation)


def execute_sql(operations: Operations, operation: Operation) -> Any:
    """Run a statement."""
    return _apply_natively(operations, operation)


def rename_table(operations: Operations, operation: Operation) -> Any:
    """Rename a table."""
    return _apply_natively(operations, operation)


__all__ = [
    "Operations",
    "add_column",
    "alter_column",
    "bulk_insert",
    "create_constraint",
    "create_index",
    "create_table",
    "create_table_comment",
    "drop_column",
    "drop_constraint",
    "drop_index",
    "drop_table",
    "drop_table_comment",
    "execute_sql",
    "rename_table",
]
