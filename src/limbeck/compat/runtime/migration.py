"""`alembic.runtime.migration`: the context, and steps as views of moves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

from limbeck.environment import MigrationContext, MigrationInfo
from limbeck.errors import ProjectError
from limbeck.history import Move, Revision
from limbeck.project import as_plain_function
from limbeck.runtime import Transaction

__all__ = [
    "HeadMaintainer",
    "MigrationContext",
    "MigrationInfo",
    "MigrationStep",
    "RevisionStep",
    "StampStep",
]

_ProxyTransaction = Transaction


class MigrationStep:
    """One step of a run: a revision run in one direction, or a stamp."""

    is_upgrade: bool
    is_stamp = False
    revision_map: Any

    @classmethod
    def upgrade_from_script(cls, revision_map: Any, script: Any) -> RevisionStep:
        """Return the step that upgrades a revision."""
        return RevisionStep(revision_map, script, True)

    @classmethod
    def downgrade_from_script(cls, revision_map: Any, script: Any) -> RevisionStep:
        """Return the step that downgrades a revision."""
        return RevisionStep(revision_map, script, False)

    @property
    def is_downgrade(self) -> bool:
        """Whether the step is a downgrade."""
        return not self.is_upgrade

    @property
    def doc(self) -> str:
        """The first paragraph of the docstring."""
        return ""

    @property
    def program(self) -> Callable[..., None]:
        """The function that the step runs."""
        raise NotImplementedError

    @property
    def migration_fn(self) -> Callable[..., None]:
        """The function that the step runs, under Alembic's name."""
        return self.program

    @property
    def move(self) -> Move:
        """The step with the version rows before and after it."""
        raise NotImplementedError

    def move_at(self, rows: frozenset[str]) -> Move:
        """Return the move of this step if the version table contains these rows."""
        raise NotImplementedError

    @property
    def from_revisions(self) -> tuple[str, ...]:
        """The ids before the step."""
        return self.info.source_revision_ids

    @property
    def to_revisions(self) -> tuple[str, ...]:
        """The ids after the step."""
        return self.info.destination_revision_ids

    @property
    def from_revisions_no_deps(self) -> tuple[str, ...]:
        """The ids before the step, without dependencies."""
        return self.from_revisions

    @property
    def to_revisions_no_deps(self) -> tuple[str, ...]:
        """The ids after the step, without dependencies."""
        return self.to_revisions

    @property
    def name(self) -> str:
        """The kind of the step, as one word."""
        raise NotImplementedError

    @property
    def info(self) -> MigrationInfo:
        """The description that `on_version_apply` callbacks receive."""
        raise NotImplementedError

    @property
    def short_log(self) -> str:
        """The step as written in a script's comment."""
        before, after = ", ".join(self.from_revisions_no_deps), ", ".join(self.to_revisions_no_deps)
        return f"{self.name} {before} -> {after}"

    def __str__(self) -> str:
        return f"{self.short_log}, {self.doc}" if self.doc else self.short_log


class RevisionStep(MigrationStep):
    """A revision run in one direction.

    Args:
        revision_map: looks up revisions by id.
        revision: the revision, as Alembic's Script.
        is_upgrade: whether the step is an upgrade.
    """

    def __init__(self, revision_map: Any, revision: Any, is_upgrade: bool) -> None:  # noqa: FBT001
        self.revision_map = revision_map
        self.revision = revision
        self.is_upgrade = is_upgrade
        self._move: Move | None = None

    @classmethod
    def of_move(cls, move: Move, revision_map: Any, revision: Any) -> RevisionStep:
        """Return the step for a move of a route."""
        step = cls(revision_map, revision, move.direction == "up")
        step._move = move
        return step

    @property
    def doc(self) -> str:
        """The first paragraph of the docstring."""
        return str(self.revision.doc or "")

    @property
    def program(self) -> Callable[..., None]:
        """The function that the step runs."""
        name = "upgrade" if self.is_upgrade else "downgrade"
        function = getattr(self.revision.module, name, None)
        if function is None:
            raise ProjectError(
                f"Revision {self.revision.revision} has no {name}() function",
                place=str(getattr(self.revision, "path", "") or "") or None,
                hint=f"Write `def {name}() -> None:` into the file, with `pass` if there is "
                "nothing to do.",
            )
        return as_plain_function(function)

    @property
    def name(self) -> str:
        """The kind of the step, as one word."""
        return "upgrade" if self.is_upgrade else "downgrade"

    @property
    def move(self) -> Move:
        """The step with the version rows before and after it."""
        if self._move is None:
            ends = frozenset(_downs(self.revision))
            return self.move_at(ends if self.is_upgrade else frozenset({self.revision.revision}))
        return self._move

    def move_at(self, rows: frozenset[str]) -> Move:
        """Return the move of this step if the version table contains these rows."""
        if self._move is not None:
            return self._move
        id_, downs = self.revision.revision, frozenset(_all_downs(self.revision))
        if self.is_upgrade:
            after = (rows - downs) | {id_}
        else:
            others = rows - {id_}
            below = _below(self.revision_map, others)
            after = others | frozenset(_all_downs(self.revision)) - below
        path = getattr(self.revision, "path", None)
        value = Revision(
            id_,
            down=_downs(self.revision),
            doc=self.doc,
            path=Path(path) if path else None,
        )
        return Move(value, "up" if self.is_upgrade else "down", rows, after)

    @property
    def from_revisions(self) -> tuple[str, ...]:
        """The ids before the step."""
        return _all_downs(self.revision) if self.is_upgrade else (self.revision.revision,)

    @property
    def to_revisions(self) -> tuple[str, ...]:
        """The ids after the step."""
        return (self.revision.revision,) if self.is_upgrade else _all_downs(self.revision)

    @property
    def from_revisions_no_deps(self) -> tuple[str, ...]:
        """The ids before the step, without dependencies."""
        return _downs(self.revision) if self.is_upgrade else (self.revision.revision,)

    @property
    def to_revisions_no_deps(self) -> tuple[str, ...]:
        """The ids after the step, without dependencies."""
        return (self.revision.revision,) if self.is_upgrade else _downs(self.revision)

    @property
    def info(self) -> MigrationInfo:
        """The description that `on_version_apply` callbacks receive."""
        return MigrationInfo(
            revision_map=self.revision_map,
            is_upgrade=self.is_upgrade,
            is_stamp=False,
            up_revisions=self.revision.revision,
            down_revisions=_all_downs(self.revision),
        )

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, RevisionStep)
            and other.revision == self.revision
            and self.is_upgrade == other.is_upgrade
        )

    def __hash__(self) -> int:
        return hash((self.revision.revision, self.is_upgrade))


class StampStep(MigrationStep):
    """A change of the version rows without running a migration.

    Args:
        from_: the ids before.
        to_: the ids after.
        is_upgrade: whether the step is an upgrade.
        branch_move: a row is added or removed, and none is replaced.
        revision_map: looks up revisions by id.
    """

    is_stamp = True

    def __init__(
        self,
        from_: str | Collection[str] | None,
        to_: str | Collection[str] | None,
        is_upgrade: bool,  # noqa: FBT001 - a public signature
        branch_move: bool,  # noqa: FBT001 - the same
        revision_map: Any = None,
    ) -> None:
        self.from_ = _ids(from_)
        self.to_ = _ids(to_)
        self.is_upgrade = is_upgrade
        self.branch_move = branch_move
        self.revision_map = revision_map
        self._move: Move | None = None

    @classmethod
    def of_move(cls, move: Move, revision_map: Any = None) -> StampStep:
        """Return the step for a move of a route."""
        info = MigrationInfo.of(move)
        before, after = info.source_revision_ids, info.destination_revision_ids
        step = cls(before, after, info.is_upgrade, not (before and after), revision_map)
        step._move = move
        return step

    @property
    def program(self) -> Callable[..., None]:
        """The function that the step runs."""
        return self.stamp_revision

    def stamp_revision(self, **kw: Any) -> None:
        """Do nothing."""
        del kw

    @property
    def name(self) -> str:
        """The kind of the step, as one word."""
        return "stamp_revision"

    @property
    def from_revisions(self) -> tuple[str, ...]:
        """The ids before the step."""
        return self.from_

    @property
    def to_revisions(self) -> tuple[str, ...]:
        """The ids after the step."""
        return self.to_

    @property
    def move(self) -> Move:
        """The step with the version rows before and after it."""
        return self.move_at(frozenset(self.from_))

    def move_at(self, rows: frozenset[str]) -> Move:
        """Return the move of this step if the version table contains these rows."""
        if self._move is not None:
            return self._move
        gone = frozenset() if self.is_upgrade and self.branch_move else frozenset(self.from_)
        new = frozenset() if self.branch_move and not self.is_upgrade else frozenset(self.to_)
        id_ = (self.to_ or self.from_)[0]
        return Move(Revision(id_, down=self.from_), "stamp", rows, (rows - gone) | new)

    @property
    def info(self) -> MigrationInfo:
        """The description that `on_version_apply` callbacks receive."""
        up, down = (self.to_, self.from_) if self.is_upgrade else (self.from_, self.to_)
        return MigrationInfo(
            revision_map=self.revision_map,
            is_upgrade=self.is_upgrade,
            is_stamp=True,
            up_revisions=up,
            down_revisions=down,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StampStep) and (
            (self.from_, self.to_, self.is_upgrade, self.branch_move)
            == (other.from_, other.to_, other.is_upgrade, other.branch_move)
        )

    def __hash__(self) -> int:
        return hash((self.from_, self.to_, self.is_upgrade))


class HeadMaintainer:
    """Updates the version rows of a context after each step.

    Args:
        context: the migration context.
        heads: the rows in the table.
    """

    def __init__(self, context: MigrationContext, heads: Iterable[str]) -> None:
        self.context = context
        self.heads = set(heads)

    def update_to_step(self, step: Any) -> None:
        """Write the rows of one step."""
        rows = frozenset(self.heads)
        move = step.move_at(rows) if hasattr(step, "move_at") else step.move
        self.heads = set(self.context._versions.write(move, rows, self.context.sink))


def _ids(given: str | Collection[str] | None) -> tuple[str, ...]:
    if given is None:
        return ()
    return (given,) if isinstance(given, str) else tuple(given)


def _downs(script: Any) -> tuple[str, ...]:
    return _ids(script.down_revision)


def _all_downs(script: Any) -> tuple[str, ...]:
    downs = getattr(script, "_all_down_revisions", None)
    if downs is not None:
        return _ids(downs)
    resolved = getattr(script, "_resolved_dependencies", None) or ()
    return tuple(dict.fromkeys((*_downs(script), *_ids(resolved))))


def _below(revision_map: Any, rows: Iterable[str]) -> frozenset[str]:
    seen: set[str] = set()
    waiting = list(rows)
    while waiting:
        id_ = waiting.pop()
        if id_ in seen:
            continue
        seen.add(id_)
        waiting.extend(_all_downs(revision_map.get_revision(id_)))
    return frozenset(seen)
