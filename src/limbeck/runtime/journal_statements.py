"""The SQLAlchemy table of the journal, and its statements."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from limbeck.runtime.lock_lease import DIRECTION

_STEP_STATES = ("done", "running", "failed", "data", "unknown", "partial", "elsewhere")
SKIPPED = "skipped"  # direction and state in rows of revisions that were stamped instead of run
APPLIED = "kept"  # direction and state in rows with the source of an applied revision
_PARAMETERS = (
    "lane", "revision", "direction", "place", "statement", "fingerprint", "trace", "state",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class JournalStatements:
    """The table and its statements, built once so that SQLAlchemy caches their compiled form."""

    table: sa.Table
    steps: Any
    add_step: Any
    delete_steps: Any
    applied: Any
    applied_with_sources: Any
    add_applied: Any
    delete_applied: Any


@functools.lru_cache(maxsize=64)
def define_statements(
    name: str, schema: str | None, options: tuple[tuple[str, Any], ...]
) -> JournalStatements:
    """Return the statements for a journal with a name."""
    table = sa.Table(
        name,
        sa.MetaData(),
        sa.Column("lane", sa.String(128), primary_key=True),
        sa.Column("revision", sa.String(128), primary_key=True),
        sa.Column("direction", sa.String(8), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("statement", sa.Text, nullable=False),
        sa.Column("trace", sa.Text),
        sa.Column("started", sa.String(32)),
        schema=schema,
        **dict(options),
    )
    columns = table.c
    lane: Any = sa.bindparam("its_lane", type_=sa.String)
    revisions: Any = sa.bindparam("revisions", expanding=True, type_=sa.String)
    values: dict[str, Any] = {name: sa.bindparam(f"its_{name}") for name in _PARAMETERS}
    read = (columns.revision, columns.place, columns.fingerprint, columns.trace)
    of_applied = (columns.lane == lane, columns.direction == APPLIED)
    in_order = (columns.revision, columns.place)
    without_source = sa.select(*read, sa.literal("").label("statement"))
    return JournalStatements(
        table=table,
        steps=sa.select(table)
        .where(columns.lane == lane, columns.state.in_((*_STEP_STATES, DIRECTION, SKIPPED)))
        .order_by(columns.place),
        add_step=table.insert().values({**values, "started": sa.func.current_timestamp()}),
        delete_steps=table.delete().where(
            columns.lane == lane,
            columns.revision.in_(revisions),
            columns.direction.not_in((APPLIED, SKIPPED)),
        ),
        applied=without_source.where(*of_applied).order_by(*in_order),
        applied_with_sources=sa.select(*read, columns.statement)
        .where(*of_applied)
        .order_by(*in_order),
        add_applied=table.insert(),
        delete_applied=table.delete().where(*of_applied, columns.revision.in_(revisions)),
    )
