"""Read views, routines, triggers, policies and extensions as text-defined objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from limbeck.catalog import Definition, Expr, Key, extras
from limbeck.dialects.postgresql.reflect_names import Names
from limbeck.sql import quote_identifier

Row = list[Any]

_RELATIONS = {"v": "view", "m": "materialized_view", "S": "sequence"}
_ROUTINES = {"f": "function", "p": "procedure"}
_COMMANDS = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE", "*": "ALL"}
_TRIGGERS = {"D": "disabled", "R": "replica", "A": "always"}


def definitions(names: Names, rows: dict[str, list[Row]]) -> list[Definition]:
    """Return all text-defined objects, in the order in which they can be created."""
    return [
        *(_extension(row) for row in rows["extensions"]),
        *(_routine(names, row) for row in rows["routines"]),
        *(_view(names, row) for row in rows["views"]),
        *(_view_index(names, row) for row in rows["matview_indexes"]),
        *(_trigger(names, row) for row in rows["triggers"]),
        *(_policy(names, row) for row in rows["policies"]),
        *(_row_security(names, row) for row in rows["row_security"]),
        *(_grant(names, row) for row in rows["grants"]),
    ]


def _extension(row: Row) -> Definition:
    name, namespace, version, comment = row
    return Definition(
        Key("extension", (None, name)),
        Expr(f"CREATE EXTENSION {quote_identifier(name)}"),
        comment=comment,
        extras=extras(schema=namespace, version=version),
    )


def _routine(names: Names, row: Row) -> Definition:
    kind, namespace, name, arguments, text, comment, left = row
    key = Key(_ROUTINES[kind], (names.namespace(namespace), f"{name}({arguments})"))
    afterwards = extras(afterwards=tuple(left) if left else None)
    return Definition(key, Expr(text), comment=comment, extras=afterwards)


def _view(names: Names, row: Row) -> Definition:
    kind, namespace, name, text, comment, options, needs, calls, populated, left, reads = row
    below = {
        names.key(_RELATIONS.get(other, "table"), other_namespace, other_name)
        for other, other_namespace, other_name in needs or ()
    } | {
        names.key(_ROUTINES.get(other, "function"), other_namespace, other_name)
        for other, other_namespace, other_name in calls or ()
    }
    columns = (
        Key("column", (*names.key("table", other_namespace, other_name).path, column))
        for other_namespace, other_name, column in reads or ()
    )
    return Definition(
        names.key(_RELATIONS[kind], namespace, name),
        Expr(text.strip().removesuffix(";")),
        comment=comment,
        extras=extras(
            options=tuple(sorted(options)) if options else None,
            afterwards=tuple(left) if left else None,
            empty=not populated,
        ),
        needs=frozenset(below),
        reads=frozenset(columns),
    )


def _view_index(names: Names, row: Row) -> Definition:
    namespace, view, name, text, comment = row
    on = names.key("materialized_view", namespace, view)
    key = Key("view_index", (on.namespace, view, name))
    return Definition(key, Expr(text), on, comment, needs=frozenset({on}))


def _trigger(names: Names, row: Row) -> Definition:
    namespace, table, name, text, comment, in_namespace, function, arguments = row[:8]
    enabled, owner = row[8:]
    on = names.key(_RELATIONS.get(owner, "table"), namespace, table)
    calls = Key("function", (names.namespace(in_namespace), f"{function}({arguments})"))
    return Definition(
        Key("trigger", (names.namespace(namespace), table, name)),
        Expr(text),
        on,
        comment,
        extras(enabled=_TRIGGERS.get(enabled)),
        frozenset({on, calls}),
    )


def _policy(names: Names, row: Row) -> Definition:
    namespace, table, name, command, permissive, roles, using, check, comment = row
    on = names.key("table", namespace, table)
    text = f"CREATE POLICY {quote_identifier(name)} ON {table_name(on)}"
    text += f" AS {'PERMISSIVE' if permissive else 'RESTRICTIVE'} FOR {_COMMANDS[command]}"
    text += " TO " + ", ".join(role_name(role) for role in roles or ())
    text += f" USING ({using})" if using is not None else ""
    text += f" WITH CHECK ({check})" if check is not None else ""
    return Definition(
        Key("policy", (names.namespace(namespace), table, name)),
        Expr(text),
        on,
        comment,
        needs=frozenset({on}),
    )


def _row_security(names: Names, row: Row) -> Definition:
    namespace, table, forced = row
    return row_security(names.key("table", namespace, table), forced=forced)


def _grant(names: Names, row: Row) -> Definition:
    namespace, table, grantee, privileges, grantable, owner = row
    on = names.key({**_RELATIONS, **_ROUTINES}.get(owner, "table"), namespace, table)
    return granted(on, grantee, privileges, grantable=grantable)


# ── helpers that the models' side uses too ────────────────────────────────


def table_name(key: Key) -> str:
    """Return a table's name for a statement."""
    return ".".join(quote_identifier(word) for word in key.path if word)


def role_name(role: str) -> str:
    """Return a role's name for a statement; all roles together are PUBLIC."""
    return "PUBLIC" if role.lower() == "public" else quote_identifier(role)


def row_security(on: Key, *, forced: bool) -> Definition:
    """Return row-level security of a table as the statement that enables it."""
    text = f"ALTER TABLE {table_name(on)} ENABLE ROW LEVEL SECURITY,"
    text += f" {'FORCE' if forced else 'NO FORCE'} ROW LEVEL SECURITY"
    key = Key("row_security", (*on.path, "row_security"))
    return Definition(key, Expr(text), on, needs=frozenset({on}))


def granted_name(on: Key) -> str:
    """Return the name of the object of a privilege."""
    if on.kind in {"function", "procedure"}:
        name, _, arguments = on.name.partition("(")
        space = "" if on.namespace is None else f"{quote_identifier(on.namespace)}."
        return f"{on.kind.upper()} {space}{quote_identifier(name)}({arguments}"
    return f"SEQUENCE {table_name(on)}" if on.kind == "sequence" else table_name(on)


def granted(on: Key, role: str, privileges: Iterable[str], *, grantable: bool) -> Definition:
    """Return the privileges of a role on an object as the statement that grants them."""
    privilege_list = ", ".join(sorted({word.strip().upper() for word in privileges}))
    text = f"GRANT {privilege_list} ON {granted_name(on)} TO {role_name(role)}"
    text += " WITH GRANT OPTION" if grantable else ""
    role = "public" if role.lower() == "public" else role
    return Definition(Key("grant", (*on.path, role)), Expr(text), on, needs=frozenset({on}))
