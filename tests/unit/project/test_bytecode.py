"""Modules are loaded from cached bytecode only if it was compiled from their own file."""

from __future__ import annotations

import importlib.util
import inspect
import os
import py_compile
import shutil
import time
from pathlib import Path

import pytest

from limbeck.errors import (
    BrokenFileError,
)
from limbeck.history import Revision
from limbeck.project.module_loader import load_program

_LATER = 60


def _written(path: Path, text: str) -> Revision:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return Revision("a1", path=path)


def _kept(path: Path) -> Path:
    """Compile a file, as if a minute after it was written."""
    kept = Path(str(py_compile.compile(str(path))))
    later = time.time() + _LATER
    os.utime(kept, (later, later))
    return kept


def test_bytecode_of_a_moved_folder_names_the_file_where_it_is(tmp_path: Path) -> None:
    revision = _written(tmp_path / "old" / "a1.py", "def upgrade():\n    1 / 0\n")
    _kept(tmp_path / "old" / "a1.py")
    assert load_program(revision).upgrade.__code__.co_filename == str(revision.path)
    moved = tmp_path / "new"
    shutil.move(tmp_path / "old", moved)
    program = load_program(Revision("a1", path=moved / "a1.py"))
    assert program.upgrade.__code__.co_filename == str(moved / "a1.py")


@pytest.mark.parametrize(
    "harm",
    [
        lambda data: data[:10],
        lambda data: data[:20],
        lambda data: b"\0\0\0\0" + data[4:],
        lambda data: data[:12] + b"\xff\xff\0\0" + data[16:],
    ],
    ids=["short", "cut", "foreign", "of another size"],
)
def test_damaged_bytecode_is_ignored(tmp_path: Path, harm: object) -> None:
    revision = _written(tmp_path / "a1.py", "def upgrade():\n    return 'right'\n")
    kept = _kept(tmp_path / "a1.py")
    stat = kept.stat()
    kept.write_bytes(harm(kept.read_bytes()))  # type: ignore[operator]
    os.utime(kept, (stat.st_mtime, stat.st_mtime))
    assert load_program(revision).upgrade() == "right"


@pytest.mark.parametrize("name", ["a1.py", "a.b c.py", "a1.pyc"])
def test_a_module_is_what_importlib_makes_of_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    source = tmp_path / "source.py" if path.suffix == ".pyc" else path
    revision = _written(source, '"""doc"""\ndef upgrade():\n    return 1\n')
    if source != path:
        py_compile.compile(str(source), str(path))
    module = load_program(Revision(revision.id, path=path)).module
    spec = importlib.util.spec_from_file_location(module.__name__, path)
    assert spec is not None
    usual = importlib.util.module_from_spec(spec)
    assert {word: vars(module)[word] for word in ("__file__", "__package__", "__doc__")} == {
        "__file__": usual.__file__, "__package__": usual.__package__, "__doc__": "doc"
    }  # fmt: skip
    assert vars(module).get("__cached__") == vars(usual).get("__cached__")
    assert (module.__spec__ and module.__spec__.origin) == spec.origin
    assert module.__spec__.has_location
    if source == path:
        assert inspect.getsource(module) == source.read_text("utf-8")


@pytest.mark.parametrize("name", ["gone.py", "gone.pyc", "folder.py"])
def test_a_missing_file_is_reported(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.py").mkdir()
    with pytest.raises(BrokenFileError, match=rf"{name} does not exist"):
        load_program(Revision("a1", path=tmp_path / name))
