"""JSON arrays member by member are what they are as a whole."""

from __future__ import annotations

import json

import pytest

from limbeck.dialects.postgresql.telling import members


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "[[1]]",
        '[[1, "a]["], [2, [3, []]], \n [4, null, true]]',
        '[["\\"],[", "ü"],[]]',
    ],
)
def test_members(text: str) -> None:
    assert list(members(text)) == json.loads(text)


def test_nothing_is_told_before_it_is_taken() -> None:
    first = next(members('[[1], ["the end is missing'))
    assert first == [1]
