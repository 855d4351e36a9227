"""Read SQLAlchemy types into the catalog, from the text that the type compiler prints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import ARRAY, TypeDecorator, TypeEngine
from sqlalchemy.types import Enum as SqlEnum

from limbeck.catalog import Check, Domain, Enum, Expr, Key, Type
from limbeck.errors import DraftError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Column
    from sqlalchemy.engine import Dialect
    from sqlalchemy.sql.compiler import DDLCompiler


@dataclass(slots=True)
class TypeReader:
    """Reads column types for one dialect, and collects the named types they use.

    Args:
        compiler: the dialect's DDL compiler.
        namespace: converts a schema name of SQLAlchemy to a namespace of the catalog.
    """

    compiler: DDLCompiler
    namespace: Callable[[Any], str | None]
    named: dict[Key, Enum | Domain] = field(default_factory=dict)
    origins: dict[Key, TypeEngine[Any]] = field(default_factory=dict)
    borrowed: set[Key] = field(default_factory=set)
    _known: dict[object, Type] = field(default_factory=dict)
    _kept: list[TypeEngine[Any]] = field(default_factory=list)

    def read(self, type_: TypeEngine[Any], column: Column[Any] | None = None) -> Type:
        """Return the catalog's type for a SQLAlchemy type.

        Args:
            type_: the type of a column or domain.
            column: the column of the type; some dialects need it to render the type.

        Raises:
            DraftError: the dialect does not support the type, or a named type has no name.
        """
        cls = type(type_)
        identity: object
        if cls.__module__.startswith("sqlalchemy.") and not type_._variant_mapping:
            try:
                # every type has different listeners
                identity = (
                    cls,
                    *(
                        (name, value)
                        for name, value in vars(type_).items()
                        if name[0] != "_" and name != "dispatch"
                    ),
                )
                known = self._known.get(identity)
            except TypeError:
                identity = id(type_)
                known = self._known.get(identity)
        else:
            identity = id(type_)
            known = self._known.get(identity)
        if known is not None:
            return known
        self._kept.append(type_)  # keeps the object alive, and its id valid
        result = self._known[identity] = self._read(type_, column)
        return result

    def _read(self, type_: TypeEngine[Any], column: Column[Any] | None) -> Type:
        inner, dimensions = resolve(type_, self.compiler.dialect)
        named = self.named_type(inner)
        if named is not None:
            return Type(named.name, (), None, dimensions, named)
        try:
            text = self.compiler.dialect.type_compiler_instance.process(
                type_, type_expression=column, identifier_preparer=self.compiler.preparer
            )
        except (SQLAlchemyError, AttributeError, NotImplementedError, TypeError) as error:
            # a user-defined type may be incomplete or raise an error
            raise DraftError(
                f"The type {type_!r} cannot be written for this database: {_error_text(error)}",
                hint="Use a type that the database has, or give this one a variant for it.",
                code="LB410",
            ) from error
        return Type.parse(text, keep_quotes=True)

    def named_type(self, type_: TypeEngine[Any]) -> Key | None:
        """Return the key of a type that is a separate object, and record the type."""
        if not hasattr(type_, "DDLGenerator"):
            return None
        owned = getattr(type_, "create_type", True)
        name = getattr(type_, "name", None)
        if name is None:
            raise DraftError(
                f"The type {type_!r} needs a name: this database creates it by name.",
                hint="Give it name=..., or native_enum=False for a plain column with a CHECK.",
                code="LB411",
            )
        namespace = self.namespace(getattr(type_, "schema", None))
        if isinstance(type_, SqlEnum):
            key = Key("enum", (namespace, str(name)))
            if key not in self.named:
                self.named[key] = Enum(key, tuple(str(value) for value in type_.enums))
        elif hasattr(type_, "data_type"):
            key = Key("domain", (namespace, str(name)))
            if key not in self.named:
                self.named[key] = self._domain(key, type_)
        else:
            return None
        self.origins.setdefault(key, type_)
        if not owned:
            self.borrowed.add(key)
        else:
            self.origins[key] = type_
        return key

    def _domain(self, key: Key, type_: Any) -> Domain:
        default = None
        if type_.default is not None:
            default = Expr(self.compiler.render_default_string(type_.default))
        checks: tuple[Check, ...] = ()
        if type_.check is not None:
            body = self.compiler.sql_compiler.process(
                type_.check, include_table=False, literal_binds=True
            )
            # SQLAlchemy renders the constraint name before NOT NULL if there is one
            name = None if type_.not_null else type_.constraint_name
            checks = (Check(Expr(body), None if name is None else str(name)),)
        base = self.read(type_.data_type)
        if type_.collation is not None:
            base = Type(base.name, base.args, type_.collation, base.dimensions, base.ref)
        needs = frozenset((base.ref,)) if base.ref else frozenset()
        return Domain(
            key,
            base,
            nullable=not type_.not_null,
            default=default,
            checks=checks,
            needs=needs,
        )


def resolve(type_: TypeEngine[Any], dialect: Dialect) -> tuple[TypeEngine[Any], int]:
    """Return the type that a dialect uses, without variants, decorators and arrays.

    Args:
        type_: any SQLAlchemy type.
        dialect: the dialect it will be created for.

    Returns:
        The innermost type in the dialect's own class, and the number of array dimensions.
    """
    dimensions = 0
    for _ in range(20):
        variant = type_._variant_mapping.get(dialect.name)
        if variant is not None:
            type_ = variant
        elif isinstance(type_, TypeDecorator):
            type_ = type_.load_dialect_impl(dialect)
        elif isinstance(type_, ARRAY):
            dimensions += type_.dimensions or 1
            type_ = type_.item_type
        else:
            break
    impl = type_.dialect_impl(dialect)
    while isinstance(impl, TypeDecorator):
        impl = impl.impl_instance
    return impl, dimensions


def _error_text(error: Exception) -> str:
    if "_compiler_dispatch" in str(error):
        return "it does not define its SQL"
    if isinstance(error, SQLAlchemyError):
        return str(error)
    return f"{type(error).__name__}: {error}"
