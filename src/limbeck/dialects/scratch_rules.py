"""The record of how a database system creates and removes scratch databases."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from limbeck.catalog import Key, Table


@dataclass(frozen=True, slots=True)
class ScratchRules:
    """How scratch databases are created, filled and removed.

    None means that the database system does not support it.

    Args:
        is_file: a database is a file, which is created by opening it.
        takes_scripts: the drivers accept several statements in one text.
        maintenance_database: the database to connect to in order to create another; None if a
            connection needs no database.
        sync_drivers: synchronous drivers to use in place of an asynchronous one.
        list_databases: returns the names of all databases that begin with a text.
        create_database: yields the SQL that creates a database like another one, which need not
            exist.
        drop_database: yields the SQL that drops a database, and ends its sessions.
        list_schemas: the same as `list_databases`, for SQL schemas.
        create_schema: yields the SQL that creates an SQL schema.
        drop_schema: yields the SQL that drops an SQL schema with all it contains.
        schema_arguments: takes the name of an SQL schema; returns the options of the URL that
            make it the only schema on the search path of a session.
        embedded_server: starts a server with its files in a directory; returns its URL and a
            function that stops it. Raises ImportError if it is not installed.
        clear: yields the SQL that drops everything in a scratch database.
        lacks_privilege: returns whether an error means that the user may not create a database.
        missing_object: returns whether an error means that a type or function does not exist.
        extensions: returns the names of the extensions of a database.
        create_extension: returns the SQL that creates an extension.
        effect_outside: takes a statement and the name of the scratch database; returns a
            description of what the statement does outside that database, or None.
        shared_changes: takes a cursor of the driver; returns a description of what the open
            transaction has changed outside the database, or None.
        shared_state: takes a cursor of the driver; returns a value that differs after a statement
            has changed accounts of the server.
        insert_rows: takes a table, its columns and rows of SQL literals; returns statements
            that insert the rows which the table accepts and skip the others.
        defer_checks: yields the SQL that disables foreign keys for this session, or with False
            enables them.
        row_violation: returns which kind of rule a failed statement has violated for existing
            rows: "null", "unique", "foreign key", "check", "value"; None for other errors.
        select_text: takes a table and columns; returns a SELECT of the values of all rows, each as
            SQL text that means the same value in a literal.
        digest: takes a table and columns; returns a SELECT of one row: the number of rows, a digest
            of all rows and a text with a digest of each column, separated by commas. None if
            the caller computes digests from the result of `select_text`.
        settings: yields the SQL that gives a database the settings of another one.
        row_literals: returns all rows of a table, each value as an SQL literal for the same
            value, ordered by the primary key.
        insert_literals: takes a table, its columns and rows of literals; returns a statement that
            inserts all of them.
        around_rows: takes the tables that get rows; returns the statements before and after the
            statements that insert rows.
        sequence_values: returns statements that set all sequences to their current values.
        unread_objects: returns the names of objects that limbeck does not read.
        unread_properties: returns what limbeck does not read of a database, by description, to
            compare two states of it.
        is_untouched: takes the names of tables; determines in one short query whether a database
            contains nothing else. False if that is unknown.
        as_literal: takes a default as the server prints it; returns it in a form from which
            SQLAlchemy writes the same default.
        unnamed_keys: takes a table; returns it without the names that the server gives its foreign
            keys in their order, if a named key would create something else.
        copy_database: takes a new name and the name of a database without connections; returns
            the SQL that copies it.
        keep_template: takes the name of a database and that of a template; returns the SQL that
            makes it a template, which does not accept connections.
    """

    is_file: bool = False
    takes_scripts: bool = False
    maintenance_database: str | None = None
    sync_drivers: tuple[str, ...] = ()
    list_databases: Callable[[Connection, str], Sequence[str]] | None = None
    create_database: Callable[[Connection, str, str | None], Sequence[str]] | None = None
    drop_database: Callable[[str], Sequence[str]] | None = None
    list_schemas: Callable[[Connection, str], Sequence[str]] | None = None
    create_schema: Callable[[str], Sequence[str]] | None = None
    drop_schema: Callable[[str], Sequence[str]] | None = None
    schema_arguments: Callable[[str], dict[str, str]] | None = None
    embedded_server: Callable[[Path], tuple[str, Callable[[], object]]] | None = None
    clear: Callable[[Connection], Sequence[str]] | None = None
    lacks_privilege: Callable[[BaseException], bool] | None = None
    missing_object: Callable[[BaseException], bool] | None = None
    extensions: Callable[[Connection], Sequence[str]] | None = None
    create_extension: Callable[[str], str] | None = None
    effect_outside: Callable[[str, str], str | None] | None = None
    shared_changes: Callable[[Any], str | None] | None = None
    shared_state: Callable[[Any], object] | None = None
    insert_rows: Callable[[Key, Sequence[str], Sequence[Sequence[str]]], Sequence[str]] | None = (
        None
    )
    defer_checks: Callable[[bool], Sequence[str]] | None = None
    row_violation: Callable[[BaseException], str | None] | None = None
    digest: Callable[[Key, Sequence[str]], str] | None = None
    select_text: Callable[[Key, Sequence[str]], str] | None = None
    settings: Callable[[Connection, str, str], Sequence[str]] | None = None
    row_literals: Callable[[Connection, Table], Sequence[Sequence[str]]] | None = None
    insert_literals: Callable[[Table, Sequence[str], Sequence[Sequence[str]]], str] | None = None
    around_rows: Callable[[Sequence[Table]], tuple[Sequence[str], Sequence[str]]] | None = None
    sequence_values: Callable[[Connection], Sequence[str]] | None = None
    unread_objects: Callable[[Connection], Sequence[str]] | None = None
    unread_properties: Callable[[Connection], Mapping[str, str]] | None = None
    is_untouched: Callable[[Connection, Collection[str]], bool] | None = None
    as_literal: Callable[[str], str] | None = None
    unnamed_keys: Callable[[Table], Table] | None = None
    copy_database: Callable[[str, str], Sequence[str]] | None = None
    keep_template: Callable[[str, str], Sequence[str]] | None = None


def error_state(error: BaseException) -> tuple[str, int | None, str]:
    """Return the SQLSTATE, error number and message of a driver's error.

    Args:
        error: an exception of SQLAlchemy or of a driver.
    """
    origin: object = getattr(error, "orig", None) or error
    state = getattr(origin, "sqlstate", None) or getattr(origin, "pgcode", None) or ""
    arguments = getattr(origin, "args", ())
    number = arguments[0] if arguments and isinstance(arguments[0], int) else None
    return str(state), number, str(origin)


# https://www.postgresql.org/docs/current/errcodes-appendix.html: connections, resources, the system
_ENVIRONMENT_CLASSES = frozenset({"08", "53", "58"})
_SHUTDOWNS = frozenset({"57P01", "57P02", "57P03"})
# MySQL: no space left, table full, the server has gone, the connection was lost
_ENVIRONMENT_NUMBERS = frozenset({1021, 1114, 2006, 2013})
_ENVIRONMENT_WORDS = (
    "disk is full",
    "disk i/o error",
    "unable to open database file",
    "server closed the connection",
)


def is_of_environment(error: BaseException) -> bool:
    """Return whether an error comes from the server or the disk, independent of the statement.

    Args:
        error: an exception of SQLAlchemy or of a driver.
    """
    state, number, text = error_state(error)
    return (
        state[:2] in _ENVIRONMENT_CLASSES
        or state in _SHUTDOWNS
        or number in _ENVIRONMENT_NUMBERS
        or any(phrase in text.lower() for phrase in _ENVIRONMENT_WORDS)
    )
