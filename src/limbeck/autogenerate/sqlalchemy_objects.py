"""SQLAlchemy objects of both sides, created when a hook or a draft needs them."""

from __future__ import annotations

import warnings
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, Column, Computed, Identity, MetaData, Table, text
from sqlalchemy.engine.reflection import ObjectKind
from sqlalchemy.exc import SAWarning
from sqlalchemy.types import NullType

from limbeck import catalog as values
from limbeck.catalog import Key, Part, part_key
from limbeck.dialects import inspector
from limbeck.errors import DraftError
from limbeck.render import escaped
from limbeck.sqlalchemy_io import ServerType, Writer, leave_out_autoincrement

if TYPE_CHECKING:
    from limbeck.autogenerate.comparison import Comparison


class Objects:
    """Finds the models' objects by value, and creates those of the database.

    Args:
        comparison: what is compared.
    """

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self._origins = comparison.snapshot.origins
        self._metadata = MetaData()
        self._tables: dict[Key, Table] = {}
        self._reflected: dict[Key, Any] = {}
        self._parts: dict[tuple[Key, str], Any] = {}
        self._last_writer: Writer | None = None

    @property
    def _writer(self) -> Writer:
        """A writer of the database's objects, under their current names."""
        current, rules = self.comparison.current, self.comparison.rules
        if self._last_writer is None or self._last_writer.catalog is not current:
            self._last_writer = Writer(
                current,
                self.comparison.sa_dialect,
                reparseable=rules.reparseable,
                exclude=rules.exclude_constraint,
            )
        return self._last_writer

    # ── names ─────────────────────────────────────────────────────────────

    def schema_of(self, owner: Key) -> str | None:
        """Return the schema under which SQLAlchemy knows a table."""
        origin = self._origins.get(owner)
        return origin.schema if origin is not None else owner.namespace

    # ── the models' side ──────────────────────────────────────────────────

    def has_target(self, key: Key) -> bool:
        """Return whether the models have a table."""
        return key in self.comparison.target and key in self._origins

    def target(self, key: Key) -> Any:
        """Return the models' table, type or sequence."""
        return self._origins[key]

    def target_part(self, owner: Key, part: Part) -> Any:
        """Return the models' column, constraint or index for a value.

        Raises:
            DraftError: the models have no such part.
        """
        has_twins = isinstance(part, values.Check) and self._has_duplicates(owner, part)
        for candidate in () if has_twins else _earlier_forms(part):
            origin = self._origins.get(part_key(owner, candidate))
            if origin is not None:
                return origin
        if isinstance(part, values.Column):
            raise DraftError(f"The models have no column {part.name!r}", code="LB433")
        # The database has another form of the part (some store a unique index as a constraint):
        # create the object from the value.
        table = Table(owner.name, MetaData(), schema=self.schema_of(owner))
        for column in self.comparison.target_table(owner).columns:
            table.append_column(Column(column.name))
        return self._writer.part(part, table)

    def _has_duplicates(self, owner: Key, part: values.Check) -> bool:
        """Return whether other checks of the table have the same name."""
        if part.name is None:
            return False
        names = [check.name for check in self.comparison.target_table(owner).checks]
        return names.count(part.name) > 1

    # ── the database's side ───────────────────────────────────────────────

    def has_current(self, key: Key) -> bool:
        """Return whether the database has a table."""
        return key in self.comparison.current

    def current(self, key: Key) -> Table:
        """Return the database's table."""
        if key not in self._tables:
            self._tables[key] = self._new_table(key)
        return self._tables[key]

    def _new_table(self, key: Key) -> Table:
        value = self.comparison.current_table(key)
        old = self.comparison.renamed.get(key, key)
        table = Table(
            key.name,
            self._metadata,
            schema=self.schema_of(key),
            comment=value.comment,
            extend_existing=True,
            **self._options(value),
        )
        for column in self._columns(old, value, key):
            table.append_column(column, replace_existing=True)
        for foreign_key in value.foreign_keys:
            self._stand_in(foreign_key, table)
        for part in (*value.constraints, *value.indexes):
            self._parts[key, repr(part)] = self._writer.part(part, table)
        rules = self.comparison.rules
        if self.comparison.ctx.replayed is not None and (
            rules.redefines_columns or rules.identity_transition
        ):
            leave_out_autoincrement(table)
        return table

    def _options(self, value: values.Table) -> dict[str, Any]:
        table_keywords, dialect = self.comparison.rules.table_keywords, self.comparison.sa_dialect
        if table_keywords is None:
            return {}
        if not self.comparison.profile.drafts_runnable:  # Alembic writes what the server shows
            extras = tuple(pair for pair in value.extras if pair[0] != "usual")
            value = replace(value, extras=extras)
        return table_keywords(value, dialect.name)

    def _stand_in(self, foreign_key: values.ForeignKey, table: Table) -> None:
        """Add the table that a foreign key refers to, which may be filtered out or read later.

        Its columns get the types of the referring columns, as the server requires.
        """
        name, namespace = foreign_key.target.name, foreign_key.target.namespace
        target = Table(name, self._metadata, schema=namespace, extend_existing=True)
        for column, local in zip(foreign_key.target_columns, foreign_key.columns, strict=True):
            if column not in target.c:
                target.append_column(Column(column, table.c[local].type))

    def _columns(self, key: Key, value: values.Table, now: Key) -> list[Column[Any]]:
        if self.comparison.ctx.replayed is not None:
            return [self._writer.column(column) for column in value.columns]
        if key not in self._reflected:
            self._reflect(key)
        was = self.comparison.old_columns
        known = {was.get((now, column.name), column.name): column for column in value.columns}
        reflected = self._reflected.get(key)
        if reflected is None:
            raise DraftError(f"The table {key.name!r} was just dropped", code="LB434")
        exact = self.comparison.profile.reads_columns
        columns = []
        for row in reflected:
            part = known.pop(row["name"], None)
            if part is None:
                continue
            column = _made_column(row, part, exact=exact)
            if "\\" in "".join(part.type.args):
                # SQLAlchemy keeps the escaped form of backslashes in the values of an ENUM or SET
                column.type = self._writer.type(part.type)
            columns.append(column)
        if exact:
            # the patterns by which SQLAlchemy parses some texts do not match all names
            columns.extend(map(self._writer.column, known.values()))
        return columns

    def _reflect(self, key: Key) -> None:
        """Read the columns of all tables that will probably be needed, in one query."""
        namespace = key.namespace
        names = [
            other.name
            for other, obj in (self.comparison.before or self.comparison.current).objects.items()
            if other.kind == "table"
            and other.namespace == namespace
            and obj != self.comparison.target.get(other)
        ]
        names = [*dict.fromkeys([key.name, *names])]
        with warnings.catch_warnings():
            # for texts with unusual names, which limbeck parses without SQLAlchemy
            warnings.filterwarnings("ignore", "Unknown schema content", SAWarning)
            if self.comparison.profile.reads_columns:
                # the type's name is written as the server spells it
                warnings.filterwarnings("ignore", "Did not recognize type", SAWarning)
            connection: Any = self.comparison.ctx.connection
            rows = inspector(connection).get_multi_columns(
                schema=namespace, filter_names=names, kind=ObjectKind.ANY
            )
        adjust = self.comparison.dialect.alembic.autogen_column_reflect
        for (_, name), columns in rows.items():
            if adjust is not None:
                table, ctx = Table(name, MetaData(), schema=namespace), self.comparison.ctx
                for column in columns:
                    adjust(ctx.migration_context, ctx.inspector, table, column)
            self._reflected[Key("table", (namespace, name))] = columns

    def current_part(self, owner: Key, part: Part) -> Any:
        """Return the database's column, constraint or index for a value."""
        table = self.current(owner)
        if isinstance(part, values.Column):
            column = table.c.get(part.name)
            return self._renamed_column(owner, table, part) if column is None else column
        cache_key = (owner, repr(part))
        if cache_key not in self._parts:
            self._parts[cache_key] = self._writer.part(part, table)
        return self._parts[cache_key]

    def _renamed_column(self, owner: Key, table: Table, part: values.Column) -> Column[Any]:
        column: Column[Any] | None = None
        # a column that a rename starts from already has its new name here
        for (table_key, new), old in self.comparison.old_columns.items():
            if table_key == owner and old == part.name:
                column = table.c.get(new)
        if column is None:
            raise DraftError(
                f"The table {table.name!r} has no column {part.name!r} to change", code="LB435"
            )
        return column

    # ── columns ───────────────────────────────────────────────────────────

    def existing_default(self, column: Column[Any]) -> Any:
        """Return a column's default in the database for `existing_server_default`.

        Hooks of Alembic's users expect False if there is none.
        """
        none = None if self.comparison.profile.reads_columns else False
        return none if column.server_default is None else column.server_default

    @staticmethod
    def bare_column(column: Column[Any], *, with_checks: bool = False) -> Column[Any]:
        """Return a copy of a column whose checks and keys are separate operations.

        Args:
            column: the column.
            with_checks: keep the checks of the column if the server stores them with it.
        """
        twin = column._copy()
        if not with_checks:
            twin.constraints = {c for c in twin.constraints if not isinstance(c, CheckConstraint)}
        twin.foreign_keys = set()
        if twin.type is not column.type and getattr(twin.type, "create_constraint", False):
            twin.type.create_constraint = False  # type: ignore[attr-defined]
        twin.unique = twin.index = None
        twin.primary_key = False
        twin.nullable = column.nullable
        return twin


def bare_type(type_: Any) -> Any:
    """Return a type without its CHECK, which is a separate operation."""
    if not getattr(type_, "create_constraint", False):
        return type_
    twin = type_.copy()
    twin.create_constraint = False
    return twin


def _made_column(row: Any, value: values.Column, *, exact: bool) -> Column[Any]:
    arguments: list[Any] = []
    keywords: dict[str, Any] = {"comment": value.comment, "nullable": value.nullable}
    own = _server_text(value) if exact else None
    type_ = row["type"]
    if exact and value.type.name == "json" and not isinstance(type_, JSON):
        # If JSON is stored as text with a check, SQLAlchemy returns the text type only.
        type_ = JSON()
    if exact and isinstance(type_, NullType):  # on SQLite, a column may have no type
        type_ = ServerType(str(value.type))
    if exact:
        type_ = _with_collation(type_, value.type.collation)
    if row.get("computed"):
        expression = row["computed"]["sqltext"]
        if exact and isinstance(value.default, values.Computed):
            # with the column names after the renames
            expression = value.default.expr.text
        arguments.append(Computed(escaped(expression), row["computed"].get("persisted")))
    elif row.get("identity"):
        arguments.append(Identity(**row["identity"]))
    elif own is not None:
        keywords["server_default"] = text(escaped(own))
    elif row.get("default") is not None and value.default is not None:
        # A serial column is created and dropped with its sequence: no default is kept.
        keywords["server_default"] = text(escaped(row["default"]))
    if row.get("autoincrement") is not None:
        keywords["autoincrement"] = row["autoincrement"]
    return Column(value.name, type_, *arguments, **keywords)


def _with_collation(type_: Any, collation: str | None) -> Any:
    """Return a type of SQLAlchemy with the collation that limbeck has read for the column.

    MySQL shows the table's collation for every column, and keeps it for a column that states it.
    """
    is_overlooked = collation and not getattr(type_, "collation", collation)
    is_of_table = not collation and not getattr(type_, "charset", None)
    if is_overlooked or (is_of_table and getattr(type_, "collation", None)):
        type_ = copy(type_)
        type_.collation = collation
    return type_


def _server_text(value: values.Column) -> str | None:
    """Return the server's text of a default; SQLAlchemy parses some of them wrongly."""
    update = dict(value.extras).get("on_update")
    if not isinstance(value.default, values.Expr):
        return f"NULL ON UPDATE {update}" if update and value.default is None else None
    return f"{value.default.text} ON UPDATE {update}" if update else value.default.text


def _earlier_forms(part: Part) -> list[Part]:
    """Return the forms in which a part may have been recorded before it got its canonical text."""
    ways = [part]
    match part:
        case values.Check():
            ways.append(replace(part, expr=values.Expr(part.expr.text)))
        case values.Exclude():
            ways.append(replace(part, definition=values.Expr(part.definition.text)))
        case values.Index(unique=True):
            ways.append(values.Unique(part.columns, part.name))
        case values.Unique():
            elements = tuple(values.IndexElement(name) for name in part.columns)
            ways.append(values.Index(part.name, elements, unique=True))
    return ways
