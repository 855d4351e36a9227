"""A project without env.py: configuration and models are all there is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CONFIGURATION = """\
[tool.limbeck]
script_location = "migrations"
url = "sqlite:///shop.sqlite"
metadata = "models:Base.metadata"
prepend_sys_path = ["."]
"""
MODELS = """\
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Book(Base):
    __tablename__ = "book"

    id: Mapped[int] = mapped_column(primary_key=True)
"""


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "limbeck", *words],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_it_goes_from_models_to_database(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(CONFIGURATION, "utf-8")
    (tmp_path / "models.py").write_text(MODELS, "utf-8")
    assert run(tmp_path, "init", "-t", "declared", "migrations").returncode == 0
    before = run(tmp_path, "check")
    assert (before.returncode, "add table book" in before.stdout) == (255, True)
    assert run(tmp_path, "revision", "--autogenerate", "-m", "books").returncode == 0
    assert run(tmp_path, "upgrade", "head").returncode == 0
    after = run(tmp_path, "check")
    assert (after.returncode, after.stdout) == (0, "The database is what the models say.\n")


def test_models_that_are_not_there_are_told(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(CONFIGURATION, "utf-8")
    run(tmp_path, "init", "-t", "declared", "migrations")
    done = run(tmp_path, "check")
    assert done.returncode == 255
    assert "metadata = 'models:Base.metadata' cannot be imported" in done.stdout
    assert "Traceback" not in done.stderr
