"""The only place that knows SQLAlchemy 2.0 from 2.1."""

from __future__ import annotations

from copy import copy
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import MetaData, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import Constraint, Index, SchemaItem
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.sql.sqltypes import SchemaType


def plain_dialect(dialect: Dialect) -> Dialect:
    """Return a copy of a dialect that prints percent signs once.

    Drivers with `%s` parameters need them doubled in statements; catalogs hold the SQL that
    the server sees.
    """
    plain = copy(dialect)
    preparer = copy(dialect.identifier_preparer)
    preparer._double_percents = False
    # the preparer caches the names that it has quoted, with percent signs doubled
    preparer._strings = {}
    preparer.dialect = plain
    plain.identifier_preparer = preparer
    plain._type_memos = WeakKeyDictionary()
    # Values of enums are printed by the compiler of types, which asks its own dialect.
    types = copy(dialect.type_compiler_instance)
    types.dialect = plain
    plain.type_compiler_instance = types
    plain.type_compiler = types
    return plain


def ddl_compiler(dialect: Dialect) -> DDLCompiler:
    """Return a compiler of DDL that belongs to no statement."""
    return dialect.ddl_compiler(dialect, None)  # type: ignore[arg-type]


def view_ddl(table: Table) -> Any | None:
    """Return the CREATE VIEW behind a table that SQLAlchemy 2.1 keeps as a view."""
    return getattr(table, "_creator_ddl", None) if getattr(table, "is_view", False) else None


def is_made(item: SchemaItem, compiler: DDLCompiler) -> bool:
    """Return whether `ddl_if` lets an item be created in this dialect."""
    condition = getattr(item, "_ddl_if", None)
    if condition is None:
        return True
    return bool(
        condition._should_execute(item, item, None, compiler=compiler, checkfirst=False, tables=[])
    )


def is_constraint_made(constraint: Constraint, compiler: DDLCompiler) -> bool:
    """Return whether a constraint is part of CREATE TABLE in this dialect."""
    rule = constraint._create_rule
    # create_all() leaves a rule on foreign keys with use_alter that is False from then on
    by_statement = getattr(rule, "__name__", "") == "_create_rule_disable"
    if rule is not None and not by_statement and not rule(compiler):
        return False
    return is_made(constraint, compiler)


def chosen_name(item: Constraint | Index, compiler: DDLCompiler) -> str | None:
    """Return the name under which DDL creates an item: conventions and truncation applied."""
    if item.name is None:
        return None
    name = compiler.preparer.format_constraint(item, _alembic_quote=False)
    return None if name is None else str(name)


def free_types(metadata: MetaData) -> list[SchemaType]:
    """Return the types that were attached to the MetaData itself."""
    found = []
    for listener in metadata.dispatch.before_create:
        # 2.1 listens with the method itself, 2.0 with a picklable stand-in; those of columns
        # contain the variants of the column's type and are found there
        target = getattr(listener, "__self__", None)
        if target is None and not getattr(listener, "kwargs", True):
            target = getattr(listener, "target", None)
        if isinstance(target, SchemaType):
            found.append(target)
    return found


def dialect_names(dialect: Dialect) -> tuple[str, ...]:
    """Return the prefixes of options that a dialect honours: its own name, then its parents'."""
    names = [dialect.name]
    for cls in type(dialect).__mro__:
        name = cls.__dict__.get("name")
        if isinstance(name, str) and name not in names and name != "default":
            names.append(name)
    return tuple(names)
