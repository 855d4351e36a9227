"""Print errors: what happened, where, and what to do next."""

from __future__ import annotations

import linecache
import logging
import os
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TextIO

from limbeck.errors import LimbeckError
from limbeck.report import clean
from limbeck.sql import mask_secrets, mask_source

FAILED = 255
CRASHED = 1
INTERRUPTED = 130
LONGEST = 4000
LONGEST_CHAIN = 30
_BAD_PORT = re.compile(r"invalid literal for int\(\)")
_ABSENT = re.compile(r"(?:limbeck\.compat|alembic)\b")
# by class name, because SQLAlchemy may not be imported
_HINTS = {
    "ArgumentError": "write the URL as dialect+driver://user:password@host/database, and special "
    "characters of the password as in %40 (in an ini file %%40)",
    "NoSuchModuleError": "the database or driver is unknown: correct the beginning of the URL, or "
    "install the package that provides it",
    "OperationalError": "nothing was run: check that the server runs, and check the URL, user and "
    "password in the configuration; then run the same command again",
    "InterfaceError": "nothing was run: check that the server runs and is reachable, then run the "
    "same command again",
    "MissingGreenlet": "the URL names an asyncio driver: use a synchronous one, or an env.py "
    "created by `init -t async`",
}
ERROR_PAGE = "https://limbeck.readthedocs.io/en/latest/errors.html"
DRIVER_PACKAGES = {
    "MySQLdb": "mysqlclient",
    "aiomysql": "aiomysql",
    "aiosqlite": "aiosqlite",
    "asyncmy": "asyncmy",
    "asyncpg": "asyncpg",
    "cx_Oracle": "cx_Oracle",
    "mariadb": "mariadb",
    "mysql": "mysql-connector-python",
    "oracledb": "oracledb",
    "pg8000": "pg8000",
    "psycopg": "'psycopg[binary]'",
    "psycopg2": "psycopg2-binary",
    "pymssql": "pymssql",
    "pymysql": "pymysql",
    "pyodbc": "pyodbc",
}
DIALECTS = {
    "mariadb": ("pymysql", "mysqldb", "mariadbconnector", "asyncmy", "aiomysql"),
    "mssql": ("pyodbc", "pymssql", "aioodbc"),
    "mysql": ("pymysql", "mysqldb", "mysqlconnector", "asyncmy", "aiomysql"),
    "oracle": ("oracledb", "cx_oracle"),
    "postgresql": ("psycopg", "psycopg2", "asyncpg", "pg8000"),
    "sqlite": ("pysqlite", "aiosqlite", "pysqlcipher"),
}
_NO_RIGHT = re.compile(
    r"permission denied|must be owner of|(?:access|command) denied|insufficient privilege"
    r"|no schema has been selected to create in|readonly database|not authorized",
    re.IGNORECASE,
)
_LOCKED = re.compile(r"canceling statement due to lock timeout|Lock wait timeout exceeded")
_NO_DATABASE = re.compile(r"database \"[^\"]*\" does not exist|Unknown database '")
log = logging.getLogger("alembic.util.messaging")


def masked(text: str) -> str:
    """Return a text without secrets and control characters."""
    return clean(mask_secrets(text))


def _user_place(error: BaseException) -> str | None:
    # the innermost frame outside installed packages
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if _is_of_user(frame.filename):
            return f"{frame.filename}, line {frame.lineno}"
    return None


def _is_of_user(path: str) -> bool:
    """Return whether a source file belongs to no installed package."""
    inside = (str(Path(__file__).parents[1]), "<", sys.prefix, sys.base_prefix)
    return not path.startswith(inside) and "site-packages" not in path


def _syntax_place(error: SyntaxError) -> str | None:
    return f"{error.filename}, line {error.lineno}" if error.filename else None


def _hint(error: BaseException) -> str | None:  # noqa: PLR0911 - one return for each case
    if isinstance(error, ImportError) and _ABSENT.match(error.name or ""):
        return (
            "limbeck does not provide this name of Alembic; the page 'Coming from Alembic' of the "
            "documentation describes what to use instead"
        )
    if isinstance(error, ModuleNotFoundError):
        package = DRIVER_PACKAGES.get(error.name or "")
        if package is not None:
            return f"install the driver: pip install {package}"
        return "install the package that provides it, or add its folder to prepend_sys_path"
    if _is_bad_port(error):
        return (
            "the port in the database URL is not a number: correct sqlalchemy.url in the "
            "configuration. Write @, : and / in a password as %40, %3A and %2F (in an ini file "
            "%%40, %%3A and %%2F)"
        )
    if "unable to open database file" in str(error):
        return (
            "nothing was run: the folder of the database file must exist and be writable. A "
            "relative path is relative to the current folder"
        )
    if _LOCKED.search(str(error)):
        return (
            "nothing was run: another session has locked a table. End that session or wait for "
            "it, then run the same command again"
        )
    if _NO_DATABASE.search(str(error)):
        return "nothing was run: create the database, or correct its name in the URL"
    name = type(error).__name__
    if name == "NoSuchModuleError":
        return _dialect_hint(str(error))
    if name == "ArgumentError" and not _is_of_url(error):
        name = ""  # an ArgumentError that is not about a URL
    return _HINTS.get(name, "--raiseerr shows the complete traceback")


def _dialect_hint(text: str) -> str:
    """Return a hint for a dialect or driver that SQLAlchemy does not know."""
    from difflib import get_close_matches

    name, _, driver = text.rpartition(":")[2].partition(".")
    if name == "postgres":
        return "write postgresql:// or postgresql+psycopg:// at the beginning of the URL"
    if name == "driver":
        return (
            "the URL is still the placeholder of the template: set sqlalchemy.url in alembic.ini, "
            "or url in pyproject.toml, to the URL of your database"
        )
    known = DIALECTS.get(name)
    if known is not None:
        near = get_close_matches(driver, known, n=1, cutoff=0.5)
        meant = f"did you mean {name}+{near[0]}://? " if near else ""
        return f"{meant}drivers of {name} are {', '.join(known)}"
    found = get_close_matches(name, DIALECTS, n=1, cutoff=0.6)
    if found:
        return f"did you mean {found[0]}:// at the beginning of the URL?"
    return _HINTS["NoSuchModuleError"]


def _lacks_right(error: BaseException) -> bool:
    """Return whether the user of the database lacks a privilege."""
    original = getattr(error, "orig", None)
    text = str(original)
    # "access denied" for a wrong password is not about privileges
    return original is not None and bool(_NO_RIGHT.search(text)) and "using password" not in text


def _is_bad_port(error: BaseException) -> bool:
    is_number = isinstance(error, ValueError) and _BAD_PORT.match(str(error)) is not None
    return is_number and _is_of_url(error)


def _is_of_url(error: BaseException) -> bool:
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and "make_url" in {frame.name for frame in frames}


def _unwrapped(error: BaseException) -> str:
    # SQLAlchemy appends a line with a link to its documentation
    lines = [line for line in str(error).splitlines() if not line.startswith("(Background on")]
    return "\n".join(lines).strip()


def described(error: BaseException) -> tuple[str, str | None, str | None]:
    """Return the message of an error, its place, and what to do next, without secrets."""
    if isinstance(error, LimbeckError):
        message, place, hint = error.message, error.place, error.hint
    elif _is_bad_port(error):
        # Python's message quotes the value, which may be a part of the password
        message = "The port in the database URL is not a number"
        place, hint = _user_place(error), _hint(error)
    elif _lacks_right(error):
        original: object = error.orig  # type: ignore[attr-defined]
        text = str(original).splitlines()[0]
        message = f"The user of the database lacks a privilege: {text}"
        place = None
        hint = "grant it, or use another user in the URL; then run the same command again"
    else:
        text = _unwrapped(error)
        name = type(error).__name__
        message = f"{name}: {text}" if text else name
        is_syntax = isinstance(error, SyntaxError)
        place = _syntax_place(error) if is_syntax else _user_place(error)  # type: ignore[arg-type]
        hint = _hint(error)
    message = masked(message)
    if len(message) > LONGEST and not getattr(error, "is_whole", False):
        message = message[:LONGEST] + " ..."
    return message, place and masked(place), hint and masked(hint)


def block(error: BaseException) -> tuple[str, list[str]]:
    """Return the message of an error and the lines below it."""
    message, place, hint = described(error)
    lines = {"where: ": place, "next:  ": hint}
    below = [f"  {name}{text}" for name, text in lines.items() if text]
    if isinstance(error, LimbeckError) and error.code != LimbeckError.code:
        below.append(f"  code:  {error.code}  {ERROR_PAGE}#{error.code.lower()}")
    return message, below


def document(error: BaseException) -> str:
    """Return an error as a JSON document."""
    from limbeck.report import error_json

    message, place, hint = described(error)
    code = error.code if isinstance(error, LimbeckError) else None
    return error_json(code, message, place, hint)


def report_error(
    error: BaseException, *, quiet: bool, out: TextIO, is_alembic: bool = False
) -> int:
    """Print an error and return its exit code.

    The line with FAILED, which scripts search for, is written to `out`, place and hint to stderr.
    The message is also logged, unless the log is written to the same terminal or file. The program
    `alembic` always logs it.
    """
    message, below = block(error)
    if log.hasHandlers() and (is_alembic or quiet or not _logs_to(out)):
        log.error(message)
    if not quiet:
        word = _red("FAILED") if out.isatty() else "FAILED"
        _write(out, f"{word}: {message}\n")
    _write(sys.stderr, "".join(line + "\n" for line in below))
    cause = error.__cause__ if _is_report(error) else error
    is_ours = isinstance(cause, LimbeckError) or (cause is not None and _is_bad_port(cause))
    return FAILED if is_ours else CRASHED


def _logs_to(out: TextIO) -> bool:
    """Return whether a log handler writes to the terminal or file of a stream."""
    place = _place_of(out)
    logger: logging.Logger | None = log
    while logger is not None and place is not None:
        for handler in logger.handlers:
            if isinstance(handler, logging.StreamHandler) and _place_of(handler.stream) == place:
                return True
        logger = logger.parent if logger.propagate else None
    return False


def _place_of(stream: TextIO) -> tuple[int, int] | None:
    """Return device and inode of the terminal or file of a stream, or None."""
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError, AttributeError):
        return None
    return found.st_dev, found.st_ino


def _red(word: str) -> str:
    from limbeck.cli.colors import colour

    return colour(word, "red")


def show_masked_traceback(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Print the traceback of an error and of its causes, without secrets.

    This is a `sys.excepthook` for --raiseerr.
    """
    del kind
    for path in {one for link in _chain(error) for one in _files(link)}:
        if _is_of_user(path):
            _mask_lines(path)
    lines = traceback.format_exception(type(error), error, trace)
    _write(sys.stderr, mask_secrets("".join(lines)))


def _files(error: BaseException) -> Iterator[str]:
    for frame, _ in traceback.walk_tb(error.__traceback__):
        yield frame.f_code.co_filename


def _mask_lines(path: str) -> None:
    """Make tracebacks show the lines of a file without secrets."""
    text = "".join(linecache.getlines(path))
    # an entry without a time of change is not read again
    linecache.cache[path] = (len(text), None, mask_source(text).splitlines(keepends=True), path)


def _write(out: TextIO, text: str) -> None:
    """Write to a stream, or to stderr if that one is full or closed."""
    try:
        out.write(text)
        out.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            # otherwise, flushing the buffer would fail again at the exit of the interpreter
            os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        if out is not sys.stderr:
            _write(sys.stderr, text)


def _is_report(error: BaseException) -> bool:
    # the report of a failed migration is chained to the original error
    return hasattr(error, "failure") and error.__cause__ is not None


def _chain(error: BaseException) -> Iterator[BaseException]:
    # asyncio raises an interrupt again, chained to the cancellation
    seen: BaseException | None = error
    for _ in range(LONGEST_CHAIN):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or seen.__context__


def report_interrupt(error: KeyboardInterrupt) -> int:
    """Report on stderr that the command was interrupted, and the state of the database.

    Returns:
        The exit code for the signal.
    """
    if "sqlalchemy" in sys.modules:
        from limbeck.runtime import failure_of

        failure = next(filter(None, map(failure_of, _chain(error))), None)
    else:
        failure = None
    number = getattr(error, "number", None)
    what = "Interrupted" if number in {None, INTERRUPTED - 128} else f"Ended by {error}"
    if failure is None:
        is_idle = "sqlalchemy" in sys.modules
        sys.stderr.write(f"{what}.{' No migration was running.' if is_idle else ''}\n")
    else:
        sys.stderr.write(
            f"{what} in {failure.text}.\n  state: {failure.state}\n"
            "  next:  run the same command again: it continues from there\n"
        )
    return INTERRUPTED if number is None else 128 + int(number)
