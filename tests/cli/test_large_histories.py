"""Histories and migrations of unusual size."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cli.project_fixture import CliProject, cli_project
from tests.databases.crash_harness import database_state
from tests.servers import Database


def _write(
    project: CliProject, revisions: Iterable[tuple[str, object]], body: str = "pass"
) -> None:
    for id_, down in revisions:
        (project.versions / f"{id_}_.py").write_text(
            f'"""about {id_}"""\nfrom limbeck import op\nrevision = {id_!r}\n'
            f"down_revision = {down!r}\n\n\ndef upgrade():\n    {body}\n\n\n"
            "def downgrade():\n    pass\n",
            "utf-8",
        )


def _line(length: int) -> list[tuple[str, object]]:
    return [(f"r{n:04}", f"r{n - 1:04}" if n else None) for n in range(length)]


@pytest.mark.slow
def test_five_thousand_revisions_in_a_line(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    _write(project, _line(5000))
    assert project.run("upgrade", "head", timeout=250).code == 0
    assert project.check_output("current") == "r4999 (head)\n"
    assert len(project.check_output("history").splitlines()) == 5000
    assert project.run("downgrade", "-4000", timeout=250).code == 0
    assert project.check_output("current") == "r0999\n"
    project.check_output("downgrade", "base")
    project.check_output("stamp", "head")
    assert "r4999" in project.check_output("current")


def test_two_hundred_branches(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    ends = [f"b{n:03}" for n in range(200)]
    _write(project, [("root", None), *((end, "root") for end in ends)])
    assert len(project.check_output("heads").splitlines()) == 200
    done = project.run("upgrade", "head")
    assert done.code == 255
    assert len(done.text) < 6000
    project.check_output("upgrade", "heads")
    assert len(project.check_output("current").splitlines()) == 200
    assert len(project.check_output("branches").splitlines()) >= 200
    project.check_output("downgrade", "root")
    assert project.check_output("current").startswith("root ")


def test_five_hundred_heads_are_merged(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    _write(project, [("root", None), *((f"b{n:03}", "root") for n in range(500))])
    project.check_output("merge", "heads", "-m", "all of them", "--rev-id", "joined")
    assert project.check_output("heads") == "joined (head)\n"
    project.check_output("upgrade", "head")
    assert project.check_output("current") == "joined (head) (mergepoint)\n"
    done = project.run("downgrade", "-1")
    assert done.code == 255
    assert len(done.text) < 12_000
    project.check_output("downgrade", "root")
    assert project.check_output("current").startswith("root ")


COUNTED = """
import sys
from limbeck.cli import main

calls = 0

def count(_frame, _event, _argument):
    global calls
    calls += 1

sys.setprofile(count)
try:
    main(["stamp", "heads"], prog="limbeck")
finally:
    sys.setprofile(None)
    print("calls", calls)
"""


def test_stamping_ten_times_the_heads_takes_ten_times_the_calls(
    sqlite: Database, tmp_path: Path
) -> None:
    calls = []
    for heads in (300, 3000):
        project = cli_project(tmp_path / str(heads), sqlite)
        _write(project, [("root", None), *((f"b{n:04}", "root") for n in range(heads))])
        project.check_output("stamp", "--purge", "base")
        done = subprocess.run(
            [sys.executable, "-c", COUNTED], cwd=project.folder, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()[-2000:]
        calls.append(int(done.stdout.split()[-1]))
        assert len(project.check_output("current").splitlines()) == heads
    assert calls[1] < 12 * calls[0], calls


def test_a_revision_file_of_fifty_megabytes(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    project.write("a1", "op.create_table('one', sa.Column('id', sa.Integer))")
    lines = ("x" * 99 + "\n") * 500_000
    path = project.write(
        "b2", f"rows = '''\n{lines}'''\nop.execute('INSERT INTO one VALUES (1)')", down="a1"
    )
    assert path.stat().st_size > 50_000_000
    assert project.run("heads", timeout=200).out == "b2 (head)\n"
    done = project.run("upgrade", "head", timeout=200)
    assert done.code == 0, done.text
    assert database_state(sqlite.address)["one"][2] == ["(1,)"]
    path.unlink()


def test_sixty_diamonds_in_a_row(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    revisions: list[tuple[str, object]] = [("top00", None)]
    for n in range(60):
        revisions += [(f"left{n:02}", f"top{n:02}"), (f"right{n:02}", f"top{n:02}")]
        revisions.append((f"top{n + 1:02}", (f"left{n:02}", f"right{n:02}")))
    _write(project, revisions)
    project.check_output("upgrade", "head")
    assert project.check_output("current") == "top60 (head) (mergepoint)\n"
    project.check_output("downgrade", "base")
    assert project.check_output("current") == ""
    project.check_output("upgrade", "left30")
    project.check_output("upgrade", "head")


def test_a_migration_of_five_thousand_statements(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    project.write("a1", "op.create_table('one', sa.Column('id', sa.Integer, primary_key=True))")
    project.write(
        "b2",
        "for n in range(1, 5001):\n    op.execute(f'INSERT INTO one VALUES ({n})')",
        down="a1",
        downgrade="for n in range(1, 5001):\n    op.execute(f'DELETE FROM one WHERE id = {n}')",
    )
    project.check_output("upgrade", "head")
    assert len(database_state(database.address)["one"][2]) == 5000
    assert project.check_output("upgrade", "a1:head", "--sql").count("INSERT INTO one") == 5000
    project.check_output("downgrade", "-1")
    assert database_state(database.address)["one"][2] == []


@pytest.mark.slow
def test_models_of_two_thousand_tables(sqlite: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, sqlite)
    (project.folder / "models.py").write_text(
        "import sqlalchemy as sa\nmetadata = sa.MetaData()\nfor n in range(2000):\n"
        "    sa.Table(f't{n}', metadata, sa.Column('id', sa.Integer, primary_key=True),\n"
        "             sa.Column('name', sa.String(50), index=True))\n",
        "utf-8",
    )
    text = project.env_py.read_text("utf-8")
    project.env_py.write_text(
        re.sub(
            r"(?m)^target_metadata = .*$", "from models import metadata as target_metadata", text
        ),
        "utf-8",
    )
    project.check_output("revision", "--autogenerate", "-m", "all")
    project.check_output("upgrade", "head")
    with sqlite.engine() as engine:
        assert len(sa.inspect(engine).get_table_names()) == 2002
    project.check_output("check")
    project.check_output("downgrade", "base")
    with sqlite.engine() as engine:
        assert sa.inspect(engine).get_table_names() == ["alembic_version"]
