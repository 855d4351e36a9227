"""What commands say, and where, when something stands in their way."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.cli.project_fixture import LIMBECK, Worksite, worksite
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


def with_models(site: Worksite, column: str) -> None:
    """Let env.py compare with a table `one` that has this column."""
    (site.folder / "models.py").write_text(MODELS.format(column=column))
    text = site.env_py.read_text().replace(
        "target_metadata = None",
        "import models\n\ntarget_metadata = models.metadata\nprint('from env.py')",
    )
    site.env_py.write_text(text)


def test_json_is_alone_on_stdout(sqlite: Database, tmp_path: Path) -> None:
    site = worksite(tmp_path, sqlite)
    with_models(site, "'a', sa.String(20)")
    site.write("aaaa", CREATE, downgrade="op.drop_table('one')")
    site.good("upgrade", "head")
    same = site.run("check", "--json")
    assert (same.code, json.loads(same.out)["is_empty"]) == (0, True)
    assert "from env.py" in same.err
    (site.folder / "models.py").write_text(MODELS.format(column="'other', sa.String(20)"))
    other = site.run("check", "--json")
    assert (other.code, json.loads(other.out)["is_empty"]) == (255, False)
    assert "FAILED: New upgrade operations detected" in other.err
    assert json.loads(site.run("current", "--json").out)[0]["is_at_head"]


def test_two_heads_are_refused_where_one_is_needed(sqlite: Database, tmp_path: Path) -> None:
    site = worksite(tmp_path, sqlite)
    with_models(site, "'a', sa.String(20)")
    site.write("aaaa", CREATE)
    assert site.run("heads", "--check").code == 0
    site.write("bbbb", "pass", down="aaaa")
    site.write("cccc", "pass", down="aaaa")
    for words in (("heads", "--check"), ("check", "--offline")):
        done = site.run(*words)
        assert done.code == 255
        assert "Multiple head revisions" in done.out
        assert "bbbb, cccc" in done.out
    assert site.run("heads").code == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders")
def test_a_pipe_among_the_revision_files_is_not_waited_for(
    sqlite: Database, tmp_path: Path
) -> None:
    site = worksite(tmp_path, sqlite)
    os.mkfifo(site.versions / "pipe.py")
    done = site.run("heads", timeout=20)
    assert done.code == 255
    assert "pipe.py cannot be read: it is not a regular file" in done.out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
@pytest.mark.parametrize("line", ["heads", "heads --json", "show nope", "upgrade --sql head"])
def test_a_full_disk_is_told_without_a_traceback(
    sqlite: Database, tmp_path: Path, line: str
) -> None:
    site = worksite(tmp_path, sqlite)
    site.write("aaaa", CREATE)
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*LIMBECK, *line.split()],
            cwd=site.folder,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode != 0
    assert "FAILED" in done.stderr
    assert "Traceback" not in done.stderr


def test_closed_streams_do_not_end_a_command(sqlite: Database, tmp_path: Path) -> None:
    site = worksite(tmp_path, sqlite)
    site.write("aaaa", CREATE)
    line = f"{LIMBECK[0]} -m limbeck upgrade head >&- 2>&-"
    assert subprocess.run(line, shell=True, cwd=site.folder, check=False).returncode == 0
    assert "aaaa" in site.good("current")


def test_an_index_is_built_concurrently_outside_the_transaction(
    postgresql: Database, tmp_path: Path
) -> None:
    site = worksite(tmp_path, postgresql)
    site.write(
        "aaaa",
        CREATE + "op.create_index('ix', 'one', ['a'], postgresql_concurrently=True)\n",
        downgrade="op.drop_index('ix', 'one', postgresql_concurrently=True)\nop.drop_table('one')",
    )
    script = site.good("upgrade", "--sql", "head")
    assert "COMMIT;\n\nCREATE INDEX CONCURRENTLY ix ON one (a);\n\nBEGIN;" in script
    for _ in range(2):
        site.good("upgrade", "head")
        site.good("downgrade", "base")


def test_a_missing_constraint_is_answered_with_what_is_there(
    server_database: Database, tmp_path: Path
) -> None:
    site = worksite(tmp_path, server_database)
    site.write(
        "aaaa",
        CREATE + "op.create_unique_constraint('uq_one', 'one', ['a'])\n",
    )
    site.good("upgrade", "head")
    site.write("bbbb", "op.drop_constraint('uq_a', 'one', type_='unique')", down="aaaa")
    done = site.run("upgrade", "head")
    assert done.code == 1
    assert "uq_one (unique on (a))" in done.err
    site.write(
        "bbbb", "op.drop_constraint(None, 'one', type_='unique', columns=['id'])", down="aaaa"
    )
    done = site.run("upgrade", "head")
    assert "Table one has no unique constraint on (id)" in done.out
    assert "uq_one (unique on (a))" in done.text
    assert site.run("upgrade", "--sql", "aaaa:head").code == 255


def test_a_constraint_is_found_by_its_columns(database: Database, tmp_path: Path) -> None:
    site = worksite(tmp_path, database)
    site.write(
        "aaaa",
        """
        op.create_table(
            "one", sa.Column("id", sa.Integer, primary_key=True), sa.Column("a", sa.String(20)),
            sa.UniqueConstraint("a", name="some_name"), sa.UniqueConstraint("a", "id", name="both"),
        )
        """,
    )
    site.write(
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
    site.good("upgrade", "head")


def test_a_renamed_column_that_changes_too_is_drafted_in_an_alembic_project(
    server_database: Database, tmp_path: Path
) -> None:
    site = worksite(
        tmp_path,
        server_database,
        extra="detect = alembic",
        settings="include_object=lambda *words: True, compare_server_default=True",
    )
    with_models(site, "'b', sa.String(30), nullable=False, server_default='q', index=True")
    site.write("aaaa", CREATE, downgrade="op.drop_table('one')")
    site.good("upgrade", "head")
    site.good("revision", "--autogenerate", "-m", "x", "--rename", "one.a=one.b")
    site.good("upgrade", "head")
    site.good("check")
    site.good("downgrade", "base")


LOGGERS = """
import logging
from limbeck.cli import main

mine = logging.getLogger("application")
main(["current"], prog="limbeck")
assert not mine.disabled
"""


@pytest.mark.parametrize("template", ["generic", "multidb", "pyproject"])
def test_a_new_project_leaves_the_loggers_of_the_program(
    sqlite: Database, tmp_path: Path, template: str
) -> None:
    site = worksite(tmp_path, sqlite, template=template)
    ini = site.folder / "alembic.ini"
    ini.write_text(re.sub(r"driver://user:pass@localhost/\w+", "sqlite://", ini.read_text()))
    done = subprocess.run(
        [LIMBECK[0], "-c", LOGGERS],
        cwd=site.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
