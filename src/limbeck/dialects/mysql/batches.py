"""Batches on MySQL and MariaDB: a loop in a procedure, and the lag of replicas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.mysql import ENUM, SET

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.types import TypeEngine

    from limbeck.dialects.batch_rules import BatchLoop

_NAME = "limbeck_backfill"


def replica_lag(connection: Connection) -> float | None:
    """Return the lag in seconds of this server, if it is a replica.

    A server does not know the lag of its replicas; its own lag matters in a chain of replicas.
    https://dev.mysql.com/doc/refman/8.4/en/show-replica-status.html
    """
    rows = connection.exec_driver_sql("SHOW REPLICA STATUS").mappings().all()
    names = ("Seconds_Behind_Source", "Seconds_Behind_Master")
    lags = [row.get(name) for row in rows for name in names]
    return max((float(lag) for lag in lags if lag is not None), default=None)


def unusable_key(type_: TypeEngine[Any]) -> str | None:
    """Return why a key is unusable: these types are sorted by number but compared as text."""
    return "is sorted by number" if isinstance(type_, ENUM | SET) else None


def variable(end: str, place: int) -> str:
    """Return the name of a session variable."""
    return f"@limbeck_{end}_{place + 1}"


def script(loop: BatchLoop) -> Iterator[str]:
    """Yield a procedure that commits each batch, its call, and its removal.

    Only MariaDB supports blocks outside procedures.
    """
    lower, upper = (
        [variable(end, place) for place in range(len(loop.keys))] for end in ("lower", "upper")
    )
    unset = ", ".join(f"{name} = NULL" for name in upper)
    moved = ", ".join(f"{one} = {next_name}" for one, next_name in zip(lower, upper, strict=True))
    pause = [f"        DO SLEEP({loop.pause:g});"] if loop.pause else []
    yield f"DROP PROCEDURE IF EXISTS {_NAME}"
    lines = [
        f"CREATE PROCEDURE {_NAME}()",
        "BEGIN",
        f"    SET {', '.join(f'{name} = NULL' for name in lower)};",
        f"    {_into(loop.first, lower)};",
        f"    WHILE {lower[0]} IS NOT NULL DO",
        "        START TRANSACTION;",
        f"        SET {unset};",
        f"        {_into(loop.boundary, upper)};",
        f"        IF {upper[0]} IS NULL THEN",
        f"            {loop.rest};",
        "        ELSE",
        f"            {loop.change};",
        "        END IF;",
        "        COMMIT;",
        f"        SET {moved};",
        *pause,
        "    END WHILE;",
        "END",
    ]
    yield "\n".join(lines)
    yield f"CALL {_NAME}()"
    yield f"DROP PROCEDURE {_NAME}"


def _into(query: str, names: list[str]) -> str:
    return f"{query} INTO {', '.join(names)}"
