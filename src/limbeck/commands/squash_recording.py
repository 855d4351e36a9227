"""Run revisions on a scratch database, and record their statements on rows.

The catalog before each statement on rows is read from the database. Schema changes, by operations
or by SQL, are the differences between these catalogs. A schema change whose effect on existing rows
these differences do not show, such as a rename, is recorded like a statement on rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.sql.visitors import cloned_traverse
from sqlalchemy.types import NullType

from limbeck.catalog import Catalog, Key
from limbeck.dialects import undoubled
from limbeck.errors import DraftError
from limbeck.operations import (
    AddColumnOp,
    AlterColumnOp,
    BatchAlterTableOp,
    BulkInsertOp,
    ChangeRowsOp,
    DropColumnOp,
    DropTableOp,
    ExecuteSQLOp,
    MoveTableOp,
    RenameTableOp,
)
from limbeck.render import RenderContext, batch_block, escaped, render_op
from limbeck.runtime import Live, origin_of_caller
from limbeck.sql import split_script

if TYPE_CHECKING:
    from limbeck.history import Revision
    from limbeck.operations import Operation

_COMMENTS = re.compile(r"\A(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/|\()*", re.DOTALL)
# schema changes whose effect on existing rows the catalogs do not show
_KEEPS_ROWS = re.compile(
    r"(?is)^\s*(?:RENAME\b|ALTER\s+TABLE\b.*\b(?:RENAME|CHANGE|USING|DEFAULT|SET\s+SCHEMA)\b"
    r"|CREATE\b.*\bTABLE\b.*\bSELECT\b)"
)
_DROPS = re.compile(r"(?is)\bDROP\b")
# what is dropped may be created again in the same text
_REPLACES = re.compile(r"(?is)\bDROP\b.*\b(?:ADD|CREATE)\b")
# the first words of statements that change the schema
_DDL = ("CREATE", "ALTER", "DROP", "RENAME", "COMMENT")


@dataclass(frozen=True, slots=True)
class RowStatement:
    """A statement on rows in a revision, or the schema after something was dropped in it.

    Attributes:
        revision: the revision.
        place: file and line.
        source: the Python statement that runs it; empty for the schema after a drop, which the new
            revision has to reach only if the range creates again what was dropped.
        before: the catalog before it.
        on_rows: whether it changes rows; if not, it changes the schema in a way that the
            difference of two catalogs does not show.
        imports: the import lines that its source needs.
        after: the catalog after it, if it changes the schema.
    """

    revision: str
    place: str
    source: str
    before: Catalog
    on_rows: bool = True
    imports: frozenset[str] = frozenset()
    after: Catalog | None = None


@dataclass
class RecordedRevision:
    """The recorded run of one revision.

    Attributes:
        revision: the revision.
        before: the catalog before it.
        after: the catalog after it.
        steps: its statements on rows and its schemas after drops, in order.
        opaque: the places of data steps that cannot be reduced to statements, with the reason.
    """

    revision: Revision
    before: Catalog
    after: Catalog = field(default_factory=Catalog)
    steps: list[RowStatement] = field(default_factory=list)
    opaque: dict[str, str] = field(default_factory=dict)


class Recorder(Live):
    """Runs the operations of one revision, and records those on rows.

    Args:
        context: the migration context of the run.
        found: the record.
        read: a function that reads the catalog on the connection of the run.
        filled: the tables that may have rows; the recorder adds to them.
    """

    def __init__(
        self,
        context: Any,
        found: RecordedRevision,
        read: Callable[[], Catalog],
        filled: set[Key],
    ) -> None:
        before = context.sink
        super().__init__(before.connection, before.record, context.opts, dialect=before.dialect)
        self._context = context
        self._found = found
        self._read = read
        self._filled = filled
        self._depth = 0
        file = found.revision.file
        self._path = None if file is None else str(file)

    @contextmanager
    def listen(self) -> Iterator[None]:
        """Replace the sink of the context, and listen to its connection."""
        context, before = self._context, self._context.sink
        event.listen(self.connection, "before_cursor_execute", self._on_statement)
        context.sink = self
        try:
            yield
        finally:
            context.sink = before
            event.remove(self.connection, "before_cursor_execute", self._on_statement)

    def apply(self, operation: Operation) -> object:
        """Run an operation."""
        result = self._apply(operation)
        if not self._depth and _drops(operation):
            with self._inside():
                dropped = self._read()
            self._append_dropped(dropped)
        return result

    def _apply(self, operation: Operation) -> object:
        if not self._depth and isinstance(operation, BulkInsertOp):
            self._add_step(*self._of_rows(operation))
        if not self._depth and isinstance(operation, ChangeRowsOp):
            self._add_operation(operation.origin)
        if not self._depth and self._keeps_rows(operation):
            return self._keep(operation)
        if self._depth or not isinstance(operation, ExecuteSQLOp):
            with self._inside():
                return super().apply(operation)
        with self._statement(operation.sqltext, operation.execution_options):
            return super().apply(operation)

    def execute(
        self,
        statement: Any,
        parameters: Any = None,
        *,
        execution_options: Mapping[str, Any] | None = None,
    ) -> Any:
        """Execute one statement."""
        if self._depth:
            return super().execute(statement, parameters, execution_options=execution_options)
        if parameters:
            self._add_opaque("it passes parameters to a statement")
        with self._statement(statement, execution_options):
            return super().execute(statement, parameters, execution_options=execution_options)

    def _keeps_rows(self, operation: Operation) -> bool:
        """Return whether the catalogs do not show what an operation does to existing rows."""
        match operation:
            case BatchAlterTableOp():
                return any(map(self._keeps_rows, operation.ops)) or _replaces_column(operation)
            case AlterColumnOp():
                keeps = operation.modify_name is not None or (
                    operation.modify_type is not None and "postgresql_using" in operation.kw
                )
            case AddColumnOp():
                keeps = isinstance(operation.column.server_default, sa.DefaultClause)
            case RenameTableOp() | MoveTableOp():
                keeps = True
            case _:
                return False
        return keeps and self._key(operation.table_name, operation.schema) in self._filled

    def _key(self, name: str, schema: str | None) -> Key:
        return Key("table", (None if schema == self.dialect.default_schema_name else schema, name))

    def _keep(self, operation: Operation) -> object:
        """Run a schema change and record it as a whole."""
        count = len(self._found.steps)
        self._add_operation(operation)
        with self._inside():
            result = super().apply(operation)
            after = self._read()
        self._found.steps[count:] = [
            replace(step, on_rows=False, after=after) for step in self._found.steps[count:]
        ]
        if isinstance(operation, RenameTableOp):
            self._filled.add(self._key(operation.new_table_name, operation.schema))
        if isinstance(operation, MoveTableOp):
            name = operation.new_table_name or operation.table_name
            self._filled.add(self._key(name, operation.new_schema))
        return result

    @contextmanager
    def own_statements(self, operation: Operation | None = None) -> Iterator[None]:
        """Record an operation as a whole."""
        if operation is not None and not self._depth:
            self._add_operation(operation)
        with self._inside():
            yield

    @contextmanager
    def _inside(self) -> Iterator[None]:
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    @contextmanager
    def _statement(self, statement: Any, options: Mapping[str, Any] | None) -> Iterator[None]:
        with self._inside():
            text = self._text(statement)
            parts = self._parts(text or "")
            kinds = {_is_ddl(one) for one in parts}
            if text is None:
                self._add_opaque("its values cannot be written as SQL")
            elif kinds == {True, False}:
                self._add_opaque("one text changes the schema and the rows")
            before = self._read()
            source = f"op.execute({self._argument(statement, text)}{_written_options(options)})"
            step = RowStatement(self._found.revision.id, self._place(), source, before)
            if kinds == {False}:
                self._append([step])
            yield
            if kinds != {True}:
                return
            after = self._read()
            is_kept = any(_KEEPS_ROWS.match(_COMMENTS.sub("", one)) for one in parts)
            if is_kept or _REPLACES.search(text or ""):
                self._append([replace(step, on_rows=False, after=after)])
                self._filled.update(table.key for table in after.tables)
            elif after == before:
                # it changes something that the catalog lacks, such as a storage option
                self._append([replace(step, on_rows=False)])
            elif _DROPS.search(text or ""):
                self._append_dropped(after)

    def _append_dropped(self, dropped: Catalog) -> None:
        place, id_ = self._place(), self._found.revision.id
        self._found.steps.append(RowStatement(id_, place, "", dropped, on_rows=False))

    def _append(self, steps: Iterable[RowStatement]) -> None:
        for step in steps:
            self._found.steps.append(step)
            self._filled.update(table.key for table in step.before.tables)

    def _parts(self, text: str) -> list[str]:
        rules = self.record.capabilities.quoting
        return [one.text for one in split_script(text, rules)]

    def _text(self, statement: Any) -> str | None:
        """Return a statement with its values as literals, None if this is not possible."""
        if isinstance(statement, str):
            return statement
        if isinstance(statement, sa.TextClause) and not statement._bindparams:
            return statement.text
        try:
            words = {"literal_binds": True}
            typed = _with_types(statement)
            return undoubled(typed.compile(dialect=self.dialect, compile_kwargs=words))
        except Exception:  # noqa: BLE001 - third-party types may raise anything
            return None

    def _argument(self, statement: Any, text: str | None) -> str:
        if isinstance(statement, str) or (
            isinstance(statement, sa.TextClause) and not statement._bindparams
        ):
            return repr(text)
        return repr(escaped(text or ""))

    def _of_rows(self, operation: BulkInsertOp) -> tuple[list[str], Iterable[str]]:
        try:
            return self._source(operation)
        except DraftError:
            pass
        sources = []
        for row in operation.rows:
            text = self._text(operation.table.insert().values(**row))
            if text is None:
                self._add_opaque("its values cannot be written as SQL")
                return [], ()
            sources.append(f"op.execute({escaped(text)!r})")
        return sources, ()

    def _source(self, operation: Operation) -> tuple[list[str], Iterable[str]]:
        """Return the source of an operation and the import lines that it needs.

        Raises:
            DraftError: it has values that cannot be written as Python source.
        """
        ctx = RenderContext(self._context, sa.MetaData(), autogenerate=False)
        is_batch = isinstance(operation, BatchAlterTableOp)
        lines = batch_block(ctx, operation) if is_batch else render_op(ctx, operation)
        return ["\n".join(lines).rstrip("\n")], ctx.imports

    def _add_operation(self, operation: Operation) -> None:
        try:
            self._add_step(*self._source(operation))
        except DraftError:
            self._add_opaque("its values cannot be written as Python source")

    def _add_step(self, sources: list[str], imports: Iterable[str]) -> None:
        if sources:
            with self._inside():
                before = self._read()
            place, id_ = self._place(), self._found.revision.id
            self._append(
                RowStatement(id_, place, source, before, imports=frozenset(imports))
                for source in sources
            )

    def _add_opaque(self, reason: str) -> None:
        self._found.opaque.setdefault(self._place(), reason)

    def _place(self) -> str:
        origin = origin_of_caller(self._path)
        return f"{self._path}:{origin.line}" if origin is not None else str(self._path)

    def _on_statement(self, _conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        # a statement outside an operation uses the connection directly
        if not self._depth and origin_of_caller(self._path) is not None:
            words = " ".join(statement.split())[:60]
            self._add_opaque(f"it uses the connection directly: {words}")


def _with_types(statement: Any) -> Any:
    """Set the types of values whose columns have no type, as in `sa.table()`."""

    def set_type(bound: Any) -> None:
        if isinstance(bound.type, NullType) and bound.value is not None:
            bound.type = sa.literal(bound.value).type

    return cloned_traverse(statement, {}, {"bindparam": set_type})


def _drops(operation: Operation) -> bool:
    """Return whether an operation drops tables or columns."""
    if isinstance(operation, BatchAlterTableOp):
        return any(map(_drops, operation.ops))
    return isinstance(operation, (DropColumnOp, DropTableOp))


def _replaces_column(block: BatchAlterTableOp) -> bool:
    """Return whether a batch block drops a column and creates it again."""
    dropped = {one.column_name for one in block.ops if isinstance(one, DropColumnOp)}
    return any(isinstance(one, AddColumnOp) and one.column.name in dropped for one in block.ops)


def _is_ddl(statement: str) -> bool:
    return _COMMENTS.sub("", statement)[:10].upper().startswith(_DDL)


def _written_options(options: Mapping[str, Any] | None) -> str:
    return f", execution_options={dict(options)!r}" if options else ""
