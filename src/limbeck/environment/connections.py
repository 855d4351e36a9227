"""Connect to a database, or check the connections and URLs that the calling program passed."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from types import FrameType
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from limbeck.errors import (
    ConnectTimeoutError,
    GivenDatabaseIgnoredError,
    OneOfSeveralDatabasesError,
    RunningEventLoopError,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


_T = TypeVar("_T")


def call_connected(
    url: sa.URL,
    function: Callable[[Connection], _T],
    listen: Callable[[Engine], None] = lambda _engine: None,
) -> _T:
    """Connect, call the function, and return its result.

    Args:
        url: the database URL.
        function: the function, which is called with the connection.
        listen: a function called with the engine before it connects.

    Raises:
        RunningEventLoopError: the driver is asynchronous, and this thread runs an event loop.
    """
    if not url.get_dialect().is_async:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        listen(engine)
        with engine.connect() as connection:
            return function(connection)
    _refuse_running_loop(url)
    import asyncio  # imported here because few drivers are asynchronous

    return asyncio.run(_awaited(url, function, listen))


async def _awaited(
    url: sa.URL, function: Callable[[Connection], _T], listen: Callable[[Engine], None]
) -> _T:
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(url, poolclass=sa.NullPool)
    listen(engine.sync_engine)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(function)
    finally:
        await engine.dispose()


def _refuse_running_loop(url: sa.URL) -> None:
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RunningEventLoopError(
        f"{url.drivername} is an asynchronous driver, and an event loop is running in this thread: "
        "nothing was run",
        hint="Await the function of the same name in limbeck.aio, or pass a connection= within "
        "run_sync().",
    )


_CONNECTION_HINT = (
    "Change env.py to use context.config.attributes.get('connection') if it is set, or pass url= "
    "instead of connection=."
)
_URL_HINT = (
    "Change env.py to read the URL with context.config.get_main_option('sqlalchemy.url'), or pass "
    "an open connection that env.py reads from context.config.attributes['connection']."
)


def require_given_database(attributes: Mapping[str, Any], connection: Connection | None) -> None:
    """Raise an error if env.py connects to another database than the program has passed.

    Args:
        attributes: the attributes of the Config; the functions of the API store their argument
            there as `only_connection` or `only_url`.
        connection: the connection that env.py configures; None in offline mode.

    Raises:
        GivenDatabaseIgnoredError: the databases differ.
    """
    if connection is None:
        return
    passed = attributes.get("only_connection")
    given: list[Any] = list(passed.values()) if isinstance(passed, Mapping) else [passed]
    if passed is not None and not any(
        connection is one or _same_session(connection, one) for one in given
    ):
        raise GivenDatabaseIgnoredError(
            "env.py does not use the connection that was passed: nothing was run",
            hint=_CONNECTION_HINT,
            place=_shown(connection.engine.url),
        )
    url = attributes.get("only_url")
    if url is not None and _database(connection.engine.url) != _database(sa.make_url(url)):
        raise GivenDatabaseIgnoredError(
            "env.py does not use the URL that was passed: nothing was run",
            hint=_URL_HINT,
            place=_shown(connection.engine.url),
        )


def given_connections(
    attributes: Mapping[str, Any], names: Sequence[str | None]
) -> Mapping[str | None, Connection]:
    """Return the connections that a program has passed, by the names of the databases.

    Args:
        attributes: the attributes of the Config.
        names: the names of the databases that the configuration has; None for the only one.

    Raises:
        OneOfSeveralDatabasesError: one database was passed, and the configuration names several;
            or a name is not among them.
    """
    given = attributes.get("connection")
    listed = ", ".join(name for name in names if name is not None)
    if isinstance(given, Mapping):
        if unknown := sorted(str(name) for name in given if name not in names):
            raise OneOfSeveralDatabasesError(
                f"A connection was passed for {unknown[0]!r}, which is no database of the project",
                hint=f"The databases are {listed}." if listed else "Pass one connection.",
            )
        return given
    if len(names) > 1 and (given is not None or attributes.get("url") is not None):
        word = "url" if given is None else "connection"
        raise OneOfSeveralDatabasesError(
            f"One {word} was given, and the project has several databases: {listed}",
            hint="Write the url of each into its table, with ${NAME} for a variable or with "
            "--env, or pass a dict of connections from Python.",
        )
    return {} if given is None else {names[0]: given}


def _same_session(one: Connection, other: Connection) -> bool:
    return one.connection.dbapi_connection is other.connection.dbapi_connection


def _database(url: sa.URL) -> tuple[str, str | None, int | None, str | None]:
    return url.get_backend_name(), url.host, url.port, url.database


def _shown(url: sa.URL) -> str:
    return url.render_as_string(hide_password=True)


_CONNECTING = ("connect", "do_connect", "initialize", "first_connect", "_do_get", "raw_connection")
_limit: ContextVar[float] = ContextVar("limbeck_connect_timeout", default=0.0)


@contextmanager
def answers_within(seconds: float) -> Iterator[None]:
    """Within the block, raise an error if a server does not answer a connection in time.

    There is no limit if the application has a SIGALRM handler in the main thread, and none for
    asyncio drivers outside the main thread, which have their own timeouts.
    """
    alarm = getattr(signal, "SIGALRM", None)
    is_main = threading.current_thread() is threading.main_thread()
    if seconds <= 0:
        yield
    elif alarm is None or not is_main:
        with _connecting_in_threads(seconds):
            yield
    elif signal.getsignal(alarm) != signal.SIG_DFL:
        yield
    else:
        with _alarmed(alarm, seconds):
            yield


@contextmanager
def _alarmed(alarm: int, seconds: float) -> Iterator[None]:
    from sqlalchemy import Engine, event
    from sqlalchemy.pool import Pool

    watch = _Watch(seconds)
    signal.signal(alarm, watch.ring)
    # the listener returns None, so that other listeners can still change the connection
    event.listen(Engine, "do_connect", watch.begin)
    event.listen(Pool, "checkout", watch.end)
    event.listen(Engine, "handle_error", watch.end)
    try:
        yield
    finally:
        event.remove(Engine, "do_connect", watch.begin)
        event.remove(Pool, "checkout", watch.end)
        event.remove(Engine, "handle_error", watch.end)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(alarm, signal.SIG_DFL)


class _Watch:
    """The alarm for one connection at a time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._server = ""

    def begin(self, _dialect: Any, _record: Any, _cargs: Any, cparams: dict[str, Any]) -> None:
        self._server = _server(cparams)
        if threading.current_thread() is threading.main_thread():
            signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def end(self, *_event: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            signal.setitimer(signal.ITIMER_REAL, 0)

    def ring(self, _number: int, frame: FrameType | None) -> None:
        if not _is_connecting(frame):
            return  # the attempt has already ended
        raise _no_answer(self._server, self._seconds)


@contextmanager
def _connecting_in_threads(seconds: float) -> Iterator[None]:
    _listen()
    token = _limit.set(seconds)
    try:
        yield
    finally:
        _limit.reset(token)


@cache
def _listen() -> None:
    """Add the listener for all engines of the process, once.

    SQLAlchemy's lists of listeners must not change while other threads connect.
    """
    from sqlalchemy import Engine, event

    event.listen(Engine, "do_connect", _connect)


def _connect(dialect: Any, record: Any, cargs: Any, cparams: dict[str, Any]) -> Any:
    """Connect within the time limit of this thread; None lets SQLAlchemy connect."""
    seconds = _limit.get()
    if seconds <= 0 or dialect.is_async or not cparams.get("host"):
        return None
    for listener in dialect.dispatch.do_connect:
        # Returning a connection ends the event, so the other listeners are called here first.
        if listener is not _connect:
            found = listener(dialect, record, cargs, cparams)
            if found is not None:
                return found
    attempt = _Attempt(dialect, cargs, cparams)
    threading.Thread(target=attempt.run, name="limbeck-connect", daemon=True).start()
    return attempt.connection(seconds)


class _Attempt:
    """One attempt of a driver to connect, in a separate thread."""

    def __init__(self, dialect: Any, cargs: Any, cparams: dict[str, Any]) -> None:
        self._dialect = dialect
        self._cargs = cargs
        self._cparams = cparams
        self._outcome: Future[Any] = Future()

    def run(self) -> None:
        """Connect; close the connection if the timeout has passed."""
        try:
            connection = self._dialect.connect(*self._cargs, **self._cparams)
        except BaseException as error:  # noqa: BLE001 - raised again in the waiting thread
            if self._outcome.set_running_or_notify_cancel():
                self._outcome.set_exception(error)
            return
        if self._outcome.set_running_or_notify_cancel():
            self._outcome.set_result(connection)
        else:
            connection.close()

    def connection(self, seconds: float) -> Any:
        """Wait for the connection.

        Raises:
            ConnectTimeoutError: the server did not answer in time.
        """
        try:
            return self._outcome.result(seconds)
        except FutureTimeoutError:
            if not self._outcome.done() and self._outcome.cancel():
                raise _no_answer(_server(self._cparams), seconds) from None
            return self._outcome.result()


def _server(cparams: dict[str, Any]) -> str:
    host, port = cparams.get("host"), cparams.get("port")
    if not host:
        return ""
    return f" at {host}" + (f":{port}" if port else "")


def _no_answer(server: str, seconds: float) -> ConnectTimeoutError:
    return ConnectTimeoutError(
        f"The database server{server} accepted the connection but did not answer within "
        f"{seconds:g} s",
        hint="Nothing was run. Check the server, and whether host and port are those of a "
        "database. The setting connect_timeout limits the wait.",
    )


def _is_connecting(frame: FrameType | None) -> bool:
    while frame is not None:
        code = frame.f_code
        if code.co_name in _CONNECTING and "sqlalchemy" in code.co_filename:
            return True
        if code.co_name == "_run_once" and "asyncio" in code.co_filename:
            return True  # an asyncio driver waits in the event loop, on a separate stack
        frame = frame.f_back
    return False
