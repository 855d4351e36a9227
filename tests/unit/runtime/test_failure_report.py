"""The next step in the report of a failed migration."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from limbeck.errors import DatabaseError
from limbeck.runtime.failure_report import find_statement, next_step


def test_the_hint_of_an_error_is_the_next_step() -> None:
    hint = next_step(DatabaseError("mysql has no op.x", hint="databases that have it: mariadb."))
    assert hint == "Databases that have it: mariadb. Then run the same command again."


def test_errors_without_a_hint_get_the_general_next_step() -> None:
    for error in (ValueError("x"), DatabaseError("x")):
        assert next_step(error).startswith("Fix the cause of the error, then run the same command")


@pytest.mark.parametrize("dialect", [postgresql.psycopg.dialect(), sqlite.dialect()])
def test_a_statement_is_shown_as_it_was_written(dialect: sa.Dialect) -> None:
    written = "DELETE FROM t WHERE x LIKE 'a%'"
    compiled = str(sa.text(written).compile(dialect=dialect))
    error = DBAPIError(compiled, {}, ValueError("no such table"))
    assert find_statement(error, dialect) == written
