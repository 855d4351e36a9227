"""The rules that are read from CHECK constraints."""

from __future__ import annotations

import pytest

from limbeck.catalog import Check, Expr
from limbeck.scratch.check_rules import ValueRule, value_rules


@pytest.mark.parametrize(
    ("text", "column", "rule"),
    [
        ("price > 0", "price", ValueRule(least=1)),
        ("((price >= (0)::numeric))", "price", ValueRule(least=0)),
        ("`price` between 1 and 9", "price", ValueRule(least=1, greatest=9)),
        ("state IN ('new', 'old')", "state", ValueRule(values=("new", "old"))),
        (
            "((state)::text = ANY ((ARRAY['new'::character varying, 'old'::character varying])::text[]))",
            "state",
            ValueRule(values=("new", "old")),
        ),
        ("length(name) > 3", "name", ValueRule(shortest=4)),
        ("(char_length((name)::text) <= 5)", "name", ValueRule(longest=5)),
        ("json_valid(`data`)", "data", ValueRule(is_json=True)),
        ("starts < ends", "ends", ValueRule(above="starts")),
        ("name <> ''", "name", ValueRule(shortest=1)),
    ],
)
def test_a_rule(text: str, column: str, rule: ValueRule) -> None:
    columns = ("price", "state", "name", "data", "starts", "ends")
    assert value_rules([Check(Expr(text))], columns) == {column: rule}


@pytest.mark.parametrize("name", ["per cent", "50%", 'q"q', "it's"])
@pytest.mark.parametrize("mark", ['"', "`"])
def test_quoted_column_names_are_recognized(name: str, mark: str) -> None:
    text = f"{mark}{name.replace(mark, 2 * mark)}{mark} IN ('a', 'b')"
    assert value_rules([Check(Expr(text))], [name]) == {name: ValueRule(values=("a", "b"))}
