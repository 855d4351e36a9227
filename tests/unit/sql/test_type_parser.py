"""Types parsed into name, arguments and suffix."""

from __future__ import annotations

import pytest

from limbeck.sql import ParsedType, parse_type


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NUMERIC(10, 2)", ParsedType("numeric", ("10", "2"))),
        ("timestamp(3) WITH TIME ZONE", ParsedType("timestamp with time zone", ("3",))),
        ("INTEGER[5][]", ParsedType("integer", dimensions=2)),
        ("integer ARRAY", ParsedType("integer", dimensions=1)),
        ('s."My Type"', ParsedType("s.My Type")),
        ("geometry(Point Z, 4326)", ParsedType("geometry", ("point z", "4326"))),
        ("ENUM('a,b','it''s')", ParsedType("enum", ("'a,b'", "'it''s'"))),
        (
            "INT(11) UNSIGNED ZEROFILL",
            ParsedType("int", ("11",), options=(("unsigned", True), ("zerofill", True))),
        ),
        ('VARCHAR(5) COLLATE "de_DE"', ParsedType("varchar", ("5",), "de_DE")),
        ('text COLLATE pg_catalog."C"', ParsedType("text", (), "pg_catalog.C")),
        (
            "char CHARACTER SET utf8 COLLATE utf8_bin",
            ParsedType("char", (), "utf8_bin", options=(("charset", "utf8"),)),
        ),
        (" what ' is", ParsedType("what ' is")),
    ],
)
def test_a_type_is_parsed_into_its_parts(text: str, expected: ParsedType) -> None:
    assert parse_type(text) == expected


def test_quotes_are_kept_on_request() -> None:
    assert parse_type('s."My Type"', keep_quotes=True).name == 's."My Type"'
