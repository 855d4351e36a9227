"""Packages that ship no tests, used by small projects with Alembic and with limbeck.

Exit codes, generated files, schemas and the outcomes of the packages' own pytest tests are the
same. `LIMBECK_TEST_PACKAGES=alembic-utils` narrows the choice.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import servers
from tests.compat import peer_venvs
from tests.compat.packages.stories import ENV, MAKO, STORIES, Story

pytestmark = [pytest.mark.slow, pytest.mark.timeout(peer_venvs.PATIENCE)]
CHOSEN = os.environ.get("LIMBECK_TEST_PACKAGES", "")
WANTED = [one for one in STORIES if not CHOSEN or one.name in CHOSEN.split(",")]
OUTCOME = re.compile(r"^(PASSED|FAILED|ERROR|SKIPPED) (\S+)", re.MULTILINE)
# comments of pg_dump, and the schema that a database has from the start
NOISE = re.compile(
    r"^(--.*|\\(un)?restrict .*|(CREATE|ALTER|COMMENT ON) SCHEMA public.*|.* ON SCHEMA public .*|)\n",
    re.MULTILINE,
)


@pytest.mark.parametrize("story", WANTED, ids=lambda one: one.name)
def test_a_project_gives_the_same_result_with_alembic_and_limbeck(
    story: Story, tmp_path: Path
) -> None:
    """Play the story on both sides."""
    environments = peer_venvs.sides(story.name, story.requirements)
    peer, ours = (_played(story, environments[s], tmp_path / s) for s in ("peer", "limbeck"))
    assert [code for code, _ in peer["commands"]].count(0) >= 3
    for name, seen in peer.items():
        assert ours[name] == seen, name


def _played(story: Story, venv: Path, home: Path) -> dict[str, Any]:
    versions = home / "migrations" / "versions"
    versions.mkdir(parents=True)
    (home / "models.py").write_text(story.models)
    (home / "migrations" / "env.py").write_text(ENV.format(imports=story.imports))
    (home / "migrations" / "script.py.mako").write_text(MAKO)
    for name, text in story.files:
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_text(text)
    seen: dict[str, Any] = {"commands": [], "schemas": []}
    with servers.own_database("postgresql", home) as database:
        url = database.url.set(drivername="postgresql+psycopg2")
        address = url.render_as_string(hide_password=False)
        (home / "alembic.ini").write_text(
            f"[alembic]\nscript_location = migrations\nsqlalchemy.url = {address}\n"
        )
        environment = {n: v for n, v in os.environ.items() if not n.startswith("PYTHON")}
        environment |= {"URL": address, "PYTHONPATH": str(home), "NO_COLOR": "1"}
        for stage, words in story.commands:
            program, *rest = words.split()
            done = subprocess.run(
                [venv / "bin" / program, *rest], cwd=home, env={**environment, "STAGE": str(stage)},
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            outcomes = sorted(OUTCOME.findall(done.stdout)) if program == "pytest" else None
            seen["commands"].append((done.returncode, outcomes))
            if not {"upgrade", "downgrade"} & set(rest):
                continue
            dump = peer_venvs.do(
                "pg_dump", "--schema-only", "--no-owner", "-d",
                url.set(drivername="postgresql").render_as_string(hide_password=False),
            )  # fmt: skip
            seen["schemas"].append(NOISE.sub("", dump))
    seen["files"] = {one.name: one.read_text() for one in sorted(versions.glob("*.py"))}
    return seen
