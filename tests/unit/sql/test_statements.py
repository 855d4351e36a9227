"""Scripts split into statements."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limbeck.sql import MYSQL, POSTGRESQL, SQLITE, QuotingRules, split_script

TRIGGER = (
    "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET x = CASE WHEN x > 1 THEN 2 ELSE 3 END;"
    " DELETE FROM b; END"
)
PROCEDURE = (
    "CREATE PROCEDURE q() BEGIN IF 1 THEN SELECT 1; END IF; WHILE 0 DO SELECT 2; END WHILE; "
    "CASE 1 WHEN 1 THEN SELECT 3; END CASE; END"
)
FUNCTION = "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END; $$"
STANDARD_BODY = "CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END"
RULE = "CREATE RULE r AS ON INSERT TO a DO ALSO (INSERT INTO b VALUES (1); DELETE FROM c)"


@pytest.mark.parametrize(
    ("rules", "text", "expected"),
    [
        (SQLITE, "", []),
        (SQLITE, "-- nothing; at all\n/* ; */", []),
        (SQLITE, "SELECT 1", ["SELECT 1"]),
        (SQLITE, "SELECT 1;; SELECT ';' ;", ["SELECT 1", "SELECT ';'"]),
        (SQLITE, f"{TRIGGER};\nSELECT 1;", [TRIGGER, "SELECT 1"]),
        (SQLITE, "BEGIN; SELECT 1; END;", ["BEGIN", "SELECT 1", "END"]),
        (POSTGRESQL, f"{FUNCTION};{STANDARD_BODY};SELECT 1", [FUNCTION, STANDARD_BODY, "SELECT 1"]),
        (POSTGRESQL, f"{RULE}; SELECT 1", [RULE, "SELECT 1"]),
        (MYSQL, f"{PROCEDURE};SELECT 'a\\';b';# x; y\n", [PROCEDURE, r"SELECT 'a\';b'"]),
        (
            MYSQL,
            "SELECT 1;\nDELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 2; END //\ndelimiter ;\nSELECT 3;",
            ["SELECT 1", "CREATE PROCEDURE p() BEGIN SELECT 2; END", "SELECT 3"],
        ),
        (
            MYSQL,
            "/*!40101 SET NAMES utf8 */; SELECT 1; /*M! SET x = 1 */ ;",
            ["/*!40101 SET NAMES utf8 */", "SELECT 1", "/*M! SET x = 1 */"],
        ),
    ],
)
def test_statements(rules: QuotingRules, text: str, expected: list[str]) -> None:
    assert [statement.text for statement in split_script(text, rules)] == expected


def test_lines_are_those_of_the_script() -> None:
    text = "-- one\n\nSELECT 1;\n  -- two\n  SELECT\n 2; SELECT 3"
    assert [statement.line for statement in split_script(text, SQLITE)] == [3, 5, 6]


@given(
    st.lists(
        st.sampled_from(["SELECT 1", "SELECT ';'", TRIGGER, 'INSERT INTO "a;b" VALUES (1)']),
        max_size=6,
    )
)
def test_joined_statements_are_split(statements: list[str]) -> None:
    script = ";\n-- a comment; with a semicolon\n".join(statements)
    assert [one.text for one in split_script(script, SQLITE)] == statements
