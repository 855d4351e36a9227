"""`rebase`: put revisions of one's own behind those of others, so that there is one head."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from limbeck.commands.drift import applied_sources
from limbeck.commands.run_env import Script, run_env
from limbeck.errors import LimbeckError, RebaseError
from limbeck.history import History, Revision
from limbeck.project import Project, replace_parents, update_head_file

_log = logging.getLogger("alembic.runtime.migration")


@dataclass(frozen=True, slots=True)
class RebaseRequest:
    """What to move, and where.

    Attributes:
        mine: the head to move, with what lies below it; None for the head whose file is new
            in the working tree of git.
        onto: the revision it shall follow; None for the other head.
    """

    mine: str | None = None
    onto: str | None = None


@dataclass(frozen=True, slots=True)
class RebaseResult:
    """What was changed.

    Attributes:
        revision: the first revision of the moved line, whose parent was changed.
        before: its parent before.
        after: its parent now.
        moved: the identifiers of the moved line, oldest first.
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
        RebaseError: it is not clear what to move, or the database has already run it.
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
            "There is only one head: nothing has to be rebased",
            hint="`rebase REVISION --onto OTHER` moves a revision that you name.",
        )
    raise RebaseError(
        f"It is not clear which of the heads {', '.join(heads)} is to be moved",
        hint=f"Name it, and what it shall follow: `rebase {heads[0]} --onto {heads[-1]}`.",
    )


def _onto(history: History, request: RebaseRequest, mine: str) -> str:
    if request.onto is not None:
        return _one(history, request.onto)
    others = history.in_file_order(history.heads - history.descendants([mine], dependencies=False))
    if len(others) == 1:
        return others[0]
    if not others:
        raise RebaseError(
            f"There is no other head that {mine} could follow",
            hint="Name the revision with --onto.",
        )
    raise RebaseError(
        f"{mine} could follow {', '.join(others)}", hint="Name one of them with --onto."
    )


def _first(history: History, moved: Collection[str], mine: str, onto: str) -> tuple[Revision, str]:
    """Return the first revision of the moved line, and the parent that it has now."""
    if not moved:
        raise RebaseError(
            f"{onto} already contains {mine}", hint="Exchange the two, or name another revision."
        )
    if mine in history.ancestors([onto]) or onto in moved:
        raise RebaseError(f"{mine} cannot follow {onto}, which builds on it", hint="Name others.")
    starts = [
        (id_, parent)
        for id_ in moved
        for parent in (history.parents(id_) or ("",))
        if parent not in moved
    ]
    if len(starts) > 1:
        names = ", ".join(sorted({id_ for id_, _ in starts}))
        raise RebaseError(
            f"The line of {mine} starts at several places ({names}), because of a merge in it",
            hint="Use `merge heads`, or change `down_revision` by hand.",
        )
    first, parent = starts[0]
    if parent == onto:
        raise RebaseError(f"{first} follows {onto} already", hint="Nothing has to be changed.")
    if not parent:
        raise RebaseError(
            f"{first} follows no revision: it is the first one of a line of its own",
            hint="Use `merge heads`, or change `down_revision` by hand.",
        )
    depended = [id_ for id_ in moved if id_ in history.ancestors([onto])]
    if depended:
        raise RebaseError(
            f"{onto} depends on {', '.join(sorted(depended))}", hint="Use `merge heads`."
        )
    return history.get(first), parent


def _is_new_in_git(revision: Revision) -> bool:
    """Return whether git lists the file as not yet committed; False without git."""
    path = revision.path
    if path is None:
        return False
    try:
        done = subprocess.run(  # noqa: S603 - the arguments are a list
            ["git", "status", "--porcelain", "--", path.name],  # noqa: S607 - the user's own git
            cwd=path.parent,
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and done.stdout[:2] in {"??", "A ", "AM"}


def _refuse_applied(
    project: Project, moved: Collection[str], script: Script | None, *, parent: str
) -> None:
    """Raise if a database that can be asked has run one of the revisions.

    Raises:
        RebaseError: it has.
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
        _log.warning(
            "No database could be asked whether the revisions are applied there: %s", words
        )
        return
    found = sorted(applied.intersection(moved))
    if found:
        raise RebaseError(
            f"The database has already run {', '.join(found)}",
            hint=f"Nothing was changed. Run `downgrade {parent}` on that database first, or use "
            "`merge heads`.",
        )
