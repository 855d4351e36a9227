"""The user's `include_object`, called for objects that differ."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from limbeck.catalog import Check, Column, ForeignKey, Index, Key, Part, Table, Unique
from limbeck.diff import Alter, Change, Create, Drop, Rename

if TYPE_CHECKING:
    from limbeck.autogenerate.sqlalchemy_objects import Objects
    from limbeck.render import RenderContext

_WORDS: dict[type, str] = {
    Column: "column",
    Index: "index",
    Unique: "unique_constraint",
    ForeignKey: "foreign_key_constraint",
    Check: "check_constraint",
}
# A dropped and a created object of these kinds with the same name are one object that changes.
_ONE_BY_NAME = {kind: word for kind, word in _WORDS.items() if kind is not ForeignKey}


class ObjectFilter:
    """Calls `include_object` for changes, with SQLAlchemy objects that are made for the call."""

    def __init__(self, ctx: RenderContext, objects: Objects) -> None:
        self.ctx = ctx
        self.objects = objects
        self._tables: dict[Key, bool] = {}
        self._asked: dict[tuple[Key, str, str], bool] = {}
        self._sides: dict[tuple[Key, str, str], tuple[Part | None, Part | None]] = {}

    def keep(self, changes: Collection[Change]) -> tuple[Change, ...]:
        """Return the changes that the user wants."""
        for change in changes:
            self._note(change)
        filtered = (self._filtered(change) for change in changes)
        return tuple(change for change in filtered if change is not None)

    def _filtered(self, change: Change) -> Change | None:
        owner = change.owner
        if owner is not None:
            return change if self._table(owner) and self._part(change, owner) else None
        what = change.what if isinstance(change, (Create, Drop)) else change.new
        if not isinstance(what, Table):
            return change
        if not self._table(what.key):
            return None
        if isinstance(change, (Create, Drop)) and what.indexes:
            reflected = isinstance(change, Drop)
            return replace(change, what=self._with_wanted_indexes(what, reflected=reflected))
        return change

    def _with_wanted_indexes(self, table: Table, *, reflected: bool) -> Table:
        of_side = self.objects.current_part if reflected else self.objects.target_part
        indexes = tuple(
            index
            for index in table.indexes
            if self.ctx.run_object_filters(
                of_side(table.key, index), index.name, "index", reflected, None
            )
        )
        return replace(table, indexes=indexes)

    def _table(self, key: Key) -> bool:
        if key not in self._tables:
            wanted = self.objects.target(key) if self.objects.has_target(key) else None
            present = self.objects.current(key) if self.objects.has_current(key) else None
            self._tables[key] = self._ask(wanted, present, key.name, "table")
        return self._tables[key]

    def _ask(self, wanted: Any, present: Any, name: str | None, word: str) -> bool:
        if wanted is not None:
            return self.ctx.run_object_filters(wanted, name, word, False, present)
        return self.ctx.run_object_filters(present, name, word, True, None)

    def _note(self, change: Change) -> None:
        """Pair a dropped object with a created one of the same name."""
        old, new = _old_and_new(change)
        part = new if new is not None else old
        word = _ONE_BY_NAME.get(type(part))
        if change.owner is None or part is None or part.name is None or word is None:
            return
        key = (change.owner, word, part.name)
        before = self._sides.get(key, (None, None))
        self._sides[key] = (old or before[0], new or before[1])

    def _part(self, change: Change, owner: Key) -> bool:
        old, new = _old_and_new(change)
        part = new if new is not None else old
        word = _WORDS.get(type(part))
        if part is None or word is None:
            return True
        if part.name is None:
            return self._ask_of(owner, old, new, None, word)
        key = (owner, word, part.name)
        if type(part) not in _ONE_BY_NAME:
            return self._ask_of(owner, old, new, part.name, word)
        if key not in self._asked:
            self._asked[key] = self._ask_of(owner, *self._sides[key], part.name, word)
        return self._asked[key]

    def _ask_of(
        self, owner: Key, old: Part | None, new: Part | None, name: str | None, word: str
    ) -> bool:
        wanted = None if new is None else self.objects.target_part(owner, new)
        present = None if old is None else self.objects.current_part(owner, old)
        return self._ask(wanted, present, name, word)


def _old_and_new(change: Change) -> tuple[Part | None, Part | None]:
    match change:
        case Create():
            return None, change.what  # type: ignore[return-value]
        case Drop():
            return change.what, None  # type: ignore[return-value]
        case Alter() | Rename():
            return change.old, change.new  # type: ignore[return-value]
