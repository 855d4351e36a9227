"""The story of a migration that broke off: a value that travels with the exception."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Iterator
from dataclasses import dataclass

from limbeck.errors import DatabaseError, LimbeckError
from limbeck.history import Move, Origin

_MARK = "__limbeck_failure__"
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Failure:
    """Where a run broke off and what that left behind.

    Args:
        text: the move as the log calls it.
        origin: file and line of the revision file, where it got that far.
        statement: the last statement sent, if it is what failed.
        words: what the database, or Python, said.
        state: the state in which the database is now, in a sentence.
        hint: what to do next.
    """

    move: Move
    text: str
    origin: Origin | None
    statement: str | None
    words: str
    state: str
    hint: str


class MigrationFailed(DatabaseError):
    """A migration raised an error; what was done before it is told with it."""

    code = "LB320"

    def __init__(self, failure: Failure) -> None:
        where = ""
        if failure.origin is not None:
            where = f'File "{failure.origin.path}", line {failure.origin.line}'
        lines = [f"{failure.text} failed: {failure.words}"]
        if failure.statement:
            lines.append(f"Statement: {failure.statement}")
        lines.append(f"State: {failure.state}")
        super().__init__("\n".join(lines), hint=failure.hint, place=where or None)
        self.failure = failure


def attach(error: BaseException, failure: Failure) -> None:
    """Let the exception carry its story; the first story told stays."""
    if failure_of(error) is None:
        with contextlib.suppress(AttributeError):
            setattr(error, _MARK, failure)


def failure_of(error: BaseException) -> Failure | None:
    """Return the story an exception carries, None when no migration was running."""
    found = getattr(error, _MARK, None)
    return found if isinstance(found, Failure) else None


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Turn the error of a migration into `MigrationFailed`, chained to the original.

    For faces that speak to people; programs that call migrations get the original.

    Raises:
        MigrationFailed: a migration broke off inside the block.
    """
    try:
        yield
    except (Exception, SystemExit) as error:
        failure = failure_of(error)
        if failure is None:
            raise
        raise MigrationFailed(failure) from error


def find_origin(error: BaseException, path: str | None) -> Origin | None:
    """Return the innermost line of the revision file that the traceback passes through."""
    if isinstance(error, SyntaxError) and error.filename == path and error.lineno:
        return Origin(path=str(path), line=error.lineno)
    if path is None or error.__traceback__ is None:
        return None
    found = None
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == path:
            found = Origin(path=path, line=line, operation=frame.f_code.co_name)
    return found


def find_words(error: BaseException) -> str:
    """Return what the database or Python said, without SQLAlchemy's wrapping."""
    cause = getattr(error, "orig", None) or error
    if isinstance(error, SystemExit):
        return f"the program left with sys.exit({error.code!r})"
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    words = str(cause).strip() or type(cause).__name__
    if cause is error:
        words = f"{type(error).__name__}: {words}"
    return words[:_LONGEST]


def find_next(error: BaseException) -> str:
    """Return what to do next: what limbeck's own error says of it, or what always helps."""
    own = error.hint if isinstance(error, LimbeckError) else None
    if own:
        return f"{own[0].upper()}{own[1:].rstrip('.')}. Then run the same command again."
    if getattr(error, "connection_invalidated", False):
        return (
            "The session with the database was lost. Run the same command again when the server "
            "can be reached: it waits until the server has ended what it was doing, and goes on "
            "from where the database stands."
        )
    return (
        "Mend what the error names, then run the same command again: it goes on from where the "
        "database stands."
    )


def find_statement(error: BaseException) -> str | None:
    """Return the failing SQL where the database refused one."""
    statement = getattr(error, "statement", None)
    if not isinstance(statement, str):
        return None
    text = " ".join(statement.split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " ..."
