"""Write the complete definition of a column, as CREATE TABLE and MODIFY need it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from limbeck.catalog import Check, Column, Computed, Expr, Key, Table
from limbeck.dialects.mysql.catalog_queries import quote, quoted
from limbeck.dialects.mysql.type_names import ddl


def definition(column: Column, checks: Iterable[str] = ()) -> str:
    """Return the name of a column and its complete definition.

    Args:
        column: the column.
        checks: the checks in its definition.
    """
    extras = dict(column.extras)
    words = [quote(column.name), ddl(column.type)]
    if isinstance(column.default, Computed):
        kind = "STORED" if column.default.stored else "VIRTUAL"
        words.append(f"GENERATED ALWAYS AS ({column.default.expr.text}) {kind}")
    else:
        words.append("NULL" if column.nullable else "NOT NULL")
        if extras.get("autoincrement"):
            words.append("AUTO_INCREMENT")
        if isinstance(column.default, Expr):
            words.append(f"DEFAULT {column.default.text}")
        if extras.get("on_update"):
            words.append(f"ON UPDATE {extras['on_update']}")
    if extras.get("invisible"):
        words.append("INVISIBLE")
    if column.comment:
        words.append(f"COMMENT {quoted(column.comment)}")
    words += [f"CHECK ({text})" for text in checks]
    return " ".join(words)


def column_checks(table: Table, name: str) -> tuple[Check, ...]:
    """Return the checks that are part of the definition of a column."""
    return tuple(check for check in table.checks if ("beside", (name,)) in check.extras)


def modify_column(table: Table, name: str) -> str:
    """Return the statement that gives a column its definition in a table, with its checks.

    Args:
        table: as it shall be, with the column.
        name: the column.
    """
    column = next(one for one in table.columns if one.name == name)
    texts = [check.expr.text for check in column_checks(table, name)]
    return f"ALTER TABLE {_full(table.key)} MODIFY {definition(column, texts)}"


def rename_column(key: Key, column: Column, old: str, new: str, checks: Iterable[str]) -> str:
    """Return the statement that renames a column and repeats its definition with its checks.

    Args:
        key: of the table.
        column: the column.
        old: its old name.
        new: its new name.
        checks: the checks, which have the new name.
    """
    renamed = definition(replace(column, name=new), checks)
    return f"ALTER TABLE {_full(key)} CHANGE {quote(old)} {renamed}"


def let_go(table: Table, name: str) -> str:
    """Return the statement that keeps the values of a stored column, worked out no longer."""
    column = next(one for one in table.columns if one.name == name)
    plain = replace(column, default=None)
    return f"ALTER TABLE {_full(table.key)} MODIFY {definition(plain)}"


def _full(key: Key) -> str:
    return ".".join(quote(word) for word in key.path if word)
