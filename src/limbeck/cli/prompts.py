"""Questions in a terminal; without one there is nobody to ask."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from limbeck.report import clean

if TYPE_CHECKING:
    from limbeck.autogenerate import ValueQuestion
    from limbeck.commands import RecoveryChoice
    from limbeck.diff import Guess

_T = TypeVar("_T")


def is_somebody_there() -> bool:
    """Say whether a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask_rename(guess: Guess) -> bool:
    """Ask whether a guess is right; nothing is no."""
    from limbeck.autogenerate import answer_name

    why = "; ".join(guess.evidence)
    return _chosen(
        f"Was the {guess.kind} {answer_name(guess.old)} renamed to "
        f"{answer_name(guess.new)}? ({why})\n"
        "  y: keep what it holds under the new name   n: drop the one, make the other  [y/N] ",
        {"y": True, "n": False},
        default=False,
    )


def ask_value(question: ValueQuestion) -> str | None:
    """Ask for a value until there is one that can be used.

    Args:
        question: what is asked, and what may be answered.

    Returns:
        The answer, None for none.
    """
    listed = f"one of {', '.join(question.choices)}; " if question.choices else ""
    nothing = "leaves it to limbeck" if question.default is None else f"takes {question.default}"
    while True:
        answer = _prompt(f"{question.text}\n  {listed}nothing {nothing}: ")
        if not answer:
            return None
        problem = _problem(question, answer)
        if problem is None:
            return answer
        _say(f"  {answer} cannot be used: {problem}\n")


def _problem(question: ValueQuestion, answer: str) -> str | None:
    if question.choices and answer not in question.choices:
        from difflib import get_close_matches

        near = get_close_matches(answer, question.choices, n=1)
        return f"did you mean {near[0]}?" if near else "it is none of them"
    return None if question.problem is None else question.problem(answer)


def ask_recovery() -> RecoveryChoice | None:
    """Ask what becomes of an interrupted migration; None for nothing."""
    answers: dict[str, RecoveryChoice | None] = {"c": "continue", "u": "undo", "f": "forget"}
    return _chosen(
        "  c: continue from what is done   u: undo what is done\n"
        "  f: forget it; the database stays as it is, and the migration starts from its first "
        "statement\n"
        "What is to be done? [c/u/f, nothing: leave it] ",
        answers,
        default=None,
    )


def ask_unknown(statement: str) -> str | None:
    """Ask whether a statement took effect: done, not done, or None if nobody knows."""
    answers: dict[str, str | None] = {"y": "done", "n": "not done"}
    return _chosen(
        f"Did this statement take effect?\n  {statement}\n[y/n, nothing: unknown] ",
        answers,
        default=None,
    )


def consenter() -> Callable[[Sequence[str]], bool] | None:
    """Return what asks the person at the terminal; None where there is no terminal."""
    return agreed if sys.stdin.isatty() and sys.stderr.isatty() else None


def agreed(lines: Sequence[str]) -> bool:
    """Show what would happen and ask whether to go on; nothing is no."""
    _say("".join(f"{line}\n" for line in lines))
    return _chosen("Go on? [y/N] ", {"y": True, "n": False}, default=False)


def _chosen(question: str, answers: Mapping[str, _T], *, default: _T) -> _T:
    """Ask until one of the answers is given by its first letter, or nothing."""
    text = question
    while True:
        answer = _prompt(text).lower()
        if not answer:
            return default
        if answer[0] in answers:
            return answers[answer[0]]
        text = f"  {answer} is none of {', '.join(answers)}.\n{question.splitlines()[-1]}"


def _prompt(text: str) -> str:
    _say(text)
    return sys.stdin.readline().strip()


def _say(text: str) -> None:
    # names come from a database, which may hold anything
    sys.stderr.write(clean(text))
    sys.stderr.flush()
