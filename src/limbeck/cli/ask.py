"""Questions in a terminal; without one there is nobody to ask."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from limbeck.diff import Guess


def asker() -> Callable[[Guess], bool] | None:
    """Return what asks the person at the terminal; None where there is no terminal."""
    return ask_rename if sys.stdin.isatty() and sys.stderr.isatty() else None


def ask_rename(guess: Guess) -> bool:
    """Ask whether a guess is right; anything but yes is no."""
    from limbeck.autogenerate import word

    why = "; ".join(guess.evidence)
    sys.stderr.write(
        f"Was the {guess.kind} {word(guess.old)} renamed to {word(guess.new)}? ({why})\n"
        "  y: keep what it holds under the new name   n: drop the one, make the other  [y/N] "
    )
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
