"""Convert rows of pg_catalog to tables with all their parts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from limbeck.catalog import (
    Check,
    Column,
    Computed,
    Exclude,
    Expr,
    Extras,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Key,
    PrimaryKey,
    Scalar,
    Table,
    Unique,
    extras,
)
from limbeck.dialects.postgresql.reflect_names import Names, sequence_cache, sequence_options
from limbeck.dialects.postgresql.type_names import is_integer
from limbeck.sql import unquote

Row = list[Any]
K = TypeVar("K", PrimaryKey, Unique)
Options = dict[str, "Scalar | tuple[str, ...]"]

LARGE = ("columns", "constraints", "indexes")
"""The kinds of rows of which each table may have many."""

_ACTIONS = {"r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
_STORAGE = {"p": "plain", "e": "external", "m": "main", "x": "extended"}
_COMPRESSION = {"p": "pglz", "l": "lz4"}
_NEXTVAL = re.compile(r"(?:pg_catalog\.)?nextval\('((?:[^']|'')+)'::(?:pg_catalog\.)?regclass\)")
_TIMING = re.compile(r" (?:NOT )?DEFERRABLE(?: INITIALLY DEFERRED)?$")
_DESCENDING, _NULLS_FIRST = 1, 2


@dataclass(slots=True)
class _Parts:
    """Constraints and indexes of one table; `behind` maps an index to its constraint."""

    primary_key: PrimaryKey | None = None
    uniques: list[Unique] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    excludes: list[Exclude] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    behind: dict[int, tuple[str, int]] = field(default_factory=dict)


class TableReader:
    """Converts rows to tables. `fed` contains the sequences that serial columns own.

    Args:
        names: resolves names and oids.
        rows: rows by their kind.
        large: iterators over the rows of the kinds in `LARGE`.
    """

    def __init__(
        self, names: Names, rows: dict[str, list[Row]], large: dict[str, Iterator[Row]]
    ) -> None:
        self.names = names
        self.rows = rows
        self.large = large
        self.fed: frozenset[tuple[str, str]] = frozenset()
        self.opclasses = dict(rows["opclasses"])
        self.collations = {oid: (namespace, name) for oid, namespace, name in rows["collations"]}
        self.numbers: dict[int, dict[int, str]] = {}
        self.collated: dict[int, dict[int, int]] = {}
        self.alike: dict[tuple[Any, ...], Column] = {}

    def tables(self) -> list[Table]:
        """Return the tables in the order of their names."""
        columns = self.columns()
        parts: dict[int, _Parts] = defaultdict(_Parts)
        for item in self.large["constraints"]:
            self.add_constraint(parts[item[0]], item)
        for row in self.large["indexes"]:
            self.add_index(parts[row[0]], row)
        parents = _grouped(self.rows["parents"])
        return [
            self.table(row, columns.get(row[0], ()), parts[row[0]], parents.get(row[0], []))
            for row in self.rows["tables"]
        ]

    def columns(self) -> dict[int, tuple[Column, ...]]:
        """Return the columns of each table."""
        sequences = {
            (row[9], row[10]): row for row in self.rows["sequences"] if row[11] is not None
        }
        fed: set[tuple[str, str]] = set()
        columns: dict[int, tuple[Column, ...]] = {}
        for oid, cells in self.large["columns"]:
            self.numbers[oid] = {cell[0]: cell[1] for cell in cells}
            self.collated[oid] = {cell[0]: cell[8] for cell in cells if cell[8]}
            columns[oid] = tuple(
                self.column(cell, sequences.get((oid, cell[0])), fed) for cell in cells
            )
        self.fed = frozenset(fed)
        return columns

    def collation(self, oid: int) -> str:
        """Return a collation's name, with its namespace unless that is a system schema."""
        namespace, name = self.collations.get(oid, ("pg_catalog", str(oid)))
        if namespace == "pg_catalog" or self.names.namespace(namespace) is None:
            return str(name)
        return f"{namespace}.{name}"

    # ── columns ───────────────────────────────────────────────────────────

    def column(self, cell: Row, sequence: Row | None, fed: set[tuple[str, str]]) -> Column:
        """Return one column; equal columns share one value."""
        if sequence is not None:
            return self.new_column(cell, sequence, fed)
        values = tuple(cell[1:])
        column = self.alike.get(values)
        if column is None:
            column = self.alike[values] = self.new_column(cell, None, fed)
        return column

    def new_column(self, cell: Row, sequence: Row | None, fed: set[tuple[str, str]]) -> Column:
        """Return one column; the sequence of a serial column is added to `fed`."""
        (_, name, type_oid, type_text, notnull, default_text, identity, generated) = cell[:8]
        collation_oid, collates, comment, storage, compression, inherited = cell[8:]
        collation = self.collation(collation_oid) if collates and collation_oid else None
        type_ = self.names.type(type_oid, type_text, collation)
        default: Expr | Identity | Computed | None = None
        serial = False
        if identity:
            default = _identity(sequence, always=identity == "a")
        elif generated:
            default = Computed(Expr(default_text), stored=generated == "s")
        elif default_text is not None:
            serial = (
                sequence is not None
                and is_integer(type_)
                and _is_default_of(sequence, default_text)
            )
            default = None if serial else Expr(default_text)
        if serial and sequence is not None:
            fed.add((sequence[0], sequence[1]))
        options: Extras = ()
        if serial or storage or compression or inherited:
            options = extras(
                serial=serial,
                inherited=bool(inherited),
                storage=_STORAGE.get(storage) if storage else None,
                compression=_COMPRESSION.get(compression) if compression else None,
            )
        return Column(name, type_, not notnull, default, comment, options)

    # ── a table ───────────────────────────────────────────────────────────

    def table(
        self,
        row: Row,
        columns: tuple[Column, ...],
        parts: _Parts,
        parents: list[Row],
    ) -> Table:
        """Return one table."""
        key = self.names.key("table", row[1], row[2])
        needs: set[Key] = {column.type.ref for column in columns if column.type.ref is not None}
        needs.update(item.target for item in parts.foreign_keys)
        needs.discard(key)
        return Table(
            key,
            columns,
            parts.primary_key,
            tuple(parts.uniques),
            tuple(parts.checks),
            tuple(parts.foreign_keys),
            tuple(parts.excludes),
            tuple(parts.indexes),
            row[6],
            self.table_extras(row, parents),
            frozenset(needs),
        )

    def table_extras(self, row: Row, parents: list[Row]) -> Extras:
        """Return the options of a table."""
        _, _, _, persistence, options, tablespace, _, is_partition, partition_by, toast = row
        extras: Options = _parameters(options, "with.")
        extras.update(_parameters(toast, "with.toast."))
        above = tuple(self.qualified(namespace, name) for _, namespace, name in parents)
        if is_partition and above:
            extras["partition_of"] = above[0]
        elif above:
            extras["inherits"] = above
        if persistence == "u":
            extras["unlogged"] = True
        if tablespace is not None:
            extras["tablespace"] = tablespace
        if partition_by is not None:
            extras["partition_by"] = partition_by
        return tuple(sorted(extras.items()))

    def qualified(self, namespace: str, name: str) -> str:
        """Return a table's name with its namespace, unless that is the default one."""
        known = self.names.namespace(namespace)
        return name if known is None else f"{known}.{name}"

    # ── constraints ───────────────────────────────────────────────────────

    def add_constraint(self, parts: _Parts, item: Row) -> None:
        """Add a constraint to the parts of its table."""
        oid, kind, name = item[:3]
        match kind:
            case "p":
                parts.primary_key = PrimaryKey(
                    self.named(oid, item[3]), name, _deferral(item), item[14]
                )
                parts.behind[item[17]] = (kind, 0)
            case "u":
                parts.behind[item[17]] = (kind, len(parts.uniques))
                columns = self.named(oid, item[3])
                parts.uniques.append(Unique(columns, name, _deferral(item), item[14]))
            case "c":
                parts.checks.append(_check(item))
            case "f":
                parts.foreign_keys.append(self.foreign_key(oid, item))
            case "x":
                parts.behind[item[17]] = (kind, 0)
                text = _TIMING.sub("", item[15])
                parts.excludes.append(Exclude(Expr(text), name, _deferral(item), item[14]))

    def add_index(self, parts: _Parts, row: Row) -> None:
        """Add an index to the parts of its table, or its options to the key that it implements."""
        kind, position = parts.behind.get(row[1], ("", 0))
        if not kind:
            parts.indexes.append(self.index(row[0], row))
        elif kind == "p" and parts.primary_key is not None:
            parts.primary_key = self.with_options(parts.primary_key, row)
        elif kind == "u":
            parts.uniques[position] = self.with_options(parts.uniques[position], row)

    def with_options(self, key: K, index: Row) -> K:
        """Return a key with the options that are stored with its index only."""
        extras: Options = _parameters(index[12], "with.")
        included = self.named(index[0], index[5][index[6] :])
        if included:
            extras["include"] = included
        if index[14]:
            extras["nulls_not_distinct"] = True
        if index[13] is not None:
            extras["tablespace"] = index[13]
        if not extras:
            return key
        return replace(key, extras=tuple(sorted({**dict(key.extras), **extras}.items())))

    def named(self, oid: int, numbers: list[int]) -> tuple[str, ...]:
        """Return the names of columns by their numbers."""
        known = self.numbers[oid]
        return tuple(known[number] for number in numbers)

    def foreign_key(self, oid: int, item: Row) -> ForeignKey:
        """Return one foreign key."""
        on_delete = _ACTIONS.get(item[8])
        if item[16] and on_delete:
            on_delete += f" ({', '.join(self.named(oid, item[16]))})"
        return ForeignKey(
            self.named(oid, item[3]),
            self.names.key("table", item[4], item[5]),
            tuple(item[6]),
            item[2],
            _ACTIONS.get(item[7]),
            on_delete,
            "FULL" if item[9] == "f" else None,
            _deferral(item),
            item[14],
        )

    # ── indexes ───────────────────────────────────────────────────────────

    def index(self, oid: int, row: Row) -> Index:
        """Return one index."""
        (_, _, name, unique, method, keys, count, options, opclasses, collations) = row[:10]
        expressions, where, parameters, tablespace, nulls_not_distinct, valid, comment = row[10:]
        known = self.numbers[oid]
        extras: Options = _parameters(parameters, "with.")
        if tablespace is not None:
            extras["tablespace"] = tablespace
        if nulls_not_distinct:
            extras["nulls_not_distinct"] = True
        if not valid:
            extras["invalid"] = True
        elements = []
        for position in range(count):
            number = keys[position]
            expr = None if number else Expr(expressions[position])
            own = self.collated[oid].get(number) if number else None
            collation = collations[position]
            differs = number and collation and collation != own
            descending, nulls = _direction(options[position])
            elements.append(
                IndexElement(
                    known[number] if number else None,
                    expr,
                    descending,
                    nulls,
                    self.opclasses.get(opclasses[position]),
                    self.collation(collation) if differs else None,
                )
            )
        return Index(
            name,
            tuple(elements),
            unique,
            None if where is None else Expr(where),
            None if method == "btree" else method,
            tuple(known[number] for number in keys[count:]),
            tuple(sorted(extras.items())),
            comment,
        )


def _grouped(rows: Iterable[Row]) -> dict[int, list[Row]]:
    groups: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[0]].append(row)
    return groups


def _direction(option: int) -> tuple[bool, str | None]:
    descending = bool(option & _DESCENDING)
    first = bool(option & _NULLS_FIRST)
    if first == descending:
        return descending, None
    return descending, "first" if first else "last"


def _parameters(options: list[str] | None, prefix: str) -> Options:
    if not options:
        return {}
    pairs = (option.partition("=") for option in options)
    return {prefix + word: value for word, _, value in pairs}


def _identity(sequence: Row | None, *, always: bool) -> Identity:
    if sequence is None:
        return Identity(always)
    options = sequence_options(sequence[2:8])
    return Identity(always, *options, cycle=sequence[8], cache=sequence_cache(sequence[7]))


def _is_default_of(sequence: Row, default: str) -> bool:
    match = _NEXTVAL.fullmatch(default)
    if match is None:
        return False
    name = match[1].replace("''", "'")
    last = re.search(r'(?:^|\.)("(?:[^"]|"")+"|[^".]+)$', name)
    if last is None:
        return False
    return bool(unquote(last[1]) == sequence[1])


def _deferral(item: Row) -> Extras:
    deferrable, deferred, valid, enforced = item[10], item[11], item[12], item[18]
    if not deferrable and valid and enforced:
        return ()
    return extras(
        deferrable=deferrable,
        initially="deferred" if deferred else None,
        not_valid=not valid and enforced,
        not_enforced=not enforced,
    )


def _check(item: Row) -> Check:
    options: Extras = ()
    if item[13] or not item[12] or not item[18]:
        options = extras(
            not_valid=not item[12] and item[18], no_inherit=item[13], not_enforced=not item[18]
        )
    text = item[15]
    return Check(Expr(text), item[2], options, item[14])
