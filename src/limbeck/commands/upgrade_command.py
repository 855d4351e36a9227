"""`upgrade` and `downgrade`: run the programs between here and there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from limbeck.commands.data_loss_policy import Consent, Stakes
from limbeck.commands.drift import look_back, remembered, tell_slipped_in
from limbeck.commands.run_env import Script, Stage, stages, visit
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
        tag: a word for env.py.
        lock_timeout: seconds to wait for another runner.
        listener: told of each move as it runs.
        include_missing: run what slipped in below the database's revision, too.
        agreed: go on although data is lost.
        consent: asks a person about that; None where there is nobody to ask.
    """

    revision: str
    sql: bool = False
    tag: str | None = None
    lock_timeout: float | None = None
    listener: Listener | None = None
    include_missing: bool = False
    agreed: bool = False
    consent: Consent | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """The moves that were made, in order, over all databases."""

    moves: tuple[Move, ...]


def upgrade(project: Project, ask: MoveRequest, *, script: Script | None = None) -> Moved:
    """Bring the database forward to a revision.

    Raises:
        ProjectError: a range was given without `sql`.
    """
    start, to = _ends(ask)
    return _go(project, ask, start, to, "up", script)


def downgrade(project: Project, ask: MoveRequest, *, script: Script | None = None) -> Moved:
    """Take the database back to a revision.

    Raises:
        ProjectError: a range was given without `sql`, or none with it.
    """
    start, to = _ends(ask)
    if ask.sql and start is None:
        raise ProjectError(
            "downgrade with --sql requires <fromrev>:<torev>",
            hint="a script has no database to ask where it starts: name both ends",
        )
    return _go(project, ask, start, to, "down", script)


def _ends(ask: MoveRequest) -> tuple[str | None, str]:
    if ":" not in ask.revision:
        return None, ask.revision
    if not ask.sql:
        raise ProjectError(
            f"'{ask.revision}' is a range, which only --sql takes",
            hint="name the destination only; a range is for --sql",
        )
    start, _, to = ask.revision.partition(":")
    return start or None, to


def _go(
    project: Project,
    ask: MoveRequest,
    start: str | None,
    to: str,
    direction: Direction,
    script: Script | None,
) -> Moved:
    # a run that has to begin again asks again: each move counts once for its database
    made: dict[tuple[int, Move], None] = {}
    stakes = Stakes(project, agreed=ask.agreed, consent=ask.consent)

    def job(rows: tuple[str, ...], context: Any) -> list[Stage]:
        try:
            moves = project.history().route(rows, to, direction)
        except HistoryError as error:
            raise remembered(error, rows, context) from error.__cause__
        missing = look_back(project, rows, context)
        if missing and ask.include_missing:
            at = frozenset(rows)
            moves = (*(Move(one, "up", at, at) for one in missing), *moves)
        else:
            tell_slipped_in(missing)
        ready = list(stages(project, moves))
        if rows:  # before the first revision there is nothing of this project
            stakes.weigh(moves, context)
        made.update(dict.fromkeys((id(context), move) for move in moves))
        return ready

    visit(
        project,
        job,
        script=script,
        as_sql=ask.sql,
        starting_rev=start,
        destination_rev=to,
        tag=ask.tag,
        lock_timeout=ask.lock_timeout,
        listener=ask.listener,
    )
    return Moved(tuple(move for _, move in made))
