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
from limbeck.runtime import move_name, reading
from limbeck.sql import mask_secrets

_log = logging.getLogger("alembic.runtime.migration")


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """A database and its revisions.

    Attributes:
        url: its URL, without the password.
        rows: its version rows.
        entries: its revisions, including those that the rows imply.
        is_at_head: whether every head of the history is applied.
        interrupted: the names of partly executed moves.
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
    on_state: Callable[[DatabaseState], object] | None = None,
) -> tuple[DatabaseState, ...]:
    """Read the version rows of each database that env.py configures.

    Args:
        project: the project.
        script: the `context.script` of env.py.
        on_state: a function called with each state while env.py runs, so that its output follows
            that of env.py.
    """
    places: list[DatabaseState] = []

    def display_version(rows: tuple[str, ...], context: Any) -> list[Any]:
        try:
            place = database_state(project, rows, context)
        except HistoryError as error:
            raise explain_missing(error, rows, context) from error.__cause__
        connection = context.target.connection
        with reading(connection):
            interrupted = context.journal_table.all_steps(connection) if connection else {}
        names = tuple(move_name(*move) for move in sorted(interrupted))
        if names:
            # in the log, because scripts parse the output
            _log.warning(
                "Not finished: %s. Unless it is still running, it was interrupted: `status` lists"
                " the steps that are done, and the same command or `recover` continues.",
                ", ".join(names),
            )
        places.append(replace(place, interrupted=names))
        if on_state is not None:
            on_state(places[-1])
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
    """Return the applied revisions that no other applied revision follows."""
    return frozenset(
        id_ for id_ in applied if not any(child in applied for child in history.children(id_))
    )


def current_heads(project: Project, *, script: Script | None = None) -> tuple[Heads, Heads]:
    """Return the version rows of all databases, and their revisions including implied ones."""
    places = current(project, script=script)
    rows: Heads = frozenset().union(*(place.rows for place in places))
    shown: Heads = frozenset(one.revision.id for place in places for one in place.entries)
    return rows, shown


def require_heads(places: Iterable[DatabaseState]) -> None:
    """Raise an error if a database is not at every head.

    Raises:
        NotAtHeadsError: a database is not at every head.
    """
    for place in places:
        if not place.is_at_head:
            raise NotAtHeadsError(
                "Database is not on all head revisions",
                hint="Run `upgrade heads`.",
                place=place.url or None,
            )
