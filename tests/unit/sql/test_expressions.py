"""Equivalent expressions have one canonical text, and different expressions have not."""

from __future__ import annotations

import pytest

from limbeck.catalog import Type
from limbeck.dialects.mysql.expression_rules import MysqlExpressionNormalizer
from limbeck.dialects.postgresql.expression_rules import PostgresqlExpressionNormalizer
from limbeck.dialects.sqlite.normalize import GRAMMAR as SQLITE
from limbeck.sql import Grammar, canonicalize, lowercase_identifiers

SAME_ON_POSTGRESQL = [
    ("status IN ('a','b')",
     "((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))"),
    ("a > -1 AND b<5", "((a > '-1'::integer) AND (b < 5))"),
    ("x BETWEEN 1 AND 2", "((x >= 1) AND (x <= 2))"),
    ("x NOT BETWEEN 1 AND 2", "((x < 1) OR (x > 2))"),
    ("s LIKE 'a%'", "((s)::text ~~ 'a%'::text)"),
    ("s NOT LIKE 'a%'", "((s)::text !~~ 'a%'::text)"),
    ("CASE WHEN a > 0 THEN 1 END", "CASE WHEN (a > 0) THEN 1 ELSE NULL::integer END"),
    ("CAST(a AS varchar(5))", "(a)::character varying(5)"),
    ("a IS NOT NULL", "NOT (a IS NULL)"),
    ("E'a\\\\b'", "'a\\b'"),
    ('"a" != 3', "(a <> 3)"),
    ("a /* why */ + -- so\n 1", "(a + 1)"),
    ("lower(s)", "lower((s)::text)"),
    ("n > 0", "(n > (0)::numeric)"),
    ("d > '2000-01-01'::date", "(d > '2000-01-01'::date)"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "server"), SAME_ON_POSTGRESQL)
def test_equivalent_expressions_of_postgresql_are_equal(model: str, server: str) -> None:
    spell = PostgresqlExpressionNormalizer()
    assert spell(model, "check") == spell(server, "check")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a AND b OR c", "a AND (b OR c)"),
        ("a - b - c", "a - (b - c)"),
        ("NOT a = b", "(NOT a) = b"),
        ('"A" > 0', "a > 0"),
        ("'A' = s", "'a' = s"),
        ("f(a, b)", "f(b, a)"),
        ("a > 1", "a >= 1"),
        ("s LIKE 'a'", "s NOT LIKE 'a'"),
        ("count(*) OVER ()", "count(*) OVER (ORDER BY a)"),
        ("a IN (SELECT 1)", "a IN (SELECT 2)"),
        ("CASE WHEN a THEN 1 ELSE 2 END", "CASE WHEN a THEN 1 ELSE 3 END"),
    ],
)
def test_different_expressions_are_not_equal(one: str, other: str) -> None:
    spell = PostgresqlExpressionNormalizer()
    assert spell(one, "check") != spell(other, "check")


@pytest.mark.parametrize(
    ("type_name", "model", "server"),
    [
        ("boolean", "'f'", "false"),
        ("integer", "'-1'", "'-1'::integer"),
        ("numeric", "'0'", "0"),
        ("jsonb", '\'{"b":1, "a":2}\'', '\'{"a": 2, "b": 1}\'::jsonb'),
        ("timestamp without time zone", "'2020-01-01'",
         "'2020-01-01 00:00:00'::timestamp without time zone"),
        ("character varying", "'it''s'", "'it''s'::character varying"),
        ("mood", "'ok'", "'ok'::other.mood"),
        ("text", "'1'", "'1'::text"),
    ],
)  # fmt: skip
def test_postgresql_defaults_by_type(type_name: str, model: str, server: str) -> None:
    spell = PostgresqlExpressionNormalizer()
    type_ = Type(type_name)
    assert spell(model, "default", type_) == spell(server, "default", type_)


def test_a_text_default_is_no_number() -> None:
    spell = PostgresqlExpressionNormalizer()
    assert spell("'0'", "default", Type("text")) != spell("'00'", "default", Type("text"))


@pytest.mark.parametrize(
    ("role", "type_", "model", "server"),
    [
        ("default", Type("decimal", ("10", "2")), "'0'", "0.00"),
        ("default", Type("tinyint", ("1",)), "true", "1"),
        ("default", Type("datetime"), "NOW()", "current_timestamp()"),
        ("default", Type("datetime"), "'2020-01-01'", "'2020-01-01 00:00:00'"),
        ("default", Type("varchar", ("5",)), "5", "'5'"),
        ("default", Type("varchar", ("9",)), '"it\'s"', "'it\\'s'"),
        ("check", None, "nm in ('a','b') && n != 5", "`nm` in ('a','b') and `n` <> 5"),
        ("check", None, "n BETWEEN 1 AND 5", "`n` between 1 and 5"),
        ("check", None, "nm = _utf8mb4'a'", "nm = 'a'"),
        ("on_update", None, "CURRENT_TIMESTAMP", "current_timestamp()"),
    ],
)
def test_equivalent_expressions_of_mariadb_are_equal(
    role: str, type_: Type | None, model: str, server: str
) -> None:
    spell = MysqlExpressionNormalizer()
    assert spell(model, role, type_) == spell(server, role, type_)


def test_fractions_of_a_second_are_kept() -> None:
    spell = MysqlExpressionNormalizer()
    assert spell("CURRENT_TIMESTAMP(3)", "default", Type("datetime", ("3",))) != spell(
        "CURRENT_TIMESTAMP", "default", Type("datetime", ("3",))
    )


def test_sqlite_names_are_equal_in_any_quotes() -> None:
    words = {canonicalize(text, SQLITE) for text in ('"A" > 0', "[a] > 0", "`a`>0", "(a > 0)")}
    assert len(words) == 1


def test_text_that_is_no_sql_is_kept() -> None:
    assert canonicalize("a ' b", Grammar()) == "a ' b"


def test_names_are_found_outside_of_strings() -> None:
    assert lowercase_identifiers("\"Name\" > lower(other) and x = 'third'", Grammar()) >= {
        "name",
        "other",
        "x",
    }
    assert "third" not in lowercase_identifiers("x = 'third'", Grammar())
