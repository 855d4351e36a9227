"""Errors are a few lines without secrets."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa

from limbeck.cli.arguments import COMMANDS
from limbeck.cli.completion import completion_script
from limbeck.cli.error_output import block, masked, report_error
from limbeck.commands import (
    CheckResult,
    require_agreement,
)
from limbeck.errors import (
    DifferencesFoundError,
    ProjectError,
)


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


def test_an_error_of_limbeck_shows_what_where_and_the_next_step(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = io.StringIO()
    code = report_error(
        ProjectError("it broke", place="a.py:3", hint="repair it"), quiet=False, out=out
    )
    assert (code, out.getvalue()) == (255, "FAILED: it broke\n")
    page = "https://limbeck.readthedocs.io/en/latest/errors.html#lb100"
    assert capsys.readouterr().err == (
        f"  where: a.py:3\n  next:  repair it\n  code:  LB100  {page}\n"
    )


def test_any_other_error_has_its_own_exit_code() -> None:
    assert report_error(KeyError("x"), quiet=True, out=io.StringIO()) == 1


def test_a_long_message_is_cut_only_in_text_output() -> None:
    assert len(block(ProjectError("x" * 5000))[0]) < 4100
    diffs = [("remove_table", "t" * 100)] * 100
    for in_tuples in (True, False):
        words = tuple(name for _, name in diffs)
        with pytest.raises(DifferencesFoundError) as caught:
            require_agreement(CheckResult(words, diffs, speaks_tuples=in_tuples))
        message, _ = block(caught.value)
        assert message.startswith("New upgrade operations detected: ")
        assert message.count("t" * 100) == 100


def test_a_missing_name_of_alembic_points_to_its_page() -> None:
    message, below = block(ImportError("cannot import name 'x'", name="limbeck.compat.util"))
    assert "cannot import name 'x'" in message
    assert any("Coming from Alembic" in line for line in below)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_every_command(shell: str) -> None:
    script = completion_script(shell, "limbeck")
    assert all(spec.name in script for spec in COMMANDS)


def test_an_error_about_an_invalid_port_does_not_show_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = io.StringIO()
    with pytest.raises(ValueError, match="invalid literal") as caught:
        sa.make_url("postgresql://joe:pw@host:secret/db")
    assert report_error(caught.value, quiet=False, out=out) == 255
    assert out.getvalue() == "FAILED: The port in the database URL is not a number\n"
    stderr = capsys.readouterr().err
    assert "correct sqlalchemy.url" in stderr
    assert "secret" not in stderr
    assert (
        report_error(ValueError("invalid literal for int() with base 10: 'x'"), quiet=True, out=out)
        == 1
    )


def test_a_file_that_cannot_be_opened_is_not_reported_as_a_server_that_is_down() -> None:
    engine = sa.create_engine("sqlite:///no/such/folder/x.db")
    with pytest.raises(sa.exc.OperationalError) as caught:
        engine.connect()
    _, lines = block(caught.value)
    engine.dispose()
    assert "folder of the database file" in "\n".join(lines)
    assert "server" not in "\n".join(lines)


def test_only_an_invalid_address_is_reported_as_invalid() -> None:
    for make, expected in (
        (lambda: sa.create_engine("no address"), True),
        (lambda: sa.Column(sa.Integer, sa.Integer), False),
    ):
        with pytest.raises(sa.exc.ArgumentError) as caught:
            make()
        _, lines = block(caught.value)
        assert ("write the URL" in "\n".join(lines)) is expected
