"""Queries of PostgreSQL's catalogs qualify all names."""

from __future__ import annotations

import pytest

from limbeck.dialects.postgresql.qualified_sql import qualified

CASES = (
    ("SELECT 1 WHERE c.a = c.b", "SELECT 1 WHERE c.a OPERATOR(pg_catalog.=) c.b"),
    ("c.a <> 't'", "c.a OPERATOR(pg_catalog.<>) 't'"),
    ("c.a >= 1 AND c.b > 2", "c.a OPERATOR(pg_catalog.>=) 1 AND c.b OPERATOR(pg_catalog.>) 2"),
    ("a || '='", "a OPERATOR(pg_catalog.||) '='"),
    ("n.x LIKE 'a = (b)'", "n.x OPERATOR(pg_catalog.~~) 'a = (b)'"),
    ("n.x NOT LIKE 'a'", "n.x OPERATOR(pg_catalog.!~~) 'a'"),
    ("x IN ('a)', 'b')", "x OPERATOR(pg_catalog.=) ANY (ARRAY['a)', 'b'])"),
    ("x NOT IN ('a')", "x OPERATOR(pg_catalog.<>) ALL (ARRAY['a'])"),
    ("x IN (SELECT y)", "x OPERATOR(pg_catalog.=) ANY (SELECT y)"),
    ("FROM pg_class c", "FROM pg_catalog.pg_class c"),
    ("FROM pg_class", "FROM pg_catalog.pg_class"),
    ("FROM pg_class AS c", "FROM pg_catalog.pg_class AS c"),
    ("(SELECT 1 FROM pg_database WHERE true)", "(SELECT 1 FROM pg_catalog.pg_database WHERE true)"),
    ("SELECT * FROM x", "SELECT * FROM x"),
    ("count(*) - 1", "pg_catalog.count(*) OPERATOR(pg_catalog.-) 1"),
    (
        "(({i} / 250) % 250)",
        "(({i} OPERATOR(pg_catalog./) 250) OPERATOR(pg_catalog.%) 250)",
    ),
    (
        "('1'::date + 2 * i)",
        "('1'::pg_catalog.date OPERATOR(pg_catalog.+) 2 OPERATOR(pg_catalog.*) i)",
    ),
    ("pg_get_expr(a, b)", "pg_catalog.pg_get_expr(a, b)"),
    ("pg_catalog.left(a, 1)", "pg_catalog.left(a, 1)"),
    ("coalesce(json_agg(x), '')", "coalesce(pg_catalog.json_agg(x), '')"),
    ("unnest(a) u(n, o)", "pg_catalog.unnest(a) u(n, o)"),
    ("'pg_class'::regclass", "'pg_catalog.pg_class'::pg_catalog.regclass"),
    ("'trigger'::regtype", "'pg_catalog.trigger'::pg_catalog.regtype"),
    ("a::oid[]::bigint[]", "a::pg_catalog.oid[]::bigint[]"),
    ('a."x = y"', 'a."x = y"'),
    ("E'\\' = ' || a", "E'\\' = ' OPERATOR(pg_catalog.||) a"),
)


@pytest.mark.parametrize(("given", "expected"), CASES)
def test_every_name_is_qualified_by_its_schema(given: str, expected: str) -> None:
    assert qualified(given) == expected
    assert qualified(expected) == expected
