"""Functions, procedures, triggers and extensions that stand beside the models.

The server keeps them in its own words. To compare, what the models say is created for a moment
inside a savepoint, read back in those words, and rolled back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from limbeck.catalog import Catalog, Definition, Expr, Key
from limbeck.dialects.base import Scope
from limbeck.dialects.postgresql import type_words
from limbeck.dialects.postgresql.catalog_queries import quoted
from limbeck.dialects.postgresql.definitions import (
    granted,
    role_name,
    row_security,
    table_name,
)
from limbeck.dialects.postgresql.type_words import quote
from limbeck.diff import Alter, Change, Create, Drop
from limbeck.values import replace

if TYPE_CHECKING:
    from sqlalchemy import Connection

KINDS = frozenset(
    {"function", "procedure", "trigger", "extension", "policy", "row_security", "grant"}
)
_AS_SAID = frozenset({"extension", "row_security", "grant"})
"""Kinds of which there is nothing that the server would say in other words."""
_ROUTINES = ("function", "procedure")
_CREATE = re.compile(r"\s*CREATE\s+(?:OR\s+REPLACE\s+)?", re.IGNORECASE)
_PATIENCE = "200ms"
"""How long a trigger made for a moment waits for its table; then it counts as changed."""


def with_server_signatures(want: Catalog) -> Catalog:
    """Return the models' catalog with routines under the names of types the server uses."""
    found = {thing.key: _renamed(thing) for thing in _beside(want)}
    return want.without(frozenset(found)).merge(found.values())


def _beside(catalog: Catalog) -> list[Definition]:
    return [t for t in catalog if isinstance(t, Definition) and t.key.kind in KINDS]


def _renamed(thing: Definition) -> Definition:
    if thing.key.kind == "row_security" and thing.on is not None:
        return row_security(thing.on, forced=thing.body.text == "FORCE")
    if thing.key.kind == "grant" and thing.on is not None:
        words, _, option = thing.body.text.partition(" WITH ")
        return granted(thing.on, thing.key.name, words.split(","), grantable=bool(option))
    needs = frozenset(_server_key(key) for key in thing.needs)
    return replace(thing, key=_server_key(thing.key), needs=needs)


def _server_key(key: Key) -> Key:
    if key.kind not in _ROUTINES:
        return key
    name, _, rest = key.name.partition("(")
    kinds = [type_words.ddl(type_words.read(kind)) for kind in rest[:-1].split(", ") if kind]
    return Key(key.kind, (*key.path[:-1], f"{name}({', '.join(kinds)})"))


def kept(connection: Connection, have: Catalog, want: Catalog) -> Catalog:
    """Return the models' catalog with these texts as the server would keep them.

    What it refuses, or cannot do in time, keeps its own text without a canonical one.
    """
    both = [thing for thing in _beside(want) if thing.key in have]
    if not both:
        return want
    extensions = [have.things[thing.key] for thing in both if thing.key.kind == "extension"]
    open_ones = [thing for thing in both if thing.key.kind not in _AS_SAID]
    return want.merge([*extensions, *_for_a_moment(connection, open_ones)])


def _bare(text: str) -> str:
    return text.strip().removesuffix(";")


def _for_a_moment(connection: Connection, things: list[Definition]) -> Iterator[Definition]:
    if not things or connection._is_autocommit_isolation():
        return
    # the door of this room is loaded by then; at the top it would be a circle
    from limbeck.dialects.postgresql.reflect import reflect

    guard = connection.begin_nested()
    try:
        refused = _create(connection, things)
        spaces = tuple({thing.key.namespace for thing in things})
        kinds = frozenset(thing.key.kind for thing in things)
        there = reflect(connection, Scope(spaces, kinds=kinds))
    finally:
        guard.rollback()
    for number, thing in enumerate(things):
        found = there.get(thing.key)
        if number not in refused and isinstance(found, Definition):
            yield replace(thing, body=Expr(thing.body.text, _bare(found.body.text)))
        else:
            yield replace(thing, body=Expr(thing.body.text))


def _create(connection: Connection, things: list[Definition]) -> set[int]:
    lines = []
    for number, thing in enumerate(things):
        run = "".join(f"EXECUTE {quoted(sql)}; " for sql in _replacing(thing))
        lines.append(
            f"BEGIN {run}EXCEPTION WHEN OTHERS THEN refused := refused || '{number} '; END;"
        )
    body = "\n".join(lines)
    mark = "limbeck"
    while f"${mark}$" in body:
        mark += "_"
    block = (
        f"DO ${mark}$ DECLARE refused text := ''; BEGIN\n"
        f"PERFORM set_config('lock_timeout', '{_PATIENCE}', true);\n"
        f"{body}\nPERFORM set_config('limbeck.refused', refused, true); END ${mark}$"
    )
    options = {"no_parameters": True}
    connection.exec_driver_sql(block, execution_options=options)
    answer = "SELECT current_setting('limbeck.refused', true)"
    text = connection.exec_driver_sql(answer, execution_options=options).scalar()
    return {int(number) for number in (text or "").split()}


def _replacing(thing: Definition) -> Iterator[str]:
    """Yield what puts a thing into the place of the one that is there."""
    if thing.key.kind in _ROUTINES:
        yield _CREATE.sub("CREATE OR REPLACE ", thing.body.text, count=1)
        return
    yield _drop(thing)
    yield thing.body.text


def statements(change: Change) -> Iterator[str]:
    """Yield the statements for one of these things; nothing for anything else."""
    match change:
        case Create(what=Definition() as thing) if thing.key.kind in KINDS:
            yield thing.body.text
        case Alter(new=Definition() as new) if new.key.kind == "row_security":
            yield new.body.text
        case Drop(what=Definition() as thing) if thing.key.kind in KINDS:
            yield _drop(thing)
        case Alter(old=Definition() as old, new=Definition() as new) if new.key.kind in KINDS:
            # the server has taken it as a replacement, or is asked to for the way back
            is_taken = new.body.canonical is not None and old.body.canonical is not None
            if is_taken and new.key.kind in _ROUTINES:
                yield _CREATE.sub("CREATE OR REPLACE ", new.body.text, count=1)
            else:
                yield _drop(old)
                yield new.body.text


def _drop(thing: Definition) -> str:
    kind, key = thing.key.kind, thing.key
    if kind == "extension":
        return f"DROP EXTENSION {quote(key.name)}"
    if thing.on is not None:
        return _drop_of_table(thing, table_name(thing.on))
    space = "" if key.namespace is None else f"{quote(key.namespace)}."
    name, _, arguments = key.name.partition("(")
    return f"DROP {kind.upper()} {space}{quote(name)}({arguments}"


def _drop_of_table(thing: Definition, table: str) -> str:
    match thing.key.kind:
        case "row_security":
            words = "DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY"
            return f"ALTER TABLE {table} {words}"
        case "grant":
            return f"REVOKE ALL ON {table} FROM {role_name(thing.key.name)}"
        case kind:
            return f"DROP {kind.upper()} {quote(thing.key.name)} ON {table}"
