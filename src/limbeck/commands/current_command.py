"""`current`: the revisions of each database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from limbeck.commands.drift import explain_missing, warn_contradicting_rows
from limbeck.commands.listed_revisions import ListedRevision, entry
from limbeck.commands.run_env import Script, run_env
from limbeck.errors import HistoryError, NotAtHeadsError
from limbeck.history import Heads, History
from limbeck.project import Project
from limbeck.runtime import interrupted_names
from limbeck.sql import mask_secrets

_log = logging.getLogger("alembic.runtime.migration")


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """A database and the revisions it is at.

    Attributes:
        url: its address, without the password.
        rows: what its version table holds.
        entries: the revisions it is at, those that the rows imply included.
        is_at_head: every head of the history is there.
        interrupted: the moves of which an interrupted run has done a part, by name.
    """

    url: str
    rows: Heads
    entries: tuple[ListedRevision, ...]
    is_at_head: bool
    interrupted: tuple[str, ...] = ()


def current(
    project: Project,
    *,
    script: Script | None = None,
    tell: Callable[[DatabaseState], object] | None = None,
) -> tuple[DatabaseState, ...]:
    """Read the version rows of each database that env.py configures.

    Args:
        project: the project.
        script: the `context.script` of env.py.
        tell: called with each state as soon as it is read, while env.py runs: what env.py prints
            about its databases stands above it.
    """
    places: list[DatabaseState] = []

    def display_version(rows: tuple[str, ...], context: Any) -> list[Any]:
        try:
            place = database_state(project, rows, context)
        except HistoryError as error:
            raise explain_missing(error, rows, context) from error.__cause__
        names = interrupted_names(context.target)
        if names:
            # scripts read the output
            _log.warning(
                "Not finished: %s. Unless a run is under way, it was interrupted: `status` lists"
                " what is done, and the same command or `recover` goes on.",
                ", ".join(names),
            )
        places.append(replace(place, interrupted=names))
        if tell is not None:
            tell(places[-1])
        return []

    run_env(project, display_version, script=script, dont_mutate=True)
    return tuple(places)


def database_state(project: Project, rows: tuple[str, ...], context: Any) -> DatabaseState:
    """Return the state of the database of a migration context, at the version rows."""
    history, rows = project.history().placed(rows)
    at = frozenset(revision.id for row in rows for revision in history.resolve(row))
    applied = history.ancestors(at)
    warn_contradicting_rows(history, at)
    connection = context.connection
    url = (
        ""
        if connection is None
        else mask_secrets(connection.engine.url.render_as_string(hide_password=True))
    )
    return DatabaseState(
        url=url,
        rows=at,
        entries=tuple(
            entry(history, history.get(id_))
            for id_ in history.in_file_order(tips(history, applied))
        ),
        is_at_head=history.heads <= applied,
    )


def tips(history: History, applied: Collection[str]) -> Heads:
    """Return the applied revisions that no applied one continues in its own line."""
    return frozenset(
        id_ for id_ in applied if not any(child in applied for child in history.children(id_))
    )


def current_heads(project: Project, *, script: Script | None = None) -> tuple[Heads, Heads]:
    """Ask where the databases are: their version rows, and with what the rows imply."""
    places = current(project, script=script)
    rows: Heads = frozenset().union(*(place.rows for place in places))
    shown: Heads = frozenset(one.revision.id for place in places for one in place.entries)
    return rows, shown


def require_heads(places: Iterable[DatabaseState]) -> None:
    """Refuse when a database is not at every head.

    Raises:
        NotAtHeadsError: one of them is elsewhere.
    """
    for place in places:
        if not place.is_at_head:
            raise NotAtHeadsError(
                "Database is not on all head revisions",
                hint="`upgrade heads` brings it there",
                place=place.url or None,
            )
