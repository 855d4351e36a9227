"""Defaults and other expressions as the server prints them."""

from __future__ import annotations

import pytest

from limbeck.catalog import Type
from limbeck.dialects.postgresql.expression_rules import PostgresqlExpressionNormalizer


@pytest.mark.parametrize(
    ("type_", "written", "printed"),
    [
        ("boolean", "'t'", "true"),
        ("boolean", "'off'", "false"),
        ("boolean", "'perhaps'", "'perhaps'"),
        ("integer", "'7'", "7"),
        ("integer", "'+7'", "7"),
        ("numeric(5,2)", "'1.5'", "1.5"),
        ("integer", "'x'", "'x'"),
        # the server prints jsonb with sorted keys, and keeps the text of json in its order
        ("jsonb", """'{"b":1,"a":2}'""", """'{"a": 2, "b": 1}'"""),
        ("json", """'{"b":1,"a":2}'""", """'{"b": 1, "a": 2}'"""),
        ("jsonb", "'{'", "'{'"),
        ("date", "'2024-01-05 10:00'", "'2024-01-05'"),
        ("timestamp without time zone", "'2024-01-05'", "'2024-01-05 00:00:00'"),
        ("timestamp without time zone", "'2024-01-05T10:00'", "'2024-01-05 10:00:00'"),
        # with a time zone the value depends on the session
        ("timestamp without time zone", "'2024-01-05T10:00+02:00'", "'2024-01-05T10:00+02:00'"),
        ("date", "'tomorrow'", "'tomorrow'"),
        ("text", "'1'", "'1'"),
    ],
)
def test_literals_as_defaults(type_: str, written: str, printed: str) -> None:
    assert PostgresqlExpressionNormalizer()(written, "default", Type.parse(type_)) == printed


def test_a_body_keeps_its_text() -> None:
    assert PostgresqlExpressionNormalizer()(" SELECT  1 ;", "body", None) == "SELECT  1 "


def test_literals_of_arrays_are_no_values_of_their_type() -> None:
    assert PostgresqlExpressionNormalizer()("'{1}'", "default", Type.parse("integer[]")) == "'{1}'"
