"""Commands that read or change revision files."""

from __future__ import annotations

import os
import sys

from limbeck import commands, report

TYPE_CHECKING = False

if TYPE_CHECKING:
    from argparse import Namespace

    from limbeck.cli.session import Session


def heads(session: Session) -> None:
    """List the newest revisions."""
    options = session.options
    request = commands.HeadsRequest(resolve_dependencies=options.resolve_dependencies)
    if options.fix:
        path = commands.write_head_file(session.project)
        if not options.json:
            session.note(f"The heads are written to {path}")
    found = commands.heads(session.project, request)
    if options.json:
        session.print_json(report.listing_json(found))
    else:
        session.print_lines(report.heads_lines(found, is_verbose=options.verbose))
        _note_empty(session, found)
    if options.check:
        commands.require_one_head(session.project, found)


def history(session: Session) -> None:
    """List revisions, newest first."""
    options = session.options
    request = commands.HistoryRequest(options.rev_range, indicate_current=options.indicate_current)
    asks = _asks_database(options) or session.project.revision_environment
    script = session.script if asks else None
    found = commands.history(session.project, request, script=script)
    if options.json:
        session.print_json(report.listing_json(found))
    elif options.graph:
        session.print_lines(report.graph_lines(found, _graph_characters()))
    else:
        session.print_lines(report.history_lines(found, is_verbose=options.verbose))
    if not options.json:
        _note_empty(session, found)


def _note_empty(session: Session, found: commands.Listing) -> None:
    """Print why the list is empty."""
    if found.entries:
        return
    if session.project.history().heads:
        session.note("No revision is in this range")
    else:
        session.note(f"There are no revisions in {', '.join(session.project.folders)}")


def _asks_database(options: Namespace) -> bool:
    return bool(options.indicate_current or "current" in (options.rev_range or ""))


def _graph_characters() -> report.GraphCharacters:
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    return report.FINE if encoding.startswith("utf") else report.PLAIN


def branches(session: Session) -> None:
    """List the points where the history branches."""
    found = commands.branches(session.project)
    if session.options.json:
        session.print_json(report.branches_json(found))
    else:
        session.print_lines(report.branch_lines(found, is_verbose=session.options.verbose))
        if not found:
            session.note("The history has no branch points")


def show(session: Session) -> None:
    """Show all details of revisions."""
    request = commands.ShowRequest(session.options.rev)
    script = session.script if request.revision == "current" else None
    found = commands.show(session.project, request, script=script)
    if session.options.json:
        session.print_json(report.listing_json(found))
    else:
        session.print_lines(report.show_lines(found))


def merge(session: Session) -> None:
    """Join branches in a new revision."""
    options = session.options
    request = commands.MergeRequest(
        tuple(options.revisions),
        message=options.message,
        branch_label=options.branch_label,
        rev_id=options.rev_id,
        splice=options.splice,
    )
    is_wanted = options.verify or (session.project.detect == "all" and not options.no_verify)
    if is_wanted and (options.verify or os.environ.get("LIMBECK_VERIFY") != "off"):
        trial = commands.try_merge(session.project, request.revisions, script=session.script)
        if not options.json:
            session.print_lines(report.trial_lines(trial))
    new = commands.merge(session.project, request, script=session.script, notify=session.notify)
    if options.json:
        from limbeck.cli.draft_commands import written_json

        session.print_json(written_json(session, new))


def rebase(session: Session) -> None:
    """Move revisions after another head."""
    request = commands.RebaseRequest(session.options.mine, session.options.onto)
    done = commands.rebase(session.project, request, script=session.script)
    if session.options.json:
        session.print_json(report.rebased_json(done))
    else:
        session.print_lines(report.rebase_lines(done))


def edit(session: Session) -> None:
    """Open revision files in an editor."""
    request = commands.ShowRequest(session.options.rev)
    done = commands.edit(
        session.project, request, script=session.script if request.revision == "current" else None
    )
    if session.options.json:
        session.print_json(report.edited_json(done))


def schema(session: Session) -> None:
    """Print the schema at a revision as SQL or JSON."""
    import logging  # not imported for listings

    options = session.options
    request = commands.SchemaRequest(options.revision, options.dialect)
    found = commands.schema(session.project, request, script=session.script)
    for step in found.opaque:
        logging.getLogger("limbeck").warning("The schema may not be complete: %s", step.text)
    if options.json:
        session.print_json(report.schema_json(found))
        return
    session.config.stdout.write("\n".join(report.schema_comments(found)) + "\n\n")
    session.config.stdout.write(f"{found.sql}\n" if found.sql else "")
