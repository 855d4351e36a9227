"""`revision`: a new revision file, filled from the models where that is asked for."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from limbeck.commands.answering import Told, answers
from limbeck.commands.run_env import Script, visit
from limbeck.errors import DraftError, ProjectError
from limbeck.history import Revision, SeveralHeads
from limbeck.project import Project, new_identifier, place, write

if TYPE_CHECKING:
    from limbeck.autogenerate import Replayed, RevisionDrafts
    from limbeck.operations import MigrationScript

Notify = Callable[[str, object], Any]


@dataclass(frozen=True, slots=True)
class RevisionRequest:
    """The new file.

    Attributes:
        message: what it is about.
        autogenerate: fill it with the difference between models and database.
        sql: run env.py in offline mode.
        head: its parent.
        splice: the parent need not be a head.
        branch_label: the label it gets.
        version_path: the folder it goes to.
        rev_id: its identifier.
        depends_on: what it needs besides.
        told: answers to what the comparison cannot see.
        allow_drops: dropping most of the database's tables is meant.
        offline: compare the models with the replayed history, not with a database.
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
    told: Told = field(default_factory=Told)
    allow_drops: bool = False
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """The revisions that were written, in order; a hook may have decided on none."""

    revisions: tuple[Revision, ...]


def revision(
    project: Project,
    ask: RevisionRequest,
    *,
    script: Script | None = None,
    notify: Notify | None = None,
    hook: Callable[..., Any] | None = None,
) -> Written:
    """Write a revision file.

    Args:
        project: where it belongs.
        ask: what it is to be.
        script: what env.py sees as `context.script`.
        notify: told of each file before it is written.
        hook: a `process_revision_directives` function besides that of env.py.

    Raises:
        ProjectError: `sql` and `autogenerate` exclude each other.
        DraftError: the database is not at the newest revision.
    """
    if ask.sql and ask.autogenerate:
        raise ProjectError(
            "Using --sql with --autogenerate does not make any sense: comparing reads the database",
            hint="leave one of them out",
        )
    if ask.offline and not ask.autogenerate:
        raise ProjectError(
            "--offline says how to compare, and nothing is compared",
            hint="add --autogenerate, or leave it out",
        )
    if not (ask.autogenerate or project.revision_environment or hook):
        if ask.sql:
            raise ProjectError(
                "--sql changes nothing here: `revision` runs no env.py in this project",
                hint="leave it out, or set revision_environment = true",
            )
        return Written((_plain(project, ask, notify),))
    drafts = _drafted(project, ask, script, hook, _planned_id(project, ask))
    return Written(tuple(_draft(project, drafts, one, notify) for one in drafts.scripts))


def _placement(project: Project, ask: RevisionRequest) -> Any:
    return place(
        project,
        ask.message,
        revision_id=ask.rev_id,
        head=ask.head,
        splice=ask.splice,
        labels=ask.branch_label,
        version_path=ask.version_path,
        depends_on=ask.depends_on,
    )


def _planned_id(project: Project, ask: RevisionRequest) -> str:
    # a place that does not exist is told before a database is asked; a hook may choose among
    # several heads
    try:
        planned: str = _placement(project, ask).revision.id
    except SeveralHeads:
        return ""
    return planned


def _plain(project: Project, ask: RevisionRequest, notify: Notify | None) -> Revision:
    return write(project, _placement(project, ask), notify=notify)


def _drafted(
    project: Project,
    ask: RevisionRequest,
    script: Script | None,
    hook: Callable[..., Any] | None,
    id_: str,
) -> RevisionDrafts:
    from limbeck.autogenerate import RevisionDrafts
    from limbeck.commands.data_loss_policy import foretell
    from limbeck.operations import DowngradeOps, MigrationScript, UpgradeOps

    first = MigrationScript(
        ask.rev_id or id_ or new_identifier(),
        UpgradeOps([]),
        DowngradeOps([]),
        message=ask.message,
        head=ask.head or "head",  # type: ignore[arg-type] # a merge has several
        splice=ask.splice,
        branch_label=ask.branch_label,
        version_path=ask.version_path,
        depends_on=ask.depends_on or None,
    )
    drafts = RevisionDrafts(first, hook, {"config": project.config})
    run_drafts(
        project,
        drafts,
        compare=ask.autogenerate,
        sql=ask.sql,
        offline=ask.offline,
        script=script,
        told=ask.told,
        foresee=lambda operations, context: foretell(
            project, operations, context, drops=ask.allow_drops
        ),
    )
    return drafts


def run_drafts(
    project: Project,
    drafts: RevisionDrafts,
    *,
    compare: bool,
    sql: bool = False,
    offline: bool = False,
    script: Script | None = None,
    told: Told | None = None,
    foresee: Callable[[list[Any], Any], None] | None = None,
) -> None:
    """Fill drafts by executing env.py, once for each of its databases.

    Args:
        project: what they are for.
        drafts: what is filled.
        compare: compare models and database.
        sql: run env.py in offline mode.
        offline: compare with the replayed history; env.py is run in its offline mode.
        script: what env.py sees as `context.script`.
        told: answers to what the comparison cannot see.
        foresee: called with each database's way up, before a file is written.
    """

    def job(rows: tuple[str, ...], context: Any) -> list[Any]:
        if compare:
            if not offline:
                require_newest(project, rows)
            if project.detect == "alembic":
                _import_models(project)
        known = answers(project, told or Told()) if compare else None
        replayed = _replayed(project, context) if offline else None
        drafts.run(context, rows, compare=compare, answers=known, replayed=replayed)
        if compare and foresee is not None:
            for draft in drafts.scripts:
                foresee(draft.upgrade_ops_list[-1].ops, context)
        return []

    visit(
        project,
        job,
        script=script,
        as_sql=sql or offline,
        output_buffer=io.StringIO() if offline else None,
        template_args=drafts.arguments,
        revision_context=drafts,
    )


def _replayed(project: Project, context: Any) -> Replayed:
    from limbeck.autogenerate import replay

    return replay(project, context)


_IMPORTED = re.compile(r"^[ \t]*(?:from|import)[ \t]+([^\W.]+)", re.MULTILINE)
_LIGHT = frozenset({"alembic", "limbeck", "sqlalchemy"})


def _import_models(project: Project) -> None:
    """Load the revision files that import code of the project.

    Some projects rely on it without knowing: their env.py names a MetaData that only the
    imports of revision files fill. Without this their tables would be proposed for dropping.
    """
    for revision in project.history():
        if revision.path is None or revision.path.suffix != ".py":
            continue
        roots = set(_IMPORTED.findall(revision.path.read_text("utf-8", errors="replace")))
        if roots - _LIGHT - sys.stdlib_module_names:
            project.program(revision)


def require_newest(project: Project, rows: tuple[str, ...]) -> None:
    """Refuse when the database is not at every head.

    Raises:
        DraftError: it is not.
    """
    history = project.history()
    at = [one.id for row in rows for one in history.resolve(row)]
    if not history.heads <= history.ancestors(at):
        raise DraftError(
            "Target database is not up to date.",
            hint="run `upgrade head` first: models are compared with a database at the newest "
            "revision",
            code="LB405",
        )


def _draft(
    project: Project, drafts: RevisionDrafts, script: MigrationScript, notify: Notify | None
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
    )
    return write(project, placement, drafts.template_args(script), notify)
