"""Identity and serial columns, and values of a new column for existing rows."""

from __future__ import annotations

from limbeck.catalog import Catalog, Column, Enum, Identity, Key, Sequence
from limbeck.dialects.postgresql.autogenerate import joined
from limbeck.sql import quote_literal, quote_path

_FILLS = {
    "smallint": "0", "integer": "0", "bigint": "0", "numeric": "0", "real": "0",
    "double precision": "0", "money": "0", "boolean": "false", "text": "''", "citext": "''",
    "character varying": "''", "character": "''", "name": "''", "bytea": "''",
    "date": "CURRENT_DATE",
    "timestamp without time zone": "now()", "timestamp with time zone": "now()",
    "time without time zone": "'00:00'", "time with time zone": "'00:00+00'", "interval": "'0'",
    "json": "'{}'", "jsonb": "'{}'", "uuid": "'00000000-0000-0000-0000-000000000000'",
    "inet": "'0.0.0.0'", "cidr": "'0.0.0.0/0'", "bit varying": "''", "oid": "0",
    "tsvector": "''", "tsquery": "''",
}  # fmt: skip


def fill(column: Column, catalog: Catalog) -> str | None:
    """Return a neutral value of a column's type as SQL; None if there is none."""
    type_ = column.type
    if type_.dimensions:
        return "'{}'"
    if type_.ref is not None:
        kind = catalog.get(type_.ref)
        if isinstance(kind, Enum) and kind.values:
            return quote_literal(kind.values[0])
        return None
    if type_.name.endswith(("range", "multirange")):
        return "'{}'" if type_.name.endswith("multirange") else "'empty'"
    return _FILLS.get(type_.name)


def counter(owner: Key, old: Column, new: Column) -> tuple[str | None, str | None]:
    """Return the statements before and after a change of an identity or serial column.

    Args:
        owner: the table.
        old: the column in the database.
        new: the column in its final form.
    """
    had, has = _is_serial(old), _is_serial(new)
    if had and not has:
        last = _moved_on(owner, new) if isinstance(new.default, Identity) else None
        return _stopped(owner, new), last
    if has and not had:
        return None, _started(owner, new)
    if has and old.type != new.type:
        return None, _retyped(owner, new)
    if isinstance(new.default, Identity) and not isinstance(old.default, Identity):
        return None, _moved_on(owner, new)
    return None, None


def add_serial(owner: Key, column: Column) -> str:
    """Return the statement that adds a column with a sequence that it owns, like serial.

    Args:
        owner: the table.
        column: the column, of an integer type.
    """
    word = {"smallint": "smallserial", "bigint": "bigserial"}.get(column.type.name, "serial")
    table, name = quote_path(*owner.path), quote_path(column.name)
    if column.nullable:
        # a single ALTER TABLE cannot add a column and change it
        return (
            f"DO $limbeck$ BEGIN ALTER TABLE {table} ADD COLUMN {name} {word}; "
            f"ALTER TABLE {table} ALTER COLUMN {name} DROP NOT NULL; END $limbeck$"
        )
    return f"ALTER TABLE {table} ADD COLUMN {name} {word}"


def identity(column: Column) -> dict[str, object]:
    """Return all options of an identity column, including the server's defaults."""
    identity = column.default
    return _whole(column, identity) if isinstance(identity, Identity) else {}


def whole_sequence(sequence: Sequence) -> dict[str, object]:
    """Return all options of a sequence, including the server's defaults."""
    kind = sequence.type or "bigint"
    return {"data_type": kind, **_options(sequence, kind)}


def _whole(column: Column, identity: Identity) -> dict[str, object]:
    return {"always": identity.always, **_options(identity, column.type.name)}


def _options(sequence: Identity | Sequence, kind: str) -> dict[str, object]:
    limit = {"smallint": 2**15, "integer": 2**31}.get(kind, 2**63)
    step = sequence.increment or 1
    low, high = (1, limit - 1) if step > 0 else (-limit, -1)
    low = low if sequence.minvalue is None else sequence.minvalue
    high = high if sequence.maxvalue is None else sequence.maxvalue
    first = low if step > 0 else high
    return {
        "start": first if sequence.start is None else sequence.start,
        "increment": step,
        "minvalue": low,
        "maxvalue": high,
        "cycle": bool(sequence.cycle),
        "cache": sequence.cache or 1,
    }


def _is_serial(column: Column) -> bool:
    return bool(dict(column.extras).get("serial"))


def _sequence_of(owner: Key, column: Column) -> str:
    table = quote_literal(quote_path(*owner.path))
    return f"pg_catalog.pg_get_serial_sequence({table}, {quote_literal(column.name)})"


def _stopped(owner: Key, column: Column) -> str:
    return (
        "DO $limbeck$\n"
        f"DECLARE counter pg_catalog.text := {_sequence_of(owner, column)};\n"
        "BEGIN\n"
        f"    ALTER TABLE {quote_path(*owner.path)}"
        f" ALTER COLUMN {quote_path(column.name)} DROP DEFAULT;\n"
        "    EXECUTE 'DROP SEQUENCE ' OPERATOR(pg_catalog.||) counter;\n"
        "END $limbeck$"
    )


def _started(owner: Key, column: Column) -> str:
    table, name = quote_path(*owner.path), quote_path(column.name)
    sequence = quote_path(owner.namespace, joined(owner.name, column.name, "seq"))
    return (
        "DO $limbeck$ BEGIN\n"
        f"    CREATE SEQUENCE {sequence} AS {column.type.name} OWNED BY {table}.{name};\n"
        f"    ALTER TABLE {table} ALTER COLUMN {name}"
        f" SET DEFAULT pg_catalog.nextval({quote_literal(sequence)});\n"
        f"    PERFORM pg_catalog.setval({quote_literal(sequence)}, pg_catalog.max({name}))"
        f" FROM {table} HAVING pg_catalog.max({name}) OPERATOR(pg_catalog.>) 0;\n"
        "END $limbeck$"
    )


def _retyped(owner: Key, column: Column) -> str:
    return (
        "DO $limbeck$ BEGIN\n"
        f"    EXECUTE 'ALTER SEQUENCE ' OPERATOR(pg_catalog.||) {_sequence_of(owner, column)} "
        f"OPERATOR(pg_catalog.||) ' AS {column.type.name}';\n"
        "END $limbeck$"
    )


def _moved_on(owner: Key, column: Column) -> str | None:
    """Return the statement that continues an identity after the values of existing rows."""
    identity = column.default
    if not isinstance(identity, Identity):
        return None
    if (identity.increment or 1) < 0:
        return None
    whole = _whole(column, identity)
    table, name = quote_path(*owner.path), quote_path(column.name)
    return (
        f"SELECT pg_catalog.setval({_sequence_of(owner, column)}, pg_catalog.max({name}))"  # noqa: S608 - names are quoted
        f" FROM {table} HAVING pg_catalog.max({name}) OPERATOR(pg_catalog.>=) {whole['start']}"
        f" AND pg_catalog.max({name}) OPERATOR(pg_catalog.<=) {whole['maxvalue']}"
    )
