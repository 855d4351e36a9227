"""The commands about whole schemas: print them, keep them in snapshots, adopt databases."""

from __future__ import annotations

import logging

from limbeck import commands, report

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.cli.session import Session

_log = logging.getLogger("limbeck")


def schema(session: Session) -> None:
    """Print the schema at a revision as SQL or JSON."""
    options = session.options
    request = commands.SchemaRequest(options.revision, options.dialect)
    found = commands.schema(session.project, request, script=session.script)
    for step in found.opaque:
        _log.warning("The schema may not be complete: %s", step.text)
    if options.json:
        session.say([report.schema_json(found)])
        return
    session.config.stdout.write("\n".join(report.schema_comments(found)) + "\n\n")
    session.config.stdout.write(f"{found.sql}\n" if found.sql else "")
