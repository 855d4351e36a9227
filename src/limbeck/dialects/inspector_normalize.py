"""Bring the models and a database that is read by SQLAlchemy's inspector into the same form."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex

from limbeck.catalog import (
    Catalog,
    Check,
    Column,
    Enum,
    Expr,
    ForeignKey,
    Identity,
    Index,
    Key,
    PrimaryKey,
    Table,
    Type,
    Unique,
)
from limbeck.catalog import Sequence as SequenceObject
from limbeck.sql import quote_literal

Part = TypeVar("Part", Check, ForeignKey, Unique)

# names of one type, the first of which stands for the others
_SYNONYMS = {
    name: names[0]
    for names in (
        ("varchar", "text", "clob", "string", "blob sub_type text", "blob sub_type 1"),
        ("double precision", "double", "float8"),
        ("numeric", "decimal"),
        ("integer", "int"),
        ("boolean", "bool"),
        ("blob", "blob sub_type binary", "blob sub_type 0"),
    )
    for name in names
}
_SEQUENCE_VALUE = re.compile(r"\(*(?:nextval\s*\(|next\s+value\s+for\b|gen_id\s*\()", re.IGNORECASE)
_SEGMENT_SIZE = re.compile(r"\s+segment size \d+$")
_NOT_IN_TEXT = re.compile(r"[\s()\"`\[\]]")


@dataclass(frozen=True, slots=True)
class _Written:
    """The parts of tables that the SQL of a dialect contains at all."""

    primary_key: bool = True
    unique: bool = True
    check: bool = True
    foreign_key: bool = True
    index: bool = True

    @classmethod
    def by(cls, dialect: sa.Dialect) -> _Written:
        """Let the dialect write one of each kind."""
        metadata = sa.MetaData()
        other = sa.Table("o", metadata, sa.Column("a", sa.Integer, primary_key=True))
        check = sa.CheckConstraint("a > 0", name="c")
        unique = sa.UniqueConstraint("a", name="u")
        table = sa.Table("t", metadata, sa.Column("a", sa.Integer), check, unique)
        foreign_key = sa.ForeignKeyConstraint([table.c.a], [other.c.a], name="f")
        table.append_constraint(foreign_key)
        compiler: Any = dialect.ddl_compiler(dialect, None)  # type: ignore[arg-type]

        def writes(part: Any) -> bool:
            try:
                return bool((compiler.process(part) or "").strip())
            except sa.exc.CompileError:
                return False

        return cls(
            writes(other.primary_key),
            writes(unique),
            writes(check),
            writes(foreign_key),
            writes(CreateIndex(sa.Index("i", table.c.a))),
        )

    def parts(self, table: Table) -> Table:
        """Return a table with the parts that are written."""
        return replace(
            table,
            primary_key=table.primary_key if self.primary_key else None,
            uniques=table.uniques if self.unique else (),
            checks=table.checks if self.check else (),
            foreign_keys=table.foreign_keys if self.foreign_key else (),
            indexes=table.indexes if self.index else (),
        )


def as_inspected(
    have: Catalog, want: Catalog, connection: sa.Connection | None
) -> tuple[Catalog, Catalog]:
    """Return both catalogs without differences between what is written and what is shown.

    - Arguments and synonyms of types: DuckDB accepts VARCHAR(20) and TEXT and stores VARCHAR.
    - Names of constraints: DuckDB gives its own.
    - Constraints and indexes that the dialect does not write, such as foreign keys on ClickHouse.
    - The sequence that a database creates for a primary key, and the options of sequences.
    - The index of a unique constraint.
    """
    written = _Written() if connection is None else _Written.by(connection.dialect)
    enums = {one.key: one for one in want.of_kind("enum") if isinstance(one, Enum)}
    old: list[Any] = []
    new: list[Any] = []
    for table in want.tables:
        wanted = written.parts(table)
        present = have.get(table.key)
        if isinstance(present, Table):
            shown, wanted = _same_form(written, present, wanted, enums)
            if shown != present:
                old.append(shown)
        if wanted != table:
            new.append(wanted)
    for sequence in want.of_kind("sequence"):
        present = have.get(sequence.key)
        if isinstance(present, SequenceObject) and present != sequence:
            old.append(sequence)
    # sequences that the models lack may belong to columns
    others = [one.key for one in have.of_kind("sequence") if one.key not in want]
    have = have.without(others) if others else have
    return have.merge(old) if old else have, want.merge(new) if new else want


def _same_form(
    written: _Written, have: Table, want: Table, enums: Mapping[Key, Enum]
) -> tuple[Table, Table]:
    shown = {column.name: column for column in have.columns}
    key = want.primary_key.columns if want.primary_key else ()
    columns = tuple(
        replace(column, type=_shown_type(shown[column.name].type, column.type, enums))
        if column.name in shown
        else column
        for column in want.columns
    )
    wanted = {column.name: column for column in columns}
    have = replace(
        have,
        columns=tuple(
            _shown_default(column, wanted[column.name], key) if column.name in wanted else column
            for column in have.columns
        ),
        primary_key=_shown_key(written, have.primary_key, want.primary_key),
        uniques=_with_wanted_names(have.uniques, want.uniques, lambda one: one.columns),
        checks=_with_wanted_names(have.checks, want.checks, _condition),
        foreign_keys=_with_wanted_names(have.foreign_keys, want.foreign_keys, _reference),
        indexes=_without_key_indexes(have, {one.name for one in want.indexes}),
    )
    return have, replace(want, columns=columns)


def _without_key_indexes(have: Table, wanted: Collection[str | None]) -> tuple[Index, ...]:
    """Leave out the indexes of unique constraints, which Firebird shows as indexes as well."""
    keys = {one.columns for one in have.uniques}
    return tuple(
        one
        for one in have.indexes
        if one.name in wanted
        or not one.unique
        or tuple(element.column for element in one.elements) not in keys
    )


def _shown_type(shown: Type, wanted: Type, enums: Mapping[Key, Enum]) -> Type:
    """Return the type of the models as the database shows it, if it is the same type."""
    enum = enums.get(wanted.ref) if wanted.ref is not None else None
    if enum is not None:
        is_same = shown.name == "enum" and shown.args == tuple(map(quote_literal, enum.values))
        return shown if is_same else wanted
    if _plain_name(shown) != _plain_name(wanted):
        return wanted
    if shown.args and shown.args != wanted.args:
        return wanted
    if not set(wanted.extras) <= set(shown.extras) or wanted.collation not in {
        None,
        shown.collation,
    }:
        return wanted
    return shown


def _plain_name(type_: Type) -> str:
    name = _SEGMENT_SIZE.sub("", type_.name.lower())
    return _SYNONYMS.get(name, name)


def _shown_default(shown: Column, wanted: Column, key: Collection[str]) -> Column:
    """Return the column that is shown, with the default of the models if it means the same."""
    default = shown.default
    if wanted.default is None and wanted.name in key:
        # the database numbers the rows by an identity or a sequence of its own
        numbers = isinstance(default, Identity) or (
            isinstance(default, Expr) and _SEQUENCE_VALUE.match(default.compared_text) is not None
        )
        return replace(shown, default=None) if numbers else shown
    if isinstance(default, Identity) and isinstance(wanted.default, Identity):
        given = wanted.default
        same = Identity(
            given.always,
            default.start if given.start is None else given.start,
            default.increment if given.increment is None else given.increment,
            default.minvalue if given.minvalue is None else given.minvalue,
            default.maxvalue if given.maxvalue is None else given.maxvalue,
            given.cycle,
            default.cache if given.cache is None else given.cache,
            given.extras,
        )
        return replace(shown, default=given) if same == default else shown
    return shown


def _shown_key(
    written: _Written, shown: PrimaryKey | None, wanted: PrimaryKey | None
) -> PrimaryKey | None:
    if not written.primary_key:  # shown for information, such as the sorting key of ClickHouse
        return None
    if shown is None or wanted is None or shown.columns != wanted.columns:
        return shown
    return replace(shown, name=wanted.name)


def _with_wanted_names(
    have: Sequence[Part], want: Sequence[Part], content: Callable[[Part], Hashable]
) -> tuple[Part, ...]:
    """Give constraints the names of the models' constraints with the same content."""
    known = {one.name for one in have}
    free = [one for one in want if one.name not in known or one.name is None]
    taken = {one.name for one in want}
    found: list[Part] = []
    for one in have:
        same = None
        if one.name is None or one.name not in taken:
            same = next((other for other in free if content(other) == content(one)), None)
        if same is not None:
            free.remove(same)
            one = replace(one, name=same.name)  # noqa: PLW2901 - the same constraint, renamed
            if isinstance(one, Check) and isinstance(same, Check):
                one = replace(one, expr=same.expr)  # noqa: PLW2901
        found.append(one)
    return tuple(found)


def _condition(check: Check) -> str:
    return _NOT_IN_TEXT.sub("", check.expr.compared_text).lower()


def _reference(key: ForeignKey) -> Hashable:
    return key.columns, key.target, key.target_columns, key.on_update, key.on_delete
