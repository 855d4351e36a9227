"""Print a line for each migration, with its duration.

With rich installed the running migration is shown with a spinner; without it the lines
appear as they are done.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, TextIO

from limbeck.cli.colors import colour
from limbeck.report import clean
from limbeck.runtime import Event, Failed, Finished, Started, Waiting

if TYPE_CHECKING:
    from rich.status import Status

ARROWS = {"up": "↑", "down": "↓", "stamp": "="}


def duration(seconds: float) -> str:
    """Return a span of time as people say it."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


class Progress:
    """Listens to a run and writes what happens to a terminal."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._begun = time.monotonic()
        self._done = 0
        self._status = _status(out)

    def __call__(self, event: Event) -> None:
        """Take one event of the run."""
        if isinstance(event, Started):
            self._show(f"{event.text}")
        elif isinstance(event, Finished):
            self._done += 1
            self._hide()
            arrow = ARROWS[event.move.direction]
            revision = event.move.revision
            first, _, _ = revision.doc.partition("\n")
            self._write(
                f"  {colour(arrow, 'green')} {colour(revision.id, 'yellow')}  {clean(first)}  "
                f"{colour(duration(event.seconds), 'dim')}"
            )
        elif isinstance(event, Failed):
            self._hide()
            self._write(f"  {colour('✗', 'red')} {colour(event.move.revision.id, 'yellow')}")
        elif isinstance(event, Waiting):
            self._write(clean(event.words))

    def close(self) -> None:
        """Take the spinner away and say how much was done."""
        self._hide()
        took = duration(time.monotonic() - self._begun)
        if self._done:
            noun = "migration" if self._done == 1 else "migrations"
            self._write(f"  {self._done} {noun} in {took}")

    def _show(self, text: str) -> None:
        if self._status is not None:
            from rich.text import Text

            self._status.update(Text(clean(text)))
            self._status.start()

    def _hide(self) -> None:
        if self._status is not None:
            self._status.stop()

    def _write(self, line: str) -> None:
        with contextlib.suppress(UnicodeEncodeError):
            self._out.write(line + "\n")
            self._out.flush()


def _status(out: TextIO) -> Status | None:
    try:
        from rich.console import Console
        from rich.status import Status
    except ImportError:
        return None
    return Status("", console=Console(file=out, highlight=False, markup=False))
