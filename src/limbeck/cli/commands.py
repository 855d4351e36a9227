"""One function per command: options to a request, the outcome to lines on stdout."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from types import MappingProxyType

from limbeck import commands, report

TYPE_CHECKING = False

if TYPE_CHECKING:
    from argparse import Namespace

    from limbeck.cli.progress import Progress
    from limbeck.commands import RecoveryChoice, Script
    from limbeck.lint import LintReport
    from limbeck.project import Config, Project

FACE = "limbeck.compat.script"
PARSED_OPTIONS = "limbeck.compat.parsed_options"
# the exit code of lint where there are errors or warnings; a command that fails has another
_FOUND = 1


class Session:
    """One run of the command line: the configuration, the options, the program's name."""

    def __init__(self, config: Config, options: Namespace, prog: str) -> None:
        self.config = config
        self.options = options
        self.prog = prog

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
        face: Script = importlib.import_module(FACE).ScriptDirectory.from_config(self.config)
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

    def progress(self) -> Progress | None:
        """Return the line of progress that a person watches, None elsewhere."""
        if not self.is_terminal or self.options.quiet or self.options.sql:
            return None
        from limbeck.cli.progress import Progress

        return Progress(sys.stdout)


def _heads(session: Session) -> None:
    options = session.options
    request = commands.HeadsRequest(resolve_dependencies=options.resolve_dependencies)
    if options.fix:
        commands.write_head_file(session.project)
    found = commands.heads(session.project, request)
    if options.json:
        session.say([report.listing_json(found)])
    else:
        session.say(report.heads_lines(found, is_verbose=options.verbose))
    if options.check:
        commands.require_one_head(session.project, found)


def _history(session: Session) -> None:
    options = session.options
    request = commands.HistoryRequest(options.rev_range, indicate_current=options.indicate_current)
    asks = _asks_database(options) or session.project.revision_environment
    script = session.script if asks else None
    found = commands.history(session.project, request, script=script)
    if options.json:
        session.say([report.listing_json(found)])
    elif options.graph:
        session.say(report.graph_lines(found, _strokes()))
    else:
        session.say(report.history_lines(found, is_verbose=options.verbose))


def _asks_database(options: Namespace) -> bool:
    return bool(options.indicate_current or "current" in (options.rev_range or ""))


def _strokes() -> report.Strokes:
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    return report.FINE if encoding.startswith("utf") else report.PLAIN


def _branches(session: Session) -> None:
    found = commands.branches(session.project)
    if session.options.json:
        session.say([report.branches_json(found)])
    else:
        session.say(report.branch_lines(found, is_verbose=session.options.verbose))


def _show(session: Session) -> None:
    request = commands.ShowRequest(session.options.rev)
    script = session.script if request.revision == "current" else None
    found = commands.show(session.project, request, script=script)
    if session.options.json:
        session.say([report.listing_json(found)])
    else:
        session.say(report.show_lines(found))


def _current(session: Session) -> None:
    options = session.options
    places = commands.current(session.project, script=session.script)
    if options.json:
        session.say([report.places_json(places)])
    else:
        for place in places:
            session.say(report.place_lines(place, is_verbose=options.verbose))
    if options.check_heads:
        commands.require_heads(places)


def _move(session: Session, command: Callable[..., commands.MoveResult]) -> None:
    from limbeck.cli.prompts import consenter

    options = session.options
    progress = session.progress()
    request = commands.MoveRequest(
        options.revision,
        sql=options.sql,
        tag=options.tag,
        lock_timeout=options.lock_timeout,
        listener=progress,
        include_missing=getattr(options, "include_missing", False),
        confirmed=options.yes,
        confirm=consenter(),
    )
    with _reporting(progress):
        command(session.project, request, script=session.script)


@contextmanager
def _reporting(progress: Progress | None) -> Iterator[None]:
    from limbeck.runtime import raise_with_report

    try:
        with raise_with_report():
            yield
    finally:
        if progress is not None:
            progress.close()


def _upgrade(session: Session) -> None:
    _move(session, commands.upgrade)


def _downgrade(session: Session) -> None:
    _move(session, commands.downgrade)


def _stamp(session: Session) -> None:
    options = session.options
    progress = session.progress()
    request = commands.StampRequest(
        tuple(options.revisions),
        sql=options.sql,
        tag=options.tag,
        purge=options.purge,
        lock_timeout=options.lock_timeout,
        listener=progress,
    )
    with _reporting(progress):
        commands.stamp(session.project, request, script=session.script)


def _ensure_version(session: Session) -> None:
    commands.ensure_version(session.project, sql=session.options.sql, script=session.script)


def _revision(session: Session) -> None:
    options = session.options
    request = commands.RevisionRequest(
        message=options.message,
        autogenerate=options.autogenerate,
        sql=options.sql,
        head=options.head,
        splice=options.splice,
        branch_label=options.branch_label,
        version_path=options.version_path,
        rev_id=options.rev_id,
        depends_on=tuple(options.depends_on or ()),
        answers=_answers(options),
        offline=options.offline,
        allow_drops=options.allow_drops,
        file_type=options.file_type or "py",
    )
    # a plain new file needs no database, and nothing that would speak with one
    runs_env = options.autogenerate or session.project.revision_environment
    script = session.script if runs_env else None
    new = commands.revision(session.project, request, script=script, notify=session.notify)
    if options.autogenerate and not (options.offline or options.no_verify or options.quiet):
        _verify_new(session, new)


def _verify_new(session: Session, new: commands.NewRevisions) -> None:
    """Verify new revisions and print the result; they are kept whatever it is."""
    from limbeck.cli.verify_worker import command

    if os.environ.get("LIMBECK_VERIFY") == "off":
        return
    found = commands.verify_new(session.project, new.revisions, command())
    if found is not None:
        session.say(report.verification_lines(found))


def _answers(options: Namespace) -> commands.UserAnswers:
    from limbeck.cli.prompts import ask_rename, ask_value, is_somebody_there

    asks = options.autogenerate and is_somebody_there()

    return commands.UserAnswers(
        renames=(
            *(options.rename or ()),
            *(f"{name}=" for name in options.no_rename or ()),
        ),
        policy=options.renames,
        fills=tuple(options.fill or ()),
        casts=tuple(options.using or ()),
        values=tuple(options.replace or ()),
        ask=ask_rename if asks else None,
        ask_value=ask_value if asks else None,
    )


def _merge(session: Session) -> None:
    options = session.options
    request = commands.MergeRequest(
        tuple(options.revisions),
        message=options.message,
        branch_label=options.branch_label,
        rev_id=options.rev_id,
        splice=options.splice,
    )
    commands.merge(session.project, request, script=session.script, notify=session.notify)


def _check(session: Session) -> None:
    checked = commands.check(
        session.project, script=session.script, offline=session.options.offline
    )
    if session.options.json:
        session.say([report.check_json(checked)])
    elif checked.is_empty:
        session.say(report.check_lines(checked))
    commands.require_agreement(checked)


def _verify(session: Session) -> None:
    from limbeck.cli.verify_worker import command

    options = session.options
    request = commands.VerifyRequest(
        options.verified,
        kind=options.scratch,
        scratch_url=options.scratch_url,
        build=options.build,
        rows=options.rows,
        time_limit=options.time_limit,
    )
    found = commands.verify(session.project, request, command())
    if options.json:
        session.say([report.verification_json(found)])
    else:
        session.say(report.verification_lines(found))
    commands.require_verified(found)


def _init(session: Session) -> None:
    options = session.options
    request = commands.InitRequest(
        options.directory,
        options.template,
        package=options.package,
        program=session.prog,
        head_file=options.head_file,
    )
    session.say(report.init_lines(commands.init(session.config, request, notify=session.notify)))


def _lint(session: Session) -> None:
    """Lint, and print the findings.

    Raises:
        SystemExit: there are errors or warnings.
        LintError: options contradict each other.
    """
    from pathlib import Path

    from limbeck.errors import LintError

    options = session.options
    ways = [options.lint_range is not None, options.since is not None, options.pending]
    if sum(ways) > 1:
        raise LintError(
            "Several of a range, --since and --pending were given",
            hint="Name the revisions in one of these ways.",
            code="LB635",
        )
    request = commands.LintRequest(
        revisions=options.lint_range,
        since=options.since,
        pending=options.pending,
        no_server=options.no_server,
        scratch_url=options.scratch_url,
        baseline=None if options.baseline is None else Path(options.baseline),
    )
    found = commands.lint(session.project, request, script=session.script)
    if options.write_baseline is not None:
        from limbeck.lint import baseline_text

        path = Path(options.write_baseline)
        path.write_text(baseline_text(found.findings), "utf-8")
        session.say([f"{len(found.findings)} findings written to {path}"])
        return
    _print_findings(session, found)
    if options.fix:
        for path, number in commands.fix(found):
            session.say(
                [f"{path}: {number} statement{'s' * (number != 1)} replaced; lint it again"]
            )
    if found.has_errors:
        raise SystemExit(_FOUND)


def _print_findings(session: Session, found: LintReport) -> None:
    options = session.options
    chosen = "json" if options.json else options.lint_format
    if chosen == "text":
        session.say(report.lint_text(found, is_verbose=options.verbose))
        return
    if chosen == "github":
        text = "\n".join(report.lint_github(found))
    elif chosen == "json":
        text = report.lint_json(found)
    elif chosen == "sarif":
        text = report.lint_sarif(found)
    else:
        text = report.lint_junit(found)
    session.config.stdout.write(f"{text}\n")


def _list_templates(session: Session) -> None:
    found = commands.list_templates(session.config)
    if session.options.json:
        session.say([report.templates_json(found)])
    else:
        session.say(report.template_lines(found, session.prog))


def _edit(session: Session) -> None:
    request = commands.ShowRequest(session.options.rev)
    commands.edit(
        session.project, request, script=session.script if request.revision == "current" else None
    )


def _status(session: Session) -> None:
    found = commands.status(session.project, script=session.script)
    if session.options.json:
        session.say([report.status_json(found)])
        return
    for one in found:
        session.say(report.status_lines(one))


def _recover(session: Session) -> None:
    options = session.options
    choices: dict[RecoveryChoice, bool] = {
        "continue": options.resume,
        "undo": options.undo,
        "forget": options.forget,
    }
    chosen = [name for name, is_given in choices.items() if is_given]
    choice, unknown = _recovery_choice(session, chosen, options.unknown)
    if choice is None:
        return
    progress = session.progress() if choice == "continue" else None
    request = commands.RecoverRequest(
        choice, unknown, lock_timeout=options.lock_timeout, listener=progress
    )
    with _reporting(progress):
        result = commands.recover(session.project, request, script=session.script)
    session.say(report.recovered_lines(result, choice))
    commands.require_undone(result)


def _recovery_choice(
    session: Session, chosen: list[RecoveryChoice], unknown: str | None
) -> tuple[RecoveryChoice | None, str | None]:
    """Return what becomes of interrupted migrations, and of statements with unknown outcome.

    Raises:
        RecoveryChoiceError: nobody has chosen, or chosen several things.
    """
    from limbeck.cli.prompts import ask_recovery, ask_unknown, is_somebody_there
    from limbeck.errors import RecoveryChoiceError

    if len(chosen) > 1:
        raise RecoveryChoiceError(
            f"--{chosen[0]} and --{chosen[1]} exclude each other", hint="Give one of them."
        )
    outcome = unknown.replace("-", " ") if unknown else None
    asks = is_somebody_there()
    if chosen and not asks:
        return chosen[0], outcome
    found = commands.status(session.project, script=session.script)
    moves = [move for one in found for move in one.interrupted]
    if not moves:
        session.say(["No migration is interrupted."])
        return None, None
    for one in found:
        session.say(report.status_lines(one))
    if not (chosen or asks):
        raise RecoveryChoiceError(
            f"The {moves[0].name} is interrupted, and there is no terminal to ask what to do",
            hint="Give --continue, --undo or --forget.",
        )
    choice = chosen[0] if chosen else ask_recovery()
    if outcome is None and choice in {"continue", "undo"}:
        for move in moves:
            for step in move.with_outcome("unknown"):
                outcome = ask_unknown(step.text)
    return choice, outcome


def _rebase(session: Session) -> None:
    request = commands.RebaseRequest(session.options.mine, session.options.onto)
    done = commands.rebase(session.project, request, script=session.script)
    session.say(report.rebase_lines(done))


def _restore(session: Session) -> None:
    request = commands.RestoreRequest(tuple(session.options.restored), session.options.accept)
    commands.restore(session.project, request, script=session.script, notify=session.notify)


def _completion(session: Session) -> None:
    from limbeck.cli.completion import completion_script

    sys.stdout.write(completion_script(session.options.shell, session.prog))


def _fleet(session: Session) -> int:
    from limbeck.cli.fleet_commands import run_fleet

    return run_fleet(session.config, session.options)


# what returns a number has an exit code of its own
VERBS: Mapping[str, Callable[[Session], int | None]] = MappingProxyType(
    {
        "branches": _branches,
        "check": _check,
        "completion": _completion,
        "current": _current,
        "downgrade": _downgrade,
        "edit": _edit,
        "ensure_version": _ensure_version,
        "fleet": _fleet,
        "heads": _heads,
        "history": _history,
        "init": _init,
        "lint": _lint,
        "list_templates": _list_templates,
        "merge": _merge,
        "recover": _recover,
        "rebase": _rebase,
        "restore": _restore,
        "revision": _revision,
        "show": _show,
        "stamp": _stamp,
        "status": _status,
        "upgrade": _upgrade,
        "verify": _verify,
    }
)
