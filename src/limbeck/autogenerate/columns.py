"""A changed column to operations that can run: casts, defaults in the way, counters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Identity as SqlIdentity

from limbeck import operations as ops
from limbeck.autogenerate.draft_operations import StatementOp
from limbeck.autogenerate.sqlalchemy_objects import bare_type
from limbeck.catalog import Column, Computed, Expr, Identity, Key

if TYPE_CHECKING:
    from sqlalchemy import Column as SqlColumn

    from limbeck.autogenerate.comparison import Sides
    from limbeck.autogenerate.sqlalchemy_objects import Objects


class CastColumnOp(ops.AlterColumnOp):
    """A change of type that takes other options on its way back."""

    back: dict[str, Any]

    def reverse(self) -> ops.AlterColumnOp:
        """Return the change back, with its own cast."""
        plain = super().reverse()
        there = {key: value for key, value in self.kw.items() if key not in self.back}
        twin = CastColumnOp.__new__(CastColumnOp)
        twin.__dict__.update(plain.__dict__)
        lost = set(self.kw) - set(there) | {k for k in self.kw if k.endswith("_using")}
        twin.kw = {k: v for k, v in plain.kw.items() if k not in lost} | self.back
        twin.back = {key: value for key, value in self.kw.items() if key.endswith("_using")}
        return twin


class LetGoOp(StatementOp):
    """A computed column keeps its values and is worked out no longer, said as SQL.

    Args:
        sqltext: what runs.
        again: the column made anew, as no column becomes a computed one.
    """

    def __init__(self, sqltext: str, again: ops.ModifyTableOps) -> None:
        super().__init__(sqltext, None)
        self.again = again

    def reverse(self) -> Any:
        """Return the column made anew."""
        return self.again


class PlainAgainOp(ops.AlterColumnOp):
    """A computed column keeps its values and is worked out no longer."""

    column: SqlColumn[Any]

    def reverse(self) -> Any:
        """Return the column made anew, as no column becomes a computed one."""
        return ops.ModifyTableOps(
            self.table_name,
            [
                ops.DropColumnOp(self.table_name, self.column_name, schema=self.schema),
                ops.AddColumnOp(self.table_name, self.column, schema=self.schema),
            ],
            schema=self.schema,
        )


def alter_column(
    sides: Sides,
    objects: Objects,
    owner: Key,
    old: Column,
    new: Column,
    fields: frozenset[str],
) -> Iterator[ops.Operation]:
    """Yield what makes one column another.

    Args:
        sides: what was compared; knows what casts the database needs.
        objects: SQLAlchemy objects of both sides.
        owner: the table.
        old: the column that is there.
        new: the column that is wanted.
        fields: what differs.
    """
    if sides.dialect.autogenerate.has_drop_expression and _lets_go(old, new):
        yield _plain_again(objects, owner, old)
        old = replace(old, default=None)
        fields = fields if new.default is not None else fields - {"default"}
    let_go = sides.dialect.autogenerate.drop_expression
    if let_go is not None and sides.detections.everything and _lets_go(old, new):
        again = _plain_again(objects, owner, old).reverse()
        yield LetGoOp(let_go(sides.have_table(owner), old.name), again)
        old = replace(old, default=None)
        fields = fields if new.default is not None else fields - {"default"}
    first, last = sides.counter(owner, old, new)
    yield from first
    for op in _altered(sides, objects, owner, old, new, fields):
        if op.has_changes() or op.kw:
            yield op
    yield from last


def _altered(
    sides: Sides,
    objects: Objects,
    owner: Key,
    old: Column,
    new: Column,
    fields: frozenset[str],
) -> Iterator[ops.AlterColumnOp]:
    op = _op(objects, owner, old, new, fields, sides)
    is_bare = old.default is None and not dict(old.extras).get("on_update")
    if is_bare and sides.detections.everything:
        op.existing_server_default = None
    cast, back, in_the_way = sides.cast(owner, old, new) if "type" in fields else ({}, {}, False)
    if cast or back:
        op = _with_cast(op, cast, back)
    if not in_the_way or not (isinstance(old.default, Expr) or isinstance(new.default, Expr)):
        yield op
        return
    present = objects.default_of(objects.present_part(owner, old))
    wanted = objects.default_of(objects.wanted_part(owner, new))
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
    sides: Sides,
) -> ops.AlterColumnOp:
    present = objects.present_part(owner, old)
    wanted = objects.wanted_part(owner, new)
    op = ops.AlterColumnOp(
        objects.name_of(owner),
        new.name,
        schema=objects.schema_of(owner),
        existing_type=present.type,
        existing_server_default=objects.existing_default(present),
        existing_nullable=old.nullable,
        existing_comment=old.comment,
    )
    if "type" in fields:
        op.modify_type = bare_type(wanted.type) if sides.detections.everything else wanted.type
    if "nullable" in fields:
        op.modify_nullable = new.nullable
    if "comment" in fields:
        op.modify_comment = new.comment
    before, after = dict(old.extras), dict(new.extras)
    if "default" in fields or before.get("on_update") != after.get("on_update"):
        op.modify_server_default = _wanted_default(sides, objects.default_of(wanted), old, new)
    if before.get("on_update") != after.get("on_update") and op.modify_type is None:
        # Only a column that is told whole gets or loses ON UPDATE.
        op.modify_type = wanted.type
    _autoincrement(op, before, after, sides, owner)
    if op.modify_server_default is not False and op.existing_server_default is False:
        # False would tell the way back to leave the new default alone.
        op.existing_server_default = None
    if not sides.detections.everything:
        op.kw.update(_asked_autoincrement(wanted))
    return op


def _autoincrement(
    op: ops.AlterColumnOp, before: dict[str, Any], after: dict[str, Any], sides: Sides, owner: Key
) -> None:
    rules = sides.dialect.autogenerate
    has_own_way = rules.identity_transition is not None or rules.copy_keywords is not None
    if sides.detections.everything and has_own_way:
        return
    if sides.autoincrement_is_part_of_type and sides.detections.everything and sides.rekeyed(owner):
        # The key goes and comes with its counter, see `counting`.
        return
    had = bool(before.get("autoincrement") or before.get("serial"))
    has = bool(after.get("autoincrement") or after.get("serial"))
    if had != has and sides.detections.everything:
        op.kw.update({"autoincrement": has, "existing_autoincrement": had})
    elif had and sides.autoincrement_is_part_of_type:
        op.kw.update({"existing_autoincrement": True})


def _wanted_default(sides: Sides, wanted: Any, old: Column, new: Column) -> Any:
    # Of two identities the new one says all its options: what it left open would stay as it was.
    spelled = sides.dialect.autogenerate.identity_options
    if spelled is None or not sides.detections.everything:
        return wanted
    if not isinstance(old.default, Identity) or not isinstance(new.default, Identity):
        return wanted
    return SqlIdentity(**spelled(new))


def _lets_go(old: Column, new: Column) -> bool:
    return isinstance(old.default, Computed) and not isinstance(new.default, Computed)


def _plain_again(objects: Objects, owner: Key, old: Column) -> PlainAgainOp:
    present = objects.present_part(owner, old)
    op = PlainAgainOp(
        objects.name_of(owner),
        old.name,
        schema=objects.schema_of(owner),
        existing_type=present.type,
        existing_server_default=present.server_default,
        existing_nullable=old.nullable,
        modify_server_default=None,
    )
    op.column = objects.bare_column(present)
    return op


def _asked_autoincrement(wanted: SqlColumn[Any]) -> dict[str, Any]:
    """Return what the models say, or SQLAlchemy concludes, about a column's counter."""
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


def dropped_default(objects: Objects, owner: Key, old: Column) -> ops.AlterColumnOp:
    """Return the operation that takes a column's default away, and puts it back on its way back.

    Args:
        objects: SQLAlchemy objects of both sides.
        owner: the table.
        old: the column as it is there.
    """
    present = objects.present_part(owner, old)
    return ops.AlterColumnOp(
        objects.name_of(owner),
        old.name,
        schema=objects.schema_of(owner),
        existing_type=present.type,
        existing_nullable=old.nullable,
        existing_comment=old.comment,
        existing_server_default=objects.default_of(present),
        modify_server_default=None,
    )


def is_generated(column: Column) -> bool:
    """Say whether the database works out the column's values."""
    return isinstance(column.default, (Identity, Computed))


def counting(column: SqlColumn[Any], schema: str | None, *, on: bool) -> ops.AlterColumnOp:
    """Return the operation that makes a column count by itself, or stop.

    Args:
        column: the column, which is or was part of a primary key.
        schema: its table's namespace.
        on: whether it shall count.
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
