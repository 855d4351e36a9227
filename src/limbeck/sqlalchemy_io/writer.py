"""Convert values of the catalog to SQLAlchemy objects."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    DefaultClause,
    ForeignKeyConstraint,
    MetaData,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
    types,
)
from sqlalchemy import Column as SqlColumn
from sqlalchemy import Computed as SqlComputed
from sqlalchemy import Enum as SqlEnum
from sqlalchemy import Identity as SqlIdentity
from sqlalchemy import Index as SqlIndex
from sqlalchemy import Table as SqlTable
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import Constraint as SqlConstraint
from sqlalchemy.sql.elements import conv
from sqlalchemy.util import get_cls_kwargs

from limbeck.catalog import (
    Catalog,
    Check,
    Column,
    Computed,
    Constraint,
    Domain,
    Enum,
    Exclude,
    Expr,
    Extras,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Key,
    PrimaryKey,
    Table,
    Type,
    Unique,
)
from limbeck.errors import DraftError
from limbeck.sql import unquote_literal

_BIND = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")


class ServerType(types.UserDefinedType[Any]):
    """A type that SQLAlchemy does not support, rendered as the server prints it."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: Any) -> str:
        """Return the text of the type."""
        return self.name

    def __repr__(self) -> str:
        return f"ServerType({self.name!r})"


class Writer:
    """Creates SQLAlchemy objects from one catalog for one dialect.

    Args:
        catalog: the catalog; enums and domains of types are looked up in it.
        dialect: SQLAlchemy's dialect.
        reparseable: converts a check or index condition from the server's form to the form
            used in a draft.
        exclude: converts an exclusion constraint to SQLAlchemy's object.
    """

    def __init__(
        self,
        catalog: Catalog,
        dialect: Dialect,
        *,
        reparseable: Callable[[str], str] | None = None,
        exclude: Callable[[Exclude], Any] | None = None,
    ) -> None:
        self.catalog = catalog
        self.dialect = dialect
        self._reparseable = reparseable
        self._exclude = exclude
        self.metadata = MetaData()
        known: Mapping[str, Any] = getattr(dialect, "ischema_names", {})
        self._names = {name.lower(): cls for name, cls in known.items()}
        self._tables: dict[Key, SqlTable] = {}
        self._types: dict[Type, types.TypeEngine[Any]] = {}

    @property
    def made(self) -> frozenset[Key]:
        """The tables that have been created."""
        return frozenset(self._tables)

    # ── types ─────────────────────────────────────────────────────────────

    def type(self, type_: Type) -> types.TypeEngine[Any]:
        """Return SQLAlchemy's type for a catalog type, as reflection would return it."""
        if type_ not in self._types:
            result = self._named(type_) if type_.ref is not None else self._plain(type_)
            if type_.dimensions and "_array" in self._names:
                dimensions = type_.dimensions if type_.dimensions > 1 else None
                result = self._names["_array"](result, dimensions=dimensions)
            self._types[type_] = result
        return self._types[type_]

    def _named(self, type_: Type) -> types.TypeEngine[Any]:
        obj = self.catalog.get(type_.ref) if type_.ref else None
        if isinstance(obj, Enum):
            return self.enum(obj)
        if isinstance(obj, Domain):
            cls = getattr(sys.modules[type(self._native(("x",), "x")).__module__], "DOMAIN", None)
            if cls is not None:
                return self._domain(cls, obj)
        return ServerType(type_.name)

    def _native(self, values: tuple[str, ...], name: str, schema: str | None = None) -> Any:
        return SqlEnum(*values, name=name, schema=schema).dialect_impl(self.dialect)

    def enum(self, enum: Enum) -> types.TypeEngine[Any]:
        """Return the dialect's enum type; it is not created together with tables."""
        type_ = self._native(enum.values, enum.key.name, enum.key.namespace)
        if hasattr(type_, "create_type"):
            type_.create_type = False
        return type_  # type: ignore[no-any-return]

    def _domain(self, cls: Any, domain: Domain) -> types.TypeEngine[Any]:
        check = domain.checks[0] if domain.checks else None
        return cls(  # type: ignore[no-any-return]
            domain.key.name,
            self.type(domain.type),
            schema=domain.key.namespace,
            not_null=not domain.nullable,
            default=None if domain.default is None else text(escaped(domain.default)),
            check=None if check is None else escaped(check.expr),
            constraint_name=None if check is None else check.name,
            create_type=False,
        )

    def _plain(self, type_: Type) -> types.TypeEngine[Any]:
        name, options = type_.name, dict[str, Any](type_.extras)
        if name.endswith((" with time zone", " without time zone")):
            options["timezone"] = name.endswith(" with time zone")
        if name == "bit varying":
            options["varying"] = True
        cls = self._names.get(name) or getattr(types, name.upper(), None)
        if cls is None and name.startswith("interval "):
            cls, options["fields"] = self._names.get("interval"), name[9:]
        if cls is None:
            return self._unknown(type_)
        parameters = set(get_cls_kwargs(cls))
        if issubclass(cls, SqlEnum) or (type_.args and type_.args[0][:1] == "'"):
            # MySQL and MariaDB show the values of an ENUM or SET as literals
            escapes = bool(getattr(self.dialect, "_backslash_escapes", False))
            values = [unquote_literal(arg, backslash_escapes=escapes) for arg in type_.args]
            return cls(*values, **_selected(options, parameters))  # type: ignore[no-any-return]
        numbers = [int(arg) for arg in type_.args if arg.lstrip("-").isdigit()]
        if type_.collation is not None:
            options["collation"] = type_.collation
        for names in (("fsp",), ("length",), ("precision", "scale"), ("display_width",)):
            if names[0] in parameters:
                options.update(zip(names, numbers, strict=False))
                break
        return cls(**_selected(options, parameters))  # type: ignore[no-any-return]

    def _unknown(self, type_: Type) -> types.TypeEngine[Any]:
        resolve = getattr(self.dialect, "_resolve_type_affinity", None)
        if resolve is not None:
            return resolve(str(type_).upper())  # type: ignore[no-any-return]
        return ServerType(str(type_)) if type_.name else types.NullType()

    # ── tables and parts ──────────────────────────────────────────────────

    def table(self, key: Key) -> SqlTable:
        """Return a table with all its parts.

        Raises:
            DraftError: the catalog does not contain the table.
        """
        if key in self._tables:
            return self._tables[key]
        value = self.catalog.get(key)
        if not isinstance(value, Table):
            raise DraftError(f"There is no table {key.name!r}.", code="LB421")
        table = SqlTable(
            key.name,
            self.metadata,
            *(self.column(column) for column in value.columns),
            schema=key.namespace,
            comment=value.comment,
            prefixes=["UNLOGGED"] if ("unlogged", True) in value.extras else [],
            **self._table_options(value.extras),
        )
        self._tables[key] = table
        for part in (*value.constraints, *value.indexes):
            self.part(part, table)
        leave_out_autoincrement(table)
        return table

    def _table_options(self, extras: Extras) -> dict[str, Any]:
        options: dict[str, Any] = {}
        for key, value in extras:
            if key.startswith("with."):
                options.setdefault("with", {})[key[5:]] = value
            elif key == "without_rowid":
                options["with_rowid"] = False
            elif key not in {"unlogged", "partition_of", "autoincrement"}:
                options[key] = value
        return self._prefixed(options, SqlTable)

    def _prefixed(self, options: Mapping[str, Any], owner: Any) -> dict[str, Any]:
        known = self.dialect.construct_arguments or []
        allowed = next((words for cls, words in known if cls is owner), None)
        name = self.dialect.name
        return {
            f"{name}_{word}": list(value) if isinstance(value, tuple) else value
            for word, value in options.items()
            if allowed is not None and (word in allowed or "*" in allowed)
        }

    def column(self, column: Column) -> SqlColumn[Any]:
        """Return a new column that does not belong to a table yet."""
        extras = dict(column.extras)
        counts = bool(extras.get("serial") or extras.get("autoincrement"))
        default: list[Any] = []
        server_default: Any = None
        match column.default:
            case Identity():
                default.append(_identity(column.default))
            case Computed():
                expr = escaped(column.default.expr)
                default.append(SqlComputed(expr, persisted=column.default.stored))
            case Expr():
                default_text = escaped(column.default)
                if "on_update" in extras:
                    default_text += f" ON UPDATE {extras['on_update']}"
                server_default = DefaultClause(text(default_text), _reflected=True)
        return SqlColumn(
            column.name,
            self.type(column.type),
            *default,
            nullable=column.nullable,
            server_default=server_default,
            comment=column.comment,
            autoincrement=True if counts else "auto",
        )

    def part(self, part: Constraint | Index, table: SqlTable) -> SqlConstraint | SqlIndex:
        """Return a constraint or index, attached to a table.

        Raises:
            DraftError: SQLAlchemy has no class for it.
        """
        if isinstance(part, Index):
            return self._index(part, table)
        extras: dict[str, Any] = dict(part.extras)
        common = {"name": None if part.name is None else conv(part.name), **_timing(extras)}
        constraint: SqlConstraint
        match part:
            case PrimaryKey():
                before = {column: table.c[column].nullable for column in part.columns}
                options = self._prefixed(extras, PrimaryKeyConstraint)
                columns = [table.c[column] for column in part.columns]
                constraint = PrimaryKeyConstraint(*columns, **common, **options)
                table.append_constraint(constraint)
                for one, nullable in before.items():
                    table.c[one].nullable = nullable
                return constraint
            case Unique():
                options = self._prefixed(extras, UniqueConstraint)
                columns = [table.c[column] for column in part.columns]
                constraint = UniqueConstraint(*columns, **common, **options)
            case Check():
                options = self._prefixed(extras, CheckConstraint)
                constraint = CheckConstraint(self._sql(part.expr), **common, **options)
                if part.column is not None:
                    constraint._set_parent_with_dispatch(table.c[part.column])
                    return constraint
            case Exclude() if self._exclude is not None:
                constraint = self._exclude(part)
            case ForeignKey():
                constraint = ForeignKeyConstraint(
                    part.columns,
                    _referred(part, table.metadata),
                    onupdate=part.on_update,
                    ondelete=part.on_delete,
                    match=part.match,
                    link_to_name=True,
                    **common,
                    **self._prefixed(extras, ForeignKeyConstraint),
                )
            case _:
                raise DraftError(
                    f"SQLAlchemy has no object for the {part.kind} {part.name!r}.",
                    hint="Only the text of its definition is known.",
                    code="LB436",
                )
        table.append_constraint(constraint)
        return constraint

    def _index(self, part: Index, table: SqlTable) -> SqlIndex:
        options: dict[str, Any] = {}
        if part.where is not None:
            options["where"] = text(self._sql(part.where))
        if part.method in {"fulltext", "spatial"}:
            options["prefix"] = part.method.upper()
        elif part.method is not None:
            options["using"] = part.method
        if part.include:
            options["include"] = part.include
        if ops := {one.column: one.opclass for one in part.elements if one.opclass and one.column}:
            options["ops"] = ops
        if sizes := {one.column: one.length for one in part.elements if one.length and one.column}:
            options["length"] = sizes
        for key, value in part.extras:
            if key.startswith("with."):
                options.setdefault("with", {})[key[5:]] = value
            else:
                options["with_parser" if key == "parser" else key] = value
        return SqlIndex(
            None if part.name is None else conv(part.name),
            *(_member(element, table) for element in part.elements),
            unique=part.unique,
            _table=table,
            **self._prefixed(options, SqlIndex),
        )

    def _sql(self, expr: Expr) -> str:
        if self._reparseable is not None:
            expr = replace(expr, text=self._reparseable(expr.text))
        return escaped(expr)


def leave_out_autoincrement(table: SqlTable) -> None:
    """Switch off the autoincrement that SQLAlchemy would add to a primary key without it."""
    for column in table.primary_key.columns:
        if column.autoincrement == "auto" and column.identity is None:
            column.autoincrement = False


def _referred(part: ForeignKey, metadata: MetaData) -> list[Any]:
    """Return the columns that a foreign key refers to, as text if that is unambiguous."""
    path = [word for word in part.target.path if word]
    target = ".".join(path)
    known = metadata.tables.get(target)
    if known is not None and any("." in word for word in path):
        return [known.c[column] for column in part.target_columns]
    return [f"{target}.{column}" for column in part.target_columns]


def _timing(extras: dict[str, Any]) -> dict[str, Any]:
    """Remove and return the options that determine when a constraint is checked."""
    deferrable, initially = extras.pop("deferrable", None), extras.pop("initially", None)
    options: dict[str, Any] = {"deferrable": True} if deferrable else {}
    return options if not initially else {**options, "initially": str(initially).upper()}


def escaped(expr: Expr) -> str:
    """Return an expression's text, escaped so that `text()` finds no bind parameters."""
    return _BIND.sub(r"\\:\1", expr.text)


def _selected(options: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {word: value for word, value in options.items() if word in names}


def _identity(value: Identity) -> SqlIdentity:
    return SqlIdentity(
        always=value.always,
        start=value.start,
        increment=value.increment,
        minvalue=value.minvalue,
        maxvalue=value.maxvalue,
        cycle=value.cycle or None,
        cache=value.cache,
    )


def _member(element: IndexElement, table: SqlTable) -> Any:
    expression: Any
    if element.column is not None:
        expression = table.c[element.column]
    else:
        words = "" if element.expr is None else escaped(element.expr)
        tail = f" {element.opclass}" if element.opclass else ""
        tail += " DESC" if element.descending else ""
        tail += f" NULLS {element.nulls.upper()}" if element.nulls else ""
        return text(words + tail)
    if element.collation is not None:
        expression = expression.collate(element.collation)
    if element.descending:
        expression = expression.desc()
    if element.nulls is not None:
        expression = (
            expression.nulls_first() if element.nulls == "first" else expression.nulls_last()
        )
    return expression
