"""Values of sample rows, by the types and constraints of their columns."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from limbeck.dialects.postgresql.sample_rows import SampleColumn, SampleTable, quoted

PLAIN = SampleColumn(
    name="c",
    type="integer",
    is_not_null=True,
    has_default=False,
    is_identity=False,
    is_generated=False,
    declared_type="integer",
    enum_value=None,
    checks="",
    references=False,
    is_unique=False,
    is_text=False,
    is_composite=False,
    is_numbered=False,
)


def unqualified(sql: str) -> str:
    """Return SQL without the schema of the server's functions and operators."""
    return re.sub(r"OPERATOR\(pg_catalog\.(.*?)\)", r"\1", sql).replace("pg_catalog.", "")


def typed(text: str, *, is_text: bool = False) -> SampleColumn:
    return replace(PLAIN, type=text, declared_type=text, is_text=is_text)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (typed("integer"), "((i))::integer"),
        (typed("smallint"), "(((i) % 30000)::smallint)::smallint"),
        (typed("boolean"), "((((i) % 2) = 0))::boolean"),
        (typed("uuid"), "(md5(((i))::text)::uuid)::uuid"),
        # a number has as many digits before and after the point as its type has
        (typed("numeric(5,2)"), "((((i) % 1000) + 0.12))::numeric(5,2)"),
        (typed("numeric(3,0)"), "((((i) % 1000) + 0))::numeric(3,0)"),
        (typed("numeric"), "(((i)::numeric + 0.123))::numeric"),
        # short texts are the last digits of the row's number
        (
            typed("character varying(3)", is_text=True),
            "(right(lpad((i)::text, 3, '0'), 3))::character varying(3)",
        ),
        (typed("text", is_text=True), "((i)::text)::text"),
        (typed("integer[]"), "(ARRAY[(i)]::integer[])::integer[]"),
        # no values of these types are known
        (typed("tsquery"), "(NULL)::tsquery"),
        (typed("tsquery[]"), "(NULL)::tsquery[]"),
        (
            replace(typed("mood"), enum_value="it's ok"),
            "('it''s ok')::mood",
        ),
        (
            replace(typed("pair"), is_composite=True),
            "(json_populate_record(NULL::pair, '{}'))::pair",
        ),
    ],
)
def test_values(column: SampleColumn, value: str) -> None:
    assert unqualified(column.value("i")) == value


@pytest.mark.parametrize(
    ("column", "value"),
    [
        # the rows of a partition have its key
        (
            replace(typed("date"), partition_bound="FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"),
            "('2024-01-01')::date",
        ),
        (replace(PLAIN, partition_bound="FOR VALUES IN (7, 8)"), "(7)::integer"),
        # a text that a check mentions is one that it allows
        (
            replace(typed("text", is_text=True), checks="CHECK ((c = 'open'::text))"),
            "('open')::text",
        ),
        # but not a pattern, and not where the values have to differ
        (
            replace(typed("text", is_text=True), checks="CHECK ((c ~ '^a'::text))"),
            "((i)::text)::text",
        ),
        (
            replace(typed("text", is_text=True), checks="CHECK (c = 'a'::text)", is_unique=True),
            "((i)::text)::text",
        ),
    ],
)  # fmt: skip
def test_values_that_constraints_allow(column: SampleColumn, value: str) -> None:
    assert unqualified(column.value("i")) == value


def test_an_insert_of_one_row() -> None:
    table = SampleTable('crm."Person"', (PLAIN,), ("c",))
    assert table.insert([PLAIN, replace(PLAIN, name='a"b')], ["1", "2"]) == (
        'INSERT INTO crm."Person" ("c", "a""b") VALUES (1, 2)'
    )
    assert table.insert([], []) == 'INSERT INTO crm."Person" DEFAULT VALUES'
    assert quoted('a"b') == '"a""b"'
