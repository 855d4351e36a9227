"""Try SQL that shall give existing rows the value of a new column, without changing anything."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import UserDefinedType

from limbeck.sql import mask_secrets, split_script

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.types import TypeEngine

    from limbeck.autogenerate.comparison import Comparison


def problem_of_fill(comparison: Comparison, sql: str, type_: TypeEngine[object]) -> str | None:
    """Return why some SQL cannot be the value of a new column that is NOT NULL.

    The database evaluates it in a transaction that is rolled back. Without a database nothing
    is tried.

    Args:
        comparison: what is compared; has the connection.
        sql: the SQL of one value, without a column.
        type_: the type of the column.

    Returns:
        The reason, None where the SQL can be used.
    """
    connection = comparison.ctx.migration_context.connection
    if len(split_script(f"SELECT ({sql}\n)", comparison.dialect.capabilities.quoting)) != 1:
        return "write the SQL of one value, without a semicolon"
    if connection is None:
        return None
    value: sa.ColumnClause[object] = sa.literal_column(f"({sql})")
    try:
        with _rolled_back(connection):
            found = connection.execute(sa.select(value)).scalar()
            if found is not None and not isinstance(type_, (sa.Enum, UserDefinedType)):
                connection.execute(sa.select(sa.cast(value, type_)))
    except SQLAlchemyError as error:
        words = str(getattr(error, "orig", None) or error).strip().splitlines()
        return f"the database refuses it: {mask_secrets(words[0] if words else 'no reason given')}"
    if found is None:
        return "it gives NULL, and the column is NOT NULL"
    if isinstance(type_, sa.Enum) and type_.enums and found not in type_.enums:
        return f"it gives {found!r}, which is none of {', '.join(type_.enums)}"
    return None


@contextlib.contextmanager
def _rolled_back(connection: Connection) -> Iterator[None]:
    """Leave no transaction and no failed one, whether one was open before or not."""
    transaction = connection.begin_nested() if connection.in_transaction() else connection.begin()
    try:
        with warnings.catch_warnings():
            # types that a server cannot cast to are not tried
            warnings.simplefilter("ignore", sa.exc.SAWarning)
            yield
    finally:
        transaction.rollback()
