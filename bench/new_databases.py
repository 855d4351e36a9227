"""New databases: from a snapshot instead of all revisions, and copies of a template for tests."""

from __future__ import annotations

from collections.abc import Callable

import projects
import sqlalchemy as sa
from measure import Command
from works import Commands, Place, Work

from servers import SERVERS, database, empty

REPLAY = "limbeck, all revisions"
START = "limbeck, nothing to do"
BARE = "CREATE DATABASE ... TEMPLATE"
DRIVER = "driver, the statements of the snapshot"
COPIES = 20
_SENT = """
import sqlalchemy as sa
engine = sa.create_engine({url!r})
with engine.begin() as connection, open({path!r}) as script:
    for statement in script.read().split(";\\n"):
        if "CREATE" in statement:
            connection.exec_driver_sql(statement)
"""
_COPIES = f"""
from limbeck.testing import template_database
for _ in range({COPIES}):
    with template_database("alembic.ini"):
        pass
"""
_BARE = """
import sqlalchemy as sa
engine = sa.create_engine({url!r}, isolation_level="AUTOCOMMIT")
with engine.connect() as connection:
    for number in range({copies}):
        name = f"limbeck_bench_copy_{{number}}"
        connection.exec_driver_sql(f"CREATE DATABASE {{name}} TEMPLATE {template}")
        connection.exec_driver_sql(f"DROP DATABASE {{name}}")
"""


def from_snapshot(length: int, tables: int) -> Callable[[Place], Commands]:
    """Bring an empty database to the head with a snapshot, and without.

    The driver that sends nothing but the statements of the snapshot is the least that the server
    takes.
    """

    def make(place: Place) -> Commands:
        url = place.undo.enter_context(database("postgresql", place.folder))
        if tables * 10 == length:
            projects.history(place.folder, url, length)
        else:
            projects.changed_tables(place.folder, url, length, tables)
        place.run("snapshot")
        snapshot = place.folder / "migrations" / "snapshots" / "postgresql.sql"

        def restore() -> None:
            empty("postgresql", place.folder)

        def at_head() -> None:
            restore()
            place.run("upgrade", "head")

        words = ("upgrade", "head")
        return {
            **place.both(*words, before=restore),
            REPLAY: Command(
                [*place.limbeck, *words, "--no-snapshot"], place.folder, before=restore
            ),
            START: Command([*place.limbeck, *words], place.folder, before=at_head),
            **place.limit(DRIVER, _SENT.format(url=url, path=str(snapshot)), before=restore),
        }

    return make


def from_template(length: int) -> Callable[[Place], Commands]:
    """Make databases for tests as copies of a template, and with bare statements of the server."""

    def make(place: Place) -> Commands:
        url = place.undo.enter_context(database("postgresql", place.folder))
        projects.history(place.folder, url, length)
        place.run("upgrade", "head")
        name = sa.make_url(url).database
        bare = _BARE.format(url=SERVERS["postgresql"], copies=COPIES, template=name)
        found = place.both("upgrade", "head")
        return {
            **found,
            **place.limit("limbeck", _COPIES),
            **place.limit(BARE, bare),
        }

    return make


def new_databases() -> list[Work]:
    """Return the rows."""
    return [
        Work(
            f"new database through 1,000 that leave {tables} tables, postgresql, with a snapshot",
            None,
            from_snapshot(1000, tables),
            "wall",
            runs=3,
            against=REPLAY,
            without=(START, promised),
        )
        for tables, promised in ((20, 20), (100, 2))
    ] + [
        Work(
            f"{COPIES} test databases of 100 revisions, postgresql",
            0.33,
            from_template(100),
            "wall",
            runs=3,
            against=BARE,
        ),
    ]
