"""Outcomes as JSON documents; their keys are a promise."""

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
        ListedRevision,
        Listing,
    )
    from limbeck.project import Template


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
    """Return branch points, each with the revisions that continue it, as a JSON list."""
    return _dump(
        [
            {**_entry(one.point), "branches": [_entry(child) for child in one.children]}
            for one in branches
        ]
    )


def places_json(places: Sequence[DatabaseState]) -> str:
    """Return where each database is as a JSON list."""
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
                "pending": [revision.id for revision in one.pending],
                "interrupted": [
                    {
                        "revision": move.revision,
                        "direction": "upgrade" if move.direction == "up" else "downgrade",
                        "steps": [
                            {"statement": step.text, "outcome": step.outcome} for step in move.steps
                        ],
                    }
                    for move in one.interrupted
                ],
            }
            for one in found
        ]
    )


def templates_json(templates: Sequence[Template]) -> str:
    """Return the templates of `init` as a JSON list."""
    return _dump([{"name": one.name, "description": one.summary} for one in templates])


def check_json(checked: CheckResult) -> str:
    """Return what `check` found as a JSON document."""
    return _dump({"is_empty": checked.is_empty, "differences": list(checked.words)})
