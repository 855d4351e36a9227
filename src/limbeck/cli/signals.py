"""Raise an exception for signals that end the command, so that everything is rolled back."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# The default handlers of signals that end a command. A closing terminal sends SIGHUP, which does
# not exist on Windows. SIGINT is included because asyncio.run() would otherwise turn it into a
# cancellation, which a migration without `await` does not receive.
DEFAULTS = {
    getattr(signal, name): default
    for name, default in (
        ("SIGTERM", signal.SIG_DFL),
        ("SIGHUP", signal.SIG_DFL),
        ("SIGINT", signal.default_int_handler),
    )
    if hasattr(signal, name)
}


class SignalInterrupt(KeyboardInterrupt):
    """A signal asked this process to end.

    Args:
        number: the number of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


@contextmanager
def signals_raise() -> Iterator[None]:
    """Within the block, raise `SignalInterrupt` for signals that end a process.

    Only default handlers are replaced, and only in the main thread.
    """
    mine = [number for number, usual in DEFAULTS.items() if signal.getsignal(number) is usual]
    try:
        for number in mine:
            signal.signal(number, _raise)
    except ValueError:
        # not the main thread; this avoids the slow import of `threading`
        mine = []
    try:
        yield
    finally:
        for number in mine:
            signal.signal(number, DEFAULTS[number])


def _raise(number: int, frame: FrameType | None) -> None:
    del frame
    # Another signal during the rollback is ignored, but a second Ctrl-C ends the process.
    is_key = number == signal.SIGINT
    signal.signal(number, signal.default_int_handler if is_key else signal.SIG_IGN)
    raise SignalInterrupt(number)
