"""A small project on a live database, and child processes that are killed at chosen points."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from limbeck import context, op
from limbeck.environment import Environment
from limbeck.history import Move, Revision


@dataclass
class Stage:
    """One step, as a job hands it to the runner."""

    move: Move
    program: Callable[..., None]
    doc: str = ""


@dataclass
class Project:
    """What stands for a project: programs in a line, and an env.py as a function."""

    url: str
    ups: dict[str, Callable[[], None]]
    downs: dict[str, Callable[[], None]] = field(default_factory=dict)
    configure: dict[str, Any] = field(default_factory=dict)
    engine_options: dict[str, Any] = field(default_factory=dict)
    watch: Callable[[sa.Engine], None] = lambda _engine: None

    @property
    def ids(self) -> list[str]:
        return list(self.ups)

    def revision(self, id_: str) -> Revision:
        place = self.ids.index(id_)
        return Revision(id_, down=(self.ids[place - 1],) if place else ())

    def up(self, rows: tuple[str, ...], _context: Any) -> list[Stage]:
        return list(self._up(self.ids.index(rows[0]) + 1 if rows else 0))

    def _up(self, done: int) -> Iterable[Stage]:
        for id_ in self.ids[done:]:
            revision = self.revision(id_)
            before = frozenset(revision.down)
            yield Stage(Move(revision, "up", before, frozenset({id_})), self.ups[id_])

    def down(self, rows: tuple[str, ...], _context: Any) -> list[Stage]:
        return list(self._down(self.ids.index(rows[0]) + 1 if rows else 0))

    def _down(self, done: int) -> Iterable[Stage]:
        for id_ in reversed(self.ids[:done]):
            revision = self.revision(id_)
            after = frozenset(revision.down)
            yield Stage(Move(revision, "down", frozenset({id_}), after), self.downs[id_])

    def run_env(self) -> None:
        engine = sa.create_engine(self.url, poolclass=sa.NullPool, **self.engine_options)
        self.watch(engine)
        try:
            with engine.connect() as connection:
                context.configure(connection=connection, **self.configure)
                with context.begin_transaction():
                    context.run_migrations()
        finally:
            engine.dispose()

    def upgrade(self, **options: Any) -> None:
        with Environment(_Config(), self, fn=self.up, **options):
            self.run_env()

    def downgrade(self, **options: Any) -> None:
        with Environment(_Config(), self, fn=self.down, **options):
            self.run_env()


class _Config:
    """An empty Config."""


def database_state(url: str, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the columns, indexes and rows of all tables of a database."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        inspector = sa.inspect(connection)
        found: dict[str, Any] = {}
        for name in sorted(inspector.get_table_names()):
            if name in without:
                continue
            columns = [(c["name"], str(c["type"])) for c in inspector.get_columns(name)]
            indexes = sorted(str(i["name"]) for i in inspector.get_indexes(name))
            rows = sorted(map(repr, connection.exec_driver_sql(f"SELECT * FROM {name}")))
            found[name] = (columns, indexes, rows)
    engine.dispose()
    return found


def in_child(work: Callable[[], None]) -> int:
    """Run a function in a process of its own; return its exit code."""
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            work()
            code = 0
        except BaseException as error:  # noqa: BLE001 - the child must never come back
            os.write(2, f"child: {type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def killed_after(seconds: float, work: Callable[[], None]) -> bool:
    """Run a function in a process that is killed after a time; return whether it was still running."""
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            work()
            code = 0
        except BaseException as error:  # noqa: BLE001 - the child must never come back
            os.write(2, f"child: {type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(code)
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in {0, -signal.SIGKILL}
    return code != 0


@dataclass
class Death:
    """Kills the process before or after the n-th statement or commit."""

    at: int
    after: bool
    seen: int = 0

    def watch(self, engine: sa.Engine) -> None:
        event.listen(engine, "before_cursor_execute", lambda *_: self._count(is_after=False))
        event.listen(engine, "after_cursor_execute", lambda *_: self._count(is_after=True))
        commit = engine.dialect.do_commit

        def do_commit(connection: Any) -> None:
            self._count(is_after=False)
            commit(connection)
            self._count(is_after=True)

        engine.dialect.do_commit = do_commit  # type: ignore[method-assign]

    def watch_driver(self, engine: sa.Engine) -> None:
        """Count all statements and commits that reach the driver, including those of limbeck."""
        watch_driver(engine, lambda _statement: self._count(is_after=False), self._counted)

    def _counted(self) -> None:
        self._count(is_after=True)

    def _count(self, *, is_after: bool) -> None:
        if is_after != self.after:
            return
        self.seen += 1
        if self.seen == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def watch_driver(
    engine: sa.Engine, before: Callable[[str], None], after: Callable[[], None] = lambda: None
) -> None:
    """Call functions around each statement and commit that reach the driver of a server."""

    def connected(raw: Any, _record: Any) -> None:
        kind = "cursorclass" if hasattr(raw, "cursorclass") else "cursor_factory"

        class Cursor(getattr(raw, kind)):  # type: ignore[misc]
            def execute(self, query: Any, *given: Any, **named: Any) -> Any:
                before(str(query))
                found = super().execute(query, *given, **named)
                after()
                return found

        setattr(raw, kind, Cursor)

    commit = engine.dialect.do_commit

    def do_commit(connection: Any) -> None:
        before("COMMIT")
        commit(connection)
        after()

    event.listen(engine, "connect", connected)
    engine.dialect.do_commit = do_commit  # type: ignore[method-assign]


def deaths(
    make: Callable[[], Project],
    *,
    way: str = "upgrade",
    points: int | None = None,
    by_driver: bool = False,
) -> Iterator[Death]:
    """Yield deaths at every point of a run, or at some that are the same each time.

    Args:
        make: gives the project on a database as it stands before the run.
        way: what is run.
        points: how many to take before and after; all by default.
        by_driver: count the statements that reach the driver, without a listener of SQLAlchemy.
    """
    for after in (False, True):
        counting = Death(-1, after)
        project = make()
        project.watch = counting.watch_driver if by_driver else counting.watch
        getattr(project, way)()
        every = range(1, counting.seen + 1)
        chosen = (
            every if points is None else random.Random(5).sample(every, min(points, len(every)))
        )
        for at in sorted(chosen):
            death = Death(at, after)
            project = make()
            project.watch = death.watch_driver if by_driver else death.watch
            code = in_child(getattr(project, way))
            assert code == -signal.SIGKILL, f"died of {code} at {at} of {counting.seen}"
            settle(project.url)
            yield death


def settle(url: str) -> None:
    """Wait until the server has noticed that a killed process is gone."""
    if not url.startswith("postgresql"):
        return
    with session(url) as connection:
        for _ in range(200):
            others = connection.exec_driver_sql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            ).scalar_one()
            if not others:
                return
            time.sleep(0.02)


@contextmanager
def session(url: str) -> Iterator[sa.Connection]:
    """Another session on the database."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def first() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(50)),
    )
    op.execute("INSERT INTO person (id, name) VALUES (1, 'Ada'), (2, 'Alan')")


def second() -> None:
    op.add_column("person", sa.Column("visits", sa.Integer))
    op.execute("UPDATE person SET visits = 1")
    op.create_index("person_name", "person", ["name"])
    op.execute("UPDATE person SET visits = visits + 1")
    bind = op.get_bind()
    bind.execute(sa.text("INSERT INTO person (id, name, visits) VALUES (:i, 'Kurt', 7)"), {"i": 3})


def third() -> None:
    op.execute("UPDATE person SET visits = visits * 10")
    op.create_table("place", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("INSERT INTO place (id) VALUES (1)")


def first_down() -> None:
    op.drop_table("person")


def second_down() -> None:
    op.execute("DELETE FROM person WHERE id = 3")
    op.drop_index("person_name", "person")
    op.drop_column("person", "visits")


def third_down() -> None:
    op.drop_table("place")
    op.execute("UPDATE person SET visits = visits / 10")


def line(url: str, **configure: Any) -> Project:
    """Return a history of three revisions that mix tables and rows."""
    return Project(
        url,
        ups={"a1": first, "b2": second, "c3": third},
        downs={"a1": first_down, "b2": second_down, "c3": third_down},
        configure=configure,
    )
