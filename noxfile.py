"""The jobs that people and CI share; `nox -l` lists them."""

import nox

nox.options.sessions = ["tests", "lint", "types", "docs"]
nox.options.default_venv_backend = "uv|virtualenv"

CORNERS = [("3.10", "2.0"), ("3.14", "2.1")]
NO_SERVER = "not slow and not server"
UNIT = ["tests/unit", "tests/property", "tests/architecture", "tests/golden"]
WITHOUT_SERVER = [*UNIT, "tests/api", "tests/cli", "tests/databases"]
# Coverage runs in each process, which these tests of imports and early kills notice.
NOT_WITH_COVERAGE = [
    "--ignore=tests/unit/startup/test_lazy_imports.py",
    "--ignore=tests/cli/test_import_budget.py",
    "--deselect=tests/api/test_functions.py::test_importing_loads_no_sqlalchemy",
    "--deselect=tests/cli/test_atomic_writes.py::test_the_same_command_completes_a_killed_init",
]


@nox.session
@nox.parametrize(("python", "sqlalchemy"), CORNERS)
def tests(session: nox.Session, sqlalchemy: str) -> None:
    """Run every test in the oldest and the newest corner."""
    session.install("-e", ".[test]", f"SQLAlchemy=={sqlalchemy}.*")
    session.run("pytest", "-n", "auto", *session.posargs)


@nox.session
def unit(session: nox.Session) -> None:
    """Run the quick tests, which need no database server."""
    session.install("-e", ".[test]")
    session.run("pytest", "-n", "auto", "-m", NO_SERVER, *UNIT, *session.posargs)


@nox.session
def coverage(session: nox.Session) -> None:
    """Measure the coverage of all tests that need no database server."""
    session.install("-e", ".[test]")
    session.run("coverage", "erase")
    tests = ["pytest", "-n", "auto", "-m", NO_SERVER, *NOT_WITH_COVERAGE, *WITHOUT_SERVER]
    session.run("coverage", "run", "-m", *tests)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report", "--skip-covered", "--skip-empty")


@nox.session
def databases(session: nox.Session) -> None:
    """Run the tests against live servers only."""
    session.install("-e", ".[test]")
    session.run("pytest", "-n", "auto", "tests/databases", *session.posargs)


@nox.session
def mysql(session: nox.Session) -> None:
    """Run the tests of MySQL, every pair of models included; it takes most of an hour."""
    session.install("-e", ".[test]")
    tests = ["tests/databases", "tests/cli"]
    session.run("pytest", "-n", "auto", "-k", "mysql", "-m", "", *tests, *session.posargs)


@nox.session
def compat(session: nox.Session) -> None:
    """Run existing projects and outside packages, the slow ones too."""
    session.install("-e", ".[test]")
    session.run("pytest", "-n", "auto", "-m", "slow or not slow", "tests/compat", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and spelling."""
    session.install("-e", ".[lint]")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("codespell")


@nox.session
def types(session: nox.Session) -> None:
    """Check types, strictly."""
    session.install("-e", ".[lint]")
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; a warning is an error."""
    session.install("-e", ".[docs]")
    session.run("sphinx-build", "-W", "--keep-going", "-b", "html", "docs", "docs/_build/html")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure limbeck and Alembic."""
    session.install("-e", ".[test]")
    session.run("python", "bench/run.py", *session.posargs)


@nox.session
def speed(session: nox.Session) -> None:
    """Fail if limbeck has become slower relative to Alembic."""
    session.install("-e", ".[test]")
    session.run("python", "bench/run.py", "--ci", *session.posargs)
