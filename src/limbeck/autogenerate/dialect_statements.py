"""SQL of the dialect in a draft, for changes that no operation expresses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.schema import CheckConstraint, CreateIndex, DropIndex

from limbeck.autogenerate.draft_operations import DowngradeOnlyOp, NoteOp, StatementOp
from limbeck.catalog import Check, Column, Constraint, Index, Key, PrimaryKey, Table
from limbeck.dialects import undoubled
from limbeck.diff import Alter, Rename
from limbeck.operations import DropColumnOp, MoveTableOp, RenameConstraintOp

if TYPE_CHECKING:
    from limbeck.autogenerate.comparison import Comparison
    from limbeck.operations import Operation


class DropSerialColumnOp(DropColumnOp):
    """The drop of a column that owns a sequence, which the downgrade creates again."""

    again: StatementOp

    def reverse(self) -> Any:
        """Return the SQL that adds the column with its sequence."""
        return self.again


class DialectStatements:
    """Returns operations with SQL for the changes that the dialect's draft rules support.

    Args:
        comparison: what is compared.
    """

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.rules = comparison.rules
        self._used_names: dict[Key, set[str]] = {}

    # ── comments ──────────────────────────────────────────────────────────

    def set_comments(self, owner: Key, parts: Iterable[Any]) -> Iterator[Operation]:
        """Yield the comments of constraints and indexes that have just been created.

        Args:
            owner: the table.
            parts: constraints and indexes.
        """
        for sql in self._comments(owner, parts):
            yield StatementOp(sql, "")

    def restore_comments(self, owner: Key, parts: Iterable[Any]) -> Iterator[Operation]:
        """Yield, in the downgrade only, the comments of dropped constraints and indexes."""
        for sql in self._comments(owner, parts):
            yield DowngradeOnlyOp(StatementOp(sql, ""))

    def _comments(self, owner: Key, parts: Iterable[Any]) -> Iterator[str]:
        comment_ddl = self.rules.comment_ddl
        if comment_ddl is None:
            return
        for part in parts:
            if part.comment is not None and part.name is not None:
                yield comment_ddl(owner, part)

    # ── constraints and indexes ───────────────────────────────────────────

    def alter_part(self, owner: Key, change: Any) -> Operation | None:
        """Return the change of a constraint or index; None if it has to be dropped and created.

        Args:
            owner: the table.
            change: the change of the constraint or index.
        """
        alter_part = self.rules.alter_part
        if alter_part is None or not isinstance(change, Alter):
            return None
        old: Any = change.old
        new: Any = replace(change.new, name=old.name)  # type: ignore[type-var]
        forward = alter_part(owner, new, change.fields, self.comparison.sa_dialect)
        back = alter_part(owner, old, change.fields, self.comparison.sa_dialect)
        return None if forward is None else StatementOp(forward, back)

    def rename_part(self, change: Rename, owner: Key, schema: str | None) -> Operation | None:
        """Return the rename of a constraint or index; None if it has to be dropped and created.

        Args:
            change: the change of the constraint or index.
            owner: the table.
            schema: the schema under which SQLAlchemy knows the table.
        """
        rename_part = self.rules.rename_part
        if rename_part is None:
            return None
        forward, back = rename_part(change, owner), rename_part(change.inverse(), owner)
        if forward and not isinstance(change.old, Index):
            old, new = change.old, change.new
            names = str(old.name), str(new.name)  # type: ignore[union-attr]
            return RenameConstraintOp(*names, owner.name, schema=schema)
        return StatementOp(forward, back) if forward else None

    def index_ddl(self, index: Index, origin: Any) -> tuple[str, str] | None:
        """Return SQL that creates and drops an index which SQLAlchemy cannot express completely.

        Args:
            index: the value.
            origin: SQLAlchemy's index.
        """
        if self.rules.index_suffix is None:
            return None
        dialect = self.comparison.sa_dialect
        suffix = self.rules.index_suffix(index, dialect)
        if not suffix:
            return None
        created = undoubled(CreateIndex(origin).compile(dialect=dialect))
        dropped = undoubled(DropIndex(origin).compile(dialect=dialect))
        return f"{created.strip()}{suffix}", dropped.strip()

    def constraint_ddl(self, owner: Key, part: Any) -> tuple[str, str] | None:
        """Return SQL that adds and drops a constraint whose options no operation has."""
        constraint_ddl = self.rules.constraint_ddl
        if constraint_ddl is None or not part.extras:
            return None
        if part.name is None and isinstance(part, PrimaryKey):
            part = replace(part, name=self.default_name(owner, part))
        return constraint_ddl(owner, part)

    def default_name(self, owner: Key, part: Constraint) -> str | None:
        """Return the name that the server gives a constraint without one."""
        if self.rules.default_name is None:
            return None
        table = self.comparison.target_table(owner)
        current = self.comparison.current.get(owner)
        parts = [*table.constraints, *table.indexes]
        if isinstance(current, Table):
            parts += [*current.constraints, *current.indexes]
        used = self._used_names.setdefault(owner, {each.name for each in parts if each.name})
        name = self.rules.default_name(table, part, used, self.comparison.sa_dialect)
        if name is not None:
            used.add(name)
        return name

    # ── tables ────────────────────────────────────────────────────────────

    def set_schema(self, old: Table, new: Table) -> Operation | None:
        """Return the move of a table to another schema; None if its schema does not change."""
        if not self.rules.moves_tables or old.key.namespace == new.key.namespace:
            return None
        name = None if old.key.name == new.key.name else new.key.name
        return MoveTableOp(
            old.key.name, new.key.namespace, schema=old.key.namespace, new_table_name=name
        )

    def table_options(self, old: Table, new: Table) -> Iterator[Operation]:
        """Yield the changes of a table's options; a note if the database has no SQL for them."""
        alter = self.rules.alter_table_options
        forward = tuple(alter(old, new)) if alter is not None else ()
        if alter is None or not forward:
            yield NoteOp(
                f"options of {new.key.name} differ: {dict(old.extras)} in the database, "
                f"{dict(new.extras)} in the models"
            )
            return
        back = tuple(alter(new, old))
        if len(forward) == len(back) == 1:
            yield StatementOp(forward[0], back[0])
            return
        yield from (DowngradeOnlyOp(StatementOp(sql, "")) for sql in reversed(back))
        yield from (StatementOp(sql, "") for sql in forward)

    # ── what a drop removes implicitly ────────────────────────────────────

    def special_checks(self, table: Table) -> tuple[Check, ...]:
        """Return the checks whose options SQLAlchemy's CREATE TABLE cannot express."""
        return tuple(
            check for check in table.checks if self.constraint_ddl(table.key, check) is not None
        )

    def without_given_names(self, table: Table, columns: Sequence[Any]) -> list[Any]:
        """Return the parts of CREATE TABLE without the names of checks that the server gives them.

        Args:
            table: the table, of the current schema.
            columns: its columns and constraints.
        """
        given = self.rules.given_check_names
        if given is None or not self.comparison.profile.drafts_runnable:
            return list(columns)
        special = self.special_checks(table)
        checks = tuple(check for check in table.checks if check not in special)
        names = given(replace(table, checks=checks), self.comparison.sa_dialect)
        return [
            CheckConstraint(one.sqltext)
            if isinstance(one, CheckConstraint) and one.name in names
            else one
            for one in columns
        ]

    def restore_table(self, table: Table) -> Iterator[DowngradeOnlyOp]:
        """Yield the operations that restore partitions, sequences and checks, last one first."""
        yield from self._partitions(table.key, table, None)
        for check in self.special_checks(table):
            sql = self.constraint_ddl(table.key, check)
            if sql is not None:
                yield DowngradeOnlyOp(StatementOp(sql[0], ""))
        transition = self.rules.identity_transition
        if transition is None:
            return
        key = table.primary_key
        for column in table.columns:
            is_key = key is not None and column.name in key.columns
            if dict(column.extras).get("serial") and not is_key:
                _, started = transition(table.key, replace(column, extras=()), column)
                if started is not None:
                    yield DowngradeOnlyOp(StatementOp(started, ""))

    def drop_column(self, owner: Key, column: Column, drop: DropColumnOp) -> Iterator[Operation]:
        """Yield the drop of a column, and what restores it and the indexes of partitions.

        Args:
            owner: the table.
            column: the column in the database.
            drop: the drop of the column.
        """
        table = self.comparison.current.get(owner)
        if isinstance(table, Table):
            yield from self._partitions(owner, table, column.name)
        add = self.rules.add_serial_column
        if add is None or not dict(column.extras).get("serial"):
            yield drop
            return
        twin = DropSerialColumnOp.__new__(DropSerialColumnOp)
        twin.__dict__.update(drop.__dict__)
        twin.again = StatementOp(add(owner, column), None)
        yield twin

    def _partitions(self, key: Key, table: Table, column: str | None) -> Iterator[DowngradeOnlyOp]:
        connection = self.comparison.ctx.connection
        partition_ddl = self.rules.partition_ddl
        if partition_ddl is None or connection is None:
            return
        if dict(table.extras).get("partition_by") is None:
            return
        present = self.comparison.present_key(key)
        for sql in reversed(list(partition_ddl(connection, present, column))):
            yield DowngradeOnlyOp(StatementOp(sql, ""))
