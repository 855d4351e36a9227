"""Headers of revisions that are written in SQL."""

from __future__ import annotations

import pytest

from limbeck.history import UnreadableHeaderError, read_sql_header


def test_a_complete_header_is_read() -> None:
    found = read_sql_header(
        "-- Add users\n-- and groups\n--\n-- More words.\n--\n-- revision: b2\n"
        "-- down_revision: a1, a2\n--branch_labels: x\n-- depends_on: c3\n\nSELECT 1;",
        "b2.sql",
    )
    assert found is not None
    assert (found.id, found.down, found.depends_on) == ("b2", ("a1", "a2"), ("c3",))
    assert (found.labels, found.doc) == (frozenset({"x"}), "Add users\nand groups")
    assert found.long_doc == "Add users\nand groups\n\nMore words."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SELECT 1;",
        "-- a note\nSELECT 1;\n-- revision: late",
        "-- limbeck: upgrade\n-- revision: x",
    ],
)
def test_files_without_a_header_are_not_revisions(text: str) -> None:
    assert read_sql_header(text, "x.sql") is None


@pytest.mark.parametrize("value", ["", "None", " , "])
def test_a_first_revision(value: str) -> None:
    found = read_sql_header(f"-- revision: a1\n-- down_revision: {value}\n")
    assert found is not None
    assert found.down == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-- revision: a\n-- revision: b\n", "a1.sql:2: `revision` is given twice"),
        ("-- revision:\n", "a1.sql:1: `revision` has no value"),
        ("-- revision: a\n-- down_revison: b\n", "a1.sql:2: `down_revison: b` is not known"),
        ("--\n-- revision: a\n-- kind: dta\n", "a1.sql:3: `kind` is 'dta', not schema or data"),
        ("-- revision: a\n-- phase: x\n", "a1.sql:2: `phase` is 'x', not before or after"),
        ("-- Revises: b\n-- revision: a\n", "a1.sql:1: `Revises: b` is not known"),
    ],
)
def test_errors_of_the_header_are_reported_with_their_line(text: str, expected: str) -> None:
    with pytest.raises(UnreadableHeaderError) as caught:
        read_sql_header(text, "a1.sql")
    assert caught.value.message == expected
