"""Operations on objects of a schema other than tables: schemas, sequences, enum types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from limbeck.operations.operation import Invoker, Operation
from limbeck.operations.operations import Operations


class SchemaLevelOp(Operation):
    """An operation that `to_diff_tuple` returns as a name and some of its attributes.

    Attributes:
        diff_name: the first element of the tuple.
        diff_attributes: the attributes whose values follow; lists become tuples.
    """

    diff_name: ClassVar[str]
    diff_attributes: ClassVar[tuple[str, ...]]

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return the name of the difference and the attributes that describe it."""
        values = (getattr(self, name) for name in self.diff_attributes)
        return (self.diff_name, *(tuple(v) if isinstance(v, list) else v for v in values))


@Operations.register_operation("create_schema")
@dataclass(eq=False, repr=False)
class CreateSchemaOp(SchemaLevelOp):
    """Create a schema."""

    schema_name: str
    _: KW_ONLY
    if_not_exists: bool | None = None

    diff_name = "add_schema"
    diff_attributes = ("schema_name",)

    def reverse(self) -> DropSchemaOp:
        """Return the operation that drops the schema."""
        return DropSchemaOp(self.schema_name, if_exists=self.if_not_exists)

    @classmethod
    def create_schema(
        cls, operations: Invoker, schema_name: str, *, if_not_exists: bool | None = None
    ) -> None:
        """Create a schema."""
        operations.invoke(cls(schema_name, if_not_exists=if_not_exists))


@Operations.register_operation("drop_schema")
@dataclass(eq=False, repr=False)
class DropSchemaOp(SchemaLevelOp):
    """Drop a schema."""

    schema_name: str
    _: KW_ONLY
    if_exists: bool | None = None
    cascade: bool = False

    diff_name = "remove_schema"
    diff_attributes = ("schema_name",)

    def reverse(self) -> CreateSchemaOp:
        """Return the operation that creates the schema."""
        return CreateSchemaOp(self.schema_name, if_not_exists=self.if_exists)

    @classmethod
    def drop_schema(
        cls,
        operations: Invoker,
        schema_name: str,
        *,
        if_exists: bool | None = None,
        cascade: bool = False,
    ) -> None:
        """Drop a schema; `cascade` drops the objects in it."""
        operations.invoke(cls(schema_name, if_exists=if_exists, cascade=cascade))


@Operations.register_operation("create_sequence")
class CreateSequenceOp(SchemaLevelOp):
    """Create a sequence."""

    diff_name = "add_sequence"
    diff_attributes = ("schema", "sequence_name")

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
        """Create a sequence.

        Args:
            sequence_name: the sequence.
            schema: the schema of the sequence.
            if_not_exists: do nothing if the sequence already exists.
            options: data_type, start, increment, minvalue, maxvalue, cycle, cache, and
                owned_by=(table, column) or (schema, table, column).
        """
        operations.invoke(cls(sequence_name, schema=schema, if_not_exists=if_not_exists, **options))


@Operations.register_operation("drop_sequence")
@dataclass(eq=False, repr=False)
class DropSequenceOp(SchemaLevelOp):
    """Drop a sequence."""

    sequence_name: str
    _: KW_ONLY
    schema: str | None = None
    if_exists: bool | None = None
    _reverse: CreateSequenceOp | None = None

    diff_name = "remove_sequence"
    diff_attributes = ("schema", "sequence_name")

    def reverse(self) -> CreateSequenceOp:
        """Return the operation that restores the sequence.

        Raises:
            ValueError: the options of the sequence are not known.
        """
        if self._reverse is None:
            raise ValueError("This drop cannot be reversed: the sequence's options are not known.")
        return CreateSequenceOp(
            self.sequence_name,
            schema=self.schema,
            if_not_exists=self.if_exists,
            **self._reverse.options,
        )

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


@Operations.register_operation("alter_sequence")
class AlterSequenceOp(SchemaLevelOp):
    """Change a sequence.

    Args:
        sequence_name: the sequence.
        schema: the schema of the sequence.
        new_name: the new name, if it changes.
        existing: the current values of the options that change; `reverse` needs them.
        options: the new values of the options that change; None removes one.
    """

    diff_name = "modify_sequence"
    diff_attributes = ("schema", "sequence_name", "existing", "options")

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
            ValueError: the current value of an option is not known.
        """
        unknown = [name for name in self.options if name not in self.existing]
        if unknown:
            raise ValueError(f"This change cannot be reversed: {', '.join(unknown)} not known.")
        return AlterSequenceOp(
            self.new_name or self.sequence_name,
            schema=self.schema,
            new_name=self.sequence_name if self.new_name else None,
            existing=self.options,
            **{name: self.existing[name] for name in self.options},
        )

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
        """Change a sequence; `existing` holds the current values of the options that change."""
        operations.invoke(
            cls(sequence_name, schema=schema, new_name=new_name, existing=existing, **options)
        )


@Operations.register_operation("create_enum")
@dataclass(eq=False, repr=False)
class CreateEnumOp(SchemaLevelOp):
    """Create an enum type."""

    enum_name: str
    values: Sequence[str]
    _: KW_ONLY
    schema: str | None = None
    if_not_exists: bool | None = None

    diff_name = "add_enum"
    diff_attributes = ("schema", "enum_name", "values")

    def __post_init__(self) -> None:
        self.values = list(self.values)

    def reverse(self) -> DropEnumOp:
        """Return the operation that drops the type."""
        return DropEnumOp(
            self.enum_name, self.values, schema=self.schema, if_exists=self.if_not_exists
        )

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


@Operations.register_operation("drop_enum")
@dataclass(eq=False, repr=False)
class DropEnumOp(SchemaLevelOp):
    """Drop an enum type. `existing_values` are the values that `reverse` restores."""

    enum_name: str
    existing_values: Sequence[str] | None = None
    _: KW_ONLY
    schema: str | None = None
    if_exists: bool | None = None

    diff_name = "remove_enum"
    diff_attributes = ("schema", "enum_name")

    def __post_init__(self) -> None:
        self.existing_values = None if self.existing_values is None else list(self.existing_values)

    def reverse(self) -> CreateEnumOp:
        """Return the operation that restores the type.

        Raises:
            ValueError: the values of the type are not known.
        """
        if self.existing_values is None:
            raise ValueError("This drop cannot be reversed: the type's values are not known.")
        return CreateEnumOp(
            self.enum_name, self.existing_values, schema=self.schema, if_not_exists=self.if_exists
        )

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
        """Drop an enum type; `existing_values` are the values that reversing restores."""
        operations.invoke(cls(enum_name, existing_values, schema=schema, if_exists=if_exists))


@Operations.register_operation("alter_enum")
class AlterEnumOp(SchemaLevelOp):
    """Change an enum type: its name, its values, their order.

    Values are added in place if nothing else changes. Any other change creates the type again and
    converts the columns that use it.
    """

    diff_name = "modify_enum"
    diff_attributes = ("schema", "enum_name", "existing_values", "values")

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
            ValueError: the current values of the type are not known.
        """
        if self.existing_values is None:
            raise ValueError("This change cannot be reversed: the current values are not known.")
        return AlterEnumOp(
            self.new_name or self.enum_name,
            self.existing_values,
            existing_values=self.values,
            schema=self.schema,
            new_name=self.enum_name if self.new_name else None,
            renames={new: old for old, new in self.renames.items()},
            # the downgrade drops the new value, so its rows get the replaced value back
            replacements={
                new: old
                for old, new in reversed(self.replacements.items())
                if new not in self.existing_values
            },
        )

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
        """Change an enum type: its name, its values, their order.

        Args:
            enum_name: the enum type.
            values: all new values, in order.
            existing_values: the current values.
            schema: the schema of the enum type.
            new_name: the new name, if it changes.
            renames: old to new names of the renamed values.
            replacements: dropped values, and the values that replace them in rows.
        """
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
