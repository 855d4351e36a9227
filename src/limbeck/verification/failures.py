"""Why a migration failed: its own fault, or rows that exist."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from limbeck.dialects import is_of_environment
from limbeck.errors import LimbeckError, MigrationStoppedError, ScratchError
from limbeck.runtime import failure_of

if TYPE_CHECKING:
    from limbeck.dialects import Dialect

_MESSAGE_LENGTH = 500


@dataclass(frozen=True)
class Failing:
    """A failed move.

    Args:
        error: what was raised.
        message: the words of the database or of Python.
        line: the line of the revision file.
        statement: the statement that the database refused.
        violation: the kind of rule that existing rows have broken, None for another error.
        is_stopped: the migration was stopped, and a finding says so.
        is_of_environment: the server or the disk failed, or env.py opened a second database,
            whatever the statement was.
    """

    error: BaseException
    message: str
    line: int | None = None
    statement: str | None = None
    violation: str | None = None
    is_stopped: bool = False
    is_of_environment: bool = False


def failing_of(
    error: BaseException, record: Dialect, path: str | None, *, stopped: bool
) -> Failing:
    """Return why a move failed.

    Args:
        error: what it raised.
        record: what limbeck knows of the database system.
        path: the revision file.
        stopped: a guard has stopped the migration at least once.
    """
    failure = failure_of(error)
    chain = list(_chain(error))
    violation = None
    statement = None if failure is None else failure.statement
    for one in chain:
        if isinstance(one, DBAPIError):
            statement = statement or one.statement
            if record.scratch.row_violation is not None:
                violation = violation or record.scratch.row_violation(one)
    return Failing(
        error,
        _words(error, None if failure is None else failure.message),
        _line(chain, path),
        None if statement is None else " ".join(statement.split())[:_MESSAGE_LENGTH],
        violation,
        stopped and any(isinstance(one, (MigrationStoppedError, ScratchError)) for one in chain),
        any(
            is_of_environment(one) if isinstance(one, DBAPIError) else _is_second_database(one)
            for one in chain
        ),
    )


def _is_second_database(error: BaseException) -> bool:
    """Return whether env.py opened another database; a revision that does so is stopped before."""
    return isinstance(error, ScratchError) and error.code == "LB607"


def is_irreversible(error: BaseException, path: str | None) -> bool:
    """Return whether a downgrade says that there is none: it raises NotImplementedError itself."""
    if not isinstance(error, NotImplementedError) or isinstance(error, LimbeckError):
        return False
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and frames[-1].filename == path


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _line(chain: list[BaseException], path: str | None) -> int | None:
    for error in chain:
        if isinstance(error, SyntaxError) and error.filename == path:
            return error.lineno
        lines = [
            frame.lineno
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename == path
        ]
        if lines:
            return lines[-1]
    return None


def _words(error: BaseException, words: str | None) -> str:
    if words is None:
        origin = getattr(error, "orig", None)
        text = str(origin or error).strip() or type(error).__name__
        if isinstance(error, LimbeckError):
            words = error.message
        else:
            words = text if origin is not None else f"{type(error).__name__}: {text}"
    return " ".join(words.split())[:_MESSAGE_LENGTH]
