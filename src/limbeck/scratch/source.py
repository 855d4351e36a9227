"""Where a project's database is, as the arguments with which a driver connects to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect as SqlDialect

_MARKS = {"username": "mark-user", "password": "mark-password", "host": "mark-host"}
_DATABASE_MARK = "mark-database"
_PORT_MARK = 61001


@dataclass(frozen=True)
class DatabaseSource:
    """A database, and what its driver needs in addition to the URL.

    Args:
        url: the URL; it may hold a password.
        connect_args: further arguments of the driver, as certificates.
    """

    url: sa.URL
    connect_args: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_arguments(
        cls, dialect: SqlDialect, args: Sequence[Any], params: Mapping[str, Any]
    ) -> DatabaseSource:
        """Return the source that a call of a driver's `connect` means.

        Args:
            dialect: SQLAlchemy's dialect.
            args: the positional arguments.
            params: the keyword arguments.
        """
        drivername = f"{dialect.name}+{dialect.driver}"
        marked = sa.URL.create(
            drivername,
            port=_PORT_MARK,
            database=_DATABASE_MARK,
            username=_MARKS["username"],
            password=_MARKS["password"],
            host=_MARKS["host"],
        )
        try:
            _, sample_params = _connect_arguments(dialect, marked)
        except sa.exc.ArgumentError:
            # a file has no host
            marked = sa.URL.create(drivername, database=_DATABASE_MARK)
            _, sample_params = _connect_arguments(dialect, marked)
        parts: dict[str, Any] = {}
        rest = dict(params)
        for word, mark in (*_MARKS.items(), ("port", _PORT_MARK), ("database", _DATABASE_MARK)):
            name = next((name for name, value in sample_params.items() if value == mark), None)
            if name is not None:
                parts[word] = rest.pop(name, None)
        if not parts:
            # a file is a positional argument
            parts["database"] = next((arg for arg in args if isinstance(arg, str)), None)
        # what the dialect itself adds to every URL is added to the next one, too
        rest = {
            name: value for name, value in rest.items() if sample_params.get(name, rest) != value
        }
        port = parts.pop("port", None)
        url = sa.URL.create(drivername, port=int(port) if port else None, **parts)
        return cls(url, rest)

    def with_database(self, database: str | None) -> DatabaseSource:
        """Return another database of the same server."""
        # `URL.set` takes None for no change
        return DatabaseSource(self.url._replace(database=database), self.connect_args)

    def engine(self, *, autocommit: bool = False) -> sa.Engine:
        """Return an engine that no listener of other engines redirects.

        Args:
            autocommit: each statement is its own transaction.
        """
        dialect = self.url.get_dialect()()
        dialect.dbapi = dialect.import_dbapi()
        args, params = _connect_arguments(dialect, self.url)

        def connect() -> Any:
            return dialect.connect(*args, **{**params, **self.connect_args})

        options = {"isolation_level": "AUTOCOMMIT"} if autocommit else {}
        return sa.create_engine(self.url, creator=connect, poolclass=sa.NullPool, **options)

    def arguments(self, dialect: SqlDialect) -> tuple[list[Any], dict[str, Any]]:
        """Return the arguments of a driver's `connect` for this database."""
        args, params = _connect_arguments(dialect, self.url)
        return args, {**params, **self.connect_args}

    def is_same_place(self, other: DatabaseSource) -> bool:
        """Return whether two sources name the same database of the same server."""
        mine, theirs = self.url, other.url
        return (mine.get_backend_name(), mine.host, mine.port, mine.database) == (
            theirs.get_backend_name(),
            theirs.host,
            theirs.port,
            theirs.database,
        )


def _connect_arguments(dialect: SqlDialect, url: sa.URL) -> tuple[list[Any], dict[str, Any]]:
    args, params = dialect.create_connect_args(url)
    return list(args), dict(params)
