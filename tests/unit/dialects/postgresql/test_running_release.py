"""The queries of the running release that are tried before and after each statement."""

from __future__ import annotations

from dataclasses import replace

from limbeck.dialects.postgresql.changed_rows import _is_same
from limbeck.dialects.postgresql.running_release import _known, _partial_inserts, _queries
from limbeck.dialects.postgresql.sample_rows import SampleTable
from tests.unit.dialects.postgresql.test_sample_rows import PLAIN

ID = replace(PLAIN, name="id", has_default=True, is_numbered=True, is_unique=True)
NAME = replace(PLAIN, name="name", type="text", declared_type="text", is_text=True)
NOTE = replace(NAME, name="note", is_not_null=False)
PARENT = replace(PLAIN, name="parent", references=True)
TOTAL = replace(PLAIN, name="total", is_generated=True, has_default=True)
TABLE = SampleTable(
    'public."Book"', (ID, NAME, NOTE, PARENT, TOTAL), ("id", "name", "note", "parent", "total")
)


def test_each_table_is_read_written_and_changed() -> None:
    found = {query.label: query for query in _queries(TABLE)}
    assert list(found) == [
        "SELECT on Book",
        "INSERT into Book with the required columns",
        "INSERT into Book with all columns",
        "UPDATE of Book",
    ]
    select, required, everything, update = found.values()
    assert select.sql == (
        'SELECT "id", "name", "note", "parent", "total" FROM public."Book" LIMIT 1'
    )
    assert select.returns_rows
    assert required.sql.startswith('INSERT INTO public."Book" ("name", "parent") VALUES (')
    assert everything.sql.startswith('INSERT INTO public."Book" ("name", "note", "parent")')
    assert required.writes_row
    assert everything.writes_row
    # a reference gets the number of an existing row, the other columns a new number
    assert required.sql.endswith("VALUES (((100240)::pg_catalog.text)::text, ((5))::integer)")
    assert '"name" = "name", "note" = "note", "parent" = "parent"' in update.sql
    assert '"id" = "id"' not in update.sql
    assert '"total"' not in update.sql
    assert """'public."Book"'::pg_catalog.regclass""" in (update.rows_to_write or "")


def test_a_table_without_readable_columns_is_left_out() -> None:
    assert not list(_queries(replace(TABLE, read=())))


def test_a_table_with_unique_columns_only_has_no_update() -> None:
    labels = [query.label for query in _queries(replace(TABLE, columns=(ID,), read=("id",)))]
    assert "UPDATE of Book" not in labels


def test_each_optional_column_is_omitted_once() -> None:
    other = replace(NOTE, name="other")
    table = replace(TABLE, columns=(ID, NAME, NOTE, other))
    found = list(_partial_inserts(table))
    assert [query.label for query in found] == [
        "INSERT into Book without note",
        "INSERT into Book without other",
    ]
    assert '("name", "other")' in found[0].sql
    assert '("name", "note")' in found[1].sql


def test_only_columns_of_the_release_are_tested() -> None:
    assert _known([TABLE], None) == [TABLE]
    assert _known([TABLE], {"public.Other": frozenset({"id"})}) == []
    (known,) = _known([TABLE], {"public.Book": frozenset({"id", "name"})})
    assert [column.name for column in known.columns] == ["id", "name"]
    assert known.read == ("id", "name")


def test_values_of_another_type_can_be_the_same() -> None:
    assert _is_same("1", "1.0")
    assert _is_same("a  ", "a")
    assert not _is_same("1.5", "1")
    assert not _is_same(None, "")
    assert _is_same(None, None)
