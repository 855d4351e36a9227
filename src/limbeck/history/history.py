"""The history of a project: the graph of its revisions, with identifiers and routes."""

from __future__ import annotations

from collections.abc import Iterable

from limbeck.history import identifiers, routes
from limbeck.history.replaced_routes import ReplacingGraph
from limbeck.history.revision import Direction, Move, Revision


class History(ReplacingGraph):
    """All revisions of a project: resolves identifiers and finds routes."""

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
        """
        return self.ways(at, to, direction, first_of_several=first_of_several)
