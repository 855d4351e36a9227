"""What a failed migration tells to do next."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from limbeck.errors import DatabaseError
from limbeck.runtime.failure_report import find_statement, next_step


def test_an_error_that_knows_what_to_do_says_so_itself() -> None:
    hint = next_step(DatabaseError("mysql has no op.x", hint="databases that have it: mariadb."))
    assert hint == "Databases that have it: mariadb. Then run the same command again."


def test_others_say_what_always_helps() -> None:
    for error in (ValueError("x"), DatabaseError("x")):
        assert next_step(error).startswith("Fix the cause of the error, then run the same command")


@pytest.mark.parametrize("dialect", [postgresql.psycopg.dialect(), sqlite.dialect()])
def test_a_statement_is_shown_as_it_was_written(dialect: sa.Dialect) -> None:
    written = "DELETE FROM t WHERE x LIKE 'a%'"
    compiled = str(sa.text(written).compile(dialect=dialect))
    error = DBAPIError(compiled, {}, ValueError("no such table"))
    assert find_statement(error, dialect) == written
