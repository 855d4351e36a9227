"""A process killed while it writes files leaves no incomplete file."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from limbeck.project import Project, find_config

# Ends the process at the n-th call that changes a folder, before it or after it.
KILL = """
import os, sys
when, at, *words = sys.argv[1:]
left = int(at)
def dying(name):
    real = getattr(os, name)
    def call(*given, **named):
        global left
        if name == "open" and not given[1] & (os.O_WRONLY | os.O_RDWR):
            return real(*given, **named)
        left -= 1
        if not left and when == "before":
            os._exit(99)
        found = real(*given, **named)
        if not left:
            os._exit(99)
        return found
    setattr(os, name, staticmethod(call))  # pathlib of Python 3.10 makes it a method
for name in ("open", "fsync", "link", "replace", "rename", "unlink", "mkdir"):
    dying(name)
if "noname" in os.environ.get("KILL_WITHOUT", ""):
    os.O_TMPFILE = 0
if "links" in os.environ.get("KILL_WITHOUT", ""):
    def refuse(*given, **named):
        raise OSError(1, "no links here")
    os.link = refuse
from limbeck.cli import main
main(words, prog="limbeck")
"""
MOST = 60
REVISION = 'revision = "{}"\ndown_revision = {}\n\n\ndef upgrade():\n    pass\n\n\ndef downgrade():\n    pass\n'


def _run(folder: Path, *words: str, without: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", KILL, *words],
        cwd=folder,
        env={**os.environ, "KILL_WITHOUT": without, "EDITOR": "true", "VISUAL": "true"},
        capture_output=True,
        text=True,
        check=False,
    )


def _project(folder: Path, *, heads: int) -> None:
    assert _run(folder, "before", "0", "init", "migs").returncode == 0
    versions = folder / "migs" / "versions"
    versions.joinpath("a1.py").write_text(REVISION.format("a1", None))
    for number in range(heads):
        text = REVISION.format(f"b{number}", '"a1"')
        versions.joinpath(f"b{number}.py").write_text(text)


def _history(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(folder)
    return Project.from_config(find_config(environ={}))


def _assert_complete(folder: Path) -> None:
    for path in folder.rglob("*.py"):
        functions = {
            node.name for node in ast.parse(path.read_bytes()).body if hasattr(node, "name")
        }
        if path.parent.name == "versions" and path.name != "__init__.py":
            assert {"upgrade", "downgrade"} <= functions, path
    for path in folder.glob("migs/versions/*"):
        assert path.suffix == ".py" or path.name == "__pycache__" or path.name[0] == ".", path


@pytest.mark.parametrize(
    ("command", "without", "when"),
    [
        ("revision", "", "before"),
        ("revision", "", "after"),
        ("revision", "noname", "before"),
        ("revision", "noname", "after"),
        ("revision", "noname links", "before"),
        ("revision", "noname links", "after"),
        ("merge", "", "before"),
        ("edit", "", "before"),
    ],
)
def test_a_killed_command_leaves_complete_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, without: str, when: str
) -> None:
    words = {
        "revision": ["revision", "-m", "it's one more"],
        "merge": ["merge", "heads", "-m", "both"],
        "edit": ["edit", "head"],
    }[command]
    heads = 2 if command == "merge" else 1
    first = tmp_path / "first"
    first.mkdir()
    _project(first, heads=heads)
    codes = []
    for at in range(1, MOST):
        folder = tmp_path / str(at)
        shutil.copytree(first, folder)
        codes.append(_run(folder, when, str(at), *words, without=without).returncode)
        if codes[-1] == 0:
            break
        _assert_complete(folder)
        before = _history(folder, monkeypatch).history()
        assert len(before) in {1 + heads, 2 + heads}
        if command == "merge" and len(before.heads) == 1:
            continue
        again = _run(folder, "before", "0", *words, without=without)
        assert again.returncode == 0, again.stdout + again.stderr
        after = _history(folder, monkeypatch).history()
        assert len(after.heads) == 1
        assert len(after) == len(before) + (command != "edit")
    assert codes[-1] == 0
    assert set(codes[:-1]) <= {99}
    if command != "edit":
        assert len(codes) > 3


@pytest.mark.parametrize(
    ("words", "when"),
    [([], "before"), ([], "after"), (["-t", "pyproject"], "after"), (["--package"], "before")],
)
def test_the_same_command_completes_a_killed_init(
    tmp_path: Path, when: str, words: list[str]
) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    assert _run(whole, "before", "0", "init", *words, "migs").returncode == 0
    wanted = {path.relative_to(whole): path.read_bytes() for path in _files(whole)}
    for at in range(1, MOST):
        folder = tmp_path / str(at)
        folder.mkdir()
        code = _run(folder, when, str(at), "init", *words, "migs").returncode
        assert code in {0, 99}
        _assert_complete(folder)
        if code:
            again = _run(folder, "before", "0", "init", *words, "migs")
            is_complete = "already exists and is not empty" in again.stdout
            assert again.returncode == 0 or is_complete, again.stdout + again.stderr
        found = {path.relative_to(folder): path.read_bytes() for path in _files(folder)}
        assert found == wanted
        if not code:
            break
    assert not code
    assert at > 8


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")]


def test_an_environment_with_other_files_is_not_changed(tmp_path: Path) -> None:
    assert _run(tmp_path, "before", "0", "init", "migs").returncode == 0
    (tmp_path / "migs" / "README").unlink()
    (tmp_path / "migs" / "env.py").write_text("# mine\n")
    again = _run(tmp_path, "before", "0", "init", "migs")
    assert again.returncode == 255
    assert "already exists and is not empty" in again.stdout
    assert not (tmp_path / "migs" / "README").exists()
