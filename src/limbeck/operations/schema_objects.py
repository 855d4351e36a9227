"""Create SQLAlchemy objects from the names and arguments of operations.

A script refers to tables by name. This module creates stand-ins for them, with the naming
convention of the project's models, so that SQLAlchemy can compile the statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    Constraint,
    ForeignKey,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)
from sqlalchemy import schema as parts  # accessed at each call: programs replace its classes
from sqlalchemy.sql.elements import ClauseElement, ColumnClause, conv
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import NULLTYPE

if TYPE_CHECKING:
    from sqlalchemy.sql.elements import ColumnElement, TextClause
    from sqlalchemy.types import TypeEngine

    from limbeck.operations.operation import Configured

_CONSTRAINT_WORDS = ("check", "foreignkey", "primary", "unique")


class SchemaObjects:
    """Creates stand-ins for tables and their parts.

    Args:
        migration_context: an object with the options of env.py, or None.
    """

    def __init__(self, migration_context: Configured | None = None) -> None:
        self.migration_context = migration_context

    def metadata(self) -> MetaData:
        """Return an empty MetaData with the naming convention of the models."""
        opts = getattr(self.migration_context, "opts", None) or {}
        target = opts.get("target_metadata")
        if isinstance(target, (list, tuple)):
            target = target[0] if target else None
        convention = getattr(target, "naming_convention", None)
        return MetaData(naming_convention=convention) if convention else MetaData()

    def primary_key_constraint(
        self,
        name: str | None,
        table_name: str,
        cols: Sequence[str],
        schema: str | None = None,
        **dialect_kw: Any,
    ) -> PrimaryKeyConstraint:
        """Return a primary key on a stand-in for the table."""
        table = self._stand_in(self.metadata(), table_name, cols, schema)
        constraint = PrimaryKeyConstraint(*[table.c[col] for col in cols], name=name, **dialect_kw)
        table.append_constraint(constraint)
        return constraint

    def unique_constraint(
        self,
        name: str | None,
        source: str,
        local_cols: Sequence[str],
        schema: str | None = None,
        **kw: Any,
    ) -> UniqueConstraint:
        """Return a unique constraint on a stand-in for the table."""
        include = [col for key, value in kw.items() if key.endswith("_include") for col in value]
        names = [*local_cols, *(col for col in include if isinstance(col, str))]
        table = self._stand_in(self.metadata(), source, names, schema)
        constraint = UniqueConstraint(*[table.c[col] for col in local_cols], name=name, **kw)
        table.append_constraint(constraint)
        return constraint

    def check_constraint(
        self,
        name: str | None,
        source: str,
        condition: str | TextClause | ColumnElement[bool],
        schema: str | None = None,
        **kw: Any,
    ) -> CheckConstraint:
        """Return a check on a stand-in for the table."""
        table = self._stand_in(self.metadata(), source, (), schema)
        # A condition made of columns would also attach the check to the table of these columns.
        constraint = CheckConstraint(condition, name=name, _autoattach=False, **kw)
        _skip_check_names([constraint], table.metadata)
        table.append_constraint(constraint)
        return constraint

    def foreign_key_constraint(
        self,
        name: str | None,
        source: str,
        referent: str,
        local_cols: Sequence[str],
        remote_cols: Sequence[str],
        *,
        onupdate: str | None = None,
        ondelete: str | None = None,
        deferrable: bool | None = None,
        source_schema: str | None = None,
        referent_schema: str | None = None,
        initially: str | None = None,
        match: str | None = None,
        **dialect_kw: Any,
    ) -> parts.ForeignKeyConstraint:
        """Return a foreign key between stand-ins for its tables, one if it is self-referential."""
        metadata = self.metadata()
        to_itself = (source, source_schema) == (referent, referent_schema)
        own = [*local_cols, *remote_cols] if to_itself else local_cols
        table = self._stand_in(metadata, source, own, source_schema)
        other = (
            table if to_itself else self._stand_in(metadata, referent, remote_cols, referent_schema)
        )
        constraint = parts.ForeignKeyConstraint(
            [table.c[col] for col in local_cols],
            [other.c[col] for col in remote_cols],
            name=name,
            onupdate=onupdate,
            ondelete=ondelete,
            deferrable=deferrable,
            initially=initially,
            match=match,
            **dialect_kw,
        )
        table.append_constraint(constraint)
        return constraint

    def generic_constraint(
        self,
        name: str | None,
        table_name: str,
        type_: str | None,
        schema: str | None = None,
        **kw: Any,
    ) -> Constraint:
        """Return a constraint with only name and kind, as needed for a drop.

        Raises:
            TypeError: the kind is not foreignkey, primary, unique or check.
        """
        constraint: Constraint
        match type_:
            case None:
                constraint = Constraint(name=name, **kw)
            case "primary":
                constraint = PrimaryKeyConstraint(name=name, **kw)
            case "unique":
                constraint = UniqueConstraint(name=name, **kw)
            case "check":
                constraint = CheckConstraint("", name=name, **kw)
            case "foreignkey":
                constraint = parts.ForeignKeyConstraint([], [], name=name, **kw)
            case _:
                kinds = ", ".join(repr(word) for word in _CONSTRAINT_WORDS)
                raise TypeError(f"'type' can be one of {kinds}, None; not {type_!r}")
        self._stand_in(self.metadata(), table_name, (), schema).append_constraint(constraint)
        return constraint

    def table(self, name: str, *columns: Any, **kw: Any) -> Table:
        """Return a new table; parts that belong to another table are copied.

        Args:
            name: the table's name.
            columns: columns, constraints and indexes.
            kw: keywords of `Table`; `_constraints_included` states that `columns` contains every
                constraint, so that flags of columns do not create duplicates.
        """
        explicit = kw.pop("_constraints_included", False)
        table = Table(name, self.metadata(), **kw)
        items = list(columns)
        _skip_check_names(items, table.metadata)
        for item in items:
            if isinstance(item, Column):
                table.append_column(_own_column(item, explicit=explicit))
        of_columns = {
            id(constraint)
            for item in items
            if isinstance(item, Column)
            for constraint in item.constraints
        }
        for item in items:
            if isinstance(item, Constraint):
                if id(item) in of_columns or getattr(item, "_type_bound", False):
                    continue
                # do not duplicate the key that the columns have created
                table.append_constraint(_own_constraint(item, table))
            elif isinstance(item, Index):
                _own_index(item, table)
            elif not isinstance(item, Column):
                item._set_parent_with_dispatch(table)
        for foreign_key in table.foreign_keys:
            self._ensure_table_for_fk(table.metadata, foreign_key)
        return table

    def column(self, name: str, type_: TypeEngine[Any], **kw: Any) -> Column[Any]:
        """Return a column."""
        return Column(name, type_, **kw)

    def index(
        self,
        name: str | None,
        tablename: str | None,
        columns: Sequence[str | TextClause | ColumnElement[Any]],
        schema: str | None = None,
        **kw: Any,
    ) -> Index:
        """Return an index on a stand-in for the table, over names or expressions."""
        include = [col for key, value in kw.items() if key.endswith("_include") for col in value]
        table = self._stand_in(self.metadata(), tablename or "no_table", (), schema)
        members = [_moved(member, table) for member in columns]
        for member in include:
            _moved(member, table)
        return Index(name, *members, _table=table, **kw)

    @staticmethod
    def _stand_in(
        metadata: MetaData, name: str, columns: Iterable[str], schema: str | None
    ) -> Table:
        return Table(
            name,
            metadata,
            *[Column(col, NULLTYPE) for col in dict.fromkeys(columns)],
            schema=schema,
        )

    @staticmethod
    def _ensure_table_for_fk(metadata: MetaData, foreign_key: ForeignKey) -> None:
        spec = foreign_key._colspec
        if not isinstance(spec, str):
            return
        path, _, column = spec.rpartition(".")
        schema, _, table_name = path.rpartition(".")
        key = f"{schema}.{table_name}" if schema else table_name
        if key not in metadata.tables:
            Table(table_name, metadata, Column(column, NULLTYPE), schema=schema or None)
        elif column not in metadata.tables[key].c:
            metadata.tables[key].append_column(Column(column, NULLTYPE))


def _skip_check_names(items: Iterable[Any], metadata: MetaData) -> None:
    """Remove the rule for checks from a naming convention that cannot name the existing checks.

    SQLAlchemy would enforce the convention, but a revision may be older or newer than it.
    """
    convention = dict(metadata.naming_convention)
    wanted = str(convention.get("ck", convention.get(CheckConstraint, "")))
    names = [item.name for item in items if isinstance(item, CheckConstraint)]
    given = [name for name in names if name is not None]
    if "%(constraint_name)s" not in wanted or len(given) == len(names):
        return
    if all(isinstance(name, conv) for name in given):
        others = {k: v for k, v in convention.items() if k not in {"ck", CheckConstraint}}
        metadata.naming_convention = others  # type: ignore[assignment]


def constraint_options(constraint: Constraint) -> dict[str, Any]:
    """Return the options of a constraint, other than its name and columns, as keywords."""
    options: dict[str, Any] = {}
    for word in ("deferrable", "initially", "comment"):
        value = getattr(constraint, word, None)
        if value is not None:
            options[word] = value
    if constraint.info:
        options["info"] = dict(constraint.info)
    options.update(dialect_keywords(constraint))
    return options


def table_options(table: Table) -> dict[str, Any]:
    """Return the options of a table, other than its columns and constraints, as keywords."""
    options: dict[str, Any] = {}
    if table.comment is not None:
        options["comment"] = table.comment
    if table.info:
        options["info"] = dict(table.info)
    if table._prefixes:
        options["prefixes"] = list(table._prefixes)
    options.update(dialect_keywords(table))
    return options


def dialect_keywords(item: Any) -> Mapping[str, Any]:
    """Return the `<dialect>_<option>` keywords that were given to an item.

    SQLAlchemy creates and stores three mappings when an item's options are accessed. Items without
    such keywords are not accessed, to avoid this.
    """
    return item.dialect_kwargs if "dialect_options" in vars(item) else {}


def copy_column(column: Column[Any]) -> Column[Any]:
    """Return a copy that belongs to no table."""
    return column._copy()


def table_parts(table: Table) -> list[Column[Any] | Constraint]:
    """Return columns and then constraints, each in the order in which they were declared."""
    constraints = sorted(table.constraints, key=lambda c: getattr(c, "_creation_order", 0))
    return [*table.columns, *(c for c in constraints if not getattr(c, "_type_bound", False))]


def _own_column(column: Column[Any], *, explicit: bool) -> Column[Any]:
    if getattr(column, "table", None) is not None:
        column = copy_column(column)
        if explicit:
            column.unique = column.index = None
    return column


def _own_constraint(constraint: Constraint, table: Table) -> Constraint:
    parent = getattr(constraint, "parent", None)
    if parent is None or parent is table:
        return constraint
    copied = constraint._copy(target_table=table)
    if constraint.info:
        copied.info.update(constraint.info)
    return copied


def _own_index(index: Index, table: Table) -> Index:
    if getattr(index, "table", None) is None:
        index._set_parent_with_dispatch(table)
        return index
    members = [
        table.c[plain] if (plain := _plain_name(member)) and plain in table.c else member
        for member in index.expressions
    ]
    return Index(index.name, *members, unique=index.unique, _table=table, **dialect_keywords(index))


def _moved(member: Any, table: Table) -> Any:
    """Return an index element over the columns of `table`, which are added if missing."""

    def of_table(name: str, type_: Any) -> Column[Any]:
        if name not in table.c:
            table.append_column(Column(name, type_))
        return table.c[name]

    def replaced(element: Any, **_kw: Any) -> Any:
        if isinstance(element, Column):
            return of_table(element.name, element.type)
        return None

    plain = _plain_name(member)
    if plain is not None:
        return of_table(plain, getattr(member, "type", NULLTYPE))
    return (
        replacement_traverse(member, {}, replaced) if isinstance(member, ClauseElement) else member
    )


def _plain_name(member: Any) -> str | None:
    if isinstance(member, str):
        return member
    if isinstance(member, ColumnClause) and not member.is_literal:
        return member.name
    return None


def naming_convention(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the naming convention of the configured models; empty if there is none."""
    return SchemaObjects(_Options(options)).metadata().naming_convention


class _Options:
    def __init__(self, opts: Mapping[str, Any]) -> None:
        self.opts = opts
