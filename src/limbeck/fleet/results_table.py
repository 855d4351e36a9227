"""The last result of each tenant, in a table of a control database. It holds no URL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

import sqlalchemy as sa

from limbeck.dialects import has_table, same
from limbeck.errors import FleetError
from limbeck.fleet.failures import describe_failure
from limbeck.fleet.results import TenantResult
from limbeck.fleet.settings import FleetSettings
from limbeck.fleet.tenant_sources import filled, parse_url, sync_url

_AT_ONCE = 200
_REFRESHED = frozenset({"done", "failed"})


class ResultsTable:
    """Writes results into a table, and reads the failures from it.

    A run writes the results of some hundred tenants at a time. What is lost when it is killed is
    read from the tenants by the next run.

    Args:
        settings: the fleet, with the URL of the control database.
    """

    def __init__(self, settings: FleetSettings) -> None:
        self._url = filled(settings.results or "")
        self.table = sa.Table(
            settings.results_table,
            sa.MetaData(),
            sa.Column("tenant", sa.String(255), primary_key=True),
            sa.Column("tenant_group", sa.String(255)),
            sa.Column("action", sa.String(16), nullable=False),
            sa.Column("outcome", sa.String(16), nullable=False),
            sa.Column("revisions", sa.Text, nullable=False),
            sa.Column("error_code", sa.String(16), nullable=False),
            sa.Column("error", sa.Text, nullable=False),
            sa.Column("started", sa.String(32), nullable=False),
            sa.Column("seconds", sa.Float, nullable=False),
            sa.Column("attempts", sa.Integer, nullable=False),
        )
        self._engine = sa.create_engine(sync_url(parse_url(self._url)))

    def recorded(self, results: Iterable[TenantResult]) -> Iterator[TenantResult]:
        """Pass results on and write those of tenants that were worked on.

        Raises:
            FleetError: the control database refuses.
        """
        waiting: dict[str, TenantResult] = {}
        try:
            with self._refusals():
                self._create()
            for result in results:
                yield result
                if result.outcome in _REFRESHED and result.code != "LB652":
                    waiting[result.tenant] = result
                if len(waiting) >= _AT_ONCE:
                    self._write(waiting)
        finally:
            self._write(waiting)
            self._engine.dispose()

    def _create(self) -> None:
        with self._engine.begin() as connection:
            if not has_table(connection, self.table.schema, self.table.name):
                self.table.create(connection, checkfirst=False)

    def _write(self, waiting: dict[str, TenantResult]) -> None:
        if not waiting:
            return
        rows = [_row(result) for result in waiting.values()]
        waiting.clear()
        with self._refusals(), self._engine.begin() as connection:
            is_tenant = same(self.table.c.tenant, sa.bindparam("its_tenant", type_=sa.String))
            tenants = [{"its_tenant": row["tenant"]} for row in rows]
            connection.execute(self.table.delete().where(is_tenant), tenants)
            connection.execute(self.table.insert(), rows)

    def failures(self) -> dict[str, str]:
        """Return the error of each tenant whose last run failed."""
        columns = self.table.c
        query = sa.select(columns.tenant, columns.error).where(same(columns.outcome, "failed"))
        with suppress(sa.exc.DBAPIError), self._engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}
        return {}

    def _refusals(self) -> _Refusals:
        return _Refusals(self._url)


class _Refusals:
    """Turns errors of the control database into one that names it."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, sa.exc.SQLAlchemyError):
            words = describe_failure(error, self._url).text
            raise FleetError(
                f"The results of the fleet cannot be written: {words}",
                hint="The tenants themselves are as their version tables say. Correct `results` of "
                "the fleet, then run the same command again.",
            ) from error


def _row(result: TenantResult) -> dict[str, object]:
    return {
        "tenant": result.tenant,
        "tenant_group": result.group,
        "action": result.action,
        "outcome": result.outcome,
        "revisions": " ".join(result.after),
        "error_code": result.code,
        "error": result.error,
        "started": result.started,
        "seconds": result.seconds,
        "attempts": result.attempts,
    }
