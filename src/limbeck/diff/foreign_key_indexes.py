"""Foreign keys that lean on an index of their own table, as on MySQL: none may lose its last."""

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
"""What InnoDB puts between a table's name and a number; RENAME TABLE changes the former."""
_Cover = PrimaryKey | Unique | Index


def kept_standing(
    changes: Sequence[Change], have: Catalog, want: Catalog
) -> tuple[list[Change], list[tuple[ForeignKey, Table]]]:
    """See to foreign keys whose last index goes while another comes.

    Args:
        changes: the differences, those dragged along included.
        have: what is there, renames done.
        want: what should be.

    Returns:
        The changes, in which an index or unique constraint that serves such a key and can be
        made beforehand is marked as early; and the keys that no such one serves, each with its
        table as it shall be: they have to be dropped before and created after.
    """
    early: set[int] = set()
    loose: list[tuple[ForeignKey, Table]] = []
    dropped = {c.owner for c in changes if isinstance(c, Drop) and isinstance(c.what, _Cover)}
    for table in want.tables:
        had = have.get(table.key)
        if table.key not in dropped or not isinstance(had, Table):
            continue
        inside = [change for change in changes if change.owner == table.key]
        for key in _losing(had, inside):
            served = next(_early(key, inside, had), None)
            if served is None:
                loose.append((key, table))
            else:
                early.add(id(served))
    if not early:
        return list(changes), loose
    marked = (
        replace(change, is_early=True)
        if isinstance(change, Create) and id(change) in early
        else change
        for change in changes
    )
    return list(marked), loose


def renumbered(have: Catalog, renames: Iterable[Change]) -> Catalog:
    """Return a catalog in which foreign keys that the server has numbered bear their table's name.

    Args:
        have: what is there, renames done.
        renames: those renames, in their order.
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
            keys = tuple(_renumbered(key, start, new.name) for key in table.foreign_keys)
            changed.append(replace(table, foreign_keys=keys))
    return have.merge(changed) if changed else have


def _renumbered(key: ForeignKey, start: str, table: str) -> ForeignKey:
    name = key.name or ""
    if not name.startswith(start) or not name[len(start) :].isdecimal():
        return key
    return replace(key, name=f"{table}{_NUMBERED}{name[len(start) :]}")


def covers(part: Constraint | Index, key: ForeignKey) -> bool:
    """Say whether a part is an index that a foreign key of its table can lean on."""
    if not isinstance(part, _Cover):
        return False
    if isinstance(part, Index) and (part.method or len(part.columns) != len(part.elements)):
        return False
    return part.columns[: len(key.columns)] == key.columns


def _losing(had: Table, inside: Iterable[Change]) -> Iterator[ForeignKey]:
    """Yield the foreign keys that stay and have all that they lean on taken away."""
    gone = [change.what for change in inside if isinstance(change, Drop)]
    come = [change.what for change in inside if isinstance(change, Create)]
    parts: list[Constraint | Index] = [*had.constraints, *had.indexes]
    for key in had.foreign_keys:
        under = [part for part in parts if covers(part, key)]
        stays = [part for part in under if part not in gone]
        # what the server made by itself, or is going to make, has an order of its own
        if stays or not under or key in gone or any(map(_is_made, under)):
            continue
        if not any(_is_made(part) and covers(part, key) for part in come):  # type: ignore[arg-type]
            yield key


def _early(key: ForeignKey, inside: Sequence[Change], had: Table) -> Iterator[Create]:
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


def _is_made(part: object) -> bool:
    return isinstance(part, Index) and ("auto", True) in part.extras
