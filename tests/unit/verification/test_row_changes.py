"""The changes of rows that are reported as faults."""

from __future__ import annotations

import pytest

from limbeck.catalog import Catalog, Column, Table, Type, table_key
from limbeck.scratch.digests import digest_of
from limbeck.verification.row_changes import State, row_findings

KEY = table_key("book")
TEXT, NUMBER = Type("text"), Type("integer")


def _state(rows: list[tuple[object, ...]] | None, second: Type = TEXT) -> State:
    if rows is None:
        return State(Catalog(), {})
    table = Table(KEY, (Column("id", NUMBER), Column("title", second)))
    return State(Catalog.of([table]), {KEY: digest_of(table, rows)})


FULL: list[tuple[object, ...]] = [(1, "a"), (2, "b")]


@pytest.mark.parametrize(
    ("between", "after", "up", "expected"),
    [
        (_state(FULL), _state(FULL[::-1]), (), []),
        (_state([]), _state([]), ("DELETE FROM book",), ["rows-lost"]),
        (_state(FULL[:1]), _state(FULL[:1]), ("DELETE FROM book WHERE id = 2",), ["rows-deleted"]),
        (_state(FULL[:1]), _state(FULL[:1]), ("DELETE FROM books",), ["rows-lost"]),
        (_state(FULL[:1]), _state(FULL), ("DELETE FROM book WHERE id = 2",), []),
        (_state([(1, "x"), (2, "b")]), _state([(1, "x"), (2, "b")]), (), ["rows-lost"]),
        (
            _state([(1, "x"), (2, "b")]),
            _state([(1, "x"), (2, "b")]),
            ("UPDATE book SET title = 'x'",),
            ["cannot-restore"],
        ),
        (_state(FULL, NUMBER), _state([(1, None), (2, None)]), (), ["cannot-restore"]),
        (_state(None), _state([]), (), ["cannot-restore"]),
        (_state(FULL), _state([(1, "a"), (2, "b"), (3, "c")]), (), ["rows-left"]),
    ],
)
def test_changes_of_rows_are_reported(
    between: State, after: State, up: tuple[str, ...], expected: list[str]
) -> None:
    found = row_findings(_state(FULL), between, after, up, ())
    assert [one.code for one in found] == expected


def test_rows_left_in_a_table_that_was_empty() -> None:
    before, between = _state([]), _state([(1, "a")])
    found = row_findings(before, between, between, ("INSERT INTO book VALUES (1, 'a')",), ())
    assert [one.message for one in found] == ["1 row is left in book after the downgrade"]
