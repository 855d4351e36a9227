"""Projects whose env.py uses several databases: it is not reported as a fault of a revision."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

MODELS = """\
import sqlalchemy as sa

one, two = sa.MetaData(), sa.MetaData()
sa.Table("a", one, sa.Column("id", sa.Integer, primary_key=True))
sa.Table("b", two, sa.Column("id", sa.Integer, primary_key=True))
"""
TARGETS = 'import models; target_metadata = {"engine1": models.one, "engine2": models.two}'


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "limbeck", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LIMBECK_VERIFY": "on"},
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project from the template for several databases, with a first revision."""
    assert _run(tmp_path, "init", "-t", "multidb", "migs").returncode == 0
    (tmp_path / "models.py").write_text(MODELS)
    env = tmp_path / "migs" / "env.py"
    lines = env.read_text().splitlines()
    env.write_text("\n".join(TARGETS if "target_metadata =" in one else one for one in lines))
    ini = tmp_path / "alembic.ini"
    text = ini.read_text().replace("driver://user:pass@localhost/dbname2", "sqlite:///two.db")
    ini.write_text(text.replace("driver://user:pass@localhost/dbname", "sqlite:///one.db"))
    done = _run(tmp_path, "revision", "--autogenerate", "-m", "first", "--rev-id", "a1")
    assert done.returncode == 0, done.stderr
    assert "not verified" in done.stdout + done.stderr
    assert "fault" not in done.stdout + done.stderr
    return tmp_path


def test_verify_reports_that_it_is_not_supported(project: Path) -> None:
    done = _run(project, "verify")
    assert done.returncode != 0
    assert "env.py opens a second database, sqlite" in done.stdout
    assert "LB623" in done.stdout + done.stderr


def test_lint_reads_the_functions_of_each_database(project: Path) -> None:
    done = _run(project, "lint")
    assert done.returncode == 0, done.stdout
    assert "0 warnings" in done.stdout
    path = next((project / "migs" / "versions").glob("a1*.py"))
    text = path.read_text()
    drop = "def upgrade_engine2():\n    op.drop_table('x')\n"
    assert "def upgrade_engine2" in text
    head, _, tail = text.partition("def upgrade_engine2")
    path.write_text(head + drop + "\n\ndef _former" + tail)
    done = _run(project, "lint")
    assert done.returncode == 1, done.stdout
    assert "LM301" in done.stdout


def test_the_migration_runs_on_each_database(project: Path) -> None:
    assert _run(project, "upgrade", "head").returncode == 0
    assert _run(project, "check").returncode == 0
