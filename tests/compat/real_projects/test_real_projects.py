"""Projects from PyPI that contain migrations, run by Alembic and by limbeck side by side.

Each is installed into two environments of its own; the exit codes, standard output, schemas
and version rows are compared. `LIMBECK_TEST_PROJECTS=optuna,nova` narrows the choice.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import servers
from tests.compat.peer_venvs import PATIENCE
from tests.compat.real_projects.projects import PROJECTS, Project
from tests.compat.real_projects.runner import Side, environments

pytestmark = [pytest.mark.slow, pytest.mark.timeout(PATIENCE)]

LISTINGS = (
    ("heads",),
    ("heads", "-v"),
    ("heads", "--resolve-dependencies"),
    ("history",),
    ("history", "-v"),
    ("history", "-r", "base:head"),
    ("history", "--rev-range=-2:"),
    ("branches",),
    ("branches", "-v"),
    ("show", "head"),
    ("show", "heads"),
    ("show", "base"),
    ("show", "nothing"),
)
# what env.py is asked for: where the database stands
STANDINGS = (("current",), ("current", "-v"), ("current", "--check-heads"), ("history", "-i"))
# each revision's own script, up and down; null where the migration cannot be written
SCRIPTS = """
import io, json
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

scripts = {}
for one in ScriptDirectory.from_config(Config("alembic.ini")).walk_revisions():
    if isinstance(one.down_revision, tuple):
        continue
    below = one.down_revision or "base"
    for way, ends in (("upgrade", (below, one.revision)), ("downgrade", (one.revision, below))):
        buffer = io.StringIO()
        config = Config("alembic.ini", output_buffer=buffer)
        config.print_stdout = lambda *words: None
        try:
            getattr(command, way)(config, ":".join(ends), sql=True)
            scripts[f"{way} {one.revision}"] = buffer.getvalue()
        except (Exception, SystemExit):
            scripts[f"{way} {one.revision}"] = None
print()
print(json.dumps(scripts))
"""
CHOSEN = os.environ.get("LIMBECK_TEST_PROJECTS", "")
WANTED = [one for one in PROJECTS if not CHOSEN or one.name in CHOSEN.split(",")]
PAIRS = [(one, kind) for one in WANTED for kind in one.databases]


class Both:
    """The two sides, asked together."""

    def __init__(self, peer: Side, ours: Side) -> None:
        self.peer, self.ours = peer, ours

    def run(self, *words: str, fails: bool | None = False, same_code: bool = True) -> None:
        """Run a command on both sides; both succeed with one output, or both refuse.

        Args:
            words: the command.
            fails: the project does not allow it, so that Alembic refuses; None: it may.
            same_code: both refuse with one exit code, unless Alembic's is that of a traceback.
        """
        peer, ours = self.peer.run(*words), self.ours.run(*words)
        assert bool(peer.code) == bool(ours.code), (words, peer.err[-2000:], ours.err[-2000:])
        assert fails is None or bool(peer.code) == fails, (words, peer.err[-2000:])
        if same_code and "Traceback" not in peer.err:
            assert ours.code == peer.code, (words, peer.err[-2000:], ours.err[-2000:])
        if not peer.code:
            # where both refuse, the words are each tool's own
            assert _sorted(ours.out, words) == _sorted(peer.out, words), words

    def same_schema(self) -> None:
        """Compare the databases."""
        expected = self.peer.schema()
        if self.peer.database.kind == "sqlite":
            for wrong, right in self.peer.project.corrected:
                expected = expected.replace(wrong, right)
        assert self.ours.schema() == expected


def _sorted(text: str, words: tuple[str, ...]) -> object:
    # the indexes of one table come in no fixed order; Alembic writes NULL for the values that
    # a program gives to its own bind.execute(), limbeck writes the values
    if "--sql" not in words:
        return text
    text = text.replace("%%", "%")  # Alembic doubles percent signs, which are not parameters here
    text = re.sub(r"created_at = \S+, last_updated_at = '?[^'\n]+'?", "created_at = ...", text)
    return sorted(text.split("\n\n"))


@contextmanager
def together(project: Project, kind: str, folder: Path) -> Iterator[Both]:
    """Both sides of a project, each with an empty database."""
    places = environments(project)
    homes = {name: folder / name for name in places}
    for home in homes.values():
        home.mkdir()
    with (
        servers.own_database(kind, homes["peer"]) as one,
        servers.own_database(kind, homes["limbeck"]) as two,
    ):
        yield Both(
            Side(project, places["peer"], one, homes["peer"]),
            Side(project, places["limbeck"], two, homes["limbeck"]),
        )


@pytest.mark.parametrize("project", WANTED, ids=lambda one: one.name)
def test_listings(project: Project, tmp_path: Path) -> None:
    """What the revision files alone tell."""
    with together(project, project.databases[0], tmp_path) as both:
        for words in LISTINGS:
            both.run("alembic", *words, fails=words == ("show", "nothing"))


@pytest.mark.parametrize(("project", "kind"), PAIRS, ids=lambda one: getattr(one, "name", one))
def test_scripts(project: Project, kind: str, tmp_path: Path) -> None:
    """`--sql`, a revision at a time and both ways.

    Few projects can be written as a whole: somewhere a migration reads the database.
    """
    with together(project, kind, tmp_path) as both:
        peer, ours = (_scripts(side) for side in (both.peer, both.ours))
        assert ours.keys() == peer.keys()
        # on SQLite limbeck writes more: what a database has to be looked at for is less there
        refused = {name for name, text in peer.items() if text is None}
        more = {name for name in refused if ours[name] is not None}
        assert {name: ours[name] for name in peer if name not in more} == {
            name: text for name, text in peer.items() if name not in more
        }
        assert kind == "sqlite" or not more
        # limbeck may get further in a script that ends at another migration's own error
        both.run("alembic", "upgrade", "head", "--sql", fails=None, same_code=kind != "sqlite")


def _scripts(side: Side) -> dict[str, object]:
    made = side.run("python", "-c", SCRIPTS)
    assert made.code == 0, made.err[-2000:]
    found: dict[str, str | None] = json.loads(made.out.splitlines()[-1])
    return {name: text and _sorted(side.tidy(text), ("--sql",)) for name, text in found.items()}


@pytest.mark.parametrize(("project", "kind"), PAIRS, ids=lambda one: getattr(one, "name", one))
def test_up_and_down(project: Project, kind: str, tmp_path: Path) -> None:
    """From nothing to head, back as far as the project goes, and up again."""
    steered = project.begin[0] != "alembic"
    with together(project, kind, tmp_path) as both:
        if project.prepare:
            for side in (both.peer, both.ours):
                made = side.run("python", "-c", f"URL = {side.url!r}\n{project.prepare}")
                assert made.code == 0, made.err
        both.run("alembic", "current", fails=steered)
        both.run(*project.begin)
        both.same_schema()
        assert both.peer.rows()
        for words in STANDINGS:
            both.run("alembic", *words, fails=steered)
        if project.back_to is None:
            return
        both.run("alembic", "downgrade", project.back_to)
        both.same_schema()
        both.run("alembic", "current")
        both.run("alembic", "upgrade", "head")
        both.same_schema()
