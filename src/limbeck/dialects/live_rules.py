"""The record of how rows of a real database are read without writing to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

TablePath: TypeAlias = "tuple[str | None, str]"
"""Schema and name of a table; the schema is None for the default schema."""


@dataclass(frozen=True, slots=True)
class TableSize:
    """The size of a table.

    Args:
        rows: the number of rows; None if it is not known.
        bytes: the size of the table with its indexes; None if it is not known.
        is_exact: the rows were counted; False if the number is the server's estimate.
        at_least: there are more rows than `rows`; counting was stopped at that number.
    """

    rows: int | None = None
    bytes: int | None = None
    is_exact: bool = False
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class LiveRules:
    """How a real database is read.

    Args:
        read_only: begins a transaction or session that cannot write, and whose statements time out
            after the given seconds; it ends with the block, or with the transaction of the
            connection. The keyword `is_shared` means that the transaction belongs to the caller
            and must be restored afterwards.
        sizes: returns the sizes of the tables of some schemas, in one statement if the
            database stores them. Takes a connection, schemas (None for the default one) and the
            tables to count if it does not.
        limited: takes a connection, a SELECT and seconds; returns the SELECT with a time limit, if
            the limit is part of the statement.
        is_timeout: returns whether an error means that a statement took too long.
        is_denied: returns whether an error means that the user may not read a table.
        fills_new_columns: rows get a value in a new column that is not nullable and has no default.
        create_no_file: takes an engine that has not connected yet; a connection to a database
            without a file must not create the file. None if no connection creates one.
    """

    read_only: Callable[..., AbstractContextManager[None]]
    sizes: Callable[..., Mapping[TablePath, TableSize]]
    limited: Callable[[Connection, str, float], str] = lambda _connection, sql, _seconds: sql
    is_timeout: Callable[[BaseException], bool] = lambda _error: False
    is_denied: Callable[[BaseException], bool] = lambda _error: False
    fills_new_columns: bool = False
    create_no_file: Callable[[Engine], None] | None = None
