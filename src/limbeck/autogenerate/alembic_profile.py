"""Alembic's set of detections: differences that it does not see are taken out beforehand."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SAWarning

from limbeck.autogenerate.alembic_profile_columns import as_alembic_sees_columns, is_asked
from limbeck.catalog import Catalog, Check, Index, IndexElement, Key, Table, Unique
from limbeck.diff import DEFAULT, Sameness

if TYPE_CHECKING:
    from limbeck.autogenerate.comparison import Sides
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


def sameness(sides: Sides) -> Sameness:
    """Return what the comparison leaves out."""
    unknown = sides.snapshot.unknown_defaults
    detections = sides.detections
    if detections.everything:
        rules = sides.dialect.diff
        can_rename = sides.dialect.autogenerate.rename_part is not None
        return Sameness(
            unknown_defaults=unknown,
            keeps_key_indexes=False,
            renames=DEFAULT.renames if can_rename else frozenset(),
            frees=rules.can_drop_expression,
            replaced=rules.create_or_replace,
            follows=rules.views_track_renames,
            recasts=rules.inserts_casts,
            leans=rules.foreign_keys_need_index,
            pins=rules.views_block_column_changes,
        )
    skip = {word for part, word in _SKIPS.items() if part not in detections}
    skip |= _UNSEEN | sides.unread
    if "checks_by_name" not in detections:
        skip.add("check")
    if "comments" not in detections:
        skip |= {"table.comment", "column.comment"}
    return Sameness(
        skip=frozenset(skip),
        renames=frozenset(),
        unknown_defaults=unknown,
        remakes_computed=False,
        detaches=False,
    )


def as_alembic_sees(sides: Sides, objects: Objects) -> tuple[Catalog, Catalog]:
    """Return both catalogs without the differences that Alembic does not look for."""
    have, want = [], []
    asked = is_asked(sides)
    for table in sides.want.tables:
        other = sides.have.table(table.key.name, table.key.namespace)
        if other is None:
            want.append(table)
            continue
        old, new = _pair(sides, objects, other, table, asked=asked)
        have.append(old)
        want.append(new)
    known = {table.key for table in have}
    gone = [table for table in sides.have.tables if table.key not in known]
    if sides.dialect.alembic.unique_constraints_are_indexes:
        gone = [_with_unique_indexes(table, ()) for table in gone]
    have += gone
    return Catalog.of(have), Catalog.of(want)


def _pair(
    sides: Sides, objects: Objects, old: Table, new: Table, *, asked: bool
) -> tuple[Table, Table]:
    old, new = _corrected(sides, objects, old, new)
    names = {index.name for index in old.indexes}
    kept = tuple(
        index for index in new.indexes if index.name in names or ("auto", True) not in index.extras
    )
    if len(kept) != len(new.indexes):
        new = replace(new, indexes=kept)
    if sides.dialect.alembic.unique_constraints_are_indexes:
        old, new = _without_key_indexes(_with_unique_indexes(old, new.uniques), new)
    if "unique" in sides.unread:
        old = _without_unknown_uniqueness(old, new)
    columns = new.columns
    if asked or columns != old.columns:
        columns = tuple(as_alembic_sees_columns(sides, objects, old, new))
    if sides.dialect.alembic.reflects_plain_indexes:
        had, wanted = _seen_indexes(old, new)
    else:
        had = tuple(_plain_index(index) for index in old.indexes)
        wanted = tuple(_comparable(objects, index, old, new.key) for index in new.indexes)
    uniques = tuple(_unique(unique, old.uniques) for unique in new.uniques)
    if "checks_by_name" in sides.detections:
        old, new = _named_checks(old, new)
    return (
        replace(old, indexes=had),
        replace(new, columns=columns, indexes=wanted, uniques=uniques),
    )


def _corrected(sides: Sides, objects: Objects, old: Table, new: Table) -> tuple[Table, Table]:
    """Let an implementation from outside take out what it does not want to be compared."""
    correct_parts = sides.dialect.alembic.correct_for_autogen_constraints
    correct_keys = sides.dialect.alembic.correct_for_autogen_foreignkeys
    context = sides.ctx.migration_context

    def present(part: Any) -> Any:
        return objects.present_part(old.key, part)

    def wanted(part: Any) -> Any:
        return objects.wanted_part(new.key, part)

    if correct_parts is not None:
        had_uniques, had = _by_object(old.uniques, present), _by_object(old.indexes, present)
        uniques, indexes = _by_object(new.uniques, wanted), _by_object(new.indexes, wanted)
        sets = [set(found) for found in (had_uniques, had, uniques, indexes)]
        correct_parts(context, *sets)
        old = replace(old, uniques=_left(had_uniques, sets[0]), indexes=_left(had, sets[1]))
        new = replace(new, uniques=_left(uniques, sets[2]), indexes=_left(indexes, sets[3]))
    if correct_keys is not None:
        had_keys, keys = _by_object(old.foreign_keys, present), _by_object(new.foreign_keys, wanted)
        sets = [set(had_keys), set(keys)]
        correct_keys(context, *sets)
        old = replace(old, foreign_keys=_left(had_keys, sets[0]))
        new = replace(new, foreign_keys=_left(keys, sets[1]))
    return old, new


def _by_object(parts: Iterable[Any], object_of: Callable[[Any], Any]) -> dict[Any, Any]:
    return {object_of(part): part for part in parts}


def _left(found: Mapping[Any, Any], kept: Collection[Any]) -> tuple[Any, ...]:
    return tuple(part for origin, part in found.items() if origin in kept)


# ── indexes ───────────────────────────────────────────────────────────────


def _plain_index(index: Index) -> Index:
    if not index.extras and all(e.opclass is None and e.length is None for e in index.elements):
        return index
    elements = tuple(replace(e, opclass=None, length=None) for e in index.elements)
    kept = tuple(pair for pair in index.extras if pair[0] in {"nulls_not_distinct", "auto"})
    return replace(index, elements=elements, extras=kept)


def _comparable(objects: Objects, index: Index, old: Table, owner: Key) -> Index:
    """Take as unchanged what is written with its operator class: Alembic does not read that."""
    plain = _plain_index(index)
    present = next((each for each in old.indexes if each.name == index.name), None)
    if present is None or plain.elements == _plain_index(present).elements:
        return plain
    elements = list(plain.elements)
    for place, said in enumerate(objects.wanted_part(owner, index).expressions[: len(elements)]):
        if not _OPERATOR_CLASS.search(str(getattr(said, "text", ""))):
            continue
        if place < len(present.elements):
            elements[place] = _plain_index(present).elements[place]
        warnings.warn(
            f"Expression #{place + 1} of index {index.name!r} says its operator class and is not "
            "compared; say the class in the `ops` of the index",
            UserWarning,
            stacklevel=2,
        )
    return replace(plain, elements=tuple(elements))


def _seen_indexes(old: Table, new: Table) -> tuple[tuple[Index, ...], tuple[Index, ...]]:
    """Compare columns only, as far as SQLAlchemy reflects the indexes of this database.

    An index over expressions is not seen while it is there, unless the models want a plain
    one of that name; wanted ones are told of and left out. The order of an index's columns
    counts where the index is made anew, and in no comparison.
    """
    known = {index.name for index in old.indexes}
    unseen = [index for index in old.indexes if any(e.column is None for e in index.elements)]
    for index in unseen:
        # the words of SQLAlchemy, which filters of warnings know
        warnings.warn(
            f"Skipped unsupported reflection of expression-based index {index.name}",
            SAWarning,
            stacklevel=2,
        )
    plain = {index.name for index in new.indexes if not _says_more(index)}
    had = tuple(
        _columns_only(index) for index in old.indexes if index.name in plain or index not in unseen
    )
    shown = {index.name: index for index in had}
    wanted = []
    for index in new.indexes:
        if not _says_more(index):
            wanted.append(_columns_only(index))
            continue
        is_expression = any(e.column is None or e.collation for e in index.elements)
        if is_expression:
            warnings.warn(
                "autogenerate skipping metadata-specified expression-based index "
                f"{index.name!r}: SQLAlchemy does not reflect such indexes of this database, and "
                "no more is compared with Alembic's set of detections. Write `detect = all` into "
                "the configuration for them",
                UserWarning,
                stacklevel=2,
            )
        if index.name in shown:
            wanted.append(shown[index.name])
        elif not is_expression and index.name not in known:
            wanted.append(_plain_index(index))
    return had, tuple(wanted)


def _without_unknown_uniqueness(old: Table, new: Table) -> Table:
    """Leave unique indexes alone that may be constraints, which this database does not show."""
    wanted = {index.name for index in new.indexes}
    kept = (index for index in old.indexes if not index.unique or index.name in wanted)
    return replace(old, indexes=tuple(kept))


def _with_unique_indexes(table: Table, wanted: Collection[Unique]) -> Table:
    """Show unique constraints that nobody wants as the indexes that they are."""
    kept = tuple(
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
        if unique not in kept
    )
    return replace(table, uniques=kept, indexes=(*table.indexes, *shown))


def _without_key_indexes(old: Table, new: Table) -> tuple[Table, Table]:
    """Leave alone what the server makes for a foreign key: named like it, or its first column."""
    wanted = tuple(index for index in new.indexes if ("auto", True) not in index.extras)
    made = {key.name for key in old.foreign_keys} | {key.columns[0] for key in old.foreign_keys}
    made -= {index.name for index in wanted}
    had = tuple(index for index in old.indexes if index.unique or index.name not in made)
    return replace(old, indexes=had), replace(new, indexes=wanted)


def _says_more(index: Index) -> bool:
    """Say whether an index is more than a list of columns."""
    return any(
        element.column is None or element.descending or element.nulls or element.collation
        for element in index.elements
    )


def _columns_only(index: Index) -> Index:
    elements = tuple(IndexElement(e.column, e.expr) for e in index.elements)
    return _plain_index(replace(index, elements=elements))


# ── constraints ───────────────────────────────────────────────────────────


def _unique(unique: Unique, present: Sequence[Unique]) -> Unique:
    """Return the present constraint where Alembic sees no difference: order and timing."""
    for other in present:
        if unique.name is not None and unique.name != other.name:
            continue
        if set(other.columns) == set(unique.columns) and _nulls(other) == _nulls(unique):
            return other
    return unique


def _nulls(unique: Unique) -> bool:
    return bool(dict(unique.extras).get("nulls_not_distinct"))


def _named_checks(old: Table, new: Table) -> tuple[Table, Table]:
    """Leave only the names of checks to compare."""
    had = {check.name: check for check in old.checks if check.name}
    wanted = {check.name: check for check in new.checks if check.name}

    def known(name: str, check: Check) -> Check:
        return replace(check, expr=had[name].expr, extras=had[name].extras, comment=None)

    checks = tuple(known(n, c) if n in had else c for n, c in wanted.items())
    old = replace(old, checks=tuple(replace(c, comment=None) for c in had.values()))
    return old, replace(new, checks=checks)
