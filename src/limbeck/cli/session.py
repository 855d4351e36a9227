"""One run of the command line, as its commands see it."""

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

FACE = "limbeck.compat.script"
PARSED_OPTIONS = "limbeck.compat.parsed_options"


class Session:
    """One run of the command line: the configuration, the options, the program's name."""

    def __init__(self, config: Config, options: Namespace, prog: str) -> None:
        self.config = config
        self.options = options
        self.prog = prog
        self.has_json_output = False

    @cached_property
    def project(self) -> Project:
        """The settled project."""
        from limbeck.project import Project

        return Project.from_config(self.config)

    @cached_property
    def script(self) -> Script:
        """What env.py sees as `context.script`."""
        options = importlib.import_module(PARSED_OPTIONS)
        self.config.cmd_opts = options.alembic_options(self.options)
        of_project = importlib.import_module(FACE).ScriptDirectory._of_project
        face: Script = of_project(self.project, self.config.messaging_opts)
        return face

    @property
    def is_terminal(self) -> bool:
        """Say whether a person is looking."""
        return self.config.stdout.isatty()

    def say(self, lines: Iterable[str]) -> None:
        """Print lines, in colour where a person looks."""
        if self.options.quiet:
            return
        if self.is_terminal:
            from limbeck.cli.colors import paint

            lines = (paint(line) for line in lines)
        if found := list(lines):
            self.config.print_stdout("%s", "\n".join(found))

    def say_json(self, document: str) -> None:
        """Print a JSON document to standard output; nothing else is printed there."""
        self.config.print_stdout("%s", document)
        self.has_json_output = True

    def script_buffer(self) -> StringIO | None:
        """Take the script of `--sql` for a JSON document; None where it is printed as it is."""
        if not (self.options.json and self.options.sql):
            return None
        from io import StringIO

        buffer = StringIO()
        self.config.output_buffer = buffer
        return buffer

    def note(self, line: str) -> None:
        """Print a line for people: on stdout where one watches, else on stderr.

        As `alembic` the command prints what programs expect of it, and no more.
        """
        if not (self.options.quiet or self.prog == "alembic"):
            out = sys.stdout if self.is_terminal else sys.stderr
            out.write(f"{report.clean(line)}\n")

    @contextmanager
    def notify(self, action: str, about: object) -> Iterator[None]:
        """Print what is being written, and when it is done."""
        if self.options.quiet:
            yield
            return
        name = repr(about) if isinstance(about, str) else about
        sys.stdout.write(report.clean(f"{action} {name} ..."))
        sys.stdout.flush()
        try:
            yield
        except BaseException:
            sys.stdout.write("  FAILED\n")
            raise
        sys.stdout.write("  done\n")

    def progress(self) -> Progress | PlainProgress | None:
        """Return what shows progress: for a person, else plain lines."""
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
