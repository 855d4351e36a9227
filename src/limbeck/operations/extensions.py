"""Operations that Alembic does not have: move a table to another schema, change a domain."""

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
            table_name: the table.
            new_schema: the new schema; None for the default schema.
            schema: the current schema; None for the default schema.
            new_table_name: the new name, if it changes.
        """
        operations.invoke(cls(table_name, new_schema, schema=schema, new_table_name=new_table_name))


@Operations.register_operation("alter_domain")
@dataclass(eq=False, repr=False)
class AlterDomainOp(SchemaLevelOp):
    """Change the type of a domain."""

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
            raise ValueError("This change cannot be reversed: the current type is not known.")
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
        """Change the type of a PostgreSQL domain, and convert the columns that use it.

        PostgreSQL has no statement for this: the domain is created again. Views, indexes, checks,
        policies and triggers that use its columns are dropped before and restored after, in one
        statement. Source: https://www.postgresql.org/docs/current/sql-alterdomain.html

        Args:
            domain_name: the domain.
            type_: the new underlying type, as SQL.
            options: what follows the type in CREATE DOMAIN: COLLATE, DEFAULT, NOT NULL, CHECK.
            existing_type: the current type, for the downgrade.
            existing_options: the current options, for the downgrade.
            schema: the schema of the domain.
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
