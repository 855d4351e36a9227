"""The scratch table in which a server of the MySQL family prints expressions."""

from __future__ import annotations

import pytest

from limbeck.catalog import Key
from limbeck.dialects.canonical import Question
from limbeck.dialects.mysql.measurement import _are_same
from limbeck.dialects.mysql.server_canonical import _elements, _Item, _ScratchTable, _words

TABLE = Key("table", ("t",))


def expressions_of(role: str) -> Question:
    return Question(TABLE, role, 0)


@pytest.mark.parametrize(
    ("role", "line", "found"),
    [
        ("default", "int(11) DEFAULT (1 + 2)", ("(1 + 2)",)),
        ("default", "int(11)", ()),
        ("type", "int(11) DEFAULT NULL", ("int(11)",)),
        ("type", "varchar(10) NULL DEFAULT 'x'", ("varchar(10)",)),
        # the collation of a text belongs to the scratch table
        ("type", "varchar(10) COLLATE utf8mb4_bin DEFAULT NULL", ()),
        ("computed", "int(11) GENERATED ALWAYS AS (`a` * 2) VIRTUAL", ("`a` * 2",)),
        ("check", "CHECK (`a` > 0)", ("`a` > 0",)),
        ("check", "CHECK", ()),
        ("index", "((`a` + 1),(lower(`b`)))", ("(`a` + 1)", "(lower(`b`))")),
    ],
)
def test_the_text_of_a_line(role: str, line: str, found: tuple[str, ...]) -> None:
    assert _words(expressions_of(role), line) == found


def test_elements_may_hold_parentheses_in_texts() -> None:
    assert _elements("((concat(`a`,')')))") == ("(concat(`a`,')'))",)


def test_a_table_takes_columns_of_one_type_only() -> None:
    table = _ScratchTable()
    check = _Item(0, expressions_of("check"), "CONSTRAINT `limbeck_0` CHECK (a > 0)", {"a": "int"})
    assert table.takes(check)
    table.take(check)
    assert table.takes(
        _Item(1, expressions_of("index"), "INDEX `limbeck_1` ((a + b))", {"b": "int"})
    )
    assert not table.takes(
        _Item(2, expressions_of("check"), "CONSTRAINT `limbeck_2` CHECK (a)", {"a": "text"})
    )
    table.take(_Item(3, expressions_of("default"), "`limbeck_3` int NULL DEFAULT 1", {}))
    assert table.statement() == (
        "CREATE TEMPORARY TABLE `limbeck_scratch` (`limbeck` int, `a` int NULL, "
        "`limbeck_3` int NULL DEFAULT 1, CONSTRAINT `limbeck_0` CHECK (a > 0))"
    )


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        (["1", "2"], [2.0, 1.0], True),
        (["2024-01-01 00:00:00"], ["2024-01-01"], True),
        (["12:30:00.000"], ["12:30"], True),
        ([None], [None], True),
        ([None], [""], False),
        (["a0"], ["a"], False),
        (["a"], ["a "], False),
        (["1.5"], ["1"], False),
    ],
)
def test_values_before_and_after(old: list[object], new: list[object], *, same: bool) -> None:
    assert _are_same(old, new) is same
