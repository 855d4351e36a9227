"""Plans: what an upgrade or downgrade would do to one database, measured, known and live."""

from limbeck.planning.calibration import Rate, Rates, measure_rates
from limbeck.planning.estimates import needs_rates, with_estimates
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
    "Rate",
    "Rates",
    "RowCheck",
    "ScratchPlace",
    "Statistics",
    "known_run",
    "measure_rates",
    "measured_run",
    "name_of",
    "needs_rates",
    "offline_context",
    "planned_transactions",
    "read_state",
    "read_statistics",
    "run_checks",
    "statistics_text",
    "with_estimates",
    "without_own_tables",
]
