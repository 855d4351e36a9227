"""What stands beside the models is noted once, and nonsense is told with its line."""

from __future__ import annotations

import pytest
from sqlalchemy import MetaData

from limbeck.bridge import beside
from limbeck.catalog import Key
from limbeck.errors import DraftError


def test_a_signature_belongs_to_a_routine() -> None:
    with pytest.raises(DraftError, match="'tax' is no signature") as caught:
        beside.function(MetaData(), "tax", "CREATE FUNCTION ...")
    assert caught.value.code == "LB418"
    assert (caught.value.place or "").startswith(f"{__file__}, line ")


def test_nothing_is_declared_twice() -> None:
    metadata = MetaData()
    beside.function(metadata, "tax( int )", "CREATE FUNCTION a", only=["postgresql"])
    beside.function(metadata, "tax(int)", "CREATE FUNCTION b", only=["oracle"])
    with pytest.raises(DraftError, match="declared twice") as caught:
        beside.function(metadata, "tax(int)", "CREATE FUNCTION c;", only=["oracle"])
    assert caught.value.code == "LB417"
    assert (caught.value.place or "").startswith(f"{__file__}, line ")
    found = list(beside.definitions(metadata, None, "postgresql"))
    assert [(thing.key, thing.body.text) for thing in found] == [
        (Key("function", (None, "tax(int)")), "CREATE FUNCTION a")
    ]
