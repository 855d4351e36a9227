"""Tokens of SQL text in each dialect, and text split at its top level."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limbeck.sql import (
    ANY,
    MYSQL,
    POSTGRESQL,
    SQLITE,
    STANDARD,
    QuotingRules,
    closing_index,
    identifiers_in,
    rename_identifier,
    split_top_level,
    strip_leading_comments,
    tokenize,
)


@pytest.mark.parametrize(
    ("rules", "text", "expected"),
    [
        (SQLITE, '[a b] "c""d" `e``f`', ["quoted", "quoted", "quoted"]),
        (SQLITE, "x'00' X'ff' 1_000 .5 1e-3 0x1F", ["bits", "bits", *["number"] * 4]),
        (SQLITE, "a /* not closed", ["name"]),
        (SQLITE, "'it''s' -- ' (\n b", ["string", "name"]),
        (SQLITE, r"'\' b", ["string", "name"]),
        (SQLITE, "ünï €", ["name", "name"]),
        (SQLITE, "a 'open", ["name", "other", "name"]),
        (POSTGRESQL, r"E'it\'s' $t$ it's $$ $t$ $$'$$", ["string"] * 3),
        (POSTGRESQL, "/* a /* b */ c */ d", ["name"]),
        (POSTGRESQL, "a[1]", ["name", "mark", "number", "mark"]),
        (
            POSTGRESQL,
            "a !~~* b <<| c::text",
            ["name", "mark", "name", "mark", "name", "mark", "name"],
        ),
        (MYSQL, r"""'it\'s' "str\"ing" N'x' `a``b`""", ["string", "string", "string", "quoted"]),
        (MYSQL, "a # comment\n b -- comment\n c", ["name", "name", "name"]),
        (MYSQL, "5--3", ["number", "mark", "mark", "number"]),
        (STANDARD, "5--3", ["number"]),
        (ANY, "a[1] [b c]", ["name", "mark", "number", "mark", "quoted"]),
    ],
)
def test_kinds_of_tokens(rules: QuotingRules, text: str, expected: list[str]) -> None:
    assert [token.kind for token in tokenize(text, rules)] == expected


@given(st.text("ab'\"`[]$/*-\\(), \n1.xE", max_size=30))
def test_spans_cover_the_text(text: str) -> None:
    for rules in (SQLITE, POSTGRESQL, MYSQL, STANDARD, ANY):
        end = 0
        for token in tokenize(text, rules):
            assert end <= token.start < token.end
            assert text[token.start : token.end] == token.text
            end = token.end


def test_split_at_the_top_level() -> None:
    text = "a(1, 2), 'x, y', [b, c] /* , */, d"
    assert list(split_top_level(text, ",", SQLITE)) == [
        "a(1, 2)",
        " 'x, y'",
        " [b, c] /* , */",
        " d",
    ]
    assert list(split_top_level("(a; b)", ";", SQLITE, parentheses=False)) == ["(a", " b)"]


def test_closing_parenthesis() -> None:
    tokens = tokenize("a (b ')' (c)) d (", SQLITE)
    assert closing_index(tokens, 1) == 7
    assert closing_index(tokens, 9) is None


def test_comments_are_stripped() -> None:
    assert strip_leading_comments("-- a\n /* b */ SELECT 1 -- c\n", STANDARD) == "SELECT 1 -- c"
    assert strip_leading_comments("-- a", STANDARD) == ""


def test_identifiers() -> None:
    text = "lower(\"A b\") = 'c' AND `d` > [e]"
    assert identifiers_in(text, ANY) == {"lower", "A b", "AND", "d", "e"}
    assert rename_identifier("a + [a] + \"a\" + 'a' + b", "a", 'x"y', ANY) == (
        '"x""y" + [x"y] + "x""y" + \'a\' + b'
    )
    assert rename_identifier("a > 0", "a", "order", ANY) == '"order" > 0'
