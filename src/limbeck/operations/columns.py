"""Operations on columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy.types import NULLTYPE

from limbeck.operations.operation import BatchInvoker, Invoker
from limbeck.operations.operations import BatchOperations, Operations
from limbeck.operations.schema_objects import SchemaObjects, copy_column
from limbeck.operations.tables import AlterTableOp

if TYPE_CHECKING:
    from sqlalchemy import Column, Computed, Identity
    from sqlalchemy.sql.elements import TextClause
    from sqlalchemy.sql.functions import Function
    from sqlalchemy.types import TypeEngine

    from limbeck.operations.operation import Configured

    ServerDefault = str | bool | Identity | Computed | TextClause | Function[Any] | None
    AnyType = TypeEngine[Any] | type[TypeEngine[Any]]


@Operations.register_operation("add_column")
@BatchOperations.register_operation("add_column", "batch_add_column")
class AddColumnOp(AlterTableOp):
    """Add a column.

    Args:
        table_name: the table.
        column: the column.
        schema: the schema of the table.
        if_not_exists: do nothing if the column already exists.
        inline_references: include the foreign key in the column definition.
        inline_primary_key: include the primary key in the column definition.
        kw: keywords of batch blocks: insert_before, insert_after.
    """

    def __init__(
        self,
        table_name: str,
        column: Column[Any],
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
        inline_references: bool | None = None,
        inline_primary_key: bool | None = None,
        **kw: Any,
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.column = column
        self.if_not_exists = if_not_exists
        self.inline_references = inline_references
        self.inline_primary_key = inline_primary_key
        self.kw = kw

    def reverse(self) -> DropColumnOp:
        """Return the operation that drops the column."""
        op = DropColumnOp.from_column_and_tablename(self.schema, self.table_name, self.column)
        op.if_exists = self.if_not_exists
        op._reverse = self
        return op

    def to_diff_tuple(self) -> tuple[str, str | None, str, Column[Any]]:
        """Return `("add_column", schema, table_name, column)`."""
        return ("add_column", self.schema, self.table_name, self.to_column())

    def to_column(self) -> Column[Any]:
        """Return the column."""
        return self.column

    @classmethod
    def from_column(cls, col: Column[Any]) -> AddColumnOp:
        """Return the operation that adds `col` to the table it belongs to."""
        return cls(col.table.name, col, schema=col.table.schema)

    @classmethod
    def from_column_and_tablename(
        cls, schema: str | None, tname: str, col: Column[Any]
    ) -> AddColumnOp:
        """Return the operation that adds `col` to the named table."""
        return cls(tname, col, schema=schema)

    @classmethod
    def add_column(
        cls,
        operations: Invoker,
        table_name: str,
        column: Column[Any],
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
        inline_references: bool | None = None,
        inline_primary_key: bool | None = None,
    ) -> None:
        """Add a column.

        Args:
            table_name: the table.
            column: the column, including its foreign keys, unique flag and index.
            schema: the schema of the table.
            if_not_exists: do nothing if the column already exists.
            inline_references: include the foreign key in the column definition.
            inline_primary_key: include the primary key in the column definition.
        """
        operations.invoke(
            cls(
                table_name,
                column,
                schema=schema,
                if_not_exists=if_not_exists,
                inline_references=inline_references,
                inline_primary_key=inline_primary_key,
            )
        )

    @classmethod
    def batch_add_column(
        cls,
        operations: BatchInvoker,
        column: Column[Any],
        *,
        insert_before: str | None = None,
        insert_after: str | None = None,
        if_not_exists: bool | None = None,
        inline_references: bool | None = None,
        inline_primary_key: bool | None = None,
    ) -> None:
        """Add a column.

        Args:
            column: the column.
            insert_before: the column before which it is inserted, if the table is copied.
            insert_after: the column after which it is inserted, if the table is copied.
            if_not_exists: do nothing if the column already exists.
            inline_references: include the foreign key in the column definition.
            inline_primary_key: include the primary key in the column definition.
        """
        kw = {"insert_before": insert_before, "insert_after": insert_after}
        block = operations.impl
        operations.invoke(
            cls(
                block.table_name,
                column,
                schema=block.schema,
                if_not_exists=if_not_exists,
                inline_references=inline_references,
                inline_primary_key=inline_primary_key,
                **{word: value for word, value in kw.items() if value},
            )
        )


@Operations.register_operation("drop_column")
@BatchOperations.register_operation("drop_column", "batch_drop_column")
class DropColumnOp(AlterTableOp):
    """Drop a column."""

    def __init__(
        self,
        table_name: str,
        column_name: str,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        _reverse: AddColumnOp | None = None,
        **kw: Any,
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.column_name = column_name
        self.if_exists = if_exists
        self.kw = kw
        self._reverse = _reverse

    def to_diff_tuple(self) -> tuple[str, str | None, str, Column[Any]]:
        """Return `("remove_column", schema, table_name, column)`."""
        return ("remove_column", self.schema, self.table_name, self.to_column())

    def reverse(self) -> AddColumnOp:
        """Return the operation that restores the column.

        Raises:
            ValueError: the definition of the column is not known.
        """
        if self._reverse is None:
            raise ValueError("This drop cannot be reversed: the column's definition is not known.")
        known = self._reverse
        op = AddColumnOp(
            self.table_name,
            known.column,
            schema=self.schema,
            if_not_exists=self.if_exists,
            inline_references=known.inline_references,
            inline_primary_key=known.inline_primary_key,
            **known.kw,
        )
        op.info.update(known.info)
        return op

    @classmethod
    def from_column_and_tablename(
        cls, schema: str | None, tname: str, col: Column[Any]
    ) -> DropColumnOp:
        """Return the operation that drops `col` from the named table."""
        return cls(
            tname,
            col.name,
            schema=schema,
            _reverse=AddColumnOp.from_column_and_tablename(schema, tname, col),
        )

    def to_column(self, migration_context: Configured | None = None) -> Column[Any]:
        """Return the column, without a type if the type is not known."""
        if self._reverse is not None:
            return self._reverse.column
        objects = SchemaObjects(migration_context)
        column = objects.column(self.column_name, NULLTYPE)
        objects.table(self.table_name, column, schema=self.schema)
        return column

    @classmethod
    def drop_column(
        cls,
        operations: Invoker,
        table_name: str,
        column_name: str,
        *,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        """Drop a column.

        Args:
            table_name: the table.
            column_name: the column.
            schema: the schema of the table.
            kw: if_exists, mssql_drop_check, mssql_drop_default, mssql_drop_foreign_key.
        """
        operations.invoke(cls(table_name, column_name, schema=schema, **kw))

    @classmethod
    def batch_drop_column(cls, operations: BatchInvoker, column_name: str, **kw: Any) -> None:
        """Drop a column."""
        block = operations.impl
        operations.invoke(cls(block.table_name, column_name, schema=block.schema, **kw))


@Operations.register_operation("alter_column")
@BatchOperations.register_operation("alter_column", "batch_alter_column")
class AlterColumnOp(AlterTableOp):
    """Change a column.

    Args:
        table_name: the table.
        column_name: the current name of the column.
        schema: the schema of the table.
        existing_type: the current type, if the database requires it.
        existing_server_default: the current default; False if not given.
        existing_nullable: whether the column is nullable now.
        existing_comment: the current comment.
        modify_nullable: whether the column becomes nullable; None leaves it unchanged.
        modify_comment: the new comment; None drops it, False leaves it unchanged.
        modify_server_default: the new default; None drops it, False leaves it unchanged.
        modify_name: the new name.
        modify_type: the new type.
        kw: options of the database: postgresql_using, mysql_..., autoincrement etc.
    """

    def __init__(
        self,
        table_name: str,
        column_name: str,
        *,
        schema: str | None = None,
        existing_type: Any = None,
        existing_server_default: Any = False,
        existing_nullable: bool | None = None,
        existing_comment: str | None = None,
        modify_nullable: bool | None = None,
        modify_comment: str | Literal[False] | None = False,
        modify_server_default: Any = False,
        modify_name: str | None = None,
        modify_type: Any = None,
        **kw: Any,
    ) -> None:
        super().__init__(table_name, schema=schema)
        self.column_name = column_name
        self.existing_type = existing_type
        self.existing_server_default = existing_server_default
        self.existing_nullable = existing_nullable
        self.existing_comment = existing_comment
        self.modify_nullable = modify_nullable
        self.modify_comment = modify_comment
        self.modify_server_default = modify_server_default
        self.modify_name = modify_name
        self.modify_type = modify_type
        self.kw = kw

    def to_diff_tuple(self) -> Any:
        """Return a list with one tuple for each changed property."""
        known = {
            "existing_nullable": self.existing_nullable,
            "existing_type": self.existing_type,
            "existing_server_default": self.existing_server_default,
            "existing_comment": self.existing_comment,
        }
        changes = (
            ("type", "existing_type", self.modify_type, self.modify_type is not None),
            (
                "nullable",
                "existing_nullable",
                self.modify_nullable,
                self.modify_nullable is not None,
            ),
            (
                "default",
                "existing_server_default",
                self.modify_server_default,
                self.modify_server_default is not False,
            ),
            ("comment", "existing_comment", self.modify_comment, self.modify_comment is not False),
        )
        return [
            (
                f"modify_{word}",
                self.schema,
                self.table_name,
                self.column_name,
                {key: value for key, value in known.items() if key != existing},
                known[existing],
                new,
            )
            for word, existing, new, differs in changes
            if differs
        ]

    def has_changes(self) -> bool:
        """Return whether anything changes."""
        return (
            self.modify_nullable is not None
            or self.modify_server_default is not False
            or self.modify_type is not None
            or self.modify_comment is not False
            or self.modify_name is not None
            or any(word.startswith("modify_") for word in self.kw)
        )

    def reverse(self) -> AlterColumnOp:
        """Return the operation that reverses the changes."""
        op = AlterColumnOp(
            self.table_name,
            self.column_name if self.modify_name is None else self.modify_name,
            schema=self.schema,
            modify_name=None if self.modify_name is None else self.column_name,
            existing_type=self.existing_type,
            existing_nullable=self.existing_nullable,
            existing_server_default=self.existing_server_default,
            existing_comment=self.existing_comment,
            **_swapped(self.kw),
        )
        if self.modify_type is not None:
            op.existing_type, op.modify_type = self.modify_type, self.existing_type
        if self.modify_nullable is not None:
            op.existing_nullable = self.modify_nullable
            op.modify_nullable = self.existing_nullable
        if self.modify_server_default is not False:
            op.existing_server_default = self.modify_server_default
            op.modify_server_default = self.existing_server_default
        if self.modify_comment is not False:
            op.existing_comment, op.modify_comment = self.modify_comment, self.existing_comment
        op.info.update(self.info)
        return op

    @classmethod
    def alter_column(
        cls,
        operations: Invoker,
        table_name: str,
        column_name: str,
        *,
        nullable: bool | None = None,
        comment: str | Literal[False] | None = False,
        server_default: ServerDefault = False,
        new_column_name: str | None = None,
        type_: AnyType | None = None,
        existing_type: AnyType | None = None,
        existing_server_default: ServerDefault = False,
        existing_nullable: bool | None = None,
        existing_comment: str | None = None,
        schema: str | None = None,
        **kw: Any,
    ) -> None:
        """Change a column; properties that are not given do not change.

        Args:
            table_name: the table.
            column_name: the current name of the column.
            nullable: whether the column becomes nullable.
            comment: the new comment; None removes it.
            server_default: the new default; None removes it.
            new_column_name: the new name.
            type_: the new type.
            existing_type: the current type; MySQL and MariaDB require it for every change.
            existing_server_default: the current default.
            existing_nullable: whether the column is nullable now.
            existing_comment: the current comment.
            schema: the schema of the table.
            kw: postgresql_using, autoincrement, existing_autoincrement and other options of
                the database.
        """
        operations.invoke(
            cls(
                table_name,
                column_name,
                schema=schema,
                existing_type=existing_type,
                existing_server_default=existing_server_default,
                existing_nullable=existing_nullable,
                existing_comment=existing_comment,
                modify_name=new_column_name,
                modify_type=type_,
                modify_server_default=server_default,
                modify_nullable=nullable,
                modify_comment=comment,
                **kw,
            )
        )

    @classmethod
    def batch_alter_column(
        cls,
        operations: BatchInvoker,
        column_name: str,
        *,
        nullable: bool | None = None,
        comment: str | Literal[False] | None = False,
        server_default: ServerDefault = False,
        new_column_name: str | None = None,
        type_: AnyType | None = None,
        existing_type: AnyType | None = None,
        existing_server_default: ServerDefault = False,
        existing_nullable: bool | None = None,
        existing_comment: str | None = None,
        insert_before: str | None = None,
        insert_after: str | None = None,
        **kw: Any,
    ) -> None:
        """Change a column; properties that are not given do not change.

        The arguments are those of `Operations.alter_column`; `insert_before` and
        `insert_after` move the column if the table is copied.
        """
        position = {"insert_before": insert_before, "insert_after": insert_after}
        kw.update({word: value for word, value in position.items() if value})
        block = operations.impl
        operations.invoke(
            cls(
                block.table_name,
                column_name,
                schema=block.schema,
                existing_type=existing_type,
                existing_server_default=existing_server_default,
                existing_nullable=existing_nullable,
                existing_comment=existing_comment,
                modify_name=new_column_name,
                modify_type=type_,
                modify_server_default=server_default,
                modify_nullable=nullable,
                modify_comment=comment,
                **kw,
            )
        )


def _swapped(kw: dict[str, Any]) -> dict[str, Any]:
    """Swap `existing_x` and `x` (or `modify_x`); an irreversible USING clause is removed."""
    turned: dict[str, Any] = {}
    for word, value in kw.items():
        if word == "postgresql_using":
            continue
        plain = word.removeprefix("existing_").removeprefix("modify_")
        if word == plain and f"existing_{word}" in kw:
            turned[f"existing_{word}"] = value
        elif word.startswith("modify_"):
            turned[f"existing_{plain}"] = value
        elif word.startswith("existing_") and f"modify_{plain}" in kw:
            turned[f"modify_{plain}"] = value
        elif word.startswith("existing_") and plain in kw:
            turned[plain] = value
        else:
            turned[word] = value
    return turned


def detached(column: Column[Any]) -> Column[Any]:
    """Return the column, or a copy if it belongs to a table."""
    return column if column.table is None else copy_column(column)
