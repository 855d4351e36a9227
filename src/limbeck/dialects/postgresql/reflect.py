"""Read the catalog of a PostgreSQL database in one round trip."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from limbeck.catalog import (
    Catalog,
    Check,
    Domain,
    Enum,
    Expr,
    Key,
    Namespace,
    SchemaObject,
    Sequence,
    extras,
)
from limbeck.dialects.dialect import Scope
from limbeck.dialects.own_queries import collector_paused, fetch
from limbeck.dialects.postgresql.catalog_queries import DEFAULT_KINDS, statement
from limbeck.dialects.postgresql.reflect_definitions import definitions
from limbeck.dialects.postgresql.reflect_names import Names, sequence_cache, sequence_options
from limbeck.dialects.postgresql.reflect_tables import LARGE, TableReader

if TYPE_CHECKING:
    from sqlalchemy import Connection

Row = list[Any]
_SEPARATOR = re.compile(r"[\s,]*")


@collector_paused()
def reflect(connection: Connection, scope: Scope) -> Catalog:
    """Return the catalog in one statement, independent of the number of tables.

    Raises:
        DatabaseError: the server refused to read one of its catalogs.
    """
    kinds = (DEFAULT_KINDS if scope.kinds is None else scope.kinds) | scope.also
    version = cast("tuple[int, ...]", connection.dialect.server_version_info or (12,))
    raw = {row[0]: row[1] for row in fetch(connection, statement(scope, kinds, version))}
    default = raw.pop("default")
    rows: dict[str, list[Row]] = defaultdict(list)
    large = {name: members(raw.pop(name, "[]")) for name in LARGE}
    rows.update({name: json.loads(text) for name, text in raw.items()})
    return Catalog.of(_objects(Names(default, rows["types"]), rows, large, kinds))


def _objects(
    names: Names,
    rows: dict[str, list[Row]],
    large: dict[str, Iterator[Row]],
    kinds: frozenset[str],
) -> list[SchemaObject]:
    objects: list[SchemaObject] = []
    for name, comment in rows["namespaces"]:
        if name != names.default:
            objects.append(Namespace(Key("namespace", (None, name)), comment))
    for namespace, name, labels, comment in rows["labels"]:
        objects.append(Enum(names.key("enum", namespace, name), tuple(labels or ()), comment))
    objects.extend(_domains(names, rows))
    reader = TableReader(names, rows, large)
    tables = reader.tables()
    if "sequence" in kinds:
        objects.extend(_sequences(names, rows["sequences"], reader.fed))
    objects.extend(tables)
    objects.extend(definitions(names, rows))
    return objects


def _domains(names: Names, rows: dict[str, list[Row]]) -> list[Domain]:
    checks: dict[int, list[Check]] = defaultdict(list)
    for oid, name, text, valid in rows["domain_checks"]:
        checks[oid].append(Check(Expr(text), name, extras(not_valid=not valid)))
    domains: list[Domain] = []
    for oid, namespace, name, text, base, notnull, default, comment, collation in rows["domains"]:
        type_ = names.type(base, text, collation)
        needs = frozenset({type_.ref}) if type_.ref is not None else frozenset()
        key = names.key("domain", namespace, name)
        value = None if default is None else Expr(default)
        parts = tuple(checks[oid])
        domains.append(Domain(key, type_, not notnull, value, parts, comment, needs))
    return domains


def _sequences(names: Names, rows: list[Row], fed: frozenset[tuple[str, str]]) -> list[Sequence]:
    sequences: list[Sequence] = []
    for row in rows:
        namespace, name = row[0], row[1]
        if row[11] == "i" or (namespace, name) in fed:
            continue
        owner = None
        if row[11] == "a":
            owner = Key("column", (names.namespace(row[13]), row[14], row[15]))
        sequences.append(
            Sequence(
                names.key("sequence", namespace, name),
                None if row[2] == "bigint" else row[2],
                *sequence_options(row[2:8]),
                cycle=row[8],
                cache=sequence_cache(row[7]),
                owner=owner,
                comment=row[12],
            )
        )
    return sequences


def members(text: str) -> Iterator[Any]:
    """Decode a JSON array one element at a time.

    Decoding it as a whole takes five times the memory of the resulting catalog.

    Args:
        text: an array of arrays.
    """
    decode = json.JSONDecoder().raw_decode
    position = text.find("[", 1)
    while position > 0:
        member, position = decode(text, position)
        yield member
        separator = _SEPARATOR.match(text, position)
        position = separator.end() if separator is not None else position
        if text.startswith("]", position):
            return
