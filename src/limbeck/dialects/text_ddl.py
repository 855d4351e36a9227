"""Statements that are built as text, with names and literals quoted for the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import DDLElement

from limbeck.dialects.ddl_elements import quote_dotted

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import DDLCompiler


class SqlQuoting:
    """Quoting rules of one database, passed to the function that writes a statement."""

    def __init__(self, compiler: DDLCompiler) -> None:
        self._compiler = compiler

    def name(self, name: str, schema: str | None = None) -> str:
        """Return a name, quoted if necessary, with its schema if there is one."""
        quote = self._compiler.preparer.quote
        written = f"{quote(schema)}.{quote(name)}" if schema else quote(name)
        return written.replace("%%", "%") if self._doubles else written

    def dotted(self, name: str) -> str:
        """Return a name with each of its dotted parts quoted if necessary."""
        return str(quote_dotted(name, self._compiler.preparer.quote))

    @property
    def default_schema(self) -> str | None:
        """The default schema; None if it is not known."""
        return self._compiler.dialect.default_schema_name

    def literal(self, value: str) -> str:
        """Return a text as a literal."""
        written = self._compiler.sql_compiler.render_literal_value(value, String())
        return written.replace("%%", "%") if self._doubles else written

    def statement(self, element: DDLElement) -> str:
        """Return another statement as text."""
        written = str(element.compile(dialect=self._compiler.dialect)).strip()
        return written.replace("%%", "%") if self._doubles else written

    @property
    def _doubles(self) -> bool:
        return bool(self._compiler.preparer._double_percents)

    def finished(self, sql: str) -> str:
        """Return the statement with percent signs as the driver requires them."""
        return sql.replace("%", "%%") if self._doubles else sql


class TextStatement(DDLElement):
    """A statement whose text is written by a function of the quoting rules."""

    inherit_cache = False

    def __init__(self, write: Callable[[SqlQuoting], str]) -> None:
        self.write = write


@compiles(TextStatement)
def _visit_plain(element: TextStatement, compiler: DDLCompiler, **_kw: Any) -> str:
    quoting = SqlQuoting(compiler)
    return quoting.finished(element.write(quoting))
