"""`stamp` and `ensure_version`: commands that only change the version table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from limbeck.commands.drift import explain_missing
from limbeck.commands.run_env import PreparedMove, Script, load_moves, run_env
from limbeck.commands.upgrade_command import MoveResult
from limbeck.errors import HistoryError, ProjectError
from limbeck.project import Project
from limbeck.runtime import FinishedMoves, Listener


@dataclass(frozen=True, slots=True)
class StampRequest:
    """The version rows to set, and the options.

    Attributes:
        revisions: the destinations; with `sql`, one `start:end`.
        sql: write the statements instead of connecting to a database.
        tag: the value of `--tag`, for env.py.
        purge: empty the table first.
        lock_timeout: seconds to wait for another runner.
        listener: a function called with each event.
    """

    revisions: tuple[str, ...]
    sql: bool = False
    tag: str | None = None
    purge: bool = False
    lock_timeout: float | None = None
    listener: Listener | None = None


def stamp(project: Project, request: StampRequest, *, script: Script | None = None) -> MoveResult:
    """Set the version rows of the database without running migrations.

    Raises:
        ProjectError: a range was given without `sql`, or several with it.
    """
    start, to = _ends(request)
    made = FinishedMoves(request.listener)

    def do_stamp(rows: tuple[str, ...], context: Any) -> list[PreparedMove]:
        try:
            moves = project.history().route(rows, to, "stamp")
        except HistoryError as error:
            raise explain_missing(error, rows, context) from error.__cause__
        return load_moves(project, moves)

    run_env(
        project,
        do_stamp,
        script=script,
        as_sql=request.sql,
        starting_rev=start,
        destination_rev=to,
        tag=request.tag,
        purge=request.purge,
        lock_timeout=request.lock_timeout,
        listener=made,
    )
    return MoveResult(tuple(made.moves))


def _ends(request: StampRequest) -> tuple[str | None, tuple[str, ...]]:
    ranges = [text for text in request.revisions if ":" in text]
    if not request.sql:
        if ranges:
            raise ProjectError(
                f"'{ranges[0]}' is a range, which is only valid with --sql",
                hint="Name only the destination.",
            )
        return None, request.revisions
    starts = {text.partition(":")[0] for text in ranges}
    if len(starts) > 1:
        raise ProjectError(
            "Stamp operation with --sql only supports a single starting revision at a time",
            hint="Use the same start in every range, or write several scripts.",
        )
    ends = tuple(text.partition(":")[2] if ":" in text else text for text in request.revisions)
    return (next(iter(starts)) or None) if starts else None, ends


def ensure_version(
    project: Project, *, sql: bool = False, script: Script | None = None
) -> tuple[str, ...]:
    """Create the version table if it is missing.

    Args:
        project: the project.
        sql: write the statement instead of connecting to a database.
        script: the `context.script` of env.py.

    Returns:
        The name of the version table of each database, with its schema.
    """
    tables: list[str] = []

    def do_ensure_version(rows: tuple[str, ...], context: Any) -> list[PreparedMove]:
        del rows
        context.ensure_version_table()
        names = (context.version_table_schema, context.version_table)
        tables.append(".".join(name for name in names if name))
        return []

    run_env(project, do_ensure_version, script=script, as_sql=sql)
    return tuple(tables)
