"""Parse the arguments, run the command, and return the exit code."""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from types import MappingProxyType

from limbeck.startup import fast_arguments
from limbeck.startup.gc_tuning import collect_hardly, collect_rarely, collected_rarely

TYPE_CHECKING = False

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from limbeck.cli.session import Session
    from limbeck.project import Config

# The package `compat` is imported by name, because it is in a layer above the command line.
PACKAGE = __name__.partition(".")[0]
COMPAT_PACKAGE = f"{PACKAGE}.compat"
# commands that write nothing, so that signals need not be handled
READING = frozenset(("branches", "completion", "heads", "history", "list_templates", "show"))


# the module of each command, whose function there has the name of the command
_MODULES: Mapping[str, str] = MappingProxyType(
    {
        "adopt": "snapshot_commands",
        "branches": "history_commands",
        "check": "draft_commands",
        "completion": "setup_commands",
        "current": "migration_commands",
        "downgrade": "migration_commands",
        "edit": "history_commands",
        "ensure_version": "migration_commands",
        "fleet": "fleet_commands",
        "heads": "history_commands",
        "history": "history_commands",
        "init": "setup_commands",
        "lint": "draft_commands",
        "list_templates": "setup_commands",
        "mcp": "setup_commands",
        "merge": "history_commands",
        "plan": "plan_commands",
        "rebase": "history_commands",
        "recover": "migration_commands",
        "restore": "migration_commands",
        "revision": "draft_commands",
        "schema": "history_commands",
        "show": "history_commands",
        "squash": "squash_commands",
        "snapshot": "snapshot_commands",
        "stamp": "migration_commands",
        "stats": "plan_commands",
        "status": "migration_commands",
        "test": "draft_commands",
        "testdb": "snapshot_commands",
        "upgrade": "migration_commands",
        "verify": "draft_commands",
    }
)


def program_name(argv0: str | None = None) -> str:
    """Return the name with which this program was started."""
    path = sys.argv[0] if argv0 is None else argv0
    name = os.path.splitext(os.path.basename(path))[0]  # noqa: PTH119, PTH122 - pathlib takes long to import
    return PACKAGE if name in {"", "__main__", "-c"} else name


def version_text(prog: str) -> str:
    """Return the output of --version; for `alembic`, the matching version of Alembic."""
    if prog == "alembic":
        return f"{prog} {importlib.import_module(COMPAT_PACKAGE).__version__}"
    return f"{prog} {sys.modules[PACKAGE].__version__}"


def run(argv: Sequence[str] | None = None, prog: str | None = None) -> None:
    """Parse arguments and run the command.

    Raises:
        SystemExit: the command failed or the arguments are invalid.
    """
    name = prog or program_name()
    words = sys.argv[1:] if argv is None else argv
    if argv is None:
        # this process is the command, not a program that calls it
        _open_closed_streams()
        _mask_warnings()
        collect_rarely()
    if list(words) == ["--version"]:
        try:
            sys.stdout.write(f"{version_text(name)}\n")
            sys.stdout.flush()
        except OSError as error:
            raise SystemExit(f"{name}: standard output cannot be written: {error}") from None
        return
    if not words and name != "alembic":
        raise SystemExit(_overview(name))
    options: Namespace | None = fast_arguments.read(words)
    if options is None:
        from limbeck.cli.parser import build_parser

        options = parse(build_parser(name, version_text(name))[0], words)
    if argv is None:
        _spare(options)
    if argv is None and options.raiseerr:
        from limbeck.cli.error_output import show_masked_traceback

        sys.excepthook = show_masked_traceback
    code = run_options(options, name)
    if code:
        raise SystemExit(code)


def _overview(prog: str) -> int:
    """Print the state of the project and the help; return the exit code."""
    from limbeck.cli.parser import build_parser, grouped_help

    def work() -> None:
        sys.stdout.write("".join(f"{line}\n" for line in _project_lines(prog)) + "\n")
        sys.stdout.write(grouped_help(prog))

    return guarded(work, build_parser(prog, "")[0].parse_args([]), prog)


def _project_lines(prog: str) -> list[str]:
    """Return lines about the project of the current folder, without connecting to a database."""
    from limbeck import commands
    from limbeck.errors import LimbeckError, NoConfigurationError
    from limbeck.project import Project, find_config

    try:
        project = Project.from_config(find_config(name=prog))
        found = commands.heads(project, commands.HeadsRequest())
    except NoConfigurationError:
        return [f"There is no project in this folder: `{prog} init` sets one up."]
    except LimbeckError as error:
        return [f"The project of this folder cannot be read: {error.message}"]
    heads = [one.revision.id for one in found.entries]
    many = "no revisions yet" if not heads else "head " if len(heads) == 1 else "heads "
    return [
        f"Project: {project.root} ({many}{', '.join(heads)})",
        f"`{prog} status` shows the state of the database.",
    ]


def parse(parser: ArgumentParser, argv: Sequence[str] | None) -> Namespace:
    """Parse arguments; a missing command is a usage error."""
    if argv is None:
        collect_rarely()
    options = parser.parse_args(argv)
    if getattr(options, "command", None) is None:
        parser.error("too few arguments")
    if argv is None:
        _spare(options)
    return options


def _spare(options: Namespace) -> None:
    if options.command in READING:
        collect_hardly()
    else:
        from limbeck.startup.lazy_imports import install_lazy_imports

        install_lazy_imports()


def run_options(options: Namespace, prog: str) -> int:
    """Run the command of parsed options and return the exit code."""
    from limbeck.cli.session import Session

    def work() -> int | None:
        importlib.import_module(COMPAT_PACKAGE).install()
        session = Session(config_of(options, prog), options, prog)
        is_json = getattr(options, "json", False)
        # with --json, the output of env.py and models goes to stderr
        with redirect_stdout(sys.stderr) if is_json else nullcontext():
            try:
                # the function takes the session, prints to stdout, and returns an exit code or None
                module = importlib.import_module(f"limbeck.cli.{_MODULES[options.command]}")
                command: Callable[[Session], int | None] = getattr(module, options.command)
                return command(session)
            except Exception as error:
                if is_json and not session.has_json_output:
                    from limbeck.cli.error_output import document

                    session.print_json(document(error))
                raise

    return guarded(work, options, prog)


def guarded(work: Callable[[], int | None], options: Namespace, prog: str = PACKAGE) -> int:
    """Call a function and return its exit code; report an error and return its exit code."""
    try:
        with _signal_handling(options), collected_rarely():
            code = work()
            try:
                sys.stdout.flush()
            except BrokenPipeError:
                raise
            except OSError as error:
                from limbeck.errors import OutputError

                raise OutputError(error) from None
    except BrokenPipeError:
        # the reader has closed the pipe, as in `limbeck history | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt as error:
        from limbeck.cli.error_output import report_interrupt

        return report_interrupt(error)
    except Exception as error:
        if options.raiseerr:
            raise
        from limbeck.cli.error_output import report_error

        # with --json, stdout only contains JSON
        out = sys.stderr if getattr(options, "json", False) else sys.stdout
        return report_error(error, quiet=options.quiet, out=out, is_alembic=prog == "alembic")
    return code or 0


def _open_closed_streams() -> None:
    """Replace a closed standard output or error by the null device."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 - stays open


def _mask_warnings() -> None:
    """Mask secrets in the warnings of Python."""
    original = warnings.formatwarning

    def formatted(
        message: Warning | str, category: type[Warning], filename: str, lineno: int,
        line: str | None = None,
    ) -> str:  # fmt: skip
        from limbeck.sql import mask_secrets

        return mask_secrets(original(message, category, filename, lineno, line))

    warnings.formatwarning = formatted


def _signal_handling(options: Namespace) -> AbstractContextManager[None]:
    if getattr(options, "command", None) in READING:
        return nullcontext()
    from limbeck.cli.signals import signals_raise

    return signals_raise()


def config_of(options: Namespace, prog: str = PACKAGE) -> Config:
    """Return the Config for the files that the options or the environment name."""
    from limbeck.project import find_config

    return find_config(options.config, name=prog, section=options.name, cmd_opts=options)
