"""`restore`: write back files of revisions that only the database still has."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limbeck.commands.drift import applied_sources
from limbeck.commands.run_env import Script, run_env
from limbeck.errors import (
    AlteredSourceError,
    LimbeckError,
    SourceNotKeptError,
    UnsafePathError,
)
from limbeck.history import SQL_SUFFIX, Revision, decode_source, read_header, read_sql_header
from limbeck.project import (
    Project,
    write_new,
)
from limbeck.runtime import AppliedSource, accept_sources, source_hash

_log = logging.getLogger("alembic.runtime.migration")

Notify = Callable[[str, object], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class RestoreRequest:
    """Which files.

    Attributes:
        revisions: ids in full; without any, all that the database names and no file has.
        accept: write nothing; take the files as they are for what was applied.
    """

    revisions: tuple[str, ...] = ()
    accept: bool = False


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """The files that were written, or the revisions that were accepted."""

    paths: tuple[Path, ...] = ()
    accepted: tuple[str, ...] = ()


def restore(
    project: Project,
    request: RestoreRequest,
    *,
    script: Script | None = None,
    notify: Notify | None = None,
) -> RestoreResult:
    """Write back the files of revisions, with those below them that are missing too.

    Raises:
        SourceNotKeptError: the database's journal does not have them.
        UnsafePathError: a file of that name is there.
    """
    present = {revision.id: revision for revision in project.headers()}
    wanted: dict[str, AppliedSource] = {}
    accepted: list[str] = []

    def job(rows: tuple[str, ...], context: Any) -> list[Any]:
        if request.accept:
            files = [present[id_] for id_ in request.revisions if id_ in present]
            accepted.extend(accept_sources(context.target, files))
            return []
        kept = applied_sources(context, sources=True)
        names = request.revisions or tuple(row for row in rows if row not in present)
        wanted.update(with_those_below(names, kept, present))
        return []

    run_env(project, job, script=script, dont_mutate=True)
    if request.accept:
        _require(request.revisions, accepted)
        return RestoreResult(accepted=tuple(accepted))
    _require(request.revisions, wanted)
    if not wanted:
        raise SourceNotKeptError(
            "Nothing to restore: no file is missing that the database keeps",
            hint="Name a revision. Only projects with `journal = keep` have their files kept.",
        )
    return RestoreResult(tuple(_write(project, kept, notify) for kept in wanted.values()))


def with_those_below(
    names: Collection[str], kept: dict[str, AppliedSource], present: Collection[str]
) -> dict[str, AppliedSource]:
    """Return the sources of revisions, and of those below them that have no file."""
    found: dict[str, AppliedSource] = {}
    stack = list(names)
    while stack:
        name = stack.pop()
        if name in kept and name not in present and name not in found:
            found[name] = kept[name]
            stack.extend(kept[name].below)
    return found


def _require(revisions: Collection[str], found: Collection[str]) -> None:
    missing = [id_ for id_ in revisions if id_ not in found]
    if missing:
        raise SourceNotKeptError(
            f"The database keeps nothing of {', '.join(missing)} that could be restored",
            hint="Give the id in full. A revision whose file is there is not restored; move the "
            "file away first.",
        )


def verify_source(copy: AppliedSource) -> None:
    """Refuse a source that is not the one that was applied.

    Raises:
        AlteredSourceError: it has another hash, or is the file of another revision.
    """
    read = read_sql_header if copy.file.endswith(SQL_SUFFIX) else read_header
    header = None
    with suppress(ValueError, zlib.error, LimbeckError):
        source = copy.source
        # a copy without the passwords of the file has another hash
        if source_hash(source) == copy.fingerprint or b"***" in source:
            header = read(decode_source(source, copy.file), copy.file)
    # a header that only running the file tells is not run
    if header is None or (isinstance(header, Revision) and header.id != copy.revision):
        raise AlteredSourceError(
            f"What the journal has of {copy.revision} is not the file that was applied",
            hint="Nothing was written. Somebody has changed the journal's table: get the file from "
            "version control.",
        )


def _write(project: Project, copy: AppliedSource, notify: Notify | None) -> Path:
    # the name comes from a table that others may have written to
    name = Path(copy.file.replace("\\", "/")).name
    is_safe = name.isprintable() and not name.startswith((".", "__"))
    if not is_safe or not name.endswith((".py", SQL_SUFFIX)) or name in {"env.py", "conftest.py"}:
        raise UnsafePathError(
            f"The journal says that {copy.revision} was in a file {copy.file!r}, which is no "
            "file name",
            hint="Nothing was written. Somebody has changed the journal's table.",
        )
    verify_source(copy)
    locations = project.version_locations
    folder = next((one for one in locations if one.name == copy.folder), locations[0])
    path = folder.absolute() / name
    progress = nullcontext() if notify is None else notify("Restoring", path)
    with progress:
        write_new(path, copy.source)
    if source_hash(copy.source) != copy.fingerprint and b"***" in copy.source:
        _log.warning("%s was kept without its passwords: put them back where it says ***", path)
    project.refresh()
    return path
