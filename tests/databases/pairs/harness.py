"""Drive one pair of models through limbeck and give it its six marks."""

from __future__ import annotations

import difflib
import io
import shutil
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from limbeck import commands, compat
from limbeck.errors import LimbeckError
from limbeck.project import Config, Project
from tests import servers
from tests.cases.autogenerate.builders import Pair
from tests.databases.pairs.rows import fill, lost, table_values
from tests.databases.pairs.schema_dump import Account, account
from tests.servers import Database

MARKS = ("drafted", "upgraded", "equal", "quiet", "undone", "rows kept")

_ENV = """\
import sqlalchemy as sa
from limbeck import context

given = context.config.attributes
models = {"target_metadata": given["models"], **given["options"]}
if context.is_offline_mode():
    context.configure(url=given["url"], literal_binds=True, **models)
    with context.begin_transaction():
        context.run_migrations()
else:
    with given["engine"].connect() as connection:
        context.configure(connection=connection, **models)
        with context.begin_transaction():
            context.run_migrations()
"""
_WIPE = {
    "postgresql": """
DO $$ DECLARE word text; BEGIN
  FOR word IN SELECT quote_ident(nspname) FROM pg_namespace
    WHERE left(nspname, 3) <> 'pg_' AND nspname <> 'information_schema' LOOP
    EXECUTE 'DROP SCHEMA ' || word || ' CASCADE';
  END LOOP;
  FOR word IN SELECT quote_ident(extname) FROM pg_extension WHERE extname <> 'plpgsql' LOOP
    EXECUTE 'DROP EXTENSION IF EXISTS ' || word || ' CASCADE';
  END LOOP;
  CREATE SCHEMA public;
END $$""",
}


@dataclass
class Result:
    """The marks of a pair, and what there is to say about those that are missing."""

    pair: Pair
    marks: dict[str, bool] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    source: str = ""
    wanted: tuple[str, ...] = MARKS

    @property
    def is_right(self) -> bool:
        """All marks that are wanted."""
        return all(self.marks.get(mark) for mark in self.wanted)

    def mark(self, name: str, wrong: str | None) -> bool:
        """Give a mark, or say what is wrong."""
        self.marks[name] = not wrong
        if wrong:
            self.words.append(f"[{name}] {wrong}")
        return not wrong

    def __str__(self) -> str:
        missing = [mark for mark in self.wanted if not self.marks.get(mark)]
        return "\n".join([f"{self.pair.name}: not {', '.join(missing)}", *self.words, self.source])


class Stage:
    """A database of one's own in which pairs are played, one after the other.

    `script` takes what commands with `--sql` write.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.kind = database.kind
        self.folder = folder
        self.script = io.StringIO()
        self.engine = sa.create_engine(database.url, poolclass=sa.NullPool)
        if self.kind == "postgresql":
            with self.engine.begin() as connection:
                connection.exec_driver_sql(
                    f"ALTER DATABASE {database.url.database} SET synchronous_commit = off"
                )
        if self.kind == "sqlite":
            sa.event.listen(self.engine, "connect", _with_foreign_keys)
        self._accounts: dict[tuple[int, tuple[str, ...]], tuple[sa.MetaData, Account]] = {}

    # ── databases ─────────────────────────────────────────────────────────

    def wipe(self) -> None:
        """Leave nothing in the database."""
        if self.kind == "sqlite":
            Path(str(self.database.url.database)).unlink(missing_ok=True)
            return
        name = self.database.url.database
        with self.engine.begin() as connection:
            if self.kind in {"mariadb", "mysql"}:
                connection.exec_driver_sql(f"DROP DATABASE {name}")
                connection.exec_driver_sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
            else:
                connection.exec_driver_sql(_WIPE[self.kind])

    def create(self, models: sa.MetaData, pair: Pair) -> None:
        """Make an empty database into what models say."""
        self.wipe()
        if self.kind == "postgresql":
            spaces = {table.schema for table in models.tables.values()} | set(pair.schemas)
            spaces |= {one.schema for one in models._sequences.values()}
            with self.engine.begin() as connection:
                for space in sorted(space for space in spaces if space):
                    connection.execute(sa.schema.CreateSchema(space, if_not_exists=True))
        with self.engine.begin() as connection:
            for sql in pair.first:
                connection.exec_driver_sql(sql)
        engine = self.engine
        options = (index.dialect_kwargs for t in models.tables.values() for index in t.indexes)
        if any(each.get("postgresql_concurrently") for each in options):
            engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        models.create_all(engine)
        with self.engine.begin() as connection:
            for sql in pair.extra_sql:
                connection.exec_driver_sql(sql)

    def account(self, models: sa.MetaData) -> Account:
        """Return what the server says of the database now."""
        return account(self.database, self.engine, models)

    def expected(self, models: sa.MetaData, pair: Pair) -> Account:
        """Return what the server says of a database that `create_all` made."""
        place = (id(models), (*pair.first, *pair.extra_sql, *pair.schemas))
        if place not in self._accounts:
            self.create(models, pair)
            self._accounts[place] = (models, self.account(models))
        return self._accounts[place][1]

    def refusal(self, pair: Pair) -> str:
        """Return why the database refuses a side of a pair or its rows; empty if it accepts them."""
        try:
            self.create(pair.after, pair)
            self.create(pair.before, pair)
            fill(self.engine, self.kind, pair.before, pair.rows)
        except sa.exc.SQLAlchemyError as error:
            return str(error)
        return ""

    def fill(self, pair: Pair) -> None:
        """Put a pair's rows into the database."""
        fill(self.engine, self.kind, pair.before, pair.rows)

    # ── limbeck ───────────────────────────────────────────────────────────

    def project(self, models: sa.MetaData, options: Any) -> Project:
        """Return a fresh project on the database."""
        home = self.folder / "project"
        shutil.rmtree(home, ignore_errors=True)
        config = Config(stdout=io.StringIO(), output_buffer=self.script)
        _write_project(home)
        config.set_main_option("script_location", str(home / "migrations"))
        given = {"url": self.engine.url, "models": models, "options": dict(options)}
        config.attributes.update(engine=self.engine, **given)
        return Project.from_config(config)

    def play(self, pair: Pair) -> Result:
        """Play a pair and return its marks."""
        result = Result(pair)
        wanted = self.expected(pair.after, pair)
        before = self.expected(pair.before, pair)
        self.create(pair.before, pair)
        self.fill(pair)
        first = self._rows_of(pair.before)
        project = self.project(pair.after, pair.options)
        with marked(result, "drafted"):
            ask = commands.RevisionRequest(
                message=pair.name,
                autogenerate=True,
                allow_drops=True,
                answers=commands.UserAnswers(
                    renames=() if pair.hinted else pair.renames, policy="never"
                ),
            )
            written = commands.revision(project, ask)
            result.source = Path(str(written.revisions[0].path)).read_text(encoding="utf-8")
            compile(result.source, "revision.py", "exec")
        if not result.marks.get("drafted"):
            return result
        with marked(result, "upgraded"):
            commands.upgrade(project, commands.MoveRequest("head"))
        if not result.marks.get("upgraded"):
            return result
        result.mark("equal", schema_difference(wanted, self.account(pair.after)))
        with marked(result, "quiet"):
            words = commands.check(project).differences
            assert not words, f"found again: {words}"
        second, missing = self._rows_or_error(pair.after)
        gone = missing or lost(first, second, pair, pair.before, pair.after)
        with marked(result, "undone"):
            commands.downgrade(project, commands.MoveRequest("base"))
        if result.marks.get("undone"):
            result.mark("undone", schema_difference(before, self.account(pair.before)))
        third, missing = self._rows_or_error(pair.before)
        turned = replace(pair, renames=tuple(_turned(word) for word in pair.renames))
        if not gone and result.marks.get("undone"):
            gone = missing or lost(second, third, turned, pair.after, pair.before)
        result.mark("rows kept", gone)
        return result

    def quiet(self, models: sa.MetaData, pair: Pair) -> tuple[str, ...]:
        """Return what limbeck finds between models and what `create_all` made of them."""
        self.create(models, pair)
        return commands.check(self.project(models, pair.options)).differences

    def _rows_of(self, models: sa.MetaData) -> Any:
        with self.engine.connect() as connection:
            return table_values(connection, models)

    def _rows_or_error(self, models: sa.MetaData) -> tuple[Any, str]:
        try:
            return self._rows_of(models), ""
        except sa.exc.SQLAlchemyError as error:
            return {}, f"rows cannot be read: {str(error).splitlines()[0]}"


def _with_foreign_keys(connection: Any, _record: Any) -> None:
    """Enable foreign keys, as applications do."""
    connection.execute("PRAGMA foreign_keys = ON")


def _write_project(home: Path) -> None:
    versions = home / "migrations" / "versions"
    versions.mkdir(parents=True)
    (home / "migrations" / "env.py").write_text(_ENV, encoding="utf-8")
    template = Path(str(sys.modules["limbeck.project"].__file__)).parent / "templates/generic"
    text = (template / "script.py.mako").read_text(encoding="utf-8")
    (home / "migrations" / "script.py.mako").write_text(
        text.replace("from alembic import", "from limbeck import"), encoding="utf-8"
    )


def _turned(word: str) -> str:
    return "=".join(reversed(word.split("=", 1)))


def schema_difference(wanted: Account, found: Account) -> str | None:
    """Return how two schemas differ; None if they are equal."""
    if wanted == found:
        return None
    one, two = "\n".join(wanted).splitlines(), "\n".join(found).splitlines()
    lines = difflib.unified_diff(one, two, "wanted", "found", lineterm="", n=1)
    return "\n".join(["the schema differs", *list(lines)[2:40]])


@contextmanager
def marked(result: Result, mark: str) -> Iterator[None]:
    """Record in the result whether the block succeeds, or its error."""
    try:
        yield
    except (LimbeckError, AssertionError, sa.exc.SQLAlchemyError) as error:
        result.mark(mark, str(error) or repr(error))
    except Exception as error:  # noqa: BLE001 - any other exception is a fault of limbeck
        tail = traceback.format_exception(error)[-3:]
        result.mark(mark, f"{type(error).__name__}: {error}\n{''.join(tail)}")
    else:
        result.mark(mark, None)


@contextmanager
def stage(kind: str, folder: Path) -> Iterator[Stage]:
    """Open a stage on a server and close it; with the alias, as the command line has it."""
    compat.install()
    with servers.own_database(kind, folder) as database:
        made = Stage(database, folder)
        try:
            yield made
        finally:
            made.engine.dispose()
