"""Questions in a terminal; without one there is nobody to ask."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from limbeck.report import clean

if TYPE_CHECKING:
    from limbeck.commands import RecoveryChoice
    from limbeck.diff import Guess


def is_somebody_there() -> bool:
    """Say whether a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask_rename(guess: Guess) -> bool:
    """Ask whether a guess is right; anything but yes is no."""
    from limbeck.autogenerate import answer_name

    why = "; ".join(guess.evidence)
    answer = _prompt(
        f"Was the {guess.kind} {answer_name(guess.old)} renamed to "
        f"{answer_name(guess.new)}? ({why})\n"
        "  y: keep what it holds under the new name   n: drop the one, make the other  [y/N] "
    )
    return answer.lower() in {"y", "yes"}


def ask_value(question: str, choices: tuple[str, ...]) -> str | None:
    """Ask for a value.

    Args:
        question: what is asked.
        choices: what may be answered; anything when empty.

    Returns:
        The answer, None for none.
    """
    listed = f"one of {', '.join(choices)}; " if choices else ""
    while True:
        answer = _prompt(f"{question}\n  {listed}nothing leaves it to limbeck: ")
        if not answer or not choices or answer in choices:
            return answer or None
        _say(f"  {answer!r} is none of them.\n")


def ask_recovery() -> RecoveryChoice | None:
    """Ask what becomes of an interrupted migration; None for nothing."""
    answers: dict[str, RecoveryChoice] = {"c": "continue", "u": "undo", "f": "forget"}
    answer = _prompt(
        "  c: continue from what is done   u: undo what is done\n"
        "  f: forget it; the database stays as it is, and the migration starts from its first "
        "statement\n"
        "What is to be done? [c/u/f, nothing: leave it] "
    )
    return answers.get(answer.lower()[:1])


def ask_unknown(statement: str) -> str | None:
    """Ask whether a statement took effect: done, not done, or None if nobody knows."""
    answer = _prompt(f"Did this statement take effect?\n  {statement}\n[y/n, nothing: unknown] ")
    return {"y": "done", "n": "not done"}.get(answer.lower()[:1])


def consenter() -> Callable[[Sequence[str]], bool] | None:
    """Return what asks the person at the terminal; None where there is no terminal."""
    return agreed if sys.stdin.isatty() and sys.stderr.isatty() else None


def agreed(lines: Sequence[str]) -> bool:
    """Show what would happen and ask whether to go on; anything but yes is no."""
    sys.stderr.write("".join(f"{clean(line)}\n" for line in lines))
    sys.stderr.write("Go on? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _prompt(text: str) -> str:
    _say(text)
    return sys.stdin.readline().strip()


def _say(text: str) -> None:
    # names come from a database, which may hold anything
    sys.stderr.write(clean(text))
    sys.stderr.flush()
