"""Signals that end the command: raised as exceptions, so that everything is rolled back."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# What is there by default for each signal that ends a command. SIGHUP is what a terminal
# sends that closes; Windows has none. SIGINT is here because asyncio.run() would otherwise
# turn it into a cancellation, which a migration that does not await never sees.
DEFAULTS = {
    getattr(signal, name): default
    for name, default in (
        ("SIGTERM", signal.SIG_DFL),
        ("SIGHUP", signal.SIG_DFL),
        ("SIGINT", signal.default_int_handler),
    )
    if hasattr(signal, name)
}


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
    mine = [number for number, usual in DEFAULTS.items() if signal.getsignal(number) is usual]
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
            signal.signal(number, DEFAULTS[number])


def _raise(number: int, frame: FrameType | None) -> None:
    del frame
    # a second one while all is rolled back would leave it half done; but who presses Ctrl-C
    # twice means it
    is_key = number == signal.SIGINT
    signal.signal(number, signal.default_int_handler if is_key else signal.SIG_IGN)
    raise Ended(number)
