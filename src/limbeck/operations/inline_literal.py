"""A value that stands in the text of a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import literal
from sqlalchemy.exc import CompileError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import BindParameter

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler


class InlineLiteral(BindParameter[Any]):
    """A bound value that is always written out."""

    inherit_cache = False

    def __init__(self, value: Any, type_: Any) -> None:
        super().__init__(None, value, type_, unique=True)


@compiles(InlineLiteral)
def _written(element: InlineLiteral, compiler: SQLCompiler, **kw: Any) -> str:
    plain = literal(element.value, element.type)
    if plain.type._isnull:
        plain = literal(element.value)
    kw["literal_binds"] = True
    try:
        return compiler.process(plain, **kw)
    except CompileError:
        # a type from outside that cannot write values; what Python has tells enough
        return compiler.process(literal(element.value), **kw)
