"""`verify` on live databases: it names every fault and refuses no good revision."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.cases.verify.revisions import FAULTY, FIRST_DOWN, FIRST_UP, GOOD, MODELS, Case
from tests.servers import Database

REVISION = '''"""{doc}"""

import sqlalchemy as sa
from {package} import op

revision = {id!r}
down_revision = {down!r}
branch_labels = None
depends_on = None


def upgrade():
{upgrade}


def downgrade():
{downgrade}
'''
ENV = """
import sqlalchemy as sa
from alembic import context
from models import metadata

engine = sa.create_engine(context.config.get_main_option("sqlalchemy.url"))
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
"""


@dataclass
class Project:
    """A project with one revision that stands and one that is verified."""

    folder: Path
    database: Database
    package: str = "limbeck"

    def write(self, case: Case) -> None:
        """Write the files of a case."""
        versions = self.folder / "migrations" / "versions"
        versions.mkdir(parents=True)
        url = self.database.url.render_as_string(hide_password=False).replace("%", "%%")
        (self.folder / "models.py").write_text(MODELS.replace("# edits", case.edits))
        lines = ["[alembic]", "script_location = migrations", "prepend_sys_path = ."]
        if self.package == "limbeck":
            lines += [f"url = {url}", "metadata = models:metadata"]
        else:
            lines += [f"sqlalchemy.url = {url}"]
            (self.folder / "migrations" / "env.py").write_text(ENV)
            (self.folder / "migrations" / "script.py.mako").write_text("")
        (self.folder / "alembic.ini").write_text("\n".join(lines) + "\n")
        self._revision(versions, "first", None, FIRST_UP, FIRST_DOWN)
        self._revision(versions, "second", "first", case.up, case.down)

    def _revision(
        self, versions: Path, id_: str, down: str | None, upgrade: str, downgrade: str
    ) -> None:
        text = REVISION.format(
            doc=id_,
            package=self.package,
            id=id_,
            down=down,
            upgrade=textwrap.indent(upgrade.strip(), "    "),
            downgrade=textwrap.indent(downgrade.strip(), "    "),
        )
        (versions / f"{id_}.py").write_text(text)

    def verify(self, *options: str) -> tuple[int, dict[str, Any]]:
        """Run the command; return its exit code and its document."""
        done = subprocess.run(
            [sys.executable, "-m", "limbeck", "verify", "--json", *options],
            cwd=self.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        start = done.stdout.find("{")
        assert start >= 0, done.stdout + done.stderr
        return done.returncode, json.loads(done.stdout[start : done.stdout.rindex("}") + 1])


def _findings(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [finding for one in document["revisions"] for finding in one["findings"]]


def _pairs(cases: tuple[Case, ...]) -> list[Any]:
    return [
        pytest.param(kind, case, id=f"{kind}: {case.name}") for case in cases for kind in case.on
    ]


def _leftovers(database: Database) -> list[str]:
    if database.kind == "sqlite":
        return []
    query = "SELECT datname FROM pg_database" if database.kind == "postgresql" else "SHOW DATABASES"
    import os

    with database.engine() as engine, engine.connect() as connection:
        names = [str(row[0]) for row in connection.execute(sa.text(query))]
    del os
    return [name for name in names if name.startswith("limbeck_scratch")]


@pytest.mark.parametrize(("kind", "case"), _pairs(FAULTY))
def test_a_fault_is_named(
    kind: str, case: Case, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    project = Project(tmp_path, request.getfixturevalue(kind))
    project.write(case)
    options = ("--time-limit", "3") if case.fault == "time-limit" else ()
    code, document = project.verify(*options)
    found = _findings(document)
    errors = {one["code"] for one in found if one["severity"] == "error"}
    assert case.fault in errors, found
    assert code != 0
    assert not (tmp_path / "left_behind.txt").exists()


@pytest.mark.parametrize(("kind", "case"), _pairs(GOOD))
def test_a_good_revision_is_not_refused(
    kind: str, case: Case, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    project = Project(tmp_path, request.getfixturevalue(kind))
    project.write(case)
    code, document = project.verify()
    found = _findings(document)
    assert code == 0, found
    assert {one["code"] for one in found} <= {*case.notes, "no-rows"}, found


@pytest.mark.parametrize("case", [FAULTY[9], GOOD[0], GOOD[8]], ids=lambda case: case.name)
def test_a_project_of_alembic_is_verified(case: Case, database: Database, tmp_path: Path) -> None:
    project = Project(tmp_path, database, package="alembic")
    project.write(case)
    code, document = project.verify()
    errors = {one["code"] for one in _findings(document) if one["severity"] == "error"}
    assert errors == ({case.fault} if case.fault else set())
    assert (code == 0) == (not errors)
