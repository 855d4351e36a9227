"""What text does not settle of functions and procedures: made for a moment, read and dropped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from limbeck.catalog import Catalog, Definition, Expr, Key, kind_of
from limbeck.dialects.dialect import Scope
from limbeck.dialects.mysql.reflect import reflect
from limbeck.dialects.mysql.routines import HEAD, spelling

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SCRATCH = "limbeck_scratch_routine"


def kept(connection: Connection, have: Catalog, want: Catalog) -> Catalog:
    """Return the models' catalog with routines as the server would keep them.

    What differs in words is made for a moment under a name of limbeck's own, read and dropped.
    """
    found = []
    for obj in want:
        other = have.get(obj.key)
        if (
            isinstance(obj, Definition)
            and kind_of(obj.key).is_routine
            and isinstance(other, Definition)
            and other.body != obj.body
        ):
            words = _printed(connection, obj)
            if words is not None:
                found.append(replace(obj, body=Expr(obj.body.text, words)))
    return want.merge(found) if found else want


def _printed(connection: Connection, obj: Definition) -> str | None:
    from sqlalchemy.exc import DBAPIError

    match = HEAD.match(obj.body.text)
    if match is None:
        return None
    options = {"no_parameters": True}
    drop = f"DROP {obj.key.kind.upper()} IF EXISTS `{_SCRATCH}`"
    try:
        connection.exec_driver_sql(drop, execution_options=options)
        made = f"CREATE {match['kind']} `{_SCRATCH}`{match['rest']}"
        connection.exec_driver_sql(made, execution_options=options)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        return None
    try:
        there = reflect(connection, Scope(kinds=frozenset({obj.key.kind})))
        found = there.get(Key(obj.key.kind, (None, _SCRATCH)))
        return spelling(found.body.text) if isinstance(found, Definition) else None
    finally:
        connection.exec_driver_sql(drop, execution_options=options)
