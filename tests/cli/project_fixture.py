"""A project in a temporary folder, used through its files, commands and exit codes."""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NoReturn

from tests.servers import Database

LIMBECK = (sys.executable, "-m", "limbeck")
# loaded once here, so that a forked command does not load them again
LOADED = (
    "limbeck.cli.draft_commands", "limbeck.cli.history_commands", "limbeck.cli.migration_commands",
    "limbeck.compat", "limbeck.commands", "limbeck.autogenerate",
)  # fmt: skip
HEADER = '''"""{doc}"""

import time

import sqlalchemy as sa
from limbeck import context, op

revision = {id!r}
down_revision = {down!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
{upgrade}


def downgrade() -> None:
{downgrade}
'''


@dataclass(frozen=True)
class Done:
    """The exit code and output of a command."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Everything that was printed."""
        return self.out + self.err


class Running:
    """A command in a process of its own, forked from this one.

    It costs some milliseconds where a new interpreter, which loads all modules again, costs a
    second; that the command starts from nothing is tested elsewhere.
    """

    def __init__(self, folder: Path, arguments: Sequence[str], environment: dict[str, str]) -> None:
        for name in LOADED:
            importlib.import_module(name)
        self._files = [tempfile.TemporaryFile() for _ in range(2)]  # noqa: SIM115 - closed at the end
        self.returncode: int | None = None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # newer Pythons warn of every fork
            self.pid = os.fork()
        if self.pid == 0:
            self._run(folder, arguments, environment)

    def _run(self, folder: Path, arguments: Sequence[str], environment: dict[str, str]) -> NoReturn:
        code = 70
        try:
            os.setpgid(0, 0)
            gc.freeze()
            signal.alarm(0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            _reset_process_state(
                folder, arguments, environment, [one.fileno() for one in self._files]
            )
            code = _main(arguments)
        except BaseException as error:  # noqa: BLE001 - the child must never come back
            os.write(2, f"the test's own child: {error!r}\n".encode())
        finally:
            os._exit(code)

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the process."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End the process at once."""
        self.send_signal(signal.SIGKILL)

    def __del__(self) -> None:
        # a test that failed leaves nothing running; a forked child ends without coming here
        with contextlib.suppress(Exception):
            self.kill()

    def communicate(self, timeout: float) -> tuple[str, str]:
        """Wait for its end; return what it printed."""
        end = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > end:
                self.kill()
                raise TimeoutError(f"the command did not end in {timeout} s: {self._texts()}")
            time.sleep(0.005)
        return self._texts()

    def wait_for_stderr(self, words: str, timeout: float = 30) -> bool:
        """Return whether the process prints a text on stderr before the timeout."""
        end = time.monotonic() + timeout
        while time.monotonic() < end and self.poll() is None:
            file = self._files[1].fileno()
            if words.encode() in os.pread(file, 1_000_000, 0):
                return True
            time.sleep(0.02)
        return False

    def _texts(self) -> tuple[str, str]:
        found = []
        for file in self._files:
            with file:
                file.seek(0)
                found.append(file.read().decode("utf-8", "replace"))
        return found[0], found[1]


def _reset_process_state(
    folder: Path, arguments: Sequence[str], environment: dict[str, str], files: list[int]
) -> None:
    """Set the state of a forked process to that of one that has just been started."""
    for descriptor, file in enumerate(files, 1):
        os.dup2(file, descriptor)
    sys.stdin = io.StringIO()
    sys.stdout = sys.__stdout__ = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), "utf-8")
    sys.stderr = sys.__stderr__ = io.TextIOWrapper(
        io.FileIO(2, "w", closefd=False), "utf-8", errors="backslashreplace", line_buffering=True
    )
    for logger in [logging.root, *logging.root.manager.loggerDict.values()]:
        if isinstance(logger, logging.Logger):
            logger.handlers.clear()
            logger.disabled = False
            logger.setLevel(logging.WARNING if logger is logging.root else logging.NOTSET)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    warnings.resetwarnings()
    warnings.simplefilter("ignore", ResourceWarning)
    warnings.simplefilter("ignore", DeprecationWarning)
    os.environ.update(environment)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    # the cached meaning of "." in another folder
    sys.path_importer_cache.clear()
    sys.argv = ["limbeck", *arguments]


def _main(arguments: Sequence[str]) -> int:
    from limbeck.cli import main

    code: object = 0
    try:
        main(list(arguments), prog="limbeck")
    except SystemExit as left:
        code = left.code
    except BaseException:  # noqa: BLE001 - as the interpreter would show it
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
        code = 1
    with contextlib.suppress(Exception):
        sys.stdout.flush()
    return code if isinstance(code, int) else 0 if code is None else 1


@cache
def template_project(template: str) -> Path:
    """Return the folder of a newly created project, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="limbeck-model-"))
    subprocess.run(
        [*LIMBECK, "-q", "init", "-t", template, "migs"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder


@dataclass
class CliProject:
    """A project on a database.

    Args:
        folder: the folder of the project.
        url: the URL of the database.
        extra: lines for the section of the ini file.
        settings: text put into the call of `context.configure` for a live database.
    """

    folder: Path
    url: str
    extra: str = ""
    settings: str = ""
    template: str = "generic"
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shutil.copytree(template_project(self.template), self.folder, dirs_exist_ok=True)
        ini = self.folder / "alembic.ini"
        if ini.exists():
            doubled = self.url.replace("%", "%%")
            text = re.sub(
                r"(?m)^sqlalchemy\.url.*$",
                lambda _: f"sqlalchemy.url = {doubled}\n{self.extra}",
                ini.read_text("utf-8"),
            )
            ini.write_text(text, "utf-8")
        if self.settings:
            text = self.env_py.read_text("utf-8")
            changed = text.replace(
                "connection=connection,", f"connection=connection, {self.settings},"
            )
            assert changed != text
            self.env_py.write_text(changed, "utf-8")

    @property
    def env_py(self) -> Path:
        return self.folder / "migs" / "env.py"

    @property
    def versions(self) -> Path:
        return self.folder / "migs" / "versions"

    def write(
        self,
        id_: str,
        upgrade: str = "pass",
        *,
        down: object = None,
        downgrade: str = "pass",
        doc: str = "",
    ) -> Path:
        """Write a revision file."""
        path = self.versions / f"{id_}_.py"
        text = HEADER.format(
            doc=doc or f"about {id_}",
            id=id_,
            down=down,
            upgrade=textwrap.indent(textwrap.dedent(upgrade).strip(), "    "),
            downgrade=textwrap.indent(textwrap.dedent(downgrade).strip(), "    "),
        )
        path.write_text(text, "utf-8")
        return path

    def start(self, *arguments: str) -> Running:
        """Start a command and do not wait for its end."""
        return Running(self.folder, arguments, self.environment)

    def run(self, *arguments: str, timeout: float = 60) -> Done:
        """Run a command to its end."""
        process = self.start(*arguments)
        try:
            return finish(process, timeout)
        finally:
            process.kill()

    def check_output(self, *arguments: str) -> str:
        """Run a command that has to succeed; return its stdout."""
        done = self.run(*arguments)
        assert done.code == 0, done.text
        return done.out


def finish(process: Running, timeout: float = 60) -> Done:
    """Wait for a command."""
    out, err = process.communicate(timeout=timeout)
    assert process.returncode is not None
    return Done(process.returncode, out, err)


def cli_project(folder: Path, database: Database, **options: str) -> CliProject:
    """Return a project on a test's own database."""
    return CliProject(folder / "project", database.address, **options)
