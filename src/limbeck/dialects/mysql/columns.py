"""Write the complete definition of a column, as CREATE TABLE and MODIFY require it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from limbeck.catalog import Column, Computed, Expr, Index, Key, Table
from limbeck.dialects.mysql.catalog_queries import quote, quoted
from limbeck.dialects.mysql.ddl_constructs import is_mariadb
from limbeck.dialects.mysql.type_names import ddl
from limbeck.sql import ANY, rename_identifier

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect as SqlDialect


def definition(column: Column, checks: Iterable[str] = ()) -> str:
    """Return the name of a column and its complete definition.

    Args:
        column: the column.
        checks: the checks in its definition.
    """
    extras = dict(column.extras)
    parts = [quote(column.name), ddl(column.type)]
    if isinstance(column.default, Computed):
        kind = "STORED" if column.default.stored else "VIRTUAL"
        parts.append(f"GENERATED ALWAYS AS ({column.default.expr.text}) {kind}")
    else:
        parts.append("NULL" if column.nullable else "NOT NULL")
        if extras.get("autoincrement"):
            parts.append("AUTO_INCREMENT")
        if isinstance(column.default, Expr):
            parts.append(f"DEFAULT {column.default.text}")
        if extras.get("on_update"):
            parts.append(f"ON UPDATE {extras['on_update']}")
    if extras.get("invisible"):
        parts.append("INVISIBLE")
    if column.comment:
        parts.append(f"COMMENT {quoted(column.comment)}")
    parts += [f"CHECK ({text})" for text in checks]
    return " ".join(parts)


def modify_column(table: Table, name: str) -> str:
    """Return the statement that gives a column its definition in a table, with its checks.

    Args:
        table: the table in its final form.
        name: the column.
    """
    column = next(candidate for candidate in table.columns if candidate.name == name)
    texts = [check.expr.text for check in table.checks_of(name)]
    return f"ALTER TABLE {_full(table.key)} MODIFY {definition(column, texts)}"


def rename_column(key: Key, column: Column, old: str, new: str, checks: Iterable[str]) -> str:
    """Return the statement that renames a column and repeats its definition with its checks.

    Args:
        key: the key of the table.
        column: the column.
        old: the old name.
        new: the new name.
        checks: the texts of the checks, which use the new name.
    """
    renamed = definition(replace(column, name=new), checks)
    return f"ALTER TABLE {_full(key)} CHANGE {quote(old)} {renamed}"


def rename_with_dependents(table: Table, old: str, new: str, dialect: SqlDialect) -> str | None:
    """Return the statement that renames a column and recreates its dependents, on MySQL.

    MySQL refuses to rename a column that a check, a generated column or a functional index uses,
    unless the same statement drops them.

    Args:
        table: the current table.
        old: the name of the column.
        new: the new name.
        dialect: SQLAlchemy's dialect; MariaDB can rename such columns.

    Returns:
        None if nothing depends on the column.
    """
    column = next((candidate for candidate in table.columns if candidate.name == old), None)
    clauses = () if is_mariadb(dialect) else dependent_clauses(table, old, new)
    if column is None or not clauses:
        return None
    return ", ".join([rename_column(table.key, column, old, new, ()), *clauses])


def dependent_clauses(table: Table, old: str, new: str) -> tuple[str, ...]:
    """Return the clauses of ALTER TABLE that recreate the dependents of a renamed column.

    Args:
        table: the current table.
        old: the name of the column.
        new: the new name.
    """
    from limbeck.diff import exchanged

    clauses = []
    for check in table.checks:
        text = exchanged(check.expr, old, new).text
        if text != check.expr.text and check.name is not None:
            end = " NOT ENFORCED" if ("not_enforced", True) in check.extras else ""
            clauses.append(f"DROP CHECK {quote(check.name)}")
            clauses.append(f"ADD CONSTRAINT {quote(check.name)} CHECK ({text}){end}")
    for column in table.columns:
        if isinstance(column.default, Computed):
            expr = exchanged(column.default.expr, old, new)
            if expr.text != column.default.expr.text:
                generated = replace(column, default=replace(column.default, expr=expr))
                clauses.append(f"MODIFY {definition(generated)}")
    for index in table.indexes:
        clauses.extend(_index_clauses(index, old, new))
    return tuple(clauses)


def _index_clauses(index: Index, old: str, new: str) -> Iterable[str]:
    texts = [element.expr.text for element in index.elements if element.expr is not None]
    if all(rename_identifier(text, old, new, ANY) == text for text in texts):
        return
    parts = []
    for element in index.elements:
        if element.expr is not None:
            part = rename_identifier(element.expr.text, old, new, ANY)
        else:
            part = quote(new if element.column == old else str(element.column))
            part += f"({element.length})" if element.length is not None else ""
        parts.append(f"{part} DESC" if element.descending else part)
    kind = "UNIQUE INDEX" if index.unique else "INDEX"
    end = " INVISIBLE" if ("invisible", True) in index.extras else ""
    end += f" COMMENT {quoted(index.comment)}" if index.comment else ""
    yield f"DROP INDEX {quote(str(index.name))}"
    yield f"ADD {kind} {quote(str(index.name))} ({', '.join(parts)}){end}"


def drop_expression(table: Table, name: str) -> str:
    """Return the statement that makes a stored column a plain one and keeps its values."""
    column = next(candidate for candidate in table.columns if candidate.name == name)
    plain = replace(column, default=None)
    return f"ALTER TABLE {_full(table.key)} MODIFY {definition(plain)}"


def _full(key: Key) -> str:
    return ".".join(quote(word) for word in key.path if word)
