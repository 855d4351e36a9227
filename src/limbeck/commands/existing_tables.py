"""Tables that are there before the first revision has run: a database to adopt, not to upgrade."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from limbeck.errors import LockLostError
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


_UPGRADE = re.compile(
    r"^(?:async\s+)?def\s+upgrade\b.*?(?=^(?:async\s+)?def\s|\Z)", re.MULTILINE | re.DOTALL
)
_DOWN_PART = re.compile(
    r"^--\s*(?:limbeck:?\s*)?down(?:grade)?\b.*", re.MULTILINE | re.DOTALL | re.IGNORECASE
)
# a table of the name goes in the same run
_MOVED = re.compile(
    r"(?:drop_table|rename_table|move_table)\(\s*[rub]*[\"']([^\"']+)[\"']"
    r"|(?:DROP|ALTER|RENAME)\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:[\"`\w]+\.)?[\"`]?(\w+)",
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
        LockLostError: another runner has set the version in the meantime.
    """
    connection = context.connection
    existing = set(_read(connection, lambda: sa.inspect(connection).get_table_names()))
    existing -= {context.version_table, journal_name(context.version_table)}
    if not existing:
        return
    found = sorted(existing & _created(moves))
    if not found or read_interrupted(context.target):
        return
    # where the run lock is the transaction's, another runner may have created them just now
    if _read(connection, context.get_current_heads):
        raise LockLostError
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


def _read(connection: sa.Connection, read: Callable[[], Sequence[str]]) -> Sequence[str]:
    """Call a function, and roll back a transaction that it has begun."""
    was_inside = connection.in_transaction()
    try:
        return read()
    finally:
        if not was_inside and connection.in_transaction():
            connection.rollback()


def _created(moves: Sequence[Move]) -> set[str]:
    """Return the names that the files name as tables to create, unless others of the name go."""
    found: set[str] = set()
    moved: set[str] = set()
    for move in moves:
        text = _upgrade_text(move)
        found.update(_all(_CREATED, text))
        moved.update(_all(_MOVED, text))
    return found - moved


def _upgrade_text(move: Move) -> str:
    """Return the part of a file that goes forward."""
    path = move.revision.path
    try:
        text = path.read_text("utf-8", "replace") if path is not None else ""
    except OSError:
        return ""
    if path is not None and path.suffix == ".sql":
        return _DOWN_PART.sub("", text)
    return "".join(_UPGRADE.findall(text))


def _all(pattern: re.Pattern[str], text: str) -> set[str]:
    return {name for pair in pattern.findall(text) for name in pair if name}
