from __future__ import annotations

import pytest

from limbeck.catalog import KINDS, Definition, Enum, Key, kind_of

SETS = {
    "has_dependents": "view materialized_view function procedure",
    "is_referred_to": "table view materialized_view sequence enum domain",
    "reads_owner_columns": "trigger policy",
    "refers_by_name": "view materialized_view view_index trigger policy function procedure",
    "drop_by_default": "table enum domain sequence",
}


@pytest.mark.parametrize("name", SETS)
def test_which_kinds_have_a_property(name: str) -> None:
    assert {kind.name for kind in KINDS.values() if getattr(kind, name)} == set(SETS[name].split())


def test_the_order_of_creation() -> None:
    early = [kind.name for kind in KINDS.values() if kind.create_rank < KINDS["view"].create_rank]
    assert early == ["namespace", "extension", "enum", "domain", "sequence", "table"]


def test_a_kind_of_an_outside_dialect_is_a_text_without_owner() -> None:
    kind = kind_of(Key("synonym", (None, "s")))
    assert (kind.name, kind.value, kind.owner, kind.drop_by_default) == (
        "synonym",
        Definition,
        "none",
        False,
    )
    assert kind_of(Key("enum", (None, "e"))).value is Enum
