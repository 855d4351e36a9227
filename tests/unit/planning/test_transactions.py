"""Which statements are committed together, as a table of cases."""

from __future__ import annotations

import pytest

from limbeck.catalog import Catalog
from limbeck.history import Move, Revision
from limbeck.planning import MoveRun, PlannedStatement, planned_transactions

ORDER = ("ROW EXCLUSIVE", "SHARE", "ACCESS EXCLUSIVE")


def _run(id_: str, *statements: str) -> MoveRun:
    """Return a run; a statement that begins with `!` is outside a transaction."""
    move = Move(Revision(id_), "up", frozenset(), frozenset({id_}))
    found = tuple(
        PlannedStatement(id_, sql.lstrip("!"), is_outside=sql.startswith("!")) for sql in statements
    )
    return MoveRun(move, found, Catalog(), Catalog())


RUNS = [_run("a", "ALTER 1", "UPDATE 2"), _run("b", "!VACUUM", "ALTER 3", "INSERT 4")]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"is_transactional": True, "per_migration": False, "commits_ddl": False},
            [
                ("transaction", ["ALTER 1", "UPDATE 2"]),
                ("autocommit", ["VACUUM"]),
                ("transaction", ["ALTER 3", "INSERT 4"]),
            ],
        ),
        (
            {"is_transactional": False, "per_migration": False, "commits_ddl": True},
            [
                ("implicit commit", ["ALTER 1"]),
                ("transaction", ["UPDATE 2"]),
                ("autocommit", ["VACUUM"]),
                ("implicit commit", ["ALTER 3"]),
                ("transaction", ["INSERT 4"]),
            ],
        ),
    ],
)
def test_parts(options: dict[str, bool], expected: list[tuple[str, list[str]]]) -> None:
    found = planned_transactions(RUNS, lock_order=ORDER, **options)
    assert [(one.kind, [each.sql for each in one.statements]) for one in found] == expected
    assert [one.number for one in found] == list(range(1, len(found) + 1))


def test_a_transaction_for_each_revision() -> None:
    runs = [_run("a", "ALTER 1"), _run("b"), _run("c", "ALTER 2")]
    options = {"is_transactional": True, "commits_ddl": False}
    one = planned_transactions(runs, per_migration=False, lock_order=ORDER, **options)
    assert [each.revisions for each in one] == [("a", "c")]
    two = planned_transactions(runs, per_migration=True, lock_order=ORDER, **options)
    assert [each.revisions for each in two] == [("a",), ("c",)]


def test_the_strongest_lock_is_held_to_the_end() -> None:
    move = Move(Revision("a"), "up", frozenset(), frozenset({"a"}))
    statements = tuple(
        PlannedStatement("a", "ALTER", locks=locks)
        for locks in ({"t": "ACCESS EXCLUSIVE"}, {"t": "SHARE", "u": "SHARE"})
    )
    (found,) = planned_transactions(
        [MoveRun(move, statements, Catalog(), Catalog())],
        is_transactional=True,
        per_migration=False,
        commits_ddl=False,
        lock_order=ORDER,
    )
    assert found.locks == {"t": "ACCESS EXCLUSIVE", "u": "SHARE"}
