"""A JSON array decoded one element at a time equals the array decoded as a whole."""

from __future__ import annotations

import json

import pytest

from limbeck.dialects.postgresql.reflect import members


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


def test_elements_are_decoded_only_when_they_are_used() -> None:
    first = next(members('[[1], ["the end is missing'))
    assert first == [1]
