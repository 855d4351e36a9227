"""The commands `snapshot`, `testdb` and `adopt`."""

from __future__ import annotations

import logging

from limbeck import commands, report

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.cli.session import Session

_log = logging.getLogger("limbeck")


def snapshot(session: Session) -> None:
    """Write a snapshot, or check the existing ones."""
    from limbeck.runtime import raise_with_report

    options = session.options
    if options.check_files:
        paths = commands.check_snapshots(session.project)
        if options.json:
            session.print_json(report.values_json([str(path) for path in paths]))
        else:
            session.print_lines([f"{path} belongs to the revision files" for path in paths])
        return
    request = commands.SnapshotRequest(
        options.revision,
        kind=options.scratch,
        scratch_url=options.scratch_url,
        max_rows=options.max_rows,
        tag=options.tag,
    )
    with raise_with_report():
        made = commands.snapshot(session.project, request, script=session.script)
    for step in made.opaque:
        _log.info("The effect of this step is only known from the scratch database: %s", step.text)
    if options.json:
        session.print_json(report.snapshot_json(made))
    else:
        session.print_lines(report.snapshot_lines(made))


def testdb(session: Session) -> None:
    """Create or drop a test database, or drop old templates."""
    from limbeck.runtime import raise_with_report

    options, project, script = session.options, session.project, session.script
    with raise_with_report():
        if options.action == "create":
            url = commands.create_test_database(project, options.database_name, script=script)
            found = {"database": options.database_name, "url": url}
            if options.json:
                session.print_json(report.values_json(found))
            else:
                session.print_lines([url])
        elif options.action == "drop":
            name = options.database_name
            exists = commands.drop_test_database(project, name, script=script)
            if options.json:
                session.print_json(report.values_json([name] if exists else []))
            else:
                session.print_lines(
                    [f"{name} is dropped" if exists else f"There is no database {name}"]
                )
        else:
            names = commands.prune_templates(project, script=script)
            lines = [f"{name} is dropped" for name in names] or ["No template is stale"]
            if options.json:
                session.print_json(report.values_json(list(names)))
            else:
                session.print_lines(lines)


def adopt(session: Session) -> None:
    """Find the revision of a database, and set its version."""
    from limbeck.cli.prompts import confirmation_prompt
    from limbeck.runtime import raise_with_report

    options = session.options
    request = commands.AdoptRequest(
        confirmed=options.yes,
        confirm=confirmation_prompt(),
        kind=options.scratch,
        scratch_url=options.scratch_url,
        lock_timeout=options.lock_timeout,
    )
    with raise_with_report():
        found = commands.adopt(session.project, request, script=session.script)
    if options.json:
        session.print_json(report.adopted_json(found))
    else:
        session.print_lines(report.adopted_lines(found))
    commands.require_adopted(found)
