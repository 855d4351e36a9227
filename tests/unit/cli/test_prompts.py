"""Questions at the terminal."""

from __future__ import annotations

import io

import pytest

from limbeck.autogenerate import ValueQuestion
from limbeck.catalog import Key
from limbeck.cli.prompts import ask_recovery, ask_rename, ask_value
from limbeck.cli.session import is_interactive
from limbeck.diff import Guess

GUESS = Guess(
    "column",
    Key("column", (None, "t", "a\x1b[31m")),
    Key("column", (None, "t", "b")),
    0.9,
    ("both are integer",),
)


@pytest.mark.parametrize(
    ("typed", "meant"), [("y\n", True), ("YES\n", True), ("\n", False), ("", False)]
)
def test_only_yes_is_yes(
    typed: str, meant: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert ask_rename(GUESS) is meant
    shown = capsys.readouterr().err
    assert "both are integer" in shown
    assert "\x1b" not in shown


def test_a_prompt_repeats_until_the_value_is_one_of_the_choices(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("c\nb\n"))
    assert ask_value(ValueQuestion("Which?", ("a", "b"))) == "b"
    assert capsys.readouterr().err.count("Which?") == 2
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert ask_value(ValueQuestion("Which?", ("a", "b"))) is None


def test_a_prompt_validates_the_value_and_shows_the_default(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("nul\n1\n"))
    question = ValueQuestion("Which?", default="0", problem={"nul": "no such column"}.get)
    assert ask_value(question) == "1"
    shown = capsys.readouterr().err
    assert "an empty answer means 0: " in shown
    assert "nul cannot be used: no such column" in shown


def test_a_prompt_repeats_after_an_invalid_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("perhaps\ny\n"))
    assert ask_rename(GUESS)
    assert "perhaps is not one of y, n" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO("x\nundo\n"))
    assert ask_recovery() == "undo"


def test_without_a_terminal_no_question_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert not is_interactive()
