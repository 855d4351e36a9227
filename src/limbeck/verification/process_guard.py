"""Refuse what a migration must not do: files, network, processes, other connections.

Python reports such actions as audit events: https://docs.python.org/3/library/audit_events.html
A hook cannot be removed, so the guard is for a process of its own.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from types import FrameType
from typing import Any

from limbeck.errors import MigrationStoppedError

_NETWORK = frozenset({
    "socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname",
    "urllib.Request", "http.client.connect", "smtplib.connect", "ftplib.connect", "imaplib.open",
    "telnetlib.Telnet.open", "poplib.connect", "nntplib.connect",
})  # fmt: skip
_PROCESSES = frozenset({
    "subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.exec",
    "os.system", "os.startfile", "os.kill", "os.killpg", "pty.spawn",
})  # fmt: skip
_FILES = frozenset({
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate",
    "os.chmod", "os.chown", "os.utime", "shutil.copyfile", "shutil.move", "shutil.rmtree",
    "shutil.copymode", "shutil.copystat", "shutil.make_archive", "shutil.unpack_archive",
})  # fmt: skip
_CONNECTIONS = frozenset({"sqlite3.connect", "sqlite3.connect/handle"})
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class ProcessGuard:
    """Stops a migration that acts on more than its database.

    Attributes:
        stopped: what was stopped, as pairs of a finding's code and words.
    """

    def __init__(self) -> None:
        self.stopped: list[tuple[str, str]] = []
        self._path: str | None = None
        self._is_listening = False

    @contextlib.contextmanager
    def watching(self, path: str | None) -> Iterator[None]:
        """Refuse actions of the migration for the length of a block.

        Args:
            path: the revision file.
        """
        self.begin(path)
        try:
            yield
        finally:
            self.end()

    def begin(self, path: str | None) -> None:
        """Refuse actions of a migration from now on.

        The first call begins to listen, for the rest of the process.
        """
        if not self._is_listening:
            # Python finds the folder for temporary files by writing one
            tempfile.gettempdir()
            # every import before that would be heard, and there are hundreds
            sys.addaudithook(self._hear)
            self._is_listening = True
        self._path = path or ""

    def end(self) -> None:
        """Refuse nothing any more."""
        self._path = None

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Refuse nothing for the length of a block, in which the migration does not run."""
        path, self._path = self._path, None
        try:
            yield
        finally:
            self._path = path

    @property
    def is_watching(self) -> bool:
        """Whether a migration is running."""
        return self._path is not None

    def refuse(self, code: str, words: str) -> None:
        """Record an action and stop the migration.

        Raises:
            MigrationStoppedError: always.
        """
        self.stopped.append((code, words))
        raise MigrationStoppedError(
            f"The migration was stopped because it {words}",
            hint="a migration that only works with `op` and its connection can be verified",
        )

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if self._path is None:
            return
        if event == "open":
            self._opening(args)
        elif event in _FILES:
            self._changing(event, args)
        elif event in _NETWORK:
            self._stop("opens-network", f"opens a network connection ({event}{_shown(args)})")
        elif event in _PROCESSES:
            self._stop("starts-process", f"starts or signals a process ({event}{_shown(args)})")
        elif event in _CONNECTIONS and not event.endswith("handle"):
            self._stop("opens-connection", f"opens another database{_shown(args)}")

    def _opening(self, args: tuple[Any, ...]) -> None:
        path, mode, flags = (*args, None, None, None)[:3]
        writes = isinstance(flags, int) and bool(flags & _WRITING)
        if isinstance(mode, str) and not set(mode) & set("wax+"):
            writes = False
        if writes and isinstance(path, (str, bytes, os.PathLike)) and not _is_harmless(path):
            self._stop("touches-files", f"writes the file {os.fsdecode(path)}")

    def _changing(self, event: str, args: tuple[Any, ...]) -> None:
        paths = [arg for arg in args if isinstance(arg, (str, bytes, os.PathLike))]
        if not paths or not all(map(_is_harmless, paths)):
            self._stop("touches-files", f"changes files ({event}{_shown(args)})")

    def _stop(self, code: str, words: str) -> None:
        # the import of a module writes its bytecode
        if not _is_importing():
            self.refuse(code, words)


def _is_harmless(path: Any) -> bool:
    text = os.fsdecode(path)
    return text == os.devnull or f"{os.sep}__pycache__" in text


def _is_importing() -> bool:
    frame: FrameType | None = sys._getframe(3)
    depth = 0
    while frame is not None and depth < 12:  # noqa: PLR2004 - the writer of bytecode is near
        name = frame.f_code.co_filename
        if name.startswith("<frozen importlib"):
            return frame.f_code.co_name in {"_cache_bytecode", "set_data", "_write_atomic"}
        frame, depth = frame.f_back, depth + 1
    return False


def _shown(args: tuple[Any, ...]) -> str:
    """Return the names of files and hosts among the arguments; nothing that may be secret."""
    names = [os.fsdecode(arg) for arg in args if isinstance(arg, (str, bytes, os.PathLike))]
    return f" {names[0][:80]}" if names else ""
