"""Operations on things beside tables: namespaces, sequences, enum types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from limbeck.operations.operation import Invoker, Operation


class CreateSchemaOp(Operation):
    """Create a namespace."""

    def __init__(self, schema_name: str, *, if_not_exists: bool | None = None) -> None:
        super().__init__()
        self.schema_name = schema_name
        self.if_not_exists = if_not_exists

    def reverse(self) -> DropSchemaOp:
        """Return the operation that drops the namespace."""
        return DropSchemaOp(self.schema_name, if_exists=self.if_not_exists)

    def to_diff_tuple(self) -> tuple[str, str]:
        """Return `("add_schema", name)`."""
        return ("add_schema", self.schema_name)

    @classmethod
    def create_schema(
        cls, operations: Invoker, schema_name: str, *, if_not_exists: bool | None = None
    ) -> None:
        """Create a namespace."""
        operations.invoke(cls(schema_name, if_not_exists=if_not_exists))


class DropSchemaOp(Operation):
    """Drop a namespace."""

    def __init__(
        self, schema_name: str, *, if_exists: bool | None = None, cascade: bool = False
    ) -> None:
        super().__init__()
        self.schema_name = schema_name
        self.if_exists = if_exists
        self.cascade = cascade

    def reverse(self) -> CreateSchemaOp:
        """Return the operation that creates the namespace."""
        return CreateSchemaOp(self.schema_name, if_not_exists=self.if_exists)

    def to_diff_tuple(self) -> tuple[str, str]:
        """Return `("remove_schema", name)`."""
        return ("remove_schema", self.schema_name)

    @classmethod
    def drop_schema(
        cls,
        operations: Invoker,
        schema_name: str,
        *,
        if_exists: bool | None = None,
        cascade: bool = False,
    ) -> None:
        """Drop a namespace."""
        operations.invoke(cls(schema_name, if_exists=if_exists, cascade=cascade))


class CreateSequenceOp(Operation):
    """Create a sequence.

    Args:
        sequence_name: its name.
        schema: its namespace.
        if_not_exists: do nothing when it is there.
        options: data_type, start, increment, minvalue, maxvalue, cycle, cache, and
            owned_by=(table, column) or (schema, table, column).
    """

    def __init__(
        self,
        sequence_name: str,
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
        **options: Any,
    ) -> None:
        super().__init__()
        self.sequence_name = sequence_name
        self.schema = schema
        self.if_not_exists = if_not_exists
        self.options = options

    def reverse(self) -> DropSequenceOp:
        """Return the operation that drops the sequence."""
        return DropSequenceOp(
            self.sequence_name, schema=self.schema, if_exists=self.if_not_exists, _reverse=self
        )

    def to_diff_tuple(self) -> tuple[str, str | None, str]:
        """Return `("add_sequence", schema, name)`."""
        return ("add_sequence", self.schema, self.sequence_name)

    @classmethod
    def create_sequence(
        cls,
        operations: Invoker,
        sequence_name: str,
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
        **options: Any,
    ) -> None:
        """Create a sequence."""
        operations.invoke(cls(sequence_name, schema=schema, if_not_exists=if_not_exists, **options))


class DropSequenceOp(Operation):
    """Drop a sequence."""

    def __init__(
        self,
        sequence_name: str,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
        _reverse: CreateSequenceOp | None = None,
    ) -> None:
        super().__init__()
        self.sequence_name = sequence_name
        self.schema = schema
        self.if_exists = if_exists
        self._reverse = _reverse

    def reverse(self) -> CreateSequenceOp:
        """Return the operation that brings the sequence back.

        Raises:
            ValueError: what it looked like is not known.
        """
        if self._reverse is None:
            raise ValueError("This drop cannot be reversed: the sequence's options are not known.")
        return CreateSequenceOp(
            self.sequence_name,
            schema=self.schema,
            if_not_exists=self.if_exists,
            **self._reverse.options,
        )

    def to_diff_tuple(self) -> tuple[str, str | None, str]:
        """Return `("remove_sequence", schema, name)`."""
        return ("remove_sequence", self.schema, self.sequence_name)

    @classmethod
    def drop_sequence(
        cls,
        operations: Invoker,
        sequence_name: str,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
    ) -> None:
        """Drop a sequence."""
        operations.invoke(cls(sequence_name, schema=schema, if_exists=if_exists))


class AlterSequenceOp(Operation):
    """Change a sequence.

    Args:
        sequence_name: its name.
        schema: its namespace.
        new_name: a new name for it.
        existing: the options that change, as they are now; `reverse` needs them.
        options: the options that change, as they shall be; None removes one.
    """

    def __init__(
        self,
        sequence_name: str,
        *,
        schema: str | None = None,
        new_name: str | None = None,
        existing: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__()
        self.sequence_name = sequence_name
        self.schema = schema
        self.new_name = new_name
        self.existing: dict[str, Any] = dict(existing or {})
        self.options = options

    def reverse(self) -> AlterSequenceOp:
        """Return the operation that changes the sequence back.

        Raises:
            ValueError: an option's value now is not known.
        """
        unknown = [word for word in self.options if word not in self.existing]
        if unknown:
            raise ValueError(f"This change cannot be reversed: {', '.join(unknown)} not known.")
        return AlterSequenceOp(
            self.new_name or self.sequence_name,
            schema=self.schema,
            new_name=self.sequence_name if self.new_name else None,
            existing=self.options,
            **{word: self.existing[word] for word in self.options},
        )

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return `("modify_sequence", schema, name, existing, options)`."""
        return (
            "modify_sequence", self.schema, self.sequence_name, self.existing, self.options,
        )  # fmt: skip

    @classmethod
    def alter_sequence(
        cls,
        operations: Invoker,
        sequence_name: str,
        *,
        schema: str | None = None,
        new_name: str | None = None,
        existing: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """Change a sequence."""
        operations.invoke(
            cls(sequence_name, schema=schema, new_name=new_name, existing=existing, **options)
        )


class CreateEnumOp(Operation):
    """Create an enum type."""

    def __init__(
        self,
        enum_name: str,
        values: Sequence[str],
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
    ) -> None:
        super().__init__()
        self.enum_name = enum_name
        self.values = list(values)
        self.schema = schema
        self.if_not_exists = if_not_exists

    def reverse(self) -> DropEnumOp:
        """Return the operation that drops the type."""
        return DropEnumOp(
            self.enum_name, self.values, schema=self.schema, if_exists=self.if_not_exists
        )

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return `("add_enum", schema, name, values)`."""
        return ("add_enum", self.schema, self.enum_name, tuple(self.values))

    @classmethod
    def create_enum(
        cls,
        operations: Invoker,
        enum_name: str,
        values: Sequence[str],
        *,
        schema: str | None = None,
        if_not_exists: bool | None = None,
    ) -> None:
        """Create an enum type."""
        operations.invoke(cls(enum_name, values, schema=schema, if_not_exists=if_not_exists))


class DropEnumOp(Operation):
    """Drop an enum type. `existing_values` are what `reverse` brings back."""

    def __init__(
        self,
        enum_name: str,
        existing_values: Sequence[str] | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
    ) -> None:
        super().__init__()
        self.enum_name = enum_name
        self.existing_values = None if existing_values is None else list(existing_values)
        self.schema = schema
        self.if_exists = if_exists

    def reverse(self) -> CreateEnumOp:
        """Return the operation that brings the type back.

        Raises:
            ValueError: its values are not known.
        """
        if self.existing_values is None:
            raise ValueError("This drop cannot be reversed: the type's values are not known.")
        return CreateEnumOp(
            self.enum_name, self.existing_values, schema=self.schema, if_not_exists=self.if_exists
        )

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return `("remove_enum", schema, name)`."""
        return ("remove_enum", self.schema, self.enum_name)

    @classmethod
    def drop_enum(
        cls,
        operations: Invoker,
        enum_name: str,
        existing_values: Sequence[str] | None = None,
        *,
        schema: str | None = None,
        if_exists: bool | None = None,
    ) -> None:
        """Drop an enum type."""
        operations.invoke(cls(enum_name, existing_values, schema=schema, if_exists=if_exists))


class AlterEnumOp(Operation):
    """Change an enum type: its name, its values, their order.

    Values that are only added are added in place; anything else makes the type anew and
    moves the columns that use it.

    Args:
        enum_name: its name.
        values: its values as they shall be, in order.
        existing_values: its values as they are.
        schema: its namespace.
        new_name: a new name for it.
        renames: old spelling to new spelling of values that are renamed.
        replacements: what rows get that hold a value which is dropped.
    """

    def __init__(
        self,
        enum_name: str,
        values: Sequence[str],
        *,
        existing_values: Sequence[str] | None = None,
        schema: str | None = None,
        new_name: str | None = None,
        renames: Mapping[str, str] | None = None,
        replacements: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.enum_name = enum_name
        self.values = list(values)
        self.existing_values = None if existing_values is None else list(existing_values)
        self.schema = schema
        self.new_name = new_name
        self.renames = dict(renames or {})
        self.replacements = dict(replacements or {})

    def reverse(self) -> AlterEnumOp:
        """Return the operation that changes the type back.

        Raises:
            ValueError: its values as they are now are not known.
        """
        if self.existing_values is None:
            raise ValueError("This change cannot be reversed: the present values are not known.")
        return AlterEnumOp(
            self.new_name or self.enum_name,
            self.existing_values,
            existing_values=self.values,
            schema=self.schema,
            new_name=self.enum_name if self.new_name else None,
            renames={new: old for old, new in self.renames.items()},
        )

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return `("modify_enum", schema, name, existing_values, values)`."""
        existing = None if self.existing_values is None else tuple(self.existing_values)
        return ("modify_enum", self.schema, self.enum_name, existing, tuple(self.values))

    @classmethod
    def alter_enum(
        cls,
        operations: Invoker,
        enum_name: str,
        values: Sequence[str],
        *,
        existing_values: Sequence[str] | None = None,
        schema: str | None = None,
        new_name: str | None = None,
        renames: Mapping[str, str] | None = None,
        replacements: Mapping[str, str] | None = None,
    ) -> None:
        """Change an enum type."""
        operations.invoke(
            cls(
                enum_name,
                values,
                existing_values=existing_values,
                schema=schema,
                new_name=new_name,
                renames=renames,
                replacements=replacements,
            )
        )
