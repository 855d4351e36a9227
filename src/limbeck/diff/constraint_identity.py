"""Compare constraints and indexes by content, and find the columns that they use."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from limbeck.catalog import (
    Check,
    Column,
    Computed,
    Constraint,
    Exclude,
    Expr,
    Extras,
    ForeignKey,
    Index,
    Part,
    PrimaryKey,
    Table,
    Unique,
)
from limbeck.sql import ANY, identifiers_in, rename_identifier


def content(part: Constraint | Index) -> tuple[object, ...]:
    """Return the content of a constraint or index, without name and comment."""
    extras = without(part.extras, "auto", "not_valid", "invisible")
    match part:
        case PrimaryKey():
            return (part.columns, extras)
        case Unique():
            return (part.columns, extras)
        case Check():
            return (part.expr, extras)
        case ForeignKey():
            pairs = tuple(sorted(zip(part.columns, part.target_columns, strict=False)))
            actions = (part.on_update, part.on_delete, part.match)
            return (pairs, part.target, actions, extras)
        case Exclude():
            return (part.definition, extras)
        case Index():
            shape = (part.elements, part.unique, part.where, part.method)
            return (*shape, part.include, extras)


def without(extras: Extras, *keys: str) -> Extras:
    """Return extras without some keys."""
    return tuple(pair for pair in extras if pair[0] not in keys) if extras else extras


def parts_of(table: Table) -> Iterator[Constraint | Index]:
    """Yield the constraints and indexes of a table."""
    yield from table.constraints
    yield from table.indexes


def mentioned(part: Part) -> frozenset[str]:
    """Return the identifiers in a part that may be column names of its table."""
    match part:
        case PrimaryKey() | Unique():
            include = dict(part.extras).get("include", ())
            return frozenset((*part.columns, *(include if isinstance(include, tuple) else ())))
        case ForeignKey():
            return frozenset(part.columns)
        case Check():
            return words(part.expr)
        case Exclude():
            return words(part.definition)
        case Index():
            identifiers = {*part.columns, *part.include}
            for element in part.elements:
                identifiers |= words(element.expr)
            return frozenset(identifiers | words(part.where))
        case Column():
            return words(part.default.expr) if isinstance(part.default, Computed) else frozenset()


def words(expr: Expr | None) -> frozenset[str]:
    """Return the identifiers of an expression, without quotes."""
    return frozenset() if expr is None else identifiers_in(expr.compared_text, ANY)


def exchanged(expr: Expr, old: str, new: str) -> Expr:
    """Return an expression with one identifier renamed; string literals are not changed."""

    def change(text: str) -> str:
        return rename_identifier(text, old, new, ANY) if first in text else text

    # a quote in a quoted name is doubled
    first = re.split('["`\\]]', old, maxsplit=1)[0]
    canonical = None if expr.canonical is None else change(expr.canonical)
    return Expr(change(expr.text), canonical)


def with_expressions(part: Part, change: Callable[[Expr], Expr]) -> Part:
    """Return a part with each of its expressions changed."""
    match part:
        case Check():
            return replace(part, expr=change(part.expr))
        case Exclude():
            return replace(part, definition=change(part.definition))
        case Index():
            elements = tuple(
                element if element.expr is None else replace(element, expr=change(element.expr))
                for element in part.elements
            )
            where = None if part.where is None else change(part.where)
            return replace(part, elements=elements, where=where)
        case Column(default=Computed() as computed):
            return replace(part, default=replace(computed, expr=change(computed.expr)))
    return part
