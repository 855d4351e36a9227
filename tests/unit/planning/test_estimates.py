"""Estimated times from sizes and rates, as a table of cases."""

from __future__ import annotations

from typing import Any

import pytest

from limbeck.dialects import TableSize
from limbeck.planning import (
    PlannedStatement,
    PlannedTransaction,
    Rate,
    Rates,
    needs_rates,
    with_estimates,
)
from limbeck.planning.calibration import ROWS

RATES = Rates(
    scan=Rate(1e-6, 1e-6, 1e-6),
    rewrite=Rate(4e-6, 2e-6, 8e-6),
    index=Rate(1e-5, 1e-5, 1e-5),
    update=Rate(1e-4, 1e-4, 1e-4),
    bytes_per_row=100.0,
    server="some server",
)
MANY = {"t": TableSize(1_000_000, 400_000_000), "u": TableSize(2_000_000, None)}


def _estimated(sizes: dict[str, TableSize], rates: Rates | None, **facts: Any) -> PlannedStatement:
    statement = PlannedStatement("a1", facts.pop("sql", "ALTER TABLE t"), is_long=True, **facts)
    before = PlannedTransaction(1, "transaction", ("a1",), (statement,))
    (found,) = with_estimates([before], sizes, rates)
    return found.statements[0]


@pytest.mark.parametrize(
    ("facts", "seconds", "low", "high"),
    [
        # bytes where both sides know them: four times as wide as the measured rows
        ({"scans": ("t",)}, 4.0, 4 / 3, 12.0),
        ({"rewrites": ("t",), "scans": ("t",)}, 16.0, 8 / 3, 96.0),
        # rows where they do not
        ({"scans": ("u",)}, 2.0, 2 / 3, 6.0),
        ({"scans": ("t", "u")}, 6.0, 2.0, 18.0),
        # the statement says that rows are changed
        ({"sql": "UPDATE t SET a = 1", "scans": ("t",)}, 100.0, 100 / 3, 1000.0),
        ({"locks": {"t": "EXCLUSIVE"}}, 100.0, 100 / 3, 1000.0),
    ],
)
def test_sizes_times_rates(facts: dict[str, Any], seconds: float, low: float, high: float) -> None:
    found = _estimated(MANY, RATES, **facts).estimate
    assert found is not None
    assert (found.seconds, found.low, found.high) == pytest.approx((seconds, low, high))
    assert "some server" in found.basis


def test_an_index_grows_faster_than_its_rows() -> None:
    sizes = {"t": TableSize(ROWS**2)}
    found = _estimated(sizes, RATES, sql="CREATE INDEX i ON t (a)", locks={"t": "SHARE"}).estimate
    assert found is not None
    assert found.seconds == pytest.approx(ROWS**2 * 1e-5 * 2)


@pytest.mark.parametrize(
    ("sizes", "rates"),
    [
        ({}, RATES),
        ({"t": TableSize(None, 10_000_000)}, RATES),
        (MANY, None),
        ({"t": TableSize(9_999, 10_000_000)}, RATES),
    ],
)
def test_not_known(sizes: dict[str, TableSize], rates: Rates | None) -> None:
    found = _estimated(sizes, rates, scans=("t",))
    assert found.estimate is None
    assert found.has_few_rows == (sizes.get("t", TableSize()).rows == 9_999)


def test_rates_are_measured_for_many_rows_only() -> None:
    statement = PlannedStatement("a1", "ALTER", scans=("t",), is_long=True)
    brief = PlannedStatement("a1", "ALTER", locks={"t": "EXCLUSIVE"})
    assert needs_rates([statement], MANY)
    assert not needs_rates([statement], {"t": TableSize(5)})
    assert not needs_rates([statement], {})
    assert not needs_rates([brief], MANY)
