"""Wheel and sdist, built from the source and installed into environments of their own."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


def _run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both distributions."""
    folder = tmp_path_factory.mktemp("dist")
    backend = folder / "backend"
    _run(folder, sys.executable, "-m", "venv", str(backend))
    python = str(backend / "bin" / "python")
    _run(folder, python, "-m", "pip", "install", "-q", "build", "hatchling>=1.25")
    _run(ROOT, python, "-m", "build", "-q", "--no-isolation", "-o", str(folder / "dist"))
    return folder / "dist"


@pytest.mark.parametrize("pattern", ["*.whl", "*.tar.gz"])
def test_the_archives_can_be_installed_and_used(built: Path, pattern: str, tmp_path: Path) -> None:
    (distribution,) = built.glob(pattern)
    _run(tmp_path, sys.executable, "-m", "venv", "venv")
    programs = tmp_path / "venv" / "bin"
    _run(tmp_path, str(programs / "pip"), "install", "-q", str(distribution))
    limbeck = str(programs / "limbeck")
    assert _run(tmp_path, limbeck, "--version").startswith("limbeck ")
    _run(tmp_path, limbeck, "init", "--style", "native")
    _run(tmp_path, limbeck, "revision", "-m", "by hand")
    assert "(head)" in _run(tmp_path, limbeck, "heads")
    _run(tmp_path, limbeck, "init", "-t", "async", "other")
    assert (tmp_path / "other" / "env.py").is_file()


def test_the_wheel_contains_templates_and_types(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in (
        "limbeck/py.typed",
        "limbeck/op.pyi",
        "limbeck/project/native_frame/script.py.mako",
        "limbeck/project/templates/generic/env.py",
        "limbeck/project/templates/declared/pyproject.toml.mako",
    ):
        assert name in names
