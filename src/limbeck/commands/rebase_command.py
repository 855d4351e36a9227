"""`rebase`: move revisions after another head, so that there is one head."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from limbeck.commands.drift import applied_sources
from limbeck.commands.git_files import run_git
from limbeck.commands.run_env import Script, run_env
from limbeck.errors import LimbeckError, LintError, RebaseError
from limbeck.history import History, Revision
from limbeck.project import Project, replace_parents, update_head_file

_log = logging.getLogger("alembic.runtime.migration")


@dataclass(frozen=True, slots=True)
class RebaseRequest:
    """The head to move, and its new parent.

    Attributes:
        mine: the head to move, with the revisions below it that only it has; None for the head
            whose file is new in the working tree of git.
        onto: the revision to move it after; None for the other head.
    """

    mine: str | None = None
    onto: str | None = None


@dataclass(frozen=True, slots=True)
class RebaseResult:
    """The result of a rebase.

    Attributes:
        revision: the first moved revision, whose parent was changed.
        before: its former parent.
        after: its new parent.
        moved: the identifiers of the moved revisions, oldest first.
    """

    revision: Revision
    before: str
    after: str
    moved: tuple[str, ...]


def rebase(
    project: Project, request: RebaseRequest, *, script: Script | None = None
) -> RebaseResult:
    """Change `down_revision` of the first revision that only one head has.

    Raises:
        RebaseError: the revisions to move are ambiguous, or already applied.
        BrokenFileError: the parent cannot be changed in the file.
    """
    history = project.history()
    mine = _mine(history, request)
    onto = _onto(history, request, mine)
    moved = history.ancestors([mine], dependencies=False) - history.ancestors(
        [onto], dependencies=False
    )
    first, parent = _first(history, moved, mine, onto)
    _refuse_applied(project, moved, script, parent=parent)
    written = next(one for one in project.headers() if one.file == first.file)
    replaced = {} if history.replacements is None else history.replacements.owner
    names = {id_: onto for id_ in written.down if replaced.get(id_, id_) == parent}
    replace_parents(written, names)
    project.refresh()
    update_head_file(project, project.history().heads)
    ordered = tuple(one.id for one in reversed(history.newest_first(moved)))
    return RebaseResult(project.history().get(first.id), parent, onto, ordered)


def _one(history: History, symbol: str) -> str:
    found = history.one(symbol)
    if found is None:
        raise RebaseError("base cannot be rebased", hint="Name a revision.")
    return found.id


def _mine(history: History, request: RebaseRequest) -> str:
    if request.mine is not None:
        return _one(history, request.mine)
    onto = None if request.onto is None else _one(history, request.onto)
    heads = history.in_file_order(history.heads - {onto})
    if len(heads) == 1 and onto is not None:
        return heads[0]
    new = [id_ for id_ in heads if _is_new_in_git(history.get(id_))]
    if len(history.heads) > 1 and len(new) == 1:
        return new[0]
    if len(history.heads) < 2:  # noqa: PLR2004 - one head has nothing to follow
        raise RebaseError(
            "There is only one head: there is nothing to rebase",
            hint="`rebase REVISION --onto OTHER` moves another revision.",
        )
    raise RebaseError(
        f"The head to move is ambiguous: {', '.join(heads)}",
        hint=f"Name it and its new parent: `rebase {heads[0]} --onto {heads[-1]}`.",
    )


def _onto(history: History, request: RebaseRequest, mine: str) -> str:
    if request.onto is not None:
        return _one(history, request.onto)
    others = history.in_file_order(history.heads - history.descendants([mine], dependencies=False))
    if len(others) == 1:
        return others[0]
    if not others:
        raise RebaseError(
            f"There is no other head to move {mine} after",
            hint="Name a revision with --onto.",
        )
    raise RebaseError(
        f"The new parent of {mine} is ambiguous: {', '.join(others)}",
        hint="Name one of them with --onto.",
    )


def _first(history: History, moved: Collection[str], mine: str, onto: str) -> tuple[Revision, str]:
    """Return the first revision to move, and its current parent."""
    if not moved:
        raise RebaseError(
            f"{mine} is already an ancestor of {onto}",
            hint="Exchange the two, or name another revision.",
        )
    if mine in history.ancestors([onto]) or onto in moved:
        raise RebaseError(
            f"{mine} cannot follow {onto}, which depends on it", hint="Name other revisions."
        )
    starts = [
        (id_, parent)
        for id_ in moved
        for parent in (history.parents(id_) or ("",))
        if parent not in moved
    ]
    if len(starts) > 1:
        names = ", ".join(sorted({id_ for id_, _ in starts}))
        raise RebaseError(
            f"The branch of {mine} has several first revisions ({names}), because it has a merge",
            hint="Use `merge heads`, or change `down_revision` by hand.",
        )
    first, parent = starts[0]
    if parent == onto:
        raise RebaseError(f"{first} already follows {onto}", hint="Nothing was changed.")
    if not parent:
        raise RebaseError(
            f"{first} has no down revision: it starts a separate branch",
            hint="Use `merge heads`, or change `down_revision` by hand.",
        )
    depended = [id_ for id_ in moved if id_ in history.ancestors([onto])]
    if depended:
        raise RebaseError(
            f"{onto} depends on {', '.join(sorted(depended))}", hint="Use `merge heads`."
        )
    return history.get(first), parent


def _is_new_in_git(revision: Revision) -> bool:
    """Return whether the file is in no commit, neither of this branch nor of one being merged.

    Without git it is False.
    """
    path = revision.path
    if path is None:
        return False
    try:
        status = run_git(path.parent, "status", "--porcelain", "--", path.name)
        if status is None or status[:2] not in {b"??", b"A ", b"AM"}:
            return False
        return run_git(path.parent, "cat-file", "-e", f"MERGE_HEAD:./{path.name}") is None
    except LintError:
        return False


def _refuse_applied(
    project: Project, moved: Collection[str], script: Script | None, *, parent: str
) -> None:
    """Raise an error if one of the revisions is applied to a reachable database.

    Raises:
        RebaseError: a revision is applied.
    """
    history = project.history()
    applied: set[str] = set()

    def job(rows: tuple[str, ...], context: Any) -> list[Any]:
        here, at = history.placed(rows)
        known = [one.id for row in at if row in here for one in here.resolve(row)]
        applied.update(here.ancestors(known))
        applied.update(applied_sources(context))
        return []

    try:
        run_env(project, job, script=script, dont_mutate=True)
    except Exception as error:  # noqa: BLE001 - env.py and drivers raise anything
        words = error.message if isinstance(error, LimbeckError) else type(error).__name__
        _log.warning("Could not check whether the revisions are applied to a database: %s", words)
        return
    found = sorted(applied.intersection(moved))
    if found:
        raise RebaseError(
            f"Already applied to the database: {', '.join(found)}",
            hint=f"Nothing was changed. Run `downgrade {parent}` on that database first, or use "
            "`merge heads`.",
        )
