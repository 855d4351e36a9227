"""`heads`, `list_revisions`, `current` and `status` for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from limbeck.api.options import opened

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from limbeck.api.options import Options
    from limbeck.api.values import DatabaseRevisions, DatabaseSummary, RevisionEntry


def heads(
    *, resolve_dependencies: bool = False, **options: Unpack[Options]
) -> tuple[RevisionEntry, ...]:
    """Return the heads, without connecting to a database.

    Args:
        resolve_dependencies: treat `depends_on` like a down revision.
        options: the project; see `Options`.

    Raises:
        HistoryError: the revision files do not form a valid history.
        InvalidArgumentError: an option is unknown or excludes another one.
    """
    from limbeck import commands
    from limbeck.api.values import revision_entry

    with opened("heads", options) as given:
        request = commands.HeadsRequest(resolve_dependencies=resolve_dependencies)
        found = commands.heads(given.project, request)
    return tuple(revision_entry(one) for one in found.entries)


def list_revisions(
    revision_range: str | None = None,
    *,
    indicate_current: bool = False,
    **options: Unpack[Options],
) -> tuple[RevisionEntry, ...]:
    """Return revisions, newest first.

    Args:
        revision_range: `start:end`; either side may be empty. By default, all revisions.
        indicate_current: read the database, and set `RevisionEntry.is_current`.
        options: project, database and limits; see `Options`.

    Raises:
        HistoryError: the revision files do not form a valid history, or the range is empty.
        InvalidArgumentError: an option is unknown or excludes another one.
    """
    from limbeck import commands
    from limbeck.api.values import revision_entry

    with opened("list_revisions", options) as given:
        request = commands.HistoryRequest(revision_range, indicate_current=indicate_current)
        found = commands.history(given.project, request, script=given.script)
    return tuple(revision_entry(one) for one in found.entries)


def current(
    *, check_heads: bool = False, **options: Unpack[Options]
) -> tuple[DatabaseRevisions, ...]:
    """Return the revisions of each database of the project; usually there is one.

    Args:
        check_heads: raise an error unless every head is applied in each database.
        options: project, database and limits; see `Options`.

    Raises:
        NotAtHeadsError: with `check_heads`, a head is not applied.
        HistoryError: the database is at a revision that has no file.
        GivenDatabaseIgnoredError: env.py does not use the given `url` or `connection`.
        InvalidArgumentError: an option is unknown or excludes another one.
    """
    from limbeck import commands
    from limbeck.api.values import database_revisions

    with opened("current", options) as given:
        found = commands.current(given.project, script=given.script)
    if check_heads:
        commands.require_heads(found)
    return tuple(database_revisions(one) for one in found)


def status(**options: Unpack[Options]) -> tuple[DatabaseSummary, ...]:
    """Return revisions, pending and interrupted migrations of each database, without changing it.

    Args:
        options: project, database and limits; see `Options`.

    Raises:
        HistoryError: the revision files are inconsistent.
        GivenDatabaseIgnoredError: env.py does not use the given `url` or `connection`.
        InvalidArgumentError: an option is unknown or excludes another one.
    """
    from limbeck import commands
    from limbeck.api.values import database_summary

    with opened("status", options) as given:
        found = commands.status(given.project, script=given.script)
    return tuple(database_summary(one) for one in found)
