"""Quotes around identifiers and literals, added and removed."""

from __future__ import annotations

import pytest

from limbeck.sql import (
    quote_identifier,
    quote_if_needed,
    quote_literal,
    quote_path,
    unquote,
    unquote_literal,
)


@pytest.mark.parametrize("name", ["a", 'a"b', "a b", "[a]", "`"])
def test_quoted_identifiers_are_unquoted_to_the_original(name: str) -> None:
    assert unquote(quote_identifier(name)) == name
    assert unquote(quote_identifier(name, "`")) == name


def test_names_without_quotes_and_paths() -> None:
    assert [quote_if_needed(name) for name in ("a1", "A", "user")] == ["a1", '"A"', '"user"']
    assert quote_path(None, "s", "t") == '"s"."t"'
    assert quote_path("s", "t", mark="`") == "`s`.`t`"
    assert [unquote(text) for text in ("[a]", "a", "[", "'", "")] == ["a", "a", "[", "'", ""]


@pytest.mark.parametrize("text", ["", "it's", "a\\b", "\\'"])
def test_quoted_literals_are_unquoted_to_the_original(text: str) -> None:
    assert unquote_literal(quote_literal(text)) == text
    escaped = quote_literal(text, backslash_escapes=True)
    assert unquote_literal(escaped, backslash_escapes=True) == text


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("$t$it's$t$", "it's"),
        (r"E'a\nb\'c'", "a\nb'c"),
        ("N'x'", "x"),
        ('"say ""hi"""', 'say "hi"'),
    ],
)
def test_other_literals(literal: str, value: str) -> None:
    assert unquote_literal(literal) == value
