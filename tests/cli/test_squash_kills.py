"""Kills of `squash` at each statement, and at each file it writes or `--finish` removes."""

from __future__ import annotations

import ast
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.project_fixture import CliProject, cli_project, finish
from tests.cli.test_squash import scratch_databases
from tests.servers import Database

WHEN = pytest.mark.parametrize("when", ["before", pytest.param("after", marks=pytest.mark.slow)])
CALLS = ("open", "link", "replace", "rename", "unlink", "mkdir")
MOST = 40


class Killer:
    """Kills a forked command at the n-th call that changes a file below a folder."""

    def __init__(self, patch: pytest.MonkeyPatch, folder: Path, when: str) -> None:
        self._folder = str(folder)
        self._when = when
        self._parent = os.getpid()
        self.at = 0
        self._seen = 0
        for name in CALLS:
            patch.setattr(os, name, self._counted(name, getattr(os, name)))

    def _counted(self, name: str, real: Any) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            is_read = name == "open" and not given[1] & (os.O_WRONLY | os.O_RDWR)
            path = os.fspath(given[-1 if name in {"link", "replace", "rename"} else 0])
            if os.getpid() == self._parent or is_read or not path.startswith(self._folder):
                return real(*given, **named)
            self._seen += 1
            if self._seen == self.at and self._when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            number = self._seen
            try:
                return real(*given, **named)
            finally:
                if number == self.at:
                    os.kill(os.getpid(), signal.SIGKILL)

        return call


def _project(tmp_path: Path) -> CliProject:
    project = CliProject(tmp_path / "project", f"sqlite:///{tmp_path / 'x.db'}")
    for number, id_ in enumerate(("a1", "b2", "c3", "d4")):
        down = (None, "a1", "b2", "c3")[number]
        project.write(
            id_,
            f"op.create_table('t_{id_}', sa.Column('id', sa.Integer, primary_key=True))",
            down=down,
            downgrade=f"op.drop_table('t_{id_}')",
        )
    path = project.versions / "b2_.py"
    path.write_text(path.read_text("utf-8").replace("labels = None", "labels = ('area',)"), "utf-8")
    project.check_output("heads", "--fix")
    return project


def _kills(
    project: CliProject, patch: pytest.MonkeyPatch, when: str, *words: str
) -> Iterator[dict[str, str]]:
    """Kill a command at each point in turn; yield the files after each kill."""
    before = project.folder.parent / "before"
    shutil.copytree(project.folder, before)
    killer = Killer(patch, project.folder / "migs", when)
    for at in range(1, MOST):
        shutil.rmtree(project.folder)
        shutil.copytree(before, project.folder)
        killer.at = at
        done = project.run(*words)
        killer.at = 0
        if done.code == 0:
            assert at > 3
            return
        assert done.code == -signal.SIGKILL, done.text
        yield _files(project)
    pytest.fail("the command does not end")


def _files(project: CliProject) -> dict[str, str]:
    """Return the revision files, each of which is whole."""
    found = {}
    for path in sorted(project.versions.glob("*.py")):
        found[path.name] = text = path.read_text("utf-8")
        names = {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
        assert names == {"upgrade", "downgrade"}
    return found


@WHEN
@pytest.mark.parametrize(("range_", "top"), [("b2:c3", "d4"), ("b2:d4", "s9")])
def test_squash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str, range_: str, top: str
) -> None:
    project = _project(tmp_path)
    old = _files(project)
    words = ("squash", range_, "--rev-id", "s9", "-m", "x")
    for files in _kills(project, monkeypatch, when, *words):
        new = files.keys() - old.keys()
        assert {name: files[name] for name in old} == old
        assert len(new) <= 1
        again = project.run(*words)
        is_done = "already" in again.text
        assert (again.code, is_done) == ((255, True) if new else (0, False)), again.text
        assert project.check_output("heads") == f"{top} (area) (head)\n"
        project.check_output("heads", "--check")
        assert len(_files(project)) == len(old) + 1


STATEMENTS = """
import os, signal
from sqlalchemy import Engine, event

_left = int(os.environ.get("KILL_AT", "0"))

@event.listens_for(Engine, os.environ.get("KILL_WHEN", "before") + "_cursor_execute")
def _kill(*_args):
    global _left
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

"""


@pytest.mark.parametrize(
    ("when", "step"),
    [
        ("after", 29),
        pytest.param("before", 1, marks=pytest.mark.slow),
        pytest.param("after", 1, marks=pytest.mark.slow),
    ],
)
def test_a_kill_at_any_statement_of_the_verification(
    database: Database, tmp_path: Path, when: str, step: int
) -> None:
    project = cli_project(tmp_path, database)
    table = "op.create_table('t', sa.Column('id', sa.Integer, primary_key=True))"
    project.write("a1", table, downgrade="op.drop_table('t')")
    project.write("b2", "op.add_column('t', sa.Column('n', sa.Integer))", down="a1",
               downgrade="with op.batch_alter_table('t') as b: b.drop_column('n')")  # fmt: skip
    project.write("c3", "op.execute('INSERT INTO t VALUES (1, 2)')", down="b2",
               downgrade="op.execute('DELETE FROM t')")  # fmt: skip
    project.check_output("upgrade", "b2")
    old = _files(project)
    project.env_py.write_text(STATEMENTS + project.env_py.read_text("utf-8"), "utf-8")
    words = ("squash", "a1:c3", "--rev-id", "s9", "-m", "x")
    kills, number = 0, 0
    while True:
        number += step
        project.environment = {"KILL_AT": str(number), "KILL_WHEN": when}
        running = project.start(*words)
        done = finish(running)
        project.environment = {"KILL_AT": "0"}
        if done.code == 0:
            break
        assert done.code == -signal.SIGKILL, done.text
        kills += 1
        assert _files(project) == old
        assert project.check_output("current").split()[0] == "b2"
        if step > 1 or kills % 10 == 1:
            # the next squash removes what the killed one has left
            project.check_output(*words)
            assert scratch_databases(database, running.pid) == []
            (project.versions / "s9_x.py").unlink()
    assert kills
    assert set(_files(project)) - set(old) == {"s9_x.py"}
    project.check_output("upgrade", "head")
    assert project.check_output("current") == "s9 (head)\n"


@WHEN
def test_finish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    project = _project(tmp_path)
    project.check_output("squash", "b2:c3", "--rev-id", "s9", "-m", "x")
    whole = _files(project)
    for files in _kills(project, monkeypatch, when, "squash", "--finish"):
        assert {"a1_.py", "d4_.py", "s9_x.py"} <= files.keys() <= whole.keys()
        assert project.check_output("heads") == "d4 (area) (head)\n"
        again = project.run("squash", "--finish")
        is_done = "There are no files of replaced revisions" in again.text
        assert again.code == 0 or is_done, again.text
        assert _files(project).keys() == {"a1_.py", "d4_.py", "s9_x.py"}
        assert project.check_output("heads") == "d4 (area) (head)\n"
        project.check_output("upgrade", "head")
        project.check_output("downgrade", "base")
