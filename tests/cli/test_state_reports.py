"""The state of the database that a command reports after a lost session is correct."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.cli.project_fixture import CliProject, Done
from tests.cli.test_failures import BASE, ROW, rows
from tests.servers import Database
from tests.tcp_proxy import counting_proxy, lose_at_message

EVERY = pytest.mark.parametrize(
    "every", [9, pytest.param(1, id="each", marks=[pytest.mark.slow, pytest.mark.timeout(3600)])]
)
_PLACES = r"([\w, ]+?)(?: \(nothing applied\))?"
# the reports; the version rows are one of the states that a report names
REPORTS = (
    re.compile(rf"the database is at {_PLACES}, or still at {_PLACES};"),
    re.compile(rf"the version\s+rows are {_PLACES} or still {_PLACES},"),
    re.compile(rf"the version\s+rows are (?:still )?{_PLACES}[;,]"),
    re.compile(rf"the database (?:is|was) at {_PLACES}(?: before;|$)", re.MULTILINE),
)


def _reported_revisions(done: Done, start: str, end: str) -> set[str]:
    """Return the revisions at which the database can be according to the output of a command."""
    if done.code == 0:
        return {end}
    if "nothing was run" in done.text:
        return {start}
    for report in REPORTS:
        found = report.search(done.out)
        if found:
            return set(found.groups())
    if "everything was rolled back" in done.out:
        return {start}
    raise AssertionError(f"no state of the database is reported:\n{done.text}")


def _project(folder: Path, url: sa.URL) -> CliProject:
    project = CliProject(folder / "project", url.render_as_string(hide_password=False))
    project.write("a1", BASE, downgrade="op.drop_table('one')")
    project.write("b2", ROW.format(1), downgrade="op.execute('DELETE FROM one')", down="a1")
    column = "op.add_column('one', sa.Column('{}', sa.Integer))"
    gone = "op.drop_column('one', '{}')"
    project.write("c3", column.format("c"), downgrade=gone.format("c"), down="b2")
    project.write("d4", column.format("d"), downgrade=gone.format("d"), down="c3")
    return project


@EVERY
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("way", ["upgrade", "downgrade"])
def test_the_state_reported_after_a_lost_session_is_correct(
    server_database: Database, tmp_path: Path, every: int, when: str, way: str
) -> None:
    start, end = ("base", "d4") if way == "upgrade" else ("d4", "base")
    back = {"upgrade": ("downgrade", "base"), "downgrade": ("upgrade", "head")}[way]
    command = {"upgrade": ("upgrade", "head"), "downgrade": ("downgrade", "base")}[way]
    with counting_proxy(server_database.url) as proxy:
        project = _project(tmp_path, proxy.url)
        if way == "downgrade":
            project.check_output("upgrade", "head")
        number = 1
        while True:
            proxy.was_lost = False
            proxy.loss_rule = lose_at_message(number, when)
            done = project.run(*command)
            proxy.loss_rule = None
            place = f"message {number}, {when}:\n{done.text}"
            # the pool of SQLAlchemy logs a traceback if the session is lost at the very end
            assert done.code == 0 or "Traceback" not in done.text, place
            at = (project.check_output("current").split() or ["base"])[0]
            assert at in _reported_revisions(done, start, end), f"{place}\nthe database is at {at}"
            if not proxy.was_lost:
                assert done.code == 0, place
                assert number > 20, place
                break
            project.check_output(*command)
            if way == "upgrade":
                assert rows(server_database) == [1], place
            project.check_output(*back)
            number += every
