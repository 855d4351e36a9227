"""Remove the options of tables that only repeat a default of the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from operator import is_
from typing import TypeVar

from limbeck.catalog import (
    Catalog,
    Column,
    Definition,
    Extras,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    PrimaryKey,
    Scalar,
    Table,
    Unique,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DefaultRules:
    """The defaults of a database.

    Args:
        no_action: referential actions that are equivalent to none.
        index_method: the method of an index without an explicit method.
        nulls_follow_order: NULLS LAST is the default of ASC and NULLS FIRST of DESC.
        hides_indexes: an index can be invisible to the optimizer.
        identity: returns an identity column with its default options filled in.
    """

    no_action: frozenset[str] = frozenset({"NO ACTION"})
    index_method: str = "btree"
    nulls_follow_order: bool = True
    hides_indexes: bool = False
    identity: Callable[[Column, Identity], Identity] = lambda _, identity: identity


def without_defaults(catalog: Catalog, rules: DefaultRules) -> Catalog:
    """Return the catalog without options that only repeat a default."""
    return Catalog.of(
        table_without_defaults(obj, rules) if isinstance(obj, Table) else obj for obj in catalog
    )


def table_without_defaults(table: Table, rules: DefaultRules) -> Table:
    """Return the table without options that only repeat a default."""
    key = table.primary_key
    inside = frozenset(key.columns) if key is not None else frozenset()
    return changed(
        table,
        columns=each(table.columns, lambda column: _column(column, inside, rules)),
        primary_key=None if key is None else _primary_key(key),
        uniques=each(table.uniques, _unique),
        foreign_keys=each(table.foreign_keys, lambda item: _foreign_key(item, rules)),
        indexes=each(table.indexes, lambda index: _index(index, rules)),
        comment=table.comment or None,
    )


def each(parts: tuple[T, ...], change: Callable[[T], T]) -> tuple[T, ...]:
    """Return the parts after a change; the same tuple if none of them changes.

    Most tables do not change, and copying all of them takes time and memory.
    """
    results = tuple(map(change, parts))
    return parts if all(map(is_, results, parts)) else results


def changed(value: T, **fields: object) -> T:
    """Return a copy with some fields changed; the same value if none of them differs."""
    if all(getattr(value, name) is field for name, field in fields.items()):
        return value
    return replace(value, **fields)  # type: ignore[type-var] # all that is given is a value


def without_comments(want: Catalog, kinds: frozenset[str]) -> Catalog:
    """Return the models' catalog without comments that the server does not store.

    Args:
        want: the catalog of the models.
        kinds: the kinds of text-defined objects that have comments on this server.
    """
    bare = [
        replace(obj, comment=None)
        for obj in want
        if isinstance(obj, Definition) and obj.comment and obj.key.kind not in kinds
    ]
    return want.merge(bare) if bare else want


def without(pairs: Extras, *text: str) -> Extras:
    """Return options without the given names."""
    return tuple(pair for pair in pairs if pair[0] not in text)


def option(pairs: Extras, word: str) -> Scalar | tuple[str, ...]:
    """Return the value of an option; None if it is absent."""
    return next((value for name, value in pairs if name == word), None)


def stated_only(have: Extras, want: Extras, words: frozenset[str] | None = None) -> Extras:
    """Return `have` without the options that `want` lacks; with `words`, only these are removed."""
    stated = {word for word, _ in want}
    return tuple(
        pair for pair in have if pair[0] in stated or (words is not None and pair[0] not in words)
    )


def _column(column: Column, inside: frozenset[str], rules: DefaultRules) -> Column:
    nullable = column.nullable and column.name not in inside
    default = column.default
    if isinstance(default, Identity):
        default = rules.identity(column, default)
        nullable = False
    comment = column.comment or None
    if (nullable, comment) == (column.nullable, column.comment) and default is column.default:
        return column
    return replace(column, nullable=nullable, default=default, comment=comment)


def _timing(pairs: Extras) -> Extras:
    if not pairs:
        return pairs
    options = dict(pairs)
    when = options.pop("initially", None)
    if isinstance(when, str) and when.lower() == "deferred":
        options.update(initially="deferred", deferrable=True)
    present = {word: value for word, value in options.items() if value is not None}
    return tuple(sorted((word, value) for word, value in present.items() if value is not False))


def _primary_key(key: PrimaryKey) -> PrimaryKey:
    if not key.extras and key.comment is None:
        return key
    return replace(key, extras=_timing(key.extras), comment=key.comment or None)


def _unique(unique: Unique) -> Unique:
    if not unique.extras and unique.comment is None:
        return unique
    return replace(unique, extras=_timing(unique.extras), comment=unique.comment or None)


def _foreign_key(item: ForeignKey, rules: DefaultRules) -> ForeignKey:
    def action(word: str | None) -> str | None:
        upper = word.upper() if word else None
        return None if upper in rules.no_action else upper

    if not (item.on_update or item.on_delete or item.match or item.extras or item.comment):
        return item
    match = item.match.upper() if item.match else None
    return replace(
        item,
        on_update=action(item.on_update),
        on_delete=action(item.on_delete),
        match=None if match == "SIMPLE" else match,
        extras=_timing(item.extras),
        comment=item.comment or None,
    )


def _index(index: Index, rules: DefaultRules) -> Index:
    if index.extras and not rules.hides_indexes:
        index = replace(index, extras=without(index.extras, "invisible"))
    method = index.method.lower() if index.method else None
    if method is None and index.comment is None and not any(e.nulls for e in index.elements):
        return index
    elements = tuple(_element(element, rules) for element in index.elements)
    return replace(
        index,
        elements=elements,
        method=None if method == rules.index_method else method,
        comment=index.comment or None,
    )


def _element(element: IndexElement, rules: DefaultRules) -> IndexElement:
    if element.nulls is None:
        return element
    usual = "first" if element.descending == rules.nulls_follow_order else "last"
    return replace(element, nulls=None if element.nulls.lower() == usual else element.nulls.lower())
