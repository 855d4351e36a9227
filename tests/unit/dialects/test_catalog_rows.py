"""Rows of MariaDB's catalog: grouped by table, sorted, equal rows stored once."""

from __future__ import annotations

from limbeck.dialects.mysql.batched_queries import QueryRows
from limbeck.dialects.mysql.catalog_queries import Query

QUERIES = {
    "tables": (Query(("a", "b", "c"), "t", (1, 2)),),
    "columns": (Query(("s", "t", "c", "n"), "c", (0, 1, 3), table=0),),
    "constraints": (Query(("'k'", "s", "t", "c"), "k", table=1),),
    "views": (),
}


def test_rows_are_grouped_by_table_without_its_name() -> None:
    answers = QueryRows(QUERIES)
    answers.add("columns", ("s", "one", "b", 2))
    answers.add("columns", ("s", "two", "b", 2))
    answers.add("columns", ("s", "one", "a", 1))
    answers.add("constraints", ("k", "s", "one", "key"))
    answers.sort()
    columns = answers.tables("columns")
    assert columns == {("s", "one"): [("a", 1), ("b", 2)], ("s", "two"): [("b", 2)]}
    assert columns["s", "one"][1] is columns["s", "two"][0]
    assert answers.tables("constraints") == {("s", "one"): [("k", "key")]}


def test_rows_without_a_table_form_one_list() -> None:
    answers = QueryRows(QUERIES)
    for row in (("d", "s", "two"), ("d", "s", "one"), ("d", "r", "z")):
        answers.add("tables", row)
    answers.sort()
    assert answers.rows("tables") == [("d", "r", "z"), ("d", "s", "one"), ("d", "s", "two")]
    assert answers.rows("views") == []
    assert answers.tables("views") == {}
