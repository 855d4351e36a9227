"""The objects of a database as frozen values: types, tables with their parts, enums etc.

`Catalog` contains all objects of a database, found by key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, NamedTuple, Protocol

from limbeck.sql import parse_type

Scalar = str | int | bool | None
Extras = tuple[tuple[str, "Scalar | tuple[str, ...]"], ...]
"""Sorted pairs of dialect options; a key that is absent means the server's default."""


def extras(**options: Scalar | tuple[str, ...]) -> Extras:
    """Return options as sorted pairs, leaving out those that are None or False."""
    given = [pair for pair in options.items() if pair[1] is not None and pair[1] is not False]
    return tuple(sorted(given))


class Key(NamedTuple):
    """The identity of an object: its kind and its path.

    `path` is (namespace, name) for independent objects and (namespace, table, name) for parts of
    a table. A namespace of None is the default schema of the connection.
    """

    kind: str
    path: tuple[str | None, ...]

    @property
    def namespace(self) -> str | None:
        """The SQL schema, or None for the default one."""
        return self.path[0]

    @property
    def name(self) -> str:
        """The last element of the path."""
        return self.path[-1] or ""

    @property
    def full_name(self) -> str:
        """The path, joined by dots."""
        return ".".join(filter(None, self.path))


@dataclass(frozen=True, slots=True)
class Type:
    """A column type as the server spells it.

    Args:
        name: canonical spelling of the database, lower case, without arguments
            ("character varying", "bigint", "enum"); user-defined types keep their spelling.
        args: arguments as printed ("10", "2"); for MySQL enums the quoted values.
        collation: the explicit collation; None for the default collation.
        dimensions: number of array dimensions (PostgreSQL; 0 = not an array).
        ref: the enum or domain that the name refers to.
        extras: further options: unsigned, zerofill, charset etc.
    """

    name: str
    args: tuple[str, ...] = ()
    collation: str | None = None
    dimensions: int = 0
    ref: Key | None = None
    extras: Extras = ()

    @classmethod
    def parse(cls, text: str, *, keep_quotes: bool = False) -> Type:
        """Parse the text of a type, without the normalization of the dialect.

        Args:
            text: such as "NUMERIC(10, 2)" or "timestamp(3) with time zone".
            keep_quotes: keep the quotes of quoted names.
        """
        parsed = parse_type(text, keep_quotes=keep_quotes)
        return cls(
            parsed.name, parsed.args, parsed.collation, parsed.dimensions, None, parsed.options
        )

    def __str__(self) -> str:
        text = self.name + (f"({','.join(self.args)})" if self.args else "")
        text += "".join(f" {k}" if v is True else f" {k} {v}" for k, v in self.extras)
        return text + "[]" * self.dimensions


@dataclass(frozen=True, slots=True, eq=False)
class Expr:
    """An SQL expression: a default, a check, a predicate, a body.

    `canonical` is the text as the database prints it. Two expressions are equal when their
    canonical texts are equal; an expression without one is compared by its given text.
    """

    text: str
    canonical: str | None = None

    @property
    def compared_text(self) -> str:
        """The text that is compared."""
        return self.text if self.canonical is None else self.canonical

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expr) and self.compared_text == other.compared_text

    def __hash__(self) -> int:
        return hash(self.compared_text)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Identity:
    """GENERATED ... AS IDENTITY; an option is None if it has the server's default."""

    always: bool = False
    start: int | None = None
    increment: int | None = None
    minvalue: int | None = None
    maxvalue: int | None = None
    cycle: bool = False
    cache: int | None = None
    extras: Extras = ()


@dataclass(frozen=True, slots=True)
class Computed:
    """GENERATED ALWAYS AS (expr), stored or computed when read."""

    expr: Expr
    stored: bool = True


class SchemaObject(Protocol):
    """An object of a database that belongs to no table."""

    @property
    def key(self) -> Key:
        """The identity of the object."""

    @property
    def needs(self) -> frozenset[Key]:
        """The keys of the objects that must exist before this one."""


# ── parts of a table ──────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `extras` holds dialect options: serial, autoincrement, on_update, sparse etc."""

    kind: ClassVar[str] = "column"
    name: str
    type: Type
    nullable: bool = True
    default: Expr | Identity | Computed | None = None
    comment: str | None = None
    extras: Extras = ()


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """The primary key. `name` is None if it was not named explicitly."""

    kind: ClassVar[str] = "primary_key"
    columns: tuple[str, ...]
    name: str | None = None
    extras: Extras = ()
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Unique:
    """A UNIQUE constraint. extras: deferrable, initially, nulls_not_distinct, include."""

    kind: ClassVar[str] = "unique"
    columns: tuple[str, ...]
    name: str | None = None
    extras: Extras = ()
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A CHECK constraint.

    extras: not_valid, no_inherit, not_enforced; `column` where the constraint belongs to the
    definition of a column, as on MariaDB.
    """

    kind: ClassVar[str] = "check"
    expr: Expr
    name: str | None = None
    extras: Extras = ()
    comment: str | None = None

    @property
    def column(self) -> str | None:
        """The column whose definition contains the constraint; None for one of the table."""
        # a tuple, as all names of columns in extras: a rename of the column applies to them
        names = next((value for key, value in self.extras if key == "column"), ())
        return names[0] if isinstance(names, tuple) and names else None


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A FOREIGN KEY. Actions and match are upper-case keywords, None for the default.

    extras: deferrable, initially, not_valid.
    """

    kind: ClassVar[str] = "foreign_key"
    columns: tuple[str, ...]
    target: Key
    target_columns: tuple[str, ...]
    name: str | None = None
    on_update: str | None = None
    on_delete: str | None = None
    match: str | None = None
    extras: Extras = ()
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Exclude:
    """An EXCLUDE constraint, with its definition as the server prints it."""

    kind: ClassVar[str] = "exclude"
    definition: Expr
    name: str | None = None
    extras: Extras = ()
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class IndexElement:
    """One element of an index: a column name or an expression.

    Args:
        column: the name of the column; None when `expr` is given.
        nulls: "first" or "last" if that is not the default of the order.
        length: prefix length (MySQL).
    """

    column: str | None = None
    expr: Expr | None = None
    descending: bool = False
    nulls: str | None = None
    opclass: str | None = None
    collation: str | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Index:
    """An index. `method` is None for the server's default; extras: storage options etc."""

    kind: ClassVar[str] = "index"
    name: str | None
    elements: tuple[IndexElement, ...]
    unique: bool = False
    where: Expr | None = None
    method: str | None = None
    include: tuple[str, ...] = ()
    extras: Extras = ()
    comment: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the plain columns, in order."""
        return tuple(e.column for e in self.elements if e.column is not None)


Constraint = PrimaryKey | Unique | Check | ForeignKey | Exclude
Part = Column | Constraint | Index


# ── objects ────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its parts.

    extras: engine, charset, collate, row_format, unlogged, storage parameters, tablespace,
    without_rowid, strict, inherits, partition_by, partition_of etc.
    """

    key: Key
    columns: tuple[Column, ...] = ()
    primary_key: PrimaryKey | None = None
    uniques: tuple[Unique, ...] = ()
    checks: tuple[Check, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    excludes: tuple[Exclude, ...] = ()
    indexes: tuple[Index, ...] = ()
    comment: str | None = None
    extras: Extras = ()
    needs: frozenset[Key] = frozenset()

    def column(self, name: str) -> Column | None:
        """Return the column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    def checks_of(self, column: str) -> tuple[Check, ...]:
        """Return the checks that are part of the definition of a column."""
        return tuple(check for check in self.checks if check.column == column)

    @property
    def constraints(self) -> tuple[Constraint, ...]:
        """All constraints, the primary key first."""
        first: tuple[Constraint, ...] = (self.primary_key,) if self.primary_key else ()
        return (*first, *self.uniques, *self.checks, *self.foreign_keys, *self.excludes)


@dataclass(frozen=True, slots=True)
class Enum:
    """A named enum type with its values in order."""

    key: Key
    values: tuple[str, ...]
    comment: str | None = None
    needs: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain over a base type."""

    key: Key
    type: Type
    nullable: bool = True
    default: Expr | None = None
    checks: tuple[Check, ...] = ()
    comment: str | None = None
    needs: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence. `owner` is the (namespace, table, column) that owns it."""

    key: Key
    type: str | None = None
    start: int | None = None
    increment: int | None = None
    minvalue: int | None = None
    maxvalue: int | None = None
    cycle: bool = False
    cache: int | None = None
    owner: Key | None = None
    comment: str | None = None
    needs: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class Namespace:
    """An SQL schema."""

    key: Key
    comment: str | None = None
    needs: frozenset[Key] = frozenset()


@dataclass(frozen=True, slots=True)
class Definition:
    """An object that is defined by its text: view, routine, trigger, policy, extension etc.

    `key` contains its kind. `on` is the table that it belongs to (triggers, policies).
    """

    key: Key
    body: Expr
    on: Key | None = None
    comment: str | None = None
    extras: Extras = ()
    # the server and the models determine the dependencies of a text in different ways
    needs: frozenset[Key] = field(default_factory=frozenset, compare=False)
    # the table columns that the text uses, if the server lists them; otherwise None
    reads: frozenset[Key] | None = field(default=None, compare=False)


def table_key(name: str, namespace: str | None = None) -> Key:
    """Return the key of a table."""
    return Key("table", (namespace, name))


def namespace_key(name: str) -> Key:
    """Return the key of an SQL schema."""
    return Key("namespace", (None, name))


def part_key(owner: Key, part: Part) -> Key:
    """Return the key of a part; a part without a name is identified by its content."""
    name = part.name if part.name is not None else f"?{_content(part)}"
    return Key(part.kind, (*owner.path, name))


def _content(part: Part) -> str:
    match part:
        case PrimaryKey() | Column():
            return part.name or "pk"
        case Unique():
            return _joined(part.columns)
        case Check():
            return part.expr.compared_text
        case ForeignKey():
            target = ".".join(str(word) for word in part.target.path)
            return f"{_joined(part.columns)}>{target}({_joined(part.target_columns)})"
        case Exclude():
            return part.definition.compared_text
        case Index():
            return _joined(
                e.column or (e.expr.compared_text if e.expr else "") for e in part.elements
            )


def _joined(names: Iterable[str]) -> str:
    return ",".join(names)


@dataclass(frozen=True, slots=True)
class Catalog:
    """An immutable set of objects.

    Create one with `Catalog.of(objects)`. Equality does not depend on the order of the objects.
    """

    objects: Mapping[Key, SchemaObject] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, objects: Iterable[SchemaObject]) -> Catalog:
        """Return a catalog of these objects; of two with the same key the later one is used."""
        return cls(MappingProxyType({obj.key: obj for obj in objects}))

    def __iter__(self) -> Iterator[SchemaObject]:
        return iter(self.objects.values())

    def __len__(self) -> int:
        return len(self.objects)

    def __contains__(self, key: object) -> bool:
        return key in self.objects

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Catalog) and dict(self.objects) == dict(other.objects)

    def __hash__(self) -> int:
        return hash(frozenset(self.objects))

    def get(self, key: Key) -> SchemaObject | None:
        """Return the object with the key, or None."""
        return self.objects.get(key)

    def table(self, name: str, namespace: str | None = None) -> Table | None:
        """Return a table by name, or None."""
        table = self.objects.get(Key("table", (namespace, name)))
        return table if isinstance(table, Table) else None

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables, in the order in which they were given."""
        return tuple(obj for obj in self.objects.values() if isinstance(obj, Table))

    def of_kind(self, kind: str) -> tuple[SchemaObject, ...]:
        """Return the objects of one kind."""
        return tuple(obj for key, obj in self.objects.items() if key.kind == kind)

    def filter(self, keep: Callable[[SchemaObject], bool]) -> Catalog:
        """Return a catalog of the objects for which `keep` returns True."""
        objects = {key: obj for key, obj in self.objects.items() if keep(obj)}
        return Catalog(MappingProxyType(objects))

    def merge(self, others: Iterable[SchemaObject]) -> Catalog:
        """Return a catalog with these objects, which replace objects with the same keys."""
        return Catalog.of([*self, *others])

    def without(self, keys: Iterable[Key]) -> Catalog:
        """Return a catalog without the objects with these keys."""
        objects = dict(self.objects)
        for key in keys:
            objects.pop(key, None)
        return Catalog(MappingProxyType(objects))
