"""Normalize both catalogs to the form in which PostgreSQL prints them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from limbeck.catalog import (
    Catalog,
    Column,
    Domain,
    Extras,
    Identity,
    Index,
    IndexElement,
    Key,
    SchemaObject,
    Sequence,
    Table,
    Type,
)
from limbeck.dialects.canonical import canonicalized, unresolved_questions, with_server_text
from limbeck.dialects.implicit_defaults import (
    DefaultRules,
    option,
    stated_only,
    without,
    without_defaults,
)
from limbeck.dialects.own_queries import collector_paused, left_as_found
from limbeck.dialects.postgresql import type_names
from limbeck.dialects.postgresql.definition_ddl import with_bare_indexes, with_server_texts
from limbeck.dialects.postgresql.expression_rules import PostgresqlExpressionNormalizer
from limbeck.dialects.postgresql.qualified_sql import qualified
from limbeck.dialects.postgresql.server_canonical import printed

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LIMITS = {"smallint": 2**15, "integer": 2**31, "bigint": 2**63}
_SWITCHES = {"on": "true", "yes": "true", "off": "false", "no": "false"}
_SERIALS = frozenset({"serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"})
_COLUMN_TUNING = frozenset({"storage", "compression"})
_USUAL_OPCLASSES = frozenset(
    f"{name}_ops"
    for name in (
        "int2", "int4", "int8", "text", "varchar", "bpchar", "date", "time", "timetz",
        "timestamp", "timestamptz", "interval", "uuid", "numeric", "float4", "float8", "bool",
        "bytea", "inet", "cidr", "macaddr", "bit", "varbit", "array", "jsonb", "tsvector",
        "range", "enum", "oid", "name", "money",
    )
)  # fmt: skip


@collector_paused()
def normalize(
    have: Catalog, want: Catalog, connection: Connection | None
) -> tuple[Catalog, Catalog]:
    """Return both catalogs in the same form; the server prints what the text does not decide."""
    spell = PostgresqlExpressionNormalizer()
    have = canonicalized(
        without_defaults(_with_server_types(have), RULES), spell, type_names.canonical_type
    )
    want = canonicalized(
        without_defaults(_with_server_types(want), RULES), spell, type_names.canonical_type
    )
    if connection is not None:
        with left_as_found(connection):
            have = _without_default_indexes(have, want, connection)
    have, want = _paired(with_bare_indexes(have), with_bare_indexes(want))
    questions = unresolved_questions(have, want) if connection is not None else ()
    if connection is not None and questions:
        with left_as_found(connection):
            answers = printed(connection, have, want, questions)
        want = with_server_text(want, answers, spell, type_names.read)
    if connection is not None:
        with left_as_found(connection):
            want = with_server_texts(connection, have, want)
    return have, _named_domains(have, want)


def _identity(column: Column, identity: Identity) -> Identity:
    kind = type_names.canonical_type(column.type).name
    options = _options(identity, kind)
    return Identity(identity.always, *options, cycle=bool(identity.cycle), cache=_cache(identity))


def _cache(obj: Identity | Sequence) -> int | None:
    return None if obj.cache in {None, 1} else obj.cache


def _options(
    obj: Identity | Sequence, kind: str
) -> tuple[int | None, int | None, int | None, int | None]:
    limit = _LIMITS.get(kind, 2**63)
    increment = obj.increment or 1
    least, most = (1, limit - 1) if increment > 0 else (-limit, -1)
    low = least if obj.minvalue is None else obj.minvalue
    high = most if obj.maxvalue is None else obj.maxvalue
    first = low if increment > 0 else high
    return (
        None if obj.start in {None, first} else obj.start,
        None if increment == 1 else increment,
        None if low == least else low,
        None if high == most else high,
    )


RULES = DefaultRules(identity=_identity)


def _with_server_types(catalog: Catalog) -> Catalog:
    return Catalog.of(_mended_object(obj) for obj in catalog)


def _mended_object(obj: SchemaObject) -> SchemaObject:
    if isinstance(obj, Table):
        return replace(
            obj,
            columns=tuple(_serial(column) for column in obj.columns),
            indexes=tuple(_index(index) for index in obj.indexes),
            extras=_parameters(obj.extras),
        )
    if isinstance(obj, Sequence):
        kind = type_names.read(obj.type).name if obj.type else "bigint"
        start, increment, low, high = _options(obj, kind)
        return replace(
            obj,
            type=None if kind == "bigint" else kind,
            start=start,
            increment=increment,
            minvalue=low,
            maxvalue=high,
            cycle=bool(obj.cycle),
            cache=_cache(obj),
        )
    return obj


def _serial(column: Column) -> Column:
    """Return a column whose serial type is replaced by an integer with a sequence."""
    if column.type.name.lower() not in _SERIALS or option(column.extras, "serial"):
        return column
    return replace(column, nullable=False, extras=tuple(sorted([*column.extras, ("serial", True)])))


def _parameters(pairs: Extras) -> Extras:
    if not pairs:
        return pairs
    parameters = []
    for word, value in pairs:
        if not word.startswith("with."):
            parameters.append((word, value))
            continue
        parameters.append((word.lower(), str(value).lower()))
    return tuple(sorted(parameters))


def _plain_value(value: object) -> object:
    return _SWITCHES.get(str(value), value)


def _spelled_as(have: Extras, want: Extras) -> Extras:
    """Write boolean options as the database does if both mean the same."""
    known = dict(have)
    return tuple(
        (
            word,
            known[word]
            if word in known and _plain_value(known[word]) == _plain_value(value)
            else value,
        )
        for word, value in want
    )


def _index(index: Index) -> Index:
    return replace(
        index,
        elements=tuple(_element(element) for element in index.elements),
        extras=_parameters(index.extras),
    )


def _element(element: IndexElement) -> IndexElement:
    opclass = element.opclass
    if opclass is not None and opclass in _USUAL_OPCLASSES:
        return replace(element, opclass=None)
    return element


def _named_domains(have: Catalog, want: Catalog) -> Catalog:
    # A domain is altered as a whole: its unnamed checks get the names that the server gave them.
    domains: list[SchemaObject] = []
    for obj in want:
        other = have.get(obj.key) if isinstance(obj, Domain) else None
        if isinstance(obj, Domain) and isinstance(other, Domain):
            names = {check.expr.compared_text: check.name for check in other.checks}
            checks = tuple(
                check if check.name else replace(check, name=names.get(check.expr.compared_text))
                for check in obj.checks
            )
            domains.append(replace(obj, checks=checks))
    return want.merge(domains) if domains else want


# ── what needs both sides ─────────────────────────────────────────────────


def _paired(have: Catalog, want: Catalog) -> tuple[Catalog, Catalog]:
    ours: list[SchemaObject] = []
    theirs: dict[object, SchemaObject] = {obj.key: obj for obj in want}
    for obj in have:
        other = want.get(obj.key)
        if not isinstance(obj, Table):
            ours.append(obj)
            continue
        table = _without_inherited(obj, other)
        if isinstance(other, Table):
            current, target = _paired_tables(table, other)
            ours.append(current)
            theirs[other.key] = target
        elif option(obj.extras, "partition_of") is None:
            ours.append(table)
    return Catalog.of(ours), Catalog.of(theirs.values())


def _without_inherited(have: Table, want: SchemaObject | None) -> Table:
    """Omit the columns that only a parent table defines; models may repeat them."""
    if option(have.extras, "inherits") is None:
        return have
    declared = {column.name for column in want.columns} if isinstance(want, Table) else set()
    columns = [
        replace(column, extras=without(column.extras, "inherited"))
        for column in have.columns
        if column.name in declared or not option(column.extras, "inherited")
    ]
    return replace(have, columns=tuple(columns))


def _paired_tables(have: Table, want: Table) -> tuple[Table, Table]:
    if have == want:
        return have, want
    wanted = {column.name: column for column in want.columns}
    present = {column.name: column for column in have.columns}
    tuning = frozenset(word for word, _ in have.extras if "autovacuum" in word)
    current = replace(
        have,
        columns=tuple(
            _with_stated_options(column, wanted.get(column.name)) for column in have.columns
        ),
        extras=stated_only(have.extras, want.extras, tuning) if tuning else have.extras,
    )
    indexes = {index.name: index.extras for index in have.indexes}
    target = replace(
        want,
        extras=_spelled_as(have.extras, want.extras),
        indexes=tuple(
            replace(index, extras=_spelled_as(indexes.get(index.name, ()), index.extras))
            if index.extras
            else index
            for index in want.indexes
        ),
        columns=tuple(
            _with_type_reference(column, present.get(column.name)) for column in want.columns
        ),
    )
    return current, target


def _with_stated_options(have: Column, want: Column | None) -> Column:
    if want is None or not have.extras:
        return have
    return replace(have, extras=stated_only(have.extras, want.extras, _COLUMN_TUNING))


def _with_type_reference(want: Column, have: Column | None) -> Column:
    # A model may use the name of an enum or domain without declaring which of the two it is.
    if have is None or have.type.ref is None or want.type.ref is not None:
        return want
    name = want.type.name.rpartition(".")[2]
    if name.lower() != have.type.name.lower() or want.type.dimensions != have.type.dimensions:
        return want
    return replace(want, type=_with_ref(want.type, have.type))


def _with_ref(want: Type, have: Type) -> Type:
    return replace(have, collation=want.collation)


# ── TimescaleDB ───────────────────────────────────────────────────────────

_LONGEST = 63
_IS_INSTALLED = sa.text(
    qualified("SELECT EXISTS (SELECT 1 FROM pg_extension x WHERE x.extname = 'timescaledb')")
)
_HYPERTABLES = sa.text(
    "SELECT d.hypertable_schema, d.hypertable_name, d.column_name"
    " FROM timescaledb_information.dimensions AS d"
)


def _without_default_indexes(have: Catalog, want: Catalog, connection: Connection) -> Catalog:
    """Return the reflected catalog without indexes of hypertables that the models do not declare.

    `create_hypertable` adds an index on the time column, as the last of its columns.

    Source: https://docs.tigerdata.com/api/latest/hypertable/create_hypertable/

    Args:
        have: the reflected catalog.
        want: the catalog of the models.
        connection: a connection to the database, used only if there is such an index.
    """
    automatic = {
        table: names
        for table in have
        if isinstance(table, Table) and (names := _candidates(table, want))
    }
    if not automatic or not connection.execute(_IS_INSTALLED).scalar():
        return have
    default = connection.dialect.default_schema_name
    dimensions = {
        (Key("table", (None if schema == default else schema, name)), column)
        for schema, name, column in connection.execute(_HYPERTABLES)
    }
    changed = [
        replace(
            table,
            indexes=tuple(
                index
                for index in table.indexes
                if index.name not in names
                or (table.key, index.elements[-1].column) not in dimensions
            ),
        )
        for table, names in automatic.items()
    ]
    return have.merge(changed)


def _candidates(table: Table, want: Catalog) -> frozenset[str]:
    """Return the names of indexes that the models lack and that a hypertable could have."""
    wanted = want.objects.get(table.key)
    if not isinstance(wanted, Table):
        return frozenset()
    declared = {index.name for index in wanted.indexes}
    return frozenset(
        str(index.name)
        for index in table.indexes
        if index.name not in declared and _is_default(table.key.name, index)
    )


def _is_default(table: str, index: Index) -> bool:
    columns = [element.column for element in index.elements]
    if index.unique or index.where is not None or not all(columns):
        return False
    name = "_".join([table, *map(str, columns), "idx"])
    return index.name == name[:_LONGEST] and index.elements[-1].descending
