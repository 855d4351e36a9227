"""The command `squash`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from limbeck import report
from limbeck.errors import FleetError, SquashError

if TYPE_CHECKING:
    from limbeck.cli.session import Session
    from limbeck.commands import DatabaseRows


def squash(session: Session) -> None:
    """Replace several revisions by one, or remove the files of replaced revisions.

    Raises:
        SquashError: options contradict each other.
    """
    from limbeck.commands import SquashRequest
    from limbeck.commands import squash as run_squash

    options = session.options
    if options.finish:
        _finish(session)
        return
    if options.squashed is None:
        raise SquashError(
            "The revisions to squash are missing", hint="Write `squash START:END`, both included."
        )
    if options.keep_data and options.drop_data:
        raise SquashError("--keep-data and --drop-data exclude each other", hint="Use one of them.")
    request = SquashRequest(
        options.squashed,
        message=options.message,
        rev_id=options.rev_id,
        keep_data=options.keep_data,
        drop_data=options.drop_data,
        scratch_url=options.scratch_url,
    )
    notify = None if options.json else session.notify
    found = run_squash(session.project, request, script=session.script, notify=notify)
    if options.json:
        session.print_json(report.squash_json(found))
    else:
        session.print_lines(report.squash_lines(found))


def _finish(session: Session) -> None:
    from limbeck.commands import finish_squash

    options = session.options
    if options.squashed is not None:
        raise SquashError("--finish takes no range", hint="Omit the range.")
    others = _tenants(session)
    found = finish_squash(session.project, script=session.script, others=others)
    if options.json:
        session.print_json(report.finish_json(found))
    else:
        session.print_lines(report.finish_lines(found))


def _tenants(session: Session) -> Iterator[DatabaseRows]:
    """Yield the version rows of the tenants, if the project has a fleet."""
    from limbeck import fleet
    from limbeck.commands import DatabaseRows

    try:
        settings = fleet.FleetSettings.from_config(session.config)
        has_fleet = settings.tenants or settings.schemas or settings.files or settings.source
    except FleetError:
        return
    if not has_fleet:
        return
    for one in fleet.status(settings):
        can_tell = one.revisions or one.state in {"at head", "behind"}
        rows = tuple(one.revisions) if can_tell else None
        yield DatabaseRows(f"tenant {one.tenant}", rows, one.detail)
