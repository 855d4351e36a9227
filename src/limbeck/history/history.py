"""The history of a project: the graph of its revisions, with identifiers and routes.

Revisions may replace others. A database with some, but not all, of the replaced revisions continues
with their files. When it has all of them, its version row is changed to the replacing revision.
"""

from __future__ import annotations

from collections.abc import Iterable

from limbeck.errors import HistoryError
from limbeck.history import identifiers, routes
from limbeck.history.errors import InsideReplacedError, MissingParentError
from limbeck.history.graph import Graph
from limbeck.history.revision import Direction, Move, Revision

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.history.replacements import Replacements


class History(Graph):
    """All revisions of a project: resolves identifiers and finds routes."""

    _old: History | None = None

    def resolve(self, symbol: str, at: Iterable[str] | None = None) -> tuple[Revision, ...]:
        """Return the revisions that an identifier stands for; an empty tuple for `base`.

        Args:
            symbol: any form of an identifier except a range.
            at: the version rows of the database, for `current`, `+N` and `-N`.
        """
        return identifiers.resolve(self, symbol, at)

    def one(self, symbol: str, at: Iterable[str] | None = None) -> Revision | None:
        """Resolve an identifier that must stand for one revision, or for none (`base`)."""
        return identifiers.one(self, symbol, at)

    def written_out(self, symbol: str) -> str | tuple[str, ...] | None:
        """Replace `head`, `heads` and `base` by identifiers; other symbols are unchanged."""
        return identifiers.written_out(self, symbol)

    def refuse_overlap(self, ids: Iterable[str]) -> None:
        """Raise OverlappingRevisionsError if one of the revisions is an ancestor of another."""
        routes.refuse_overlap(self, tuple(ids))

    def range(
        self, lower: str | None, upper: str | None, at: Iterable[str] | None = None
    ) -> tuple[Revision, ...]:
        """Return the revisions from `lower` to `upper`, both included, newest first.

        An empty end stands for `base` or `heads`.
        """
        return routes.between(self, lower, upper, at)

    def placed(self, at: Iterable[str]) -> tuple[History, tuple[str, ...]]:
        """Return the history to use for a database, and its version rows in this history.

        This is the same history, unless the database has some, but not all, of the revisions that
        another one replaces. Then it is the history with the files of the replaced revisions.

        Args:
            at: the version rows of the database.

        Raises:
            InsideReplacedError: these files do not exist.
        """
        rows = tuple(at)
        return (self, rows) if self.replacements is None else _placed(self, rows)

    def inside_replaced(self, text: str) -> str | None:
        """Return the replaced revision of an identifier, None for other revisions.

        The result is also None for the last revision of a range, and for one without a file.
        """
        known = self.replacements
        return None if known is None else _inside_replaced(known, text)

    def along_old_files(self) -> History | None:
        """Return the history with the files of replaced revisions, None if there are no files."""
        if self.replacements is None or not self.replacements.unfinished:
            return None
        if self._old is None:
            self._old = History(self.replacements.unfolded())
        return self._old

    def leave(self, at: Iterable[str], id_: str) -> tuple[Move, ...]:
        """Return the downgrade of one revision; empty if it is not one of the version rows."""
        history, rows = self.placed(at)
        return routes.leave(history, rows, id_)

    def route(
        self,
        at: Iterable[str],
        to: str | Iterable[str],
        direction: Direction,
        *,
        first_of_several: bool = False,
    ) -> tuple[Move, ...]:
        """Return the moves that bring a database to a destination.

        Args:
            at: the version rows of the database.
            to: the destination; for "up" and "stamp" there may be several.
            direction: run upgrades, run downgrades, or only write the version rows.
            first_of_several: if there are several rows, start `-N` at the first one instead of
                raising an error.

        Raises:
            HistoryError: the destination is unknown, ambiguous or out of reach.
        """
        rows = tuple(dict.fromkeys(at))
        targets = (to,) if isinstance(to, str) else tuple(to)
        if self.replacements is not None:
            return _route_past_replaced(self, rows, targets, direction, first_of_several)
        return routes.route(self, rows, targets, direction, first_of_several=first_of_several)


def _placed(history: History, at: tuple[str, ...]) -> tuple[History, tuple[str, ...]]:
    """Return the history to use for a database, and its version rows in this history.

    Args:
        history: the history without the replaced revisions.
        at: the version rows of the database.

    Raises:
        InsideReplacedError: the database is at a replaced revision whose file does not exist.
    """
    known = _replacements(history)
    old = _along_old_files(history)
    if old is not None:
        here, rows = old.placed(known.unfinished.get(row, row) for row in at)
        applied = here.ancestors(row for row in rows if row in here)
        if any(_is_inside(here, known, id_, applied) for id_ in known.unfinished):
            return here, rows
    rows = tuple(dict.fromkeys(_canonical(known, row) for row in at))
    new = set(rows).difference(at)
    others = history.ancestors(
        below for row in rows if row in history for below in history.below(row)
    )
    return history, tuple(row for row in rows if row not in new or row not in others)


def _replacements(history: History) -> Replacements:
    assert history.replacements is not None  # noqa: S101 - callers check it; for mypy
    return history.replacements


def _along_old_files(history: History) -> History | None:
    """Return the history with the files of replaced revisions.

    Raises:
        HistoryError: only some of these files exist.
    """
    try:
        return history.along_old_files()
    except MissingParentError as error:
        raise HistoryError(
            f"Only some files of replaced revisions exist: {error.message}",
            hint="Restore the missing file, or run `squash --finish` again.",
            place=error.place,
            code="LB692",
        ) from None


def _is_inside(here: History, known: Replacements, id_: str, applied: set[str]) -> bool:
    """Return whether some, but not all, of the revisions that one replaces are applied."""
    mine = {old for old, owner in known.owner.items() if owner == id_ and old in here}
    done = mine & applied
    return bool(done) and done != mine


def _canonical(known: Replacements, row: str) -> str:
    owner = known.owner.get(row)
    if owner is None:
        return row
    if known.tops[owner] != row and owner not in known.unfinished:
        raise InsideReplacedError(row, owner)
    return owner


def _route_past_replaced(
    history: History,
    rows: tuple[str, ...],
    targets: tuple[str, ...],
    direction: Direction,
    first_of_several: bool,  # noqa: FBT001 - see `History.route`
) -> tuple[Move, ...]:
    """Return the moves in a history with replaced revisions; see `History.route`."""
    known = _replacements(history)
    if direction == "stamp":
        _refuse_gone(known, targets)
    here, start = history.placed(rows)
    old = _along_old_files(history)
    stays_inside = old is not None and any(_inside_replaced(known, text) for text in targets)
    if old is not None and here is history and stays_inside:
        here, start = old.placed(known.unfinished.get(row, row) for row in rows)
    if here is not history:
        names = [name for text in targets for name in _in_old_history(history, known, text)]
        targets = _tops(here, names) if len(names) > len(targets) else tuple(names)
    moves = [*_renamed(here, rows, start)]
    moves += (
        routes.route(here, start, targets, direction, first_of_several=first_of_several)
        if here.replacements is None or here is history
        else here.route(start, targets, direction, first_of_several=first_of_several)
    )
    end = tuple(moves[-1].after) if moves else rows
    last, final = history.placed(end)
    if not (stays_inside and direction == "stamp" and last is not history):
        moves += _renamed(last, end, final)
    return tuple(moves)


def _refuse_gone(known: Replacements, targets: Iterable[str]) -> None:
    """Raise an error if a stamp names a replaced revision whose file does not exist.

    Raises:
        HistoryError: a destination is such a revision.
    """
    for text in targets:
        owner = known.owner.get(text)
        if owner is not None and text != known.tops[owner] and owner not in known.unfinished:
            raise HistoryError(
                f"Revision {text} is inside the range that {owner} replaces, and its file does "
                "not exist: a database cannot be stamped with it",
                hint=f"Name {owner}, or restore the files.",
                code="LB693",
            )


def _inside_replaced(known: Replacements, text: str) -> str | None:
    """Return the replaced revision of an identifier if it has a file and is not the last one."""
    name = identifiers.parse(text).name or ""
    found = name if name in known.files else _completed(known, name)
    if found is None:
        return None
    owner = known.owner[found]
    return found if owner in known.unfinished and known.tops[owner] != found else None


def _completed(known: Replacements, beginning: str) -> str | None:
    """Return the replaced revision of an abbreviated identifier, None if it is not unique."""
    found = [id_ for id_ in known.files if beginning and id_.startswith(beginning)]
    others = [one for one in known.headers if one.id.startswith(beginning)] if found else []
    return found[0] if len(found) == 1 and len(others) == 1 else None


def _in_old_history(history: History, known: Replacements, text: str) -> tuple[str, ...]:
    """Return the names in the old history for an identifier of the new history."""
    symbol = identifiers.parse(text)
    if symbol.steps is not None or symbol.branch is not None or _inside_replaced(known, text):
        return (text,)
    found = identifiers.resolve(history, text)
    names = tuple(known.unfinished.get(one.id, one.id) for one in found)
    return names or (text,)


def _tops(history: History, names: list[str]) -> tuple[str, ...]:
    """Return the revisions that are not ancestors of the others."""
    implied = history.ancestors(below for name in names for below in history.below(name))
    return tuple(name for name in names if name not in implied)


def _renamed(history: History, before: Iterable[str], after: Iterable[str]) -> tuple[Move, ...]:
    """Return the stamp that renames version rows."""
    rows, wanted = frozenset(before), frozenset(after)
    if rows == wanted:
        return ()
    shown = sorted(wanted - rows) or sorted(wanted)
    return (Move(history.get(shown[0]), "stamp", rows, wanted),)
