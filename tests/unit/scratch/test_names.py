"""Names of scratch databases."""

from __future__ import annotations

import os
import time

import pytest

from limbeck.scratch import is_leftover, new_name, parse_name
from limbeck.scratch.names import ScratchName


def test_a_name_holds_its_process() -> None:
    name = parse_name(new_name())
    assert name is not None
    assert name.process == os.getpid()


def test_names_differ() -> None:
    assert new_name() != new_name()


@pytest.mark.parametrize(
    "name",
    ["limbeck_scratch_", "limbeck_scratch_000000_1_1_1_0000", "limbeck_scratch_mine", "production"],
)
def test_a_foreign_name_is_never_a_leftover(name: str) -> None:
    assert parse_name(name) is None
    assert not is_leftover(name, now=time.time() + 10**9)


def test_a_name_of_a_running_process_is_no_leftover() -> None:
    assert not is_leftover(new_name())


def test_a_name_of_an_ended_process_is_a_leftover() -> None:
    mine = parse_name(new_name())
    assert mine is not None
    assert is_leftover(str(ScratchName(mine.host, 2**22 + 1, mine.made, 1)))


def test_a_name_of_another_machine_is_a_leftover_after_a_day() -> None:
    other = str(ScratchName("000000", os.getpid(), 1000, 1))
    assert not is_leftover(other, now=2000.0)
    assert is_leftover(other, now=1000.0 + 25 * 3600)
