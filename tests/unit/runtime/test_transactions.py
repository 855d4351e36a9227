"""How a transaction ended, by what its COMMIT raised."""

from __future__ import annotations

import sqlite3
from contextlib import nullcontext
from typing import Any, cast

import pytest
import sqlalchemy as sa

from limbeck.errors import LimbeckError
from limbeck.runtime import RunRecord, Transactions
from limbeck.runtime.failure_report import COMMITTED, ROLLED_BACK, UNANSWERED


class _Stubborn:
    def __init__(self, error: BaseException | None) -> None:
        self.error = error

    def commit(self) -> None:
        if self.error is not None:
            raise self.error


def _refused(*, is_lost: bool) -> sa.exc.DBAPIError:
    return sa.exc.OperationalError(
        "COMMIT", (), sqlite3.OperationalError("no"), connection_invalidated=is_lost
    )


@pytest.mark.parametrize(
    ("error", "ended"),
    [
        (None, COMMITTED),
        (_refused(is_lost=False), ROLLED_BACK),
        (_refused(is_lost=True), UNANSWERED),
        (KeyboardInterrupt(), UNANSWERED),
        (TimeoutError(), UNANSWERED),
        (LimbeckError("before it was sent"), ROLLED_BACK),
        (sa.exc.InvalidRequestError("before it was sent"), ROLLED_BACK),
    ],
    ids=lambda case: case if isinstance(case, str) else type(case).__name__,
)
def test_only_an_error_of_the_server_shows_that_nothing_was_committed(
    error: BaseException | None, ended: str
) -> None:
    record = RunRecord(None)
    transactions = Transactions(
        None, script=None, transactional_ddl=lambda: True, per_migration=False, record=record
    )
    # any other exception is raised unchanged
    with pytest.raises(type(error)) if error is not None else nullcontext():
        transactions.commit(cast("Any", _Stubborn(error)))
    assert record.ended == ended
    # a later rollback does not show whether it was committed
    transactions.roll_back()
    assert record.ended == ended
