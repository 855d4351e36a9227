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
COPIES = 20
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


def from_snapshot(length: int, kind: str) -> Callable[[Place], Commands]:
    """Bring an empty database to the head with a snapshot, and without."""

    def make(place: Place) -> Commands:
        url = place.undo.enter_context(database(kind, place.folder))
        projects.history(place.folder, url, length)
        place.run("snapshot")

        def restore() -> None:
            empty(kind, place.folder)

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
            "new database through 1,000, postgresql, with a snapshot",
            None,
            from_snapshot(1000, "postgresql"),
            "wall",
            runs=3,
            without=(START, 20),
        ),
        Work(
            f"{COPIES} test databases of 100 revisions, postgresql",
            0.33,
            from_template(100),
            "wall",
            runs=3,
            against=BARE,
        ),
    ]
