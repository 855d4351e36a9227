"""What a part says apart from its name, and whom it mentions."""

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

_WORDS = re.compile(
    r"""'(?:[^'\\]|''|\\.)*' | "(?:[^"]|"")*" | `(?:[^`]|``)*`
      | \[[^\]\d][^\]]*\] | [^\W\d][\w$]*""",
    re.VERBOSE,
)

_RESERVED = frozenset(
    re.findall(
        r"\w+",
        """
        all and any as asc between by case cast check collate column constraint create cross current
        current_date current_time current_timestamp current_user default delete desc distinct drop
        else end except exists false fetch for foreign from full grant group having in index inner
        insert intersect into is join key left like limit natural not null offset on or order outer
        primary references right select session_user set some table then to true union unique
        update user using values when where window with
        """,
    )
)
"""Words that are no names where they stand without quotes."""


def content(part: Constraint | Index) -> tuple[object, ...]:
    """Return what a constraint or index says, without name and comment."""
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
    """Return the words of a part that may be names of its table's columns."""
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
            found = {*part.columns, *part.include}
            for element in part.elements:
                found |= words(element.expr)
            return frozenset(found | words(part.where))
        case Column():
            return words(part.default.expr) if isinstance(part.default, Computed) else frozenset()


def words(expr: Expr | None) -> frozenset[str]:
    """Return the identifiers of an expression, quotes taken off, strings left out."""
    if expr is None:
        return frozenset()
    return frozenset(_bare(match[0]) for match in _WORDS.finditer(expr.words) if match[0][0] != "'")


def _bare(word: str) -> str:
    return word[1:-1].replace(word[0] * 2, word[0]) if word[0] in '"`[' else word


def exchanged(expr: Expr, old: str, new: str) -> Expr:
    """Return an expression with one identifier in another's place; strings stay."""

    def swap(match: re.Match[str]) -> str:
        word = match[0]
        if word[0] == "'" or _bare(word) != old:
            return word
        if word[0] in '"`[':
            return word[0] + new.replace(word[-1], word[-1] * 2) + word[-1]
        plain = re.fullmatch(r"[a-z_][a-z0-9_$]*", new) and new not in _RESERVED
        return new if plain else '"' + new.replace('"', '""') + '"'

    # a quote in a name is doubled where it stands in quotes
    first = re.split('["`\\]]', old, maxsplit=1)[0]

    def change(text: str) -> str:
        return _WORDS.sub(swap, text) if first in text else text

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
