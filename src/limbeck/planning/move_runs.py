"""What one revision does: its statements, and the schema before and after it.

It is run on a scratch database with the schema of the real one. Without a scratch database its
statements are judged by their text, and its operations are applied to the schema as values.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from limbeck.autogenerate import replay_program
from limbeck.catalog import Catalog, Key, Table
from limbeck.dialects import parse_effects
from limbeck.diff import Renaming
from limbeck.environment import MigrationContext, own_context
from limbeck.errors import LimbeckError, PlanError
from limbeck.lint import finding_of, is_read, judge, judge_without_server, run_revision
from limbeck.operations import Operations
from limbeck.planning.plan import PlannedStatement, Source
from limbeck.scratch import DatabaseSource, ScratchDatabase, open_scratch, redirected
from limbeck.sql import mask_secrets

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect as SqlDialect

    from limbeck.dialects import Dialect, Measurement
    from limbeck.history import Move
    from limbeck.lint import RecordedStatement, Verdict

SEPARATOR = ";\n"  # of the statements of one line
_COPIES = re.compile(
    r"\s*INSERT\s+INTO\b.*?\bSELECT\b.*?\bFROM\s+[`\"\[]?(\w+)", re.IGNORECASE | re.DOTALL
)
_LONG = frozenset({"rewrite", "reads-long", "writes-long", "updates-long", "fails-on-rows"})


@dataclass(frozen=True, slots=True)
class MoveProgram:
    """A move with its function.

    Args:
        move: the move.
        run: the upgrade or downgrade function.
    """

    move: Move
    run: Callable[..., None]

    @property
    def path(self) -> str | None:
        """The revision file."""
        return None if self.move.revision.path is None else str(self.move.revision.path)


@dataclass(frozen=True, slots=True)
class MoveRun:
    """What one revision does.

    Args:
        move: the move.
        statements: in order.
        before: the schema before it.
        after: the schema after it; the same as `before` where it is not known.
        notes: what could not be found out.
        server: name and version of the server on which was measured, None where it was not.
        renames: the keys of renamed tables and columns, before and after.
        fails: whether the revision failed on empty tables.
    """

    move: Move
    statements: tuple[PlannedStatement, ...]
    before: Catalog
    after: Catalog
    notes: tuple[str, ...] = ()
    server: str | None = None
    renames: tuple[Renaming, ...] = ()
    fails: bool = False


@dataclass(frozen=True, slots=True)
class ScratchPlace:
    """Where scratch databases are made.

    Args:
        source: the project's database.
        scratch_url: another server, None for that of the project.
    """

    source: DatabaseSource
    scratch_url: str | None = None

    @contextmanager
    def open(self, catalog: Catalog) -> Iterator[ScratchDatabase]:
        """Open a scratch database with a schema; programs of migrations are led to it."""
        with ExitStack() as stack:
            scratch = stack.enter_context(open_scratch(self.source, scratch_url=self.scratch_url))
            stack.enter_context(redirected(scratch, self.source))
            scratch.build_schema(catalog)
            yield scratch


def measured_run(
    program: MoveProgram, before: Catalog, place: ScratchPlace, options: Mapping[str, Any]
) -> MoveRun:
    """Run a revision on scratch databases.

    Args:
        program: the revision.
        before: the schema before it.
        place: where scratch databases are made.
        options: options of `configure`.

    Raises:
        LimbeckError: no scratch database can be had, or the schema cannot be built on it.
    """
    with place.open(before) as scratch:
        record, server = scratch.record, scratch.server
        start = scratch.catalog()
        error = _apply(program, scratch, options)
        after = scratch.catalog() if error is None else start
        dialect = scratch.engine.dialect
    measurement = _measurement(record)

    @contextmanager
    def opened() -> Iterator[Any]:
        with place.open(before) as scratch:
            yield scratch.engine

    runs = run_revision(
        program.run,
        record,
        opened,
        path=program.path,
        options=options,
        # where a table is copied to change it, the statements mean something together only
        merges_lines=not record.capabilities.alters_columns,
    )
    statements = _planned(judge(runs, measurement), measurement, program, "measured")
    notes = (
        ()
        if error is None
        else (f"{program.move.revision.id} fails on empty tables: {_words(error)}",)
    )
    renames = _renames(program, start, after, dialect, options, statements)
    fails = error is not None
    return MoveRun(program.move, statements, start, after, notes, server, renames, fails)


def _renames(
    program: MoveProgram,
    before: Catalog,
    after: Catalog,
    dialect: SqlDialect,
    options: Mapping[str, Any],
    statements: Iterable[PlannedStatement],
) -> tuple[Renaming, ...]:
    """Return the tables and columns that a revision renames: by operations, and by SQL."""
    found: list[Renaming] = []
    with suppress(Exception):  # a program may need a database to tell what it does
        context = offline_context(MigrationContext.configure(dialect=dialect, opts=dict(options)))
        found += replay_program(before, program.run, context, path=program.path).renames
    several = (found, list(_renames_of_sql(statements, dialect.name)))
    whole = dict.fromkeys(one for renames in several for one in _composed(renames))
    return tuple(
        (old, new)
        for old, new in whole
        if _is_in(before, old) and _is_in(after, new) and not _is_in(after, old)
    )


def _composed(renames: Iterable[Renaming]) -> Iterator[Renaming]:
    """Yield renames from the first names to the last ones, of those that follow each other."""
    tables: dict[tuple[str | None, ...], tuple[str | None, ...]] = {}  # last to first
    columns: dict[tuple[tuple[str | None, ...], str], str] = {}
    for old, new in renames:
        if old.kind == "table":
            tables[new.path] = tables.pop(old.path, old.path)
        else:
            table = tables.get(old.path[:-1], old.path[:-1])
            columns[table, new.name] = columns.pop((table, old.name), old.name)
    last = {first: path for path, first in tables.items()}
    for path, first in tables.items():
        yield Key("table", first), Key("table", path)
    for (first, name), column in columns.items():
        yield Key("column", (*first, column)), Key("column", (*last.get(first, first), name))


def _is_in(catalog: Catalog, key: Key) -> bool:
    if key.kind == "table":
        return key in catalog
    table = catalog.get(Key("table", key.path[:-1]))
    return isinstance(table, Table) and table.column(key.name) is not None


def _renames_of_sql(statements: Iterable[PlannedStatement], dialect: str) -> Iterator[Renaming]:
    for statement in statements:
        for part in statement.sql.split(SEPARATOR):
            for fact in parse_effects(part, dialect).items:
                if fact.renamed_from is None:
                    continue
                if fact.kind == "table":
                    yield Key("table", fact.renamed_from), Key("table", fact.table)
                else:
                    old = (*fact.table, fact.renamed_from[1])
                    yield Key("column", old), Key("column", (*fact.table, fact.name))


def _apply(
    program: MoveProgram, scratch: ScratchDatabase, options: Mapping[str, Any]
) -> BaseException | None:
    """Run a revision on empty tables, and commit; return the error that ended it."""
    with scratch.engine.connect() as connection:
        context = own_context(connection, opts=dict(options))
        try:
            with Operations.context(context), context.begin_transaction():
                program.run()
        except Exception as error:  # noqa: BLE001 - a program may raise anything
            return error
        if connection.in_transaction():
            connection.commit()
    return None


def _measurement(record: Dialect) -> Measurement:
    if record.measurement is None:
        raise PlanError(f"Statements cannot be measured on {record.name}")
    return record.measurement


def known_run(program: MoveProgram, before: Catalog, context: Any) -> MoveRun:
    """Judge the statements of a revision by their text, and apply its operations to the schema.

    Args:
        program: the revision.
        before: the schema before it.
        context: a migration context, with or without a connection.
    """
    notes: list[str] = []
    id_ = program.move.revision.id
    offline = offline_context(context)
    measurement = context.sink.record.measurement
    statements: tuple[PlannedStatement, ...] = ()
    try:
        verdicts = judge_without_server(program.run, offline, path=program.path, catalog=before)
        statements = _planned(verdicts, measurement, program, "known")
    except Exception as error:  # noqa: BLE001 - a program may raise anything
        notes.append(f"the statements of {id_} are not known without a database: {_words(error)}")
    after = before
    renames: tuple[Renaming, ...] = ()
    try:
        replayed = replay_program(before, program.run, offline_context(context), path=program.path)
        after, renames = replayed.catalog, tuple(_composed(replayed.renames))
        notes += [
            f"{id_}{f', line {one.origin.line}' if one.origin else ''}: {one.reason}"
            for one in replayed.unknown
        ]
    except Exception as error:  # noqa: BLE001 - the same
        notes.append(f"the schema after {id_} is not known: {_words(error)}")
    return MoveRun(program.move, statements, before, after, tuple(notes), renames=renames)


def offline_context(context: Any) -> MigrationContext:
    """Return a context like another one that writes scripts, which nobody reads."""
    return own_context(
        dialect=context.dialect,
        opts={
            **context.opts,
            "as_sql": True,
            "output_buffer": io.StringIO(),
            "starting_rev": None,
        },
    )


def _words(error: BaseException) -> str:
    if isinstance(error, LimbeckError):
        return error.message
    text = str(getattr(error, "orig", None) or error)
    first = next((line for line in text.splitlines() if line.strip()), "")
    return mask_secrets(f"{type(error).__name__}: {first}")


def _planned(
    verdicts: Iterable[Verdict],
    measurement: Measurement | None,
    program: MoveProgram,
    source: Source,
) -> tuple[PlannedStatement, ...]:
    """Return the statements that change something, with their effects.

    Args:
        verdicts: what lint says of the statements.
        measurement: says which locks are worth a finding; None without any.
        program: the revision.
        source: where the verdicts come from.
    """
    return tuple(
        _planned_statement(one, sql, measurement, program, source)
        for one in verdicts
        if (sql := _changes(one.statement))
    )


def _changes(statement: RecordedStatement) -> str:
    """Return the SQL of a line without queries, which read what they need to know."""
    parts = statement.parts or [statement.sql]
    kept = [part.strip() for part in parts if _is_change(part)]
    return mask_secrets(SEPARATOR.join(kept).replace("%%", "%"))


def _is_change(sql: str) -> bool:
    words = sql.lstrip(" (\n\t").upper()
    sets = words.startswith("SET ") or (words.startswith("PRAGMA") and "=" in words)
    return sets or not (is_read(sql) or words.startswith("BEGIN"))


def _planned_statement(
    verdict: Verdict,
    sql: str,
    measurement: Measurement | None,
    program: MoveProgram,
    source: Source,
) -> PlannedStatement:
    statement, measured = verdict.statement, verdict.measured
    id_ = program.move.revision.id
    code = None
    if verdict.dangers and measurement is not None:
        finding = finding_of(verdict, measurement, revision=id_, path=program.path)
        code = None if finding is None else finding.code
    locks = {} if measured is None else dict(measured.locks)
    is_long = measured is not None and measured.is_long
    rewrites = () if measured is None else measured.rewrites
    scans = () if measured is None else measured.scans
    if source == "known" and measured is not None:
        is_long = not _LONG.isdisjoint(verdict.dangers)
        rewrites = tuple(locks) if "rewrite" in verdict.dangers else ()
        scans = tuple(locks) if is_long and not rewrites else ()
    if source == "known" and measured is None:
        source = "unknown"
    # rows that make a run fail hide that it copies a table
    copied = [found[1] for part in sql.split(SEPARATOR) if (found := _COPIES.match(part))]
    if copied:
        is_long = True
        rewrites = tuple(dict.fromkeys((*rewrites, *copied)))
    return PlannedStatement(
        revision=id_,
        sql=sql,
        line=statement.line,
        source=source,
        locks=locks,
        strongest_lock=None if measured is None else measured.strongest,
        rewrites=rewrites,
        scans=scans,
        index_builds=() if measured is None else measured.index_builds,
        blocks={} if measured is None else dict(measured.blocks),
        dangers=verdict.dangers,
        code=code,
        details=tuple(one for one in verdict.details if one),
        is_outside=statement.is_outside,
        is_long=is_long,
    )
