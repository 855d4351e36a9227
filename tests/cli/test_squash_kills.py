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

from tests.cli.project_fixture import Worksite, finish, worksite
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


def _site(tmp_path: Path) -> Worksite:
    site = Worksite(tmp_path / "project", f"sqlite:///{tmp_path / 'x.db'}")
    for number, id_ in enumerate(("a1", "b2", "c3", "d4")):
        down = (None, "a1", "b2", "c3")[number]
        site.write(
            id_,
            f"op.create_table('t_{id_}', sa.Column('id', sa.Integer, primary_key=True))",
            down=down,
            downgrade=f"op.drop_table('t_{id_}')",
        )
    path = site.versions / "b2_.py"
    path.write_text(path.read_text("utf-8").replace("labels = None", "labels = ('area',)"), "utf-8")
    site.good("heads", "--fix")
    return site


def _kills(
    site: Worksite, patch: pytest.MonkeyPatch, when: str, *words: str
) -> Iterator[dict[str, str]]:
    """Kill a command at each point in turn; yield the files after each kill."""
    before = site.folder.parent / "before"
    shutil.copytree(site.folder, before)
    killer = Killer(patch, site.folder / "migs", when)
    for at in range(1, MOST):
        shutil.rmtree(site.folder)
        shutil.copytree(before, site.folder)
        killer.at = at
        done = site.run(*words)
        killer.at = 0
        if done.code == 0:
            assert at > 3
            return
        assert done.code == -signal.SIGKILL, done.text
        yield _files(site)
    pytest.fail("the command does not end")


def _files(site: Worksite) -> dict[str, str]:
    """Return the revision files, each of which is whole."""
    found = {}
    for path in sorted(site.versions.glob("*.py")):
        found[path.name] = text = path.read_text("utf-8")
        names = {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
        assert names == {"upgrade", "downgrade"}
    return found


@WHEN
@pytest.mark.parametrize(("range_", "top"), [("b2:c3", "d4"), ("b2:d4", "s9")])
def test_squash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str, range_: str, top: str
) -> None:
    site = _site(tmp_path)
    old = _files(site)
    words = ("squash", range_, "--rev-id", "s9", "-m", "x")
    for files in _kills(site, monkeypatch, when, *words):
        new = files.keys() - old.keys()
        assert {name: files[name] for name in old} == old
        assert len(new) <= 1
        again = site.run(*words)
        is_done = "already" in again.text
        assert (again.code, is_done) == ((255, True) if new else (0, False)), again.text
        assert site.good("heads") == f"{top} (area) (head)\n"
        site.good("heads", "--check")
        assert len(_files(site)) == len(old) + 1


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
    site = worksite(tmp_path, database)
    table = "op.create_table('t', sa.Column('id', sa.Integer, primary_key=True))"
    site.write("a1", table, downgrade="op.drop_table('t')")
    site.write("b2", "op.add_column('t', sa.Column('n', sa.Integer))", down="a1",
               downgrade="with op.batch_alter_table('t') as b: b.drop_column('n')")  # fmt: skip
    site.write("c3", "op.execute('INSERT INTO t VALUES (1, 2)')", down="b2",
               downgrade="op.execute('DELETE FROM t')")  # fmt: skip
    site.good("upgrade", "b2")
    old = _files(site)
    site.env_py.write_text(STATEMENTS + site.env_py.read_text("utf-8"), "utf-8")
    words = ("squash", "a1:c3", "--rev-id", "s9", "-m", "x")
    kills, number = 0, 0
    while True:
        number += step
        site.environment = {"KILL_AT": str(number), "KILL_WHEN": when}
        running = site.start(*words)
        done = finish(running)
        site.environment = {"KILL_AT": "0"}
        if done.code == 0:
            break
        assert done.code == -signal.SIGKILL, done.text
        kills += 1
        assert _files(site) == old
        assert site.good("current").split()[0] == "b2"
        if step > 1 or kills % 10 == 1:
            # the next squash removes what the killed one has left
            site.good(*words)
            assert scratch_databases(database, running.pid) == []
            (site.versions / "s9_x.py").unlink()
    assert kills
    assert set(_files(site)) - set(old) == {"s9_x.py"}
    site.good("upgrade", "head")
    assert site.good("current") == "s9 (head)\n"


@WHEN
def test_finish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    site = _site(tmp_path)
    site.good("squash", "b2:c3", "--rev-id", "s9", "-m", "x")
    whole = _files(site)
    for files in _kills(site, monkeypatch, when, "squash", "--finish"):
        assert {"a1_.py", "d4_.py", "s9_x.py"} <= files.keys() <= whole.keys()
        assert site.good("heads") == "d4 (area) (head)\n"
        again = site.run("squash", "--finish")
        is_done = "There are no files of replaced revisions" in again.text
        assert again.code == 0 or is_done, again.text
        assert _files(site).keys() == {"a1_.py", "d4_.py", "s9_x.py"}
        assert site.good("heads") == "d4 (area) (head)\n"
        site.good("upgrade", "head")
        site.good("downgrade", "base")
