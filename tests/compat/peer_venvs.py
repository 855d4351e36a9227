"""Environments with Alembic or with limbeck in it, made once and kept for the next run.

They lie in the folder that `LIMBECK_TEST_ENVIRONMENTS` names, else in the user's cache, never in
the repository; `LIMBECK_TEST_PATIENCE` gives each test more time than the usual. uv makes them where it is at hand, otherwise venv and pip.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
ALEMBIC = "alembic==1.20.1"
# seconds that one slow test may take; more of them where a machine is busy with other work
PATIENCE = float(os.environ.get("LIMBECK_TEST_PATIENCE", "3000"))
UV = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))


def do(*words: str | Path) -> str:
    """Run a command that has to succeed; return its standard output."""
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout


def kept() -> Path:
    """The folder of environments and downloads."""
    given = os.environ.get("LIMBECK_TEST_ENVIRONMENTS")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = Path(given) if given else cache / "limbeck" / "test-environments"
    assert ROOT not in folder.resolve().parents, "environments do not belong in the repository"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other test processes out of a folder while it is made."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install(venv: Path, *words: str | Path) -> None:
    """Install into an environment."""
    if UV:
        do(UV, "pip", "install", "-q", "--python", venv, *words)
    else:
        do(venv / "bin/python", "-m", "pip", "install", "-q", *words)


def _make(venv: Path) -> None:
    shutil.rmtree(venv, ignore_errors=True)
    if UV:
        do(UV, "venv", "-q", "--python", sys.executable, venv)
    else:
        do(sys.executable, "-m", "venv", venv)


def _frozen(venv: Path) -> list[str]:
    if UV:
        return do(UV, "pip", "freeze", "-q", "--python", venv).splitlines()
    return do(venv / "bin/python", "-m", "pip", "freeze", "-q").splitlines()


def _of_extra(venv: Path, name: str, extra: str) -> list[str]:
    code = (
        "import importlib.metadata as m\n"
        f"for one in m.requires({name!r}):\n"
        "    head, _, rest = one.partition(';')\n"
        f"    if 'extra == \"{extra}\"' in rest: print(head.strip())"
    )
    needed = do(venv / "bin/python", "-c", code).splitlines()
    return [one for one in needed if not one.startswith(("alembic", "psycopg2"))]


def sides(
    name: str, requirements: Sequence[str | Path], extras_of: tuple[str, str] | None = None
) -> dict[str, Path]:
    """Return two environments with the same versions: one with Alembic, one with limbeck.

    Args:
        name: the folder under which they are kept.
        requirements: what is installed, as given to the installer; another text creates them again.
        extras_of: a distribution and its extra, whose requirements are installed too.
    """
    wanted = [*map(str, requirements), ALEMBIC, *(extras_of or ()), sys.version]
    folder = kept() / f"{name}-{hashlib.sha256(repr(wanted).encode()).hexdigest()[:10]}"
    peer, ours = folder / "peer", folder / "limbeck"
    with alone(folder):
        if not (folder / "made").exists():
            for place in (peer, ours):
                _make(place)
            install(peer, *requirements, ALEMBIC)
            if extras_of:
                install(peer, *_of_extra(peer, *extras_of), ALEMBIC)
            listed = folder / "frozen.txt"
            others = (one for one in _frozen(peer) if not re.match(r"alembic\s*(==|@)", one))
            listed.write_text("\n".join(others))
            install(ours, "--no-deps", "-r", listed)
            (folder / "made").touch()
        _put_limbeck(ours)
    return {"peer": peer, "limbeck": ours}


def versions(venv: Path) -> dict[str, str]:
    """The distributions of an environment and their versions."""
    return dict(one.split("==", 1) for one in _frozen(venv) if "==" in one)


def _put_limbeck(venv: Path) -> None:
    """Install limbeck and its drop-in as they are now, unless they are there already."""
    sources = sorted(
        one
        for place in ("src", "dropin")
        for one in (ROOT / place).rglob("*")
        if one.is_file() and "__pycache__" not in one.parts
    )
    digest = hashlib.sha256()
    for one in (*sources, ROOT / "pyproject.toml"):
        digest.update(str(one.relative_to(ROOT)).encode() + b"\0" + one.read_bytes())
    mark = venv / "limbeck.sha256"
    if mark.exists() and mark.read_text() == digest.hexdigest():
        return
    fresh = ("--reinstall",) if UV else ("--force-reinstall",)
    install(venv, *fresh, "--no-deps", ROOT, ROOT / "dropin")
    mark.write_text(digest.hexdigest())
