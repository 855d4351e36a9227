"""Progress in a terminal: a line for each migration, or a table for a fleet.

If rich is installed, the running migration has a spinner. Otherwise, only finished migrations are
shown.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TextIO

from limbeck.cli.colors import colour
from limbeck.history import Move
from limbeck.report import clean, result_lines
from limbeck.runtime import (
    BatchDone,
    Event,
    Failed,
    Finished,
    RolledBack,
    Started,
    Waiting,
    move_ends,
)

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.status import Status

    from limbeck.fleet import TenantResult

_FAILURES = 5
_ORDER = (("done", "green"), ("skipped", "dim"), ("failed", "red"), ("not run", "yellow"))
VERBS = {"up": "upgraded", "down": "downgraded", "stamp": "stamped"}
_log = logging.getLogger("alembic.runtime.migration")
ARROWS = {"up": "↑", "down": "↓", "stamp": "="}


def duration(seconds: float) -> str:
    """Format a duration."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


def _named(move: Move) -> tuple[str, str]:
    """Return the destination of a move and the first line of its message."""
    if move.direction == "stamp":
        before, after = move_ends(move)
        leads = f"{', '.join(before) or 'base'} -> {', '.join(after) or 'base'}"
        return leads, _title(move) if after else ""
    return move.revision.id, _title(move)


def _title(move: Move) -> str:
    """Return the first line of a revision's message, "" if it has none."""
    first = move.revision.doc.partition("\n")[0]
    return "" if first.startswith("Revision ID:") else clean(first)


def _rolled_back(event: RolledBack) -> str:
    many = "1 migration" if event.moves == 1 else f"the {event.moves} migrations"
    return f"rolled back {many}; the run starts again"


class _Running:
    """The line of the running migration, which rich prints several times a second.

    Args:
        text: the description of the migration.
    """

    def __init__(self, text: str) -> None:
        self._text = clean(text)
        self._begun = time.monotonic()

    def __rich__(self) -> Any:
        """Return the line with the elapsed time."""
        from rich.text import Text

        return Text(f"{self._text}  {duration(time.monotonic() - self._begun)}")


class PlainProgress:
    """Writes a line for each finished migration to stderr, if stdout is not a terminal.

    Nothing is written if the migrations are logged.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def __call__(self, event: Event) -> None:
        """Process one event of the run."""
        if isinstance(event, Finished) and not _log.isEnabledFor(logging.INFO):
            verb = VERBS[event.move.direction]
            name, title = _named(event.move)
            words = (verb, name, title, f"({duration(event.seconds)})")
            self._out.write(f"{' '.join(filter(None, words))}\n")
        elif isinstance(event, RolledBack) and event.moves:
            self._out.write(f"{clean(_rolled_back(event))}\n")

    def close(self) -> None:
        """Do nothing."""


class Progress:
    """Shows the progress of a run in a terminal."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._begun = time.monotonic()
        self._done = 0
        self._status = _status(out)

    def __call__(self, event: Event) -> None:
        """Process one event of the run."""
        if isinstance(event, Started):
            self._show(f"{event.text}")
        elif isinstance(event, BatchDone):
            share = "" if event.share is None else f" ({event.share:.0%})"
            self._show(f"{event.move.revision.id}: {event.rows:,} rows of {event.table}{share}")
        elif isinstance(event, Finished):
            self._done += 1
            self._hide()
            arrow = ARROWS[event.move.direction]
            name, title = _named(event.move)
            self._write(
                f"  {colour(arrow, 'green')} {colour(name, 'yellow')}  {title}  "
                f"{colour(duration(event.seconds), 'dim')}"
            )
        elif isinstance(event, Failed):
            self._hide()
            self._write(f"  {colour('✗', 'red')} {colour(event.move.revision.id, 'yellow')}")
        elif isinstance(event, Waiting):
            self._write(clean(event.text))
        elif isinstance(event, RolledBack) and event.moves:
            self._done = max(0, self._done - event.moves)
            self._hide()
            self._write(f"  {clean(_rolled_back(event))}")

    def close(self) -> None:
        """Remove the spinner and print the number of finished migrations."""
        self._hide()
        took = duration(time.monotonic() - self._begun)
        if self._done:
            noun = "migration" if self._done == 1 else "migrations"
            self._write(f"  {self._done} {noun} in {took}")

    def _show(self, text: str) -> None:
        if self._status is not None:
            self._status.update(_Running(text))
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


def has_rich() -> bool:
    """Return whether rich is installed."""
    return importlib.util.find_spec("rich") is not None


def print_renderables(renderables: Iterable[RenderableType], out: TextIO) -> None:
    """Print renderables of rich."""
    from rich.console import Console

    console = Console(file=out, highlight=False, markup=False)
    for one in renderables:
        console.print(one)


def show_table(results: Iterable[TenantResult]) -> None:
    """Show results as they arrive, in a table or, without rich, as lines."""
    try:
        from rich.console import Console
        from rich.live import Live
    except ImportError:
        for result in results:
            print("\n".join(result_lines(result)))  # noqa: T201 - a terminal
        return
    table = FleetTable()
    console = Console(highlight=False)
    with Live(console=console, get_renderable=table.rendered, refresh_per_second=8) as live:
        for result in results:
            table.add(result)
        live.refresh()
    for result in table.failures:
        console.print("\n".join(result_lines(result)), markup=False)


class FleetTable:
    """A table of counts, independent of the number of tenants."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun = clock()
        self._outcomes: Counter[str] = Counter()
        self._wave = 0
        self._remaining = 0
        self._groups: Counter[tuple[str, str]] = Counter()
        self.failures: deque[TenantResult] = deque(maxlen=1000)

    def add(self, result: TenantResult) -> None:
        """Add a result."""
        self._outcomes[result.outcome] += 1
        self._groups[result.group or "", result.outcome] += 1
        self._wave = max(self._wave, result.wave)
        self._remaining = result.remaining
        if result.outcome == "failed":
            self.failures.append(result)

    @property
    def rate(self) -> float:
        """The number of processed tenants per second."""
        worked = self._outcomes["done"] + self._outcomes["failed"]
        return worked / max(self._clock() - self._begun, 0.001)

    @property
    def time_left(self) -> str:
        """The estimated remaining time, "" if it is unknown."""
        rate = self.rate
        if not (self._remaining and rate):
            return ""
        minutes, seconds = divmod(round(self._remaining / rate), 60)
        return f"about {minutes} min {seconds:02} s left" if minutes else f"about {seconds} s left"

    def rendered(self) -> Any:
        """Return the table as a renderable of rich."""
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False)
        table.add_column("group")
        for outcome, style in _ORDER:
            table.add_column(outcome, style=style, justify="right")
        for group in sorted({name for name, _ in self._groups}):
            counts = [str(self._groups[group, outcome]) for outcome, _ in _ORDER]
            table.add_row(Text(clean(group or "all")), *counts)
        seconds = self._clock() - self._begun
        line = f"wave {self._wave}  {self.rate:.1f} tenants/s  {seconds:.0f} s  {self.time_left}"
        last = [
            Text(clean(f"✗ {one.tenant}: {one.error}"), style="red", no_wrap=True)
            for one in list(self.failures)[-_FAILURES:]
        ]
        return Group(table, Text(line, style="dim"), *last)
