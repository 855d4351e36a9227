"""Values behave as those of the standard library, which other code takes them for."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import ClassVar

import pytest

from limbeck.values import dataclass, field, fields, replace


@dataclass(frozen=True, slots=True)
class Point:
    kind: ClassVar[str] = "point"
    x: int
    y: int = 0
    tags: list[str] = field(default_factory=list)
    note: str = field(default="", compare=False)

    @property
    def total(self) -> int:
        return self.x + self.y


@dataclass(frozen=True, slots=True)
class One:
    word: str


@dataclass(frozen=True)
class Nothing:
    pass


@dataclass(slots=True)
class Loose:
    name: str
    seen: int = 0

    def __post_init__(self) -> None:
        self.seen += 1


def test_they_are_made_compared_and_shown() -> None:
    assert Point(1, y=2) == Point(1, 2, [], "other")
    assert Point(1) != Point(2)
    assert Point(1).total == 1
    assert Point(1).tags is not Point(1).tags
    assert repr(Point(1)) == "Point(x=1, y=0, tags=[], note='')"
    assert Loose("a") == Loose("a", 0)
    assert Loose("a").seen == 1
    with pytest.raises(TypeError, match="x"):
        Point()  # type: ignore[call-arg]


def test_frozen_ones_stay_as_they_are() -> None:
    point = Point(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        del point.x
    with pytest.raises(TypeError):
        hash(Loose("a"))


def test_they_travel_and_are_copied() -> None:
    assert pickle.loads(pickle.dumps(Point(1, 2, ["a"]))) == Point(1, 2, ["a"])
    assert copy.deepcopy(Point(1, 2, ["a"])) == Point(1, 2, ["a"])
    assert replace(Point(1, 2), y=3) == Point(1, 3)
    assert replace(One("a")) == One("a")
    assert replace(One("a"), word="b") == One("b")
    assert replace(Nothing()) == Nothing()
    with pytest.raises(TypeError, match="z"):
        replace(Point(1, 2), z=3)  # type: ignore[call-arg]


def test_the_standard_library_knows_them() -> None:
    assert dataclasses.is_dataclass(Point)
    assert [one.name for one in dataclasses.fields(Point)] == ["x", "y", "tags", "note"]
    assert [one.name for one in fields(Point)] == ["x", "y", "tags", "note"]
    assert dataclasses.replace(Point(1, 2), x=5) == Point(5, 2)
    match Point(1, 2):
        case Point(x, y):
            assert (x, y) == (1, 2)
