"""What is measured: each work is the same project files, given to both tools."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import limits
import projects
import sqlalchemy as sa
from link import Link, far
from measure import Command
from statements import recorded

from servers import KINDS, database, empty

Commands = dict[str, Command]
# a ratio of 1 / 1.1
_WALL = 0.91


@dataclass(frozen=True)
class Place:
    """Where a work is set up, with what, and what is to be undone after it."""

    folder: Path
    limbeck: tuple[str, ...]
    peer: tuple[str, ...]
    python: str
    undo: ExitStack

    def both(
        self,
        *arguments: str,
        before: Callable[[], object] | None = None,
        link: Link | None = None,
    ) -> Commands:
        """The same arguments for both tools."""
        return {
            "peer": Command([*self.peer, *arguments], self.folder, before=before, link=link),
            "limbeck": Command([*self.limbeck, *arguments], self.folder, before=before, link=link),
        }

    def limit(
        self,
        name: str,
        code: str,
        *,
        before: Callable[[], object] | None = None,
        link: Link | None = None,
    ) -> Commands:
        """What no tool can go below."""
        return {name: Command([self.python, "-c", code], self.folder, before=before, link=link)}

    def run(self, *arguments: str) -> str:
        """Prepare something with limbeck itself."""
        return subprocess.run(
            [*self.limbeck, *arguments], cwd=self.folder, check=True, capture_output=True, text=True
        ).stdout

    def link(self, url: str, delay: float) -> tuple[str, Link | None]:
        """Return the URL under which a database is far away."""
        if not delay:
            return url, None
        near = sa.make_url(url)
        link = self.undo.enter_context(far(near.host or "127.0.0.1", near.port or 5432, delay))
        away = near.set(port=link.port, host="127.0.0.1")
        return away.render_as_string(hide_password=False), link


Maker = Callable[[Place], Commands]


@dataclass(frozen=True)
class Work:
    """One row of the table.

    Args:
        at_least: the ratio (peer divided by limbeck) that is promised.
        make: sets it up; the commands are peer, limbeck and limits.
        figure: what the ratio is about: cpu or wall.
        without: the limit that is taken off both for a second ratio, and the promise for that.
        against: the command that limbeck is compared with.
        is_guard: it is among those that are measured for every change.
    """

    name: str
    at_least: float | None
    make: Maker
    figure: str = "cpu"
    runs: int | None = None
    is_quick: bool = False
    without: tuple[str, float] | None = None
    against: str = "peer"
    is_guard: bool = False


def plain(*arguments: str) -> Maker:
    """A command that needs no project."""

    def make(place: Place) -> Commands:
        return {**place.both(*arguments), **place.limit("interpreter", "pass")}

    return make


def listing(length: int, *arguments: str, is_cold: bool = False) -> Maker:
    """A command that lists revisions, with or without caches on disk."""

    def make(place: Place) -> Commands:
        projects.history(place.folder, f"sqlite:///{place.folder / 'bench.sqlite'}", length)

        def forget() -> None:
            cached = place.folder / "migrations" / "versions" / "__pycache__"
            shutil.rmtree(cached, ignore_errors=True)

        found = place.both(*arguments, before=forget if is_cold else None)
        return {**found, **place.limit("interpreter", "pass")}

    return make


def at_revision(length: int, at: int, *arguments: str) -> Maker:
    """A command on a SQLite database that stands at a revision; restored before each run."""

    def make(place: Place) -> Commands:
        projects.history(place.folder, f"sqlite:///{place.folder / 'bench.sqlite'}", length)
        place.run("upgrade", projects.identifier(at))
        kept = place.folder / "kept.sqlite"
        shutil.copy(place.folder / "bench.sqlite", kept)
        found = place.both(
            *arguments, before=lambda: shutil.copy(kept, place.folder / "bench.sqlite")
        )
        return {**found, **place.limit("import sqlalchemy", "import sqlalchemy")}

    return make


def _new_files_removed(folder: Path) -> Callable[[], None]:
    versions = folder / "migrations" / "versions"
    known = {path.name for path in versions.glob("*.py")}

    def remove() -> None:
        for path in versions.glob("*.py"):
            if path.name not in known:
                path.unlink()

    return remove


def new_revision(length: int) -> Maker:
    """`revision -m` on a long history; the new file is removed before each run."""

    def make(place: Place) -> Commands:
        projects.history(place.folder, f"sqlite:///{place.folder / 'bench.sqlite'}", length)
        remove = _new_files_removed(place.folder)
        found = place.both("revision", "-m", "one more", before=remove)
        return {**found, **place.limit("interpreter", "pass")}

    return make


def through(length: int, kind: str, *, delay: float = 0.0) -> Maker:
    """From base to head on an empty database, near or far."""

    def make(place: Place) -> Commands:
        url = place.undo.enter_context(database(kind, place.folder))
        away, link = place.link(url, delay)
        projects.history(place.folder, away, length)
        (place.folder / "script.sql").write_text(place.run("upgrade", "head", "--sql"))

        def restore() -> None:
            empty(kind, place.folder)

        return {
            **place.both("upgrade", "head", before=restore, link=link),
            **place.limit("driver", limits.statements(away), before=restore, link=link),
        }

    return make


def down_through(length: int, kind: str) -> Maker:
    """From head to base on a database that is brought to head before each run."""

    def make(place: Place) -> Commands:
        url = place.undo.enter_context(database(kind, place.folder))
        projects.history(place.folder, url, length)

        def restore() -> None:
            empty(kind, place.folder)
            place.run("upgrade", "head")

        return place.both("downgrade", "base", before=restore)

    return make


HAND_WRITTEN = "hand-written loop"
BARE = "limbeck without lock and journal"


def careful(length: int, kind: str) -> Maker:
    """From base to head with and without the run lock, the journal and the bound on waits."""

    def make(place: Place) -> Commands:
        url = place.undo.enter_context(database(kind, place.folder))
        projects.history(place.folder, url, length)
        env = place.folder / "migrations" / "env.py"
        words = "**({'lock': False, 'journal': 'off', 'table_timeout': 0} if bare else {})"
        text = env.read_text().replace("compare_type=True)", f"compare_type=True, {words})")
        env.write_text(text.replace("config =", "bare = context.get_x_argument()\nconfig =", 1))

        def restore() -> None:
            empty(kind, place.folder)

        found = place.both("upgrade", "head", before=restore)
        arguments = [*place.limbeck, "-x", "bare", "upgrade", "head"]
        return {**found, BARE: Command(arguments, place.folder, before=restore)}

    return make


def script(length: int) -> Maker:
    """The whole history as SQL."""

    def make(place: Place) -> Commands:
        projects.history(place.folder, "sqlite://", length)
        found = place.both("upgrade", "head", "--sql")
        return {**found, **place.limit("import sqlalchemy", "import sqlalchemy")}

    return make


def autogenerate(
    kind: str, tables: int, *, changed: int = 0, delay: float = 0.0, is_first: bool = False
) -> Maker:
    """`revision --autogenerate` on a big schema; the file is removed before each run."""

    def make(place: Place) -> Commands:
        url = place.undo.enter_context(database(kind, place.folder))
        away, link = place.link(url, delay)
        projects.schema(place.folder, away, tables, changed=changed)
        if not is_first:
            _create(place, url, tables)
        remove = _new_files_removed(place.folder)
        found = place.both("revision", "--autogenerate", "-m", "look", before=remove, link=link)
        return {
            **found,
            **place.limit("models", limits.MODELS),
            **place.limit("models and catalog", limits.catalog(away), link=link),
        }

    return make


def applying(tables: int) -> Maker:
    """`upgrade head` through one file that makes a big schema."""

    def make(place: Place) -> Commands:
        url = place.undo.enter_context(database("sqlite", place.folder))
        projects.schema(place.folder, url, tables)
        place.run("revision", "--autogenerate", "-m", "first")

        def restore() -> None:
            empty("sqlite", place.folder)

        return {
            **place.both("upgrade", "head", before=restore),
            **place.limit("models", limits.MODELS),
        }

    return make


def _create(place: Place, url: str, tables: int) -> None:
    (place.folder / "before.py").write_text(projects.models(tables))
    # a server has memory for the locks of only so many tables in one transaction
    code = (
        f"import sqlalchemy as sa\nfrom before import metadata\nengine = sa.create_engine({url!r})\n"
        "tables = metadata.sorted_tables\n"
        "for first in range(0, len(tables), 500):\n"
        "    metadata.create_all(engine, tables[first : first + 500])"
    )
    subprocess.run([place.python, "-c", code], check=True, cwd=place.folder)


_BATCH = '    with op.batch_alter_table("big") as batch:\n        '
_BIG = (
    "CREATE TABLE big (id INTEGER PRIMARY KEY, a VARCHAR(20), b INTEGER, c VARCHAR(9))",
    "CREATE INDEX ix_big_b ON big (b)",
)


def batch(rows: int, line: str, statement: str) -> Maker:
    """A batch change of a SQLite table with many rows; `statement` is SQLite's own for it."""

    def make(place: Place) -> Commands:
        path = place.folder / "bench.sqlite"
        projects.environment(place.folder, f"sqlite:///{path}")
        text = projects.REVISION.format(
            number=1, id="0000000000a1", down=None, upgrade=_BATCH + line, downgrade="    pass"
        )
        (place.folder / "migrations" / "versions").joinpath("a1_big.py").write_text(text)
        code = (
            f"import sqlite3\nlink = sqlite3.connect({str(path)!r})\nlink.execute({_BIG[0]!r})\n"
            "link.executemany('INSERT INTO big VALUES (?, ?, ?, ?)',"
            f" ((i, 'row', i, 'x') for i in range({rows})))\nlink.execute({_BIG[1]!r})\n"
            "link.commit()"
        )
        subprocess.run([place.python, "-c", code], check=True)
        kept = place.folder / "kept.sqlite"
        shutil.copy(path, kept)
        alone = (
            f"import sqlalchemy, sqlite3\nlink = sqlite3.connect({str(path)!r})\n"
            f"link.execute({statement!r})\nlink.commit()"
        )

        def restore() -> None:
            shutil.copy(kept, path)

        return {
            **place.both("upgrade", "head", before=restore),
            **place.limit("import sqlalchemy and SQLite's own", alone, before=restore),
        }

    return make


_WHOLE = "concat(first, ' ', last)"
_SERIES = {
    "postgresql": "SELECT i, concat('first', i), concat('last', i) FROM generate_series(1, {}) AS i",
    "mariadb": "SELECT seq, concat('first', seq), concat('last', seq) FROM seq_1_to_{}",
}
_BACKFILL = f"""\
    if hasattr(op, "backfill"):
        op.backfill("big", {{"whole": "{_WHOLE}"}}, where="whole IS NULL")
    else:
        op.execute("UPDATE big SET whole = {_WHOLE} WHERE whole IS NULL")"""


def backfill(rows: int, kind: str) -> Maker:
    """A backfill of a table with many rows, and the loop on the bare driver; the peer's is one UPDATE."""

    def make(place: Place) -> Commands:
        url = place.undo.enter_context(database(kind, place.folder))
        projects.environment(place.folder, url)
        text = projects.REVISION.format(
            number=1, id="0000000000a1", down=None, upgrade=_BACKFILL, downgrade="    pass"
        )
        (place.folder / "migrations" / "versions").joinpath("a1_whole.py").write_text(text)

        def restore() -> None:
            engine = sa.create_engine(url)
            with engine.begin() as connection:
                for table in ("big", "alembic_version", "limbeck_journal"):
                    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
                connection.exec_driver_sql(
                    "CREATE TABLE big (id BIGINT PRIMARY KEY, first VARCHAR(20), last VARCHAR(20),"
                    " whole VARCHAR(60))"
                )
                series = _SERIES[kind].format(rows)
                connection.exec_driver_sql(f"INSERT INTO big (id, first, last) {series}")
            engine.dispose()

        code = limits.backfill(url, _WHOLE.replace("'", "\\'"), rows, 50_000)
        return {
            **place.both("upgrade", "head", before=restore),
            **place.limit(HAND_WRITTEN, code, before=restore),
        }

    return make


_ADDED = 'op.add_column("table_1", sa.Column("added", sa.Integer(), nullable=True))'


def _with_new_revision(place: Place, url: str, tables: int) -> None:
    """Write a project with a revision that makes a schema, and one that adds a column to it."""
    projects.schema(place.folder, url, tables)
    place.run("revision", "--autogenerate", "-m", "first", "--rev-id", "0000000000a1")
    (place.folder / "models.py").write_text(projects.models(tables, changed=1))
    text = projects.REVISION.format(
        number=2,
        id="0000000000a2",
        down="0000000000a1",
        upgrade=f"    {_ADDED}",
        downgrade='    op.drop_column("table_1", "added")',
    )
    (place.folder / "migrations" / "versions").joinpath("a2_added.py").write_text(text)


def verifying(tables: int) -> Maker:
    """`verify` of one revision; the peer is the bare driver, which sends the same statements."""

    def make(place: Place) -> Commands:
        url = place.undo.enter_context(database("postgresql", place.folder))
        _with_new_revision(place, url, tables)
        command = [*place.limbeck, "verify"]
        driver = recorded(place.python, command, place.folder)
        return {
            "peer": Command(driver, place.folder),
            "limbeck": Command(command, place.folder),
        }

    return make


def linting(kind: str, tables: int) -> Maker:
    """`lint` of one revision; the peer is `verify` of the same."""

    def make(place: Place) -> Commands:
        url = place.undo.enter_context(database(kind, place.folder))
        _with_new_revision(place, url, tables)
        return {
            "peer": Command([*place.limbeck, "verify"], place.folder),
            "limbeck": Command([*place.limbeck, "lint"], place.folder),
        }

    return make


def linting_without_server(length: int) -> Maker:
    """`lint --no-server` of a whole history; the peer writes it as SQL."""

    def make(place: Place) -> Commands:
        projects.history(place.folder, "sqlite://", length)
        words = ["lint", "base:heads", "--no-server"]
        return {
            "peer": Command([*place.peer, "upgrade", "head", "--sql"], place.folder),
            "limbeck": Command([*place.limbeck, *words], place.folder),
        }

    return make


def _proofs() -> list[Work]:
    by_driver = "verify, 100 tables, against the driver with the same statements"
    return [
        Work(f"{by_driver}, wall", 0.33, verifying(100), figure="wall", runs=3),
        Work(f"{by_driver}, cpu", None, verifying(100), runs=3),
        *(
            Work(f"lint, 100 tables, against verify, {kind}", None, linting(kind, 100), runs=3)
            for kind in ("postgresql", "sqlite")
        ),
        Work("lint without a server, 1,000 revisions", None, linting_without_server(1000), runs=3),
    ]


def _listings() -> list[Work]:
    rows = []
    for length, warm, cold in ((1000, 12, 12), (5000, 12, 12)):
        for words in (("heads",), ("history",), ("branches",), ("show", "head")):
            name = f"{' '.join(words)}, {length:,} revisions"
            is_quick = length == 1000
            rows += [
                Work(
                    f"{name}, warm",
                    warm,
                    listing(length, *words),
                    is_quick=is_quick,
                    is_guard=is_quick and words == ("heads",),
                ),
                Work(
                    f"{name}, first time",
                    cold,
                    listing(length, *words, is_cold=True),
                    is_quick=is_quick and words == ("heads",),
                ),
            ]
    return rows


def _autogenerates() -> list[Work]:
    return [
        Work(
            f"autogenerate, {tables:,} tables, {changed} changes, {kind}",
            2.8,
            autogenerate(kind, tables, changed=changed),
            runs=3,
            without=("models", 8),
        )
        for kind in KINDS
        for tables in (1000, 3000)
        for changed in (0, 10)
    ]


def _links() -> list[Work]:
    rows = []
    for kind in ("postgresql", "mariadb"):
        away = f"5 ms away, {kind}"
        remote_autogenerate = autogenerate(kind, 100, delay=0.005)
        move = through(100, kind, delay=0.005)
        rows += [
            Work(
                f"autogenerate, 100 tables, {away}", 4, remote_autogenerate, figure="wall", runs=3
            ),
            Work(f"base to head through 100, {away}", None, move, figure="wall", runs=3),
        ]
    return rows


def _both_ways() -> list[Work]:
    """Wall time through 100 revisions: at most 1.1 times Alembic's."""
    rows = []
    for kind in ("postgresql", "mariadb"):
        up, down = through(100, kind), down_through(100, kind)
        rows += [
            Work(f"base to head through 100, {kind}, wall", _WALL, up, figure="wall"),
            Work(f"head to base through 100, {kind}, wall", _WALL, down, figure="wall"),
        ]
    return rows


def works() -> list[Work]:
    """Every row, short ones first."""
    add = batch(
        1_000_000,
        'batch.add_column(sa.Column("d", sa.Integer()))',
        "ALTER TABLE big ADD COLUMN d INTEGER",
    )
    drop = batch(1_000_000, 'batch.drop_column("c")', "ALTER TABLE big DROP COLUMN c")
    return [
        Work("--help", 9, plain("--help"), is_quick=True, is_guard=True),
        Work("--version", 8, plain("--version"), is_quick=True),
        *_proofs(),
        *_listings(),
        Work(
            "current, 1,000 revisions",
            2.4,
            at_revision(1000, 1000, "current"),
            is_quick=True,
            is_guard=True,
        ),
        Work("current, 5,000 revisions", 15, at_revision(5000, 5000, "current"), runs=3),
        Work("revision -m, 1,000 revisions", 7, new_revision(1000), is_quick=True, is_guard=True),
        Work(
            "upgrade at head, 1,000 revisions",
            2.4,
            at_revision(1000, 1000, "upgrade", "head"),
            is_quick=True,
        ),
        Work("upgrade, one pending of 1,000", 2, at_revision(1000, 999, "upgrade", "head")),
        Work("upgrade --sql through 1,000", 2.5, script(1000), is_guard=True),
        *(Work(f"base to head through 1,000, {kind}", 1.8, through(1000, kind)) for kind in KINDS),
        *(
            Work(
                f"backfill of 1,000,000 rows, {kind}",
                0.77,  # 1 / 1.3
                backfill(1_000_000, kind),
                figure="wall",
                runs=3,
                against=HAND_WRITTEN,
            )
            for kind in _SERIES
        ),
        *_both_ways(),
        *(
            Work(
                f"lock and journal, base to head through 100, {kind}",
                0.83 if kind == "mariadb" else 0.91,  # 20 and 10 % more CPU time
                careful(100, kind),
                against=BARE,
            )
            for kind in KINDS
        ),
        Work(
            "autogenerate, 100 tables, sqlite",
            2,
            autogenerate("sqlite", 100),
            is_quick=True,
            is_guard=True,
        ),
        Work("first revision of 1,000 tables", 3, autogenerate("sqlite", 1000, is_first=True)),
        Work("apply a first revision of 1,000 tables", None, applying(1000), runs=3),
        Work("SQLite: add a column, 1,000,000 rows", 3.5, add, "wall"),
        Work("SQLite: drop a column, 1,000,000 rows", 3.5, drop, "wall"),
        *_autogenerates(),
        *_links(),
    ]


def interpreter() -> str:
    """The interpreter that runs the bench."""
    return sys.executable
