"""Small projects modelled on public ones, run by Alembic and by limbeck.

Compared are how each command ends and what it prints, the drafts, the schema and the rows. Each
side runs all of them in one process.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.compat import side_by_side, story_runner
from tests.compat.stories_of_applications import APPLICATIONS
from tests.compat.stories_of_environments import ENVIRONMENTS
from tests.compat.stories_of_projects import PROJECTS
from tests.compat.stories_of_revisions import ALL, REVISIONS, Story
from tests.servers import Database

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

STORIES = (*REVISIONS, *ENVIRONMENTS, *APPLICATIONS, *PROJECTS)


def results(side: str, database: Database, folder: Path) -> dict[str, Any]:
    """Return what the stories for a database leave, by name."""
    chosen = [one.written() for one in STORIES if _kind(database) in one.on]
    home = folder / side
    home.mkdir()
    stories = home / "stories.json"
    stories.write_text(json.dumps(chosen), "utf-8")
    address = database.address
    if database.kind == "sqlite":
        address = "sqlite:///FOLDER/x.db"
    python = side_by_side.alembic_python() if side == "alembic" else Path(sys.executable)
    done = subprocess.run(
        [str(python), story_runner.__file__, side, address, str(home), str(stories)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout.rpartition("@@@")[2])
    return found


def _kind(database: Database) -> str:
    return "mariadb" if database.kind == "mysql" else database.kind


@pytest.fixture(scope="module")
def known() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Return the results of both sides, by the kind of the database."""
    return {}


def _both(
    known: dict[str, Any], kind: str, request: pytest.FixtureRequest, folder: Path
) -> tuple[dict[str, Any], dict[str, Any]]:
    if kind not in known:
        database: Database = request.getfixturevalue(kind)
        theirs = results("alembic", database, folder)
        known[kind] = (theirs, results("limbeck", database, folder))
    found: tuple[dict[str, Any], dict[str, Any]] = known[kind]
    return found


@pytest.mark.parametrize("kind", sorted(ALL))
@pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story.name).replace(" ", "_"))
def test_a_story_gives_the_same_result(
    story: Story, kind: str, known: Any, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if kind not in story.on:
        pytest.skip("not for this database")
    theirs, ours = _both(known, kind, request, tmp_path)
    assert ours[story.name] == theirs[story.name]


def test_most_stories_succeed_with_alembic(
    known: Any, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Two that fail alike say little; these are meant to."""
    theirs, _ = _both(known, "sqlite", request, tmp_path)
    failing = {
        name
        for name, found in theirs.items()
        if any(ended != "done" for _, ended, _ in found["steps"])
    }
    assert failing <= {
        "env.py that refuses --sql", "a check of the heads", "a comparator of its own",
    }  # fmt: skip
