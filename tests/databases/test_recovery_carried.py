"""A version row that goes with the first step of the next migration, and deaths around it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from limbeck import op
from limbeck.runtime import Event, Finished, Stepped, VersionRowsChanged, failure_of
from tests.databases.stage import Project, deaths, in_child, picture, session, watch_driver
from tests.servers import Database

POINTS = pytest.mark.parametrize(
    "points",
    [6, pytest.param(None, id="all", marks=[pytest.mark.slow, pytest.mark.timeout(3600)])],
)


def a1() -> None:
    op.create_table("pet", sa.Column("id", sa.Integer, primary_key=True))


def b2() -> None:
    op.add_column("pet", sa.Column("kind", sa.String(9)))


def c3() -> None:
    op.add_column("pet", sa.Column("age", sa.Integer))
    op.add_column("pet", sa.Column("size", sa.Integer))


def d4() -> None:
    op.drop_column("pet", "kind")


def e5() -> None:
    op.execute("INSERT INTO pet (id, age) VALUES (1, 2)")
    op.add_column("pet", sa.Column("note", sa.String(9)))


def f6() -> None:
    op.add_column("pet", sa.Column("told", sa.String(9)))
    op.execute("UPDATE pet SET age = age + 1")


def g7() -> None:
    """Change nothing."""


def h8() -> None:
    op.create_table("toy", sa.Column("id", sa.Integer, primary_key=True))


def i9() -> None:
    with op.get_context().autocommit_block():
        op.execute("INSERT INTO toy (id) VALUES (1)")


def j1() -> None:
    op.create_index("toy_id", "toy", ["id"])


def k2() -> None:
    op.execute("SELECT * FROM toy")
    op.add_column("toy", sa.Column("name", sa.String(9)))


def l3() -> None:
    op.add_column("toy", sa.Column("made", sa.Integer))
    op.get_bind().execute(sa.text("INSERT INTO toy (id) VALUES (2)"))


def m4() -> None:
    op.add_column("toy", sa.Column("sold", sa.Integer))


UPS: dict[str, Callable[[], None]] = {
    up.__name__: up for up in (a1, b2, c3, d4, e5, f6, g7, h8, i9, j1, k2, l3, m4)
}


def not_m4() -> None:
    op.drop_column("toy", "sold")


def not_l3() -> None:
    op.execute("DELETE FROM toy WHERE id = 2")
    op.drop_column("toy", "made")


def not_k2() -> None:
    op.drop_column("toy", "name")


def not_j1() -> None:
    op.drop_index("toy_id", "toy")


def not_i9() -> None:
    op.execute("DELETE FROM toy")


def not_h8() -> None:
    op.drop_table("toy")


def not_f6() -> None:
    op.execute("UPDATE pet SET age = age - 1")
    op.drop_column("pet", "told")


def not_e5() -> None:
    op.drop_column("pet", "note")
    op.execute("DELETE FROM pet")


def not_d4() -> None:
    op.add_column("pet", sa.Column("kind", sa.String(9)))


def not_c3() -> None:
    op.drop_column("pet", "size")
    op.drop_column("pet", "age")


def not_b2() -> None:
    op.drop_column("pet", "kind")


def not_a1() -> None:
    op.drop_table("pet")


DOWNS: dict[str, Callable[[], None]] = {
    "m4": not_m4, "l3": not_l3, "k2": not_k2, "j1": not_j1, "i9": not_i9, "h8": not_h8,
    "g7": g7, "f6": not_f6, "e5": not_e5, "d4": not_d4, "c3": not_c3, "b2": not_b2, "a1": not_a1,
}  # fmt: skip


def _ups(kind: type[Project]) -> dict[str, Callable[[], None]]:
    # a transaction of env.py's own cannot be left for a block outside
    return {id_: up for id_, up in UPS.items() if id_ != "i9" or kind is Project}


class _Held(Project):
    """An env.py that begins the transaction itself."""

    def run_env(self) -> None:
        from limbeck import context

        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        self.watch(engine)
        try:
            with engine.begin() as connection:
                context.configure(connection=connection, **self.configure)
                with context.begin_transaction():
                    context.run_migrations()
        finally:
            engine.dispose()


KINDS = pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (Project, {}),
        (Project, {"journal": "keep"}),
        (Project, {"transaction_per_migration": True}),
        (Project, {"version_table": "my_versions"}),
        (_Held, {}),
    ],
    ids=["plain", "keep", "per migration", "other table", "held"],
)
HIDDEN = ("limbeck_journal",)


def _wipe(url: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        metadata = sa.MetaData()
        metadata.reflect(connection)
        metadata.drop_all(connection)
    engine.dispose()


@POINTS
@KINDS
def test_an_upgrade_killed_between_any_two_messages_is_finished(
    server_database: Database, kind: type[Project], settings: dict[str, Any], points: int | None
) -> None:
    url = server_database.address

    def project() -> Project:
        return kind(url, ups=_ups(kind), configure=settings)

    def make() -> Project:
        _wipe(url)
        return project()

    make().upgrade()
    whole = picture(url, without=HIDDEN)
    for death in deaths(make, points=points, by_driver=True):
        project().upgrade()
        assert picture(url, without=HIDDEN) == whole, death


@POINTS
@KINDS
def test_a_downgrade_killed_between_any_two_messages_is_finished(
    server_database: Database, kind: type[Project], settings: dict[str, Any], points: int | None
) -> None:
    url = server_database.address

    def project() -> Project:
        return kind(url, ups=_ups(kind), downs=DOWNS, configure=settings)

    def make() -> Project:
        _wipe(url)
        project().upgrade()
        return project()

    versions = str(settings.get("version_table", "alembic_version"))
    for death in deaths(make, way="downgrade", points=points, by_driver=True):
        project().downgrade()
        found = picture(url, without=HIDDEN)
        assert set(found) == {versions}, death
        assert found[versions][2] == [], death


def _rows(url: str) -> list[str]:
    with session(url) as other:
        return [row[0] for row in other.exec_driver_sql("SELECT version_num FROM alembic_version")]


def _nonsense() -> None:
    op.execute("ALTER TABLE pet ADD COLUMN more NONSENSE")


def _again() -> None:
    op.create_table("pet", sa.Column("id", sa.Integer, primary_key=True))


def _wrong() -> None:
    op.add_column("pet", None)


def _wrong_row() -> None:
    op.execute("INSERT INTO pet (nothing) VALUES (1)")


def _half() -> None:
    op.execute("INSERT INTO pet (id) VALUES (9)")
    op.execute("INSERT INTO pet (nothing) VALUES (1)")


def _fresh() -> None:
    op.add_column("pet", sa.Column("more", sa.Integer))


@pytest.mark.parametrize("broken", [_nonsense, _again, _wrong, _wrong_row, _half])
@pytest.mark.parametrize("journal", ["auto", "keep"])
def test_what_is_done_stays_done_when_the_next_migration_fails(
    mariadb: Database, broken: Callable[[], None], journal: str
) -> None:
    url, settings = mariadb.address, {"journal": journal}
    with pytest.raises(Exception) as caught:
        Project(url, ups={"a1": a1, "b2": b2, "x3": broken}, configure=settings).upgrade()
    story = failure_of(caught.value)
    assert story is not None
    assert story.move.revision.id == "x3"
    assert "b2" in story.state
    assert "unless" not in story.state
    assert _rows(url) == ["b2"]
    Project(url, ups={"a1": a1, "b2": b2, "x3": _fresh}, configure=settings).upgrade()
    assert _rows(url) == ["x3"]
    assert [name for name, _ in picture(url)["pet"][0]] == ["id", "kind", "more"]
    assert picture(url)["pet"][2] == []


def test_a_table_that_was_there_before_is_not_taken_for_the_step_s_work(mariadb: Database) -> None:
    def refused(context: sa.ExceptionContext) -> None:
        if "CREATE TABLE pet" in (context.statement or ""):
            os.kill(os.getpid(), signal.SIGKILL)

    def die(engine: sa.Engine) -> None:
        sa.event.listen(engine, "handle_error", refused)

    ups = {"a1": a1, "b2": b2, "x3": _again}
    project = Project(mariadb.address, ups=ups, watch=die)
    assert in_child(project.upgrade) == -signal.SIGKILL
    assert _rows(mariadb.address) == ["b2"]
    for _ in range(2):
        with pytest.raises(sa.exc.DBAPIError, match="already exists"):
            Project(mariadb.address, ups=ups).upgrade()
    assert _rows(mariadb.address) == ["b2"]


def test_who_is_told_that_a_move_is_finished_finds_its_version_row(database: Database) -> None:
    seen: list[tuple[list[str], list[str]]] = []

    def listen(event: Event) -> None:
        if isinstance(event, Finished):
            seen.append((sorted(event.move.after), _rows(database.address)))

    project = Project(
        database.address,
        ups={"a1": a1, "b2": b2, "d4": d4},
        configure={"transaction_per_migration": True},
    )
    project.upgrade(listener=listen)
    assert [wanted for wanted, _ in seen] == [["a1"], ["b2"], ["d4"]]
    assert all(wanted == found for wanted, found in seen)


def test_a_program_that_may_look_elsewhere_finds_what_was_before_it(mariadb: Database) -> None:
    seen: list[list[str]] = []

    def looks() -> None:
        seen.append(_rows(mariadb.address))

    ups = {"a1": a1, "b2": b2, "x3": looks}
    Project(mariadb.address, ups=ups).upgrade()
    assert seen == [["b2"]]


class _Shows:
    """A listener that claims not to look, and does something in between."""

    only_shows = True

    def __init__(self, kind: type[Event], at: str, act: Callable[[], None]) -> None:
        self._kind, self._at, self._act = kind, at, act

    def __call__(self, event: Event) -> None:
        if isinstance(event, self._kind) and event.move.revision.id == self._at:
            self._act()


def test_a_version_row_that_others_changed_stops_the_next_migration(mariadb: Database) -> None:
    def change() -> None:
        with session(mariadb.address) as other:
            other.exec_driver_sql("UPDATE alembic_version SET version_num = 'zz'")
            other.commit()

    project = Project(mariadb.address, ups={"a1": a1, "b2": b2, "d4": d4})
    with pytest.raises(VersionRowsChanged) as caught:
        project.upgrade(listener=_Shows(Stepped, "b2", change))
    story = failure_of(caught.value)
    assert story is not None
    assert "unless" in story.state
    assert _rows(mariadb.address) == ["zz"]
    assert [name for name, _ in picture(mariadb.address)["pet"][0]] == ["id", "kind"]


def test_a_session_lost_in_between_is_told_and_recovered(mariadb: Database) -> None:
    def end_the_other() -> None:
        with session(mariadb.address) as other:
            wanted = (
                "SELECT ID FROM information_schema.PROCESSLIST"
                " WHERE DB = DATABASE() AND ID <> CONNECTION_ID()"
            )
            for (number,) in other.exec_driver_sql(wanted).all():
                other.exec_driver_sql(f"KILL {number}")

    project = Project(mariadb.address, ups={"a1": a1, "b2": b2, "d4": d4})
    with pytest.raises(sa.exc.DBAPIError) as caught:
        project.upgrade(listener=_Shows(Finished, "b2", end_the_other))
    story = failure_of(caught.value)
    assert story is not None
    assert story.state.startswith("the version rows say b2, unless")
    assert _rows(mariadb.address) == ["a1"]
    Project(mariadb.address, ups={"a1": a1, "b2": b2, "d4": d4}).upgrade()
    assert _rows(mariadb.address) == ["d4"]
    assert [name for name, _ in picture(mariadb.address)["pet"][0]] == ["id"]


def test_a_straight_migration_sends_its_step_and_its_version_row(server_database: Database) -> None:
    told: list[int] = []
    for length in (3, 8):
        _wipe(server_database.address)
        seen: list[str] = []

        def watch(engine: sa.Engine, seen: list[str] = seen) -> None:
            watch_driver(engine, seen.append)

        adds = {"x1": x1, "x2": x2, "x3": x3, "x4": x4, "x5": x5, "x6": x6, "x7": x7}
        ups = {"a1": a1, **dict(list(adds.items())[: length - 1])}
        Project(server_database.address, ups=ups, watch=watch).upgrade()
        told.append(len(seen))
    assert told[1] - told[0] == 2 * (8 - 3)


def x1() -> None:
    op.add_column("pet", sa.Column("c1", sa.Integer))


def x2() -> None:
    op.add_column("pet", sa.Column("c2", sa.Integer))


def x3() -> None:
    op.add_column("pet", sa.Column("c3", sa.Integer))


def x4() -> None:
    op.add_column("pet", sa.Column("c4", sa.Integer))


def x5() -> None:
    op.add_column("pet", sa.Column("c5", sa.Integer))


def x6() -> None:
    op.add_column("pet", sa.Column("c6", sa.Integer))


def x7() -> None:
    op.add_column("pet", sa.Column("c7", sa.Integer))
