"""The question before data is lost, for a person at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from limbeck.report import clean


def consenter() -> Callable[[Sequence[str]], bool] | None:
    """Return what asks the person at the terminal; None where there is no terminal."""
    return agreed if sys.stdin.isatty() and sys.stderr.isatty() else None


def agreed(lines: Sequence[str]) -> bool:
    """Show what would happen and ask whether to go on; anything but yes is no."""
    sys.stderr.write("".join(f"{clean(line)}\n" for line in lines))
    sys.stderr.write("Go on? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
