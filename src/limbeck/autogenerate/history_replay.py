"""Replay a history: run every upgrade function on a catalog instead of a database.

The effect of an operation on the catalog is known. The effect of raw SQL, and of code that does
not use `op`, is unknown. Such places are recorded, so that the draft can list them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import SelectBase, TextClause, UpdateBase

from limbeck.catalog import Catalog, Check, Exclude, ForeignKey, Key, PrimaryKey, Table, Unique
from limbeck.dialects import written_rows
from limbeck.diff import Renaming
from limbeck.errors import DraftError
from limbeck.operations import AlterColumnOp, Operations, RenameTableOp
from limbeck.runtime import RecordingSink, origin_of_caller
from limbeck.sqlalchemy_io import Opaque, effect

if TYPE_CHECKING:
    from sqlalchemy import Executable
    from sqlalchemy.engine import Dialect as SqlDialect

    from limbeck.catalog import Constraint
    from limbeck.dialects import Dialect
    from limbeck.history import Origin
    from limbeck.operations import Operation
    from limbeck.project import Project


T = TypeVar("T", PrimaryKey, Unique, Check, ForeignKey, Exclude)


@dataclass(frozen=True, slots=True)
class UnknownEffect:
    """A place whose effect on the schema is not known.

    Attributes:
        origin: file and line; None if they are unknown.
        reason: the reason, as text.
        writes_rows: the statement is SQL that changes rows; only triggers could change the schema.
    """

    origin: Origin | None
    reason: str
    writes_rows: bool = False


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """The result of a replay.

    Attributes:
        catalog: the catalog after the replay.
        unknown: the places that may have changed the catalog in an unknown way.
        renames: the keys of renamed tables and columns, before and after.
    """

    catalog: Catalog = field(default_factory=Catalog)
    unknown: tuple[UnknownEffect, ...] = ()
    renames: tuple[Renaming, ...] = ()


class _Replay(RecordingSink):
    """Receives operations and applies them to a catalog."""

    def __init__(
        self,
        dialect: SqlDialect,
        record: Dialect,
        opts: Mapping[str, Any],
        start: ReplayResult,
    ) -> None:
        super().__init__(dialect, record, opts, replayed=lambda: self.catalog)
        self.catalog = start.catalog
        self.unknown = list(start.unknown)
        self.renames = list(start.renames)

    def apply(self, operation: Operation) -> object:
        """Apply an operation to the catalog."""
        parts = getattr(operation, "ops", None)
        if parts is not None:
            for part in parts:
                self.apply(part)
            self._set_options(operation)
            return None
        default = self.dialect.default_schema_name
        self.renames += _renames(operation, default)
        done = effect(operation, self.catalog, self.dialect, default_namespace=default)
        if isinstance(done, Opaque):
            self._note(done.reason, getattr(operation, "sqltext", None))
        else:
            self.catalog = done.apply(self.catalog).merge(map(self._completed, done.put))
        return None

    def _set_options(self, block: Any) -> None:
        """Set the table options that a batch block changes."""
        options: Mapping[str, Any] = getattr(block, "table_kwargs", None) or {}
        known = self.record.autogenerate
        default = self.dialect.default_schema_name
        schema = None if not options or block.schema == default else block.schema
        table = self.catalog.table(block.table_name, schema) if options else None
        if table is not None and known.with_copy_keywords is not None:
            self.catalog = self.catalog.merge([known.with_copy_keywords(table, options)])

    def _completed(self, obj: Any) -> Any:
        """Return an object as the server would store it, with the names and indexes it adds."""
        if not isinstance(obj, Table):
            return obj
        choose = self.record.autogenerate.default_name
        finish = self.record.autogenerate.add_key_indexes
        table = obj if choose is None else _with_names(obj, choose, self.dialect)
        return table if finish is None else finish(table)

    def execute(
        self,
        statement: Executable | str,
        parameters: Any = None,
        *,
        execution_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Record that SQL was executed without an operation."""
        del parameters, execution_options
        self._note("SQL on the connection may do anything", statement)

    def _note(self, reason: str, statement: Any = None) -> None:
        writes_rows = isinstance(statement, UpdateBase | SelectBase) or (
            isinstance(statement, str | TextClause)
            and written_rows(str(statement), self.record.name) is not None
        )
        self.unknown.append(UnknownEffect(origin_of_caller(self.path), reason, writes_rows))


def _renames(operation: Operation, default_schema: str | None) -> Iterator[Renaming]:
    """Yield the keys of the table or column that an operation renames, before and after."""
    schema = getattr(operation, "schema", None)
    path = (None if schema == default_schema else schema, getattr(operation, "table_name", ""))
    match operation:
        case RenameTableOp(new_table_name=name):
            yield Key("table", path), Key("table", (path[0], name))
        case AlterColumnOp(modify_name=str() as name, column_name=old) if name != old:
            yield Key("column", (*path, old)), Key("column", (*path, name))


def _with_names(
    table: Table,
    choose: Callable[[Table, Constraint, Collection[str], SqlDialect], str | None],
    dialect: SqlDialect,
) -> Table:
    """Give constraints without a name the one that the server would choose."""
    taken = {part.name for part in (*table.constraints, *table.indexes) if part.name}

    def named(part: T) -> T:
        if part.name is not None:
            return part
        name = choose(table, part, taken, dialect)
        if name is not None:
            taken.add(name)
        return replace(part, name=name)

    key = table.primary_key
    return replace(
        table,
        primary_key=None if key is None else named(key),
        uniques=tuple(map(named, table.uniques)),
        checks=tuple(map(named, table.checks)),
        foreign_keys=tuple(map(named, table.foreign_keys)),
        excludes=tuple(map(named, table.excludes)),
    )


def replay(
    project: Project,
    context: Any,
    to: str | Sequence[str] = "heads",
    *,
    at: Sequence[str] = (),
    start: ReplayResult | None = None,
) -> ReplayResult:
    """Replay the history up to a destination.

    Args:
        project: the project with the history.
        context: a migration context that was configured without a connection.
        to: the destination, by default the heads.
        at: the revisions to start from, by default the base.
        start: the result of the replay up to these revisions.

    Raises:
        DraftError: a program cannot run without a database.
    """
    begun = ReplayResult() if start is None else start
    tape = _Replay(context.dialect, context.sink.record, context.opts, begun)
    with _replacing_sink(context, tape):
        for move in project.history().route(at, to, "up"):
            program = project.program(move.revision)
            tape.path = None if move.revision.path is None else str(move.revision.path)
            try:
                program.upgrade()
            except DraftError as error:
                raise _replay_error(move.revision.id, tape.path, error.message, error) from error
            except Exception as error:
                reason = f"{type(error).__name__}: {error}"
                raise _replay_error(move.revision.id, tape.path, reason, error) from error
    return ReplayResult(tape.catalog, tuple(tape.unknown), tuple(tape.renames))


def replay_program(
    catalog: Catalog, program: Callable[..., None], context: Any, *, path: str | None
) -> ReplayResult:
    """Replay one upgrade or downgrade function.

    Args:
        catalog: the schema before it.
        program: the function; it may raise any exception.
        context: a migration context that was configured without a connection.
        path: the revision file.
    """
    tape = _Replay(context.dialect, context.sink.record, context.opts, ReplayResult(catalog))
    tape.path = path
    with _replacing_sink(context, tape), Operations.context(context):
        program()
    return ReplayResult(tape.catalog, tuple(tape.unknown), tuple(tape.renames))


def replay_further(start: ReplayResult, context: Any, steps: Sequence[Operation]) -> ReplayResult:
    """Apply further operations to the result of a replay.

    Args:
        start: the result so far.
        context: a migration context that was configured without a connection.
        steps: the operations.

    Raises:
        DraftError: an operation names something that does not exist.
    """
    tape = _Replay(context.dialect, context.sink.record, context.opts, start)
    with _replacing_sink(context, tape):
        for step in steps:
            tape.apply(step)
    return ReplayResult(tape.catalog, tuple(tape.unknown), tuple(tape.renames))


@contextmanager
def _replacing_sink(context: Any, tape: _Replay) -> Iterator[None]:
    before = context.sink, context.connection
    context.sink, context.connection = tape, tape.bind
    try:
        yield
    finally:
        context.sink, context.connection = before


def _replay_error(id_: str, path: str | None, reason: str, error: BaseException) -> DraftError:
    line = next(
        (tb.tb_lineno for tb in _frames(error) if tb.tb_frame.f_code.co_filename == path), None
    )
    return DraftError(
        f"Revision {id_} cannot be replayed without a database: {reason}",
        hint="compare with a database instead: leave --offline out",
        place=path if line is None else f"{path}, line {line}",
        code="LB450",
    )


def _frames(error: BaseException) -> Iterator[Any]:
    frame = error.__traceback__
    while frame is not None:
        yield frame
        frame = frame.tb_next
