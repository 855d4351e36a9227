"""The results of commands as JSON documents, whose keys are part of the public interface."""

from __future__ import annotations

import json
from collections.abc import Sequence

from limbeck.report.text import real_path

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import TypeAlias

    from limbeck.commands import (
        Branch,
        CheckResult,
        DatabaseState,
        DatabaseStatus,
        EditResult,
        FinishResult,
        InitResult,
        ListedRevision,
        Listing,
        MoveResult,
        RebaseResult,
        RecoverResult,
        RestoreResult,
        SquashResult,
    )
    from limbeck.history import Move
    from limbeck.project import HeadFileState, Template
    from limbeck.runtime import AppliedSource, InterruptedMove
    from limbeck.snapshots import SnapshotState


Json: TypeAlias = "str | int | float | bool | Sequence[Json] | dict[str, Json] | None"


def _dump(value: Json) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _entry(entry: ListedRevision, folders: dict[str, str] | None = None) -> dict[str, Json]:
    revision = entry.revision
    found: dict[str, Json] = {
        "revision": revision.id,
        "down_revision": list(revision.down),
        "depends_on": list(revision.depends_on),
        "branch_labels": list(entry.labels),
        "children": list(entry.children),
        "message": revision.doc,
        "path": real_path(revision, folders),
        "is_base": revision.is_base,
        "is_head": entry.is_head,
        "is_effective_head": entry.is_effective_head,
        "is_branch_point": entry.is_branch_point,
        "is_merge_point": revision.is_merge_point,
    }
    if revision.replaces:
        found["replaces"] = list(revision.replaces)
    if entry.is_current is not None:
        found["is_current"] = entry.is_current
    return found


def listing_json(listing: Listing) -> str:
    """Return revisions as a JSON list."""
    folders: dict[str, str] = {}
    return _dump([_entry(entry, folders) for entry in listing.entries])


def branches_json(branches: Sequence[Branch]) -> str:
    """Return branch points, each with the revisions that follow it, as a JSON list."""
    return _dump(
        [
            {**_entry(one.point), "branches": [_entry(child) for child in one.children]}
            for one in branches
        ]
    )


def places_json(places: Sequence[DatabaseState]) -> str:
    """Return the revisions of each database as a JSON list."""
    return _dump(
        [
            {
                "database": place.url,
                "is_at_head": place.is_at_head,
                "revisions": [_entry(entry) for entry in place.entries],
            }
            for place in places
        ]
    )


def status_json(found: Sequence[DatabaseStatus]) -> str:
    """Return the status of each database as a JSON list."""
    return _dump(
        [
            {
                "database": one.state.url,
                "is_at_head": one.state.is_at_head,
                "revisions": [entry.revision.id for entry in one.state.entries],
                "missing": list(one.missing),
                "pending": [revision.id for revision in one.pending],
                "skipped": list(one.skipped),
                "applied": [_applied(source) for source in one.drift.kept.values()],
                "edited": [revision.id for revision in one.drift.edited],
                "inserted": [revision.id for revision in one.drift.inserted],
                "snapshot": _snapshot(one.snapshot),
                "head_file": _head_file(one.head_file),
                "interrupted": [_interrupted(move) for move in one.interrupted],
            }
            for one in found
        ]
    )


def _applied(source: AppliedSource) -> dict[str, Json]:
    return {
        "revision": source.revision,
        "at": source.at,
        "by": source.by,
        "seconds": source.seconds,
        "file": source.file,
    }


def _snapshot(found: SnapshotState | None) -> dict[str, Json] | None:
    if found is None:
        return None
    return {
        "path": str(found.path),
        "revisions": list(found.revisions),
        "reason": found.reason,
    }


def _head_file(found: HeadFileState | None) -> dict[str, Json] | None:
    return None if found is None else {"path": str(found.path), "fault": found.fault}


def run_json(result: MoveResult, sql: str | None = None) -> str:
    """Return the result of `upgrade`, `downgrade` or `stamp` as a JSON document.

    Args:
        result: the moves, and the reported data losses.
        sql: the script of a run with `--sql`.
    """
    return _dump(
        {
            "moves": [_move(move) for move in result.moves],
            "data_loss": list(result.losses),
            "sql": sql,
        }
    )


_DIRECTIONS = {"up": "upgrade", "down": "downgrade", "stamp": "stamp"}


def _move(move: Move) -> dict[str, Json]:
    return {
        "revision": move.revision.id,
        "direction": _DIRECTIONS[move.direction],
        "message": move.revision.doc,
        "path": real_path(move.revision),
    }


def _interrupted(move: InterruptedMove) -> dict[str, Json]:
    return {
        "revision": move.revision,
        "direction": _DIRECTIONS[move.direction],
        "steps": [{"statement": step.text, "outcome": step.outcome} for step in move.steps],
    }


def recovered_json(result: RecoverResult) -> str:
    """Return the result of `recover` as a JSON document."""
    return _dump(
        {
            "interrupted": [_interrupted(one) for one in result.interrupted],
            "moves": [_move(move) for move in result.moves],
            "undone": [
                {
                    "revision": one.move.revision,
                    "reverted": list(one.reverted),
                    "remaining": [step.text for step in one.remaining],
                }
                for one in result.undone
            ],
        }
    )


def rebased_json(result: RebaseResult) -> str:
    """Return the result of `rebase` as a JSON document."""
    return _dump(
        {
            "revision": result.revision.id,
            "before": result.before,
            "after": result.after,
            "moved": list(result.moved),
        }
    )


def init_json(result: InitResult) -> str:
    """Return the result of `init` as a JSON document."""
    return _dump(
        {
            "files": [str(path) for path in result.files],
            "directories": [str(path) for path in result.directories],
            "kept": [str(path) for path in result.kept],
            "config": str(result.config_path),
        }
    )


def restored_json(result: RestoreResult) -> str:
    """Return the result of `restore` as a JSON document."""
    return _dump({"paths": [str(path) for path in result.paths], "accepted": list(result.accepted)})


def edited_json(result: EditResult) -> str:
    """Return the files that `edit` opened as a JSON document."""
    return _dump({"paths": [str(path) for path in result.paths]})


def ensured_json(sql: str | None) -> str:
    """Return the result of `ensure_version` as a JSON document, with its script or None."""
    return _dump({"sql": sql})


def completion_json(shell: str, script: str) -> str:
    """Return a completion script as a JSON document."""
    return _dump({"shell": shell, "script": script})


def error_json(code: str | None, message: str, place: str | None, hint: str | None) -> str:
    """Return an error as a JSON document.

    Args:
        code: the code of a LimbeckError, None for other errors.
        message: what happened.
        place: where.
        hint: what to do next.
    """
    # on one line, because `fleet` prints one for each tenant
    found = {"code": code, "message": message, "place": place, "hint": hint}
    return json.dumps({"error": found}, ensure_ascii=False)


def templates_json(templates: Sequence[Template]) -> str:
    """Return the templates of `init` as a JSON list."""
    return _dump([{"name": one.name, "description": one.summary} for one in templates])


def check_json(checked: CheckResult) -> str:
    """Return the result of `check` as a JSON document."""
    return _dump({"is_empty": checked.is_empty, "differences": list(checked.differences)})


def squash_json(found: SquashResult) -> str:
    """Return the result of `squash` as a JSON document."""
    return _dump(
        {
            "revision": found.revision.id,
            "path": real_path(found.revision),
            "replaces": list(found.replaced),
            "data_steps": list(found.data_steps),
            "left_out": list(found.dropped),
            "tables_compared": found.tables,
            "server": found.server,
            "mixes_phases": found.mixes_phases,
        }
    )


def finish_json(found: FinishResult) -> str:
    """Return the result of `squash --finish` as a JSON document."""
    return _dump(
        {
            "removed": [str(path) for path in found.removed],
            "changed": list(found.changed),
            "databases": list(found.databases),
        }
    )
