"""The garbage collector's intervals while a command runs."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest

from limbeck.startup.gc_tuning import collected_rarely

_USUAL = (700, 10, 10)


@pytest.fixture(autouse=True)
def _intervals() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(*_USUAL)
    yield
    gc.set_threshold(*before)


def test_the_intervals_of_a_caller_are_restored() -> None:
    with collected_rarely():
        assert gc.get_threshold()[0] > _USUAL[0]
    assert gc.get_threshold() == _USUAL


@pytest.mark.parametrize("chosen", [(0, 10, 10), (1_000_000, 10, 10)])
def test_intervals_that_the_caller_set_are_not_changed(chosen: tuple[int, int, int]) -> None:
    gc.set_threshold(*chosen)
    with collected_rarely():
        assert gc.get_threshold() == chosen


def test_a_disabled_collector_is_not_changed() -> None:
    gc.disable()
    try:
        with collected_rarely():
            assert gc.get_threshold() == _USUAL
    finally:
        gc.enable()


def test_the_process_of_a_command_ends_without_a_collection() -> None:
    code = (
        "import atexit, gc, sys\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 0))\n"
        "from limbeck.cli import main\n"
        "sys.argv = ['limbeck', '--version']\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert done.splitlines()[-1] == "True"


def test_a_listing_command_runs_no_collection() -> None:
    code = (
        "import gc, sys\nfrom limbeck.cli import main\n"
        "sys.argv = ['limbeck', {!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\nprint(gc.get_threshold()[0])\n"
    )
    seen = [
        subprocess.run(
            [sys.executable, "-c", code.format(command)], capture_output=True, text=True, check=True
        ).stdout.splitlines()[-1]
        for command in ("heads", "current")
    ]
    assert int(seen[0]) > int(seen[1]) > _USUAL[0]


def test_a_process_with_a_third_party_dialect_ends_with_a_collection() -> None:
    code = (
        "import atexit, gc, sys\n"
        "atexit.register(lambda: print(gc.get_freeze_count()))\n"
        "from sqlalchemy.dialects import registry\n"
        "class Other: __module__ = 'other_package'\n"
        "registry.impls['other'] = lambda: Other\n"
        "from limbeck.cli import main\n"
        "gc.freeze()\n"
        "sys.argv = ['limbeck', '--version']\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert done.splitlines()[-1] == "0"
