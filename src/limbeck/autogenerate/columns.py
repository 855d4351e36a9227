"""Turn a changed column into operations that can run: casts, dropped defaults, identities."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Identity as SqlIdentity

from limbeck import operations as ops
from limbeck.autogenerate.draft_operations import StatementOp
from limbeck.autogenerate.sqlalchemy_objects import bare_type
from limbeck.catalog import Column, Computed, Expr, Identity, Key
from limbeck.errors import DraftError

if TYPE_CHECKING:
    from sqlalchemy import Column as SqlColumn

    from limbeck.autogenerate.comparison import Comparison
    from limbeck.autogenerate.sqlalchemy_objects import Objects


class CastColumnOp(ops.AlterColumnOp):
    """A change of type whose downgrade has different options."""

    back: dict[str, Any]

    def reverse(self) -> ops.AlterColumnOp:
        """Return the reverse change with the cast of the downgrade."""
        plain = super().reverse()
        forward = {key: value for key, value in self.kw.items() if key not in self.back}
        twin = CastColumnOp.__new__(CastColumnOp)
        twin.__dict__.update(plain.__dict__)
        lost = set(self.kw) - set(forward) | {k for k in self.kw if k.endswith("_using")}
        twin.kw = {k: v for k, v in plain.kw.items() if k not in lost} | self.back
        twin.back = {key: value for key, value in self.kw.items() if key.endswith("_using")}
        return twin


class DropExpressionOp(StatementOp):
    """SQL that makes a computed column a plain one and keeps its values.

    Args:
        sqltext: the statement.
        again: the drop and addition of the column, since no column can become a computed one.
    """

    def __init__(self, sqltext: str, again: ops.ModifyTableOps) -> None:
        super().__init__(sqltext, None)
        self.again = again

    def reverse(self) -> Any:
        """Return the drop and the addition of the column."""
        return self.again


class PlainColumnOp(ops.AlterColumnOp):
    """A change of a computed column to a plain one that keeps its values."""

    column: SqlColumn[Any]

    def reverse(self) -> Any:
        """Return the drop and addition of the column, since no column can become a computed one."""
        return ops.ModifyTableOps(
            self.table_name,
            [
                ops.DropColumnOp(self.table_name, self.column_name, schema=self.schema),
                ops.AddColumnOp(self.table_name, self.column, schema=self.schema),
            ],
            schema=self.schema,
        )


def alter_column(
    comparison: Comparison,
    objects: Objects,
    owner: Key,
    old: Column,
    new: Column,
    fields: frozenset[str],
) -> Iterator[ops.Operation]:
    """Yield the operations that change a column.

    Args:
        comparison: what was compared, with the dialect's rules for casts.
        objects: SQLAlchemy objects of both sides.
        owner: the table.
        old: the column in the database.
        new: the column in the models.
        fields: the fields that differ.
    """
    if comparison.rules.has_drop_expression and _drops_expression(old, new):
        yield _as_plain_column(objects, owner, old)
        old = replace(old, default=None)
        fields = fields if new.default is not None else fields - {"default"}
    drop_expression = comparison.rules.drop_expression
    if drop_expression is not None and _drops_expression(old, new):
        recreation = _as_plain_column(objects, owner, old).reverse()
        yield DropExpressionOp(
            drop_expression(comparison.current_table(owner), old.name), recreation
        )
        old = replace(old, default=None)
        fields = fields if new.default is not None else fields - {"default"}
    first, last = tuple[StatementOp, ...](), tuple[StatementOp, ...]()
    if comparison.rules.identity_transition is not None:
        first, last = _identity_transition(comparison.rules.identity_transition, owner, old, new)
    yield from first
    for op in _altered(comparison, objects, owner, old, new, fields):
        if op.has_changes() or op.kw:
            yield op
    yield from last


def _altered(
    comparison: Comparison,
    objects: Objects,
    owner: Key,
    old: Column,
    new: Column,
    fields: frozenset[str],
) -> Iterator[ops.AlterColumnOp]:
    op = _op(objects, owner, old, new, fields, comparison)
    has_no_default = old.default is None and not dict(old.extras).get("on_update")
    if has_no_default and comparison.profile.reads_columns:
        op.existing_server_default = None
    cast, back, in_the_way = (
        _cast(comparison, owner, old, new) if "type" in fields else ({}, {}, False)
    )
    if cast or back:
        op = _with_cast(op, cast, back)
    if not in_the_way or not (isinstance(old.default, Expr) or isinstance(new.default, Expr)):
        yield op
        return
    present = objects.current_part(owner, old).server_default
    wanted = objects.target_part(owner, new).server_default
    if present is not None:
        yield _default_only(op, existing=present, modify=None, type_=op.existing_type)
    op.existing_server_default, op.modify_server_default = None, False
    yield op
    if wanted is not None:
        yield _default_only(op, existing=None, modify=wanted, type_=op.modify_type)


def _op(
    objects: Objects,
    owner: Key,
    old: Column,
    new: Column,
    fields: frozenset[str],
    comparison: Comparison,
) -> ops.AlterColumnOp:
    present = objects.current_part(owner, old)
    wanted = objects.target_part(owner, new)
    op = ops.AlterColumnOp(
        owner.name,
        new.name,
        schema=objects.schema_of(owner),
        existing_type=present.type,
        existing_server_default=objects.existing_default(present),
        existing_nullable=old.nullable,
        existing_comment=old.comment,
    )
    if "type" in fields:
        op.modify_type = (
            bare_type(wanted.type) if comparison.profile.separates_parts else wanted.type
        )
    if "nullable" in fields:
        op.modify_nullable = new.nullable
    if "comment" in fields:
        op.modify_comment = new.comment
    before, after = dict(old.extras), dict(new.extras)
    if "default" in fields or before.get("on_update") != after.get("on_update"):
        op.modify_server_default = _wanted_default(comparison, wanted.server_default, old, new)
    if before.get("on_update") != after.get("on_update") and op.modify_type is None:
        # ON UPDATE changes only with the whole definition of the column.
        op.modify_type = wanted.type
    _autoincrement(op, before, after, comparison, owner)
    if op.modify_server_default is not False and op.existing_server_default is False:
        # False would make the downgrade keep the new default.
        op.existing_server_default = None
    if not comparison.profile.drafts_autoincrement:
        op.kw.update(_declared_autoincrement(wanted))
    return op


def _autoincrement(
    op: ops.AlterColumnOp,
    before: dict[str, Any],
    after: dict[str, Any],
    comparison: Comparison,
    owner: Key,
) -> None:
    had = bool(before.get("autoincrement") or before.get("serial"))
    has = bool(after.get("autoincrement") or after.get("serial"))
    rules = comparison.rules
    if comparison.profile.drafts_autoincrement:
        if rules.identity_transition is not None or rules.copy_keywords is not None:
            return
        if rules.redefines_columns and _changes_primary_key(comparison, owner):
            # The key is dropped and created with its autoincrement, see `autoincrement_op`.
            return
        if had != has:
            op.kw.update({"autoincrement": has, "existing_autoincrement": had})
            return
    if had and rules.redefines_columns:
        op.kw.update({"existing_autoincrement": True})


def _changes_primary_key(comparison: Comparison, owner: Key) -> bool:
    tables = comparison.current_table(owner), comparison.target_table(owner)
    keys = (table.primary_key for table in tables)
    return len({() if key is None else key.columns for key in keys}) > 1


def _identity_transition(
    transition: Callable[[Key, Column, Column], tuple[str | None, str | None]],
    owner: Key,
    old: Column,
    new: Column,
) -> tuple[tuple[StatementOp, ...], tuple[StatementOp, ...]]:
    """Return the statements before and after a change that adds or removes an identity."""
    first, last = transition(owner, old, new)
    back_first, back_last = transition(owner, new, old)
    if first is None and back_first is None:
        back_first, back_last = back_last, None
    return (
        () if first is None else (StatementOp(first, back_last or ""),),
        () if last is None else (StatementOp(last, back_first or ""),),
    )


def _cast(
    comparison: Comparison, owner: Key, old: Column, new: Column
) -> tuple[dict[str, str], dict[str, str], bool]:
    """Return keywords for a change of type and its downgrade, and whether to drop defaults first.

    Raises:
        DraftError: the user gave an expression, and this database does not accept one.
    """
    given = comparison.answers.cast(owner, new.name)
    cast_keywords = comparison.rules.cast_keywords
    if cast_keywords is None:
        if given is None:
            return {}, {}, False
        raise DraftError(
            f"{comparison.dialect.name} converts {owner.name}.{new.name} by its own rules and "
            f"does not accept {given!r}",
            hint="leave the answer out and convert the values in the revision file",
            code="LB443",
        )
    if not given and not comparison.profile.drafts_runnable:
        return {}, {}, False
    forward, back = cast_keywords(old, new, given), cast_keywords(new, old, None)
    return forward, back, bool(forward or back) or _changes_literal_type(old, new)


def _changes_literal_type(old: Column, new: Column) -> bool:
    """Return whether the server would keep the old type in the text of a literal default."""
    quoted = isinstance(new.default, Expr) and new.default.text.startswith("'")
    return quoted and isinstance(old.default, Expr) and old.type.name != new.type.name


def _wanted_default(comparison: Comparison, wanted: Any, old: Column, new: Column) -> Any:
    # The new identity states all options: omitted options would keep their old values.
    identity_options = comparison.rules.identity_options
    if identity_options is None:
        return wanted
    if not isinstance(old.default, Identity) or not isinstance(new.default, Identity):
        return wanted
    return SqlIdentity(**identity_options(new))


def _drops_expression(old: Column, new: Column) -> bool:
    return isinstance(old.default, Computed) and not isinstance(new.default, Computed)


def _as_plain_column(objects: Objects, owner: Key, old: Column) -> PlainColumnOp:
    present = objects.current_part(owner, old)
    op = PlainColumnOp(
        owner.name,
        old.name,
        schema=objects.schema_of(owner),
        existing_type=present.type,
        existing_server_default=present.server_default,
        existing_nullable=old.nullable,
        modify_server_default=None,
    )
    op.column = objects.bare_column(present)
    return op


def _declared_autoincrement(wanted: SqlColumn[Any]) -> dict[str, Any]:
    """Return `autoincrement` as the models state it or as SQLAlchemy derives it."""
    asked = wanted.autoincrement
    if asked in {True, False}:
        return {"autoincrement": asked}
    table = wanted.table
    return (
        {"autoincrement": True}
        if table is not None and table._autoincrement_column is wanted
        else {}
    )


def _with_cast(
    op: ops.AlterColumnOp, cast: dict[str, Any], back: dict[str, Any]
) -> ops.AlterColumnOp:
    twin = CastColumnOp.__new__(CastColumnOp)
    twin.__dict__.update(op.__dict__)
    twin.kw = {**op.kw, **cast}
    twin.back = back
    return twin


def _default_only(
    op: ops.AlterColumnOp, *, existing: Any, modify: Any, type_: Any
) -> ops.AlterColumnOp:
    return ops.AlterColumnOp(
        op.table_name,
        op.column_name,
        schema=op.schema,
        existing_type=type_,
        existing_nullable=op.existing_nullable,
        existing_comment=op.existing_comment,
        existing_server_default=existing,
        modify_server_default=modify,
    )


def drop_default(objects: Objects, owner: Key, old: Column) -> ops.AlterColumnOp:
    """Return the operation that drops a column's default; the downgrade restores it.

    Args:
        objects: SQLAlchemy objects of both sides.
        owner: the table.
        old: the column in the database.
    """
    present = objects.current_part(owner, old)
    return ops.AlterColumnOp(
        owner.name,
        old.name,
        schema=objects.schema_of(owner),
        existing_type=present.type,
        existing_nullable=old.nullable,
        existing_comment=old.comment,
        existing_server_default=present.server_default,
        modify_server_default=None,
    )


def is_generated(column: Column) -> bool:
    """Return whether the database generates the column's values."""
    return isinstance(column.default, (Identity, Computed))


def autoincrement_op(column: SqlColumn[Any], schema: str | None, *, on: bool) -> ops.AlterColumnOp:
    """Return the operation that switches a column's autoincrement on or off.

    Args:
        column: the column, which is or was part of a primary key.
        schema: its table's namespace.
        on: the value of `autoincrement`.
    """
    return ops.AlterColumnOp(
        column.table.name,
        column.name,
        schema=schema,
        existing_type=column.type,
        existing_nullable=False,
        existing_comment=column.comment,
        autoincrement=on,
        existing_autoincrement=not on,
    )
