"""Every command prints its result, also if nothing had to be done."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.project_fixture import LIMBECK, CliProject, cli_project, finish
from tests.cli.terminal import on_terminal
from tests.cli.test_terminal import MODELS, TOML
from tests.servers import Database

SILENT_BEFORE = [
    (("heads",), "There are no revisions in "),
    (("history",), "There are no revisions in "),
    (("history", "--graph"), "There are no revisions in "),
    (("branches",), "The history has no branch points"),
    (("current",), "The database is at base: no revision is applied"),
    (("upgrade",), "Nothing to do: there are no revisions in "),
    (("downgrade", "base"), "Nothing to do: there are no revisions in "),
    (("stamp", "head"), "Nothing to do: there are no revisions in "),
    (("stamp", "--purge", "base"), "The version table is empty: the database is at base"),
    (("ensure_version",), "The version table alembic_version exists"),
    (("heads", "--fix"), "The heads are written to "),
]


@pytest.mark.parametrize(("words", "message"), SILENT_BEFORE)
@pytest.mark.parametrize("template", ["declared", "generic"])
def test_commands_in_an_empty_project_report_it(
    sqlite: Database, tmp_path: Path, template: str, words: tuple[str, ...], message: str
) -> None:
    project = _project(tmp_path, sqlite, template)
    done = project.run(*words)
    assert done.code == 0, done.text
    assert message in done.err
    assert project.run("-q", *words).err.count(message) == 0


@pytest.mark.parametrize("template", ["declared", "generic"])
def test_commands_without_work_report_it(sqlite: Database, tmp_path: Path, template: str) -> None:
    project = _project(tmp_path, sqlite, template)
    project.write("aa01")
    assert "aa01" in project.run("upgrade").err
    assert (
        "Nothing to do: the database is already at the newest revision"
        in project.run("upgrade").err
    )
    assert "Nothing to do: the database is already at aa01" in project.run("stamp", "aa01").err
    assert "No revision is in this range" in project.run("history", "-r", "base:base").err


def test_the_program_alembic_prints_the_output_that_scripts_expect(
    sqlite: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, sqlite)
    program = "from limbeck.cli import main; import sys; main(sys.argv[1:], prog='alembic')"
    for words in (("upgrade", "head"), ("stamp", "head"), ("heads",), ("current",)):
        done = subprocess.run(
            [sys.executable, "-c", program, *words],
            cwd=project.folder, capture_output=True, text=True, check=True,
        )  # fmt: skip
        lines = [line for line in done.stderr.splitlines() if not line.startswith("INFO ")]
        assert (done.stdout, lines) == ("", [])


@pytest.mark.parametrize("template", ["declared", "generic"])
def test_runners_without_remaining_work_report_it(
    database: Database, tmp_path: Path, template: str
) -> None:
    project = _project(tmp_path, database, template)
    project.write("aa01", "op.create_table('one', sa.Column('id', sa.Integer))\ntime.sleep(0.4)")
    processes = [project.start("upgrade") for _ in range(4)]
    found = [finish(process, 120) for process in processes]
    assert [one.code for one in found] == [0] * 4, [one.text for one in found]
    message = "Nothing to do: the database is already at the newest revision"
    assert sorted(one.err.count(message) for one in found) == [0, 1, 1, 1], [d.err for d in found]
    assert sum("aa01" in one.err for one in found) == 1


def test_an_error_is_shown_once_where_logging_is_set_up(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    for stderr in (subprocess.STDOUT, subprocess.DEVNULL):
        done = subprocess.run(
            [*LIMBECK, "restore"],
            cwd=project.folder, stdout=subprocess.PIPE, stderr=stderr, text=True, check=False,
        )  # fmt: skip
        assert done.stdout.count("Nothing to restore") == 1, done.stdout
    code, shown = on_terminal(project.folder, "restore")
    assert (code, shown.count("Nothing to restore")) == (255, 1), shown


def test_runs_on_scratch_databases_are_not_in_the_log(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    project.write("aa01", "op.create_table('one', sa.Column('id', sa.Integer))")
    for words in (("snapshot",), ("schema",)):
        done = project.run(*words)
        assert done.code == 0, done.text
        assert "alembic.runtime.migration" not in done.err, words


def _project(folder: Path, database: Database, template: str) -> CliProject:
    if template == "generic":
        return cli_project(folder, database)
    project = cli_project(folder, database, template="declared")
    (project.folder / "models.py").write_text(MODELS)
    text = TOML.replace("sqlite:///app.db", database.address).replace("migrations", "migs")
    (project.folder / "pyproject.toml").write_text(text)
    return project
