"""A virtual environment in .venv, made with nothing but Python and pip."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv"
PYTHON = FOLDER / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def install(*requirements: str) -> Path:
    """Make the environment if need be, install into it, and return its interpreter."""
    if not PYTHON.exists():
        print(f"making a virtual environment in {FOLDER.name}/", flush=True)
        venv.create(FOLDER, with_pip=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    print(f"installing {' '.join(requirements)}", flush=True)
    subprocess.run([*pip, *requirements], check=True, cwd=ROOT)
    return PYTHON
