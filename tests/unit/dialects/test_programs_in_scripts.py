"""Where the body of a routine ends: what a script tells the client."""

from __future__ import annotations

import pytest

from limbeck.dialects import find, script_parts

BODY = "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN SET @a = 1; SET @b = {}; END"


@pytest.mark.parametrize(
    ("sql", "written"),
    [
        ("CREATE TABLE t (s text DEFAULT ';')", "CREATE TABLE t (s text DEFAULT ';');"),
        ("CREATE FUNCTION f() RETURNS int RETURN 1", "CREATE FUNCTION f() RETURNS int RETURN 1;"),
        (BODY.format(2), f"DELIMITER $$\n{BODY.format(2)}$$\nDELIMITER ;"),
        (
            BODY.format("'$$'"),
            f"DELIMITER $$$\n{BODY.format(chr(39) + '$$' + chr(39))}$$$\nDELIMITER ;",
        ),
    ],
)
def test_statements_inside_statements(sql: str, written: str) -> None:
    assert script_parts(sql, find("mysql").capabilities) == (written,)


def test_other_clients_see_by_themselves() -> None:
    body = BODY.format(3)
    assert script_parts(body, find("sqlite").capabilities) == (f"{body};",)
