"""Commands that set up a project or a shell."""

from __future__ import annotations

import sys

from limbeck import commands, report

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.cli.init_questions import InitAnswers
    from limbeck.cli.session import Session


def init(session: Session) -> None:
    """Set up a migration environment."""
    from limbeck.cli.init_questions import NATIVE

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
    session.say(report.init_lines(made, session.prog))


def _wanted_environment(session: Session) -> InitAnswers:
    """Return what to set up: as the options say, else as a person at the terminal answers."""
    from pathlib import Path

    from limbeck.cli.init_questions import ALEMBIC, NATIVE, InitAnswers, ask_init
    from limbeck.cli.prompts import is_somebody_there

    options = session.options
    asks = options.directory is None and options.style is None and session.prog != "alembic"
    if asks and is_somebody_there():
        from limbeck.project.discovery import find_models, find_url

        return ask_init(find_models(Path.cwd()), find_url(Path.cwd()))
    if options.directory is None and options.style is None:
        from limbeck.cli.parser import build_parser

        _, known = build_parser(session.prog, "")
        known.choices["init"].error("the following arguments are required: directory")
    if options.style != NATIVE:
        return InitAnswers(ALEMBIC, options.directory or "alembic")
    from limbeck.project.discovery import find_models, find_url

    models = next(iter(find_models(Path.cwd())), None)
    url = find_url(Path.cwd()).value
    return InitAnswers(NATIVE, options.directory or "migrations", models, url)


def list_templates(session: Session) -> None:
    """List the templates of `init`."""
    found = commands.list_templates(session.config)
    if session.options.json:
        session.say([report.templates_json(found)])
    else:
        session.say(report.template_lines(found, session.prog))


def completion(session: Session) -> None:
    """Print a completion script for a shell."""
    from limbeck.cli.completion import completion_script

    sys.stdout.write(completion_script(session.options.shell, session.prog))
