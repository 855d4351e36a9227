"""A plugin for pytest: fixtures, and tests of the migration history where a project asks for them.

Nothing of it runs unless `--limbeck` or the ini option `limbeck` turns the tests on, or a test asks
for a fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import sqlalchemy as sa

    from limbeck.commands import CheckOutcome, ProjectTestRequest
    from limbeck.project import Project

_OPENED = pytest.StashKey[Any]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the plugin."""
    group = parser.getgroup("limbeck", "migrations")
    group.addoption(
        "--limbeck",
        action="store_true",
        default=False,
        help="test the migration history: one head, verified revisions, models, lint",
    )
    group.addoption(
        "--limbeck-since",
        metavar="GIT_REF",
        default=None,
        help="test also the revisions whose files differ from this git reference",
    )
    parser.addini("limbeck", "test the migration history in every run", type="bool", default=False)
    parser.addini("limbeck_since", "what --limbeck-since is by default", default="")
    parser.addini(
        "limbeck_config",
        "the configuration file of limbeck, or its folder; by default the folder of pytest's own",
        default="",
    )


def _project(config: pytest.Config) -> Any:
    """Return the project and its script, opened once for each process."""
    if _OPENED not in config.stash:
        from limbeck.api.options import opened

        given = config.getini("limbeck_config")
        place = config.rootpath / given if given else config.rootpath
        stack = ExitStack()
        config.stash[_OPENED] = stack.enter_context(opened("pytest", {"config": place}))
        config.add_cleanup(stack.close)
    return config.stash[_OPENED]


def _since(config: pytest.Config) -> str | None:
    return config.getoption("limbeck_since") or config.getini("limbeck_since") or None


# ── tests of the history ──────────────────────────────────────────────────


def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add the tests of the history, where they are turned on."""
    if config.getoption("limbeck") or config.getini("limbeck"):
        collector = MigrationTests.from_parent(session, name="limbeck", path=config.rootpath)
        items.extend(collector.collect())


class MigrationTests(pytest.Collector):
    """Collects one test for the heads, and two for each revision."""

    def collect(self) -> Iterator[MigrationTest]:
        """Yield the tests."""
        from limbeck.commands import tested_revisions

        yield MigrationTest.from_parent(self, name="single-head", check="single-head")
        for one in tested_revisions(_project(self.config).project, _since(self.config)):
            for check in ("verify", "lint"):
                yield MigrationTest.from_parent(
                    self, name=f"{check}[{one.id}]", check=check, revision=one.id
                )


class MigrationTest(pytest.Item):
    """One test of the history.

    Args:
        check: "single-head", "verify" or "lint".
        revision: the revision that is tested.
    """

    def __init__(self, *, check: str, revision: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.check = check
        self.revision = revision

    def runtest(self) -> None:
        """Run the check, and fail with its problems, one per line."""
        from limbeck.commands import ProjectTestRequest

        problems = [
            problem for one in self._outcomes(ProjectTestRequest()) for problem in one.problems
        ]
        if problems:
            pytest.fail("\n".join(problems), pytrace=False)

    def _outcomes(self, request: ProjectTestRequest) -> list[CheckOutcome]:
        from limbeck.cli.draft_commands import worker_command
        from limbeck.commands import lint_clean, single_head, verified

        project, script = _project(self.config)
        if self.revision is None:
            return [single_head(project)]
        revisions = (project.history().get(self.revision),)
        if self.check == "verify":
            return list(verified(project, revisions, request, worker_command()))
        return list(lint_clean(project, revisions, request, script=script))

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Name the test in the report."""
        return self.path, None, f"limbeck: {self.name}"


# ── fixtures ──────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def limbeck_project(request: pytest.FixtureRequest) -> Project:
    """The project whose migrations are tested."""
    project: Project = _project(request.config).project
    return project


@pytest.fixture
def migrated_database(request: pytest.FixtureRequest) -> Iterator[sa.Engine]:
    """An engine of an own, empty database with all migrations applied; dropped after the test.

    It is made next to the project's database, as the scratch databases of `limbeck verify` are.
    """
    from limbeck.commands import MoveRequest, upgrade
    from limbeck.commands.run_env import run_env
    from limbeck.scratch import capture_source, open_scratch, redirected

    project, script = _project(request.config)
    source = capture_source(lambda: run_env(project, lambda _rows, _context: [], script=script))
    with open_scratch(source, scratch_url=project.option("scratch_url")) as scratch:
        with redirected(scratch, source):
            upgrade(project, MoveRequest("heads", confirmed=True), script=script)
        yield scratch.engine
        scratch.engine.dispose()
