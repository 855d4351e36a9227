"""`verify` on live databases: it reports every fault and accepts every correct revision."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import limbeck
from tests.cases.verify.fresh_revisions import FRESH_FAULTY, FRESH_GOOD
from tests.cases.verify.further_revisions import FURTHER_FAULTY, FURTHER_GOOD
from tests.cases.verify.revisions import FAULTY, FIRST_DOWN, FIRST_UP, GOOD, MODELS, Case
from tests.cases.verify.traces import NOT_ON_MYSQL, TRACES, UNUSUAL
from tests.cases.verify.unseen_revisions import UNSEEN_FAULTY, UNSEEN_GOOD
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
    """Return every case on every database; on servers most of them are slow tests."""
    return [
        pytest.param(
            kind,
            case,
            id=f"{kind}-{case.name}".replace(" ", "-"),
            marks=[pytest.mark.slow] if kind != "sqlite" and place % 8 else [],
        )
        for place, case in enumerate(cases)
        for kind in (*case.on, *(("mysql",) if _is_for_mysql_too(case) else ()))
    ]


def _is_for_mysql_too(case: Case) -> bool:
    return "mariadb" in case.on and case.name not in NOT_ON_MYSQL


@pytest.mark.parametrize(
    ("kind", "case"), _pairs(FAULTY + FURTHER_FAULTY + TRACES + UNSEEN_FAULTY + FRESH_FAULTY)
)
def test_a_fault_is_reported(
    kind: str, case: Case, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    database: Database = request.getfixturevalue(kind)
    project = Project(tmp_path, database)
    project.write(case)
    options = ("--time-limit", "3") if case.fault == "time-limit" else ()
    try:
        code, document = project.verify(*options)
    finally:
        if "CREATE OR REPLACE USER" in case.up:  # it commits by itself: verify can only report it
            with database.engine() as engine, engine.begin() as connection:
                connection.exec_driver_sql("DROP USER IF EXISTS limbeck_never")
    found = _findings(document)
    errors = {one["code"] for one in found if one["severity"] == "error"}
    assert case.fault in errors, found
    assert code != 0
    assert not (tmp_path / "left_behind.txt").exists()


@pytest.mark.parametrize(
    ("kind", "case"), _pairs(GOOD + FURTHER_GOOD + UNUSUAL + UNSEEN_GOOD + FRESH_GOOD)
)
def test_a_correct_revision_is_accepted(
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
    assert errors == set() if case.fault is None else case.fault in errors
    assert (code == 0) == (not errors)


def test_the_real_database_is_not_touched(postgresql: Database, tmp_path: Path) -> None:
    """The role may create databases and may not connect to the project's database at all."""
    role = f"limbeck_reader_{os.getpid()}"
    name = postgresql.url.database
    counted = "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables"
    with postgresql.engine(isolation_level="AUTOCOMMIT") as engine, engine.connect() as admin:
        admin.exec_driver_sql("CREATE TABLE precious (id INTEGER)")
        admin.exec_driver_sql("INSERT INTO precious VALUES (1)")
        admin.exec_driver_sql(f"DROP ROLE IF EXISTS {role}")
        admin.exec_driver_sql(f"CREATE ROLE {role} LOGIN CREATEDB")
        admin.exec_driver_sql(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")
        try:
            project = Project(tmp_path, Database("postgresql", postgresql.url.set(username=role)))
            project.write(GOOD[0])
            before = admin.exec_driver_sql(counted).all()
            code, document = project.verify()
            assert code == 0, _findings(document)
            assert document["revisions"][0]["kind"] == "database"
            assert admin.exec_driver_sql(counted).all() == before
        finally:
            admin.exec_driver_sql(f"GRANT CONNECT ON DATABASE {name} TO PUBLIC")
            admin.exec_driver_sql(f"DROP ROLE {role}")


def test_a_new_revision_is_verified(tmp_path: Path) -> None:
    database = Database("sqlite", sa.make_url(f"sqlite:///{tmp_path / 'shop.sqlite'}"))
    project = Project(tmp_path, database)
    project.write(GOOD[1])
    templates = Path(limbeck.__file__).parent / "project" / "templates"
    shutil.copy(templates / "generic" / "script.py.mako", tmp_path / "migrations")
    environment = {**os.environ, "LIMBECK_VERIFY": "on"}

    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "limbeck", *words],
            cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def add(name: str) -> None:
        models = tmp_path / "models.py"
        table = f'sa.Table("{name}", metadata, sa.Column("id", sa.Integer, primary_key=True))'
        models.write_text(f"{models.read_text()}\n{table}\n")

    run("upgrade", "head")
    add("shop")
    written = run("revision", "--autogenerate", "-m", "shops", "--rev-id", "third")
    assert "third: verified up, down and up again" in written
    run("upgrade", "head")
    add("city")
    silent = run("revision", "--autogenerate", "-m", "cities", "--no-verify", "--rev-id", "fourth")
    assert "verified" not in silent


def test_a_revision_that_never_ends_leaves_nothing_on_the_server(
    postgresql: Database, tmp_path: Path
) -> None:
    project = Project(tmp_path, postgresql)
    project.write(Case("sleep", "op.execute('SELECT pg_sleep(600)')", "pass"))
    code, document = project.verify("--time-limit", "3")
    assert code != 0
    assert [one["code"] for one in _findings(document)] == ["time-limit"]
    with postgresql.engine() as engine, engine.connect() as connection:
        sleeping = connection.exec_driver_sql(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%%pg_sleep(600)%%'"
            " AND pid <> pg_backend_pid() AND state = 'active'"
        ).scalar()
    assert sleeping == 0
