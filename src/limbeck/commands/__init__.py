"""What the commands do: a request, a function, an outcome. No printing, no exit.

Each command is loaded on first use, so that a listing imports nothing of the others.
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.commands.answering import Told
    from limbeck.commands.branches_command import Branch, branches
    from limbeck.commands.check_command import Checked, DifferencesFound, check, require_agreement
    from limbeck.commands.current_command import NotAtHeads, Place, current, require_heads, standing
    from limbeck.commands.edit_command import Edited, edit, open_in_editor
    from limbeck.commands.entries import Entry, Listing, entry, listing
    from limbeck.commands.heads_command import HeadsRequest, heads
    from limbeck.commands.history_command import HistoryRequest, history
    from limbeck.commands.init_command import InitRequest, Made, init
    from limbeck.commands.merge_command import MergeRequest, merge
    from limbeck.commands.restore_command import NothingKept, Restored, RestoreRequest, restore
    from limbeck.commands.revision_command import RevisionRequest, Written, revision
    from limbeck.commands.run_env import Script, Stage, stages, visit
    from limbeck.commands.show_command import ShowRequest, show
    from limbeck.commands.stamp_command import StampRequest, ensure_version, stamp
    from limbeck.commands.templates import Template, list_templates
    from limbeck.commands.upgrade_command import Moved, MoveRequest, downgrade, upgrade

_FILES = {
    "branches_command": ("Branch", "branches"),
    "check_command": ("Checked", "DifferencesFound", "check", "require_agreement"),
    "current_command": ("NotAtHeads", "Place", "current", "require_heads", "standing"),
    "edit_command": ("Edited", "edit", "open_in_editor"),
    "entries": ("Entry", "Listing", "entry", "listing"),
    "heads_command": ("HeadsRequest", "heads"),
    "history_command": ("HistoryRequest", "history"),
    "init_command": ("InitRequest", "Made", "init"),
    "merge_command": ("MergeRequest", "merge"),
    "restore_command": ("NothingKept", "RestoreRequest", "Restored", "restore"),
    "answering": ("Told",),
    "revision_command": ("RevisionRequest", "Written", "revision"),
    "show_command": ("ShowRequest", "show"),
    "stamp_command": ("StampRequest", "ensure_version", "stamp"),
    "templates": ("Template", "list_templates"),
    "upgrade_command": ("MoveRequest", "Moved", "downgrade", "upgrade"),
    "run_env": ("Script", "Stage", "stages", "visit"),
}
_HOMES = {name: file for file, names in _FILES.items() for name in names}

__all__ = [
    "Branch",
    "Checked",
    "DifferencesFound",
    "Edited",
    "Entry",
    "HeadsRequest",
    "HistoryRequest",
    "InitRequest",
    "Listing",
    "Made",
    "MergeRequest",
    "MoveRequest",
    "Moved",
    "NotAtHeads",
    "NothingKept",
    "Place",
    "RestoreRequest",
    "Restored",
    "RevisionRequest",
    "Script",
    "ShowRequest",
    "Stage",
    "StampRequest",
    "Template",
    "Told",
    "Written",
    "branches",
    "check",
    "current",
    "downgrade",
    "edit",
    "ensure_version",
    "entry",
    "heads",
    "history",
    "init",
    "list_templates",
    "listing",
    "merge",
    "open_in_editor",
    "require_agreement",
    "require_heads",
    "restore",
    "revision",
    "show",
    "stages",
    "stamp",
    "standing",
    "upgrade",
    "visit",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
