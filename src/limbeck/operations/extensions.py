"""Operations that Alembic does not have: a table in another schema, a domain of another type."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from limbeck.operations.operation import Invoker, Operation
from limbeck.operations.operations import Operations
from limbeck.operations.schema_level import SchemaLevelOp


@Operations.register_operation("move_table")
@dataclass(eq=False, repr=False)
class MoveTableOp(Operation):
    """Move a table to another schema."""

    table_name: str
    new_schema: str | None
    _: KW_ONLY
    schema: str | None = None
    new_table_name: str | None = None

    def reverse(self) -> MoveTableOp:
        """Return the operation that moves the table back."""
        return MoveTableOp(
            self.new_table_name or self.table_name,
            self.schema,
            schema=self.new_schema,
            new_table_name=self.table_name if self.new_table_name else None,
        )

    def to_diff_tuple(self) -> tuple[str, str, str | None, str | None]:
        """Return `("move_table", table_name, schema, new_schema)`."""
        return ("move_table", self.table_name, self.schema, self.new_schema)

    @classmethod
    def move_table(
        cls,
        operations: Invoker,
        table_name: str,
        new_schema: str | None,
        *,
        schema: str | None = None,
        new_table_name: str | None = None,
    ) -> None:
        """Move a table, with its rows, indexes and constraints, to another schema.

        PostgreSQL has ALTER TABLE ... SET SCHEMA, SQL Server ALTER SCHEMA ... TRANSFER. On MySQL
        and MariaDB a schema is a database, and the table is renamed. SQLite and Oracle have no
        such statement.

        Args:
            table_name: its name.
            new_schema: where it goes; None for the default schema.
            schema: where it is; None for the default schema.
            new_table_name: its name there, if it changes.
        """
        operations.invoke(cls(table_name, new_schema, schema=schema, new_table_name=new_table_name))


@Operations.register_operation("alter_domain")
@dataclass(eq=False, repr=False)
class AlterDomainOp(SchemaLevelOp):
    """Give a domain another type."""

    domain_name: str
    type_: str
    options: str = ""
    _: KW_ONLY
    existing_type: str | None = None
    existing_options: str = ""
    schema: str | None = None

    diff_name = "modify_domain"
    diff_attributes = ("schema", "domain_name", "existing_type", "type_")

    def reverse(self) -> AlterDomainOp:
        """Return the operation that restores the type.

        Raises:
            ValueError: the current type is not known.
        """
        if self.existing_type is None:
            raise ValueError("This change cannot be reversed: the present type is not known.")
        return AlterDomainOp(
            self.domain_name,
            self.existing_type,
            self.existing_options,
            existing_type=self.type_,
            existing_options=self.options,
            schema=self.schema,
        )

    @classmethod
    def alter_domain(
        cls,
        operations: Invoker,
        domain_name: str,
        type_: str,
        options: str = "",
        *,
        existing_type: str | None = None,
        existing_options: str = "",
        schema: str | None = None,
    ) -> None:
        """Give a domain of PostgreSQL another type, and convert the columns that have it.

        PostgreSQL has no statement for it: the domain is created again. Views, indexes, checks,
        policies and triggers that use its columns are dropped before and restored after, in one
        statement. Source: https://www.postgresql.org/docs/current/sql-alterdomain.html

        Args:
            domain_name: its name.
            type_: the type on which it will be based, as SQL.
            options: what follows the type in CREATE DOMAIN: COLLATE, DEFAULT, NOT NULL, CHECK.
            existing_type: the present type, for the way back.
            existing_options: the present options, for the way back.
            schema: its schema.
        """
        operations.invoke(
            cls(
                domain_name,
                type_,
                options,
                existing_type=existing_type,
                existing_options=existing_options,
                schema=schema,
            )
        )
