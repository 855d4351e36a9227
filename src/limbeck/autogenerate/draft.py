"""Turn ordered changes into operations, grouped by table."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, takewhile
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Enum as SqlEnum

from limbeck import operations as ops
from limbeck.autogenerate.backfill import (
    FillOp,
    add_backfilled_column,
    drop_backfilled_column,
    fill_ops,
    needs_backfill,
    uuid_ops,
)
from limbeck.autogenerate.columns import (
    alter_column,
    autoincrement_op,
    drop_default,
)
from limbeck.autogenerate.dialect_statements import DialectStatements
from limbeck.autogenerate.draft_operations import (
    AutocommitOps,
    CopyOptionsOp,
    RebuildTableOps,
    StatementOp,
    attached_indexes,
    columns_before_drops,
    is_concurrent,
    keeps_own_check,
    rebuilds,
    redefined_column,
    renamed_column,
)
from limbeck.autogenerate.enum_values import (
    Replacement,
    columns_of_type,
    defaults_to_drop,
    needs_commit,
    widened,
)
from limbeck.autogenerate.schema_level import object_ops
from limbeck.catalog import (
    Check,
    Column,
    Definition,
    Enum,
    Exclude,
    ForeignKey,
    Index,
    Key,
    PrimaryKey,
    Table,
    Unique,
)
from limbeck.diff import Alter, Change, Create, Drop, Rename

if TYPE_CHECKING:
    from limbeck.autogenerate.comparison import Comparison
    from limbeck.autogenerate.sqlalchemy_objects import Objects

_CONSTRAINTS = (PrimaryKey, Unique, Check, ForeignKey, Exclude)


@dataclass
class Drafter:
    """Turns changes into operations.

    Args:
        comparison: what was compared.
        objects: SQLAlchemy objects of both sides, on demand.
        replacements: the UPDATEs of dropped enum values; each runs when its column can take it.
    """

    comparison: Comparison
    objects: Objects
    replacements: list[Replacement] = field(default_factory=list)
    _created_tables: set[Key] = field(default_factory=set)
    _copied: set[Key] = field(default_factory=set)
    _redefined: set[tuple[Key, str]] = field(default_factory=set)
    _without_default: set[tuple[Key, str]] = field(default_factory=set)
    _changes: Sequence[Change] = ()
    _whole_objects: set[tuple[type[Change], Key]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.statements = DialectStatements(self.comparison)
        self._profile = self.comparison.profile
        self._needs_batch = not self.comparison.dialect.capabilities.alters_constraints

    def draft(self, changes: Sequence[Change]) -> list[ops.Operation]:
        """Return the operations for the changes, in their order."""
        self._changes = changes
        self._whole_objects = {(type(one), one.key) for one in changes if one.owner is None}
        placed: list[tuple[Key | None, ops.Operation]] = []
        for change in changes:
            for table, op in self._with_tables(change):
                if self._profile.drafts_runnable and is_concurrent(op):
                    placed.append((None, AutocommitOps([op])))
                else:
                    placed.append((table, op))
        drafted: list[ops.Operation] = []
        for table, group in groupby(placed, key=itemgetter(0)):
            inner = [op for _, op in group]
            drafted += inner if table is None else self._table_blocks(table, inner)
        return [*drafted, *(replacement.op for replacement in self.replacements)]

    def _with_tables(self, change: Change) -> Iterator[tuple[Key | None, ops.Operation]]:
        """Yield operations, each with the table to whose block it belongs."""
        owner = change.owner
        if owner is not None:
            for op in self._with_copy_options(change, owner):
                yield (None if isinstance(op, FillOp) else owner), op
            return
        match change:
            case Create(what=Table() as table):
                yield from self._created(table)
            case Drop(what=Table() as table):
                yield from self._dropped(table)
            case Rename(old=Table() as old, new=Table() as new):
                moved = self.statements.set_schema(old, new)
                yield None, _renamed_table(old, new) if moved is None else moved
            case Alter(old=Table() as old, new=Table() as new):
                for op in self._altered_table(old, new, change.fields):
                    yield (new.key if isinstance(op, _IN_TABLE) else None), op
            case Alter(old=Enum()):
                yield from self._altered_enum(change)
            case _:
                cascades_with_owner = self._cascades_with_owner(change)
                for op in object_ops(
                    change, self.comparison, cascades_with_owner=cascades_with_owner
                ):
                    yield None, op

    def _cascades_with_owner(self, change: Change) -> bool:
        """Return whether an object is created or dropped implicitly with its owner."""
        if not isinstance(change, (Create, Drop)) or not isinstance(change.what, Definition):
            return False
        reached = {key for key in change.what.needs if (type(change), key) in self._whole_objects}
        return change.what.on in reached and len(reached) == 1

    def _altered_enum(self, change: Alter) -> Iterator[tuple[Key | None, ops.Operation]]:
        """Yield the change of a type, and of the defaults that are valid on one side only."""
        for other in defaults_to_drop(self._changes, change):
            owner, old = other.owner, other.old
            if owner is None or not isinstance(old, Column):
                continue
            self._without_default.add((owner, old.name))
            if old.default is not None:
                yield owner, drop_default(self.objects, owner, old)
        forward, back = needs_commit(self._changes, change)
        drafted = list(object_ops(change, self.comparison))
        for op in drafted:
            op.info["columns"] = columns_of_type(self.comparison.current, change.key)
        if forward or back:
            drafted = [AutocommitOps(drafted, there=forward, back=back)]
        yield from ((None, op) for op in drafted)

    def _altered_column(
        self, owner: Key, old: Column, new: Column, fields: frozenset[str]
    ) -> Iterator[ops.Operation]:
        if (owner, new.name) in self._without_default:
            old = replace(old, default=None)
            fields = fields if new.default is not None else fields - {"default"}
        if not fields:
            return
        if "nullable" in fields and not new.nullable:
            yield from fill_ops(self.comparison, owner, new, only_null=True)
        if keeps_own_check(self.comparison, owner, new.name):
            # changing only the column would remove the check, and a script cannot read the check
            yield from self._redefined_column(owner, new.name)
            return
        if "type" in fields:
            origin = self.objects.target_part(owner, new)
            yield from uuid_ops(self.comparison, owner, old, origin)
        drafted = alter_column(self.comparison, self.objects, owner, old, new, fields)
        for op in drafted:
            if isinstance(op, ops.AlterColumnOp) and isinstance(op.modify_type, SqlEnum):
                yield from widened(op, self._replaced_values(owner, new.name))
            else:
                yield op

    def _replaced_values(self, owner: Key, column: str | None = None) -> list[Replacement]:
        """Return the pending UPDATEs of a table, or of a column whose type changes."""
        replacements = [
            replacement
            for replacement in self.replacements
            if replacement.owner == owner
            and (replacement.column == column if replacement.wide else column is None)
        ]
        self.replacements = [
            replacement for replacement in self.replacements if replacement not in replacements
        ]
        return replacements

    def _table_blocks(self, key: Key, inner: list[ops.Operation]) -> Iterator[ops.Operation]:
        name, namespace = key.name, self.objects.schema_of(key)
        if self._profile.drafts_runnable and self._needs_batch and any(map(rebuilds, inner)):
            first = columns_before_drops(inner, rebuilds)
            if first:
                yield ops.ModifyTableOps(name, first, schema=namespace)
                inner = [op for op in inner if op not in first]
            yield RebuildTableOps(name, inner, schema=namespace)
        else:
            yield ops.ModifyTableOps(name, inner, schema=namespace)

    # ── tables ────────────────────────────────────────────────────────────

    def _created(self, table: Table) -> Iterator[tuple[Key | None, ops.Operation]]:
        self._created_tables.add(table.key)
        origin = self.objects.target(table.key)
        op = ops.CreateTableOp.from_table(origin)
        full = self.comparison.target_table(table.key)
        detached = {part for part in full.foreign_keys if part not in table.foreign_keys}
        # use_alter keeps a key out of CREATE TABLE; the order of the draft replaces it.
        later = [
            c
            for c in origin.foreign_key_constraints
            if self._profile.separates_parts and (c.use_alter or _has_dots(c))
        ]
        gone = {id(self.objects.target_part(table.key, part)) for part in detached}
        held = [key for key in self._keys_after_indexes(table) if key not in detached]
        gone |= {id(self.objects.target_part(table.key, key)) for key in held}
        later = [constraint for constraint in later if id(constraint) not in gone]
        gone |= {id(constraint) for constraint in later}
        op.columns = [item for item in op.columns if id(item) not in gone]
        yield None, op
        attached = attached_indexes(origin) if self._profile.drafts_runnable else ()
        for index in table.indexes:
            if index.name in attached:
                continue
            for op_ in self._created_index(table.key, index):
                yield table.key, op_
        parts = [part for part in table.constraints if part not in detached]
        for statement in self.statements.set_comments(table.key, parts):
            yield table.key, statement
        for constraint in later:
            yield table.key, ops.AddConstraintOp.from_constraint(constraint)
        for key in held:
            yield table.key, self._added_constraint(table.key, key)

    def _keys_after_indexes(self, table: Table) -> Collection[ForeignKey]:
        """Return the foreign keys to create after a table's indexes and to drop before them."""
        holding = self.comparison.rules.keys_after_indexes
        return () if holding is None else holding(table)

    def _dropped(self, table: Table) -> Iterator[tuple[Key | None, ops.Operation]]:
        indexes = [one for one in table.indexes if dict(one.extras).get("auto") is not True]
        separates = self._profile.separates_parts
        dotted = (key for key in table.foreign_keys if separates and "." in key.target.name)
        held = {*self._keys_after_indexes(table), *dotted}
        special = self.statements.special_checks(table)
        yield from ((None, step) for step in self.statements.restore_table(table))
        for step in self.statements.restore_comments(table.key, [*table.constraints, *indexes]):
            yield table.key, step
        for key in table.foreign_keys:
            if key in held:
                yield table.key, self._dropped_constraint(table.key, key)
        for index in indexes:
            yield table.key, self._dropped_index(table.key, index)
        origin = self.objects.current(table.key)
        op = ops.DropTableOp.from_table(origin)
        full = self.comparison.current_table(table.key)
        detached = {
            key for key in full.foreign_keys if key in held or key not in table.foreign_keys
        }
        apart: list[Any] = [*detached, *special]
        if op._reverse is not None:
            gone = {id(self.objects.current_part(table.key, part)) for part in apart}
            columns = [c for c in op._reverse.columns if id(c) not in gone]
            op._reverse.columns = self.statements.without_given_names(table, columns)
        yield None, op

    def _altered_table(
        self, old: Table, new: Table, fields: frozenset[str]
    ) -> Iterator[ops.Operation]:
        name, namespace = new.key.name, self.objects.schema_of(new.key)
        if "comment" in fields or (old.comment or None) != (new.comment or None):
            if new.comment is None:
                yield ops.DropTableCommentOp(name, schema=namespace, existing_comment=old.comment)
            else:
                yield ops.CreateTableCommentOp(
                    name, new.comment, schema=namespace, existing_comment=old.comment
                )
        if self._copies(new.key):
            yield from self._copy_options(new.key)
        elif old.extras != new.extras:
            yield from self.statements.table_options(old, new)

    def _copies(self, key: Key) -> bool:
        """Return whether the options of an existing table change by copying the table."""
        if self.comparison.rules.copy_keywords is None:
            return False
        return key in self.comparison.current and key in self.comparison.target

    def _copy_options(self, key: Key) -> Iterator[ops.Operation]:
        """Yield the options that change when a table is copied, once for each table."""
        old, new = self.comparison.current_table(key), self.comparison.target_table(key)
        copy_keywords = self.comparison.rules.copy_keywords
        keywords = copy_keywords(old, new) if copy_keywords is not None else {}
        if copy_keywords is None or not keywords or key in self._copied:
            return
        self._copied.add(key)
        had, wanted = old.primary_key, new.primary_key
        if had is not None and had.name is not None and replace(had, name=None) == wanted:
            # the key of an AUTOINCREMENT column is part of the column and has no name
            yield self._dropped_constraint(key, had)
            yield self._added_constraint(key, wanted)
        yield CopyOptionsOp(keywords, copy_keywords(new, old))

    # ── parts ─────────────────────────────────────────────────────────────

    def _with_copy_options(self, change: Change, owner: Key) -> Iterator[ops.Operation]:
        home = _owning_column(change)
        if home is not None:
            yield from self._redefined_column(owner, home)
            return
        yield from self._part(change, owner)
        if change.key.kind == "column" and self._copies(owner):
            yield from self._copy_options(owner)

    def _part(self, change: Change, owner: Key) -> Iterable[ops.Operation]:  # noqa: C901, PLR0911 -- a table of cases
        match change:
            case Create(what=Column() as column):
                return self._added_column(owner, column)
            case Drop(what=Column() as column):
                origin = self.objects.current_part(owner, column)
                namespace = self.objects.schema_of(owner)
                drop = ops.DropColumnOp.from_column_and_tablename(namespace, owner.name, origin)
                if needs_backfill(self.comparison, owner, column):
                    return drop_backfilled_column(self.comparison, owner, column, drop)
                return self.statements.drop_column(owner, column, drop)
            case Alter(old=Column() as old, new=Column() as new):
                return self._altered_column(owner, old, new, change.fields)
            case Rename(old=Column()):
                earlier = takewhile(lambda one: one is not change, self._changes)
                return [renamed_column(self.comparison, self.objects, change, earlier)]
            case Create(what=Index() as index):
                return self._created_index(owner, index)
            case Drop(what=Index() as index):
                restorations = self.statements.restore_comments(owner, [index])
                return [*restorations, self._dropped_index(owner, index)]
            case Create(what=what) if isinstance(what, _CONSTRAINTS):
                first = (self._added_constraint(owner, what), *self._autoincrement_on(owner, what))
                fills = self._replaced_values(owner) if isinstance(what, Check) else ()
                comments = self.statements.set_comments(owner, [what])
                return [*(one.op for one in fills), *first, *comments]
            case Drop(what=what) if isinstance(what, _CONSTRAINTS):
                restorations = self.statements.restore_comments(owner, [what])
                last = (
                    *self._autoincrement_off(owner, what),
                    self._dropped_constraint(owner, what),
                )
                return [*restorations, *last]
            case Rename() | Alter():
                return self._replaced(change, owner)
            case _:
                return []

    def _redefined_column(self, owner: Key, name: str) -> Iterator[ops.Operation]:
        """Yield the statement that redefines a column with its checks, once for each column."""
        operation = redefined_column(self.comparison, owner, name)
        if operation is not None and (owner, name) not in self._redefined:
            self._redefined.add((owner, name))
            yield operation

    def _replaced(self, change: Alter | Rename, owner: Key) -> Iterator[ops.Operation]:
        if isinstance(change, Rename):
            renamed = self.statements.rename_part(change, owner, self.objects.schema_of(owner))
            if renamed is not None:
                yield renamed
                return
        statement = self.statements.alter_part(owner, change)
        if statement is not None:
            yield statement
            return
        yield from self._part(Drop(change.old, owner), owner)
        yield from self._part(Create(change.new, owner), owner)

    def _created_index(self, owner: Key, index: Index) -> list[ops.Operation]:
        origin = self.objects.target_part(owner, index)
        whole = self.statements.index_ddl(index, origin)
        if whole is not None:
            return [StatementOp(*whole)]
        operation = ops.CreateIndexOp.from_index(origin)
        return [operation, *self.statements.set_comments(owner, [index])]

    def _dropped_index(self, owner: Key, index: Index) -> ops.Operation:
        origin = self.objects.current_part(owner, index)
        whole = self.statements.index_ddl(index, origin)
        if whole is not None:
            return StatementOp(whole[1], whole[0])
        op = ops.DropIndexOp.from_index(origin)
        if dict(index.extras).get("auto"):
            # The server drops it as soon as another index can replace it.
            op.if_exists = True
        return op

    def _dropped_constraint(self, owner: Key, what: Any) -> ops.Operation:
        sql = self.statements.constraint_ddl(owner, what)
        if sql is not None:
            return StatementOp(sql[1], sql[0])
        constraint = self.objects.current_part(owner, what)
        operation = ops.DropConstraintOp.from_constraint(constraint)
        operation.info["has_twins"] = self._has_duplicates(owner, what)
        op: Any = operation
        if op.constraint_name is None and isinstance(what, PrimaryKey):
            op.constraint_name = self.statements.default_name(owner, what)
        return operation

    def _has_duplicates(self, owner: Key, what: Any) -> bool:
        """Return whether several constraints of a table have the same name, which SQLite allows."""
        if what.name is None or not self._needs_batch:
            return False
        tables = (self.comparison.current.get(owner), self.comparison.target.get(owner))
        comparison = [side for side in tables if isinstance(side, Table)]
        return any([c.name for c in side.constraints].count(what.name) > 1 for side in comparison)

    def _autoincrement_off(self, owner: Key, what: Any) -> Iterator[ops.Operation]:
        """Switch off the autoincrement of a key's column before the key is dropped."""
        if isinstance(what, PrimaryKey) and self._redefines_autoincrement:
            for column in self.comparison.current_table(owner).columns:
                if column.name in what.columns and dict(column.extras).get("autoincrement"):
                    yield autoincrement_op(
                        self.objects.current_part(owner, column),
                        self.objects.schema_of(owner),
                        on=False,
                    )

    def _autoincrement_on(self, owner: Key, what: Any) -> Iterator[ops.Operation]:
        """Switch on the autoincrement of a key's column after the key is created."""
        if isinstance(what, PrimaryKey) and self._redefines_autoincrement:
            for column in self.comparison.target_table(owner).columns:
                if column.name in what.columns and dict(column.extras).get("autoincrement"):
                    yield autoincrement_op(
                        self.objects.target_part(owner, column),
                        self.objects.schema_of(owner),
                        on=True,
                    )

    @property
    def _redefines_autoincrement(self) -> bool:
        return self._profile.drafts_autoincrement and self.comparison.rules.redefines_columns

    def _added_constraint(self, owner: Key, what: Any) -> ops.Operation:
        sql = self.statements.constraint_ddl(owner, what)
        if sql is not None:
            return StatementOp(*sql)
        operation = ops.AddConstraintOp.from_constraint(self.objects.target_part(owner, what))
        operation.info["has_twins"] = self._has_duplicates(owner, what)
        op: Any = operation
        if op.constraint_name is None:
            # The downgrade drops it by this name.
            op.constraint_name = self.statements.default_name(owner, what)
        return operation

    def _added_column(self, owner: Key, column: Column) -> Iterator[ops.Operation]:
        origin = self.objects.target_part(owner, column)
        name, namespace = owner.name, self.objects.schema_of(owner)
        op = ops.AddColumnOp.from_column_and_tablename(namespace, name, origin)
        if self._profile.separates_parts:
            stay = bool(self.comparison.target_table(owner).checks_of(column.name))
            op.column = self.objects.bare_column(origin, with_checks=stay)
        if needs_backfill(self.comparison, owner, column):
            yield from add_backfilled_column(self.comparison, owner, column, op, origin)
        else:
            yield op
            yield from fill_ops(self.comparison, owner, column, only_null=False)


_IN_TABLE = (
    ops.CreateTableCommentOp,
    ops.DropTableCommentOp,
    ops.AddConstraintOp,
    ops.DropConstraintOp,
    CopyOptionsOp,
)


def _has_dots(key: Any) -> bool:
    """Return whether a foreign key refers to a table with a dot in its name."""
    return any("." in element.column.table.name for element in key.elements)


def _owning_column(change: Change) -> str | None:
    """Return the column that owns a check which is created or dropped."""
    what = change.what if isinstance(change, (Create, Drop)) else change.new
    return what.column if isinstance(what, Check) else None


def _renamed_table(old: Table, new: Table) -> ops.Operation:
    return ops.RenameTableOp(old.key.name, new.key.name, schema=old.key.namespace)
