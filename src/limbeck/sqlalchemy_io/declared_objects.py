"""Objects beside the tables, known by their SQL: views, routines, triggers, grants and more.

They are written next to the models and belong to a MetaData, in whose `info` they are kept.
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

_PLACE = "limbeck_beside"
_GRANTED = ("table", "sequence", "function", "procedure")


@dataclass(frozen=True, slots=True)
class Beside:
    """What somebody wrote beside the models.

    Args:
        kind: view, materialized_view, view_index, function, procedure, trigger, extension,
            policy, row_security, grant, or comment.
        name: its name; a routine's with the types of its arguments.
        sql: the statement that creates it; a view's SELECT; the text of a comment.
        schema: its schema, or that of its table.
        table: the table or view of a trigger, policy, grant or index; the kind of what a
            comment is on.
        calls: the function that a trigger of PostgreSQL calls, as `name(types)`.
        only: SQLAlchemy's names of the databases that it is for; all when empty.
        comment: what the database shall say of it.
        options: options of a view of PostgreSQL, as `security_barrier=true`; what a grant is on.
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
) -> Beside:
    """Declare a view beside the models.

    Args:
        metadata: the models' MetaData.
        name: its name.
        sql: its SELECT.
        schema: its schema, None for the default one.
        comment: what PostgreSQL shall say of it.
        options: PostgreSQL's options of views, as `security_barrier=true`.
        only: SQLAlchemy's names of the databases that it is for; all when empty.

    Returns:
        What was noted down.
    """
    made = Beside("view", name, _plain(sql), schema, None, None, tuple(only), comment,
                  _options(options))  # fmt: skip
    return _noted(metadata, made)


def materialized_view(
    metadata: MetaData,
    name: str,
    sql: str,
    *,
    schema: str | None = None,
    comment: str | None = None,
    options: Sequence[str] = (),
    only: Sequence[str] = (),
) -> Beside:
    """Declare a materialised view of PostgreSQL; the arguments are those of `view`."""
    made = Beside("materialized_view", name, _plain(sql), schema, None, None, tuple(only),
                  comment, _options(options))  # fmt: skip
    return _noted(metadata, made)


def index(
    metadata: MetaData,
    name: str,
    view: str,
    sql: str,
    *,
    schema: str | None = None,
    comment: str | None = None,
) -> Beside:
    """Declare an index of a materialised view of PostgreSQL.

    Args:
        metadata: the models' MetaData.
        name: its name.
        view: the view.
        sql: the whole CREATE INDEX statement.
        schema: the view's schema, None for the default one.
        comment: what the database shall say of it.

    Returns:
        What was noted down.
    """
    made = Beside("view_index", name, _plain(sql), schema, view, comment=comment)
    return _noted(metadata, made)


def comment(
    metadata: MetaData,
    kind: str,
    name: str,
    text: str,
    *,
    schema: str | None = None,
) -> Beside:
    """Declare what PostgreSQL shall say of a view that stands in the models as a table.

    Args:
        metadata: the models' MetaData.
        kind: `view` or `materialized_view`.
        name: its name.
        text: the comment.
        schema: its schema, None for the default one.

    Returns:
        What was noted down.
    """
    if kind not in KINDS or not KINDS[kind].is_view:
        raise DraftError(
            f"There is no comment on a {kind} to declare",
            hint="Name a view or a materialized_view; all else takes comment=... itself.",
            place=_caller(),
            code="LB418",
        )
    return _noted(metadata, Beside("comment", name, text, schema, kind))


def function(
    metadata: MetaData,
    signature: str,
    sql: str,
    *,
    schema: str | None = None,
    comment: str | None = None,
    only: Sequence[str] = (),
) -> Beside:
    """Declare a function beside the models.

    Args:
        metadata: the models' MetaData.
        signature: name and types of the arguments, `tax(numeric, text)`.
        sql: the whole CREATE FUNCTION statement.
        schema: its schema, None for the default one; the statement has to agree.
        comment: what the database shall say of it.
        only: SQLAlchemy's names of the databases that it is for; all that have it when empty.

    Returns:
        What was noted down.
    """
    made = Beside("function", _signature(signature), _plain(sql), schema, None, None,
                  tuple(only), comment)  # fmt: skip
    return _noted(metadata, made)


def procedure(
    metadata: MetaData,
    signature: str,
    sql: str,
    *,
    schema: str | None = None,
    comment: str | None = None,
    only: Sequence[str] = (),
) -> Beside:
    """Declare a procedure beside the models; the arguments are those of `function`."""
    made = Beside("procedure", _signature(signature), _plain(sql), schema, None, None,
                  tuple(only), comment)  # fmt: skip
    return _noted(metadata, made)


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
) -> Beside:
    """Declare a trigger beside the models.

    Args:
        metadata: the models' MetaData.
        name: its name.
        table: the table or view that it belongs to.
        sql: the whole CREATE TRIGGER statement.
        schema: the table's schema, None for the default one.
        calls: on PostgreSQL, the function that it calls, as `name()`, if that is declared too.
        comment: what PostgreSQL shall say of it.
        only: SQLAlchemy's names of the databases that it is for; all when empty.

    Returns:
        What was noted down.
    """
    called = None if calls is None else _signature(calls)
    made = Beside("trigger", name, _plain(sql), schema, table, called, tuple(only), comment)
    return _noted(metadata, made)


def extension(
    metadata: MetaData, name: str, *, schema: str | None = None, comment: str | None = None
) -> Beside:
    """Declare an extension of PostgreSQL that the models need.

    Args:
        metadata: the models' MetaData.
        name: its name.
        schema: where its objects go, None for where the server puts them.
        comment: what the database shall say of it, None for what the extension says itself.

    Returns:
        What was noted down.
    """
    place = "" if schema is None else f" SCHEMA {quote_identifier(schema)}"
    sql = f"CREATE EXTENSION IF NOT EXISTS {quote_identifier(name)}{place}"
    return _noted(metadata, Beside("extension", name, sql, comment=comment))


def policy(
    metadata: MetaData,
    name: str,
    table: str,
    sql: str,
    *,
    schema: str | None = None,
    comment: str | None = None,
) -> Beside:
    """Declare a row-level-security policy of PostgreSQL beside the models.

    Args:
        metadata: the models' MetaData.
        name: its name.
        table: the table that it belongs to.
        sql: the whole CREATE POLICY statement.
        schema: the table's schema, None for the default one.
        comment: what the database shall say of it.

    Returns:
        What was noted down. Policies count once `row_security` is declared too.
    """
    made = Beside("policy", name, _plain(sql), schema, table, comment=comment)
    return _noted(metadata, made)


def row_security(
    metadata: MetaData, table: str, *, forced: bool = False, schema: str | None = None
) -> Beside:
    """Declare that a table of PostgreSQL has row-level security.

    Args:
        metadata: the models' MetaData.
        table: the table.
        forced: whether its owner is held to it too.
        schema: the table's schema, None for the default one.

    Returns:
        What was noted down.
    """
    words = "FORCE" if forced else ""
    return _noted(metadata, Beside("row_security", "row_security", words, schema, table))


def grant(
    metadata: MetaData,
    privileges: str,
    name: str,
    role: str,
    *,
    on: str = "table",
    grantable: bool = False,
    schema: str | None = None,
) -> Beside:
    """Declare what a role may do with something of PostgreSQL.

    Args:
        metadata: the models' MetaData.
        privileges: such as `SELECT, INSERT`; everything that the role may do.
        name: the table or view, the sequence, or the signature of a routine.
        role: the role, or `public`.
        on: `table` (views too), `sequence`, `function` or `procedure`.
        grantable: whether the role may hand it on.
        schema: its schema, None for the default one.

    Returns:
        What was noted down.
    """
    if on not in _GRANTED:
        raise DraftError(
            f"There is nothing that could be granted on a {on}",
            hint=f"Name one of {', '.join(_GRANTED)}.",
            place=_caller(),
            code="LB418",
        )
    where = _signature(name) if on in {"function", "procedure"} else name
    words = privileges + (" WITH GRANT OPTION" if grantable else "")
    return _noted(metadata, Beside("grant", role, words, schema, where, options=(on,)))


def noted(metadata: MetaData) -> tuple[Beside, ...]:
    """Return what was declared beside the tables of a MetaData."""
    return tuple(metadata.info.get(_PLACE, ()))


def definitions(
    metadata: MetaData, default_namespace: str | None, database: str
) -> Iterator[Definition]:
    """Yield what was declared as the catalog knows it.

    Args:
        metadata: the models.
        default_namespace: the connection's default schema; objects in it have namespace None.
        database: SQLAlchemy's name of it.
    """
    for each in noted(metadata):
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


def _owner(each: Beside) -> str:
    """Return the kind of what something belongs to."""
    if each.kind == "view_index":
        return "materialized_view"
    return each.options[0] if each.kind == "grant" else "table"


def comments(metadata: MetaData, default_namespace: str | None) -> dict[Key, str]:
    """Return what was declared that the database shall say of views.

    Args:
        metadata: the models.
        default_namespace: the connection's default schema.
    """
    found: dict[Key, str] = {}
    for each in noted(metadata):
        if each.kind == "comment":
            namespace = None if each.schema == default_namespace else each.schema
            found[Key(str(each.table), (namespace, each.name))] = each.sql
    return found


def _noted(metadata: MetaData, what: Beside) -> Beside:
    before = noted(metadata)
    places = {(one.kind, one.schema, one.table, one.name, one.only) for one in before}
    if (what.kind, what.schema, what.table, what.name, what.only) in places:
        raise DraftError(
            f"The {what.kind} {what.name} is declared twice",
            hint="Leave one of them out.",
            place=_caller(),
            code="LB417",
        )
    metadata.info[_PLACE] = (*before, what)
    return what


def _caller() -> str | None:
    """Return the line of the models that declares something."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename == __file__:
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
            f"{text!r} is no signature",
            hint="Write the name with the types of its arguments: tax(numeric, text), or now().",
            place=_caller(),
            code="LB418",
        )
    kinds = [" ".join(kind.split()) for kind in rest[:-1].split(",") if kind.strip()]
    return f"{name.strip()}({', '.join(kinds)})"
