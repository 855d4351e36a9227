"""Operations on reference rows: a few rows that belong to the schema, identified by a key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.operations.operation import Context, Invoker, Operation
from limbeck.operations.operations import Operations

if TYPE_CHECKING:
    import uuid

    from sqlalchemy import Executable, Table
    from sqlalchemy.types import TypeEngine

Row = Mapping[str, Any]


class _Stored:
    """Converts values to the form that the columns of a table accept.

    Args:
        table: the table at this point of the migration.
        is_script: the values are written into a script.
    """

    def __init__(self, table: Table, *, is_script: bool) -> None:
        self.table = table
        self._is_script = is_script

    def row(self, row: Row) -> dict[str, Any]:
        """Return the values of a row."""
        return {name: self._value(name, value) for name, value in row.items()}

    def is_row(self, row: Row, key: Sequence[str]) -> Any:
        """Return the condition that selects a row."""
        columns = self.table.c
        return sa.and_(
            *(
                columns[name].is_(None)
                if row[name] is None
                else columns[name] == self._value(name, row[name])
                for name in key
            )
        )

    def _value(self, name: str, value: Any) -> Any:
        import json  # imported here because it is rarely needed
        import uuid

        type_ = self.table.c[name].type
        if value is None:
            return sa.null()
        if isinstance(value, uuid.UUID) and not isinstance(type_, sa.Uuid):
            value = _uuid(type_, value)
        elif isinstance(value, bool) and isinstance(type_, sa.Integer):
            value = int(value)
        elif isinstance(value, dict | list) and not isinstance(type_, sa.JSON | sa.ARRAY):
            value = json.dumps(value, ensure_ascii=False)
        if not self._is_script:
            return value
        # types that cannot render a value as a literal
        if isinstance(type_, sa.JSON):
            return sa.literal(json.dumps(value, ensure_ascii=False), sa.String())
        return sa.literal(value) if isinstance(type_, sa.types.UserDefinedType) else value


def _uuid(type_: TypeEngine[Any], value: uuid.UUID) -> str | bytes:
    if isinstance(type_, sa.types._Binary):
        return value.bytes
    return value.hex if getattr(type_, "length", None) == 32 else str(value)  # noqa: PLR2004 - digits


class ChangeRowsOp(Operation):
    """Changes of rows, given as statements.

    Args:
        statements: the statements, in the order in which they are sent.
        origin: the operation that they belong to.
    """

    def __init__(self, statements: Sequence[Executable], origin: ReferenceRowsOp) -> None:
        super().__init__()
        self.statements = tuple(statements)
        self.origin = origin


class ReferenceRowsOp(Operation):
    """Rows of a table that are inserted, updated or deleted.

    Args:
        table_name: the table.
        rows: the rows.
        schema: the table's schema.
        keys: descriptions of the rows, for messages.
    """

    def __init__(
        self,
        table_name: str,
        rows: Sequence[Mapping[str, Any]],
        *,
        schema: str | None = None,
        keys: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.table_name = table_name
        self.rows = [dict(row) for row in rows]
        self.schema = schema
        self.keys = tuple(keys)

    def run(self, context: Context) -> Any:
        """Send one statement for each row, using the current definition of the table."""
        if self.rows:
            table = context.table(self.table_name, self.schema)
            stored = _Stored(table, is_script=context.sink.is_script)
            statements = [self.statement(stored, row) for row in self.rows]
            context.sink.apply(ChangeRowsOp(statements, self))

    def statement(self, stored: _Stored, row: Row) -> Executable:
        """Return the statement for one row."""
        raise NotImplementedError

    def _subject(self) -> str:
        full = f"{self.schema}.{self.table_name}" if self.schema else self.table_name
        return f"{full}: {', '.join(self.keys)}" if self.keys else full


@Operations.register_operation("insert_rows")
class InsertRowsOp(ReferenceRowsOp):
    """Rows that are inserted.

    Args:
        table_name: the table.
        rows: the rows.
        schema: the table's schema.
        keys: descriptions of the rows, for messages.
        reversed_: the reverse operation, or None.
    """

    def __init__(
        self,
        table_name: str,
        rows: Sequence[Mapping[str, Any]],
        *,
        schema: str | None = None,
        keys: Sequence[str] = (),
        reversed_: Operation | None = None,
    ) -> None:
        super().__init__(table_name, rows, schema=schema, keys=keys)
        self._reverse = reversed_

    def statement(self, stored: _Stored, row: Row) -> Executable:
        """Return the INSERT of one row."""
        return stored.table.insert().values(stored.row(row)).inline()

    def reverse(self) -> Operation:
        """Return the operation that reverses this one.

        Raises:
            NotImplementedError: no reverse operation is known.
        """
        if self._reverse is None:
            raise NotImplementedError
        return self._reverse

    def to_diff_tuple(self) -> tuple[str, str]:
        """Return `("add_rows", table with keys)`."""
        return ("add_rows", self._subject())

    @classmethod
    def insert_rows(
        cls,
        operations: Invoker,
        table_name: str,
        rows: Sequence[Mapping[str, Any]],
        *,
        schema: str | None = None,
    ) -> None:
        """Insert reference rows.

        Values may be plain Python values, dates, Decimal, UUID, and dictionaries for JSON columns.
        They are converted to the form that the column accepts.

        Args:
            table_name: the table; its definition is found as by `op.table`.
            rows: one dictionary for each row.
            schema: the table's schema.

        Raises:
            TableUnknownError: the table does not exist.
        """
        operations.invoke(cls(table_name, rows, schema=schema))


@Operations.register_operation("update_rows")
class UpdateRowsOp(ReferenceRowsOp):
    """Rows whose values change.

    Args:
        table_name: the table.
        rows: the key and the new values of each row.
        key: the columns that identify a row.
        schema: the table's schema.
        keys: descriptions of the rows, for messages.
        old_rows: the key and the old values of each row.
    """

    def __init__(
        self,
        table_name: str,
        rows: Sequence[Mapping[str, Any]],
        *,
        key: Sequence[str],
        schema: str | None = None,
        keys: Sequence[str] = (),
        old_rows: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        super().__init__(table_name, rows, schema=schema, keys=keys)
        self.key = [key] if isinstance(key, str) else list(key)
        self.old_rows = old_rows

    def statement(self, stored: _Stored, row: Row) -> Executable:
        """Return the UPDATE of one row."""
        changed = {name: value for name, value in row.items() if name not in self.key}
        return stored.table.update().where(stored.is_row(row, self.key)).values(stored.row(changed))

    def reverse(self) -> Operation:
        """Return the change to the old values.

        Raises:
            NotImplementedError: the old values are not known.
        """
        if self.old_rows is None:
            raise NotImplementedError
        return UpdateRowsOp(
            self.table_name,
            self.old_rows,
            key=self.key,
            schema=self.schema,
            keys=self.keys,
            old_rows=self.rows,
        )

    def to_diff_tuple(self) -> tuple[str, str]:
        """Return `("modify_rows", table with keys)`."""
        return ("modify_rows", self._subject())

    @classmethod
    def update_rows(
        cls,
        operations: Invoker,
        table_name: str,
        rows: Sequence[Mapping[str, Any]],
        *,
        key: str | Sequence[str],
        schema: str | None = None,
    ) -> None:
        """Update reference rows, each by its key.

        Args:
            table_name: the table; its definition is found as by `op.table`.
            rows: one dictionary for each row, with its key and the values that change.
            key: the column or columns that identify a row.
            schema: the table's schema.

        Raises:
            TableUnknownError: the table does not exist.
        """
        operations.invoke(cls(table_name, rows, key=key, schema=schema))


@Operations.register_operation("delete_rows")
class DeleteRowsOp(ReferenceRowsOp):
    """Rows that are deleted.

    Args:
        table_name: the table.
        rows: the key of each row.
        schema: the table's schema.
        keys: descriptions of the rows, for messages.
        old_rows: the complete rows.
    """

    def __init__(
        self,
        table_name: str,
        rows: Sequence[Mapping[str, Any]],
        *,
        schema: str | None = None,
        keys: Sequence[str] = (),
        old_rows: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        super().__init__(table_name, rows, schema=schema, keys=keys)
        self.old_rows = old_rows

    def statement(self, stored: _Stored, row: Row) -> Executable:
        """Return the DELETE of one row."""
        return stored.table.delete().where(stored.is_row(row, list(row)))

    def reverse(self) -> Operation:
        """Return the insertion of the complete rows.

        Raises:
            NotImplementedError: the complete rows are not known.
        """
        if self.old_rows is None:
            raise NotImplementedError
        return InsertRowsOp(
            self.table_name, self.old_rows, schema=self.schema, keys=self.keys, reversed_=self
        )

    def to_diff_tuple(self) -> tuple[str, str]:
        """Return `("remove_rows", table with keys)`."""
        return ("remove_rows", self._subject())

    @classmethod
    def delete_rows(
        cls,
        operations: Invoker,
        table_name: str,
        rows: Sequence[Mapping[str, Any]],
        *,
        schema: str | None = None,
    ) -> None:
        """Delete reference rows.

        Args:
            table_name: the table; its definition is found as by `op.table`.
            rows: one dictionary for each row, with the values that identify it.
            schema: the table's schema.

        Raises:
            TableUnknownError: the table does not exist.
        """
        operations.invoke(cls(table_name, rows, schema=schema))
