"""Which changes of an enum type have to be committed, and which defaults block them."""

from __future__ import annotations

import pytest

from limbeck.autogenerate.enum_values import defaults_to_drop, needs_commit
from limbeck.catalog import Column, Enum, Expr, Key, Table, Type, table_key
from limbeck.diff import Alter, Change, Create, Drop

KIND = Key("enum", (None, "kind"))
OWNER = table_key("t")


def column(default: str | None, name: str = "c") -> Column:
    return Column(name, Type("kind", ref=KIND), True, Expr(default) if default else None)


def changed(*values: str, before: tuple[str, ...] = ("a", "it's")) -> Alter:
    return Alter(Enum(KIND, before), Enum(KIND, values), None, frozenset({"values"}))


def default(old: str | None, new: str | None) -> Alter:
    return Alter(column(old), column(new), OWNER, frozenset({"default"}))


@pytest.mark.parametrize(
    ("change", "other_change", "expected"),
    [
        (changed("a", "it's", "c"), default("'a'", "'c'"), (True, False)),
        (changed("a", "it's", "c"), default("'a'", "'it''s'::kind"), (False, False)),
        (changed("a"), default("'it''s'", "'a'"), (False, True)),
        (changed("a", "c"), default("'it''s'", "'c'"), (False, False)),
        (changed("a", "it's", "c"), Create(column("'c'", "n"), OWNER), (True, False)),
        (changed("a"), Drop(Table(OWNER, (column("'it''s'::kind"),))), (False, True)),
    ],
)
def test_enum_values_that_the_same_draft_uses_are_committed_first(
    change: Alter, other_change: Change, expected: tuple[bool, bool]
) -> None:
    assert needs_commit([change, other_change], change) == expected


def test_a_default_that_is_a_value_of_one_type_only_is_dropped_first() -> None:
    change = changed("a", "c")
    changes = [default("'it''s'", "'a'"), default("'a'", None), default(None, "'c'::kind")]
    assert list(defaults_to_drop([change, *changes], change)) == [
        changes[0],
        changes[2],
    ]
