"""The description of a step that `on_version_apply` callbacks receive."""

from __future__ import annotations

from typing import Any

from limbeck.history import Move
from limbeck.runtime import move_ends


class MigrationInfo:
    """A move in the words of `on_version_apply`.

    Args:
        revision_map: where identifiers become revisions; None where nobody has one.
        is_upgrade: it goes up.
        is_stamp: nothing is run, the version rows only are moved.
        up_revisions: the ids on the upper side.
        down_revisions: the ids on the lower side.
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
            move.direction == "stamp" and move.revision.id in after
        )
        up, down = (after, before) if is_upgrade else (before, after)
        return cls(revision_map, is_upgrade, move.direction == "stamp", up, down)

    @property
    def is_migration(self) -> bool:
        """Return whether a program is run, False for a stamp."""
        return not self.is_stamp

    @property
    def up_revision_id(self) -> str | None:
        """The upper id; of several, the first."""
        return self.up_revision_ids[0] if self.up_revision_ids else None

    @property
    def source_revision_ids(self) -> tuple[str, ...]:
        """The ids before the step."""
        return self.down_revision_ids if self.is_upgrade else self.up_revision_ids

    @property
    def destination_revision_ids(self) -> tuple[str, ...]:
        """The ids after the step."""
        return self.up_revision_ids if self.is_upgrade else self.down_revision_ids

    @property
    def up_revision(self) -> Any:
        """The upper revision; of several, the first."""
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
