"""Tables that are there before the first revision has run: a database to adopt, not to upgrade."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from limbeck.history import Move
from limbeck.project import Project
from limbeck.runtime import journal_name, read_interrupted
from limbeck.snapshots import ExistingTablesError

_log = logging.getLogger("alembic.runtime.migration")
_SHOWN = 3
_CREATED = re.compile(
    r"create_table\(\s*[rub]*[\"']([^\"']+)[\"']"
    r"|CREATE\s+(?:UNLOGGED\s+)?TABLE\s+(?!IF\b)(?:[\"`\w]+\.)?[\"`]?(\w+)",
    re.IGNORECASE,
)


def check_existing_tables(project: Project, moves: Sequence[Move], context: Any) -> None:
    """Refuse to create tables that exist in a database without version rows.

    In a project of Alembic's a warning takes the place of the error. A run that goes on with an
    interrupted one is not concerned.

    Args:
        project: the project.
        moves: what is to run.
        context: the migration context, of a database without version rows.

    Raises:
        ExistingTablesError: there are such tables.
    """
    connection = context.connection
    was_inside = connection.in_transaction()
    try:
        existing = set(sa.inspect(connection).get_table_names())
    finally:
        if not was_inside and connection.in_transaction():
            connection.rollback()
    existing -= {context.version_table, journal_name(context.version_table)}
    if not existing:
        return
    found = sorted(existing & _created(moves))
    if not found or read_interrupted(context.target):
        return
    listed = ", ".join(found[:_SHOWN]) + (" ..." if len(found) > _SHOWN else "")
    words = (
        f"The database has no version rows, but {len(found)} of the tables that the revisions "
        f"create: {listed}"
    )
    if project.detect == "alembic":
        _log.warning("%s. `limbeck adopt` finds the revision that it is at.", words)
        return
    raise ExistingTablesError(
        words,
        hint="Nothing was run. `adopt` finds the revision that the database is at and sets its "
        "version; `upgrade --force` runs the revisions all the same.",
    )


def _created(moves: Sequence[Move]) -> set[str]:
    """Return the names that the files of revisions name as tables to create."""
    found: set[str] = set()
    for move in moves:
        path = move.revision.path
        try:
            text = path.read_text("utf-8", "replace") if path is not None else ""
        except OSError:
            continue
        found.update(name for pair in _CREATED.findall(text) for name in pair if name)
    return found
