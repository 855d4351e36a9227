"""`restore`: write missing revision files with the sources in the journal."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Collection, Mapping
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
from limbeck.history import (
    SQL_SUFFIX,
    Revision,
    decode_source,
    read_header,
    read_sql_header,
    source_hash,
)
from limbeck.project import (
    Project,
    write_new,
)
from limbeck.runtime import AppliedSource, accept_sources

_log = logging.getLogger("alembic.runtime.migration")

# also those of Windows, where a colon follows the name of a drive
_SEPARATORS = frozenset("/\\:")
_NO_REVISIONS = frozenset({"env.py", "conftest.py"})
Notify = Callable[[str, object], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class RestoreRequest:
    """The revisions to restore or to accept.

    Attributes:
        revisions: full identifiers; if empty, the revisions of the database that have no file.
        accept: write no files, and accept the current files as the applied ones.
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
    """Write the files of revisions and of their missing ancestors.

    Raises:
        SourceNotKeptError: the journal does not have their sources.
        UnsafePathError: the file exists.
    """
    present = {revision.id: revision for revision in project.headers()}
    if not request.accept:
        _refuse_existing(request.revisions, present)
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
            "Nothing to restore: the journal has no missing file",
            hint="Name a revision. The journal has the files only with `journal = keep`.",
        )
    # every source is verified before the first file is written
    paths = [_destination(project, kept) for kept in wanted.values()]
    for path, kept in zip(paths, wanted.values(), strict=True):
        _write(path, kept, notify)
    project.refresh()
    return RestoreResult(tuple(paths))


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
            f"The journal has no source of {', '.join(missing)} to restore",
            hint="Use the full identifier of an applied revision; `history -i` lists them. The "
            "journal has the source of a revision only while it is applied.",
        )


def _refuse_existing(revisions: Collection[str], present: Mapping[str, Revision]) -> None:
    """Raise an error if a revision to restore has a file."""
    for id_ in revisions:
        if id_ in present:
            path = present[id_].path
            raise UnsafePathError(
                f"{id_} has a file, which `restore` does not replace: {path}",
                hint="Nothing was written. Move the file away and run `restore` again to get the "
                "file as it was applied; `restore --accept` accepts the file as it is.",
            )


def verify_source(copy: AppliedSource) -> None:
    """Raise an error if a source is not the one that was applied.

    Raises:
        AlteredSourceError: the source has another hash, or belongs to another revision.
    """
    read = read_sql_header if copy.file.endswith(SQL_SUFFIX) else read_header
    header = None
    with suppress(ValueError, zlib.error, LimbeckError):
        source = copy.source
        # a source without its passwords has another hash
        if source_hash(source) == copy.fingerprint or b"***" in source:
            header = read(decode_source(source, copy.file), copy.file)
    # a file whose header is computed is not executed
    if header is None or (isinstance(header, Revision) and header.id != copy.revision):
        raise AlteredSourceError(
            f"The source of {copy.revision} in the journal is not the file that was applied",
            hint="Nothing was written. The journal's table was changed: get the file from version "
            "control.",
        )


def _destination(project: Project, copy: AppliedSource) -> Path:
    """Return where to write a source, after verifying its name and its text."""
    # the name comes from a table that other users may be able to write
    name = copy.file
    is_safe = name.isprintable() and not name.startswith((".", "__")) and not _SEPARATORS & {*name}
    if not is_safe or not name.endswith((".py", SQL_SUFFIX)) or name in _NO_REVISIONS:
        raise UnsafePathError(
            f"The file name of {copy.revision} in the journal is not valid: {name!r}",
            hint="Nothing was written. The journal's table was changed.",
        )
    verify_source(copy)
    locations = project.version_locations
    folder = next((one for one in locations if one.name == copy.folder), locations[0])
    return folder.absolute() / name


def _write(path: Path, copy: AppliedSource, notify: Notify | None) -> None:
    with nullcontext() if notify is None else notify("Restoring", path):
        write_new(path, copy.source)
    if source_hash(copy.source) != copy.fingerprint:
        _log.warning(
            "The journal has %s without its passwords: replace each ***. Review the file before "
            "you run it: without them, limbeck cannot verify that it is the one that was applied.",
            path,
        )
