"""Declarations of text-defined objects: views, routines, triggers, grants and more.

They are stored in the `info` dictionary of a MetaData. Public as `limbeck.declare`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING

from limbeck.catalog import KINDS, Definition, Expr, Key
from limbeck.errors import DraftError
from limbeck.sql import quote_identifier

if TYPE_CHECKING:
    from sqlalchemy import MetaData

_INFO_KEY = "limbeck_declarations"
_GRANTED = ("table", "sequence", "function", "procedure")


@dataclass(frozen=True, slots=True)
class Declaration:
    """A text-defined object that was declared with the models.

    Args:
        kind: view, materialized_view, view_index, function, procedure, trigger, extension,
            policy, row_security, grant, or comment.
        name: the name; for a routine with the types of its arguments.
        sql: the statement that creates the object, the SELECT of a view, or a comment.
        schema: the schema of the object or of its table.
        table: the table or view of a trigger, policy, grant or index; for a comment the kind
            of its object.
        calls: the function that a PostgreSQL trigger calls, as `name(types)`.
        only: the SQLAlchemy dialects that have the object; all if empty.
        comment: the comment in the database.
        options: options of a PostgreSQL view, such as `security_barrier=true`; for a grant the
            kind of its object.
    """

    kind: str
    name: str
    sql: str
    schema: str | None = None
    table: str | None = None
    calls: str | None = None
    only: tuple[str, ...] = ()
    comment: str | None = None
    options: tuple[str, ...] = ()


def view(
    metadata: MetaData,
    name: str,
    sql: str,
    *,
    schema: str | None = None,
    comment: str | None = None,
    options: Sequence[str] = (),
    only: Sequence[str] = (),
) -> Declaration:
    """Declare a view.

    Args:
        metadata: the MetaData of the models.
        name: the name.
        sql: the SELECT statement.
        schema: the schema, None for the default schema.
        comment: the comment in the database (PostgreSQL).
        options: view options of PostgreSQL, such as `security_barrier=true`.
        only: the SQLAlchemy dialects that have the object; all if empty.

    Returns:
        The declaration.
    """
    made = Declaration("view", name, _plain(sql), schema, None, None, tuple(only), comment,
                  _options(options))  # fmt: skip
    return _add(metadata, made)


def materialized_view(
    metadata: MetaData,
    name: str,
    sql: str,
    *,
    schema: str | None = None,
    comment: str | None = None,
    options: Sequence[str] = (),
    only: Sequence[str] = (),
) -> Declaration:
    """Declare a PostgreSQL materialized view; the arguments are those of `view`."""
    made = Declaration("materialized_view", name, _plain(sql), schema, None, None, tuple(only),
                  comment, _options(options))  # fmt: skip
    return _add(metadata, made)


def index(
    metadata: MetaData,
    name: str,
    view: str,
    sql: str,
    *,
    schema: str | None = None,
    comment: str | None = None,
) -> Declaration:
    """Declare an index of a PostgreSQL materialized view.

    Args:
        metadata: the MetaData of the models.
        name: the name.
        view: the view.
        sql: the complete CREATE INDEX statement.
        schema: the schema of the view, None for the default schema.
        comment: the comment in the database.

    Returns:
        The declaration.
    """
    made = Declaration("view_index", name, _plain(sql), schema, view, comment=comment)
    return _add(metadata, made)


def comment(
    metadata: MetaData,
    kind: str,
    name: str,
    text: str,
    *,
    schema: str | None = None,
) -> Declaration:
    """Declare the comment of a PostgreSQL view that the models define as a table.

    Args:
        metadata: the MetaData of the models.
        kind: `view` or `materialized_view`.
        name: the name.
        text: the comment.
        schema: the schema, None for the default schema.

    Returns:
        The declaration.
    """
    if kind not in KINDS or not KINDS[kind].is_view:
        raise DraftError(
            f"A comment on a {kind} cannot be declared",
            hint="Use view or materialized_view; other declarations accept comment=... directly.",
            place=line_of_caller(),
            code="LB418",
        )
    return _add(metadata, Declaration("comment", name, text, schema, kind))


def function(
    metadata: MetaData,
    signature: str,
    sql: str,
    *,
    schema: str | None = None,
    comment: str | None = None,
    only: Sequence[str] = (),
) -> Declaration:
    """Declare a function.

    Args:
        metadata: the MetaData of the models.
        signature: the name and the argument types, such as `tax(numeric, text)`.
        sql: the complete CREATE FUNCTION statement.
        schema: the schema, None for the default schema; the statement must agree.
        comment: the comment in the database.
        only: the SQLAlchemy dialects that have the object; all if empty.

    Returns:
        The declaration.
    """
    made = Declaration("function", _signature(signature), _plain(sql), schema, None, None,
                  tuple(only), comment)  # fmt: skip
    return _add(metadata, made)


def procedure(
    metadata: MetaData,
    signature: str,
    sql: str,
    *,
    schema: str | None = None,
    comment: str | None = None,
    only: Sequence[str] = (),
) -> Declaration:
    """Declare a procedure; the arguments are those of `function`."""
    made = Declaration("procedure", _signature(signature), _plain(sql), schema, None, None,
                  tuple(only), comment)  # fmt: skip
    return _add(metadata, made)


def trigger(
    metadata: MetaData,
    name: str,
    table: str,
    sql: str,
    *,
    schema: str | None = None,
    calls: str | None = None,
    comment: str | None = None,
    only: Sequence[str] = (),
) -> Declaration:
    """Declare a trigger.

    Args:
        metadata: the MetaData of the models.
        name: the name.
        table: the table or view of the trigger.
        sql: the complete CREATE TRIGGER statement.
        schema: the schema of the table, None for the default schema.
        calls: the function that a PostgreSQL trigger calls, as `name()`, if it is declared.
        comment: the comment in the database (PostgreSQL).
        only: the SQLAlchemy dialects that have the object; all if empty.

    Returns:
        The declaration.
    """
    called = None if calls is None else _signature(calls)
    made = Declaration("trigger", name, _plain(sql), schema, table, called, tuple(only), comment)
    return _add(metadata, made)


def extension(
    metadata: MetaData, name: str, *, schema: str | None = None, comment: str | None = None
) -> Declaration:
    """Declare a PostgreSQL extension that the models need.

    Args:
        metadata: the MetaData of the models.
        name: the name.
        schema: the schema of its objects; None for the server's choice.
        comment: the comment in the database; None for that of the extension.

    Returns:
        The declaration.
    """
    clause = "" if schema is None else f" SCHEMA {quote_identifier(schema)}"
    sql = f"CREATE EXTENSION IF NOT EXISTS {quote_identifier(name)}{clause}"
    return _add(metadata, Declaration("extension", name, sql, comment=comment))


def policy(
    metadata: MetaData,
    name: str,
    table: str,
    sql: str,
    *,
    schema: str | None = None,
    comment: str | None = None,
) -> Declaration:
    """Declare a PostgreSQL row-level security policy.

    Args:
        metadata: the MetaData of the models.
        name: the name.
        table: the table of the policy.
        sql: the complete CREATE POLICY statement.
        schema: the schema of the table, None for the default schema.
        comment: the comment in the database.

    Returns:
        The declaration. Policies take effect only if `row_security` is declared, too.
    """
    made = Declaration("policy", name, _plain(sql), schema, table, comment=comment)
    return _add(metadata, made)


def row_security(
    metadata: MetaData, table: str, *, forced: bool = False, schema: str | None = None
) -> Declaration:
    """Declare that a PostgreSQL table has row-level security.

    Args:
        metadata: the MetaData of the models.
        table: the table.
        forced: whether it applies to the owner of the table, too.
        schema: the schema of the table, None for the default schema.

    Returns:
        The declaration.
    """
    option = "FORCE" if forced else ""
    return _add(metadata, Declaration("row_security", "row_security", option, schema, table))


def grant(
    metadata: MetaData,
    privileges: str,
    name: str,
    role: str,
    *,
    on: str = "table",
    grantable: bool = False,
    schema: str | None = None,
) -> Declaration:
    """Declare the privileges of a role on a PostgreSQL object.

    Args:
        metadata: the MetaData of the models.
        privileges: all privileges of the role, such as `SELECT, INSERT`.
        name: the table or view, the sequence, or the signature of a routine.
        role: the role, or `public`.
        on: the kind: `table` (also for views), `sequence`, `function` or `procedure`.
        grantable: whether the role can grant the privileges to others.
        schema: the schema, None for the default schema.

    Returns:
        The declaration.
    """
    if on not in _GRANTED:
        raise DraftError(
            f"Privileges on a {on} cannot be declared",
            hint=f"Name one of {', '.join(_GRANTED)}.",
            place=line_of_caller(),
            code="LB418",
        )
    where = _signature(name) if on in {"function", "procedure"} else name
    clause = privileges + (" WITH GRANT OPTION" if grantable else "")
    return _add(metadata, Declaration("grant", role, clause, schema, where, options=(on,)))


def declarations(metadata: MetaData) -> tuple[Declaration, ...]:
    """Return the declarations of a MetaData."""
    return tuple(metadata.info.get(_INFO_KEY, ()))


def definitions(
    metadata: MetaData, default_namespace: str | None, database: str
) -> Iterator[Definition]:
    """Yield the declared objects as values of the catalog.

    Args:
        metadata: the models.
        default_namespace: the default schema; objects in it have namespace None.
        database: the name of the SQLAlchemy dialect.
    """
    for each in declarations(metadata):
        if each.kind == "comment" or (each.only and database not in each.only):
            continue
        namespace = None if each.schema == default_namespace else each.schema
        if each.table is None:
            key = Key(each.kind, (namespace, each.name))
            extras = (("options", each.options),) if each.options else ()
            yield Definition(key, Expr(each.sql), None, each.comment or None, extras)
            continue
        on = Key(_owner(each), (namespace, each.table))
        needs = {on}
        if each.calls is not None:
            needs.add(Key("function", (namespace, each.calls)))
        key = Key(each.kind, (namespace, each.table, each.name))
        yield Definition(key, Expr(each.sql), on, each.comment or None, needs=frozenset(needs))


def _owner(each: Declaration) -> str:
    """Return the kind of the object that the declared one belongs to."""
    if each.kind == "view_index":
        return "materialized_view"
    return each.options[0] if each.kind == "grant" else "table"


def comments(metadata: MetaData, default_namespace: str | None) -> dict[Key, str]:
    """Return the declared comments of views.

    Args:
        metadata: the models.
        default_namespace: the default schema.
    """
    found: dict[Key, str] = {}
    for each in declarations(metadata):
        if each.kind == "comment":
            namespace = None if each.schema == default_namespace else each.schema
            found[Key(str(each.table), (namespace, each.name))] = each.sql
    return found


def _add(metadata: MetaData, what: Declaration) -> Declaration:
    before = declarations(metadata)
    places = {
        (
            declaration.kind,
            declaration.schema,
            declaration.table,
            declaration.name,
            declaration.only,
        )
        for declaration in before
    }
    if (what.kind, what.schema, what.table, what.name, what.only) in places:
        raise DraftError(
            f"The {what.kind} {what.name} is declared twice",
            hint="Remove one of the declarations.",
            place=line_of_caller(),
            code="LB417",
        )
    metadata.info[_INFO_KEY] = (*before, what)
    return what


def line_of_caller() -> str | None:
    """Return the line of the models that contains the declaration."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__package__") == __package__:
        frame = frame.f_back
    return None if frame is None else f"{frame.f_code.co_filename}, line {frame.f_lineno}"


def _options(options: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted("".join(option.split()) for option in options))


def _plain(sql: str) -> str:
    return sql.strip().removesuffix(";").rstrip()


def _signature(text: str) -> str:
    name, bracket, rest = text.strip().partition("(")
    if not bracket or not rest.endswith(")"):
        raise DraftError(
            f"{text!r} is not a signature",
            hint="Write the name with the argument types, such as tax(numeric, text) or now().",
            place=line_of_caller(),
            code="LB418",
        )
    kinds = [" ".join(kind.split()) for kind in rest[:-1].split(",") if kind.strip()]
    return f"{name.strip()}({', '.join(kinds)})"
