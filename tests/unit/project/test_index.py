"""The cache of headers: right under every edit, and when several processes write it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from limbeck.project import Project
from limbeck.project.index import NAME

READ = (
    "import sys\nfrom pathlib import Path\nfrom limbeck.project import Project\n"
    "for _ in range(30):\n"
    "    found = Project(Path(sys.argv[1]), version_locations=(Path(sys.argv[1]),)).history()\n"
    "    assert len(found) == 60, len(found)\n"
)


def _write(folder: Path, id_: str, doc: str = "doc") -> Path:
    path = folder / f"{id_}.py"
    path.write_text(f'"""{doc}"""\nrevision = "{id_}"\ndown_revision = None\n')
    return path


def _doc(folder: Path, id_: str) -> str:
    return Project(folder, version_locations=(folder,)).history().get(id_).doc


def test_several_processes_write_it(tmp_path: Path) -> None:
    for number in range(60):
        _write(tmp_path, f"r{number}")
    runs = [subprocess.Popen([sys.executable, "-c", READ, str(tmp_path)]) for _ in range(3)]
    for number in range(40):
        _write(tmp_path, f"r{number}", f"edit {number}")
        os.utime(tmp_path / f"r{number}.py", (1, 1))
    assert [run.wait() for run in runs] == [0, 0, 0]
    assert _doc(tmp_path, "r39") == "edit 39"
    json.loads((tmp_path / "__pycache__" / NAME).read_bytes())
    assert not list((tmp_path / "__pycache__").glob("*.tmp"))


def test_an_edit_that_keeps_size_and_time_is_seen(tmp_path: Path) -> None:
    path = _write(tmp_path, "a1", "one")
    os.utime(path, (1_000_000, 1_000_000))
    assert _doc(tmp_path, "a1") == "one"
    _write(tmp_path, "a1", "two")
    os.utime(path, (1_000_000, 1_000_000))
    assert _doc(tmp_path, "a1") == "two"


@pytest.mark.parametrize(
    "junk", [b"", b"{", b"[]", b'{"format": "limbeck-headers-1"}', b"\xff\x00"]
)
def test_junk_is_rewritten(tmp_path: Path, junk: bytes) -> None:
    _write(tmp_path, "a1")
    _doc(tmp_path, "a1")
    cache = tmp_path / "__pycache__" / NAME
    cache.write_bytes(junk)
    assert _doc(tmp_path, "a1") == "doc"
    assert "a1.py" in json.loads(cache.read_bytes())["files"]
