"""Commands that set up a project or a shell."""

from __future__ import annotations

import sys

from limbeck import commands, report

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.cli.session import Session


def init(session: Session) -> None:
    """Set up a migration environment."""
    options = session.options
    request = commands.InitRequest(
        options.directory,
        options.template,
        package=options.package,
        program=session.prog,
        head_file=options.head_file,
    )
    session.say(report.init_lines(commands.init(session.config, request, notify=session.notify)))


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
