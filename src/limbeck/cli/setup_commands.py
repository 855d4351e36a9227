"""Commands that set up a project or a shell."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from limbeck import commands, report
from limbeck.report import clean

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.cli.session import Session
    from limbeck.project import FoundUrl

NATIVE, ALEMBIC = "native", "alembic"
_NAMED = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
_URL = re.compile(r"\$\{\w+\}|[a-z0-9_]+(?:\+\w+)?://.*|.*\$\{\w+\}.*")


def init(session: Session) -> None:
    """Set up a migration environment."""
    options = session.options
    wanted = _wanted_environment(session)
    request = commands.InitRequest(
        wanted.directory,
        "declared" if wanted.style == NATIVE else options.template,
        package=options.package,
        program=session.prog,
        head_file=options.head_file,
        url=wanted.url,
        metadata=wanted.metadata,
    )
    made = commands.init(session.config, request, notify=session.notify)
    if options.json:
        session.print_json(report.init_json(made))
    else:
        session.print_lines(report.init_lines(made, session.prog))


def _wanted_environment(session: Session) -> InitAnswers:
    """Return what to set up, from the options or else from answers in the terminal."""
    from limbeck.cli.session import is_interactive

    options = session.options
    asks = options.directory is None and options.style is None and session.prog != "alembic"
    if asks and is_interactive() and not options.json:
        from limbeck.project import find_models, find_url

        return ask_init(find_models(Path.cwd()), find_url(Path.cwd()))
    if options.directory is None and options.style is None:
        from limbeck.cli.parser import build_parser

        _, known = build_parser(session.prog, "")
        prog = session.prog
        styles = f"`{prog} init alembic` writes alembic.ini and alembic/env.py"
        if prog != "alembic":
            styles = f"`{prog} init --style native` sets up pyproject.toml, {styles}"
        known.choices["init"].error(
            f"the following arguments are required: directory\n  next:  {styles}"
        )
    if options.style != NATIVE:
        return InitAnswers(ALEMBIC, options.directory or "alembic")
    from limbeck.project import find_models, find_url

    models = next(iter(find_models(Path.cwd())), None)
    url = find_url(Path.cwd()).value
    return InitAnswers(NATIVE, options.directory or "migrations", models, url)


def list_templates(session: Session) -> None:
    """List the templates of `init`."""
    found = commands.list_templates(session.config)
    if session.options.json:
        session.print_json(report.templates_json(found))
    else:
        session.print_lines(report.template_lines(found, session.prog))


def mcp(session: Session) -> None:
    """Serve the commands as tools of the Model Context Protocol."""
    import importlib

    options = session.options
    given = [word for path in options.config or () for word in ("-c", path)]
    if options.name != "alembic":
        given += ["-n", options.name]
    given += [word for value in options.x or () for word in ("-x", value)]
    # imported by name, because it is in a layer above the command line
    importlib.import_module("limbeck.mcp").serve(given, allow_write=options.allow_write)


def completion(session: Session) -> None:
    """Print a completion script for a shell."""
    from limbeck.cli.completion import completion_script

    script = completion_script(session.options.shell, session.prog)
    if session.options.json:
        session.print_json(report.completion_json(session.options.shell, script))
    else:
        sys.stdout.write(script)


# ── questions of init ─────────────────────────────────────────────────────


class InitAnswers:
    """The answers for `init`. Without `dataclasses`, because importing it is slow.

    Args:
        style: `native` or `alembic`.
        directory: the folder to create.
        metadata: the models, None if they are not known.
        url: the database URL.
    """

    def __init__(
        self, style: str, directory: str, metadata: str | None = None, url: str | None = None
    ) -> None:
        self.style = style
        self.directory = directory
        self.metadata = metadata
        self.url = url


def ask_init(models: Sequence[str], url: FoundUrl) -> InitAnswers:
    """Ask what to set up; an empty answer selects the value in brackets.

    Args:
        models: the models that were found, best match first.
        url: the database URL that was found.
    """
    _write(
        "native:  pyproject.toml names models and database, no env.py\n"
        "alembic: env.py and alembic.ini, as in projects of Alembic\n"
    )
    style = _ask("Style", NATIVE, _style)
    folder = _ask("Folder", "migrations" if style == NATIVE else "alembic", _folder)
    if style == ALEMBIC:
        return InitAnswers(ALEMBIC, folder)
    for name in models[1:5]:
        _write(f"  also found: {name}\n")
    metadata = _ask("Models, as module:Base.metadata", models[0] if models else "", _models)
    origin = f" (from {url.origin})" if url.origin else ""
    address = _ask(f"Database{origin}", url.value, _url)
    return InitAnswers(NATIVE, folder, metadata or None, address)


def _ask(question: str, default: str, wrong: Callable[[str], str | None]) -> str:
    while True:
        _write(f"{question} [{default}]: " if default else f"{question}: ")
        line = sys.stdin.readline()
        answer = line.strip() or default
        for style in (NATIVE, ALEMBIC):
            if question == "Style" and answer and style.startswith(answer.lower()):
                answer = style
        problem = wrong(answer)
        if problem is None or not line:
            return answer
        _write(f"  {problem}\n")


def _style(answer: str) -> str | None:
    return None if answer in {NATIVE, ALEMBIC} else f"Answer {NATIVE} or {ALEMBIC}."


def _folder(answer: str) -> str | None:
    path = Path(answer)
    if path.is_file() or (path.is_dir() and any(path.iterdir())):
        return f"{answer} exists and is not empty: choose another folder."
    return None


def _models(answer: str) -> str | None:
    if not answer or _NAMED.fullmatch(answer):
        return None
    return "Write the module, a colon, and the path to the MetaData: shop.models:Base.metadata"


def _url(answer: str) -> str | None:
    if _URL.fullmatch(answer):
        return None
    return "Write a URL such as postgresql+psycopg://user@host/name, or a variable: ${DATABASE_URL}"


def _write(text: str) -> None:
    sys.stderr.write(clean(text))
    sys.stderr.flush()
