"""`plan`: describe what an upgrade or downgrade would do, without writing to the database."""

from __future__ import annotations

import io
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limbeck.catalog import Catalog
from limbeck.commands.drift import explain_missing
from limbeck.commands.lint_run import SCRATCH_OPTIONS, quiet_logging
from limbeck.commands.run_env import Script, load_moves, run_env
from limbeck.commands.stats_command import system_of
from limbeck.errors import HistoryError, LimbeckError, PlanError
from limbeck.history import Direction, History, Move
from limbeck.planning import (
    DEFAULT_TIME_LIMIT,
    CheckBuilder,
    CheckQuery,
    GraphRevision,
    LiveState,
    MoveProgram,
    MoveRun,
    Plan,
    PlannedMove,
    ScratchPlace,
    known_run,
    measure_rates,
    measured_run,
    needs_rates,
    offline_context,
    planned_transactions,
    read_state,
    read_statistics,
    run_checks,
    with_estimates,
)
from limbeck.project import Project
from limbeck.sql import mask_secrets

if TYPE_CHECKING:
    from limbeck.dialects import TableSize

DEFAULT_BUDGET = 60.0  # seconds, for all measurements


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """The destination of a plan, and the options.

    Attributes:
        target: the destination; an applied revision stands for a downgrade.
        measures: measure statements on scratch databases.
        checks: check the rows of the real database.
        scratch_url: another server for the scratch databases.
        time_limit: seconds for each query on the real database.
        budget: seconds for all measurements; for the other revisions, only the text is examined.
        statistics: a statistics file to use instead of the database.
    """

    target: str = "head"
    measures: bool = True
    checks: bool = True
    scratch_url: str | None = None
    time_limit: float = DEFAULT_TIME_LIMIT
    budget: float = DEFAULT_BUDGET
    statistics: Path | None = None


@dataclass(frozen=True, slots=True)
class _Database:
    """A database of env.py, and its state."""

    url: str
    system: str
    rows: tuple[str, ...]
    direction: Direction
    programs: tuple[MoveProgram, ...]
    context: Any
    state: LiveState
    notes: tuple[str, ...] = ()


def plan(
    project: Project, request: PlanRequest, *, script: Script | None = None
) -> tuple[Plan, ...]:
    """Plan the route of each database of env.py to a revision.

    Raises:
        HistoryError: the destination is unknown, or the database is at an unknown revision.
        PlanError: the database is not reachable, limbeck cannot read this kind of database, or
            the statistics file is invalid.
    """
    if request.statistics is None:
        databases = _read(project, request, script)
    else:
        databases = _from_statistics(project, request, request.statistics, script)
    with quiet_logging():
        place, notes = _scratch_place(project, request, script, databases)
        runs = [_runs(one, request, place, notes) for one in databases]
        queries = [_queries(one, found) for one, (found, _) in zip(databases, runs, strict=True)]
        if request.checks and request.statistics is None and any(queries):
            checks = _ask(project, request, script, queries)
        else:
            unread = "no rows were read"
            checks = [[replace(one.check, reason=unread) for one in found] for found in queries]
        history = project.history()
        plans = tuple(
            _plan(history, request, database, found, [*database.notes, *notes, *more], asked)
            for database, (found, more), asked in zip(databases, runs, checks, strict=True)
        )
        return tuple(_timed(one, place) for one in plans)


def _timed(found: Plan, place: ScratchPlace | None) -> Plan:
    """Return a plan with estimates; rates are measured if large tables are affected."""
    from sqlalchemy.exc import SQLAlchemyError

    rates, notes = None, found.notes
    if needs_rates(found.statements, found.sizes):
        if place is None or found.scratch is None:
            notes = (*notes, "no time is estimated without a scratch database")
        else:
            try:
                with place.open(Catalog()) as scratch:
                    rates = measure_rates(scratch)
            except (LimbeckError, SQLAlchemyError) as error:
                words = getattr(error, "message", None) or str(error).partition("\n")[0]
                notes = (*notes, f"no time is estimated: {words}")
    transactions = with_estimates(found.transactions, found.sizes, rates)
    return replace(found, transactions=transactions, notes=notes)


# ── the real database ─────────────────────────────────────────────────────


def _read(project: Project, request: PlanRequest, script: Script | None) -> list[_Database]:
    found: list[_Database] = []

    def job(rows: tuple[str, ...], context: Any) -> list[Any]:
        direction, moves = _route(project, rows, request.target, context)
        url = context.connection.engine.url.render_as_string(hide_password=True)
        found.append(
            _Database(
                mask_secrets(url),
                system_of(context),
                tuple(sorted(rows)),
                direction,
                _programs(project, moves, context),
                context,
                read_state(context, request.time_limit),
            )
        )
        return []

    from sqlalchemy.exc import DBAPIError

    try:
        run_env(project, job, script=script, dont_mutate=True, destination_rev=request.target)
    except DBAPIError as error:
        if found or error.statement is not None:
            raise
        raise PlanError(
            f"The database is not reachable: {str(error.orig).strip().splitlines()[0]}",
            hint="Start the server or correct the URL. `plan --stats FILE` uses a file that "
            "`limbeck stats` has written instead of the database.",
            code="LB676",
        ) from error
    return found


def _from_statistics(
    project: Project, request: PlanRequest, path: Path, script: Script | None
) -> list[_Database]:
    """Return the database that a statistics file describes; its schema is replayed."""
    statistics = read_statistics(path)
    found: list[_Database] = []

    def job(_rows: tuple[str, ...], context: Any) -> list[Any]:
        rows = statistics.revisions
        direction, moves = _route(project, rows, request.target, context)
        catalog, notes = _replayed(project, rows, context)
        found.append(
            _Database(
                "",
                statistics.dialect,
                tuple(sorted(rows)),
                direction,
                _programs(project, moves, context),
                context,
                LiveState(catalog, statistics.tables),
                notes,
            )
        )
        return []

    run_env(project, job, script=script, as_sql=True, output_buffer=io.StringIO())
    return found


def _replayed(
    project: Project, rows: Sequence[str], context: Any
) -> tuple[Catalog, tuple[str, ...]]:
    """Return the replayed schema at some revisions, and notes about it."""
    from limbeck.autogenerate import replay
    from limbeck.operations import Operations

    if not rows:
        return Catalog(), ()
    offline = offline_context(context)
    try:
        with Operations.context(offline):
            found = replay(project, offline, rows)
    except LimbeckError as error:
        return Catalog(), (f"the schema of the database is not known: {error.message}",)
    return found.catalog, tuple(
        f"the schema may differ: {one.origin or 'a revision'}: {one.reason}"
        for one in found.unknown
    )


def _route(
    project: Project, rows: Sequence[str], target: str, context: Any
) -> tuple[Direction, tuple[Move, ...]]:
    history = project.history()
    try:
        direction = direction_of(history, rows, target)
        return direction, history.route(rows, target, direction)
    except HistoryError as error:
        raise explain_missing(error, tuple(rows), context) from error.__cause__


def _programs(project: Project, moves: Iterable[Move], context: Any) -> tuple[MoveProgram, ...]:
    arguments = context.run_arguments
    return tuple(
        MoveProgram(one.move, partial(one.program, **arguments) if arguments else one.program)
        for one in load_moves(project, list(moves))
    )


def direction_of(history: History, rows: Sequence[str], target: str) -> Direction:
    """Return the direction from the version rows of a database to a target.

    Args:
        history: the revisions.
        rows: the version rows of the database.
        target: an identifier of a revision.
    """
    _, _, relative = target.rpartition("@")
    if relative == "base" or relative.startswith("-"):
        return "down"
    if relative.startswith("+"):
        return "up"
    wanted = {one.id for one in history.resolve(target)}
    if any(row not in history.ids for row in rows):
        return "up"
    return "down" if wanted and wanted <= history.ancestors(rows) - set(rows) else "up"


def _ask(
    project: Project,
    request: PlanRequest,
    script: Script | None,
    queries: Sequence[Sequence[CheckQuery]],
) -> list[Any]:
    """Run the checks of each database."""
    found: list[Any] = []

    def job(_rows: tuple[str, ...], context: Any) -> list[Any]:
        found.append(run_checks(context, queries[len(found)], request.time_limit))
        return []

    run_env(project, job, script=script, dont_mutate=True, destination_rev=request.target)
    return found


# ── the effects of each revision ──────────────────────────────────────────


def _scratch_place(
    project: Project, request: PlanRequest, script: Script | None, databases: Sequence[_Database]
) -> tuple[ScratchPlace | None, list[str]]:
    from limbeck.scratch import capture_source

    if not request.measures:
        return None, []
    if len(databases) != 1:
        return None, ["nothing was measured: env.py has several databases"]
    if not databases[0].programs or databases[0].context.sink.record.measurement is None:
        return None, []
    try:
        source = capture_source(lambda: run_env(project, lambda _rows, _context: [], script=script))
    except LimbeckError as error:
        return None, [f"nothing was measured: {error.message}"]
    return ScratchPlace(source, request.scratch_url or project.option("scratch_url")), []


def _runs(
    database: _Database, request: PlanRequest, place: ScratchPlace | None, notes: Sequence[str]
) -> tuple[list[MoveRun], list[str]]:
    """Return the effects of each revision, and notes about unknown ones."""
    from sqlalchemy.exc import SQLAlchemyError

    del notes
    options = scratch_options(database.context.opts)
    end = time.monotonic() + request.budget
    catalog = database.state.catalog
    runs: list[MoveRun] = []
    missing: list[str] = []
    for at, program in enumerate(database.programs):
        run = None
        if place is not None and time.monotonic() > end:
            missing.append(
                f"from {program.move.revision.id} on, nothing was measured: the time limit of"
                f" {request.budget:g} s is exceeded"
            )
            place = None
        if place is not None:
            try:
                run = measured_run(program, catalog, place, options)
            except (LimbeckError, SQLAlchemyError) as error:
                words = getattr(error, "message", None) or str(error).partition("\n")[0]
                missing.append(f"{program.move.revision.id} was not measured: {words}")
                place = None
        run = run or known_run(program, catalog, database.context)
        missing += run.notes
        if run.fails and database.programs[at + 1 :]:
            following = database.programs[at + 1].move.revision.id
            missing.append(f"from {following} on, nothing was measured, because that fails")
            place = None
        catalog = run.after
        runs.append(run)
    return runs, missing


def scratch_options(opts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the options of `configure` that affect the statements of a revision."""
    names = (*SCRATCH_OPTIONS, "script")
    return {name: opts[name] for name in names if name in opts}


def _queries(database: _Database, runs: Iterable[MoveRun]) -> list[CheckQuery]:
    context = database.context
    builder = CheckBuilder(database.state.catalog, context.sink.record, context.dialect)
    return [query for run in runs for query in builder.of(run)]


# ── the plan ──────────────────────────────────────────────────────────────


def _plan(
    history: History,
    request: PlanRequest,
    database: _Database,
    runs: Sequence[MoveRun],
    notes: Sequence[str],
    checks: Sequence[Any],
) -> Plan:
    context = database.context
    measurement = context.sink.record.measurement
    transactions = planned_transactions(
        runs,
        is_transactional=context.target.transactional_ddl,
        per_migration=bool(context.opts.get("transaction_per_migration", False)),
        commits_ddl=measurement is not None and measurement.commits_ddl,
        lock_order=() if measurement is None else measurement.lock_order,
    )
    names = {
        name
        for each in transactions
        for one in each.statements
        for name in (*one.locks, *one.rewrites, *one.scans, *one.index_builds)
    } | {check.table for check in checks}
    return Plan(
        database=database.url,
        dialect=database.system,
        start=database.rows,
        target=request.target,
        direction="upgrade" if database.direction == "up" else "downgrade",
        moves=tuple(_move(program.move) for program in database.programs),
        transactions=transactions,
        sizes=_sizes(database.state.sizes, names),
        sizes_from="live" if request.statistics is None else str(request.statistics),
        checks=tuple(checks),
        history=tuple(_graph(history, database)),
        before=runs[0].before if runs else database.state.catalog,
        after=runs[-1].after if runs else database.state.catalog,
        scratch=next((run.server for run in runs if run.server), None),
        notes=tuple(notes),
    )


def _sizes(known: Mapping[str, TableSize], names: Iterable[str]) -> Mapping[str, TableSize]:
    return {name: known[name] for name in sorted(names) if name in known}


def _move(move: Move) -> PlannedMove:
    revision = move.revision
    return PlannedMove(
        revision=revision.id,
        direction="upgrade" if move.direction == "up" else "downgrade",
        message=revision.doc,
        path=None if revision.path is None else str(revision.path),
        before=tuple(sorted(move.before)),
        after=tuple(sorted(move.after)),
    )


def _graph(history: History, database: _Database) -> Iterable[GraphRevision]:
    applied = history.ancestors([row for row in database.rows if row in history.ids])
    planned = {program.move.revision.id for program in database.programs}
    for revision in reversed(history.newest_first(history.ids)):
        state = "applied" if revision.id in applied else "pending"
        yield GraphRevision(
            revision.id,
            tuple(history.below(revision.id)),
            revision.doc,
            "planned" if revision.id in planned else state,  # type: ignore[arg-type]
        )
