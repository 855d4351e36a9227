"""The DELIMITER commands of a script around the body of a routine."""

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
def test_bodies_with_semicolons_get_a_delimiter(sql: str, written: str) -> None:
    assert script_parts(sql, find("mysql").capabilities) == (written,)


def test_clients_of_other_databases_need_no_delimiter() -> None:
    body = BODY.format(3)
    assert script_parts(body, find("sqlite").capabilities) == (f"{body};",)
