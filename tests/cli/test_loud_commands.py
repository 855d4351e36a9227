"""Messages of commands that cannot do their work, on stdout and stderr."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.cli.project_fixture import LIMBECK, CliProject, cli_project
from tests.servers import Database

MODELS = """
import sqlalchemy as sa

metadata = sa.MetaData()
sa.Table(
    "one",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column({column}),
)
"""
CREATE = """
op.create_table(
    "one", sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.String(20))
)
"""


def with_models(project: CliProject, column: str) -> None:
    """Let env.py compare with a table `one` that has this column."""
    (project.folder / "models.py").write_text(MODELS.format(column=column))
    text = project.env_py.read_text().replace(
        "target_metadata = None",
        "import models\n\ntarget_metadata = models.metadata\nprint('from env.py')",
    )
    project.env_py.write_text(text)


def test_stdout_contains_only_json(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    with_models(project, "'a', sa.String(20)")
    project.write("aaaa", CREATE, downgrade="op.drop_table('one')")
    project.check_output("upgrade", "head")
    same = project.run("check", "--json")
    assert (same.code, json.loads(same.out)["is_empty"]) == (0, True)
    assert "from env.py" in same.err
    (project.folder / "models.py").write_text(MODELS.format(column="'other', sa.String(20)"))
    other = project.run("check", "--json")
    assert (other.code, json.loads(other.out)["is_empty"]) == (255, False)
    assert "FAILED: New upgrade operations detected" in other.err
    assert json.loads(project.run("current", "--json").out)[0]["is_at_head"]


def test_two_heads_are_refused_where_one_is_needed(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    with_models(project, "'a', sa.String(20)")
    project.write("aaaa", CREATE)
    assert project.run("heads", "--check").code == 0
    project.write("bbbb", "pass", down="aaaa")
    project.write("cccc", "pass", down="aaaa")
    for words in (("heads", "--check"), ("check", "--offline")):
        done = project.run(*words)
        assert done.code == 255
        assert "Multiple head revisions" in done.out
        assert "bbbb, cccc" in done.out
    assert project.run("heads").code == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders")
def test_a_pipe_among_the_revision_files_does_not_block(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    os.mkfifo(project.versions / "pipe.py")
    done = project.run("heads", timeout=20)
    assert done.code == 255
    assert "pipe.py cannot be read: it is not a regular file" in done.out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
@pytest.mark.parametrize("line", ["heads", "heads --json", "show nope", "upgrade --sql head"])
def test_a_full_disk_is_reported_without_a_traceback(
    sqlite: Database, tmp_path: Path, line: str
) -> None:
    project = cli_project(tmp_path, sqlite)
    project.write("aaaa", CREATE)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*LIMBECK, *line.split()],
            cwd=project.folder,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode != 0
    assert "FAILED" in done.stderr
    assert "Traceback" not in done.stderr


def test_closed_streams_do_not_end_a_command(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    project.write("aaaa", CREATE)
    line = f"{LIMBECK[0]} -m limbeck upgrade head >&- 2>&-"
    assert subprocess.run(line, shell=True, cwd=project.folder, check=False).returncode == 0
    assert "aaaa" in project.check_output("current")


def test_an_index_is_built_concurrently_outside_the_transaction(
    postgresql: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, postgresql)
    project.write(
        "aaaa",
        CREATE + "op.create_index('ix', 'one', ['a'], postgresql_concurrently=True)\n",
        downgrade="op.drop_index('ix', 'one', postgresql_concurrently=True)\nop.drop_table('one')",
    )
    script = project.check_output("upgrade", "--sql", "head")
    assert "COMMIT;\n\nCREATE INDEX CONCURRENTLY ix ON one (a);\n\nBEGIN;" in script
    for _ in range(2):
        project.check_output("upgrade", "head")
        project.check_output("downgrade", "base")


def test_an_error_about_a_missing_constraint_lists_the_existing_ones(
    server_database: Database, tmp_path: Path
) -> None:
    project = cli_project(tmp_path, server_database)
    project.write(
        "aaaa",
        CREATE + "op.create_unique_constraint('uq_one', 'one', ['a'])\n",
    )
    project.check_output("upgrade", "head")
    project.write("bbbb", "op.drop_constraint('uq_a', 'one', type_='unique')", down="aaaa")
    done = project.run("upgrade", "head")
    assert done.code == 1
    assert "uq_one (unique on (a))" in done.err
    project.write(
        "bbbb", "op.drop_constraint(None, 'one', type_='unique', columns=['id'])", down="aaaa"
    )
    done = project.run("upgrade", "head")
    assert "Table one has no unique constraint on (id)" in done.out
    assert "uq_one (unique on (a))" in done.text
    assert project.run("upgrade", "--sql", "aaaa:head").code == 255


def test_a_constraint_is_found_by_its_columns(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    project.write(
        "aaaa",
        """
        op.create_table(
            "one", sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.String(20)),
            sa.UniqueConstraint("a", name="some_name"), sa.UniqueConstraint("a", "id", name="both"),
        )
        """,
    )
    project.write(
        "bbbb",
        """
        with op.batch_alter_table("one") as batch:
            batch.drop_constraint(None, "unique", columns=["a"])
        names = [one["name"] for one in sa.inspect(op.get_bind()).get_unique_constraints("one")]
        assert names == ["both"], names
        op.drop_constraint(None, "one", type_="unique", columns=["a", "id"])
        assert not sa.inspect(op.get_bind()).get_unique_constraints("one")
        """,
        down="aaaa",
    )
    project.check_output("upgrade", "head")


def test_a_renamed_column_that_changes_too_is_drafted_in_an_alembic_project(
    server_database: Database, tmp_path: Path
) -> None:
    project = cli_project(
        tmp_path,
        server_database,
        extra="detect = alembic",
        settings="include_object=lambda *words: True, compare_server_default=True",
    )
    with_models(project, "'b', sa.String(30), nullable=False, server_default='q', index=True")
    project.write("aaaa", CREATE, downgrade="op.drop_table('one')")
    project.check_output("upgrade", "head")
    project.check_output("revision", "--autogenerate", "-m", "x", "--rename", "one.a=one.b")
    project.check_output("upgrade", "head")
    project.check_output("check")
    project.check_output("downgrade", "base")


LOGGERS = """
import logging
from limbeck.cli import main

mine = logging.getLogger("application")
main(["current"], prog="limbeck")
assert not mine.disabled
"""


@pytest.mark.parametrize("template", ["generic", "multidb", "pyproject"])
def test_a_new_project_does_not_disable_the_loggers_of_the_program(
    sqlite: Database, tmp_path: Path, template: str
) -> None:
    project = cli_project(tmp_path, sqlite, template=template)
    ini = project.folder / "alembic.ini"
    ini.write_text(re.sub(r"driver://user:pass@localhost/\w+", "sqlite://", ini.read_text()))
    done = subprocess.run(
        [LIMBECK[0], "-c", LOGGERS],
        cwd=project.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
