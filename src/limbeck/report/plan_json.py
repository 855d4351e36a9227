"""Plans as a JSON document, whose keys are documented in docs/plan.md."""

from __future__ import annotations

import json
from collections.abc import Iterable

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from limbeck.dialects import TableSize
    from limbeck.planning import Estimate, Plan, PlannedStatement, RowCheck

FORMAT = 1


def plans_json(plans: Iterable[Plan]) -> str:
    """Return plans as a JSON document."""
    document = {"format": FORMAT, "plans": [plan_document(plan) for plan in plans]}
    return json.dumps(document, indent=2, ensure_ascii=False)


def plan_document(plan: Plan) -> dict[str, Any]:
    """Return a plan as JSON values."""
    return {
        "database": plan.database,
        "dialect": plan.dialect,
        "direction": plan.direction,
        "start": list(plan.start),
        "target": plan.target,
        "measured_on": plan.scratch,
        "moves": [
            {
                "revision": one.revision,
                "direction": one.direction,
                "message": one.message,
                "path": one.path,
                "before": list(one.before),
                "after": list(one.after),
            }
            for one in plan.moves
        ],
        "transactions": [
            {
                "number": each.number,
                "kind": each.kind,
                "revisions": list(each.revisions),
                "locks": dict(each.locks),
                "statements": [_statement(one) for one in each.statements],
            }
            for each in plan.transactions
        ],
        "tables": {name: _size(size) for name, size in plan.sizes.items()},
        "sizes_from": plan.sizes_from,
        "checks": [_check(one) for one in plan.checks],
        "notes": list(plan.notes),
    }


def _statement(one: PlannedStatement) -> dict[str, Any]:
    return {
        "revision": one.revision,
        "sql": one.sql,
        "line": one.line,
        "source": one.source,
        "locks": dict(one.locks),
        "strongest_lock": one.strongest_lock,
        "rewrites": list(one.rewrites),
        "scans": list(one.scans),
        "index_builds": list(one.index_builds),
        "blocks": {name: list(what) for name, what in one.blocks.items()},
        "dangers": list(one.dangers),
        "code": one.code,
        "details": list(one.details),
        "is_long": one.is_long,
        "has_few_rows": one.has_few_rows,
        "estimate": None if one.estimate is None else _estimate(one.estimate),
    }


def _estimate(one: Estimate) -> dict[str, Any]:
    return {"seconds": one.seconds, "low": one.low, "high": one.high, "basis": one.basis}


def _size(size: TableSize) -> dict[str, Any]:
    return {
        "rows": size.rows,
        "bytes": size.bytes,
        "is_exact": size.is_exact,
        "at_least": size.at_least,
    }


def _check(one: RowCheck) -> dict[str, Any]:
    return {
        "revision": one.revision,
        "kind": one.kind,
        "table": one.table,
        "columns": list(one.columns),
        "message": one.message,
        "query": one.query,
        "status": one.status,
        "count": one.count,
        "is_at_least": one.is_at_least,
        "key_columns": list(one.key_columns),
        "keys": [list(key) for key in one.keys],
        "reason": one.reason,
    }
