"""The output on a terminal, and without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.project_fixture import Done, Running
from tests.cli.terminal import on_terminal

TOML = """\
[tool.limbeck]
script_location = "migrations"
url = "sqlite:///app.db"
metadata = "models:metadata"
verify = "off"
"""
MODELS = """\
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table("book", metadata, sa.Column("id", sa.Integer, primary_key=True))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(TOML)
    (tmp_path / "models.py").write_text(MODELS)
    assert _run(tmp_path, "init", "-t", "declared", "migrations").code == 0
    return tmp_path


def _run(folder: Path, *words: str) -> Done:
    running = Running(folder, words, {})
    out, err = running.communicate(60)
    return Done(running.poll() or 0, out, err)


def test_a_terminal_shows_summary_progress_and_the_end(project: Path) -> None:
    words = ("revision", "--autogenerate", "-m", "books", "--rev-id", "aa01", "--no-verify")
    code, shown = on_terminal(project, *words)
    assert code == 0, shown
    assert "added:    table book" in shown
    code, shown = on_terminal(project, "upgrade")
    assert code == 0, shown
    assert "aa01" in shown
    assert "1 migration in" in shown
    code, shown = on_terminal(project, "upgrade")
    assert "Nothing to do: the database is already at the newest revision" in shown
    code, shown = on_terminal(project, "upgrade", "ab01")
    assert code == 255
    assert "\x1b[31mFAILED\x1b[0m: " in shown
    assert "did you mean aa01?" in shown


def test_without_a_terminal_a_line_for_each_migration(project: Path) -> None:
    for id_ in ("aa01", "aa02"):
        assert _run(project, "revision", "-m", f"step {id_}", "--rev-id", id_).code == 0
    done = _run(project, "upgrade")
    lines = done.err.splitlines()
    assert done.out == ""
    assert [line.partition(" (")[0] for line in lines] == [
        "upgraded aa01 step aa01",
        "upgraded aa02 step aa02",
    ]
    assert _run(project, "upgrade").err.startswith("Nothing to do: ")
    assert _run(project, "-q", "downgrade", "base").err == ""


def test_nothing_is_shown_twice_where_logging_is_set_up(project: Path) -> None:
    (project / "pyproject.toml").write_text(TOML + 'logging = "INFO"\n')
    assert _run(project, "revision", "-m", "step", "--rev-id", "aa01").code == 0
    err = _run(project, "upgrade").err
    assert err.count("aa01") == 1, err
    assert "Running upgrade  -> aa01, step" in err


def test_no_command_shows_the_project_and_the_help(project: Path, tmp_path: Path) -> None:
    assert _run(project, "revision", "-m", "step", "--rev-id", "aa01").code == 0
    shown = _run(project)
    assert shown.code == 0
    assert "(head aa01)" in shown.out
    assert "Examples:" in shown.out
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "`limbeck init` sets one up" in _run(empty).out
    assert _run(project, "--help").out == shown.out.partition("\n\n")[2]


def test_sql_for_existing_rows_is_asked_for_until_it_is_valid(project: Path) -> None:
    words = ("revision", "--autogenerate", "-m", "books", "--rev-id", "aa01", "--no-verify")
    assert on_terminal(project, *words)[0] == 0
    assert on_terminal(project, "upgrade")[0] == 0
    more = ', sa.Column("pages", sa.Integer, nullable=False))'
    (project / "models.py").write_text(
        MODELS.replace("primary_key=True))", f"primary_key=True){more}")
    )
    words = ("revision", "--autogenerate", "-m", "pages", "--rev-id", "aa02", "--no-verify")
    code, shown = on_terminal(project, *words, answers=("pages + 1", "NULL", "100"))
    assert code == 0, shown
    assert "book.pages (integer) is NOT NULL: which SQL do existing rows get?" in shown
    assert "an empty answer means 0: " in shown
    assert "pages + 1 cannot be used: the database refuses it: no such column: pages" in shown
    assert "NULL cannot be used: it gives NULL" in shown
    assert "100" in next((project / "migrations" / "versions").glob("aa02*")).read_text()
