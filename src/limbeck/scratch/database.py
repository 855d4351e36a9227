"""A scratch database: made for a moment, always removed."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import sqlalchemy as sa

from limbeck.dialects import Dialect, Scope, ScratchRules, find
from limbeck.errors import ScratchError
from limbeck.scratch.names import PREFIX, is_leftover, new_name
from limbeck.scratch.schema_build import (
    build,
    create_extensions,
    is_missing_object,
    run_script,
    run_with_extensions,
)
from limbeck.scratch.source import DatabaseSource

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from limbeck.catalog import Catalog
    from limbeck.scratch.digests import RowDigests
    from limbeck.scratch.rows import FilledRows

Kind: TypeAlias = Literal["auto", "file", "database", "schema", "embedded"]


@dataclass(frozen=True)
class ScratchDatabase:
    """An empty database of limbeck's own. `open_scratch` makes one.

    Args:
        name: its name on the server; of a file, the path.
        kind: what it is: a file, a database, a schema of another database, or a database of an
            embedded server.
        source: where it is.
        schema: the SQL schema, where it is one.
        origin: the project's database, from whose server it takes extensions.
    """

    name: str
    kind: Kind
    source: DatabaseSource
    schema: str | None = None
    origin: DatabaseSource | None = None

    @cached_property
    def engine(self) -> sa.Engine:
        """A synchronous engine without a pool."""
        return self.source.engine()

    @property
    def record(self) -> Dialect:
        """What limbeck knows of the database system."""
        return find(self.engine.dialect.name)

    @contextlib.contextmanager
    def connection(self) -> Iterator[Connection]:
        """Open a connection; what it has done is committed if no error is raised."""
        with self.engine.connect() as connection:
            yield connection
            connection.commit()

    @property
    def server(self) -> str:
        """Name and version of the server, as "postgresql 15.4"."""
        with self.engine.connect() as connection:
            return self.server_of(connection)

    def server_of(self, connection: Connection) -> str:
        """Return name and version of the server of an open connection."""
        dialect = connection.dialect
        version = dialect.server_version_info or ()
        name = "mariadb" if getattr(dialect, "is_mariadb", False) else dialect.name
        return f"{name} {'.'.join(map(str, version[:3]))}"

    def exists(self) -> bool:
        """Return whether the database is still there."""
        if self.kind == "file":
            return Path(self.name).exists()
        try:
            with self.engine.connect() as connection:
                if self.schema is None:
                    return True
                rules = self.record.scratch
                return rules.list_schemas is None or self.schema in rules.list_schemas(
                    connection, self.schema
                )
        except sa.exc.DBAPIError:
            return False

    def clear(self) -> None:
        """Drop all tables, types and schemas, so that the database is empty again.

        Raises:
            ScratchError: something cannot be dropped.
        """
        rules = self.record.scratch
        if rules.clear is None:
            raise ScratchError(f"limbeck cannot clear a {self.record.name} database", code="LB602")
        with self.source.engine(autocommit=True).connect() as connection:
            for statement in rules.clear(connection):
                connection.exec_driver_sql(statement, execution_options={"no_parameters": True})

    def catalog(self, connection: Connection | None = None) -> Catalog:
        """Read all objects of the database, text-defined ones included.

        Args:
            connection: the connection to read on, which sees what it has not committed; one of
                its own by default.
        """
        record = self.record
        if record.reflect is None:
            raise ScratchError(f"limbeck cannot read a {record.name} database yet", code="LB602")
        definitions = record.definitions
        kinds = definitions.kinds | definitions.declarable_kinds
        has_schemas = self.schema is None and record.scratch.list_schemas is not None
        spaces: tuple[str | None, ...] = () if has_schemas else (None,)
        with self._given(connection) as open_connection:
            return record.reflect(open_connection, Scope(spaces, also=kinds))

    def build_schema(self, catalog: Catalog) -> None:
        """Create all objects of a catalog.

        Args:
            catalog: read from a database or replayed from a history.

        Raises:
            ScratchError: an object cannot be created.
        """
        build(self.connection, self.record.scratch, self.origin, catalog)

    def run_script(self, script: str) -> None:
        """Run statements that were written for the database, in one transaction.

        Args:
            script: the statements, separated by semicolons.

        Raises:
            DBAPIError: one of them failed; nothing has changed.
        """
        with self.connection() as connection:
            run_script(connection, script)

    def create_extensions(self) -> bool:
        """Create the extensions of the project's database; return whether there are any."""
        return create_extensions(self.connection, self.record.scratch, self.origin)

    def run_with_extensions(self, run: Callable[[], object]) -> None:
        """Call a function; if an object is missing, create the project's extensions and repeat.

        Args:
            run: the function, which leaves no changes in the database if it fails.
        """
        run_with_extensions(self.connection, self.record.scratch, self.origin, run)

    def is_missing_object(self, error: BaseException | None) -> bool:
        """Return whether an error, or what caused it, means that a type or function is missing."""
        return is_missing_object(self.record.scratch, error)

    def fill_rows(
        self,
        catalog: Catalog | None = None,
        rows_per_table: int = 50,
        *,
        also: Catalog | None = None,
        extremes: bool = True,
        connection: Connection | None = None,
    ) -> FilledRows:
        """Insert rows into the tables that are empty.

        Args:
            catalog: the tables, as `catalog()` has read them; all of the database without one.
            rows_per_table: the number of rows for each table, where its keys allow so many.
            also: a catalog whose constraints the rows satisfy, too, where tables and columns
                have the same names.
            extremes: among the values are the least and the greatest of each type.
            connection: the connection to fill them on; one of its own, which commits, by default.

        Returns:
            The number of rows of each table, and the tables that could not be filled.
        """
        from limbeck.scratch.rows import fill

        wanted = self.catalog() if catalog is None else catalog
        with self._given(connection) as open_connection:
            return fill(
                open_connection,
                self.record,
                wanted,
                count=rows_per_table,
                also=also,
                extremes=extremes,
            )

    def row_digests(
        self, catalog: Catalog | None = None, connection: Connection | None = None
    ) -> RowDigests:
        """Return the number of rows of each table and a digest of each column's values.

        Args:
            catalog: the tables; all of the database without one.
            connection: the connection to read on; one of its own by default.
        """
        from limbeck.scratch.digests import read_digests

        wanted = self.catalog() if catalog is None else catalog
        with self._given(connection) as open_connection:
            return read_digests(open_connection, self.record, wanted)

    def unread_properties(self, connection: Connection) -> Mapping[str, str]:
        """Return what catalogs do not hold of the database, by description.

        Args:
            connection: the connection to read on.
        """
        read = self.record.scratch.unread_properties
        # beside a scratch schema are the objects of others, which may change them
        return {} if read is None or self.schema is not None else read(connection)

    def _given(self, connection: Connection | None) -> AbstractContextManager[Connection]:
        """Return a connection that is given, or a new one that commits at its end."""
        return self.connection() if connection is None else contextlib.nullcontext(connection)


@contextlib.contextmanager
def open_scratch(
    source: DatabaseSource | sa.URL | str,
    *,
    kind: Kind = "auto",
    scratch_url: sa.URL | str | None = None,
) -> Iterator[ScratchDatabase]:
    """Make an empty database next to a project's database, and remove it at the end.

    The project's database is not touched. Scratch databases of processes that have ended are
    removed as well.

    Args:
        source: the project's database, which need not exist.
        kind: "file" for file databases; "database" for a database of the same server; "schema"
            for an SQL schema of the same database, where the user may not create databases;
            "embedded" for a server of limbeck's own. "auto" takes the first that can be had.
        scratch_url: another server on which the database is made.

    Raises:
        ScratchError: no scratch database can be made.
    """
    given = source if isinstance(source, DatabaseSource) else DatabaseSource(sa.make_url(source))
    if scratch_url is not None:
        other = sa.make_url(scratch_url)
        if other.get_backend_name() != given.url.get_backend_name():
            raise ScratchError(
                f"scratch_url is a {other.get_backend_name()} database and the project's is a "
                f"{given.url.get_backend_name()} database",
                hint="a scratch database has to be of the same system",
                code="LB603",
            )
        given = DatabaseSource(other)
    rules = find(given.url.get_backend_name()).scratch
    with contextlib.ExitStack() as stack:
        yield _made(synchronous(given), rules, kind, stack)


def _made(
    source: DatabaseSource, rules: ScratchRules, kind: Kind, stack: contextlib.ExitStack
) -> ScratchDatabase:
    if rules.is_file:
        return _file(source, stack)
    if rules.create_database is None:
        raise ScratchError(
            f"limbeck makes no scratch databases of {source.url.get_backend_name()} yet",
            code="LB602",
        )
    if kind == "embedded":
        return _embedded(rules, stack)
    if kind == "schema":
        return _schema(source, rules, stack)
    try:
        return _database(source, rules, stack)
    except sa.exc.DBAPIError as error:
        may_not = rules.lacks_privilege is not None and rules.lacks_privilege(error)
        if kind == "auto" and may_not and rules.create_schema is not None:
            return _schema(source, rules, stack)
        raise _not_made(source, error, may_not=may_not) from error


def _not_made(source: DatabaseSource, error: sa.exc.DBAPIError, *, may_not: bool) -> ScratchError:
    where = f"{source.url.host or 'local'}:{source.url.port or 'default port'}"
    reason = str(error.orig).strip().splitlines()[0]
    if may_not:
        return ScratchError(
            f"The user may not create a database on {where}: {reason}",
            hint="grant the right to create databases, or name another server with scratch_url",
        )
    return ScratchError(
        f"No scratch database can be made on {where}: {reason}",
        hint="start the server, or name another one with scratch_url",
        code="LB601",
    )


def synchronous(source: DatabaseSource) -> DatabaseSource:
    """Return a source with a synchronous driver.

    Args:
        source: the source, whose driver may be asynchronous.

    Raises:
        ScratchError: no synchronous driver is installed.
    """
    if not source.url.get_dialect().is_async:
        return source
    system = source.url.get_backend_name()
    rules = find(system).scratch
    for driver in rules.sync_drivers:
        url = source.url.set(drivername=f"{system}+{driver}")
        try:
            url.get_dialect().import_dbapi()
        except ImportError:
            continue
        return DatabaseSource(url)
    raise ScratchError(
        f"A scratch database needs a synchronous driver, and there is none for {system}",
        hint=f"install one of {', '.join(rules.sync_drivers)}",
        code="LB604",
    )


def _file(source: DatabaseSource, stack: contextlib.ExitStack) -> ScratchDatabase:
    try:
        path = _folder(stack) / "scratch.sqlite"
        path.touch()
    except OSError as error:
        raise ScratchError(
            f"No scratch database can be made in {tempfile.gettempdir()}: {error.strerror}",
            hint="free space there, or let the variable TMPDIR name another folder",
            code="LB601",
        ) from error
    return ScratchDatabase(str(path), "file", source.with_database(str(path)))


def _folder(stack: contextlib.ExitStack) -> Path:
    """Make a folder for files, and remove those of processes that have ended."""
    base = Path(tempfile.gettempdir())
    for other in base.glob(f"{PREFIX}*"):
        if is_leftover(other.name):
            shutil.rmtree(other, ignore_errors=True)
    folder = base / new_name()
    folder.mkdir(mode=0o700)
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _database(
    source: DatabaseSource, rules: ScratchRules, stack: contextlib.ExitStack
) -> ScratchDatabase:
    create, drop, listed = rules.create_database, rules.drop_database, rules.list_databases
    if create is None or drop is None or listed is None:
        raise ScratchError("This database system has no scratch databases", code="LB602")
    admin = source.with_database(rules.maintenance_database or None).engine(autocommit=True)
    name = new_name()
    like = source.url.database
    with admin.connect() as connection:
        _drop_leftovers(connection, listed(connection, PREFIX), drop)
        for statement in create(connection, name, like):
            connection.exec_driver_sql(statement)
        stack.callback(_drop, admin, drop(name))
        if rules.settings is not None and like is not None:
            for statement in rules.settings(connection, name, like):
                connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
    return ScratchDatabase(name, "database", source.with_database(name), origin=source)


def _schema(
    source: DatabaseSource, rules: ScratchRules, stack: contextlib.ExitStack
) -> ScratchDatabase:
    create, drop, listed = rules.create_schema, rules.drop_schema, rules.list_schemas
    if create is None or drop is None or listed is None or rules.schema_arguments is None:
        raise ScratchError(
            "This database system has no temporary schemas",
            hint="name a server on which databases may be created with scratch_url",
            code="LB602",
        )
    admin = source.engine(autocommit=True)
    name = new_name()
    try:
        with admin.connect() as connection:
            _drop_leftovers(connection, listed(connection, PREFIX), drop)
            for statement in create(name):
                connection.exec_driver_sql(statement)
    except sa.exc.DBAPIError as error:
        raise _not_made(source, error, may_not=True) from error
    stack.callback(_drop, admin, drop(name))
    url = source.url.update_query_dict(rules.schema_arguments(name))
    return ScratchDatabase(name, "schema", replace(source, url=url), schema=name)


def _embedded(rules: ScratchRules, stack: contextlib.ExitStack) -> ScratchDatabase:
    if rules.embedded_server is None:
        raise ScratchError("This database system has no embedded server", code="LB602")
    try:
        url, stop = rules.embedded_server(_folder(stack))
    except ImportError as error:
        raise ScratchError(
            "The embedded server is not installed",
            hint="pip install 'limbeck[embedded]'",
            code="LB605",
        ) from error
    stack.callback(stop)
    return replace(_database(DatabaseSource(sa.make_url(url)), rules, stack), kind="embedded")


def _drop_leftovers(
    connection: Connection, names: Sequence[str], drop: Callable[[str], Sequence[str]]
) -> None:
    for name in filter(is_leftover, names):
        # another run may be removing it, too
        with contextlib.suppress(sa.exc.DBAPIError):
            for statement in drop(name):
                connection.exec_driver_sql(statement)


def _drop(admin: sa.Engine, statements: Sequence[str]) -> None:
    # what cannot be removed now, as when the server has gone, the next run removes
    with contextlib.suppress(sa.exc.DBAPIError), admin.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    admin.dispose()
