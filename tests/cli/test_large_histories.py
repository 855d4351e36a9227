"""Histories and migrations far beyond the usual size."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cli.project_fixture import Worksite, worksite
from tests.databases.crash_harness import picture
from tests.servers import Database


def _write(site: Worksite, revisions: Iterable[tuple[str, object]], body: str = "pass") -> None:
    for id_, down in revisions:
        (site.versions / f"{id_}_.py").write_text(
            f'"""about {id_}"""\nfrom limbeck import op\nrevision = {id_!r}\n'
            f"down_revision = {down!r}\n\n\ndef upgrade():\n    {body}\n\n\n"
            "def downgrade():\n    pass\n",
            "utf-8",
        )


def _line(length: int) -> list[tuple[str, object]]:
    return [(f"r{n:04}", f"r{n - 1:04}" if n else None) for n in range(length)]


@pytest.mark.slow
def test_five_thousand_revisions_in_a_line(sqlite: Database, tmp_path: Path) -> None:
    site = worksite(tmp_path, sqlite)
    _write(site, _line(5000))
    assert site.run("upgrade", "head", timeout=250).code == 0
    assert site.good("current") == "r4999 (head)\n"
    assert len(site.good("history").splitlines()) == 5000
    assert site.run("downgrade", "-4000", timeout=250).code == 0
    assert site.good("current") == "r0999\n"
    site.good("downgrade", "base")
    site.good("stamp", "head")
    assert "r4999" in site.good("current")


def test_two_hundred_branches(sqlite: Database, tmp_path: Path) -> None:
    site = worksite(tmp_path, sqlite)
    ends = [f"b{n:03}" for n in range(200)]
    _write(site, [("root", None), *((end, "root") for end in ends)])
    assert len(site.good("heads").splitlines()) == 200
    done = site.run("upgrade", "head")
    assert done.code == 255
    assert len(done.text) < 6000
    site.good("upgrade", "heads")
    assert len(site.good("current").splitlines()) == 200
    assert len(site.good("branches").splitlines()) >= 200
    site.good("downgrade", "root")
    assert site.good("current").startswith("root ")


def test_five_hundred_heads_are_merged(sqlite: Database, tmp_path: Path) -> None:
    site = worksite(tmp_path, sqlite)
    _write(site, [("root", None), *((f"b{n:03}", "root") for n in range(500))])
    site.good("merge", "heads", "-m", "all of them", "--rev-id", "joined")
    assert site.good("heads") == "joined (head)\n"
    site.good("upgrade", "head")
    assert site.good("current") == "joined (head) (mergepoint)\n"
    done = site.run("downgrade", "-1")
    assert done.code == 255
    assert len(done.text) < 12_000
    site.good("downgrade", "root")
    assert site.good("current").startswith("root ")


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
        site = worksite(tmp_path / str(heads), sqlite)
        _write(site, [("root", None), *((f"b{n:04}", "root") for n in range(heads))])
        site.good("stamp", "--purge", "base")
        done = subprocess.run(
            [sys.executable, "-c", COUNTED], cwd=site.folder, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()[-2000:]
        calls.append(int(done.stdout.split()[-1]))
        assert len(site.good("current").splitlines()) == heads
    assert calls[1] < 12 * calls[0], calls


def test_a_revision_file_of_fifty_megabytes(sqlite: Database, tmp_path: Path) -> None:
    site = worksite(tmp_path, sqlite)
    site.write("a1", "op.create_table('one', sa.Column('id', sa.Integer))")
    lines = ("x" * 99 + "\n") * 500_000
    path = site.write(
        "b2", f"rows = '''\n{lines}'''\nop.execute('INSERT INTO one VALUES (1)')", down="a1"
    )
    assert path.stat().st_size > 50_000_000
    assert site.run("heads", timeout=200).out == "b2 (head)\n"
    done = site.run("upgrade", "head", timeout=200)
    assert done.code == 0, done.text
    assert picture(sqlite.address)["one"][2] == ["(1,)"]
    path.unlink()


def test_sixty_diamonds_in_a_row(sqlite: Database, tmp_path: Path) -> None:
    site = worksite(tmp_path, sqlite)
    revisions: list[tuple[str, object]] = [("top00", None)]
    for n in range(60):
        revisions += [(f"left{n:02}", f"top{n:02}"), (f"right{n:02}", f"top{n:02}")]
        revisions.append((f"top{n + 1:02}", (f"left{n:02}", f"right{n:02}")))
    _write(site, revisions)
    site.good("upgrade", "head")
    assert site.good("current") == "top60 (head) (mergepoint)\n"
    site.good("downgrade", "base")
    assert site.good("current") == ""
    site.good("upgrade", "left30")
    site.good("upgrade", "head")


def test_a_migration_of_five_thousand_statements(database: Database, tmp_path: Path) -> None:
    site = worksite(tmp_path, database)
    site.write("a1", "op.create_table('one', sa.Column('id', sa.Integer, primary_key=True))")
    site.write(
        "b2",
        "for n in range(1, 5001):\n    op.execute(f'INSERT INTO one VALUES ({n})')",
        down="a1",
        downgrade="for n in range(1, 5001):\n    op.execute(f'DELETE FROM one WHERE id = {n}')",
    )
    site.good("upgrade", "head")
    assert len(picture(database.address)["one"][2]) == 5000
    assert site.good("upgrade", "a1:head", "--sql").count("INSERT INTO one") == 5000
    site.good("downgrade", "-1")
    assert picture(database.address)["one"][2] == []


@pytest.mark.slow
def test_models_of_two_thousand_tables(sqlite: Database, tmp_path: Path) -> None:
    site = worksite(tmp_path, sqlite)
    (site.folder / "models.py").write_text(
        "import sqlalchemy as sa\nmetadata = sa.MetaData()\nfor n in range(2000):\n"
        "    sa.Table(f't{n}', metadata, sa.Column('id', sa.Integer, primary_key=True),\n"
        "             sa.Column('name', sa.String(50), index=True))\n",
        "utf-8",
    )
    text = site.env_py.read_text("utf-8")
    site.env_py.write_text(
        re.sub(
            r"(?m)^target_metadata = .*$", "from models import metadata as target_metadata", text
        ),
        "utf-8",
    )
    site.good("revision", "--autogenerate", "-m", "all")
    site.good("upgrade", "head")
    with sqlite.engine() as engine:
        assert len(sa.inspect(engine).get_table_names()) == 2002
    site.good("check")
    site.good("downgrade", "base")
    with sqlite.engine() as engine:
        assert sa.inspect(engine).get_table_names() == ["alembic_version"]
