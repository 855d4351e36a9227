"""`upgrade` and `downgrade`: run the migrations between two revisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from limbeck.commands.drift import check_drift, explain_missing, warn_inserted
from limbeck.commands.run_env import PreparedMove, Script, load_moves, run_env
from limbeck.data_loss import Confirm, DataLossGuard
from limbeck.errors import HistoryError, ProjectError
from limbeck.history import Direction, Move
from limbeck.project import Project
from limbeck.runtime import Listener


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """Where to, and how.

    Attributes:
        revision: the destination; with `sql` it may be `start:end`.
        sql: write the statements, touch no database.
        tag: the value of `--tag`, for env.py.
        lock_timeout: seconds to wait for another runner.
        listener: called for each move.
        include_missing: run what slipped in below the database's revision, too.
        confirmed: run the migrations even if they lose data.
        confirm: asks the user whether to go on; None if nobody can be asked.
    """

    revision: str
    sql: bool = False
    tag: str | None = None
    lock_timeout: float | None = None
    listener: Listener | None = None
    include_missing: bool = False
    confirmed: bool = False
    confirm: Confirm | None = None


@dataclass(frozen=True, slots=True)
class MoveResult:
    """The moves that were made.

    Attributes:
        moves: the moves in order, over all databases.
        losses: the loss of data that was reported before they were made, in words.
    """

    moves: tuple[Move, ...]
    losses: tuple[str, ...] = ()


def upgrade(project: Project, request: MoveRequest, *, script: Script | None = None) -> MoveResult:
    """Bring the database forward to a revision.

    Raises:
        ProjectError: a range was given without `sql`.
    """
    start, to = _ends(request)
    return _go(project, request, start, to, "up", script)


def downgrade(
    project: Project, request: MoveRequest, *, script: Script | None = None
) -> MoveResult:
    """Take the database back to a revision.

    Raises:
        ProjectError: a range was given without `sql`, or none with it.
    """
    start, to = _ends(request)
    if request.sql and start is None:
        raise ProjectError(
            "downgrade with --sql requires <fromrev>:<torev>",
            hint="a script has no database to ask where it starts: name both ends",
        )
    return _go(project, request, start, to, "down", script)


def _ends(request: MoveRequest) -> tuple[str | None, str]:
    if ":" not in request.revision:
        return None, request.revision
    if not request.sql:
        raise ProjectError(
            f"'{request.revision}' is a range, which only --sql takes",
            hint="name the destination only; a range is for --sql",
        )
    start, _, to = request.revision.partition(":")
    return start or None, to


def _go(
    project: Project,
    request: MoveRequest,
    start: str | None,
    to: str,
    direction: Direction,
    script: Script | None,
) -> MoveResult:
    # a run that has to begin again asks again: each move counts once for its database
    made: dict[tuple[int, Move], None] = {}
    guard = DataLossGuard(project, confirmed=request.confirmed, confirm=request.confirm)

    def job(rows: tuple[str, ...], context: Any) -> list[PreparedMove]:
        try:
            moves = project.history().route(rows, to, direction)
        except HistoryError as error:
            raise explain_missing(error, rows, context) from error.__cause__
        missing = check_drift(project, rows, context)
        if missing and request.include_missing:
            at = frozenset(rows)
            moves = (*(Move(one, "up", at, at) for one in missing), *moves)
        else:
            warn_inserted(missing)
        ready = list(load_moves(project, moves))
        if rows:  # before the first revision there is nothing of this project
            guard.check(moves, context)
        made.update(dict.fromkeys((id(context), move) for move in moves))
        return ready

    run_env(
        project,
        job,
        script=script,
        as_sql=request.sql,
        starting_rev=start,
        destination_rev=to,
        tag=request.tag,
        lock_timeout=request.lock_timeout,
        listener=request.listener,
    )
    return MoveResult(tuple(move for _, move in made), guard.reported)
