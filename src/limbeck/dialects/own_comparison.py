"""Comparisons in limbeck's own statements, which call no operator of other schemas.

PostgreSQL calls the operator whose arguments match best, from any schema on the search path. For
`varchar = varchar`, that is an operator that somebody has created for this type: the server itself
compares `text`. https://www.postgresql.org/docs/current/typeconv-oper.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler


class _Comparison(FunctionElement[object]):
    """Two values; the class of the element names the operator.

    It is written as a function with two arguments, which SQLAlchemy can cache and traverse.
    """

    type: Any = sa.types.NULLTYPE  # with a boolean, some databases would compare the result with 1
    inherit_cache = True
    operator = "="


class same(_Comparison):  # noqa: N801 - named like a function of SQLAlchemy
    """`a = b`."""

    inherit_cache = True


class at_least(_Comparison):  # noqa: N801 - named like a function of SQLAlchemy
    """`a >= b`."""

    inherit_cache = True
    operator = ">="


class above(_Comparison):  # noqa: N801 - named like a function of SQLAlchemy
    """`a > b`."""

    inherit_cache = True
    operator = ">"


class at_most(_Comparison):  # noqa: N801 - named like a function of SQLAlchemy
    """`a <= b`."""

    inherit_cache = True
    operator = "<="


class below(_Comparison):  # noqa: N801 - named like a function of SQLAlchemy
    """`a < b`."""

    inherit_cache = True
    operator = "<"


class differs(_Comparison):  # noqa: N801 - named like a function of SQLAlchemy
    """`a <> b`."""

    inherit_cache = True
    operator = "<>"


@compiles(_Comparison)
def _write(element: _Comparison, compiler: SQLCompiler, **kw: Any) -> str:
    left, right = element.clauses
    return f"{compiler.process(left, **kw)} {element.operator} {compiler.process(right, **kw)}"


@compiles(_Comparison, "postgresql")
def _write_qualified(element: _Comparison, compiler: SQLCompiler, **kw: Any) -> str:
    left, right = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{left} OPERATOR(pg_catalog.{element.operator}) {right}"
