"""How long the statements of a plan take: sizes of tables times the rates of a server.

A rate is measured on rows of one width in a database that nobody else uses. So the range of an
estimate is wider than that of the measured runs: a third of the shortest, three times the longest,
and ten times for changed rows, whose old versions and indexes cost more the more there are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from limbeck.dialects import TableSize
from limbeck.planning.calibration import ROWS, Rate, Rates
from limbeck.planning.plan import Estimate, PlannedStatement, PlannedTransaction

FEW_ROWS = 10_000  # a statement on fewer rows is brief, whatever it does
# what the statement itself states, whatever else it does for that
_STATED = (
    (re.compile(r"\s*(?:UPDATE|DELETE)\b", re.IGNORECASE), "update"),
    (re.compile(r"\s*CREATE\s+(?:UNIQUE\s+|FULLTEXT\s+)?INDEX\b", re.IGNORECASE), "index"),
)
_LOWER = 1 / 3
_HIGHER = MappingProxyType({"scan": 3.0, "rewrite": 3.0, "index": 3.0, "update": 10.0})


def worked_tables(one: PlannedStatement) -> dict[str, str]:
    """Return the tables that a statement works on, with the work: rewrite, index, scan, update."""
    stated = next((work for pattern, work in _STATED if pattern.match(one.sql)), None)
    if stated is not None:
        names = (*one.rewrites, *one.index_builds, *one.scans) or one.locks
        return dict.fromkeys(names, stated)
    found: dict[str, str] = {}
    for work, tables in (
        ("rewrite", one.rewrites),
        ("index", one.index_builds),
        ("scan", one.scans),
    ):
        for table in tables:
            found.setdefault(table, work)
    if one.is_long and not found:
        found = dict.fromkeys(one.locks, "update")
    return found


def needs_rates(statements: Iterable[PlannedStatement], sizes: Mapping[str, TableSize]) -> bool:
    """Return whether a statement works on many rows, as far as that is known."""
    rows = [
        sizes[table].rows
        for one in statements
        if one.is_long
        for table in worked_tables(one)
        if table in sizes
    ]
    return any(number is not None and number >= FEW_ROWS for number in rows)


def with_estimates(
    transactions: Iterable[PlannedTransaction], sizes: Mapping[str, TableSize], rates: Rates | None
) -> tuple[PlannedTransaction, ...]:
    """Return transactions whose long statements have an estimate, where it can be computed.

    Args:
        transactions: of a plan.
        sizes: the sizes of the tables.
        rates: of the server; None where they were not measured.
    """
    return tuple(
        replace(
            each,
            statements=tuple(
                replace(
                    one,
                    estimate=_estimate(one, sizes, rates),
                    has_few_rows=_is_small(one, sizes),
                )
                for one in each.statements
            ),
        )
        for each in transactions
    )


def _is_small(one: PlannedStatement, sizes: Mapping[str, TableSize]) -> bool:
    tables = worked_tables(one)
    rows = [sizes[table].rows for table in tables if table in sizes]
    known = [number for number in rows if number is not None]
    return bool(tables) and len(known) == len(tables) and max(known) < FEW_ROWS


def _estimate(
    one: PlannedStatement, sizes: Mapping[str, TableSize], rates: Rates | None
) -> Estimate | None:
    if rates is None or not one.is_long or _is_small(one, sizes):
        return None
    parts = []
    for table, work in worked_tables(one).items():
        part = _of_table(table, work, sizes.get(table), rates)
        if part is None:
            return None
        parts.append(part)
    if not parts:
        return None
    return Estimate(
        seconds=sum(part.seconds for part in parts),
        low=sum(part.low for part in parts),
        high=sum(part.high for part in parts),
        basis="; ".join(part.basis for part in parts),
    )


def _of_table(table: str, work: str, size: TableSize | None, rates: Rates) -> Estimate | None:
    """Return the estimate of one kind of work on one table; None where its size is not known."""
    if size is None or size.rows is None:
        return None
    rate: Rate = getattr(rates, work)
    number = float(size.rows)
    basis = f"{work} of {size.rows} rows of {table}"
    if size.bytes is not None and rates.bytes_per_row is not None and work in {"scan", "rewrite"}:
        # wider rows take longer
        number = size.bytes / rates.bytes_per_row
        basis = f"{work} of {size.bytes} bytes of {table}"
    if work == "index":
        number *= math.log2(max(number, 2)) / math.log2(ROWS)
    return Estimate(
        seconds=number * rate.median,
        low=number * rate.low * _LOWER,
        high=number * rate.high * _HIGHER[work],
        basis=f"{basis}, as measured on {rates.server}",
    )
