"""The same command lines run by Alembic and by limbeck, each in its own folder.

Alembic's interpreter is named by `LIMBECK_TEST_PEER`, else it is this one where Alembic is
installed, else it is installed into a separate environment.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import sqlalchemy

from tests.compat import peer_venvs

_RUN = """
import sys, warnings
warnings.simplefilter("ignore")
{install}
from alembic.config import main
main(sys.argv[1:], prog="alembic")
"""
_INSTALL = "import limbeck.compat; limbeck.compat.install()"


@dataclass(frozen=True)
class Ended:
    """The result of a command line: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


@cache
def alembic_python() -> Path:
    """Return the interpreter that has Alembic."""
    if named := os.environ.get("LIMBECK_TEST_PEER"):
        return Path(named)
    spec = find_spec("alembic")
    if spec is not None and "site-packages" in str(spec.origin):
        return Path(sys.executable)
    wanted = (f"SQLAlchemy=={sqlalchemy.__version__}",)
    return peer_venvs.sides("scripts", wanted)["peer"] / "bin/python"


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files by their path below a folder; return the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def run(side: str, folder: Path, *words: str) -> Ended:
    """Run a command line of `alembic` in a folder.

    Args:
        side: "alembic" or "limbeck".
        folder: where to run it.
        words: the arguments.
    """
    return run_program(side, folder, _RUN, *words)


def run_program(side: str, folder: Path, program: str, *words: str) -> Ended:
    """Run Python source in which `{install}` is replaced by the installation of the alias."""
    python = alembic_python() if side == "alembic" else Path(sys.executable)
    source = program.replace("{install}", _INSTALL if side == "limbeck" else "")
    done = subprocess.run(
        [str(python), "-c", source, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def both(folder: Path, files: Mapping[str, str], *lines: str) -> tuple[list[Ended], list[Ended]]:
    """Run command lines, separated by spaces, with both tools; return the results of each."""
    found = []
    for side in ("alembic", "limbeck"):
        place = write(folder / side, files)
        found.append([run(side, place, *line.split()) for line in lines])
    return found[0], found[1]
