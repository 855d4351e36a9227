"""DDL and canonical text of functions, triggers, policies, extensions and other objects.

The server rewrites their text. For a comparison, the objects of the models are created inside a
savepoint, read, and rolled back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from limbeck.catalog import Catalog, Definition, Expr, Key, SchemaObject
from limbeck.dialects.dialect import Scope
from limbeck.dialects.postgresql import type_names
from limbeck.dialects.postgresql.catalog_queries import quoted
from limbeck.dialects.postgresql.qualified_sql import qualified
from limbeck.dialects.postgresql.reflect_definitions import (
    granted,
    granted_name,
    role_name,
    row_security,
    table_name,
)
from limbeck.diff import Alter, Change, Create, Drop
from limbeck.sql import quote_identifier

if TYPE_CHECKING:
    from sqlalchemy import Connection

KINDS = frozenset(
    {
        "function", "procedure", "trigger", "extension", "policy", "row_security", "grant",
        "view_index",
    }
)  # fmt: skip
_UNCHANGED_KINDS = frozenset({"extension", "row_security", "grant"})
"""Kinds whose text the server does not rewrite."""
_ROUTINES = ("function", "procedure")
_WORDS = {"materialized_view": "MATERIALIZED VIEW", "view_index": "INDEX"}
_CREATE = re.compile(r"\s*CREATE\s+(?:OR\s+REPLACE\s+)?", re.IGNORECASE)
_NAME = r'(?:"(?:[^"]|"")*"|[\w$]+)'
_INDEX = re.compile(
    rf"\s*CREATE\s+(?P<unique>UNIQUE\s+)?INDEX\s+(?:CONCURRENTLY\s+)?(?:IF\s+NOT\s+EXISTS\s+)?"
    rf"(?:{_NAME}\s+)?ON\s+(?:ONLY\s+)?(?P<table>{_NAME}(?:\s*\.\s*{_NAME})?)\s*(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_SCRATCH = "limbeck_scratch_view"
_PRINT_INDEX = qualified(
    "SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i"  # noqa: S608 - a name of our own
    f" WHERE i.indrelid = 'pg_temp.{_SCRATCH}'::text::regclass"
)
_PATIENCE = "200ms"
"""Lock timeout for scratch objects. An object that cannot be created in time counts as changed."""


def with_server_signatures(want: Catalog) -> Catalog:
    """Return the models' catalog with routines under the type names that the server uses."""
    renamed = {obj.key: _renamed(obj) for obj in _definitions(want)}
    return want.without(frozenset(renamed)).merge(renamed.values())


def _definitions(catalog: Catalog) -> list[Definition]:
    return [t for t in catalog if isinstance(t, Definition) and t.key.kind in KINDS]


def _renamed(obj: Definition) -> Definition:
    if obj.key.kind == "row_security" and obj.on is not None:
        return row_security(obj.on, forced=obj.body.text == "FORCE")
    if obj.key.kind == "grant" and obj.on is not None:
        head, _, option = obj.body.text.partition(" WITH ")
        on = _server_key(obj.on)
        return granted(on, obj.key.name, head.split(","), grantable=bool(option))
    needs = frozenset(_server_key(key) for key in obj.needs)
    return replace(obj, key=_server_key(obj.key), needs=needs)


def _server_key(key: Key) -> Key:
    if key.kind not in _ROUTINES:
        return key
    name, _, rest = key.name.partition("(")
    kinds = [type_names.ddl(type_names.read(kind)) for kind in rest[:-1].split(", ") if kind]
    return Key(key.kind, (*key.path[:-1], f"{name}({', '.join(kinds)})"))


def with_server_texts(connection: Connection, have: Catalog, want: Catalog) -> Catalog:
    """Return the models' catalog with the texts of these objects as the server would store them.

    Objects that the server refuses or cannot create in time keep their text, without a canonical
    one.
    """
    both = [obj for obj in _definitions(want) if obj.key in have]
    if not both:
        return want
    extensions = [
        replace(obj, body=have.objects[obj.key].body)  # type: ignore[attr-defined]
        for obj in both
        if obj.key.kind == "extension"
    ]
    indexes = [
        obj for obj in both if obj.key.kind == "view_index" and _differs(have.objects[obj.key], obj)
    ]
    open_ones = [obj for obj in both if obj.key.kind not in {*_UNCHANGED_KINDS, "view_index"}]
    printed = [*extensions, *_printed_indexes(connection, indexes)]
    return want.merge([*printed, *_as_stored(connection, open_ones)])


def _differs(one: SchemaObject, other: Definition) -> bool:
    return isinstance(one, Definition) and one.body != other.body


# ── indexes of views ──────────────────────────────────────────────────────


def with_bare_indexes(catalog: Catalog) -> Catalog:
    """Return a catalog in which the text of view indexes omits their names and tables."""
    indexes = [
        replace(obj, body=Expr(obj.body.text, bare_index(obj.body.text)))
        for obj in catalog
        if isinstance(obj, Definition) and obj.key.kind == "view_index"
    ]
    return catalog.merge(indexes) if indexes else catalog


def bare_index(text: str) -> str:
    """Return the text of a CREATE INDEX without the names of the index and of its table."""
    match = _INDEX.match(text)
    if match is None:
        return " ".join(text.split())
    rest = " ".join(match["rest"].split())
    method = "" if rest.upper().startswith("USING ") else "USING btree "
    return f"{'UNIQUE ' if match['unique'] else ''}{method}{rest}"


def _printed_indexes(connection: Connection, objects: list[Definition]) -> Iterator[Definition]:
    """Yield indexes as the server prints them, on a temporary table with the view's columns."""
    for obj in objects:
        match = _INDEX.match(obj.body.text)
        if match is None or obj.on is None:
            continue
        table = f"CREATE TEMPORARY TABLE {_SCRATCH} AS TABLE {table_name(obj.on)}"
        index = f"CREATE {match['unique'] or ''} INDEX ON pg_temp.{_SCRATCH} {match['rest']}"
        text = _answer_after(connection, (f"{table} WITH NO DATA", index), _PRINT_INDEX)
        if text is not None:
            yield replace(obj, body=Expr(obj.body.text, bare_index(text)))


def _answer_after(connection: Connection, statements: Iterable[str], answer: str) -> str | None:
    """Return the answer after statements that are rolled back; None if they are refused."""
    from sqlalchemy.exc import DBAPIError

    options = {"no_parameters": True}
    if connection._is_autocommit_isolation():
        return None
    guard = connection.begin_nested()
    try:
        for sql in statements:
            connection.exec_driver_sql(sql, execution_options=options)
        text = connection.exec_driver_sql(answer, execution_options=options).scalar()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        return None
    finally:
        if guard.is_active:
            guard.rollback()
    return None if text is None else str(text)


# ── all else ──────────────────────────────────────────────────────────────


def _without_semicolon(text: str) -> str:
    return text.strip().removesuffix(";")


def _as_stored(connection: Connection, objects: list[Definition]) -> Iterator[Definition]:
    if not objects or connection._is_autocommit_isolation():
        return
    # imported here because that module imports this one
    from limbeck.dialects.postgresql.reflect import reflect

    guard = connection.begin_nested()
    try:
        refused = _create(connection, objects)
        spaces = tuple({obj.key.namespace for obj in objects})
        kinds = frozenset(obj.key.kind for obj in objects)
        catalog = reflect(connection, Scope(spaces, kinds=kinds))
    finally:
        guard.rollback()
    for number, obj in enumerate(objects):
        stored = catalog.get(obj.key)
        if number not in refused and isinstance(stored, Definition):
            yield replace(obj, body=Expr(obj.body.text, _without_semicolon(stored.body.text)))
        else:
            yield replace(obj, body=Expr(obj.body.text))


def _create(connection: Connection, objects: list[Definition]) -> set[int]:
    lines = []
    for number, obj in enumerate(objects):
        run = "".join(f"EXECUTE {quoted(sql)}; " for sql in _replacing(obj))
        lines.append(
            f"BEGIN {run}EXCEPTION WHEN OTHERS THEN"
            f" refused := refused OPERATOR(pg_catalog.||) '{number} '; END;"
        )
    body = "\n".join(lines)
    mark = "limbeck"
    while f"${mark}$" in body:
        mark += "_"
    block = (
        f"DO ${mark}$ DECLARE refused pg_catalog.text := ''; BEGIN\n"
        f"PERFORM pg_catalog.set_config('lock_timeout', '{_PATIENCE}', true);\n"
        f"{body}\nPERFORM pg_catalog.set_config('limbeck.refused', refused, true); END ${mark}$"
    )
    options = {"no_parameters": True}
    connection.exec_driver_sql(block, execution_options=options)
    answer = "SELECT pg_catalog.current_setting('limbeck.refused', true)"
    text = connection.exec_driver_sql(answer, execution_options=options).scalar()
    return {int(number) for number in (text or "").split()}


def _replacing(obj: Definition) -> Iterator[str]:
    """Yield the statements that replace an existing object."""
    if obj.key.kind in _ROUTINES:
        yield _CREATE.sub("CREATE OR REPLACE ", obj.body.text, count=1)
        return
    yield _drop(obj)
    yield obj.body.text


def statements(change: Change) -> Iterator[str]:
    """Yield the statements for one of these objects; nothing for other objects."""
    match change:
        case Create(what=Definition() as obj) if obj.key.kind in KINDS:
            yield from _create_statements(obj)
        case Alter(new=Definition() as new) if new.key.kind == "row_security":
            yield new.body.text
        case Drop(what=Definition() as obj) if obj.key.kind in KINDS:
            yield _drop(obj)
        case Alter(old=Definition() as old, new=Definition() as new) if new.key.kind in KINDS:
            if change.fields <= {"comment"}:
                yield comment(new)
                return
            # the server accepted the text as a replacement
            is_taken = new.body.canonical is not None and old.body.canonical is not None
            if is_taken and new.key.kind in _ROUTINES:
                yield _CREATE.sub("CREATE OR REPLACE ", new.body.text, count=1)
                if old.comment != new.comment:
                    yield comment(new)
            else:
                yield _drop(old)
                yield from _create_statements(new)


def _create_statements(obj: Definition) -> Iterator[str]:
    yield obj.body.text
    if obj.comment is not None and obj.key.kind != "extension":
        yield comment(obj)
    known = dict(obj.extras)
    enabled = known.get("enabled")
    if enabled and obj.on is not None:
        word = {"disabled": "DISABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS"}
        name = quote_identifier(obj.key.name)
        yield f"ALTER TABLE {table_name(obj.on)} {word[str(enabled)]} TRIGGER {name}"
    afterwards = known.get("afterwards")
    yield from afterwards if isinstance(afterwards, tuple) else ()


def comment(obj: Definition) -> str:
    """Return the statement that sets or removes the comment of an object."""
    value = "NULL" if obj.comment is None else quoted(obj.comment)
    return f"COMMENT ON {_place(obj)} IS {value}"


def _place(obj: Definition) -> str:
    kind, key = obj.key.kind, obj.key
    word = _WORDS.get(kind, kind.upper())
    if kind in {"trigger", "policy"} and obj.on is not None:
        return f"{word} {quote_identifier(key.name)} ON {table_name(obj.on)}"
    space = "" if key.namespace is None else f"{quote_identifier(key.namespace)}."
    if kind not in _ROUTINES:
        return f"{word} {space}{quote_identifier(key.name)}"
    name, _, arguments = key.name.partition("(")
    return f"{word} {space}{quote_identifier(name)}({arguments}"


def _drop(obj: Definition) -> str:
    kind = obj.key.kind
    if obj.on is not None and kind != "view_index":
        return _drop_of_table(obj, table_name(obj.on))
    return f"DROP {_place(obj)}"


def _drop_of_table(obj: Definition, table: str) -> str:
    match obj.key.kind:
        case "row_security":
            text = "DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY"
            return f"ALTER TABLE {table} {text}"
        case "grant":
            granted = table if obj.on is None else granted_name(obj.on)
            return f"REVOKE ALL ON {granted} FROM {role_name(obj.key.name)}"
        case kind:
            return f"DROP {kind.upper()} {quote_identifier(obj.key.name)} ON {table}"
