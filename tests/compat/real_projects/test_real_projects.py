"""Projects from PyPI that carry migrations, run by Alembic and by limbeck side by side.

Each is installed into two environments of its own; the exit codes, standard output, schemas
and version rows are compared. `LIMBECK_TEST_PROJECTS=optuna,nova` narrows the choice.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.compat.real_projects.projects import PROJECTS, Project
from tests.compat.real_projects.sides import Ran, Side, environments

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]

LISTINGS = (
    ("heads",),
    ("heads", "-v"),
    ("history",),
    ("history", "-v"),
    ("branches",),
    ("branches", "-v"),
    ("heads", "--resolve-dependencies"),
    ("history", "-i"),
    ("history", "-r", "base:head"),
    ("history", "-r", "-3:"),
    ("show", "head"),
    ("show", "heads"),
    ("show", "base"),
    ("show", "nothing"),
    ("current",),
    ("current", "-v"),
    ("current", "--check-heads"),
)
STANDS = (
    ("current",),
    ("current", "-v"),
    ("current", "--check-heads"),
    ("history", "-i"),
    ("history", "-r", "current:"),
)
CHOSEN = os.environ.get("LIMBECK_TEST_PROJECTS", "")
WANTED = [one for one in PROJECTS if not CHOSEN or one.name in CHOSEN.split(",")]
PAIRS = [(one, kind) for one in WANTED for kind in one.databases]


class Both:
    """The two sides, asked together."""

    def __init__(self, peer: Side, ours: Side) -> None:
        self.peer, self.ours = peer, ours

    def run(self, *words: str, may_fail: bool = False) -> tuple[Ran, Ran]:
        """Run a command on both sides; both succeed with one output, or both fail."""
        peer, ours = self.peer.run(*words), self.ours.run(*words)
        assert bool(peer.code) == bool(ours.code), (words, peer.err[-2000:], ours.err[-2000:])
        if "Traceback" not in peer.err:
            assert ours.code == peer.code, (words, peer.err[-2000:], ours.err[-2000:])
        if not peer.code:
            assert _sorted(ours.out, words) == _sorted(peer.out, words), words
        else:
            # where both refuse, the words are each tool's own
            assert may_fail, (words, peer.err[-2000:])
        return peer, ours

    def same_schema(self) -> None:
        """Compare the databases."""
        assert self.ours.schema() == self.peer.schema()


def _sorted(text: str, words: tuple[str, ...]) -> object:
    # the indexes of one table come in no fixed order; Alembic writes NULL for the values that
    # a program gives to its own bind.execute(), limbeck writes the values
    if "--sql" not in words:
        return text
    text = re.sub(r"created_at = \S+, last_updated_at = '?[^'\n]+'?", "created_at = ...", text)
    return sorted(text.split("\n\n"))


@pytest.fixture(params=PAIRS, ids=lambda pair: f"{pair[0].name}-{pair[1]}")
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Both]:
    """Both sides of a project, each with an empty database."""
    project, kind = request.param
    places = environments(project)
    homes = {name: tmp_path / name for name in places}
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


def test_side_by_side(both: Both) -> None:
    """Listings, scripts, up, down and up again."""
    project: Project = both.peer.project
    for words in LISTINGS:
        both.run("alembic", *words, may_fail=True)
    both.run("alembic", "upgrade", "head", "--sql", may_fail=True)
    if project.prepare:
        for side in (both.peer, both.ours):
            made = side.run("python", "-c", f"URL = {side.url!r}\n{project.prepare}")
            assert made.code == 0, made.err
    both.run(*project.begin)
    both.same_schema()
    assert both.peer.rows()
    for words in STANDS:
        both.run("alembic", *words, may_fail=project.begin[0] != "alembic")
    if project.back_to is None:
        return
    for words in (("downgrade", f"head:{project.back_to}"), ("upgrade", f"{project.back_to}:head")):
        both.run("alembic", *words, "--sql", may_fail=True)
    both.run("alembic", "downgrade", project.back_to)
    both.same_schema()
    both.run("alembic", "current")
    both.run("alembic", "upgrade", "head")
    both.same_schema()
