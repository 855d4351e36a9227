"""`revision`: write a new revision file, with `--autogenerate` from the models."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limbeck.errors import (
    DraftError,
    InvalidValueError,
    ProjectError,
    UnusedAnswerError,
)
from limbeck.history import MultipleHeadsError, Revision
from limbeck.project import (
    Project,
    new_identifier,
    place,
    read_answers,
    write,
    yes_or_no,
)

if TYPE_CHECKING:
    from limbeck.autogenerate import Answers, RevisionDrafts
    from limbeck.commands.run_env import Script
    from limbeck.operations import MigrationScript

Notify = Callable[[str, object], Any]


@dataclass(frozen=True, slots=True)
class UserAnswers:
    """Answers of the command line or of a program.

    Attributes:
        renames: `old=new` for tables, columns and enum values.
        policy: how to handle likely renames; None for the project's setting.
        fills: `table.column=sql` for existing rows.
        casts: `table.column=sql` for changes of type.
        values: `enum.value=other` for dropped values.
        ask: a function that asks the user about a rename guess.
        ask_value: a function that asks the user for a value, with a `ValueQuestion`.
    """

    renames: tuple[str, ...] = ()
    policy: str | None = None
    fills: tuple[str, ...] = ()
    casts: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    ask: Callable[[Any], bool] | None = None
    ask_value: Callable[[Any], str | None] | None = None


@dataclass(frozen=True, slots=True)
class RevisionRequest:
    """The new revision, and the options.

    Attributes:
        message: its message.
        autogenerate: write the differences between models and database.
        sql: run env.py in offline mode.
        head: its down revision.
        splice: allow a down revision that is not a head.
        branch_label: its branch label.
        version_path: its folder.
        rev_id: its identifier.
        depends_on: its dependencies.
        answers: answers about renames and existing rows.
        allow_drops: allow dropping most tables of the database.
        offline: compare the models with the replayed history, not with a database.
        file_type: `py`, or `sql` for a file of SQL statements.
        kind: `data` for a migration that only changes rows.
        phase: `before` or `after` a release.
        skip_empty: write no file without differences, in projects with `detect = all`.
        overwrite: the file that the new one replaces.
    """

    message: str | None = None
    autogenerate: bool = False
    sql: bool = False
    head: str | tuple[str, ...] | None = None
    splice: bool = False
    branch_label: str | tuple[str, ...] | None = None
    version_path: str | None = None
    rev_id: str | None = None
    depends_on: tuple[str, ...] = ()
    answers: UserAnswers = field(default_factory=UserAnswers)
    allow_drops: bool = False
    offline: bool = False
    file_type: str = "py"
    kind: str | None = None
    phase: str | None = None
    skip_empty: bool = False
    overwrite: Path | None = None


@dataclass(frozen=True, slots=True)
class NewRevisions:
    """The revisions that were written, in order; a hook may have removed all.

    Attributes:
        revisions: the revisions.
        nothing_differs: whether nothing was written because there are no differences.
    """

    revisions: tuple[Revision, ...]
    nothing_differs: bool = False


def revision(
    project: Project,
    request: RevisionRequest,
    *,
    script: Script | None = None,
    notify: Notify | None = None,
    hook: Callable[..., Any] | None = None,
) -> NewRevisions:
    """Write a revision file.

    Args:
        project: the project.
        request: the new revision.
        script: the `context.script` of env.py.
        notify: a function called before each file is written.
        hook: a `process_revision_directives` function in addition to that of env.py.

    Raises:
        ProjectError: `sql` and `autogenerate` exclude each other.
        DraftError: the database is not at the heads.
    """
    if request.sql and request.autogenerate:
        raise ProjectError(
            "Using --sql with --autogenerate does not make any sense: comparing reads the database",
            hint="Omit one of them.",
        )
    if request.offline and not request.autogenerate:
        raise ProjectError(
            "--offline has no effect without --autogenerate",
            hint="Add --autogenerate, or omit --offline.",
        )
    if request.file_type == "sql" and request.autogenerate:
        raise ProjectError(
            "--autogenerate writes Python: --file-type sql is for revisions written by hand",
            hint="Omit one of them.",
        )
    runs_env = request.autogenerate or project.revision_environment or hook is not None
    if request.file_type == "sql" or not runs_env:
        if request.sql:
            raise ProjectError(
                "--sql has no effect: `revision` does not run env.py in this project",
                hint="Omit it, or set revision_environment = true.",
            )
        return NewRevisions((_plain(project, request, notify),))
    drafts = _drafted(project, request, script, hook)
    if request.skip_empty and project.detect == "all" and all(map(_is_nothing, drafts.scripts)):
        return NewRevisions((), nothing_differs=True)
    phases = _phases(project, request, drafts)
    written = tuple(
        _draft(project, drafts, one, request, notify, phase)
        for one, phase in zip(drafts.scripts, phases, strict=True)
    )
    if request.autogenerate and len(written) == 1:
        from limbeck.project import remember_draft

        remember_draft(written[0], drafts.scripts[0].message)
    return NewRevisions(written)


def _phases(project: Project, request: RevisionRequest, drafts: RevisionDrafts) -> list[str | None]:
    """Return the phase of each script; the setting `safe` may divide a draft into two.

    A draft that a hook of env.py has divided, or that replaces a file, is not divided.
    """
    from limbeck.autogenerate import divide, is_late

    is_safe = request.autogenerate and yes_or_no(project.option("safe") or False, "safe")
    if not is_safe or request.phase or request.overwrite or len(drafts.scripts) != 1:
        return [request.phase] * len(drafts.scripts)
    if is_late(drafts.scripts[0]):
        return ["after"]
    drafts.scripts[:] = divide(drafts.scripts[0], new_identifier())
    return [None] if len(drafts.scripts) == 1 else ["before", "after"]


def _is_nothing(script: MigrationScript) -> bool:
    containers = [*script.upgrade_ops_list, *script.downgrade_ops_list]
    return not any(container.ops for container in containers)


def _placement(project: Project, request: RevisionRequest) -> Any:
    return place(
        project,
        request.message,
        revision_id=request.rev_id,
        head=request.head,
        splice=request.splice,
        labels=request.branch_label,
        version_path=request.version_path,
        depends_on=request.depends_on,
        suffix=f".{request.file_type}",
        kind=request.kind,
        phase=request.phase,
    )


def _plain(project: Project, request: RevisionRequest, notify: Notify | None) -> Revision:
    return write(project, _placement(project, request), notify=notify)


def _drafted(
    project: Project,
    request: RevisionRequest,
    script: Script | None,
    hook: Callable[..., Any] | None,
) -> RevisionDrafts:
    from limbeck.autogenerate import RevisionDrafts
    from limbeck.data_loss import warn_about_draft
    from limbeck.operations import DowngradeOps, MigrationScript, UpgradeOps

    # An invalid down revision is reported before connecting to a database. A hook may choose among
    # several heads.
    id_ = request.rev_id
    with suppress(MultipleHeadsError):
        id_ = _placement(project, request).revision.id
    first = MigrationScript(
        id_ or new_identifier(),
        UpgradeOps([]),
        DowngradeOps([]),
        message=request.message,
        head=request.head or "head",  # type: ignore[arg-type] # a merge has several
        splice=request.splice,
        branch_label=request.branch_label,
        version_path=request.version_path,
        depends_on=request.depends_on or None,
    )
    drafts = RevisionDrafts(first, hook, {"config": project.config})
    run_drafts(
        project,
        drafts,
        compare=request.autogenerate,
        sql=request.sql,
        offline=request.offline,
        script=script,
        given=request.answers,
        foresee=partial(warn_about_draft, project, drops=request.allow_drops),
    )
    return drafts


def run_drafts(
    project: Project,
    drafts: RevisionDrafts,
    *,
    compare: bool,
    sql: bool = False,
    offline: bool = False,
    read_only: bool = False,
    script: Script | None = None,
    given: UserAnswers | None = None,
    foresee: Callable[[list[Any], Any], None] | None = None,
) -> None:
    """Fill drafts by executing env.py, which does so once for each database.

    Args:
        project: the project.
        drafts: the drafts to fill.
        compare: compare models and database.
        sql: run env.py in offline mode.
        offline: compare with the replayed history; env.py runs in offline mode.
        read_only: do not create the version table and do not take the lock.
        script: the `context.script` of env.py.
        given: answers about renames and existing rows.
        foresee: a function called with the upgrade operations of each database, before a file is
            written.
    """
    # most new revisions are written without env.py
    from limbeck.commands.run_env import run_env

    answered: list[Answers] = []

    def retrieve_migrations(rows: tuple[str, ...], context: Any) -> list[Any]:
        if compare:
            if not offline:
                require_newest(project, rows)
            if project.detect == "alembic":
                _import_models(project)
        known = _collect_answers(project, given) if compare else None
        answered.extend([] if known is None else [known])
        replayed = None
        if offline:
            from limbeck.autogenerate import replay

            replayed = replay(project, context)
        drafts.run(context, rows, compare=compare, answers=known, replayed=replayed)
        if compare and foresee is not None:
            for draft in drafts.scripts:
                foresee(draft.upgrade_ops_list[-1].ops, context)
        if known is not None and known.unresolved:
            known.require_answered()
        return []

    run_env(
        project,
        retrieve_migrations,
        script=script,
        as_sql=sql or offline,
        dont_mutate=read_only,
        output_buffer=io.StringIO() if offline else None,
        template_args=drafts.arguments,
        revision_context=drafts,
    )
    if given is not None:
        _require_used(given, answered)


def _require_used(given: UserAnswers, answered: list[Answers]) -> None:
    """Raise an error for answers of the command line that no draft has used.

    Raises:
        UnusedAnswerError: an answer was not used.
    """
    for option, words in (
        ("fill", given.fills), ("using", given.casts), ("replace", given.values)
    ):  # fmt: skip
        used, offered = set[str](), set[str]()
        for one in answered:
            used.update(one.used.get(option, ()))
            offered.update(one.offered.get(option, ()))
        for name in _pairs(words, f"--{option}"):
            if name in used:
                continue
            from difflib import get_close_matches

            known = sorted(offered)
            near = get_close_matches(name, known, cutoff=0.5) or known[:5]
            raise UnusedAnswerError(
                f"--{option} {name} does not match a change of this draft: nothing was written",
                hint=f"did you mean {' or '.join(near)}?"
                if near
                else f"Omit it: no change of this draft uses --{option}.",
            )


def _import_models(project: Project) -> None:
    """Load the revision files that import modules of the project.

    In some projects, only imports in revision files register tables in the MetaData of env.py.
    Without these imports, autogenerate would drop the tables.
    """
    from limbeck.project import load_programs

    load_programs(project, [one for one in project.history() if one.registers])


def require_newest(project: Project, rows: tuple[str, ...]) -> None:
    """Raise an error if the database is not at every head.

    Raises:
        DraftError: the database is not at every head.
    """
    history, rows = project.history().placed(rows)
    at = [one.id for row in rows for one in history.resolve(row)]
    if not history.heads <= history.ancestors(at):
        raise DraftError(
            "Target database is not up to date.",
            hint="Run `upgrade head` first: models are compared with a database at the head.",
            code="LB405",
        )


def _draft(
    project: Project,
    drafts: RevisionDrafts,
    script: MigrationScript,
    request: RevisionRequest,
    notify: Notify | None,
    phase: str | None,
) -> Revision:
    placement = place(
        project,
        script.message,
        revision_id=script.rev_id,
        head=script.head,
        splice=bool(script.splice),
        labels=script.branch_label,
        version_path=script.version_path,
        depends_on=script.depends_on,
        kind=request.kind,
        phase=phase,
    )
    return write(
        project, placement, drafts.template_args(script), notify, overwrite=request.overwrite
    )


def _collect_answers(project: Project, given: UserAnswers | None) -> Answers:
    """Join the given answers with the project's settings and its answers file.

    Args:
        project: the project.
        given: the answers; None for a check that writes nothing and needs no answers.

    Raises:
        InvalidValueError: the policy or an answer is invalid.
    """
    from limbeck.autogenerate import POLICIES, Answers

    default = "ask" if project.detect == "all" else "never"
    policy = (given and given.policy) or project.option("renames") or default
    if policy not in POLICIES:
        raise InvalidValueError(
            f"renames is {policy!r}", hint=f"Write one of {', '.join(POLICIES)}."
        )
    noted = _noted(project)
    is_check = given is None
    if given is None:
        given, policy = UserAnswers(), policy if policy == "error" else "never"
    return Answers(
        renames=given.renames,
        recorded_renames=tuple(f"{old}={new}" for old, new in noted.get("renames", {}).items()),
        policy=policy,
        ask=given.ask,
        ask_value=given.ask_value,
        may_query_data=not is_check,
        backfills={**noted.get("fill", {}), **_pairs(given.fills, "--fill")},
        casts={**noted.get("using", {}), **_pairs(given.casts, "--using")},
        values={**noted.get("replace", {}), **_pairs(given.values, "--replace")},
    )


def _noted(project: Project) -> Mapping[str, Mapping[str, str]]:
    given = project.option("answers")
    if given is not None:
        return read_answers(_found(project, Path(str(given))))
    usual = project.location / "answers.toml"
    return read_answers(usual) if usual.is_file() else {}


def _found(project: Project, path: Path) -> Path:
    """Search the folder of the configuration for a path that is not in the current folder."""
    config = project.config
    if path.exists() or config is None:
        return path
    names = (config.config_file_name, config.toml_file_name)
    candidates = (Path(name).parent / path for name in names if name is not None)
    return next((each for each in candidates if each.exists()), path)


def _pairs(words: Iterable[str], option: str) -> dict[str, str]:
    found = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or "." not in name:
            raise InvalidValueError(
                f"{option} {word!r} is not valid", hint=f"Write {option} TABLE.COLUMN=VALUE."
            )
        found[name] = value
    return found
