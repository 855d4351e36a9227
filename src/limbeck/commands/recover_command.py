"""`recover`: go on with interrupted migrations, revert what is done of them, or give them up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from limbeck.commands.drift import explain_missing
from limbeck.commands.run_env import PreparedMove, Script, load_moves, run_env
from limbeck.errors import HistoryError, RecoveryChoiceError, UndoIncompleteError
from limbeck.history import Move
from limbeck.project import Project
from limbeck.runtime import FinishedMoves, InterruptedMove, Listener, Recovery, Undone

RecoveryChoice: TypeAlias = Literal["continue", "undo", "forget"]


@dataclass(frozen=True, slots=True)
class RecoverRequest:
    """What becomes of the interrupted migrations.

    Attributes:
        choice: `continue` goes on from what is done, `undo` reverts what is done from the last
            statement to the first, `forget` deletes what the journal has of it.
        unknown: what is true of statements whose outcome the database does not show: `done` or
            `not done`; None if nobody knows.
        lock_timeout: seconds to wait for another runner.
        listener: called for each move.
    """

    choice: RecoveryChoice
    unknown: str | None = None
    lock_timeout: float | None = None
    listener: Listener | None = None


@dataclass(frozen=True, slots=True)
class RecoverResult:
    """What was done.

    Attributes:
        interrupted: the migrations that were interrupted.
        moves: those that are finished now.
        undone: what was reverted.
    """

    interrupted: tuple[InterruptedMove, ...] = ()
    moves: tuple[Move, ...] = ()
    undone: tuple[Undone, ...] = ()


def recover(
    project: Project, request: RecoverRequest, *, script: Script | None = None
) -> RecoverResult:
    """Do what was chosen with the interrupted migrations of each database.

    Raises:
        StepUnknownError: it is not known whether a statement took effect, and `unknown` is None.
        UndoFailedError: the database refused to revert a statement.
        RecoveryChoiceError: a migration cannot be continued.
    """
    if request.choice == "continue":
        return _continue(project, request, script)
    interrupted: list[InterruptedMove] = []
    undone: list[Undone] = []

    def job(_rows: tuple[str, ...], context: Any) -> list[Any]:
        recovery = Recovery(context.target, context.sink)
        if request.choice == "forget":
            interrupted.extend(recovery.forget())
        else:
            interrupted.extend(recovery.settle(request.unknown))
            undone.extend(recovery.undo())
        return []

    run_env(
        project,
        job,
        script=script,
        dont_mutate=True,  # create no version table
        lock=True,
        lock_timeout=request.lock_timeout,
        listener=request.listener,
    )
    return RecoverResult(tuple(interrupted), undone=tuple(undone))


def _continue(project: Project, request: RecoverRequest, script: Script | None) -> RecoverResult:
    interrupted: dict[tuple[int, str, str], InterruptedMove] = {}
    made = FinishedMoves(request.listener)

    def job(rows: tuple[str, ...], context: Any) -> list[PreparedMove]:
        found = Recovery(context.target, context.sink).settle(request.unknown)
        interrupted.update({(id(context), one.revision, one.direction): one for one in found})
        try:
            moves = _moves(project, rows, found)
        except HistoryError as error:
            raise explain_missing(error, rows, context) from error.__cause__
        return list(load_moves(project, moves))

    run_env(
        project,
        job,
        script=script,
        accept_removed=True,
        lock_timeout=request.lock_timeout,
        listener=made,
    )
    return RecoverResult(tuple(interrupted.values()), tuple(made.moves))


def _moves(
    project: Project, rows: tuple[str, ...], interrupted: tuple[InterruptedMove, ...]
) -> tuple[Move, ...]:
    """Return the moves that finish the interrupted ones."""
    history = project.history()
    at = frozenset(rows)
    moves: list[Move] = []
    for one in interrupted:
        if one.direction == "up":
            found = history.route(sorted(at), one.revision, "up")
        else:
            found = history.leave(sorted(at), one.revision)
        if one.revision not in {move.revision.id for move in found}:
            state = "is applied already" if one.direction == "up" else "is not applied any more"
            raise RecoveryChoiceError(
                f"The {one.name} cannot be continued: by the version rows the revision {state}",
                hint="If the version rows are right, run `recover --forget`.",
            )
        moves.extend(found)
        at = found[-1].after
    return tuple(moves)


def require_undone(result: RecoverResult) -> None:
    """Refuse when something is left that has no reverse.

    Raises:
        UndoIncompleteError: statements are left.
    """
    left = [one for one in result.undone if one.remaining]
    if not left:
        return
    names = [f"{one.remaining[-1].text} (of the {one.move.name})" for one in left]
    count = sum(len(one.remaining) for one in left)
    reverted = sum(len(one.reverted) for one in left)
    raise UndoIncompleteError(
        f"{reverted} steps were reverted; {count} are still done, because there is no reverse of "
        f"{'; '.join(names)}",
        hint="`status` lists what is still done. Go on with `recover --continue`; or undo it in "
        "the database by hand, then run `recover --forget`.",
    )
