"""What `pip install` brings, and what importing the functions costs."""

from __future__ import annotations

import shutil
import subprocess
from functools import partial
from pathlib import Path

from measure import Command
from works import Commands, Place, Work

ROOT = Path(__file__).resolve().parents[1]
PEER = "alembic==1.20.1"
_PEER_FUNCTIONS = "from alembic.command import check, current, heads, upgrade"
_FUNCTIONS = "import limbeck; limbeck.check, limbeck.current, limbeck.heads, limbeck.upgrade"


def importing(place: Place) -> Commands:
    """Import the functions that a program calls, without calling one."""
    return {
        "peer": Command([place.peer[0], "-c", _PEER_FUNCTIONS], place.folder),
        "limbeck": Command([place.python, "-c", _FUNCTIONS], place.folder),
        **place.limit("interpreter", "pass"),
    }


def installed(place: Place) -> Commands:
    """Install the package with all that it needs into an empty folder, which is then measured."""
    pip = [place.python, "-m", "pip"]
    wheels = place.folder / "wheels"
    subprocess.run([*pip, "wheel", "-q", "--no-deps", "-w", str(wheels), str(ROOT)], check=True)
    (wheel,) = wheels.glob("*.whl")
    commands = {}
    for name, package in (("peer", PEER), ("limbeck", str(wheel))):
        target = place.folder / name
        commands[name] = Command(
            [*pip, "install", "-q", "--target", str(target), package],
            place.folder,
            before=partial(shutil.rmtree, target, ignore_errors=True),
            grows=target,
        )
    return commands


def installing() -> tuple[Work, ...]:
    """Return the rows."""
    return (
        Work("import of the functions", 5, importing, is_quick=True, without=("interpreter", 8)),
        Work("pip install, MiB on disk", None, installed, figure="size", runs=1),
    )
