"""The session: one run of the command line, for the functions of the commands."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property

from limbeck import report

TYPE_CHECKING = False

if TYPE_CHECKING:
    from argparse import Namespace
    from io import StringIO

    from limbeck.cli.progress import PlainProgress, Progress
    from limbeck.commands import Script
    from limbeck.project import Config, Project

SCRIPT_MODULE = "limbeck.compat.script"
PARSED_OPTIONS = "limbeck.compat.parsed_options"


def is_interactive() -> bool:
    """Return whether standard input and standard error are a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


class Session:
    """The configuration, the options and the program name of one run of the command line."""

    def __init__(self, config: Config, options: Namespace, prog: str) -> None:
        self.config = config
        self.options = options
        self.prog = prog
        self.has_json_output = False

    @cached_property
    def project(self) -> Project:
        """The project."""
        from limbeck.project import Project

        return Project.from_config(self.config)

    @cached_property
    def script(self) -> Script:
        """The value of `context.script` in env.py."""
        options = importlib.import_module(PARSED_OPTIONS)
        self.config.cmd_opts = options.alembic_options(self.options)
        of_project = importlib.import_module(SCRIPT_MODULE).ScriptDirectory._of_project
        script: Script = of_project(self.project, self.config.messaging_opts)
        return script

    @property
    def is_terminal(self) -> bool:
        """Whether stdout is a terminal."""
        return self.config.stdout.isatty()

    def print_lines(self, lines: Iterable[str]) -> None:
        """Print lines, in colour if stdout is a terminal."""
        if self.options.quiet:
            return
        if self.is_terminal:
            from limbeck.cli.colors import paint

            lines = (paint(line) for line in lines)
        if found := list(lines):
            self.config.print_stdout("%s", "\n".join(found))

    def print_json(self, document: str) -> None:
        """Print a JSON document, the only output on stdout."""
        self.config.print_stdout("%s", document)
        self.has_json_output = True

    def script_buffer(self) -> StringIO | None:
        """Return a buffer for the script of `--sql` with `--json`, else None."""
        if not (self.options.json and self.options.sql):
            return None
        from io import StringIO

        buffer = StringIO()
        self.config.output_buffer = buffer
        return buffer

    def note(self, line: str) -> None:
        """Print an informative line: on stdout if it is a terminal, else on stderr.

        As `alembic`, nothing is printed, because programs parse the output.
        """
        if not (self.options.quiet or self.prog == "alembic"):
            out = sys.stdout if self.is_terminal else sys.stderr
            out.write(f"{report.clean(line)}\n")

    @contextmanager
    def notify(self, action: str, about: object) -> Iterator[None]:
        """Print what is being written, and that it is done."""
        if self.options.quiet:
            yield
            return
        name = repr(about) if isinstance(about, str) else about
        sys.stdout.write(report.clean(f"{action} {name} ..."))
        if isinstance(about, str):  # hooks may print lines
            sys.stdout.write("\n")
        sys.stdout.flush()
        try:
            yield
        except BaseException:
            sys.stdout.write("  FAILED\n")
            raise
        sys.stdout.write("  done\n")

    def progress(self) -> Progress | PlainProgress | None:
        """Return the progress display: for a terminal, or plain lines."""
        if self.options.quiet or getattr(self.options, "sql", False):
            return None
        if getattr(self.options, "json", False):
            return None
        if self.is_terminal:
            from limbeck.cli.progress import Progress

            return Progress(sys.stdout)
        if self.prog == "alembic":
            return None
        from limbeck.cli.progress import PlainProgress

        return PlainProgress(sys.stderr)
