"""Downgrade a database from revisions that have no file, with the sources in its journal.

After a deployment of an older release, the database is at a revision without a file. The journal
has the source of every applied revision, so the downgrades can be run from there.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from limbeck.commands.drift import applied_sources
from limbeck.commands.restore_command import verify_source, with_those_below
from limbeck.commands.run_env import PreparedMove
from limbeck.errors import LimbeckError, SourceNotKeptError
from limbeck.history import (
    SQL_SUFFIX,
    History,
    Move,
    NeedsRun,
    Revision,
    decode_source,
    read_header,
    read_sql_header,
    source_hash,
)
from limbeck.project import Project
from limbeck.runtime import AppliedSource


def moves_back(
    project: Project, rows: tuple[str, ...], context: Any, folder: Path
) -> tuple[list[PreparedMove], tuple[str, ...]]:
    """Return the downgrades of revisions without a file, and the version rows after them.

    Args:
        project: the project.
        rows: the version rows of the database.
        context: the migration context.
        folder: a temporary folder for the sources.

    Raises:
        SourceNotKeptError: the journal does not have one of the sources.
        AlteredSourceError: a source is not the one that was applied.
    """
    history = project.history()
    present = set(history.ids)
    if history.replacements is not None:
        present.update(history.replacements.owner)
    missing = [row for row in rows if row not in present]
    if not missing:
        return [], rows
    stored = applied_sources(context, sources=True)
    _require(missing, stored)
    wanted = with_those_below(missing, stored, present)
    newer = {id_: _written(copy, folder) for id_, copy in wanted.items()}
    _require([below for one in newer.values() for below in one.down if below not in present],
             newer)  # fmt: skip
    whole = History([*(history.get(id_) for id_ in history.ids), *map(_alone, newer.values())])
    moves: list[PreparedMove] = []
    at = frozenset(rows)
    for revision in whole.newest_first(list(newer)):
        last = next(iter(newer[revision.id].replaces[-1:]), None)
        if last is not None and last in present and revision.id in at:
            # a squash in newer files: the database has the schema of the files here
            after = (at - {revision.id}) | {last}
            moves.append(PreparedMove(Move(revision, "stamp", at, after), _nothing, revision.doc))
            at = after
            continue
        for move in whole.leave(at, revision.id):
            program = project.program(revision)
            moves.append(PreparedMove(move, program.downgrade, revision.doc))
            at = move.after
    return moves, tuple(sorted(at))


def _nothing(**_arguments: Any) -> None:
    """Do nothing, because only the version row changes."""


def _require(ids: Collection[str], stored: Collection[str]) -> None:
    absent = sorted({id_ for id_ in ids if id_ not in stored})
    if absent:
        raise _not_stored(
            f"The database is at {', '.join(absent)}, which has no file, and its journal does not "
            "have the source",
            hint="Nothing was run. Run `downgrade` with the newer files. The journal has sources "
            "only with `journal = keep`.",
        )


def _written(copy: AppliedSource, folder: Path) -> Revision:
    """Write a source to the temporary folder, and return its header.

    Raises:
        SourceNotKeptError: the source lacks its passwords, or its header is computed.
    """
    verify_source(copy)
    name = Path(copy.file.replace("\\", "/")).name
    path = folder / name
    path.write_bytes(copy.source)
    read = read_sql_header if name.endswith(SQL_SUFFIX) else read_header
    header = read(decode_source(copy.source, name), path)
    is_whole = source_hash(copy.source) == copy.fingerprint
    if header is None or isinstance(header, NeedsRun) or not is_whole:
        raise _not_stored(
            f"The source of {copy.revision} cannot be run from the journal",
            hint="Nothing was run. The source lacks its passwords, or computes its header. Write "
            f"the file with `restore {copy.revision}`, then run `downgrade`.",
        )
    return header


def _not_stored(message: str, hint: str) -> LimbeckError:
    return SourceNotKeptError(message, hint=hint)


def _alone(revision: Revision) -> Revision:
    """Return a header without `replaces`, because the replaced files may exist here."""
    return Revision(
        revision.id,
        revision.down,
        revision.depends_on,
        revision.labels,
        revision.doc,
        revision.file,
        revision.edition,
        revision.long_doc,
        revision.registers,
        kind=revision.kind,
        phase=revision.phase,
    )
