"""`upgrade` and `downgrade`: run the migrations between two revisions."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from limbeck.commands.drift import check_drift, explain_missing, warn_inserted
from limbeck.commands.run_env import PreparedMove, Script, load_moves, run_env
from limbeck.data_loss import Confirm, DataLossGuard
from limbeck.errors import HistoryError, JournalOffError, PhaseOrderError, ProjectError
from limbeck.history import Direction, History, Move
from limbeck.project import Project
from limbeck.runtime import (
    FinishedMoves,
    Listener,
    Target,
    expect_files,
    expect_one_way,
    reading,
)

_log = logging.getLogger("alembic.runtime.migration")


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """The destination, and the options.

    Attributes:
        revision: the destination; with `sql` it may be `start:end`.
        sql: write the statements instead of connecting to a database.
        tag: the value of `--tag`, for env.py.
        lock_timeout: seconds to wait for another runner.
        listener: a function called with each event.
        include_missing: also run revisions that were inserted below the database's revision.
        phase: `before` runs the migrations before the first one of the phase `after`; `after` runs
            the rest.
        skip_data: set the version of data migrations without running them.
        allow_downgrade: first downgrade revisions that have no file, with sources in the journal.
        confirmed: run the migrations even if they lose data.
        confirm: a function that asks the user for confirmation; None without a terminal.
        use_snapshot: start the upgrade of an empty database with the project's snapshot.
        forced: run the revisions even if the database has tables that they create.
    """

    revision: str
    sql: bool = False
    tag: str | None = None
    lock_timeout: float | None = None
    listener: Listener | None = None
    include_missing: bool = False
    phase: str | None = None
    skip_data: bool = False
    allow_downgrade: bool = False
    confirmed: bool = False
    confirm: Confirm | None = None
    use_snapshot: bool = True
    forced: bool = False


@dataclass(frozen=True, slots=True)
class MoveResult:
    """The moves that were run.

    Attributes:
        moves: the moves in order, over all databases.
        losses: descriptions of the data losses that were reported before the run.
        targets: the databases as they were configured, one for each time that moves were planned.
    """

    moves: tuple[Move, ...]
    losses: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()


def upgrade(project: Project, request: MoveRequest, *, script: Script | None = None) -> MoveResult:
    """Upgrade the database to a revision.

    Raises:
        ProjectError: a range was given without `sql`.
    """
    start, to = _ends(request)
    return _go(project, request, start, to, "up", script)


def downgrade(
    project: Project, request: MoveRequest, *, script: Script | None = None
) -> MoveResult:
    """Downgrade the database to a revision.

    Raises:
        ProjectError: a range was given without `sql`, or no range with it.
    """
    start, to = _ends(request)
    if request.sql and start is None:
        raise ProjectError(
            "downgrade with --sql requires <fromrev>:<torev>",
            hint="Name both ends, because the script starts at a given revision.",
        )
    return _go(project, request, start, to, "down", script)


def _ends(request: MoveRequest) -> tuple[str | None, str]:
    if ":" not in request.revision:
        return None, request.revision
    if not request.sql:
        raise ProjectError(
            f"'{request.revision}' is a range, which is only valid with --sql",
            hint="Name only the destination.",
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
    # A restarted run calls the job again; another runner may have run the rest by then.
    made = FinishedMoves(request.listener)
    guard = DataLossGuard(project, confirmed=request.confirmed, confirm=request.confirm)

    targets: list[Target] = []
    folders = ExitStack()

    def job(rows: tuple[str, ...], context: Any) -> list[PreparedMove]:
        targets.append(context.target)
        back: list[PreparedMove] = []
        if request.allow_downgrade and direction == "up":
            back, rows = _back(project, rows, context, folders)
        try:
            moves = _route(project, rows, to, direction, context)
            if request.phase is not None:
                history, _ = project.history().placed(rows)
                moves = _moves_of_phase(history, rows, moves, request.phase)
        except HistoryError as error:
            raise explain_missing(error, rows, context) from error.__cause__
        moves = (*_moves_of_inserted(project, request, rows, context), *moves)
        _expect_journal(request, context)
        has_tables = bool(rows or back)
        is_first = bool(moves) and direction == "up" and not (has_tables or request.sql)
        first = _restored(project, request, context, moves) if is_first else []
        if not back:
            _refuse_interrupted(project, context, direction, [*(one.move for one in first), *moves])
        if first:
            moves = project.history().route(first[0].move.after, to, direction)
        elif is_first:
            has_tables = _has_tables(project, request, context, moves)
        ready = [*back, *first, *load_moves(project, moves, skips_data=request.skip_data)]
        moves = (*(one.move for one in back), *moves)
        if has_tables:
            run = [one for one in moves if not (request.skip_data and one.revision.kind == "data")]
            guard.check(run, context)
        return ready

    job.__name__ = "upgrade" if direction == "up" else "downgrade"
    with folders:
        run_env(
            project,
            job,
            script=script,
            as_sql=request.sql,
            starting_rev=start,
            destination_rev=to,
            tag=request.tag,
            lock_timeout=request.lock_timeout,
            listener=made,
        )
    return MoveResult(tuple(made.moves), guard.reported, tuple(targets))


def _route(
    project: Project, rows: tuple[str, ...], to: str, direction: Direction, context: Any
) -> tuple[Move, ...]:
    """Return the moves to a destination.

    In a project of Alembic a relative downgrade of several heads begins at the first version row.
    """
    is_alembic = not context.target.is_strict
    if is_alembic and len(rows) > 1 and direction == "down" and to.startswith("-"):
        _log.warning(
            "downgrade %s at several heads (%s) goes back from the first, %s. Name the branch: "
            "`<branch>@%s`",
            to, ", ".join(rows), rows[0], to,
        )  # fmt: skip
    return project.history().route(rows, to, direction, first_of_several=is_alembic)


def _moves_of_inserted(
    project: Project, request: MoveRequest, rows: tuple[str, ...], context: Any
) -> list[Move]:
    """Return the moves of inserted revisions with `include_missing`; else warn of them."""
    missing = check_drift(project, rows, context)
    if missing and request.include_missing:
        at = frozenset(rows)
        return [Move(one, "up", at, at) for one in missing]
    if missing:
        warn_inserted(missing)
    return []


def _moves_of_phase(
    history: History, rows: Sequence[str], moves: Sequence[Move], phase: str
) -> tuple[Move, ...]:
    """Return the moves of an upgrade that belong to a phase.

    A migration of the phase `after` and its descendants belong to the phase `after`. All others
    belong to the phase `before`.

    Args:
        history: the history.
        rows: the version rows.
        moves: the moves of the whole upgrade.
        phase: `before` or `after`.

    Raises:
        PhaseOrderError: a migration of the phase `before` follows one of the phase `after`; or
            the phase `after` is requested before all migrations of the phase `before` were run.
    """
    waiting: dict[str, str] = {}  # descendants, with their ancestor of the phase `after`
    for move in moves:
        if move.direction == "stamp":
            continue  # the end of a squashed range, which the history of its old files lacks
        one = move.revision
        cause = next((waiting[id_] for id_ in history.below(one.id) if id_ in waiting), None)
        if cause is None and one.phase == "after":
            cause = one.id
        if cause is None:
            continue
        if one.phase == "before":
            raise PhaseOrderError(
                f"{one.id} has the phase 'before', but follows {cause} with the phase 'after'",
                place=one.file,
                hint="Nothing was run. Change the phase of one of them, or the order of the "
                "revisions with `rebase`.",
            )
        waiting[one.id] = cause
    if phase == "after":
        early = [move.revision for move in moves if move.revision.phase == "before"]
        if early:
            raise PhaseOrderError(
                f"{early[0].id} has the phase 'before' and has not been run",
                place=early[0].file,
                hint="Run `upgrade --phase before` first.",
            )
        return tuple(moves)
    if not waiting:
        return tuple(moves)
    moves = [move for move in moves if move.direction != "stamp"]
    wanted = [move.revision.id for move in moves if move.revision.id not in waiting]
    inner = {id_ for one in wanted for id_ in history.below(one)}
    ends = tuple(id_ for id_ in wanted if id_ not in inner)
    return history.route(rows, ends, "up") if ends else ()


def _expect_journal(request: MoveRequest, context: Any) -> None:
    """Raise an error if skipped migrations cannot be recorded.

    Raises:
        JournalOffError: the journal is off.
    """
    if request.skip_data and not request.sql and context.target.journal == "off":
        raise JournalOffError(
            "--skip-data records the skipped migrations in the journal, which is off",
            hint="Set `journal = auto`, or omit --skip-data.",
        )


def _back(
    project: Project, rows: tuple[str, ...], context: Any, folders: ExitStack
) -> tuple[list[PreparedMove], tuple[str, ...]]:
    """Return the downgrades of revisions without a file, and the version rows after them."""
    import tempfile
    from pathlib import Path

    from limbeck.commands.rollback import moves_back

    folder = folders.enter_context(tempfile.TemporaryDirectory(prefix="limbeck_rollback_"))
    return moves_back(project, rows, context, Path(folder))


def _refuse_interrupted(
    project: Project, context: Any, direction: Direction, moves: Sequence[Move]
) -> None:
    """Raise an error if a migration is interrupted that the run cannot finish.

    A file that was replaced by one with another identifier would run the same statements again.
    A restored snapshot is a move of the run, but no revision of the history.

    Raises:
        RecoveryChoiceError: a migration in the other direction is interrupted, or one without file.
    """
    connection = context.target.connection
    if connection is None or context.target.journal == "off":
        return
    with reading(connection):
        interrupted = context.journal_table.all_steps(connection)
    if not moves:  # for a move, the runner compares the directions
        expect_one_way(interrupted, direction)
    known = {*project.history().ids, *(move.revision.id for move in moves)}
    expect_files(interrupted, known)


def _has_tables(
    project: Project, request: MoveRequest, context: Any, moves: Sequence[Move]
) -> bool:
    """Return whether a database without version rows may have tables.

    Raises:
        ExistingTablesError: the database has tables that the revisions create.
    """
    if request.forced:
        return True
    from limbeck.commands.existing_tables import check_existing_tables

    return check_existing_tables(project, moves, context)


def _restored(
    project: Project, request: MoveRequest, context: Any, moves: Sequence[Move]
) -> list[PreparedMove]:
    """Return the move that restores a snapshot, if there is one for this database."""
    if request.phase is not None or request.skip_data or not request.use_snapshot:
        return []
    if not project.has_snapshots:
        return []
    from limbeck.snapshots import choose_snapshot, restore_program

    chosen = choose_snapshot(project, context, moves)
    if chosen is None:
        return []
    found, move = chosen
    return [PreparedMove(move, restore_program(found, context), f"from the snapshot {found.path}")]
