"""Questions in a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from limbeck.cli.session import is_interactive
from limbeck.report import clean

if TYPE_CHECKING:
    from limbeck.autogenerate import ValueQuestion
    from limbeck.commands import RecoveryChoice
    from limbeck.diff import Guess

_T = TypeVar("_T")


def ask_rename(guess: Guess) -> bool:
    """Ask whether a rename guess is correct; an empty answer means no."""
    why = "; ".join(guess.evidence)
    return _chosen(
        f"Was the {guess.kind} {guess.old.full_name} renamed to "
        f"{guess.new.full_name}? ({why})\n"
        "  y: rename it and keep its data   n: drop the old one and create the new one  [y/N] ",
        {"y": True, "n": False},
        default=False,
    )


def ask_value(question: ValueQuestion) -> str | None:
    """Ask for a value until the answer is valid.

    Args:
        question: the question and its valid answers.

    Returns:
        The answer, None for an empty one.
    """
    listed = f"one of {', '.join(question.choices)}; " if question.choices else ""
    nothing = "lets limbeck decide" if question.default is None else f"means {question.default}"
    while True:
        answer = _prompt(f"{question.text}\n  {listed}an empty answer {nothing}: ")
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
        return f"did you mean {near[0]}?" if near else "it is not one of the values"
    return None if question.problem is None else question.problem(answer)


def ask_recovery() -> RecoveryChoice | None:
    """Ask how to recover an interrupted migration; None for an empty answer."""
    answers: dict[str, RecoveryChoice | None] = {"c": "continue", "u": "undo", "f": "forget"}
    return _chosen(
        "  c: continue after the steps that are done   u: undo these steps\n"
        "  f: forget them; the database is not changed, and the migration starts from its first "
        "statement\n"
        "Choose c, u or f (an empty answer does nothing): ",
        answers,
        default=None,
    )


def ask_unknown(statement: str) -> str | None:
    """Ask whether a statement took effect: done, not done, or None if it is unknown."""
    answers: dict[str, str | None] = {"y": "done", "n": "not done"}
    return _chosen(
        f"Did this statement take effect?\n  {statement}\n[y/n, an empty answer means unknown] ",
        answers,
        default=None,
    )


def confirmation_prompt() -> Callable[[Sequence[str]], bool] | None:
    """Return the function that asks for confirmation, None without a terminal."""
    return agreed if is_interactive() else None


def agreed(lines: Sequence[str]) -> bool:
    """Print lines and ask whether to continue; an empty answer means no."""
    _say("".join(f"{line}\n" for line in lines))
    return _chosen("Continue? [y/N] ", {"y": True, "n": False}, default=False)


def _chosen(question: str, answers: Mapping[str, _T], *, default: _T) -> _T:
    """Ask until the first letter of the answer is a valid one, or the answer is empty."""
    text = question
    while True:
        answer = _prompt(text).lower()
        if not answer:
            return default
        if answer[0] in answers:
            return answers[answer[0]]
        text = f"  {answer} is not one of {', '.join(answers)}.\n{question.splitlines()[-1]}"


def _prompt(text: str) -> str:
    _say(text)
    return sys.stdin.readline().strip()


def _say(text: str) -> None:
    # names from a database may contain control characters
    sys.stderr.write(clean(text))
    sys.stderr.flush()
