"""Facts about servers on which the rules about statement texts rely, tested on live servers."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from limbeck.lint import RULES
from tests.cases.lint.facts import FACTS, Fact
from tests.cases.lint.rules import OLD_SERVER_CASES
from tests.servers import Database

# the others are run with -m slow
EVERY = 6
# what is in the text of the statement needs no server
WITHOUT_FACT = {"LM702", "LM121", "LM116", "LM901", "LM902", "LM903", "LM904"}


def _facts() -> list[object]:
    return [
        pytest.param(
            fact,
            id=f"{fact.code}-{fact.kind}-{number}",
            marks=() if number % EVERY == 0 else (pytest.mark.slow,),
        )
        for number, fact in enumerate(FACTS)
    ]


def _answer(database: Database, statements: Sequence[str]) -> str:
    """Run statements in a session of their own and return the first value of the last one."""
    with database.engine() as engine, engine.connect() as connection:
        try:
            for one in statements:
                result = connection.exec_driver_sql(one.replace("%", "%%"))
            row = result.first() if result.returns_rows else None
        except sa.exc.DBAPIError:
            return "error"
    return "done" if row is None else str(row[0])


@pytest.mark.parametrize("fact", _facts())
def test_the_reason_of_a_rule_is_measured(fact: Fact, request: pytest.FixtureRequest) -> None:
    database: Database = request.getfixturevalue(fact.kind)
    with database.engine() as engine, engine.connect() as connection:
        for one in fact.setup:
            connection.exec_driver_sql(one)
        connection.commit()
        assert _answer(database, fact.probe) == fact.before
        try:
            for one in fact.statements:
                connection.exec_driver_sql(one)
            connection.commit()
        except sa.exc.DBAPIError:
            assert fact.after == "refused"
            return
    assert _answer(database, fact.probe) == fact.after


def test_every_rule_about_the_text_has_a_fact() -> None:
    of_text = {rule.code for rule in RULES if not rule.dangers}
    assert of_text - WITHOUT_FACT == {fact.code for fact in FACTS}
    assert set(OLD_SERVER_CASES) <= of_text
