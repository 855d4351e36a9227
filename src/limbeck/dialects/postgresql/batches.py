"""Batches on PostgreSQL: a loop in PL/pgSQL, and the lag of replicas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from limbeck.dialects.batch_rules import BatchLoop

# Without the right to read it (pg_monitor), the columns contain NULL.
# https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-REPLICATION-VIEW
_LAG = sa.text(
    "SELECT pg_catalog.max(EXTRACT(epoch FROM replay_lag)) FROM pg_catalog.pg_stat_replication"
)


def replica_lag(connection: Connection) -> float | None:
    """Return the lag in seconds of the slowest replica; None if no replica is visible."""
    lag = connection.execute(_LAG).scalar()
    return None if lag is None else float(lag)


def variable(end: str, place: int) -> str:
    """Return the name of a variable of the loop."""
    return f"limbeck_{end}_{place + 1}"


def script(loop: BatchLoop) -> Iterator[str]:
    """Yield a DO block that commits each batch; it cannot run inside a transaction.

    https://www.postgresql.org/docs/current/plpgsql-transactions.html
    """
    lower, upper = (
        [variable(end, place) for place in range(len(loop.keys))] for end in ("lower", "upper")
    )
    declared = [
        f"    {name} {loop.table}.{key}%TYPE;"
        for names in (lower, upper)
        for name, key in zip(names, loop.keys, strict=True)
    ]
    moved = [f"        {one} := {next_name};" for one, next_name in zip(lower, upper, strict=True)]
    pause = [f"        PERFORM pg_catalog.pg_sleep({loop.pause:g});"] if loop.pause else []
    lines = [
        "DO $limbeck$",
        "DECLARE",
        *declared,
        "BEGIN",
        f"    {_into(loop.first, lower)};",
        "    IF NOT FOUND THEN",
        "        RETURN;",
        "    END IF;",
        "    LOOP",
        f"        {_into(loop.boundary, upper)};",
        "        IF NOT FOUND THEN",
        f"            {loop.rest};",
        "            COMMIT;",
        "            EXIT;",
        "        END IF;",
        f"        {loop.change};",
        "        COMMIT;",
        *moved,
        *pause,
        "    END LOOP;",
        "END",
        "$limbeck$",
    ]
    yield "\n".join(lines)


def _into(query: str, names: list[str]) -> str:
    return f"SELECT * INTO {', '.join(names)} FROM ({query}) AS limbeck_key"  # noqa: S608 - from SQLAlchemy
