"""The schema during a run: the replayed history, then the operations of the migration."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from limbeck.autogenerate.history_replay import ReplayResult, replay, replay_further
from limbeck.environment import SchemaNow, own_context
from limbeck.errors import LimbeckError
from limbeck.operations import Operations

if TYPE_CHECKING:
    from limbeck.history import Move
    from limbeck.operations import Operation
    from limbeck.project import Project


class RevisionSchemas:
    """Computes the schema before a migration from the revision files, each file once per run.

    Args:
        project: the project with the history.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._rows: tuple[str, ...] | None = None
        self._replayed = ReplayResult()
        self._failure: str | None = None

    def __call__(self, context: Any, move: Move, steps: Sequence[Operation]) -> SchemaNow:
        """Return the schema at this point of a move.

        Args:
            context: the migration context of the run.
            move: the current move.
            steps: its operations so far.
        """
        offline = own_context(
            dialect=context.dialect,
            opts={**context.opts, "as_sql": True, "output_buffer": io.StringIO()},
        )
        rows = tuple(sorted(move.before))
        if rows != self._rows:
            self._read(offline, rows)
        if self._failure is not None:
            return SchemaNow(self._replayed.catalog, self._failure)
        try:
            with Operations.context(offline):
                replayed = replay_further(self._replayed, offline, steps)
        except LimbeckError as error:
            return SchemaNow(self._replayed.catalog, str(error))
        unknown = next((effect for effect in replayed.unknown if not effect.writes_rows), None)
        if unknown is None:
            return SchemaNow(replayed.catalog)
        origin = unknown.origin
        location = "" if origin is None else f" ({origin.path}, line {origin.line})"
        return SchemaNow(replayed.catalog, f"{unknown.reason}{location}")

    def _read(self, offline: Any, rows: tuple[str, ...]) -> None:
        history = self._project.history()
        before = self._rows
        known = before is not None and self._failure is None
        starts_here = known and history.ancestors(before or ()) <= history.ancestors(rows)
        start = self._replayed if starts_here else ReplayResult()
        at = (before or ()) if starts_here else ()
        self._rows, self._failure = rows, None
        try:
            with Operations.context(offline):
                self._replayed = replay(self._project, offline, rows, at=at, start=start)
        except LimbeckError as error:
            self._replayed, self._failure = start, str(error)
