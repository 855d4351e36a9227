"""`upgrade`, `downgrade` and `stamp` for programs."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from limbeck.api.options import opened, written_sql

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from limbeck.api.options import Options
    from limbeck.api.values import RunReport


def upgrade(
    revision: str = "head",
    *,
    sql: bool = False,
    tag: str | None = None,
    include_missing: bool = False,
    accept_data_loss: bool = False,
    **options: Unpack[Options],
) -> RunReport:
    """Upgrade the database to a revision.

    Args:
        revision: the destination: an identifier, `head`, `heads`, `+1`; with `sql` it may be
            `start:end`.
        sql: return the statements in `RunReport.sql`, without connecting to a database.
        tag: a value that env.py reads with `context.get_tag_argument()`.
        include_missing: also run revisions that were inserted below the database's revision.
        accept_data_loss: run the migrations although existing rows would be lost, as `--yes`.
        options: project, database and limits; see `Options`.

    Returns:
        The revisions that were run; none if the database was already at the revision.

    Raises:
        HistoryError: the revision does not exist or is ambiguous.
        DataLossRefusedError: rows would be lost, and the setting `data_loss` forbids this.
        LockTimeoutError: another run held the lock for longer than `lock_timeout`.
        MigrationFailedError: a migration failed; the message describes the state.
        GivenDatabaseIgnoredError: env.py does not use the given `url` or `connection`.
        InvalidArgumentError: an option is unknown or excludes another one.
    """
    return _run(
        "upgrade", revision, sql=sql, tag=tag, include_missing=include_missing,
        confirmed=accept_data_loss, options=options,
    )  # fmt: skip


def downgrade(
    revision: str,
    *,
    sql: bool = False,
    tag: str | None = None,
    accept_data_loss: bool = False,
    **options: Unpack[Options],
) -> RunReport:
    """Downgrade the database to a revision.

    Args:
        revision: the destination: an identifier, `base`, `-1`; with `sql` it is `start:end`.
        sql: return the statements in `RunReport.sql`, without connecting to a database.
        tag: a value that env.py reads with `context.get_tag_argument()`.
        accept_data_loss: run the migrations although existing rows would be lost, as `--yes`.
        options: project, database and limits; see `Options`.

    Returns:
        The revisions that were run.

    Raises:
        HistoryError: the revision does not exist or is ambiguous.
        DataLossRefusedError: rows would be lost and `accept_data_loss` is False; only in
            projects without env.py, or if the setting `data_loss` forbids this.
        LockTimeoutError: another run held the lock for longer than `lock_timeout`.
        MigrationFailedError: a migration failed; the message describes the state.
        GivenDatabaseIgnoredError: env.py does not use the given `url` or `connection`.
        InvalidArgumentError: an option is unknown or excludes another one.
    """
    return _run(
        "downgrade", revision, sql=sql, tag=tag, include_missing=False,
        confirmed=accept_data_loss, options=options,
    )  # fmt: skip


def _run(
    name: str,
    revision: str,
    *,
    sql: bool,
    tag: str | None,
    include_missing: bool,
    confirmed: bool,
    options: Options,
) -> RunReport:
    from limbeck import commands
    from limbeck.api.values import run_report

    output = io.StringIO() if sql else None
    with opened(name, options, output) as given, _reported():
        command = commands.upgrade if name == "upgrade" else commands.downgrade
        request = commands.MoveRequest(
            revision,
            sql=sql,
            tag=tag,
            lock_timeout=options.get("lock_timeout"),
            include_missing=include_missing,
            confirmed=confirmed,
        )
        result = command(given.project, request, script=given.script)
    return run_report(result, written_sql(output))


def stamp(
    revision: str | Sequence[str],
    *,
    sql: bool = False,
    tag: str | None = None,
    purge: bool = False,
    **options: Unpack[Options],
) -> RunReport:
    """Set the revision of the database without running a migration.

    Args:
        revision: the destination, or several.
        sql: return the statements in `RunReport.sql`, without connecting to a database.
        tag: a value that env.py reads with `context.get_tag_argument()`.
        purge: empty the version table first.
        options: project, database and limits; see `Options`.

    Returns:
        The revisions that were stamped.

    Raises:
        HistoryError: the revision does not exist or is ambiguous.
        LockTimeoutError: another run held the lock for longer than `lock_timeout`.
        GivenDatabaseIgnoredError: env.py does not use the given `url` or `connection`.
        InvalidArgumentError: an option is unknown or excludes another one.
    """
    from limbeck import commands
    from limbeck.api.values import run_report

    output = io.StringIO() if sql else None
    revisions = (revision,) if isinstance(revision, str) else tuple(revision)
    with opened("stamp", options, output) as given, _reported():
        request = commands.StampRequest(
            revisions,
            sql=sql,
            tag=tag,
            purge=purge,
            lock_timeout=options.get("lock_timeout"),
        )
        result = commands.stamp(given.project, request, script=given.script)
    return run_report(result, written_sql(output))


def _reported() -> AbstractContextManager[None]:
    """Raise a MigrationFailedError, which describes the state, if a migration fails."""
    from limbeck.runtime import raise_with_report

    return raise_with_report()
