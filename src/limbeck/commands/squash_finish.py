"""`squash --finish`: remove the files of replaced revisions."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limbeck.commands.run_env import PreparedMove, Script, run_env
from limbeck.errors import HistoryError, LimbeckError, SquashError
from limbeck.history import History, Revision
from limbeck.project import Project, replace_parents, write_setting
from limbeck.sql import mask_secrets

_log = logging.getLogger("alembic.runtime.migration")
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class DatabaseRows:
    """The version rows of a database.

    Attributes:
        name: its URL without the password, or the tenant.
        rows: its version rows; None if they could not be read.
        reason: why they could not be read.
    """

    name: str
    rows: tuple[str, ...] | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FinishResult:
    """The result of `squash --finish`.

    Attributes:
        removed: the removed files.
        changed: the revisions whose headers referred to a replaced one and were changed.
        databases: the databases that were checked.
    """

    removed: tuple[Path, ...]
    changed: tuple[str, ...]
    databases: tuple[str, ...]


def finish_squash(
    project: Project,
    *,
    script: Script | None = None,
    others: Iterable[DatabaseRows] = (),
) -> FinishResult:
    """Remove the files of replaced revisions, unless a database needs them.

    Args:
        project: the project.
        script: the `context.script` of env.py.
        others: the databases of a fleet.

    Raises:
        SquashError: there is nothing to remove, or a database still needs the files.
    """
    history = project.history()
    known = history.replacements
    if known is None or not known.files:
        raise SquashError(
            "There are no files of replaced revisions",
            hint="`squash START:END` writes a revision that replaces others.",
        )
    databases = [*_configured(project, script), *others]
    inside = [f"{one.name} (at {', '.join(one.rows or ())})" for one in databases
              if one.rows is not None and _is_inside(history, one.rows)]  # fmt: skip
    unknown = [one for one in databases if one.rows is None]
    for one in unknown:
        _log.warning("The version of %s could not be read: %s", one.name, one.reason)
    if inside:
        more = f" and {len(inside) - _SHOWN} more" if len(inside) > _SHOWN else ""
        raise SquashError(
            f"Databases are still inside the replaced range: {', '.join(inside[:_SHOWN])}{more}",
            hint="Nothing was removed. Run `upgrade` on them first.",
            code="LB697",
        )
    changed = _refer_to_owners(known.headers, known.owner)
    for id_, top in known.tops.items():
        _give_labels(history, known.headers, id_)
        _remove_first(known.files.get(top))
    removed = [path for one in known.files.values() if (path := one.path) is not None]
    for path in removed:
        path.unlink(missing_ok=True)
    project.refresh()
    names = tuple(one.name for one in databases if one.rows is not None)
    return FinishResult(tuple(removed), changed, names)


def _remove_first(top: Revision | None) -> None:
    """Remove the last file of a range first: without it, the others are not used."""
    if top is not None and top.path is not None:
        top.path.unlink(missing_ok=True)


def _configured(project: Project, script: Script | None) -> list[DatabaseRows]:
    found: list[DatabaseRows] = []

    def job(rows: tuple[str, ...], context: Any) -> list[PreparedMove]:
        url = context.connection.engine.url.render_as_string(hide_password=True)
        found.append(DatabaseRows(mask_secrets(url), tuple(rows)))
        return []

    try:
        run_env(project, job, script=script, dont_mutate=True)
    except Exception as error:  # noqa: BLE001 - env.py and drivers raise anything
        words = error.message if isinstance(error, LimbeckError) else type(error).__name__
        found.append(DatabaseRows("the configured database", None, words))
    return found


def _is_inside(history: History, rows: Sequence[str]) -> bool:
    try:
        return history.placed(rows)[0] is not history
    except HistoryError:
        return True


def _refer_to_owners(headers: Iterable[Revision], owner: Any) -> tuple[str, ...]:
    """Change references to replaced revisions in the headers of other files."""
    changed = []
    for header in headers:
        names = {id_: owner[id_] for id_ in header.down if id_ in owner}
        if names and header.id not in owner:
            replace_parents(header, names)
            changed.append(header.id)
    return tuple(changed)


def _give_labels(history: History, headers: Iterable[Revision], id_: str) -> None:
    """Write the branch labels of the replaced revisions to the file of the new one."""
    written = next(one for one in headers if one.id == id_)
    wanted = {label for label, owner in history.labels.items() if owner == id_}
    path = written.path
    if wanted <= written.labels or path is None or path.suffix != ".py":
        return
    write_setting(path, "branch_labels", repr(tuple(sorted(wanted))))
