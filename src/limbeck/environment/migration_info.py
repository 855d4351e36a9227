"""The description of a step that `on_version_apply` callbacks receive."""

from __future__ import annotations

from typing import Any

from limbeck.history import Move
from limbeck.runtime import move_ends


class MigrationInfo:
    """A move as `on_version_apply` callbacks receive it.

    Args:
        revision_map: an object that returns the revision of an identifier, or None.
        is_upgrade: whether the step is an upgrade.
        is_stamp: whether the step only changes the version rows.
        up_revisions: the identifiers after an upgrade.
        down_revisions: the identifiers before an upgrade.
    """

    def __init__(
        self,
        revision_map: Any,
        is_upgrade: bool,  # noqa: FBT001 - a public signature
        is_stamp: bool,  # noqa: FBT001 - the same
        up_revisions: str | tuple[str, ...] | None,
        down_revisions: str | tuple[str, ...] | None,
    ) -> None:
        self.revision_map = revision_map
        self.is_upgrade = is_upgrade
        self.is_stamp = is_stamp
        self.up_revision_ids = _ids(up_revisions)
        self.down_revision_ids = _ids(down_revisions)

    @classmethod
    def of(cls, move: Move, revision_map: Any = None) -> MigrationInfo:
        """Describe a move."""
        before, after = move_ends(move)
        is_upgrade = move.direction == "up" or (
            move.direction == "stamp" and move.revision.id in {*after} & move.passed
        )
        up, down = (after, before) if is_upgrade else (before, after)
        return cls(revision_map, is_upgrade, move.direction == "stamp", up, down)

    @property
    def is_migration(self) -> bool:
        """Return whether the step runs a migration script, False for a stamp."""
        return not self.is_stamp

    @property
    def up_revision_id(self) -> str | None:
        """The first of the upper identifiers."""
        return self.up_revision_ids[0] if self.up_revision_ids else None

    @property
    def source_revision_ids(self) -> tuple[str, ...]:
        """The identifiers before the step."""
        return self.down_revision_ids if self.is_upgrade else self.up_revision_ids

    @property
    def destination_revision_ids(self) -> tuple[str, ...]:
        """The identifiers after the step."""
        return self.up_revision_ids if self.is_upgrade else self.down_revision_ids

    @property
    def up_revision(self) -> Any:
        """The first of the upper revisions."""
        return self.revision_map.get_revision(self.up_revision_id)

    @property
    def up_revisions(self) -> tuple[Any, ...]:
        """The upper revisions."""
        return self._revisions(self.up_revision_ids)

    @property
    def down_revisions(self) -> tuple[Any, ...]:
        """The lower revisions."""
        return self._revisions(self.down_revision_ids)

    @property
    def source_revisions(self) -> tuple[Any, ...]:
        """The revisions before the step."""
        return self._revisions(self.source_revision_ids)

    @property
    def destination_revisions(self) -> tuple[Any, ...]:
        """The revisions after the step."""
        return self._revisions(self.destination_revision_ids)

    def _revisions(self, ids: tuple[str, ...]) -> tuple[Any, ...]:
        return tuple(self.revision_map.get_revision(id_) for id_ in ids)


def _ids(given: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if given is None:
        return ()
    return (given,) if isinstance(given, str) else tuple(given)
