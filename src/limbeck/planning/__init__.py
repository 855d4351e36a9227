"""Plans: what an upgrade or downgrade would do to one database, measured, known and live."""

from limbeck.planning.live_database import (
    DEFAULT_TIME_LIMIT,
    LiveState,
    name_of,
    read_state,
    run_checks,
    without_own_tables,
)
from limbeck.planning.move_runs import (
    MoveProgram,
    MoveRun,
    ScratchPlace,
    known_run,
    measured_run,
    offline_context,
)
from limbeck.planning.plan import (
    Estimate,
    GraphRevision,
    Plan,
    PlannedMove,
    PlannedStatement,
    PlannedTransaction,
    RowCheck,
)
from limbeck.planning.row_checks import CheckBuilder, CheckQuery
from limbeck.planning.statistics import Statistics, read_statistics, statistics_text
from limbeck.planning.transactions import planned_transactions

__all__ = [
    "DEFAULT_TIME_LIMIT",
    "CheckBuilder",
    "CheckQuery",
    "Estimate",
    "GraphRevision",
    "LiveState",
    "MoveProgram",
    "MoveRun",
    "Plan",
    "PlannedMove",
    "PlannedStatement",
    "PlannedTransaction",
    "RowCheck",
    "ScratchPlace",
    "Statistics",
    "known_run",
    "measured_run",
    "name_of",
    "offline_context",
    "planned_transactions",
    "read_state",
    "read_statistics",
    "run_checks",
    "statistics_text",
    "without_own_tables",
]
