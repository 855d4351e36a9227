"""Find the dependencies of text-defined objects by the names in their texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from limbeck.catalog import (
    Catalog,
    Column,
    Computed,
    Definition,
    Expr,
    Key,
    SchemaObject,
    Table,
    kind_of,
)
from limbeck.diff.constraint_identity import parts_of, words

_BODY = re.compile(r"\bAS\s+(?:\$|')", re.IGNORECASE)
_SQL = re.compile(r"\bLANGUAGE\s+'?SQL\b", re.IGNORECASE)

_Names = dict[str, list[Key]]


def with_needs(catalog: Catalog) -> Catalog:
    """Return a catalog in which text-defined objects depend on the objects that they mention.

    If the language of a function is not SQL, only the head of the function is searched. Tables
    depend on the functions in their defaults, checks, generated columns and indexes.

    Args:
        catalog: the catalog of the database or of the models.
    """
    texts = [t for t in catalog if isinstance(t, Definition) and kind_of(t.key).refers_by_name]
    if not texts:
        return catalog
    names = _names(catalog)
    routines = {word: keys for word, keys in names.items() if kind_of(keys[0]).is_routine}
    objects: list[SchemaObject] = []
    for obj in texts:
        # for a view the server lists the tables, but not the functions
        known = routines if kind_of(obj.key).is_view and obj.needs else names
        named = set(_named(_read(obj), known)) - {obj.key}
        needs = obj.needs | named
        if needs != obj.needs:
            objects.append(replace(obj, needs=frozenset(needs)))
    for table in catalog.tables if routines else ():
        called = frozenset(
            key for expr in _expressions(table) for key in _named(words(expr), routines)
        )
        if called - table.needs:
            objects.append(replace(table, needs=table.needs | called))
    return catalog.merge(objects) if objects else catalog


def _names(catalog: Catalog) -> _Names:
    names: _Names = {}
    for key in catalog.objects:
        if kind_of(key).is_routine:
            names.setdefault(key.name.partition("(")[0].lower(), []).append(key)
        elif kind_of(key).is_referred_to:
            names.setdefault(key.name.lower(), []).append(key)
    return names


def _named(identifiers: Iterable[str], names: _Names) -> Iterator[Key]:
    names_in_text = {word.lower() for word in identifiers}
    for word in names_in_text:
        for key in names.get(word, ()):
            if key.namespace is None or key.namespace.lower() in names_in_text:
                yield key


def _read(obj: Definition) -> frozenset[str]:
    text = obj.body.text
    is_routine = kind_of(obj.key).is_routine
    if is_routine and not _SQL.search(text):
        body = _BODY.search(text)
        text = text if body is None else text[: body.start()]
    elif is_routine:
        # search a body that is written as a string as well
        text = text.replace("$", " ").replace("'", " ")
    return words(Expr(text))


def _expressions(table: Table) -> Iterator[Expr]:
    for column in table.columns:
        yield from _of_column(column)
    for part in parts_of(table):
        if part.kind == "check":
            yield part.expr  # type: ignore[union-attr]
        elif part.kind == "exclude":
            yield part.definition  # type: ignore[union-attr]
        elif part.kind == "index":
            yield from (e.expr for e in part.elements if e.expr is not None)  # type: ignore[union-attr]
            if part.where is not None:  # type: ignore[union-attr]
                yield part.where  # type: ignore[union-attr]


def _of_column(column: Column) -> Iterator[Expr]:
    if isinstance(column.default, Computed):
        yield column.default.expr
    elif isinstance(column.default, Expr):
        yield column.default
