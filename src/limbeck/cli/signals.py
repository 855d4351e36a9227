"""Signals that end the command: raised as exceptions, so that everything is rolled back."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# SIGHUP is what a terminal sends that closes; Windows has none
ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class Ended(KeyboardInterrupt):
    """A signal asked this process to end.

    Args:
        number: the signal's.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


@contextmanager
def signals_raise() -> Iterator[None]:
    """Let signals that end a process raise `Ended`, for the length of a block.

    Only what nobody else has decided on is changed, and only in the main thread.
    """
    mine = [number for number in ENDING if signal.getsignal(number) is signal.SIG_DFL]
    try:
        for number in mine:
            signal.signal(number, _raise)
    except ValueError:
        # not the main thread; `threading` would say so, but takes long to import
        mine = []
    try:
        yield
    finally:
        for number in mine:
            signal.signal(number, signal.SIG_DFL)


def _raise(number: int, frame: FrameType | None) -> None:
    del frame
    # a second one while all is rolled back would leave it half done
    signal.signal(number, signal.SIG_IGN)
    raise Ended(number)
