"""Divide a draft into the changes before a release and those that have to wait until after it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from limbeck import operations as ops
from limbeck.autogenerate.backfill import FillOp

_AFTER = " (after the release)"


def divide(script: ops.MigrationScript, rev_id: str) -> list[ops.MigrationScript]:
    """Return the scripts of the phases before and after a release; only one if the other is empty.

    Drops of tables and columns, and changes that reject rows which the running release writes,
    belong to the phase after the release.

    Args:
        script: a draft for one database.
        rev_id: the identifier of the second revision.
    """
    if len(script.upgrade_ops_list) != 1:
        return [script]
    up, down = script.upgrade_ops_list[0], script.downgrade_ops_list[0]
    early, late = _divided(up.ops)
    if not late or not early:
        return [script]
    second = ops.MigrationScript(
        rev_id,
        ops.UpgradeOps(late, upgrade_token=up.upgrade_token),
        ops.DowngradeOps([], downgrade_token=down.downgrade_token),
        message=f"{script.message or ''}{_AFTER}".strip(),
        head=script.rev_id or "head",
        version_path=script.version_path,
    )
    up.ops[:] = early
    for one in (script, second):
        one.upgrade_ops_list[0].reverse_into(one.downgrade_ops_list[0])
        one._needs_render = True
    return [script, second]


def is_late(script: ops.MigrationScript) -> bool:
    """Return whether everything in a draft has to wait until the next release runs."""
    early, late = _divided([op for up in script.upgrade_ops_list for op in up.ops])
    return bool(late) and not early


def _divided(operations: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    early: list[Any] = []
    late: list[Any] = []
    required = {_column(one) for one in _flat(operations) if _requires_values(one)}
    for one in operations:
        if isinstance(one, ops.ModifyTableOps):
            parts = _divided(one.ops)
            for chosen, part in zip((early, late), parts, strict=True):
                if part:
                    table = copy.copy(one)
                    table.ops = part
                    chosen.append(table)
        elif _waits(one) or (isinstance(one, FillOp) and (*one.table, one.column) in required):
            late.append(one)
        else:
            early.append(one)
    return early, late


def _flat(operations: Sequence[Any]) -> list[Any]:
    return [
        part
        for one in operations
        for part in (_flat(one.ops) if isinstance(one, ops.ModifyTableOps) else [one])
    ]


def _waits(operation: Any) -> bool:
    if isinstance(operation, (ops.DropTableOp, ops.DropColumnOp)):
        return True
    return isinstance(operation, ops.AlterColumnOp) and (
        operation.modify_server_default is None or _requires_values(operation)
    )


def _requires_values(operation: Any) -> bool:
    return isinstance(operation, ops.AlterColumnOp) and operation.modify_nullable is False


def _column(operation: Any) -> tuple[str | None, str, str]:
    return operation.schema, operation.table_name, operation.column_name
