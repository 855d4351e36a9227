"""The rows of the journal, their table, and its statements."""

from __future__ import annotations

import functools
import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.dialects import CatalogProbe, differs, parse_effects, same
from limbeck.errors import RecoveryChoiceError
from limbeck.runtime.errors import StepChangedError, StepUnknownError
from limbeck.runtime.target import Target

if TYPE_CHECKING:
    from sqlalchemy import Connection

_MAX_LENGTH = 14_000  # characters, below the limit of JournalTable
CHOICES = (
    "`recover --continue` continues after the steps that are done, `recover --undo` reverts "
    "them, `recover --forget` starts the revision again from its first statement"
)


ELSEWHERE = "elsewhere"
"""The state of a step that is done after the migration changed the default schema (`USE`)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One step of a move, or several data statements that one transaction has committed.

    Args:
        revision: the identifier of the move's revision.
        position: the number of the row, starting at 0.
        sql: the statement, truncated to 15,000 characters; for data statements, a line for each
            with its fingerprints with and without parameters.
        fingerprint: the hash of the statement and its parameters.
        trace: the state of the affected object before the statement; "" if the statement may be
            repeated, None if it is unknown or if the catalog shows the effect. For a backfill, its
            position.
        state: done, elsewhere (done in another default schema), failed (without effect), running,
            data, partial (some batches of a backfill are done), or unknown (the script ended the
            transaction in a way that limbeck cannot observe). Only the last row of a move can be
            an interrupted statement in the state running; earlier rows in this state are done.
    """

    revision: str
    position: int
    sql: str
    fingerprint: str
    trace: str | None
    state: str

    @property
    def changes_rows(self) -> bool:
        """Whether the row contains data statements."""
        return not self.fingerprint

    def at(self, position: int) -> Row:
        """Return the row with another position."""
        return replace(self, position=position)


def move_name(revision: str, direction: str) -> str:
    """Return the description of a move in messages."""
    return f"{'upgrade' if direction == 'up' else 'downgrade'} of {revision}"


def expect_one_way(
    interrupted: Iterable[tuple[str, str]], direction: str, passed: str | None = None
) -> None:
    """Raise an error if moves in the other direction are interrupted.

    Args:
        interrupted: the revisions and directions (up or down) of the interrupted moves.
        direction: the direction of the run.
        passed: the revision of a move of the run, which deletes its steps from the journal.

    Raises:
        RecoveryChoiceError: there is such a move.
    """
    found = sorted(one for one in interrupted if one[1] != direction and one[0] != passed)
    if not found:
        return
    names = ", ".join(move_name(*one) for one in found)
    raise RecoveryChoiceError(
        f"The {names} was interrupted, and is not finished by a run in the other direction",
        hint=f"Run the interrupted command again, or choose: {CHOICES}",
    )


def expect_files(interrupted: Iterable[tuple[str, str]], known: Container[object]) -> None:
    """Raise an error if an interrupted move belongs to a revision that has no file.

    Raises:
        RecoveryChoiceError: there is such a move.
    """
    found = sorted(one for one in interrupted if one[0] not in known)
    if found:
        raise RecoveryChoiceError(
            f"The {', '.join(move_name(*one) for one in found)} was interrupted, and its revision "
            "has no file",
            hint="Put the file back and run the same command again. Or run `recover --undo`, which "
            "reverts the steps that are done, or `recover --forget`, which only forgets them",
        )


def fingerprint(statement: str, parameters: Any = None) -> str:
    """Return the hash of a statement and its parameters, independent of white space."""
    import hashlib  # most runs record no step

    text = " ".join(statement.split())
    if parameters:
        # addresses of objects differ between runs
        text += "\0" + re.sub(r" at 0x[0-9a-fA-F]+", "", repr(parameters))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def took_effect(target: Target, connection: Connection, row: Row) -> bool | None:
    """Return whether an interrupted statement took effect.

    Args:
        target: what env.py configured.
        connection: the connection.
        row: the row of the statement, which is still marked as running.

    Returns:
        None if the database does not show it.
    """
    effects = parse_effects(row.sql, target.sql_dialect.name)
    if effects.items:
        probe = CatalogProbe(connection)
        if not all(probe.holds(item) for item in effects.items):
            return False
        if effects.is_complete:
            return True
    if row.trace is None:
        return None
    trace = target.dialect.trace
    return row.trace != "" and (
        trace is not None and trace(connection, row.sql, clear=False) != row.trace
    )


def packed(lines: list[str]) -> Iterator[str]:
    """Join lines into texts that fit in a row of the journal."""
    text = ""
    for line in lines:
        if text and len(text) + len(line) >= _MAX_LENGTH:
            yield text
            text = ""
        text = f"{text}\n{line}" if text else line
    if text:
        yield text


def removed_step(row: Row) -> StepChangedError:
    """Return the error for a step that is done and is no longer in the file."""
    sql = "a statement that changes data" if row.changes_rows else shortened(row.sql)
    return StepChangedError(
        f"A step of {row.revision} that an earlier run has executed was changed or removed in the "
        f"file, or has other parameters: {sql}",
        hint=f"Restore the step, or choose: {CHOICES}",
    )


def unknown_step(row: Row) -> StepUnknownError:
    """Return the error for a step with an unknown outcome."""
    return StepUnknownError(
        f"An earlier run was interrupted at step {row.position + 1} of {row.revision}, and the "
        "database does not show whether the step took effect",
        place=None if row.changes_rows else f"Statement: {row.sql}",
        hint=f"Find out whether it took effect, then choose: {CHOICES}",
    )


def unseen_step(revision: str) -> Row:
    """Return the row for statements that only the driver has seen, and has perhaps committed."""
    text = "-- statements that the driver executed directly (executescript(), commit())"
    return Row(revision, 0, text, fingerprint(text), None, "unknown")


def shortened(statement: str) -> str:
    """Return a statement on one line, truncated to 200 characters."""
    text = " ".join(statement.split())
    return text if len(text) <= 200 else text[:200] + " ..."  # noqa: PLR2004 - a line or two


SKIPPED = "skipped"  # direction and state in rows of revisions that were stamped instead of run
APPLIED = "kept"  # direction and state in rows with the source of an applied revision
_PARAMETERS = (
    "lane", "revision", "direction", "place", "statement", "fingerprint", "trace", "state",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class JournalStatements:
    """The table and its statements, built once so that SQLAlchemy caches their compiled form."""

    table: sa.Table
    steps: Any
    add_step: Any
    delete_steps: Any
    applied: Any
    applied_with_sources: Any
    add_applied: Any
    delete_applied: Any
    delete_nothing: Any


@functools.lru_cache(maxsize=64)
def define_statements(
    name: str, schema: str | None, options: tuple[tuple[str, Any], ...]
) -> JournalStatements:
    """Return the statements for a journal with a name."""
    # PostgreSQL looks for TEXT along the search path, while VARCHAR is a key word
    text: Any = sa.Text().with_variant(sa.String(), "postgresql")
    table = sa.Table(
        name,
        sa.MetaData(),
        sa.Column("lane", sa.String(128), primary_key=True),
        sa.Column("revision", sa.String(128), primary_key=True),
        sa.Column("direction", sa.String(8), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("statement", text, nullable=False),
        sa.Column("trace", text),
        sa.Column("started", sa.String(32)),
        schema=schema,
        **dict(options),
    )
    columns = table.c
    lane: Any = sa.bindparam("its_lane", type_=sa.String)
    revision: Any = sa.bindparam("its_revision", type_=sa.String)
    values: dict[str, Any] = {name: sa.bindparam(f"its_{name}") for name in _PARAMETERS}
    read = (columns.revision, columns.place, columns.fingerprint, columns.trace)
    of_applied = (same(columns.lane, lane), same(columns.direction, APPLIED))
    in_order = (columns.revision, columns.place)
    without_source = sa.select(*read, sa.literal("").label("statement"))
    return JournalStatements(
        table=table,
        steps=sa.select(table)
        .where(same(columns.lane, lane), differs(columns.state, APPLIED))
        .order_by(columns.place),
        add_step=table.insert().values({**values, "started": sa.func.current_timestamp()}),
        delete_steps=table.delete().where(
            same(columns.lane, lane),
            same(columns.revision, revision),
            differs(columns.direction, APPLIED),
            differs(columns.direction, SKIPPED),
        ),
        applied=without_source.where(*of_applied).order_by(*in_order),
        applied_with_sources=sa.select(*read, columns.statement)
        .where(*of_applied)
        .order_by(*in_order),
        add_applied=table.insert(),
        delete_applied=table.delete().where(*of_applied, same(columns.revision, revision)),
        # the condition names the whole key, because MySQL's sql_safe_updates requires a key
        delete_nothing=table.delete().where(
            *(one == "" for one in (columns.lane, columns.revision, columns.direction)),
            columns.place == -1,
        ),
    )
