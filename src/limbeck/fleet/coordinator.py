"""Run an order for many tenants: in waves, within limits, until there are too many failures.

Nothing is stored between two runs. Each run reads first where the tenants stand, and the waves are
made of all tenants in their order: after a kill at any moment the same command goes on where the
fleet stands.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass, replace
from typing import Any

from limbeck.environment import Tenant
from limbeck.errors import HistoryError, LimbeckError
from limbeck.fleet.bulk_status import read_rows
from limbeck.fleet.connections import server_of
from limbeck.fleet.errors import DuplicateTenantError, WorkerLostError
from limbeck.fleet.executors import TenantExecutor, result_of
from limbeck.fleet.failures import describe_failure
from limbeck.fleet.order import Order
from limbeck.fleet.results import TenantResult
from limbeck.fleet.settings import share_of
from limbeck.fleet.worker import Worker
from limbeck.history import Move

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
_TICK = 0.5


@dataclass(slots=True)
class _Job:
    """A tenant that is to be worked on; small, as there are many.

    Args:
        id: the tenant.
        server: its server, for the limit of connections.
        group: its group.
        before: its version rows.
        attempts: how often it was tried.
    """

    id: str
    server: str
    group: str | None
    before: tuple[str, ...] = ()
    attempts: int = 0


class Coordinator:
    """Gives tenants to an executor and yields their results as they come.

    Args:
        worker: the worker of this process.
        order: what is to be done.
        executor: who does it.
    """

    def __init__(self, worker: Worker, order: Order, executor: TenantExecutor) -> None:
        self._worker = worker
        self._settings = worker.settings
        self._order = order
        self._executor = executor
        self._routes: dict[tuple[str, ...], tuple[Move, ...] | LimbeckError] = {}
        self._failed = 0
        self._first_failure: int | None = None  # its place among the tenants, before any wave
        self._remaining = 0

    def run(self, tenants: Iterable[Tenant]) -> Iterator[TenantResult]:
        """Yield a result for each tenant.

        An interruption ends the run as too many failures do: what has been begun is finished.

        Raises:
            KeyboardInterrupt: the run was interrupted; all results have been yielded.
        """
        jobs: list[_Job | None] = []  # of every tenant, in order; None where nothing is to do
        for result in self._sort_out(tenants, jobs):
            self._count(result)
            yield result
        total = len(jobs)
        self._remaining = sum(job is not None for job in jobs)
        limit = self._settings.max_failures
        most = None if limit is None else share_of(limit, total)
        for number, wave in enumerate(self._waves(total), 1):
            is_canary = number == 1 and self._settings.canary > 0
            todo = [job for job in jobs[wave.start : wave.stop] if job is not None]
            failed_before = self._failed
            if self._is_over(most):
                yield from self._not_run(jobs[wave.start :])
                return
            try:
                yield from self._run_wave(todo, number, most)
            except KeyboardInterrupt:
                yield from self._not_run(jobs[wave.stop :])
                raise
            has_failed_early = self._first_failure is not None and self._first_failure < wave.stop
            if is_canary and (has_failed_early or self._failed > failed_before):
                yield from self._not_run(jobs[wave.stop :])
                return

    def _is_over(self, most: int | None) -> bool:
        """Return whether there are too many failures to go on."""
        return most is not None and self._failed > most

    # ── before the first wave ─────────────────────────────────────────────

    def _sort_out(
        self, tenants: Iterable[Tenant], jobs: list[_Job | None]
    ) -> Iterator[TenantResult]:
        """Find out which tenants are to be worked on; yield the results of the others."""
        doubles: list[TenantResult] = []
        unique = self._unique(tenants, doubles)
        if self._order.action in {"check", "create"}:
            for tenant in unique:
                jobs.append(_Job(tenant.id, server_of(tenant.url), tenant.group))
                yield from _taken(doubles)
            yield from _taken(doubles)
            return
        for found in read_rows(self._worker, unique):
            yield from _taken(doubles)
            tenant, rows = found.tenant, found.rows
            if found.failure is not None and not found.failure.can_retry:
                failure = found.failure
                self._place_failure(jobs)
                yield self._result(
                    tenant, "failed", code=failure.code, error=failure.text, hint=failure.hint,
                    attempts=1,
                )  # fmt: skip
                continue
            if found.failure is None:
                route = self._route(rows)
                if isinstance(route, LimbeckError):
                    self._place_failure(jobs)
                    failure = describe_failure(route, None)
                    yield self._result(
                        tenant, "failed", before=rows, after=rows, code=failure.code,
                        error=failure.text, hint=failure.hint,
                    )  # fmt: skip
                    continue
                if not route and not self._order.purge:
                    jobs.append(None)
                    yield self._result(tenant, "skipped", before=rows, after=rows)
                    continue
            jobs.append(_Job(tenant.id, server_of(tenant.url), tenant.group, rows))
        yield from _taken(doubles)

    def _place_failure(self, jobs: list[_Job | None]) -> None:
        """Add a tenant that has failed already, and on which nothing is done."""
        if self._first_failure is None:
            self._first_failure = len(jobs)
        jobs.append(None)

    def _unique(self, tenants: Iterable[Tenant], doubles: list[TenantResult]) -> Iterator[Tenant]:
        seen: set[str] = set()
        for tenant in tenants:
            if tenant.id not in seen:
                seen.add(tenant.id)
                yield tenant
                continue
            error = DuplicateTenantError(
                f"The fleet has two tenants with the id {tenant.id!r}",
                hint="The second one was not run. Give each an id of its own, or list it once.",
            )
            failure = describe_failure(error, None)
            doubles.append(
                self._result(
                    tenant, "failed", code=failure.code, error=failure.text, hint=failure.hint
                )
            )

    def _route(self, rows: tuple[str, ...]) -> tuple[Move, ...] | LimbeckError:
        """Return the way from version rows; the same for all tenants that have them."""
        if rows not in self._routes:
            order = self._order
            to: Any = order.revisions if order.action == "stamp" else order.revisions[0]
            try:
                self._routes[rows] = self._worker.project.history.route(
                    rows, to, order.direction or "up"
                )
            except HistoryError as error:
                self._routes[rows] = error
        return self._routes[rows]

    def _waves(self, total: int) -> Iterator[range]:
        """Yield the parts of the tenants that are worked on together."""
        start = 0
        sizes = [self._settings.canary] if self._settings.canary else []
        sizes += [share_of(text, total) for text in self._settings.waves]
        for size in sizes:
            if start < total:
                yield range(start, min(start + size, total))
                start += size
        if start < total:
            yield range(start, total)

    # ── a wave ────────────────────────────────────────────────────────────

    def _run_wave(
        self, jobs: Sequence[_Job], number: int, most: int | None
    ) -> Iterator[TenantResult]:
        """Yield the results of the tenants of a wave.

        Where there are too many failures, or after an interruption, what has been begun is awaited
        and nothing more begun. A second interruption ends the run at once.
        """
        interruption: KeyboardInterrupt | None = None
        queue = _Queue(jobs, self._settings.connections_per_server)
        running: dict[Future[Any], _Job] = {}
        while queue or running:
            is_over = interruption is not None or self._is_over(most)
            if is_over and not running:
                yield from self._not_run(queue.rest())
                break
            try:
                if not is_over:
                    self._fill(queue, running)
                if not running:
                    time.sleep(queue.pause())
                    continue
                ended = self._ended(running)
            except KeyboardInterrupt as error:
                if interruption is not None:
                    raise
                interruption = error
                continue
            for job, result in ended:
                queue.ended(job)
                if result.can_retry and job.attempts <= self._settings.retries and not is_over:
                    queue.again(job)
                else:
                    yield self._completed(result, job, number)
        if interruption is not None:
            raise interruption

    def _fill(self, queue: _Queue, running: dict[Future[Any], _Job]) -> None:
        """Give the executor as many tenants as it and their servers take."""
        while len(running) < self._executor.at_once():
            job = queue.take()
            if job is None:
                return
            running[self._submit(job)] = job

    def _ended(self, running: dict[Future[Any], _Job]) -> list[tuple[_Job, TenantResult]]:
        """Wait for tenants that are done, and take them out of those that run."""
        done, _ = wait(running, timeout=_TICK, return_when=FIRST_COMPLETED)
        is_broken = any(isinstance(one.exception(), BrokenExecutor) for one in done)
        if is_broken:
            # one lost process takes the others' tenants with it
            done, _ = wait(running)
        ended = []
        for future in done:
            job = running.pop(future)
            job.attempts += 1
            try:
                ended.append((job, result_of(future)))
            except Exception as error:  # noqa: BLE001 - each executor has errors of its own
                ended.append((job, self._lost(job, error)))
        if is_broken:
            self._executor.restart()
        return ended

    def _submit(self, job: _Job) -> Future[Any]:
        try:
            return self._executor.submit(job.id, self._order)
        except BrokenExecutor:
            self._executor.restart()
            return self._executor.submit(job.id, self._order)

    def _completed(self, result: TenantResult, job: _Job, number: int) -> TenantResult:
        rows = (job.before, job.before) if not result.moves else (result.before, result.after)
        self._remaining -= 1
        found = replace(
            result, before=rows[0], after=rows[1], attempts=job.attempts, wave=number,
            group=job.group, remaining=self._remaining,
        )  # fmt: skip
        self._count(found)
        return found

    def _lost(self, job: _Job, error: BaseException) -> TenantResult:
        lost = WorkerLostError(
            f"The worker of {job.id!r} ended before it had answered: {type(error).__name__}",
            hint="Run the same command again: it reads the state of the tenant and continues.",
        )
        failure = describe_failure(lost, None)
        return TenantResult(
            job.id, self._order.action, "failed", code=failure.code, error=failure.text,
            hint=failure.hint, can_retry=True,
        )  # fmt: skip

    def _not_run(self, jobs: Iterable[_Job | None]) -> Iterator[TenantResult]:
        for job in jobs:
            if job is not None:
                yield TenantResult(
                    job.id, self._order.action, "not run", before=job.before, after=job.before,
                    group=job.group,
                )  # fmt: skip

    def _result(self, tenant: Tenant, outcome: Any, **values: Any) -> TenantResult:
        return TenantResult(tenant.id, self._order.action, outcome, group=tenant.group, **values)

    def _count(self, result: TenantResult) -> None:
        if result.outcome == "failed":
            self._failed += 1


def _taken(results: list[TenantResult]) -> Iterator[TenantResult]:
    taken, results[:] = list(results), []
    yield from taken


class _Queue:
    """The tenants of a wave that wait, within the limit of connections of each server.

    Args:
        jobs: the tenants.
        limit: how many may be on one server at once; a file is on no server.
    """

    def __init__(self, jobs: Iterable[_Job], limit: int) -> None:
        self._limit = limit
        self._waiting: dict[str, deque[_Job]] = {}
        for job in jobs:
            self._waiting.setdefault(job.server, deque()).append(job)
        self._running: dict[str, int] = {}
        self._later: list[tuple[float, _Job]] = []

    def __bool__(self) -> bool:
        return bool(self._waiting or self._later)

    def take(self) -> _Job | None:
        """Return the next tenant that may begin, None for none."""
        now = time.monotonic()
        for due in [one for one in self._later if one[0] <= now]:
            self._later.remove(due)
            self._waiting.setdefault(due[1].server, deque()).append(due[1])
        for server, jobs in self._waiting.items():
            if server and self._running.get(server, 0) >= self._limit:
                continue
            job = jobs.popleft()
            del self._waiting[server]
            if jobs:
                self._waiting[server] = jobs  # last: the servers take turns
            self._running[server] = self._running.get(server, 0) + 1
            return job
        return None

    def ended(self, job: _Job) -> None:
        """Count a tenant that no longer runs."""
        self._running[job.server] -= 1

    def again(self, job: _Job) -> None:
        """Take a tenant again, after a pause that grows with its attempts."""
        pause = min(FIRST_PAUSE * 2 ** (job.attempts - 1), LONGEST_PAUSE)
        self._later.append((time.monotonic() + pause, job))

    def pause(self) -> float:
        """Return how long to wait where nothing runs, in seconds."""
        if not self._later:
            return 0.0
        return max(0.0, min(due for due, _ in self._later) - time.monotonic())

    def rest(self) -> list[_Job]:
        """Return what has not been begun."""
        waiting = [job for jobs in self._waiting.values() for job in jobs]
        self._waiting.clear()
        later = [job for _, job in self._later]
        self._later.clear()
        return [*waiting, *later]
