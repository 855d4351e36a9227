"""The distribution `alembic` of `dropin/`, built and installed into an empty environment."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _run(*words: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with limbeck and its drop-in."""
    folder = tmp_path_factory.mktemp("dropin")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    _run(python, "-m", "pip", "install", "-q", str(ROOT), str(ROOT / "dropin"), cwd=folder)
    return folder


@pytest.mark.slow
def test_the_command_and_the_package_are_limbeck(home: Path) -> None:
    binaries = home / "venv" / "bin"
    assert _run(binaries / "alembic", "--version", cwd=home).strip() == "alembic 1.20.1"
    assert (
        _run(binaries / "python", "-m", "alembic", "--version", cwd=home).strip()
        == "alembic 1.20.1"
    )
    code = (
        "import alembic, importlib.metadata as m\n"
        "from alembic import op, context, command\n"
        "from alembic.config import Config, main\n"
        "from alembic.script import ScriptDirectory\n"
        "import limbeck.compat\n"
        "assert alembic is limbeck.compat, alembic\n"
        "assert m.version('alembic') == alembic.__version__ == '1.20.1'\n"
        "assert Config.__module__.startswith('limbeck.')\n"
    )
    _run(binaries / "python", "-W", "error", "-c", code, cwd=home)


@pytest.mark.slow
def test_the_how_to_runs_under_its_name(home: Path, tmp_path: Path) -> None:
    alembic = home / "venv" / "bin" / "alembic"
    _run(alembic, "init", "alembic", cwd=tmp_path)
    ini = tmp_path / "alembic.ini"
    ini.write_text(ini.read_text().replace("driver://user:pass@localhost/dbname", "sqlite:///x.db"))
    _run(alembic, "revision", "-m", "one", "--rev-id", "aaaa1111", cwd=tmp_path)
    _run(alembic, "upgrade", "head", cwd=tmp_path)
    assert _run(alembic, "current", cwd=tmp_path) == "aaaa1111 (head)\n"
    assert "from alembic import" in (tmp_path / "alembic" / "env.py").read_text()
    _run(alembic, "downgrade", "-1", cwd=tmp_path)
    assert _run(alembic, "current", cwd=tmp_path) == ""
