"""Derive the operations that revert a DDL statement from its text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from limbeck.dialects.statement_effects import DdlFact, TablePath, parse_effects

if TYPE_CHECKING:
    from limbeck.operations import Operation

_NAME = (
    r'(?:"(?:[^"]|"")+"|`(?:[^`]|``)+`|[\w$]+)(?:\s*\.\s*(?:"(?:[^"]|"")+"|`(?:[^`]|``)+`|[\w$]+))?'
)
# without IF NOT EXISTS and OR REPLACE: the object is new
_CREATE = re.compile(
    rf"\s*CREATE\s+(SEQUENCE|TYPE|DOMAIN|VIEW|MATERIALIZED\s+VIEW)\s+(?!IF\s+NOT\s+EXISTS\b)({_NAME})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reverse:
    """One operation or statement that reverts a part of a statement.

    Args:
        fact: the fact that it reverts; nothing has to be done if the fact is not true. None if
            the statement checks that.
        operation: the operation; None for a statement.
        sql: the statement; "" for an operation.
        rename: old and new name of a column, with its table, for a column that is renamed back.
    """

    fact: DdlFact | None
    operation: Operation | None = None
    sql: str = ""
    rename: tuple[TablePath, str, str] | None = None

    def __str__(self) -> str:
        if self.rename is not None:
            table, now, before = self.rename
            return f"rename column {_dotted(table)}.{now} to {before}"
        if self.fact is None:
            return self.sql
        if self.fact.renamed_from is not None:
            return f"rename table {_dotted(self.fact.table)} to {self.fact.renamed_from[1]}"
        kind = "index" if self.fact.kind == "part" else self.fact.kind
        if self.fact.constraint:
            kind = "constraint"
        name = f".{self.fact.name}" if self.fact.name else ""
        return f"drop {kind} {_dotted(self.fact.table)}{name}"


def reverse_of(sql: str, dialect: str) -> tuple[Reverse, ...] | None:
    """Return what reverts a statement, in the order in which it has to run.

    Args:
        sql: one statement, which took effect.
        dialect: SQLAlchemy's name of the dialect.

    Returns:
        None for a statement without a reverse: it removed something, changed rows, depends on a
        condition, or is not understood.
    """
    created = _CREATE.match(sql)
    if created is not None:
        kind = " ".join(created[1].upper().split())
        return (Reverse(None, sql=f"DROP {kind} IF EXISTS {created[2]}"),)
    effects = parse_effects(sql, dialect)
    if not (effects.items and effects.is_reversible):
        return None
    tables = {item.table for item in effects.items if item.kind == "table" and item.is_present}
    renamed = {item.renamed_from for item in effects.items if item.renamed_from}
    reverses: list[Reverse] = []
    for item in reversed(effects.items):
        if not item.is_present:
            old = item.table if item.kind == "table" else (None, item.name)
            if old not in renamed:
                return None
        elif item.kind == "table" or item.table not in tables:
            reverse = _reverse_fact(item)
            if reverse is None:
                return None
            reverses.append(reverse)
    return tuple(reverses)


def _reverse_fact(item: DdlFact) -> Reverse | None:
    from limbeck.operations import DropColumnOp, DropConstraintOp, DropIndexOp, DropTableOp
    from limbeck.operations import RenameTableOp as RenameOp

    schema, table = item.table
    operation: Operation | None = None
    match item.kind:
        case "table" if item.renamed_from is None:
            operation = DropTableOp(table, schema=schema)
        case "table" if item.renamed_from is not None:
            operation = RenameOp(table, item.renamed_from[1], schema=schema)
        case "column" if item.renamed_from is not None:
            return Reverse(item, rename=(item.table, item.name, item.renamed_from[1]))
        case "column":
            operation = DropColumnOp(table, item.name, schema=schema)
        case "part" if item.constraint:
            operation = DropConstraintOp(item.name, table, item.constraint, schema=schema)
        case "part":
            operation = DropIndexOp(item.name, table, schema=schema)
    return None if operation is None else Reverse(item, operation)


def _dotted(table: TablePath) -> str:
    return ".".join(part for part in table if part)
