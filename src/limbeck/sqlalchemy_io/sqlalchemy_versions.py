"""The only module that distinguishes SQLAlchemy 2.0 from 2.1."""

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
    """Return a copy of a dialect that does not double percent signs.

    Drivers with `%s` parameters require doubled percent signs in statements. Catalogs contain the
    SQL that the server receives.
    """
    plain = copy(dialect)
    preparer = copy(dialect.identifier_preparer)
    preparer._double_percents = False
    # the preparer caches quoted names, in which percent signs are doubled
    preparer._strings = {}
    preparer.dialect = plain
    plain.identifier_preparer = preparer
    plain._type_memos = WeakKeyDictionary()
    # Enum values are rendered by the type compiler, which refers to its own dialect.
    types = copy(dialect.type_compiler_instance)
    types.dialect = plain
    plain.type_compiler_instance = types
    plain.type_compiler = types
    return plain


def ddl_compiler(dialect: Dialect) -> DDLCompiler:
    """Return a DDL compiler that is not bound to a statement."""
    return dialect.ddl_compiler(dialect, None)  # type: ignore[arg-type]


def view_ddl(table: Table) -> Any | None:
    """Return the CREATE VIEW of a table that SQLAlchemy 2.1 creates as a view."""
    return getattr(table, "_creator_ddl", None) if getattr(table, "is_view", False) else None


def is_made(item: SchemaItem, compiler: DDLCompiler) -> bool:
    """Return whether `ddl_if` allows an item to be created in this dialect."""
    condition = getattr(item, "_ddl_if", None)
    if condition is None:
        return True
    return bool(
        condition._should_execute(item, item, None, compiler=compiler, checkfirst=False, tables=[])
    )


def is_constraint_made(constraint: Constraint, compiler: DDLCompiler) -> bool:
    """Return whether a constraint is part of CREATE TABLE in this dialect."""
    rule = constraint._create_rule
    # create_all() sets a rule on foreign keys with use_alter, which is always False afterwards
    by_statement = getattr(rule, "__name__", "") == "_create_rule_disable"
    if rule is not None and not by_statement and not rule(compiler):
        return False
    return is_made(constraint, compiler)


def chosen_name(item: Constraint | Index, compiler: DDLCompiler) -> str | None:
    """Return an item's name in DDL, after naming conventions and truncation."""
    if item.name is None:
        return None
    name = compiler.preparer.format_constraint(item, _alembic_quote=False)
    return None if name is None else str(name)


def free_types(metadata: MetaData) -> list[SchemaType]:
    """Return the types that were attached directly to the MetaData."""
    types = []
    for listener in metadata.dispatch.before_create:
        # 2.1 registers the method itself, 2.0 a picklable wrapper; the listeners of columns include
        # the variants of their types, which are read with the columns
        target = getattr(listener, "__self__", None)
        if target is None and not getattr(listener, "kwargs", True):
            target = getattr(listener, "target", None)
        if isinstance(target, SchemaType):
            types.append(target)
    return types


def dialect_names(dialect: Dialect) -> tuple[str, ...]:
    """Return the prefixes of options that a dialect supports: its own name, then its parents'."""
    names = [dialect.name]
    for cls in type(dialect).__mro__:
        name = cls.__dict__.get("name")
        if isinstance(name, str) and name not in names and name != "default":
            names.append(name)
    return tuple(names)
