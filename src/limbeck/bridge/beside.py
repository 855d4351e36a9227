"""Objects beside the tables, known by their SQL: routines, triggers, policies, grants and more.

They are written next to the models and belong to a MetaData, in whose `info` they are kept.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import TYPE_CHECKING

from limbeck.catalog import Definition, Expr, Key
from limbeck.errors import DraftError
from limbeck.values import dataclass

if TYPE_CHECKING:
    from sqlalchemy import MetaData

_PLACE = "limbeck_beside"


@dataclass(frozen=True, slots=True)
class Beside:
    """What somebody wrote beside the models.

    Args:
        kind: function, procedure, trigger, extension, policy, row_security or grant.
        name: its name; a routine's with the types of its arguments.
        sql: the statement that creates it.
        schema: its schema, or that of its table.
        table: the table of a trigger, policy or grant.
        calls: the function that a trigger of PostgreSQL calls, as `name(types)`.
        only: SQLAlchemy's names of the databases that it is for; all when empty.
    """

    kind: str
    name: str
    sql: str
    schema: str | None = None
    table: str | None = None
    calls: str | None = None
    only: tuple[str, ...] = ()


def function(
    metadata: MetaData,
    signature: str,
    sql: str,
    *,
    schema: str | None = None,
    only: Sequence[str] = (),
) -> Beside:
    """Declare a function beside the models.

    Args:
        metadata: the models' MetaData.
        signature: name and types of the arguments, `tax(numeric, text)`.
        sql: the whole CREATE FUNCTION statement.
        schema: its schema, None for the default one; the statement has to agree.
        only: SQLAlchemy's names of the databases that it is for; all that have it when empty.

    Returns:
        What was noted down.
    """
    made = Beside("function", _signature(signature), _plain(sql), schema, only=tuple(only))
    return _noted(metadata, made)


def procedure(
    metadata: MetaData,
    signature: str,
    sql: str,
    *,
    schema: str | None = None,
    only: Sequence[str] = (),
) -> Beside:
    """Declare a procedure beside the models; the arguments are those of `function`."""
    made = Beside("procedure", _signature(signature), _plain(sql), schema, only=tuple(only))
    return _noted(metadata, made)


def trigger(
    metadata: MetaData,
    name: str,
    table: str,
    sql: str,
    *,
    schema: str | None = None,
    calls: str | None = None,
    only: Sequence[str] = (),
) -> Beside:
    """Declare a trigger beside the models.

    Args:
        metadata: the models' MetaData.
        name: its name.
        table: the table that it belongs to.
        sql: the whole CREATE TRIGGER statement.
        schema: the table's schema, None for the default one.
        calls: on PostgreSQL, the function that it calls, as `name()`, if that is declared too.
        only: SQLAlchemy's names of the databases that it is for; all when empty.

    Returns:
        What was noted down.
    """
    called = None if calls is None else _signature(calls)
    made = Beside("trigger", name, _plain(sql), schema, table, called, tuple(only))
    return _noted(metadata, made)


def extension(metadata: MetaData, name: str, *, schema: str | None = None) -> Beside:
    """Declare an extension of PostgreSQL that the models need.

    Args:
        metadata: the models' MetaData.
        name: its name.
        schema: where its objects go, None for where the server puts them.

    Returns:
        What was noted down.
    """
    quoted = name.replace('"', '""')
    place = "" if schema is None else ' SCHEMA "{}"'.format(schema.replace('"', '""'))
    sql = f'CREATE EXTENSION IF NOT EXISTS "{quoted}"{place}'
    return _noted(metadata, Beside("extension", name, sql, None))


def policy(
    metadata: MetaData, name: str, table: str, sql: str, *, schema: str | None = None
) -> Beside:
    """Declare a row-level-security policy of PostgreSQL beside the models.

    Args:
        metadata: the models' MetaData.
        name: its name.
        table: the table that it belongs to.
        sql: the whole CREATE POLICY statement.
        schema: the table's schema, None for the default one.

    Returns:
        What was noted down. Policies count once `row_security` is declared too.
    """
    return _noted(metadata, Beside("policy", name, _plain(sql), schema, table))


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
    table: str,
    role: str,
    *,
    grantable: bool = False,
    schema: str | None = None,
) -> Beside:
    """Declare what a role may do with a table or view of PostgreSQL.

    Args:
        metadata: the models' MetaData.
        privileges: such as `SELECT, INSERT`; everything that the role may do.
        table: the table or view.
        role: the role, or `public`.
        grantable: whether the role may hand it on.
        schema: the table's schema, None for the default one.

    Returns:
        What was noted down.
    """
    words = privileges + (" WITH GRANT OPTION" if grantable else "")
    return _noted(metadata, Beside("grant", role, words, schema, table))


def noted(metadata: MetaData) -> tuple[Beside, ...]:
    """Return what was declared beside the tables of a MetaData."""
    return tuple(metadata.info.get(_PLACE, ()))


def definitions(
    metadata: MetaData, default_namespace: str | None, database: str
) -> Iterator[Definition]:
    """Yield what was declared as the catalog knows it.

    Args:
        metadata: the models.
        default_namespace: the connection's default schema; things in it have namespace None.
        database: SQLAlchemy's name of it.
    """
    for each in noted(metadata):
        if each.only and database not in each.only:
            continue
        namespace = None if each.schema == default_namespace else each.schema
        if each.table is None:
            yield Definition(Key(each.kind, (namespace, each.name)), Expr(each.sql))
            continue
        on = Key("table", (namespace, each.table))
        needs = {on}
        if each.calls is not None:
            needs.add(Key("function", (namespace, each.calls)))
        key = Key(each.kind, (namespace, each.table, each.name))
        yield Definition(key, Expr(each.sql), on, needs=frozenset(needs))


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
