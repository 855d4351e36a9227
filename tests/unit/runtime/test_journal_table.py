"""The rows of the journal: those of a move, and the applied source of its revision."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from limbeck.dialects import find
from limbeck.history import Move, Revision
from limbeck.runtime import make_target
from limbeck.runtime.journal_row import Row
from limbeck.runtime.journal_table import JournalTable

A1 = Revision("a1")
UP = Move(A1, "up", frozenset(), frozenset({"a1"}))
DOWN = Move(A1, "down", frozenset({"a1"}), frozenset())


@pytest.mark.parametrize("move", [UP, DOWN], ids=["up", "down"])
def test_deleting_a_step_keeps_the_applied_source_and_the_steps_of_other_moves(move: Move) -> None:
    other = DOWN if move is UP else UP
    row = Row("a1", 0, "DROP TABLE t", "f", "t", "running")
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    with engine.begin() as connection:
        target = make_target(
            {"journal": "keep"},
            sql_dialect=engine.dialect,
            dialect=find("sqlite"),
            connection=connection,
            transactional_ddl=False,
        )
        table = JournalTable(target)
        table.create(connection)
        source = {"revision": "a1", "place": 0, "fingerprint": "f", "statement": "source"}
        table.add_applied(connection, [source])
        table.add_steps(connection, move, [row])
        table.add_steps(connection, other, [row])
        table.delete_step(connection, move.direction, row)
        kept = [one.statement for one in table.applied_rows(connection, sources=True)]
        assert kept == ["source"]
        assert table.steps(connection, move) == []
        assert table.steps(connection, other) == [row]
    engine.dispose()


@pytest.mark.parametrize(
    ("positions", "translate", "by_sqlalchemy"),
    [([0], None, 0), ([0, 1], None, 1), ([0], {"other": None}, 2)],
    ids=["by the driver", "several rows", "schema_translate_map"],
)
def test_the_driver_writes_and_deletes_one_row(
    positions: list[int], translate: dict[str | None, str | None] | None, by_sqlalchemy: int
) -> None:
    rows = [Row("a1", position, "DROP TABLE t", "f", None, "running") for position in positions]
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    with engine.begin() as connection:
        if translate is not None:
            connection.execution_options(schema_translate_map=translate)
        target = make_target(
            {},
            sql_dialect=engine.dialect,
            dialect=find("sqlite"),
            connection=connection,
            transactional_ddl=False,
        )
        table = JournalTable(target)
        table.create(connection)
        assert table.steps(connection, UP) == []
        seen: list[str] = []
        sa.event.listen(
            connection, "before_cursor_execute", lambda *given: seen.append(str(given[2]))
        )
        table.add_steps(connection, UP, rows)
        again = JournalTable(target)
        assert again.all_steps(connection) == {("a1", "up"): rows}
        assert table.delete_steps(connection, ["a1"])
        changes = [sql for sql in seen if sql.startswith(("INSERT", "DELETE"))]
        assert len(changes) == by_sqlalchemy
        assert again.all_steps(connection) == {}
    engine.dispose()
