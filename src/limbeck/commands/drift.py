"""Compare the applied revisions of a database with the files of the project."""

from __future__ import annotations

import ast
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from limbeck.errors import ContradictingRowsError, HistoryError
from limbeck.history import (
    SQL_SUFFIX,
    History,
    InsideReplacedError,
    OverlappingRevisionsError,
    Revision,
    source_hash,
)
from limbeck.project import Project
from limbeck.runtime import AppliedSource, read_applied_sources, without_secrets
from limbeck.text import parse_python

_log = logging.getLogger("alembic.runtime.migration")
_SHOWN = 5
_HEADER = frozenset({"revision", "down_revision", "branch_labels", "depends_on"})


def applied_sources(context: Any, *, sources: bool = False) -> dict[str, AppliedSource]:
    """Return the applied sources in the database of a migration context."""
    if context.as_sql:
        return {}
    table = getattr(context, "journal_table", None)
    return read_applied_sources(context.target, sources=sources, table=table)


def inserted_revisions(
    history: History, applied: Collection[str], kept: Mapping[str, AppliedSource]
) -> tuple[Revision, ...]:
    """Return revisions below the version rows that were never run, oldest first.

    They were inserted below a revision after it had been applied, which the applied source of
    that revision shows. Revisions without an applied source are trusted.
    """
    missing: set[str] = set()
    for id_ in applied:
        if id_ not in kept:
            continue
        known = {history.identify(name) for name in kept[id_].below if _is_known(history, name)}
        stack = [below for below in history.below(id_) if below not in known]
        if not stack:
            continue  # unchanged; visiting all ancestors would take quadratic time
        trusted = history.ancestors(known)
        while stack:
            one = stack.pop()
            if one in trusted or one in missing or _has_run(history, one, kept):
                continue
            missing.add(one)
            stack.extend(history.below(one))
    return tuple(reversed(history.newest_first(missing))) if missing else ()


def _is_known(history: History, name: str) -> bool:
    replaced = () if history.replacements is None else history.replacements.owner
    return name in history or name in history.labels or name in replaced


def _has_run(history: History, id_: str, applied: Collection[str]) -> bool:
    """Return whether a revision was run, or one that it replaces."""
    return any(one in applied for one in (id_, *history.get(id_).replaces))


def edited_revisions(
    history: History, applied: Collection[str], kept: Mapping[str, AppliedSource]
) -> tuple[Revision, ...]:
    """Return applied revisions whose files were changed later."""
    found = []
    for id_ in applied:
        path = history.get(id_).path
        if id_ not in kept or path is None or path.suffix not in {".py", SQL_SUFFIX}:
            continue
        try:
            found_at = path.stat()
            now = _hash_of(path, found_at.st_mtime_ns, found_at.st_size, found_at.st_ino)
        except OSError:
            continue
        if now != kept[id_].fingerprint:
            found.append(id_)
    return tuple(reversed(history.newest_first(found))) if found else ()


@lru_cache(maxsize=10_000)
def _hash_of(path: Path, _changed: int, _size: int, _inode: int) -> str:
    """Return the hash of a file; cached for the tenants of a fleet."""
    return source_hash(path.read_bytes())


@dataclass(frozen=True, slots=True)
class Drift:
    """The differences between the applied revisions of a database and the files of the project.

    Attributes:
        edited: the applied revisions whose files were edited, oldest first.
        inserted: the revisions below the version rows that never ran, oldest first.
        kept: the applied revisions in the journal, by identifier.
    """

    edited: tuple[Revision, ...] = ()
    inserted: tuple[Revision, ...] = ()
    kept: Mapping[str, AppliedSource] = field(default_factory=dict)


def kept_sources(project: Project, context: Any) -> dict[str, AppliedSource]:
    """Return the applied revisions in the journal; empty unless `journal` is `keep`."""
    return applied_sources(context) if project.journal == "keep" else {}


def check_drift(project: Project, rows: Collection[str], context: Any) -> tuple[Revision, ...]:
    """Warn of edited files of applied revisions, and return the inserted revisions."""
    found = read_drift(project, rows, context)
    if found.edited:
        _warn_edited(found.edited, found.kept)
    return found.inserted


def read_drift(project: Project, rows: Collection[str], context: Any) -> Drift:
    """Compare the applied revisions with the files; empty unless `journal` is `keep`."""
    kept = kept_sources(project, context) if rows else {}
    if not kept:
        return Drift()
    history, rows = project.history().placed(rows)
    applied = history.ancestors({one.id for row in rows for one in history.resolve(row)})
    suspects = edited_revisions(history, applied, kept)
    sources = applied_sources(context, sources=True) if suspects else {}
    edited = tuple(one for one in suspects if not _same_code(one, sources[one.id]))
    return Drift(edited, inserted_revisions(history, applied, kept), kept)


def _same_code(revision: Revision, kept: AppliedSource) -> bool:
    """Return whether only the header, comments, formatting and the downgrade differ.

    A downgrade that is corrected after it failed changes nothing that was applied.
    """
    try:
        now = revision.path.read_bytes() if revision.path is not None else b""
        code = _sql_lines if revision.edition == "sql" else _code
        return code(without_secrets(now)) == code(without_secrets(kept.source))
    except (OSError, SyntaxError, ValueError):
        return False


def _sql_lines(source: bytes) -> list[str]:
    """Return the lines of the upgrade of a SQL revision, without comments and indentation."""
    lines: list[str] = []
    upgrade = False
    for line in map(str.strip, source.decode("utf-8").splitlines()):
        if line.startswith("-- limbeck:"):
            upgrade = line.startswith("-- limbeck: upgrade")
        if upgrade and line and (line.startswith("-- limbeck:") or not line.startswith("--")):
            lines.append(line)
    return lines


def _code(source: bytes) -> list[str]:
    body = parse_python(source).body
    return [ast.dump(node) for node in body if not _is_header_or_downgrade(node)]


def _is_header_or_downgrade(node: ast.stmt) -> bool:
    match node:
        case ast.FunctionDef(name="downgrade") | ast.AsyncFunctionDef(name="downgrade"):
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name in _HEADER
    return False


def _warn_edited(revisions: Sequence[Revision], kept: Mapping[str, AppliedSource]) -> None:
    for revision in revisions[:_SHOWN]:
        story = kept[revision.id]
        _log.warning(
            "Revision %s was edited after it had been applied (%s, by %s): the changes in %s were "
            "not run. Move them to a new revision, or accept the file with `restore --accept %s`.",
            revision.id, story.at, story.by, revision.path, revision.id,
        )  # fmt: skip
    if len(revisions) > _SHOWN:
        _log.warning("... and %s more applied revisions were edited", len(revisions) - _SHOWN)


def warn_inserted(revisions: Collection[Revision]) -> None:
    """Warn of revisions below those of the database that were never run on it."""
    for revision in revisions:
        _log.warning(
            "Revision %s (%s) is below the database's revision, but was never run on it: it was "
            "inserted into the history later. `upgrade --include-missing` runs it.",
            revision.id, revision.path,
        )  # fmt: skip


def _contradiction(error: OverlappingRevisionsError, rows: Collection[str]) -> HistoryError:
    others = [other for other in error.others if other in rows]
    if not others:
        return error
    return ContradictingRowsError(
        f"The version rows contradict each other: {error.revision} is stored together with "
        f"{', '.join(others)}, and one is an ancestor of the other",
        hint=f"Nothing was run. Check the schema. `stamp --purge {error.revision}` then keeps only "
        "the correct row.",
    )


def warn_contradicting_rows(history: History, rows: Collection[str]) -> None:
    """Warn if one of the version rows is an ancestor of another."""
    if len(rows) > 1:
        try:
            history.refuse_overlap(rows)
        except OverlappingRevisionsError as error:
            _log.warning("%s. %s", _contradiction(error, rows), error.hint)


def explain_missing(error: HistoryError, rows: Collection[str], context: Any) -> HistoryError:
    """Add information from the database to the error about a missing revision."""
    if isinstance(error, OverlappingRevisionsError) and error.revision in rows:
        return _contradiction(error, rows)
    symbol = getattr(error, "symbol", None)
    if symbol is None or context.as_sql:
        return error
    story = applied_sources(context).get(symbol)
    if story is not None:
        error.message = (
            f"{error.args[0]}. The database has it: it was applied on {story.at} by {story.by} "
            f"from {story.file or 'a file without a name'}"
        )
        error.hint = (
            f"Restore the file with `restore {symbol}` or from version control, or downgrade from "
            "it with `upgrade --allow-downgrade`."
        )
    elif symbol in rows and not isinstance(error, InsideReplacedError):
        error.message = (
            f"{error.args[0]}. The database is at this revision, but no file of this project has it"
        )
        error.hint = (
            "Get the file from version control; it may be on another branch, or the database "
            "belongs to another project. If the schema is that of another revision, set it with "
            "`stamp --purge <revision>`."
        )
    else:
        return error
    error.args = (error.message,)
    return error
