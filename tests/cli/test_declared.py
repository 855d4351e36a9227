"""A project without env.py, which has only a configuration and models."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

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


def test_the_models_are_drafted_and_applied(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(CONFIGURATION, "utf-8")
    (tmp_path / "models.py").write_text(MODELS, "utf-8")
    assert run(tmp_path, "init", "-t", "declared", "migrations").returncode == 0
    before = run(tmp_path, "check")
    assert (before.returncode, "add table book" in before.stdout) == (255, True)
    assert run(tmp_path, "revision", "--autogenerate", "-m", "books").returncode == 0
    assert run(tmp_path, "upgrade", "head").returncode == 0
    after = run(tmp_path, "check")
    assert (after.returncode, after.stdout) == (0, "The models and the database do not differ.\n")


def test_missing_models_are_reported(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(CONFIGURATION, "utf-8")
    run(tmp_path, "init", "-t", "declared", "migrations")
    done = run(tmp_path, "check")
    assert done.returncode == 255
    assert "metadata = 'models:Base.metadata' cannot be imported" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("import sqlalchemy\n\n1 / 0\n", "ZeroDivisionError: division by zero", "models.py:3"),
        (
            "import sqlalchemy\nimport nowhere_at_all\n",
            "No module named 'nowhere_at_all'",
            "models.py:2",
        ),
        ("import sqlalchemy\n\n\nx = (\n", "was never closed", "models.py:4"),
    ],
)
def test_errors_of_models_are_reported_with_their_line(
    tmp_path: Path, text: str, message: str, place: str
) -> None:
    (tmp_path / "migs" / "versions").mkdir(parents=True)
    (tmp_path / "models.py").write_text(text)
    (tmp_path / "alembic.ini").write_text(
        "[alembic]\nscript_location = migs\npath_separator = os\nurl = sqlite:///x.db\n"
        "metadata = models:Base.metadata\nprepend_sys_path = .\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "limbeck", "check"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 255
    assert message in done.stdout
    assert place in done.stdout
    assert f"{place}\n" in done.stderr
    assert "Traceback" not in done.stderr
