"""`recover`: continue, undo or forget interrupted migrations."""

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
    """The choice for interrupted migrations.

    Attributes:
        choice: `continue` continues after the steps that are done, `undo` reverts these steps from
            the last to the first, `forget` deletes them from the journal.
        unknown: the outcome of statements for which the database does not show it: `done` or
            `not done`; None if it is unknown.
        lock_timeout: seconds to wait for another runner.
        listener: a function called with each event.
    """

    choice: RecoveryChoice
    unknown: str | None = None
    lock_timeout: float | None = None
    listener: Listener | None = None


@dataclass(frozen=True, slots=True)
class RecoverResult:
    """The result of `recover`.

    Attributes:
        interrupted: the interrupted migrations.
        moves: the migrations that were finished.
        undone: the migrations that were reverted.
    """

    interrupted: tuple[InterruptedMove, ...] = ()
    moves: tuple[Move, ...] = ()
    undone: tuple[Undone, ...] = ()


def recover(
    project: Project, request: RecoverRequest, *, script: Script | None = None
) -> RecoverResult:
    """Continue, undo or forget the interrupted migrations of each database.

    Raises:
        StepUnknownError: the outcome of a statement is unknown, and `unknown` is None.
        UndoFailedError: a reverse statement failed.
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
            interrupted.extend(recovery.record_outcome(request.unknown))
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
        found = Recovery(context.target, context.sink).record_outcome(request.unknown)
        interrupted.update({(id(context), one.revision, one.direction): one for one in found})
        try:
            moves = _moves(project, rows, found)
        except HistoryError as error:
            raise explain_missing(error, rows, context) from error.__cause__
        return load_moves(project, moves)

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
            state = "is already applied" if one.direction == "up" else "is no longer applied"
            raise RecoveryChoiceError(
                f"The {one.name} cannot be continued: the revision {state} in the version table",
                hint="If the version table is correct, run `recover --forget`.",
            )
        moves.extend(found)
        at = found[-1].after
    return tuple(moves)


def require_undone(result: RecoverResult) -> None:
    """Raise an error if steps without a reverse statement are left.

    Raises:
        UndoIncompleteError: steps are left.
    """
    left = [one for one in result.undone if one.remaining]
    if not left:
        return
    names = [f"{one.remaining[-1].text} (of the {one.move.name})" for one in left]
    count = sum(len(one.remaining) for one in left)
    reverted = sum(len(one.reverted) for one in left)
    raise UndoIncompleteError(
        f"{reverted} steps were reverted; {count} are still done, because there is no reverse "
        f"statement of {'; '.join(names)}",
        hint="`status` lists the steps that are still done. Run `recover --continue`; or undo them "
        "by hand, then run `recover --forget`.",
    )
