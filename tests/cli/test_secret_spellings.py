"""Every spelling of a secret, in every output: none is printed, logged or stored."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.cases.secrets.spellings import SPELLINGS
from tests.cli.project_fixture import CliProject, cli_project
from tests.cli.secret_outputs import Job, leaked, revision, run_jobs, stored
from tests.servers import Database

KINDS = ("sqlite", "postgresql", "mariadb")
# what is printed after a migration has failed, and about it
FAILED = (
    ("upgrade", "head"),
    ("--raiseerr", "upgrade", "head", "--json"),
    ("status", "--json"),
    ("recover", "--forget"),
)


def project(folder: Path, database: Database) -> CliProject:
    """Return a project whose log shows every statement and its parameters."""
    site = cli_project(folder, database, extra="journal = keep")
    ini = site.folder / "alembic.ini"
    head, _, tail = ini.read_text().partition("[logger_sqlalchemy]")
    ini.write_text(f"{head}[logger_sqlalchemy]{tail.replace('WARNING', 'DEBUG', 1)}")
    return site


@pytest.fixture
def cluster(database: Database) -> Iterator[Database]:
    """A database; the roles and users that a failed migration has left are dropped afterwards."""
    yield database
    if database.kind == "sqlite":
        return
    is_postgresql = database.kind == "postgresql"
    query = "SELECT rolname FROM pg_roles" if is_postgresql else "SELECT User FROM mysql.user"
    with database.engine(isolation_level="AUTOCOMMIT") as engine, engine.connect() as connection:
        names = connection.exec_driver_sql(query).scalars().all()
        for name in {one for one in names if one.startswith(f"{database.url.database}_")}:
            for word in ("ROLE",) if is_postgresql else ("ROLE", "USER"):
                connection.exec_driver_sql(f"DROP {word} IF EXISTS {name}")


@pytest.mark.parametrize("database", KINDS, indirect=True)
def test_no_secret_of_a_failing_migration_is_shown(cluster: Database, tmp_path: Path) -> None:
    site = project(tmp_path, cluster)
    name = cluster.url.database if cluster.kind != "sqlite" else "r"
    jobs, about, kept = [], [], []

    def prepare(number: int) -> None:
        path = site.versions / "s_.py"
        path.write_text(revision(SPELLINGS[number], number, str(name), fails=True))

    def look(number: int) -> None:
        (tmp_path / f"stored{number}").write_text(stored(cluster))

    for number, _ in enumerate(SPELLINGS):
        for words in FAILED:
            ready = partial(prepare, number) if words == FAILED[0] else int
            ready = partial(look, number) if words[0] == "recover" else ready
            jobs.append(Job(words, ready))
            about.append(number)
    done = run_jobs(site, jobs)
    faults = []
    for number, job, one in zip(about, jobs, done, strict=True):
        lines = leaked(one.text, number)
        faults += [f"{SPELLINGS[number].name} | {' '.join(job.words)}: {line}" for line in lines]
        if "head" in job.words and not SPELLINGS[number].name.startswith("a quote"):
            assert one.code, (SPELLINGS[number].name, one.text)
    for number, spelling in enumerate(SPELLINGS):
        kept = leaked((tmp_path / f"stored{number}").read_text(), number)
        faults += [f"{spelling.name} | stored: {line}" for line in kept]
    assert not faults, "\n".join(["", *faults])


def chained(site: CliProject, kind: str, name: str) -> None:
    """Write the revisions of all spellings that succeed on a database, one after the other."""
    down = None
    for number, spelling in enumerate(SPELLINGS):
        if kind in spelling.runs_on:
            text = revision(spelling, number, name, down=down, fails=False)
            down = f"s{number:02}"
            (site.versions / f"{down}_.py").write_text(text)


SCRATCH = (
    Job(("plan",)),
    Job(("plan", "--json", "-v")),
    Job(("plan", "--html", "plan.html"), reads=("plan.html",)),
    Job(("lint", "--pending")),
    Job(("lint", "--pending", "--json")),
    Job(("lint", "--pending", "--format", "sarif")),
    Job(("lint", "--pending", "--format", "github")),
    Job(("verify", "--json")),
)
APPLIED = (
    Job(("plan", "--no-scratch")),
    Job(("history", "-v")),
    Job(("upgrade", "head")),
    Job(("status",)),
    Job(("status", "--json")),
    Job(("current", "-v")),
    Job(("history", "-i", "--json")),
    Job(("show", "head", "--json")),
    Job(("check",)),
    Job(("schema",)),
    Job(("snapshot",)),
    Job(("stats",)),
    Job(("downgrade", "base", "--yes", "--json")),
)


@pytest.mark.parametrize("database", KINDS, indirect=True)
def test_no_secret_of_an_applied_migration_is_shown(cluster: Database, tmp_path: Path) -> None:
    site = project(tmp_path, cluster)
    chained(site, cluster.kind, str(cluster.url.database) if cluster.kind != "sqlite" else "r")

    def look() -> None:
        (tmp_path / "stored").write_text(stored(cluster))

    jobs = [*APPLIED[:-1], Job(APPLIED[-1].words, look)]
    for job, done in zip(jobs, run_jobs(site, jobs), strict=True):
        assert not leaked(done.text), job.words
        if job.words[0] in {"upgrade", "downgrade"}:
            assert done.code == 0, done.text
    assert not leaked((tmp_path / "stored").read_text())


@pytest.mark.parametrize(
    "database",
    ["sqlite", *(pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS[1:])],
    indirect=True,
)
def test_no_secret_of_a_revision_on_a_scratch_database_is_shown(
    cluster: Database, tmp_path: Path
) -> None:
    site = project(tmp_path, cluster)
    chained(site, cluster.kind, str(cluster.url.database) if cluster.kind != "sqlite" else "r")
    for job, done in zip(SCRATCH, run_jobs(site, SCRATCH), strict=True):
        assert not leaked(done.text), job.words
        # a migration logs this error itself
        logged = done.text.count("\nValueError: api_key=***")
        assert done.text.count("Traceback") == logged, done.text
