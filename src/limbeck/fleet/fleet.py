"""The functions of the API: one for each command, with results as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from limbeck.environment import Tenant
from limbeck.errors import HistoryError
from limbeck.fleet.bulk_status import Judge, TenantRows, read_rows
from limbeck.fleet.coordinator import Coordinator
from limbeck.fleet.errors import ExecutorError, UnknownTenantError
from limbeck.fleet.executors import THREADS, open_executor
from limbeck.fleet.order import Order
from limbeck.fleet.results import TenantResult, TenantStatus
from limbeck.fleet.results_table import ResultsTable
from limbeck.fleet.settings import FleetSettings
from limbeck.fleet.tenant_sources import filled, read_tenants
from limbeck.fleet.worker import Worker
from limbeck.project import Config, Project

_UNKNOWN_REVISION = "LB201"
Fleet: TypeAlias = Config | FleetSettings


@dataclass(frozen=True, slots=True)
class TenantPlan:
    """What an upgrade would run for a tenant.

    Args:
        status: where the tenant stands.
        pending: the revisions that it lacks, in the order in which they would run.
    """

    status: TenantStatus
    pending: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {**self.status.to_dict(), "pending": self.pending}


def status(fleet: Fleet, *, tenants: Iterable[Tenant] | None = None) -> Iterator[TenantStatus]:
    """Yield where each tenant stands.

    Args:
        fleet: the configuration of the project, or settings.
        tenants: the tenants; those of the settings by default.

    Raises:
        FleetError: the settings or the list of tenants are wrong.
    """
    settings = _settings(fleet)
    worker = Worker(settings, tenants if tenants is None else list(tenants))
    judge = Judge(worker.project.history)
    failures = ResultsTable(settings).failures() if settings.results else {}
    listed = read_tenants(settings) if tenants is None else worker.tenants()
    try:
        for found in read_rows(worker, listed, details=True):
            one = judge.status(found)
            if one.state == "behind" and one.tenant in failures:
                one = replace(one, state="failed", detail=failures[one.tenant])
            yield one
    finally:
        worker.connections.close()


def plan(
    fleet: Fleet, revision: str = "head", *, tenants: Iterable[Tenant] | None = None
) -> Iterator[TenantPlan]:
    """Yield which revisions an upgrade would run for each tenant; nothing is run."""
    settings = _settings(fleet)
    worker = Worker(settings, tenants if tenants is None else list(tenants))
    judge = Judge(worker.project.history)
    listed = read_tenants(settings) if tenants is None else worker.tenants()
    try:
        for found in read_rows(worker, listed):
            yield TenantPlan(judge.status(found), _pending(worker, found, revision))
    finally:
        worker.connections.close()


def _pending(worker: Worker, found: TenantRows, revision: str) -> tuple[str, ...]:
    if found.failure is not None:
        return ()
    try:
        moves = worker.project.history.route(found.rows, revision, "up")
    except HistoryError:
        return ()  # the status says why
    return tuple(move.revision.id for move in moves)


def upgrade(
    fleet: Fleet,
    revision: str = "head",
    *,
    tenants: Iterable[Tenant] | None = None,
    executor: Executor | None = None,
    tag: str | None = None,
    lock_timeout: float | None = None,
    confirmed: bool = False,
) -> Iterator[TenantResult]:
    """Bring tenants forward to a revision, and yield a result for each as it is done.

    Args:
        fleet: the configuration of the project, or settings.
        revision: the destination.
        tenants: the tenants; those of the settings by default. They need threads.
        executor: where the tenants are worked on, in place of that of the settings.
        tag: the value of `--tag`, for env.py.
        lock_timeout: seconds to wait for another runner.
        confirmed: run the migrations even if they lose data.

    Raises:
        FleetError: the settings or the list of tenants are wrong.
    """
    order = Order("upgrade", (revision,), tag=tag, lock_timeout=lock_timeout, confirmed=confirmed)
    return run(fleet, order, tenants=tenants, executor=executor)


def downgrade(
    fleet: Fleet,
    revision: str,
    *,
    tenants: Iterable[Tenant] | None = None,
    executor: Executor | None = None,
    tag: str | None = None,
    lock_timeout: float | None = None,
    confirmed: bool = False,
) -> Iterator[TenantResult]:
    """Take tenants back to a revision; see `upgrade`."""
    order = Order("downgrade", (revision,), tag=tag, lock_timeout=lock_timeout, confirmed=confirmed)
    return run(fleet, order, tenants=tenants, executor=executor)


def stamp(
    fleet: Fleet,
    *revisions: str,
    tenants: Iterable[Tenant] | None = None,
    executor: Executor | None = None,
    purge: bool = False,
) -> Iterator[TenantResult]:
    """Set the version table of tenants and run nothing; see `upgrade`."""
    order = Order("stamp", revisions, purge=purge)
    return run(fleet, order, tenants=tenants, executor=executor)


def check(
    fleet: Fleet,
    *,
    tenants: Iterable[Tenant] | None = None,
    executor: Executor | None = None,
) -> Iterator[TenantResult]:
    """Compare the models with each tenant; those that differ are failures. See `upgrade`."""
    return run(fleet, Order("check"), tenants=tenants, executor=executor)


def create(fleet: Fleet, *ids: str, executor: Executor | None = None) -> Iterator[TenantResult]:
    """Bring new tenants from nothing to head: from the project's snapshot, or with all migrations.

    A schema, a server's database or a SQLite file that is missing is created.

    Args:
        fleet: the configuration of the project, or settings.
        ids: the new tenants. One that the fleet does not list yet is a schema of its `url`.
        executor: where the tenants are worked on.

    Raises:
        UnknownTenantError: a tenant is not listed, and cannot be a schema.
    """
    settings = _settings(fleet)
    listed = {}
    if settings.tenants or settings.files or settings.source or settings.schemas:
        Project.from_config(settings.config())  # its folders of modules, for `source`
        every = settings.changed(select=())
        listed = {one.id: one for one in read_tenants(every) if one.id in ids}
    tenants = [listed[id_] if id_ in listed else _new_schema(settings, id_) for id_ in ids]
    return run(settings, Order("create", ("head",)), tenants=tenants, executor=executor)


def _new_schema(settings: FleetSettings, id_: str) -> Tenant:
    if not settings.schemas or not settings.url:
        raise UnknownTenantError(
            f"The fleet does not list {id_!r}",
            hint="Nothing was run. List the tenant first: it is not known in which database it "
            "belongs.",
        )
    return Tenant(id_, filled(settings.url), id_)


def run(
    fleet: Fleet,
    order: Order,
    *,
    tenants: Iterable[Tenant] | None = None,
    executor: Executor | None = None,
) -> Iterator[TenantResult]:
    """Run an order for tenants and yield a result for each as it is done.

    Raises:
        ExecutorError: the executor cannot take tenants that only this process knows.
        FleetError: the settings or the list of tenants are wrong.
        HistoryError: no file has the destination.
    """
    settings = _settings(fleet)
    listed = None if tenants is None else list(tenants)
    if listed is not None and executor is None and settings.executor != THREADS:
        if order.action != "create":
            raise ExecutorError(
                "Tenants that are given as objects can only be worked on in threads",
                hint="Name a function in `source` of [tool.limbeck.fleet]: each worker calls it.",
            )
        settings = settings.changed(executor=THREADS)
    worker = Worker(settings, listed)
    _require_destination(worker, order)
    results = _results(worker, order, listed, executor)
    return ResultsTable(settings).recorded(results) if settings.results else results


def _require_destination(worker: Worker, order: Order) -> None:
    """Look up a destination that is the name of a revision, once and not for each tenant."""
    for symbol in order.revisions:
        if symbol.isidentifier() or symbol.isalnum():
            try:
                worker.project.history.resolve(symbol)
            except HistoryError as error:
                if error.code == _UNKNOWN_REVISION:
                    raise


def _results(
    worker: Worker, order: Order, tenants: list[Tenant] | None, executor: Executor | None
) -> Iterator[TenantResult]:
    settings = worker.settings
    try:
        with open_executor(settings, worker, executor) as opened:
            chosen = read_tenants(settings) if tenants is None else tenants
            yield from Coordinator(worker, order, opened).run(chosen)
    finally:
        worker.connections.close()


def _settings(fleet: Fleet) -> FleetSettings:
    return fleet if isinstance(fleet, FleetSettings) else FleetSettings.from_config(fleet)
