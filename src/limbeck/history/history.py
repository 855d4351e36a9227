"""The history of a project: the graph of its revisions with the questions people ask of it."""

from __future__ import annotations

from collections.abc import Iterable

from limbeck.history import identifiers, routes
from limbeck.history.replaced_routes import ReplacingGraph
from limbeck.history.revision import Direction, Move, Revision


class History(ReplacingGraph):
    """All revisions of a project, their names as people write them, and the ways between them."""

    def resolve(self, symbol: str, at: Iterable[str] | None = None) -> tuple[Revision, ...]:
        """Return what an identifier means; nothing for `base`.

        Args:
            symbol: anything of the revision grammar except a range.
            at: the version rows of the database, for `current`, `+N` and `-N`.
        """
        return identifiers.resolve(self, symbol, at)

    def one(self, symbol: str, at: Iterable[str] | None = None) -> Revision | None:
        """Resolve an identifier that must mean one revision, or none for `base`."""
        return identifiers.one(self, symbol, at)

    def written_out(self, symbol: str) -> str | tuple[str, ...] | None:
        """Replace `head`, `heads` and `base` by identifiers; leave all else as it is written."""
        return identifiers.written_out(self, symbol)

    def refuse_overlap(self, ids: Iterable[str]) -> None:
        """Raise OverlappingRevisions where one of several revisions lies below another."""
        routes.refuse_overlap(self, tuple(ids))

    def range(
        self, lower: str | None, upper: str | None, at: Iterable[str] | None = None
    ) -> tuple[Revision, ...]:
        """Return the revisions from `lower` to `upper`, both included, newest first.

        An empty end means `base` or `heads`.
        """
        return routes.between(self, lower, upper, at)

    def leave(self, at: Iterable[str], id_: str) -> tuple[Move, ...]:
        """Return the downgrade of one revision; nothing where it is not one of the rows."""
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
        """Find the moves that bring a database to a destination.

        Args:
            at: the version rows the database has.
            to: the destination; several where direction is "up" or "stamp".
            direction: run upgrades, run downgrades, or only write the version rows.
            first_of_several: let `-N` start at the first row of several instead of refusing.
        """
        return self.ways(at, to, direction, first_of_several=first_of_several)
