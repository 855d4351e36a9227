"""Load and run the Python files of a project: revision files and env.py."""

from __future__ import annotations

import functools
import marshal
import os
import re
import stat
import struct
import sys
import time
from collections.abc import Callable, Coroutine, Generator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.machinery import ModuleSpec, SourceFileLoader, SourcelessFileLoader
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import TYPE_CHECKING, Any

from limbeck import history
from limbeck.errors import (
    BrokenFileError,
    BrokenImportError,
    BrokenSyntaxError,
    LimbeckError,
    ProjectError,
)

if TYPE_CHECKING:
    from limbeck.history import Revision

_CLOCK_MARGIN = 2_000_000_000
_WORD = 0xFFFF_FFFF
_HEADER_SIZE = 16
_SOURCE = ".py"
_COMPILED = (".pyc", ".pyo")
_PACKAGE = str(Path(__file__).parent.parent) + os.sep
_CO_COROUTINE = 0x80  # `inspect.CO_COROUTINE`, without the slow import of inspect
_NOT_A_WORD = re.compile(r"\W")


@dataclass(frozen=True, slots=True)
class Program:
    """The loaded functions of a revision file."""

    revision: Revision
    module: ModuleType

    @property
    def path(self) -> Path:
        """The revision file."""
        return Path(str(self.module.__file__))

    @property
    def upgrade(self) -> Callable[..., Any]:
        """The function `upgrade`.

        Raises:
            BrokenFileError: the file has none.
        """
        return self._function("upgrade")

    @property
    def downgrade(self) -> Callable[..., Any]:
        """The function `downgrade`.

        Raises:
            BrokenFileError: the file has none.
        """
        return self._function("downgrade")

    def _function(self, name: str) -> Callable[..., Any]:
        function = getattr(self.module, name, None)
        if callable(function):
            found: Callable[..., Any] = as_plain_function(function)
            return found
        if self.path.suffix == history.SQL_SUFFIX:
            what = f"part `-- limbeck: {name}`"
            hint = f"Add that line to {self.path}, and the statements of the part below it."
        else:
            what = f"function {name}()"
            hint = f"Add `def {name}() -> None:` to {self.path}; its body may be `pass`."
        raise BrokenFileError(
            f"Revision {self.revision.id} has no {what}", hint=hint, place=str(self.path)
        )


def load_program(revision: Revision) -> Program:
    """Load the program of a revision; each call loads it again.

    Raises:
        BrokenFileError: the file does not exist, or raises an error while it is loaded.
    """
    file = revision.file
    if file is None:
        raise BrokenFileError(f"Revision {revision.id} has no file", hint="Give it a path.")
    if file.endswith(history.SQL_SUFFIX):
        from limbeck.project.sql_revision import load_sql_module

        return Program(revision, load_sql_module(file, _module_name(file)))
    return Program(revision, _execute(file, _module_name(file), whole=True))


def run_header(path: Path) -> Program:
    """Load a file whose header can only be read by running it."""
    module = _execute(str(path), _module_name(str(path)), whole=True)
    return Program(history.from_names(vars(module), path), module)


def run_environment(path: Path, *, sourceless: bool = False) -> ModuleType:
    """Execute env.py as a new module; each call executes it again.

    Errors that env.py and the migrations raise are not caught. Syntax errors and import errors
    are reported with file and line.

    Raises:
        BrokenFileError: env.py cannot be compiled, or an import fails.
    """
    if sourceless and not path.is_file():
        path = next((one for one in bytecode_of(path) if one.is_file()), path)
    return _execute(str(path), "env_py", whole=False)


def bytecode_of(path: Path) -> tuple[Path, ...]:
    """Return the possible paths of a source file's bytecode."""
    return (path.with_suffix(".pyc"), Path(cache_from_source(str(path))))


def _module_name(path: str) -> str:
    return _NOT_A_WORD.sub("_", os.path.basename(path))  # noqa: PTH119 - a thousand of them


def _execute(path: str, name: str, *, whole: bool) -> ModuleType:
    if path.endswith(_COMPILED):
        if not os.path.isfile(path):  # noqa: PTH113 - text as everywhere here
            raise _missing(path)
        loader: SourceFileLoader | SourcelessFileLoader = SourcelessFileLoader(name, path)
        bytecode = path
    else:
        bytecode = _bytecode_path(path)
        loader = _FreshLoader(name, path, bytecode)
    module = _module(name, path, bytecode, loader)
    try:
        # get_code of a file loader never returns None
        exec(loader.get_code(name), vars(module))  # type: ignore[arg-type] # noqa: S102 - the user's own file
    except LimbeckError:
        raise
    except SyntaxError as error:
        raise _broken_syntax(path, error) from error
    except ImportError as error:
        raise _broken(BrokenImportError, path, error) from error
    except Exception as error:
        if whole:
            raise _broken(BrokenFileError, path, error) from error
        raise
    return module


def _missing(path: str) -> BrokenFileError:
    return BrokenFileError(
        f"{path} does not exist",
        hint="Restore the file, or correct `script_location`; `init` creates a new one.",
        place=path,
    )


def _module(name: str, path: str, bytecode: str, loader: Any) -> ModuleType:
    """Make a module like importlib, which checks the file several times."""
    spec = ModuleSpec(name, loader, origin=path)
    spec.has_location = True
    spec.cached = bytecode
    module = ModuleType(name)
    vars(module).update(
        __file__=path, __cached__=bytecode, __loader__=loader, __package__="", __spec__=spec
    )
    return module


def _bytecode_path(path: str) -> str:
    """Return the path where Python stores the bytecode of a source file."""
    folder, name = os.path.split(path)
    if not name.endswith(_SOURCE):
        return cache_from_source(path)
    before, after = _bytecode_pattern(folder)
    return f"{before}{name[: -len(_SOURCE)]}{after}"


@lru_cache
def _bytecode_pattern(folder: str) -> tuple[str, str]:
    bytecode = cache_from_source(os.path.join(folder, f"_{_SOURCE}"))  # noqa: PTH118 - text
    place, name = os.path.split(bytecode)
    return os.path.join(place, ""), name[1:]  # noqa: PTH118 - text


def broken(error: Exception, fallback: str) -> BrokenFileError:
    """Return the error to raise if a file of the user fails while it is imported.

    Args:
        error: the error of the file.
        fallback: the place to report if the error does not name one.
    """
    if isinstance(error, SyntaxError):
        return _broken_syntax(fallback, error)
    return _broken(
        BrokenImportError if isinstance(error, ImportError) else BrokenFileError, fallback, error
    )


class _FreshLoader(SourceFileLoader):
    """Use stored bytecode only if it cannot be older than the source.

    Python compares whole seconds and the size, so it would miss an edit within a second.
    """

    def __init__(self, fullname: str, path: str, bytecode: str) -> None:
        super().__init__(fullname, path)
        self._bytecode = bytecode

    def get_code(self, fullname: str) -> CodeType | None:
        try:
            source = os.stat(self.path)  # noqa: PTH116 - the loader's path is text
        except FileNotFoundError:
            raise _missing(self.path) from None
        if not stat.S_ISREG(source.st_mode):
            raise _missing(self.path)
        newest = max(source.st_mtime_ns, source.st_ctime_ns)
        try:
            data, written = _read(self._bytecode)
            if written > newest + _CLOCK_MARGIN:
                code = _up_to_date_code(data, source, self.path)
                if code is not None:
                    return code
                with suppress(EOFError, ValueError, TypeError):  # truncated: compile the source
                    return super().get_code(fullname)
            if time.time_ns() > newest + _CLOCK_MARGIN:
                os.unlink(self._bytecode)  # noqa: PTH108 - the same
                return super().get_code(fullname)
        except OSError:
            if time.time_ns() > newest + _CLOCK_MARGIN:
                return super().get_code(fullname)
        return self.source_to_code(self.get_data(self.path), self.path)


def _read(path: str) -> tuple[bytes, int]:
    """Return the content of a file and its time of modification; callers detect a short read."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        about = os.fstat(handle)
        return os.read(handle, about.st_size), about.st_mtime_ns
    finally:
        os.close(handle)


def _up_to_date_code(data: bytes, source: os.stat_result, path: str) -> CodeType | None:
    """Return the code object of up-to-date bytecode, None if Python has to check it.

    This is Python's own check, without repeated calls to the file system.
    """
    stamp = struct.pack("<LLL", 0, int(source.st_mtime) & _WORD, source.st_size & _WORD)
    if data[:_HEADER_SIZE] != MAGIC_NUMBER + stamp:
        return None
    try:
        code = marshal.loads(memoryview(data)[_HEADER_SIZE:])  # noqa: S302 - what an import loads
    except (EOFError, ValueError, TypeError):
        return None
    # if the folder was moved, the code object contains its former path
    return code if isinstance(code, CodeType) and code.co_filename == path else None


def _broken_syntax(path: Path | str, error: SyntaxError) -> BrokenFileError:
    place = f"{error.filename or path}:{error.lineno}" if error.lineno else str(path)
    text = (error.text or "").strip()
    shown = f": {text}" if text else ""
    return BrokenSyntaxError(f"{place}: {error.msg}{shown}", hint="Correct that line.", place=place)


def _broken(kind: type[BrokenFileError], path: Path | str, error: BaseException) -> BrokenFileError:
    place = _user_place(error.__traceback__) or str(path)
    message = str(error) or type(error).__name__
    return kind(
        f"{place}: {type(error).__name__}: {message}",
        hint=_import_hint(error),
        place=place,
    )


def _import_hint(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError):
        return (
            f"Install the package that provides {error.name}, or add its folder to "
            f"`prepend_sys_path`; this Python is {sys.executable}."
        )
    return "Correct that line; --raiseerr shows the whole traceback."


def _user_place(trace: TracebackType | None) -> str | None:
    """Return file and line of the innermost frame in the user's code."""
    found = None
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        own = not file.startswith((_PACKAGE, "<")) and f"{os.sep}site-packages{os.sep}" not in file
        if own:
            found = f"{file}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found


# ── coroutines ────────────────────────────────────────────────────────────


def as_plain_function(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that runs a coroutine function to its end; other functions are unchanged.

    The coroutine runs in the thread and in the greenlet of its caller, so that `op` uses the same
    connection. With an asynchronous driver, the coroutine runs in the running event loop.
    Otherwise, a new event loop is started for it.
    """
    code = getattr(function, "__code__", None)
    if not getattr(code, "co_flags", 0) & _CO_COROUTINE:
        return function

    @functools.wraps(function)
    def run(*args: Any, **kw: Any) -> Any:
        return _finish(function(*args, **kw))

    return run


def _finish(coroutine: Coroutine[Any, Any, Any]) -> Any:
    import asyncio

    if _is_in_greenlet():
        return _drive(coroutine)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    coroutine.close()
    raise ProjectError(
        "An asynchronous migration cannot run inside an event loop that waits for this command",
        hint="Call the functions of limbeck.aio, or run the command in a thread.",
        code="LB492",
    )


def _is_in_greenlet() -> bool:
    """Return whether SQLAlchemy runs this code for an asynchronous connection."""
    try:
        from greenlet import getcurrent  # type: ignore[import-untyped]
    except ImportError:
        return False
    return bool(getattr(getcurrent(), "__sqlalchemy_greenlet_provider__", False))


def _drive(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine in this greenlet; only its awaits are passed to the event loop."""
    from sqlalchemy.util import await_only

    try:
        waited = coroutine.send(None)
        while True:
            try:
                await_only(_Pause(waited))
            except BaseException as error:  # noqa: BLE001, PERF203 - the coroutine may handle it
                waited = coroutine.throw(error)
            else:
                waited = coroutine.send(None)
    except StopIteration as end:
        return end.value
    finally:
        coroutine.close()


class _Pause:
    """Awaits the object that a coroutine yielded, without creating a task."""

    def __init__(self, waited: Any) -> None:
        self._waited = waited

    def __await__(self) -> Generator[Any, Any, Any]:
        return (yield self._waited)
