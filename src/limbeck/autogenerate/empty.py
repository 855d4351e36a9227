"""Is a draft empty, and what is in it."""

from __future__ import annotations

from typing import Any

from limbeck.operations import MigrationScript


def is_empty(script: MigrationScript) -> bool:
    """Say whether a draft changes nothing in any of its databases."""
    return not diffs(script)


def diffs(script: MigrationScript) -> list[Any]:
    """Return the differences of a draft, as tuples, of all its databases."""
    return [diff for up in script.upgrade_ops_list for diff in up.as_diffs()]
