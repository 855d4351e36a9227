"""What a failed migration tells to do next."""

from __future__ import annotations

from limbeck.errors import DatabaseError
from limbeck.runtime.failure_report import next_step


def test_an_error_that_knows_what_to_do_says_so_itself() -> None:
    hint = next_step(DatabaseError("mysql has no op.x", hint="databases that have it: mariadb."))
    assert hint == "Databases that have it: mariadb. Then run the same command again."


def test_others_say_what_always_helps() -> None:
    for error in (ValueError("x"), DatabaseError("x")):
        assert next_step(error).startswith("Fix the cause of the error, then run the same command")
