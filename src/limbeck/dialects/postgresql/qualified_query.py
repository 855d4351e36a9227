"""Queries of SQLAlchemy in which each operator, function and type is schema-qualified.

SQL text in a query is not changed. BETWEEN is not used, whose operators cannot be qualified.
"""

from __future__ import annotations

import re
from copy import copy
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from limbeck.dialects.postgresql.qualified_sql import GRAMMAR_TYPES
from limbeck.dialects.script_text import undoubled
from limbeck.sql import quote_literal

if TYPE_CHECKING:
    from sqlalchemy import Connection, Executable
    from sqlalchemy.engine import Dialect as SqlDialect
    from sqlalchemy.types import TypeEngine

# types of SQLAlchemy's own dialect whose operators belong to an extension
_OF_EXTENSIONS = (postgresql.CITEXT, postgresql.HSTORE)
# the spaces tell operators from key words such as IS
_OPERATOR = re.compile(r" ([-+*/<>=~!@#%^&|]+) ")
_SIGNS = {" IN ": "=", " NOT IN ": "<>"}
_TYPE = re.compile(r"[A-Z][A-Z0-9]*")


def has_server_operators(type_: TypeEngine[Any]) -> bool:
    """Return whether values of a type are compared by operators of `pg_catalog`; see `Dialect`.

    A type of an extension has its own operators, in the schema of the extension. Those of
    `pg_catalog` are missing, or compare in another way: `citext` ignores case, `text` does not.
    """
    if isinstance(type_, postgresql.DOMAIN):
        return has_server_operators(type_.data_type)
    if isinstance(type_, sa.types.TypeDecorator):
        return has_server_operators(type_.impl_instance)
    return type(type_).__module__.startswith("sqlalchemy.") and not isinstance(
        type_, (*_OF_EXTENSIONS, sa.types.NullType, sa.types.UserDefinedType)
    )


def own_session(connection: Connection) -> Connection:
    """Return a connection for the same session, with qualified names; see `Dialect`."""
    engine = connection.engine
    dialect = copy(connection.dialect)
    base: Any = dialect.statement_compiler
    dialect.statement_compiler = _compiler(base)
    if not connection.in_transaction():
        connection.begin()  # as a statement of this connection would
    twin = sa.Engine(
        engine.pool, dialect, engine.url, echo=engine.echo, hide_parameters=engine.hide_parameters
    )
    names = connection.get_execution_options().get("schema_translate_map")
    # without the other options: setting the isolation level again would be an error
    return sa.Connection(twin, connection.connection).execution_options(schema_translate_map=names)


def query_text(query: Executable, dialect: SqlDialect) -> str:
    """Return the SQL of a query with qualified names, and with its values as literals."""
    base: Any = dialect.statement_compiler
    compiler = _compiler(base)
    return undoubled(compiler(dialect, query, compile_kwargs={"literal_binds": True})).strip()


@cache
def _compiler(base: Any) -> Any:
    """Return the compiler of a driver, with qualified names."""
    return type("QualifiedCompiler", (_QualifiedNames, base), {})


class _QualifiedNames:
    """Overrides the methods of SQLAlchemy's compiler that write operators, functions and types."""

    def _generate_generic_binary(self, binary: Any, opstring: str, **kw: Any) -> str:
        sign = _SIGNS.get(opstring)
        match = _OPERATOR.fullmatch(opstring)
        if (sign is None and match is None) or not _has_server_operator(binary):
            return self._written(binary, opstring, **kw)
        mark = f" OPERATOR(pg_catalog.{match[1] if match else sign}) "
        text = self._written(binary, mark, **kw)
        if sign is not None:
            left, _, right = text.rpartition(mark)
            text = f"{left}{mark}{_among(sign, right)}"
        # all qualified operators have the same precedence
        return f"({text})"

    def visit_like_op_binary(self, binary: Any, operator: Any, **kw: Any) -> str:
        sign = "~~" if operator is sa.sql.operators.like_op else "!~~"
        mark = f" OPERATOR(pg_catalog.{sign}) "
        left, _, right = self._written(binary, mark, **kw).rpartition(mark)
        escape = binary.modifiers.get("escape")
        if escape is not None:
            right = f"pg_catalog.like_escape({right}, {quote_literal(escape)})"
        return f"({left}{mark}{right})"

    visit_not_like_op_binary = visit_like_op_binary

    def _written(self, *args: Any, **kw: Any) -> str:
        text: str = super()._generate_generic_binary(*args, **kw)  # type: ignore[misc]
        return text

    def visit_function(self, func: Any, **kw: Any) -> str:
        text: str = super().visit_function(func, **kw)  # type: ignore[misc]
        return text if func.packagenames else f"pg_catalog.{text}"

    def visit_typeclause(self, typeclause: Any, **kw: Any) -> str:
        return _type(super().visit_typeclause(typeclause, **kw))  # type: ignore[misc]


def _has_server_operator(binary: Any) -> bool:
    """Return whether no operand has a type with operators of its own.

    Columns without a type are those of limbeck's tables, or have been read as text.
    """
    return all(
        isinstance(type_, sa.types.NullType) or has_server_operators(type_)
        for type_ in (binary.left.type, binary.right.type)
    )


def _among(sign: str, values: str) -> str:
    """Return the right side of IN or NOT IN for a comparison with ANY or ALL."""
    word = "ANY" if sign == "=" else "ALL"
    is_query = values.startswith("(SELECT ")
    return f"{word} {values}" if is_query else f"{word} (ARRAY[{values[1:-1]}])"


def _type(name: str) -> str:
    is_plain = _TYPE.fullmatch(name) and name.lower() not in GRAMMAR_TYPES
    return f"pg_catalog.{name.lower()}" if is_plain else name
