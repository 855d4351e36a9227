"""Alembic's profile: the differences that Alembic ignores, and the order of its drafts."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SAWarning

from limbeck.autogenerate.alembic_profile_columns import (
    has_custom_comparison,
    without_unseen_columns,
)
from limbeck.catalog import (
    Catalog,
    Check,
    Column,
    ForeignKey,
    Index,
    IndexElement,
    Key,
    Table,
    Unique,
)
from limbeck.dialects import Dialect, DraftRules, as_changed
from limbeck.diff import Alter, Change, Create, DiffOptions, Drop, Rename

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from limbeck.autogenerate.comparison import Comparison
    from limbeck.autogenerate.sqlalchemy_objects import Objects

_UNSEEN = frozenset(
    {
        "primary_key",
        "exclude",
        "table.extras",
        "column.extras",
        "foreign_key.name",
        "foreign_key.match",
        "foreign_key.comment",
        "foreign_key.extras.not_valid",
        "unique.comment",
        "index.comment",
        "index.where",
        "index.method",
        "index.include",
    }
)
_OPERATOR_CLASS = re.compile(r"(?:\s|\))\w+_ops\s*$")
_SKIPS = {
    "indexes": "index",
    "uniques": "unique",
    "foreign_keys": "foreign_key",
    "nullable": "column.nullable",
    "types": "column.type",
}


def diff_options(comparison: Comparison) -> DiffOptions:
    """Return the options of the diff: the differences that Alembic does not detect are left out."""
    detections = comparison.detections
    skip = {word for part, word in _SKIPS.items() if part not in detections}
    skip |= _UNSEEN | unread_parts(comparison)
    if "checks_by_name" not in detections:
        skip.add("check")
    if "comments" not in detections:
        skip |= {"table.comment", "column.comment"}
    return DiffOptions(
        skip=frozenset(skip),
        renamable_kinds=frozenset(),
        unknown_defaults=comparison.snapshot.unknown_defaults,
        recreates_computed=False,
        recreates_on_type_change=False,
    )


def unread_parts(comparison: Comparison) -> frozenset[str]:
    """Return the kinds of constraints and indexes that SQLAlchemy does not read."""
    unread, connection = comparison.dialect.alembic.unread_parts, comparison.ctx.connection
    return frozenset() if unread is None or connection is None else unread(connection)


def dialect_of(dialect: Dialect, connection: Connection | None) -> Dialect:
    """Return the dialect record with the draft rules of Alembic and any replaced inspector."""
    if connection is not None:
        dialect = as_changed(dialect, connection)
    rules = dialect.autogenerate
    return replace(
        dialect,
        autogenerate=DraftRules(
            cast_keywords=rules.cast_keywords,
            alter_table_options=rules.alter_table_options,
            table_keywords=rules.table_keywords if rules.redefines_columns else None,
            moves_tables=rules.moves_tables,
            redefines_columns=rules.redefines_columns,
            exclude_constraint=rules.exclude_constraint,
            reparseable=rules.reparseable,
        ),
    )


def select(comparison: Comparison, objects: Objects) -> None:
    """Remove the differences that Alembic does not look for from both catalogs."""
    current, target = [], []
    asked = has_custom_comparison(comparison)
    for table in comparison.target.tables:
        other = comparison.current.table(table.key.name, table.key.namespace)
        if other is None:
            target.append(table)
            continue
        old, new = _pair(comparison, objects, other, table, asked=asked)
        current.append(old)
        target.append(new)
    known = {table.key for table in current}
    gone = [table for table in comparison.current.tables if table.key not in known]
    if comparison.dialect.alembic.unique_constraints_are_indexes:
        gone = [_with_unique_indexes(table, ()) for table in gone]
    current += gone
    comparison.current, comparison.target = Catalog.of(current), Catalog.of(target)
    # catalogs that lack differences cannot be normalized again
    comparison.before_normalize = None


def _pair(
    comparison: Comparison, objects: Objects, old: Table, new: Table, *, asked: bool
) -> tuple[Table, Table]:
    old, new = _with_compared_parts(comparison, objects, old, new)
    names = {index.name for index in old.indexes}
    indexes = tuple(
        index for index in new.indexes if index.name in names or ("auto", True) not in index.extras
    )
    if len(indexes) != len(new.indexes):
        new = replace(new, indexes=indexes)
    if comparison.dialect.alembic.unique_constraints_are_indexes:
        old, new = _without_key_indexes(_with_unique_indexes(old, new.uniques), new)
    if "unique" in unread_parts(comparison):
        old = _without_unknown_uniqueness(old, new)
    columns = new.columns
    if asked or columns != old.columns:
        columns = tuple(without_unseen_columns(comparison, objects, old, new))
    if comparison.dialect.alembic.reflects_plain_indexes:
        had, wanted = _seen_indexes(old, new)
    else:
        had = tuple(_plain_index(index) for index in old.indexes)
        wanted = tuple(_comparable(objects, index, old, new.key) for index in new.indexes)
    uniques = tuple(_equal_unique(unique, old.uniques) for unique in new.uniques)
    if "checks_by_name" in comparison.detections:
        old, new = _named_checks(old, new)
    if new.comment is not None:  # Alembic does not read options such as `mysql_comment`
        new = replace(new, comment=comparison.snapshot.origins[new.key].comment)
    return (
        replace(old, indexes=had),
        replace(new, columns=columns, indexes=wanted, uniques=uniques),
    )


def _with_compared_parts(
    comparison: Comparison, objects: Objects, old: Table, new: Table
) -> tuple[Table, Table]:
    """Let a third-party implementation remove the parts that it does not compare."""
    correct_parts = comparison.dialect.alembic.correct_for_autogen_constraints
    correct_keys = comparison.dialect.alembic.correct_for_autogen_foreignkeys
    context = comparison.ctx.migration_context

    def present(part: Any) -> Any:
        return objects.current_part(old.key, part)

    def wanted(part: Any) -> Any:
        return objects.target_part(new.key, part)

    if correct_parts is not None:
        had_uniques, had = _by_object(old.uniques, present), _by_object(old.indexes, present)
        uniques, indexes = _by_object(new.uniques, wanted), _by_object(new.indexes, wanted)
        sets = [set(parts) for parts in (had_uniques, had, uniques, indexes)]
        correct_parts(context, *sets)
        old = replace(
            old, uniques=_remaining(had_uniques, sets[0]), indexes=_remaining(had, sets[1])
        )
        new = replace(
            new, uniques=_remaining(uniques, sets[2]), indexes=_remaining(indexes, sets[3])
        )
    if correct_keys is not None:
        had_keys, keys = _by_object(old.foreign_keys, present), _by_object(new.foreign_keys, wanted)
        sets = [set(had_keys), set(keys)]
        correct_keys(context, *sets)
        old = replace(old, foreign_keys=_remaining(had_keys, sets[0]))
        new = replace(new, foreign_keys=_remaining(keys, sets[1]))
    return old, new


def _by_object(parts: Iterable[Any], object_of: Callable[[Any], Any]) -> dict[Any, Any]:
    return {object_of(part): part for part in parts}


def _remaining(parts_by_object: Mapping[Any, Any], objects: Collection[Any]) -> tuple[Any, ...]:
    return tuple(part for origin, part in parts_by_object.items() if origin in objects)


# ── indexes ───────────────────────────────────────────────────────────────


def _plain_index(index: Index) -> Index:
    if not index.extras and all(e.opclass is None and e.length is None for e in index.elements):
        return index
    elements = tuple(replace(e, opclass=None, length=None) for e in index.elements)
    extras = tuple(pair for pair in index.extras if pair[0] in {"nulls_not_distinct", "auto"})
    return replace(index, elements=elements, extras=extras)


def _comparable(objects: Objects, index: Index, old: Table, owner: Key) -> Index:
    """Treat an expression with an operator class as unchanged: Alembic does not read the class."""
    plain = _plain_index(index)
    present = next((each for each in old.indexes if each.name == index.name), None)
    if present is None or plain.elements == _plain_index(present).elements:
        return plain
    elements = list(plain.elements)
    for position, expression in enumerate(
        objects.target_part(owner, index).expressions[: len(elements)]
    ):
        if not _OPERATOR_CLASS.search(str(getattr(expression, "text", ""))):
            continue
        if position < len(present.elements):
            elements[position] = _plain_index(present).elements[position]
        warnings.warn(
            f"Expression #{position + 1} of index {index.name!r} has an operator class and is not "
            "compared; give the class in the `ops` of the index",
            UserWarning,
            stacklevel=2,
        )
    return replace(plain, elements=tuple(elements))


def _seen_indexes(old: Table, new: Table) -> tuple[tuple[Index, ...], tuple[Index, ...]]:
    """Compare columns only, as far as SQLAlchemy reflects the indexes of this database.

    An index over expressions in the database is ignored, unless the models have a plain index
    of the same name. An index over expressions in the models is left out with a warning. The
    order of an index's columns is used when the index is created, and is not compared.
    """
    known = {index.name for index in old.indexes}
    unseen = [index for index in old.indexes if any(e.column is None for e in index.elements)]
    for index in unseen:
        # the text of SQLAlchemy's warning, so that existing warning filters match it
        warnings.warn(
            f"Skipped unsupported reflection of expression-based index {index.name}",
            SAWarning,
            stacklevel=2,
        )
    plain = {index.name for index in new.indexes if not _has_options(index)}
    had = tuple(
        _columns_only(index) for index in old.indexes if index.name in plain or index not in unseen
    )
    shown = {index.name: index for index in had}
    wanted = []
    for index in new.indexes:
        if not _has_options(index):
            wanted.append(_columns_only(index))
            continue
        is_expression = any(e.column is None or e.collation for e in index.elements)
        if is_expression:
            warnings.warn(
                "autogenerate skipping metadata-specified expression-based index "
                f"{index.name!r}: SQLAlchemy does not reflect such indexes of this database, and "
                "Alembic's set of detections does not compare them. Write `detect = all` into the "
                "configuration to compare them",
                UserWarning,
                stacklevel=2,
            )
        if index.name in shown:
            wanted.append(shown[index.name])
        elif not is_expression and index.name not in known:
            wanted.append(_plain_index(index))
    return had, tuple(wanted)


def _without_unknown_uniqueness(old: Table, new: Table) -> Table:
    """Ignore unique indexes that may be constraints, which SQLAlchemy does not distinguish here."""
    wanted = {index.name for index in new.indexes}
    indexes = (index for index in old.indexes if not index.unique or index.name in wanted)
    return replace(old, indexes=tuple(indexes))


def _with_unique_indexes(table: Table, wanted: Collection[Unique]) -> Table:
    """Replace unique constraints that the models lack by the indexes that implement them."""
    uniques = tuple(
        unique
        for unique in table.uniques
        if any(
            unique.name == other.name
            or (other.name is None and set(unique.columns) == set(other.columns))
            for other in wanted
        )
    )
    shown = tuple(
        Index(unique.name, tuple(map(IndexElement, unique.columns)), unique=True)
        for unique in table.uniques
        if unique not in uniques
    )
    return replace(table, uniques=uniques, indexes=(*table.indexes, *shown))


def _without_key_indexes(old: Table, new: Table) -> tuple[Table, Table]:
    """Ignore indexes that the server creates for a foreign key: by its name or first column."""
    wanted = tuple(index for index in new.indexes if ("auto", True) not in index.extras)
    automatic = {key.name for key in old.foreign_keys} | {
        key.columns[0] for key in old.foreign_keys
    }
    automatic -= {index.name for index in wanted}
    had = tuple(index for index in old.indexes if index.unique or index.name not in automatic)
    return replace(old, indexes=had), replace(new, indexes=wanted)


def _has_options(index: Index) -> bool:
    """Return whether an index has more than a list of columns."""
    return any(
        element.column is None or element.descending or element.nulls or element.collation
        for element in index.elements
    )


def _columns_only(index: Index) -> Index:
    elements = tuple(IndexElement(e.column, e.expr) for e in index.elements)
    return _plain_index(replace(index, elements=elements))


# ── constraints ───────────────────────────────────────────────────────────


def _equal_unique(unique: Unique, present: Sequence[Unique]) -> Unique:
    """Return the equal constraint of the database: Alembic ignores column order and timing."""
    for other in present:
        if unique.name is not None and unique.name != other.name:
            continue
        if set(other.columns) == set(unique.columns) and _nulls_not_distinct(
            other
        ) == _nulls_not_distinct(unique):
            return other
    return unique


def _nulls_not_distinct(unique: Unique) -> bool:
    return bool(dict(unique.extras).get("nulls_not_distinct"))


def _named_checks(old: Table, new: Table) -> tuple[Table, Table]:
    """Reduce the comparison of check constraints to their names."""
    had = {check.name: check for check in old.checks if check.name}
    wanted = {check.name: check for check in new.checks if check.name}

    def known(name: str, check: Check) -> Check:
        return replace(check, expr=had[name].expr, extras=had[name].extras, comment=None)

    checks = tuple(known(n, c) if n in had else c for n, c in wanted.items())
    old = replace(old, checks=tuple(replace(c, comment=None) for c in had.values()))
    return old, replace(new, checks=checks)


_FREED, _RENAMED, _ADDED, _ALTERED, _KEY_GONE, _OTHER, _KEY_ADDED, _TABLE, _GONE = range(9)


def order_by_table(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Sort changes by table, except where a change requires another one that would come later.

    Args:
        changes: the changes in an order in which they can run.
    """
    created = {c.key for c in changes if isinstance(c, Create) and c.owner is None}
    dropped = {c.key for c in changes if isinstance(c, Drop) and c.owner is None}
    grown: set[Key | None] = {
        c.owner for c in changes if isinstance(c, Create) and c.owner is not None
    }

    # a column is dropped before another column takes its name
    freed = {
        (c.owner, c.key.name) for c in changes if isinstance(c, Rename) and c.owner is not None
    }

    def place(change: Change) -> tuple[int, str, int]:
        owner = change.owner
        if owner is None and isinstance(change, (Create, Rename)):
            return (0, "", 0)
        if owner in created:
            return (1, "", 0)
        if owner in dropped or _references_dropped(change, dropped):
            return (2, "", 0)
        if owner is None and isinstance(change, Drop):
            return (2, "", 0)
        if owner is not None and _references_changed(change, owner, grown):
            return (4, "", 0)
        key = change.key if owner is None else owner
        rank = _rank(change)
        if rank == _GONE and (owner, change.key.name) in freed:
            rank = _FREED
        return (3, f"{key.namespace or ''}.{key.name}", rank)

    return tuple(sorted(changes, key=place))


def _references_dropped(change: Change, dropped: set[Key]) -> bool:
    match change:
        case Drop(what=ForeignKey() as key):
            return key.target in dropped
        case _:
            return False


def _references_changed(change: Change, owner: Key, grown: set[Key | None]) -> bool:
    match change:
        case Create(what=ForeignKey() as key):
            return key.target in grown and str(key.target.path) > str(owner.path)
        case _:
            return False


def _rank(change: Change) -> int:  # noqa: PLR0911 -- a table of cases
    match change:
        case Create(what=Column()):
            return _ADDED
        case Drop(what=Column()):
            return _GONE
        case Alter(new=Column()):
            return _ALTERED
        case Rename():
            # later changes refer to the new name
            return _RENAMED
        case Drop(what=ForeignKey()):
            return _KEY_GONE
        case Create(what=ForeignKey()):
            return _KEY_ADDED
        case Alter(new=Table()):
            return _TABLE
        case _:
            return _OTHER
