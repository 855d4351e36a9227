"""Operations that exist only in drafts: batch blocks, SQL with its inverse, notes."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from limbeck.catalog import Catalog, Column, Key, Table
from limbeck.diff import Change, Rename, apply, exchanged
from limbeck.operations import (
    AddColumnOp,
    AlterColumnOp,
    CreateIndexOp,
    DropColumnOp,
    DropConstraintOp,
    DropIndexOp,
    ExecuteSQLOp,
    ModifyTableOps,
    OpContainer,
    Operation,
)
from limbeck.render import RenderContext, batch_block, escaped, render_op, renderers
from limbeck.sql import quote_identifier

if TYPE_CHECKING:
    from limbeck.autogenerate.comparison import Comparison
    from limbeck.autogenerate.sqlalchemy_objects import Objects

# 88 columns without the indentation of a function and a block, and the comment sign
_NOTE_WIDTH = 78


class RebuildTableOps(ModifyTableOps):
    """Changes of a table that its database can only make in a batch block.

    A constraint without a name is identified by its definition.

    Args:
        table_name: the table.
        ops: the changes of the table.
        schema: the schema of the table.
    """

    def __init__(
        self, table_name: str, ops: Sequence[Operation], *, schema: str | None = None
    ) -> None:
        super().__init__(table_name, ops, schema=schema)
        for op in self.ops:
            if isinstance(op, DropConstraintOp) and (
                op.constraint_name is None or op.info.get("has_twins")
            ):
                op.says = _constraint_sql(op)

    @property
    def keywords(self) -> dict[str, bool]:
        """The table options that the batch block adds or removes."""
        keywords: dict[str, bool] = {}
        for op in self.ops:
            if isinstance(op, CopyOptionsOp):
                keywords.update(op.keywords)
        return keywords

    def reverse(self) -> RebuildTableOps:
        """Return the batch block that undoes this one."""
        ops: list[Any] = []
        for op in reversed(self.ops):
            was_unnamed = isinstance(op, DropConstraintOp) and op.says is not None
            former = getattr(op, "_reverse", None) if was_unnamed else None
            ops.append(op.reverse() if former is None else former)
        return RebuildTableOps(self.table_name, ops, schema=self.schema)


def columns_before_drops(
    listed: Sequence[Operation], rebuilds: Callable[[Operation], bool]
) -> list[Operation]:
    """Return the new columns of a table that can be added before its batch block.

    Between the two steps, values of a dropped column can be copied to a new one.

    Args:
        listed: the changes of the table.
        rebuilds: returns whether an operation needs the batch block.
    """
    dropped = {op.column_name for op in listed if isinstance(op, DropColumnOp)}
    if not dropped or any(getattr(op, "modify_name", None) for op in listed):
        return []
    return [
        op
        for op in listed
        if isinstance(op, AddColumnOp) and op.column.name not in dropped and not rebuilds(op)
    ]


def _constraint_sql(op: DropConstraintOp) -> str | None:
    """Return enough SQL of a constraint to identify it."""
    reverse: Any = op._reverse
    match op.constraint_type:
        case "check" if reverse is not None:
            return f"CHECK ({_condition(reverse.condition)})"
        case "unique" if reverse is not None:
            return f"UNIQUE ({_listed(reverse.columns)})"
        case "foreignkey" if reverse is not None:
            return (
                f"FOREIGN KEY ({_listed(reverse.local_cols)}) REFERENCES "
                f"{_quoted(reverse.referent_table)} ({_listed(reverse.remote_cols)})"
            )
        case "primary":
            return "PRIMARY KEY"
        case _:
            return None


def _condition(condition: Any) -> str:
    if isinstance(condition, ColumnElement):
        # The condition of a type's check contains values instead of text.
        keywords = {"literal_binds": True, "include_table": False}
        return str(condition.compile(compile_kwargs=keywords))
    return str(getattr(condition, "text", condition)).replace("\\:", ":")


def _listed(columns: Iterable[Any]) -> str:
    return ", ".join(_quoted(getattr(column, "name", column)) for column in columns)


def _quoted(name: str) -> str:
    return name if re.fullmatch("[a-z_]+", name) else quote_identifier(name)


class StatementOp(ExecuteSQLOp):
    """SQL with the SQL that reverses it.

    Args:
        sqltext: the statement.
        undo: the reverse statement; None if there is none, empty if none is needed.
    """

    def __init__(self, sqltext: str, undo: str | None) -> None:
        super().__init__(escaped(sqltext))
        self.statement = sqltext
        self.undo = undo

    def reverse(self) -> Operation:
        """Return the reverse statement, or a note if there is none."""
        if not self.undo and self.undo is not None:
            return NoteOp("")
        if self.undo is None:
            return NoteOp(f"cannot be undone: {self.statement}")
        return StatementOp(self.undo, self.statement)


class CopyOptionsOp(Operation):
    """Table options that a batch block adds or removes; they are arguments of the block.

    Args:
        keywords: the keywords of SQLAlchemy's Table with their new values.
        undo: the same for the downgrade.
    """

    def __init__(self, keywords: Mapping[str, bool], undo: Mapping[str, bool]) -> None:
        super().__init__()
        self.keywords = dict(keywords)
        self.undo = dict(undo)

    def reverse(self) -> CopyOptionsOp:
        """Return the previous options."""
        return CopyOptionsOp(self.undo, self.keywords)

    def to_diff_tuple(self) -> tuple[str, dict[str, bool]]:
        """Return `("modify_table_options", keywords)`."""
        return ("modify_table_options", self.keywords)


class AutocommitOps(OpContainer):
    """Operations that run outside of a transaction, after a commit of what came before them.

    Args:
        ops: the operations.
        there: whether the upgrade needs an autocommit block.
        back: whether the downgrade needs an autocommit block.
    """

    def __init__(self, ops: Sequence[Operation], *, there: bool = True, back: bool = True) -> None:
        super().__init__(ops)
        self.there = there
        self.back = back

    def reverse(self) -> AutocommitOps:
        """Return the reverse operations, last one first."""
        ops: list[Any] = [op.reverse() for op in reversed(self.ops)]
        return AutocommitOps(ops, there=self.back, back=self.there)


class NoteOp(Operation):
    """A comment in the revision file."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def reverse(self) -> NoteOp:
        """Return the same comment."""
        return self

    def to_diff_tuple(self) -> tuple[str, str]:
        """Return `("note", text)`."""
        return ("note", self.text)


class UpgradeOnlyNoteOp(NoteOp):
    """A comment in the upgrade only."""

    def reverse(self) -> NoteOp:
        """Return an empty comment."""
        return NoteOp("")


class DowngradeOnlyOp(NoteOp):
    """An operation of the downgrade only.

    Args:
        operation: what the downgrade does.
    """

    def __init__(self, operation: Operation) -> None:
        super().__init__("")
        self.operation = operation

    def reverse(self) -> Any:
        """Return the operation."""
        return self.operation


@renderers.dispatch_for(RebuildTableOps)
def _rebuild(ctx: RenderContext, op: RebuildTableOps) -> list[str]:
    if not op.ops:
        return []
    keywords = op.keywords
    options = [f"table_kwargs={keywords!r}"] if keywords else []
    return batch_block(ctx, op, options)


@renderers.dispatch_for(AutocommitOps)
def _autocommit_block(ctx: RenderContext, op: AutocommitOps) -> list[str]:
    texts = [text for operation in op.ops for text in render_op(ctx, operation)]
    if not op.there or not texts:
        return texts
    head = f"with {ctx.op_prefix}get_context().autocommit_block():"
    return [head, *(f"    {text}" for text in texts), ""]


@renderers.dispatch_for(CopyOptionsOp)
def _copy_options(ctx: RenderContext, op: CopyOptionsOp) -> str:  # noqa: ARG001 -- every renderer gets the context
    return ""  # they are rendered as arguments of the block


@renderers.dispatch_for(NoteOp)
def _note(ctx: RenderContext, op: NoteOp) -> str:
    if not op.text:
        return ""
    lines = op.text.splitlines()
    if ctx.opts.get("detect") == "all":
        lines = [part for line in lines for part in _wrapped(line)]
    return "\n".join(f"# {line}".rstrip() for line in lines)


def _wrapped(line: str) -> list[str]:
    indent = line[: len(line) - len(line.lstrip())]
    whole = re.sub(r"(--[\w-]+) (?=\S)", "\\1\0", line)  # keep an option and its value together
    lines = textwrap.wrap(
        whole, _NOTE_WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return [each.replace("\0", " ") for each in lines]


__all__ = [
    "AutocommitOps",
    "CopyOptionsOp",
    "DowngradeOnlyOp",
    "NoteOp",
    "RebuildTableOps",
    "StatementOp",
    "UpgradeOnlyNoteOp",
]


# ── checks in the definition of a column ──────────────────────────────────

# MariaDB removes such a check when the column changes. A run reads the check and repeats it. A
# script cannot, so the draft contains the whole definition. https://mariadb.com/kb/en/constraint/


def keeps_own_check(comparison: Comparison, owner: Key, name: str) -> bool:
    """Return whether a check is part of a column's definition, before and after the change."""
    if comparison.rules.full_column_ddl is None:
        return False
    tables = comparison.current_table(owner), comparison.target_table(owner)
    return all(table.checks_of(name) for table in tables)


def redefined_column(comparison: Comparison, owner: Key, name: str) -> StatementOp | None:
    """Return the statement that repeats the definition of a column with its checks.

    Returns:
        None if the column is created or dropped together with its checks.
    """
    had, wanted = comparison.current_table(owner), comparison.target_table(owner)
    known = comparison.rules.full_column_ddl
    if known is None or had.column(name) is None or wanted.column(name) is None:
        return None
    return StatementOp(known(wanted, name), known(had, name))


def renamed_column(
    comparison: Comparison, objects: Objects, change: Rename, earlier: Iterable[Change]
) -> Operation:
    """Return the operation that renames a column.

    Args:
        comparison: what was compared.
        objects: SQLAlchemy objects of both sides.
        change: the rename.
        earlier: the changes of the draft before it.
    """
    owner, old, new = change.owner, change.old, change.new
    if owner is None or not isinstance(old, Column) or not isinstance(new, Column):
        raise TypeError(change)
    whole = _renamed_with_checks(comparison, owner, old, new.name)
    whole = whole or _renamed_with_dependents(comparison, change, earlier)
    if whole is not None:
        return whole
    name = comparison.final_column_name(owner, new.name)
    origin = objects.current_part(owner, replace(new, name=name))
    return AlterColumnOp(
        owner.name,
        old.name,
        schema=objects.schema_of(owner),
        modify_name=new.name,
        existing_type=origin.type,
        existing_nullable=old.nullable,
        existing_comment=old.comment,
        existing_server_default=origin.server_default,
    )


def _renamed_with_dependents(
    comparison: Comparison, change: Rename, earlier: Iterable[Change]
) -> StatementOp | None:
    """Return the statement that renames a column and recreates what depends on it.

    Args:
        comparison: what was compared.
        change: the rename.
        earlier: the changes of the draft before it.

    Returns:
        None if nothing depends on the column, or if the database can rename such a column.
    """
    rename, owner = comparison.rules.rename_with_dependents, change.owner
    if rename is None or owner is None:
        return None
    present = comparison.before.get(comparison.present_key(owner))
    if present is None:
        return None
    done = [other for other in earlier if owner in {other.owner, other.key}]
    catalog = apply(Catalog.of([present]), done)
    before, after = catalog.get(owner), apply(catalog, [change]).get(owner)
    if not isinstance(before, Table) or not isinstance(after, Table):
        return None
    old, new = str(change.old.name), str(change.new.name)  # type: ignore[union-attr]
    forward = rename(before, old, new, comparison.sa_dialect)
    back = rename(after, new, old, comparison.sa_dialect)
    return StatementOp(forward, back) if forward and back else None


def _renamed_with_checks(
    comparison: Comparison, owner: Key, old: Column, new: str
) -> StatementOp | None:
    """Return the statement that renames a column and repeats its checks; None if it has none.

    Args:
        comparison: what was compared.
        owner: the table.
        old: the column under its old name.
        new: its new name.
    """
    rename = comparison.rules.rename_column_ddl
    if rename is None:
        return None
    table = comparison.current_table(owner)
    checks = table.checks_of(old.name) or table.checks_of(new)
    if not checks:
        return None
    # a check may contain the old or the new name; the exchange handles both
    before = [exchanged(check.expr, new, old.name).text for check in checks]
    after = [exchanged(check.expr, old.name, new).text for check in checks]
    return StatementOp(
        rename(owner, old, old.name, new, after), rename(owner, old, new, old.name, before)
    )


def attached_indexes(table: sa.Table) -> frozenset[str]:
    """Return the names of the indexes that the column types of a table create.

    Types of other packages (Geometry of GeoAlchemy2) add an index whenever a column is attached to
    a table, also in `op.create_table()`.
    """
    plain = sa.Table(
        table.name,
        sa.MetaData(),
        *(
            sa.Column(column.name, column.type)
            for column in table.columns
            if not isinstance(column.type, sa.types.SchemaType)
        ),
        schema=table.schema,
    )
    return frozenset(str(index.name) for index in plain.indexes)


def is_concurrent(op: Operation) -> bool:
    """Return whether an operation cannot run in a transaction."""
    if not isinstance(op, (CreateIndexOp, DropIndexOp)):
        return False
    return bool(op.kw.get("postgresql_concurrently"))


def rebuilds(op: Operation) -> bool:
    """Return whether a database with a minimal ALTER TABLE needs a copy of the table for this."""
    if isinstance(op, (CreateIndexOp, DropIndexOp, NoteOp)):
        return False
    if not isinstance(op, AddColumnOp):
        return True
    column = op.column
    default: Any = column.server_default
    return bool(
        column.primary_key
        or (not column.nullable and default is None)
        or getattr(column, "computed", None) is not None
        or not isinstance(getattr(default, "arg", ""), str)
    )
