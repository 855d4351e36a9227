"""Objects declared next to the models: stored once, and refused with their line if invalid."""

from __future__ import annotations

import pytest
from sqlalchemy import MetaData
from sqlalchemy.dialects import postgresql, sqlite

from limbeck.catalog import Key
from limbeck.errors import DraftError
from limbeck.sqlalchemy_io import declared_objects, read


def test_a_signature_belongs_to_a_routine() -> None:
    with pytest.raises(DraftError, match="'tax' is not a signature") as caught:
        declared_objects.function(MetaData(), "tax", "CREATE FUNCTION ...")
    assert caught.value.code == "LB418"
    assert (caught.value.place or "").startswith(f"{__file__}, line ")


def test_nothing_is_declared_twice() -> None:
    metadata = MetaData()
    declared_objects.function(metadata, "tax( int )", "CREATE FUNCTION a", only=["postgresql"])
    declared_objects.function(metadata, "tax(int)", "CREATE FUNCTION b", only=["oracle"])
    with pytest.raises(DraftError, match="declared twice") as caught:
        declared_objects.function(metadata, "tax(int)", "CREATE FUNCTION c;", only=["oracle"])
    assert caught.value.code == "LB417"
    assert (caught.value.place or "").startswith(f"{__file__}, line ")
    found = list(declared_objects.definitions(metadata, None, "postgresql"))
    assert [(thing.key, thing.body.text) for thing in found] == [
        (Key("function", (None, "tax(int)")), "CREATE FUNCTION a")
    ]


def test_views_have_comments_options_and_indexes() -> None:
    metadata = MetaData()
    declared_objects.view(
        metadata, "v", "SELECT 1;", options=("security_barrier = true",), comment="a"
    )
    declared_objects.materialized_view(metadata, "m", "SELECT 2", schema="other")
    declared_objects.index(metadata, "ix", "m", "CREATE INDEX ix ON other.m (x)", schema="other")
    declared_objects.comment(metadata, "materialized_view", "m", "b", schema="other")
    things = read(metadata, postgresql.dialect()).catalog.objects
    view = things[Key("view", (None, "v"))]
    mview = things[Key("materialized_view", ("other", "m"))]
    index = things[Key("view_index", ("other", "m", "ix"))]
    assert (view.body.text, view.comment) == ("SELECT 1", "a")
    assert view.extras == (("options", ("security_barrier=true",)),)
    assert mview.comment == "b"
    assert index.on == mview.key


def test_a_comment_needs_a_view() -> None:
    with pytest.raises(DraftError, match="comment on a table cannot be declared") as caught:
        declared_objects.comment(MetaData(), "table", "t", "x")
    assert caught.value.code == "LB418"
    metadata = MetaData()
    declared_objects.comment(metadata, "view", "v", "x")
    with pytest.raises(DraftError, match="the view 'v', which the models lack") as caught:
        read(metadata, sqlite.dialect())
    assert caught.value.code == "LB418"


def test_only_some_things_have_grants() -> None:
    with pytest.raises(DraftError, match="Privileges on a trigger cannot be declared") as caught:
        declared_objects.grant(MetaData(), "ALL", "t", "r", on="trigger")
    assert caught.value.code == "LB418"
    assert (caught.value.place or "").startswith(f"{__file__}, line ")
