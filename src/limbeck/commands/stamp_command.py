"""`stamp` and `ensure_version`: the version table alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from limbeck.commands.drift import remembered
from limbeck.commands.run_env import Script, Stage, stages, visit
from limbeck.commands.upgrade_command import Moved
from limbeck.errors import HistoryError, ProjectError
from limbeck.history import Move
from limbeck.project import Project
from limbeck.runtime import Listener


@dataclass(frozen=True, slots=True)
class StampRequest:
    """What the version table is to say.

    Attributes:
        revisions: the destinations; with `sql`, one `start:end`.
        sql: write the statements, touch no database.
        tag: a word for env.py.
        purge: empty the table first.
        lock_timeout: seconds to wait for another runner.
        listener: told of each move.
    """

    revisions: tuple[str, ...]
    sql: bool = False
    tag: str | None = None
    purge: bool = False
    lock_timeout: float | None = None
    listener: Listener | None = None


def stamp(project: Project, ask: StampRequest, *, script: Script | None = None) -> Moved:
    """Set the version mark of the database and run nothing.

    Raises:
        ProjectError: a range was given without `sql`, or several with it.
    """
    start, to = _ends(ask)
    made: list[Move] = []

    def job(rows: tuple[str, ...], context: Any) -> list[Stage]:
        try:
            moves = project.history().route(rows, to, "stamp")
        except HistoryError as error:
            raise remembered(error, rows, context) from error.__cause__
        made.extend(moves)
        return list(stages(project, moves))

    visit(
        project,
        job,
        script=script,
        as_sql=ask.sql,
        starting_rev=start,
        destination_rev=to,
        tag=ask.tag,
        purge=ask.purge,
        lock_timeout=ask.lock_timeout,
        listener=ask.listener,
    )
    return Moved(tuple(made))


def _ends(ask: StampRequest) -> tuple[str | None, tuple[str, ...]]:
    ranges = [text for text in ask.revisions if ":" in text]
    if not ask.sql:
        if ranges:
            raise ProjectError(
                f"'{ranges[0]}' is a range, which only --sql takes",
                hint="name the destination only; a range is for --sql",
            )
        return None, ask.revisions
    starts = {text.partition(":")[0] for text in ranges}
    if len(starts) > 1:
        raise ProjectError(
            "Stamp operation with --sql only supports a single starting revision at a time",
            hint="use the same start in every range, or write several scripts",
        )
    ends = tuple(text.partition(":")[2] if ":" in text else text for text in ask.revisions)
    return (next(iter(starts)) or None) if starts else None, ends


def ensure_version(project: Project, *, sql: bool = False, script: Script | None = None) -> None:
    """Create the version table where it is missing."""

    def job(rows: tuple[str, ...], context: Any) -> list[Stage]:
        del rows
        context.ensure_version_table()
        return []

    visit(project, job, script=script, as_sql=sql)
