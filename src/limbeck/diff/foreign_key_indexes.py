"""Keep the index that MySQL requires for every foreign key.

MySQL requires an index on the referencing columns and refuses to drop the last one. The replacement
must exist before the drop. https://dev.mysql.com/doc/refman/8.4/en/create-table-foreign-keys.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from limbeck.catalog import (
    Catalog,
    Constraint,
    ForeignKey,
    Index,
    Key,
    PrimaryKey,
    Table,
    Unique,
)
from limbeck.diff.changes import Alter, Change, Create, Drop, Rename

_NUMBERED = "_ibfk_"
"""The part between table name and number in the names that InnoDB gives to foreign keys; RENAME
TABLE renames these with the table."""
_Cover = PrimaryKey | Unique | Index


def keep_required_indexes(
    changes: Sequence[Change], have: Catalog, want: Catalog
) -> tuple[list[Change], list[tuple[ForeignKey, Table]]]:
    """Find the foreign keys whose last index is dropped while another is created.

    Args:
        changes: the differences, and the changes that these require.
        have: the catalog of the database, after the renames.
        want: the catalog of the models.

    Returns:
        The changes, in which an index or unique constraint that such a key can use and that can be
        created first is marked with `before_drops`; and the foreign keys without such an index,
        each with its table in `want`. These have to be dropped before and created after.
    """
    early: set[int] = set()
    unserved: list[tuple[ForeignKey, Table]] = []
    dropped = {c.owner for c in changes if isinstance(c, Drop) and isinstance(c.what, _Cover)}
    for table in want.tables:
        had = have.get(table.key)
        if table.key not in dropped or not isinstance(had, Table):
            continue
        inside = [change for change in changes if change.owner == table.key]
        for key in _losing_index(had, inside):
            served = next(_created_first(key, inside, had), None)
            if served is None:
                unserved.append((key, table))
            else:
                early.add(id(served))
    if not early:
        return list(changes), unserved
    marked = (
        replace(change, before_drops=True)
        if isinstance(change, Create) and id(change) in early
        else change
        for change in changes
    )
    return list(marked), unserved


def renumber_foreign_keys(have: Catalog, renames: Iterable[Change]) -> Catalog:
    """Return a catalog in which foreign keys with generated names follow renamed tables.

    Args:
        have: the catalog of the database, after the renames.
        renames: the renames, in their order.
    """
    origins: dict[Key, Key] = {}
    for change in renames:
        if isinstance(change, Rename) and isinstance(change.new, Table):
            old = change.old.key  # type: ignore[union-attr]
            origins[change.new.key] = origins.pop(old, old)
    changed = []
    for new, old in origins.items():
        table = have.get(new)
        if isinstance(table, Table):
            start = f"{old.name}{_NUMBERED}"
            keys = tuple(_renumbered_key(key, start, new.name) for key in table.foreign_keys)
            changed.append(replace(table, foreign_keys=keys))
    return have.merge(changed) if changed else have


def _renumbered_key(key: ForeignKey, start: str, table: str) -> ForeignKey:
    name = key.name or ""
    if not name.startswith(start) or not name[len(start) :].isdecimal():
        return key
    return replace(key, name=f"{table}{_NUMBERED}{name[len(start) :]}")


def covers(part: Constraint | Index, key: ForeignKey) -> bool:
    """Return whether a part provides the index that a foreign key of its table needs."""
    if not isinstance(part, _Cover):
        return False
    if isinstance(part, Index) and (part.method or len(part.columns) != len(part.elements)):
        return False
    return part.columns[: len(key.columns)] == key.columns


def _losing_index(had: Table, inside: Iterable[Change]) -> Iterator[ForeignKey]:
    """Yield the foreign keys that are not dropped although all their indexes are."""
    gone = [change.what for change in inside if isinstance(change, Drop)]
    come = [change.what for change in inside if isinstance(change, Create)]
    parts: list[Constraint | Index] = [*had.constraints, *had.indexes]
    for key in had.foreign_keys:
        under = [part for part in parts if covers(part, key)]
        remaining = [part for part in under if part not in gone]
        # indexes that the server creates automatically are ordered elsewhere
        if remaining or not under or key in gone or any(map(_is_automatic, under)):
            continue
        if not any(_is_automatic(part) and covers(part, key) for part in come):  # type: ignore[arg-type]
            yield key


def _created_first(key: ForeignKey, inside: Sequence[Change], had: Table) -> Iterator[Create]:
    names = {getattr(change.what, "name", None) for change in inside if isinstance(change, Drop)}
    changing = {
        change.old.name  # type: ignore[union-attr]
        for change in inside
        if isinstance(change, Alter) and change.key.kind == "column"
    }
    for change in inside:
        what = change.what if isinstance(change, Create) else None
        if not isinstance(what, Unique | Index) or not covers(what, key) or what.name in names:
            continue
        if all(had.column(name) and name not in changing for name in what.columns):
            yield change  # type: ignore[misc]


def _is_automatic(part: object) -> bool:
    return isinstance(part, Index) and ("auto", True) in part.extras
