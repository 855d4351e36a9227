"""The statements that create a schema, as a script."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from limbeck.autogenerate import creation
from limbeck.catalog import Catalog, Column, Expr, Key, SchemaObject, Table
from limbeck.dialects import find
from limbeck.environment import own_context
from limbeck.operations import CreateForeignKeyOp, CreateTableOp

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect as SqlDialect

    from limbeck.operations import Operation

# what reads tables or acts on their rows comes after the rows
_LATE_KINDS = frozenset(
    {"view", "materialized_view", "view_index", "trigger", "policy", "row_security", "grant"}
)


@dataclass(frozen=True, slots=True)
class SchemaScript:
    """The statements that create a schema, in two parts.

    Args:
        objects: creates tables and what they need.
        late: creates foreign keys, views, triggers and the like, which rows could contradict or
            that would act on rows; empty where the first part has everything.
    """

    objects: str
    late: str


def schema_script(
    catalog: Catalog, dialect: SqlDialect, options: Mapping[str, Any] | None = None
) -> SchemaScript:
    """Return the statements that create the objects of a catalog in an empty database.

    The same catalog gives the same text, whatever the order of its objects.

    Args:
        catalog: the objects.
        dialect: SQLAlchemy's dialect of the database.
        options: options of `context.configure`.

    Raises:
        DraftError: there is no statement that creates an object.
    """
    rules = find(dialect.name).scratch
    ordered = [
        _with_sorted_keys(one, rules.unnamed_keys) if isinstance(one, Table) else one
        for one in sorted(catalog, key=lambda one: _rank(one.key))
    ]
    wanted = _with_literals(Catalog.of(ordered), rules.as_literal)
    early = _without_late(wanted, keeps_keys=not find(dialect.name).capabilities.alters_constraints)
    opts = {**(options or {}), "detect": "all"}
    return SchemaScript(
        _text(_operations(early, dialect, opts), dialect, opts),
        _text(sorted_keys(_operations(wanted, dialect, opts, early), wanted), dialect, opts),
    )


def _rank(key: Key) -> tuple[str, tuple[str, ...]]:
    return key.kind, tuple(word or "" for word in key.path)


def _with_sorted_keys(table: Table, unnamed: Callable[[Table], Table] | None) -> Table:
    keys = sorted(table.foreign_keys, key=lambda one: str(one.name))
    table = replace(table, foreign_keys=tuple(keys))
    return table if unnamed is None else unnamed(table)


def _with_literals(catalog: Catalog, literal: Callable[[str], str] | None) -> Catalog:
    """Write the defaults of columns so that SQLAlchemy repeats them as they stand."""

    def column(one: Column) -> Column:
        if literal is None or not isinstance(one.default, Expr):
            return one
        return replace(one, default=Expr(literal(one.default.text)))

    if literal is None:
        return catalog
    return Catalog.of(
        replace(one, columns=tuple(map(column, one.columns))) if isinstance(one, Table) else one
        for one in catalog
    )


def _without_late(catalog: Catalog, *, keeps_keys: bool) -> Catalog:
    """Leave out foreign keys, and all that comes after the rows with what needs it."""
    late = {one.key for one in catalog if one.key.kind in _LATE_KINDS}
    while True:
        more = {
            one.key
            for one in catalog
            if one.key not in late and not isinstance(one, Table) and one.needs & late
        }
        if not more:
            break
        late |= more
    return Catalog.of(
        one if keeps_keys else _without_keys(one) for one in catalog if one.key not in late
    )


def _without_keys(thing: SchemaObject) -> SchemaObject:
    if not isinstance(thing, Table) or not thing.foreign_keys:
        return thing
    targets = {key.target for key in thing.foreign_keys}
    return replace(thing, foreign_keys=(), needs=thing.needs - targets)


def _operations(
    catalog: Catalog,
    dialect: SqlDialect,
    opts: Mapping[str, Any],
    present: Catalog | None = None,
) -> list[Operation]:
    plain = {**opts, "as_sql": False, "literal_binds": False, "fn": None, "starting_rev": None}
    context = own_context(dialect=dialect, opts=plain)
    return creation(catalog, context, present)


def sorted_keys(operations: Iterable[Operation], catalog: Catalog) -> list[Operation]:
    """Return operations with the foreign keys first, in their order in the catalog."""
    places = {
        (table.key.name, key.columns, key.name): (table.key.name, place)
        for table in catalog.tables
        for place, key in enumerate(table.foreign_keys)
    }

    def place(operation: CreateForeignKeyOp) -> tuple[str, int]:
        table, columns = operation.source_table, tuple(operation.local_cols)
        return places.get((table, columns, operation.constraint_name), (table, 0))

    keys: list[CreateForeignKeyOp] = []
    others: list[Operation] = []
    for operation in operations:
        if isinstance(operation, CreateForeignKeyOp):
            keys.append(operation)
        else:
            others.append(operation)
    keys.sort(key=place)
    return [*keys, *others]


def _text(operations: Iterable[Operation], dialect: SqlDialect, opts: Mapping[str, Any]) -> str:
    output = io.StringIO()
    script = {**opts, "as_sql": True, "output_buffer": output, "literal_binds": True}
    sink = own_context(dialect=dialect, opts=script).sink
    parts = []
    for operation in operations:
        sink.apply(operation)
        text = output.getvalue()
        output.seek(0)
        output.truncate()
        # SQLAlchemy ends the lines of a table with a space
        parts.append(text.replace(", \n", ",\n") if isinstance(operation, CreateTableOp) else text)
    return "".join(parts).strip()
