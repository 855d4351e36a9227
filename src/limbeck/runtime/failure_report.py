"""Reports of failed runs: place, cause, state of the database, and what to do next."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from limbeck.errors import DatabaseError, LimbeckError
from limbeck.history import Heads, Move, Origin
from limbeck.sql import mask_secrets

if TYPE_CHECKING:
    from sqlalchemy import Connection, Dialect

# the outcome of the last transaction that limbeck began
COMMITTED, ROLLED_BACK, UNANSWERED = "committed", "rolled back", "unanswered"

_REPORT = "__limbeck_failure__"
_MAX_LENGTH = 2000
_DIRECTIONS = {"up": "upgrade", "down": "downgrade", "stamp": "stamp_revision"}


@dataclass(frozen=True, slots=True)
class Failure:
    """The place and cause of a failure, and the state of the database.

    Args:
        text: the description of the move in the log.
        origin: file and line of the revision file, None if no line of it was executed.
        statement: the SQL statement that failed, None if no statement failed.
        message: the error message of the database or of Python.
        state: one sentence on the state of the database.
        hint: what to do next.
    """

    move: Move
    text: str
    origin: Origin | None
    statement: str | None
    message: str
    state: str
    hint: str


class MigrationFailedError(DatabaseError):
    """A migration raised an error."""

    code = "LB320"

    def __init__(self, failure: Failure) -> None:
        where = ""
        if failure.origin is not None:
            where = f'File "{failure.origin.path}", line {failure.origin.line}'
        lines = [f"{failure.text} failed: {failure.message}"]
        if failure.statement:
            lines.append(f"Statement: {failure.statement}")
        lines.append(f"State: {failure.state}")
        super().__init__("\n".join(lines), hint=failure.hint, place=where or None)
        self.failure = failure


class RunRecord:
    """The current and the last committed version rows of one database during a run.

    Args:
        connection: the connection of the run, None in offline mode.

    Attributes:
        last_move: the last move that wrote its version rows.
        text: the description of that move in the log.
        ended: the outcome of the last transaction; None before the first one has ended.
        uncommitted_moves: the number of moves that ended after the last COMMIT.
    """

    def __init__(self, connection: Connection | None) -> None:
        self._connection = connection
        self._is_external = connection is not None and connection.in_transaction()
        self._committed: Heads = frozenset()
        self._current: Heads = frozenset()
        self.text = ""
        self.last_move: Move | None = None
        self.ended: str | None = None
        self.uncommitted_moves = 0

    def start(self, rows: Iterable[str]) -> None:
        """Record the version rows at the start of a run or of its next attempt."""
        self._committed = self._current = frozenset(rows)
        self.uncommitted_moves = 0

    def move_done(self, move: Move, text: str, rows: Heads) -> None:
        """Record the version rows that a move has written."""
        self._current, self.last_move, self.text = rows, move, text
        self.uncommitted_moves += 1

    def transaction_ended(self, how: str) -> None:
        """Record how a transaction ended: COMMITTED, ROLLED_BACK or UNANSWERED."""
        self.ended = how
        if how == COMMITTED:
            self._committed = self._current
            self.uncommitted_moves = 0

    def uncertain_state(self, move: Move | None = None) -> str | None:
        """Describe the state after a COMMIT without an answer; None if the state is known.

        Args:
            move: the move that is running, if any.
        """
        if self.ended != UNANSWERED:
            return None
        if move is not None and move is not self.last_move:
            at = _join_rows(self._committed)
            if self._current != self._committed:
                at = f"{_join_rows(self._current)} or still {at}"
            return (
                "a COMMIT in the middle of this migration had no answer; the version rows are "
                f"{at}, and the next run checks which statements are done"
            )
        return (
            f"the COMMIT had no answer: the database is at {_join_rows(self._current)}, or still "
            f"at {_join_rows(self._committed)}; `current` shows which"
        )

    def final_state(self) -> str:
        """Describe the state of the database after the last move ended without an error."""
        uncertain = self.uncertain_state()
        if uncertain is not None:
            return uncertain
        if self._is_external:
            return (
                f"the migrations up to {_join_rows(self._current)} were run in a transaction that "
                "env.py had begun, and are committed or rolled back with it; `current` shows which"
            )
        if self.ended == COMMITTED:
            at = _join_rows(self._current)
            return f"the migrations are done and committed; the database is at {at}"
        if self.ended == ROLLED_BACK:
            return f"everything was rolled back; the database is at {_join_rows(self._committed)}"
        return (
            f"the database was at {_join_rows(self._committed)} before; "
            "`current` shows its revision now"
        )

    @property
    def has_database(self) -> bool:
        """Whether the run has a database connection."""
        return self._connection is not None

    @property
    def dialect(self) -> Dialect | None:
        """The SQLAlchemy dialect of the connection, None in offline mode."""
        return None if self._connection is None else self._connection.dialect

    @property
    def name(self) -> str:
        """The name of the database."""
        return "" if self._connection is None else str(self._connection.engine.url.database or "")


def attach_report(error: BaseException, failure: Failure) -> None:
    """Attach a report to an exception that has none."""
    if failure_of(error) is None:
        with contextlib.suppress(AttributeError):
            setattr(error, _REPORT, failure)


def failure_of(error: BaseException) -> Failure | None:
    """Return the report of an exception, None if no migration was running."""
    found = getattr(error, _REPORT, None)
    return found if isinstance(found, Failure) else None


def attach_final_report(
    error: BaseException, records: Iterable[RunRecord], env_path: str | None
) -> None:
    """Attach a report to an error that was raised after the last migration.

    Args:
        error: the error; `SystemExit` is ignored.
        records: the records of one execution of env.py, one for each database.
        env_path: the path of env.py.
    """
    done = [one for one in records if one.last_move is not None and one.has_database]
    if not done or failure_of(error) is not None or isinstance(error, SystemExit):
        return
    last = done[-1]
    assert last.last_move is not None  # noqa: S101 - filtered above; for mypy
    states = [
        one.final_state() if len(done) == 1 else f"{one.name}: {one.final_state()}" for one in done
    ]
    attach_report(
        error,
        Failure(
            move=last.last_move,
            text=f"the end of the run (after {last.text})",
            origin=find_origin(error, env_path),
            statement=find_statement(error, last.dialect),
            message=error_text(error),
            state=". ".join(states),
            hint=next_step(error),
        ),
    )


@contextlib.contextmanager
def raise_with_report() -> Iterator[None]:
    """Turn the error of a migration into `MigrationFailedError`, chained to the original.

    The command line uses this function. Programs that call commands get the original error.

    Raises:
        MigrationFailedError: a migration failed inside the block.
    """
    try:
        yield
    except (Exception, SystemExit) as error:
        failure = failure_of(error)
        if failure is None:
            raise
        raise MigrationFailedError(failure) from error


def find_origin(error: BaseException, path: str | None) -> Origin | None:
    """Return the innermost line of the revision file in the traceback."""
    if isinstance(error, SyntaxError) and error.filename == path and error.lineno:
        return Origin(path=str(path), line=error.lineno)
    if path is None or error.__traceback__ is None:
        return None
    found = None
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == path:
            found = Origin(path=path, line=line, operation=frame.f_code.co_name)
    return found


def error_text(error: BaseException) -> str:
    """Return the message of the database or of Python, without SQLAlchemy's wrapping."""
    cause = getattr(error, "orig", None) or error
    if isinstance(error, SystemExit):
        return f"the migration script called sys.exit({error.code!r})"
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    own = cause.message if isinstance(cause, LimbeckError) else str(cause)
    text = own.strip() or type(cause).__name__
    if cause is error:
        text = f"{type(error).__name__}: {text}"
    statement = getattr(error, "statement", None)
    about = statement if isinstance(statement, str) else ""
    return mask_secrets(text, about=about)[:_MAX_LENGTH]


def next_step(error: BaseException, *, is_partly_done: bool = False) -> str:
    """Return what to do next: the hint of the error, or a general one.

    Args:
        error: the error of the migration.
        is_partly_done: whether some of its statements are not rolled back.
    """
    own = error.hint if isinstance(error, LimbeckError) else getattr(error, "limbeck_hint", None)
    if own:
        return f"{own[0].upper()}{own[1:].rstrip('.')}. Then run the same command again."
    if getattr(error, "connection_invalidated", False):
        return (
            "The connection to the database was lost. Run the same command again when the server "
            "is reachable: it waits until the server has ended the interrupted statement, and "
            "continues from the state of the database."
        )
    text = (
        "Fix the cause of the error, then run the same command again: it continues from the state "
        "of the database."
    )
    if is_partly_done:
        text += " `status` lists the statements that are done; `recover --undo` reverts them."
    return text


def find_statement(error: BaseException, dialect: Dialect | None = None) -> str | None:
    """Return the SQL statement that the database refused, or None.

    Args:
        error: the error of the migration.
        dialect: the dialect of the connection. SQLAlchemy doubles the percent signs of a statement
            for drivers whose parameters begin with one, and the driver halves them again.
    """
    statement = getattr(error, "statement", None)
    if not isinstance(statement, str):
        return None
    if dialect is not None and dialect.paramstyle in ("format", "pyformat"):
        statement = statement.replace("%%", "%")
    text = mask_secrets(" ".join(statement.split()))
    return text if len(text) <= _MAX_LENGTH else text[:_MAX_LENGTH] + " ..."


@dataclass(frozen=True, slots=True)
class ServerState:
    """The state of the database after a migration has failed and was rolled back.

    Args:
        rows: the version rows.
        done: the number of steps of the migration that the journal records as done.
        unknown: the number of steps with an unknown outcome.
        failed: the number of steps that failed and had no effect.
        has_left_rows: whether the rollback did not undo changes of non-transactional tables.
    """

    rows: Heads
    done: int = 0
    unknown: int = 0
    failed: int = 0
    has_left_rows: bool = False


def failed_move_state(
    state: ServerState, *, table: str, done: int, single_transaction: bool
) -> str:
    """Describe the state of the database after a failed move.

    Args:
        state: the state that was read from the server.
        table: the name of the journal's table.
        done: the number of moves that this run has finished before.
        single_transaction: whether the whole run is one transaction.
    """
    at = _join_rows(state.rows)
    text = _steps_state(state, at, table=table)
    if not text and single_transaction and done:
        noun = "migration" if done == 1 else f"{done} migrations"
        text = f"everything was rolled back, the {noun} before this one as well"
    if not text:
        text = f"this migration was rolled back; the database is at {at}"
    if state.has_left_rows:
        text += (
            ". Changes of rows in non-transactional tables (such as MyISAM tables) were not "
            "rolled back"
        )
    return text


def _steps_state(state: ServerState, at: str, *, table: str) -> str:
    parts: list[str] = []
    if state.done:
        noun = "step of this migration is" if state.done == 1 else "steps of this migration are"
        parts.append(
            f"{state.done} {noun} done and recorded in {table}; the next run continues there"
        )
    if state.unknown:
        noun = "step" if state.unknown == 1 else "steps"
        parts.append(f"the outcome of {state.unknown} {noun} is unknown")
    if state.failed and not parts:
        parts.append(
            f"the statement that failed is recorded in {table}; the next run continues there"
        )
    return "; ".join([f"the version rows are still {at}", *parts]) if parts else ""


def move_ends(move: Move) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the identifiers before and after a move."""
    if move.covers:
        return (), tuple(sorted(move.after))
    match move.direction:
        case "up":
            return move.revision.down, (move.revision.id,)
        case "down":
            return (move.revision.id,), move.revision.down
        case _:
            return tuple(sorted(move.before - move.after)), tuple(sorted(move.after - move.before))


def describe_move(move: Move, doc: str = "") -> str:
    """Return the description of a move in the log: `upgrade a -> b`, with `, doc` if given."""
    before, after = move_ends(move)
    text = f"{_DIRECTIONS[move.direction]} {', '.join(before)} -> {', '.join(after)}"
    return f"{text}, {doc}" if doc else text


def _join_rows(rows: Iterable[str]) -> str:
    return ", ".join(sorted(rows)) or "base (nothing applied)"
