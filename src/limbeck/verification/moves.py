"""What a verification needs from env.py, and how revisions are verified."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from limbeck.catalog import Key
from limbeck.scratch import Kind

if TYPE_CHECKING:
    from limbeck.autogenerate import ReplayResult


class Moves(Protocol):
    """What a verification does through env.py, on whichever database env.py connects to."""

    def upgrade(self, revision: str) -> None:
        """Upgrade to a revision."""

    def downgrade(self, revision: str, at: Sequence[str]) -> None:
        """Downgrade a revision, to where the database was before it."""

    def stamp(self, revisions: Sequence[str]) -> None:
        """Set the version rows."""

    def replay(self, revisions: Sequence[str]) -> ReplayResult:
        """Return the catalog to which the revision files lead, without running them."""

    def script(self, revisions: Sequence[str]) -> str:
        """Return the SQL that leads from an empty database to some revisions.

        Raises:
            DraftError: the history is long, or does more than operations on the schema.
        """

    def differences(self, filled: Collection[Key]) -> Sequence[str] | None:
        """Return how models and database differ; None where there are no models.

        Args:
            filled: tables with generated rows. If the models declare the rows of such a table, the
                generated ones are not a difference.
        """

    def own_tables(self) -> Sequence[Key]:
        """Return the tables of versions."""


@dataclass(frozen=True)
class VerifyOptions:
    """How revisions are verified.

    Args:
        kind: the kind of scratch database.
        scratch_url: another server for it.
        build: how the schema before the revision is built: "auto" replays the files, and runs
            them where their effect is not known; "history" always runs them.
        rows: the number of rows for each table.
    """

    kind: Kind = "auto"
    scratch_url: str | None = None
    build: str = "auto"
    rows: int = 50
