"""Commands that read or change the revision of a database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from limbeck import commands, report

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.cli.progress import PlainProgress, Progress
    from limbeck.cli.session import Session
    from limbeck.commands import DatabaseState, RecoveryChoice


def current(session: Session) -> None:
    """Show the revision of the database."""
    options = session.options

    def on_state(place: DatabaseState) -> None:
        session.print_lines(report.place_lines(place, is_verbose=options.verbose))
        if not place.entries:
            session.note("The database is at base: no revision is applied")

    places = commands.current(
        session.project, script=session.script, on_state=None if options.json else on_state
    )
    if options.json:
        session.print_json(report.places_json(places))
    if options.check_heads:
        commands.require_heads(places)


def _move(session: Session, command: Callable[..., commands.MoveResult]) -> None:
    from limbeck.cli.prompts import confirmation_prompt

    options = session.options
    progress = session.progress()
    script = session.script_buffer()
    request = commands.MoveRequest(
        options.revision,
        sql=options.sql,
        tag=options.tag,
        lock_timeout=options.lock_timeout,
        listener=progress,
        include_missing=getattr(options, "include_missing", False),
        phase=getattr(options, "phase", None),
        skip_data=getattr(options, "skip_data", False),
        allow_downgrade=getattr(options, "allow_downgrade", False),
        confirmed=options.yes,
        confirm=None if options.json else confirmation_prompt(),
        use_snapshot=not getattr(options, "no_snapshot", False),
        forced=getattr(options, "force", False),
    )
    with _reporting(progress):
        done = command(session.project, request, script=session.script)
    if options.json:
        session.print_json(report.run_json(done, None if script is None else script.getvalue()))
    elif not (done.moves or options.sql):
        session.note(_nothing_done(session, options.revision))


def _nothing_done(session: Session, wanted: str) -> str:
    if not session.project.history().heads:
        return f"Nothing to do: there are no revisions in {', '.join(session.project.folders)}"
    where = "the newest revision" if wanted in {"head", "heads"} else wanted
    return f"Nothing to do: the database is already at {where}"


@contextmanager
def _reporting(progress: Progress | PlainProgress | None) -> Iterator[None]:
    from limbeck.runtime import raise_with_report

    try:
        with raise_with_report():
            yield
    finally:
        if progress is not None:
            progress.close()


def upgrade(session: Session) -> None:
    """Upgrade to a revision."""
    _move(session, commands.upgrade)


def downgrade(session: Session) -> None:
    """Downgrade to a revision."""
    _move(session, commands.downgrade)


def stamp(session: Session) -> None:
    """Set the database's version without running migrations."""
    options = session.options
    progress = session.progress()
    script = session.script_buffer()
    request = commands.StampRequest(
        tuple(options.revisions),
        sql=options.sql,
        tag=options.tag,
        purge=options.purge,
        lock_timeout=options.lock_timeout,
        listener=progress,
    )
    with _reporting(progress):
        done = commands.stamp(session.project, request, script=session.script)
    if options.json:
        session.print_json(report.run_json(done, None if script is None else script.getvalue()))
    elif not (done.moves or options.sql):
        if options.purge:
            session.note("The version table is empty: the database is at base")
        else:
            session.note(_nothing_done(session, ", ".join(options.revisions)))


def ensure_version(session: Session) -> None:
    """Create the version table if it is missing."""
    script = session.script_buffer()
    tables = commands.ensure_version(
        session.project, sql=session.options.sql, script=session.script
    )
    if session.options.json:
        session.print_json(report.ensured_json(None if script is None else script.getvalue()))
    elif not session.options.sql:
        for name in tables:
            session.note(f"The version table {name} exists")


def restore(session: Session) -> None:
    """Restore missing revision files from the journal."""
    request = commands.RestoreRequest(tuple(session.options.restored), session.options.accept)
    done = commands.restore(session.project, request, script=session.script, notify=session.notify)
    if session.options.json:
        session.print_json(report.restored_json(done))


def status(session: Session) -> None:
    """Show the revision of the database, and pending and interrupted migrations."""
    found = commands.status(session.project, script=session.script)
    if session.options.json:
        session.print_json(report.status_json(found))
    else:
        for one in found:
            session.print_lines(report.status_lines(one))
    commands.require_files(found)


def recover(session: Session) -> None:
    """Continue, undo or forget an interrupted migration."""
    options = session.options
    choices: dict[RecoveryChoice, bool] = {
        "continue": options.resume,
        "undo": options.undo,
        "forget": options.forget,
    }
    chosen = [name for name, is_given in choices.items() if is_given]
    choice, unknown = _recovery_choice(session, chosen, options.unknown)
    if choice is None:
        if options.json:
            session.print_json(report.recovered_json(commands.RecoverResult()))
        return
    progress = session.progress() if choice == "continue" else None
    request = commands.RecoverRequest(
        choice, unknown, lock_timeout=options.lock_timeout, listener=progress
    )
    with _reporting(progress):
        result = commands.recover(session.project, request, script=session.script)
    if options.json:
        session.print_json(report.recovered_json(result))
    else:
        session.print_lines(report.recovered_lines(result, choice))
    commands.require_undone(result)


def _recovery_choice(
    session: Session, chosen: list[RecoveryChoice], unknown: str | None
) -> tuple[RecoveryChoice | None, str | None]:
    """Return the choice for interrupted migrations, and the outcome of unknown statements.

    Raises:
        RecoveryChoiceError: no choice was made, or several were made.
    """
    from limbeck.cli.prompts import ask_recovery, ask_unknown
    from limbeck.cli.session import is_interactive
    from limbeck.errors import RecoveryChoiceError

    if len(chosen) > 1:
        raise RecoveryChoiceError(
            f"--{chosen[0]} and --{chosen[1]} exclude each other", hint="Use one of them."
        )
    outcome = unknown.replace("-", " ") if unknown else None
    asks = is_interactive() and not session.options.json
    if chosen and not asks:
        return chosen[0], outcome
    found = commands.status(session.project, script=session.script)
    moves = [move for one in found for move in one.interrupted]
    is_text = not session.options.json
    if not moves:
        session.print_lines(["No migration is interrupted."] if is_text else [])
        return None, None
    for one in found:
        session.print_lines(report.status_lines(one) if is_text else [])
    if not (chosen or asks):
        raise RecoveryChoiceError(
            f"The {moves[0].name} is interrupted, and there is no terminal to ask what to do",
            hint="Use --continue, --undo or --forget.",
        )
    choice = chosen[0] if chosen else ask_recovery()
    if outcome is None and choice in {"continue", "undo"}:
        for move in moves:
            for step in move.with_outcome("unknown"):
                outcome = ask_unknown(step.text)
    return choice, outcome
