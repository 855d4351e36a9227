"""Errors are a few lines without secrets."""

from __future__ import annotations

import io

import pytest

from limbeck.cli.completion import completion_script
from limbeck.cli.faults import block, masked, tell
from limbeck.cli.options import COMMANDS
from limbeck.errors import ProjectError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://joe:s3cr@t@host/db is bad", "postgresql://joe:***@host/db is bad"),
        ("mysql+pymysql://u:p%40w@h", "mysql+pymysql://u:***@h"),
        ("connect(password='geheim', host=x)", "connect(password=***, host=x)"),
        ("sqlite:///x.db", "sqlite:///x.db"),
    ],
)
def test_passwords_are_masked(text: str, expected: str) -> None:
    assert masked(text) == expected


def test_an_error_of_ours_says_what_where_and_what_next(capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    code = tell(ProjectError("it broke", place="a.py:3", hint="mend it"), quiet=False, out=out)
    assert (code, out.getvalue()) == (255, "FAILED: it broke\n")
    assert capsys.readouterr().err == "  where: a.py:3\n  next:  mend it\n"


def test_any_other_error_has_its_own_exit_code() -> None:
    assert tell(KeyError("x"), quiet=True, out=io.StringIO()) == 1


def test_a_missing_name_of_alembic_points_to_its_page() -> None:
    message, below = block(ImportError("cannot import name 'x'", name="limbeck.compat.util"))
    assert "cannot import name 'x'" in message
    assert any("Coming from Alembic" in line for line in below)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_every_command(shell: str) -> None:
    script = completion_script(shell, "limbeck")
    assert all(spec.name in script for spec in COMMANDS)
