"""Where tenants are worked on: threads, processes or Dask, behind `concurrent.futures.Executor`."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from importlib import import_module
from typing import Any, Protocol

from limbeck.errors import FleetError, LimbeckError
from limbeck.fleet.errors import ExecutorError
from limbeck.fleet.failures import describe_failure
from limbeck.fleet.order import Order
from limbeck.fleet.results import Action, TenantResult
from limbeck.fleet.settings import FleetSettings
from limbeck.fleet.worker import Worker

THREADS, PROCESSES, DASK = "threads", "processes", "dask://"
_loading = threading.Lock()
_busy = threading.Lock()


class TenantExecutor(Protocol):
    """Takes tenants; what it returns is asked for the result."""

    def submit(self, id_: str, order: Order) -> Future[Any]:
        """Begin with a tenant."""

    def at_once(self) -> int:
        """How many tenants it is given at once."""

    def restart(self) -> None:
        """Start again after its workers were lost."""


def open_executor(
    settings: FleetSettings, worker: Worker, executor: Executor | None = None
) -> AbstractContextManager[TenantExecutor]:
    """Return the executor that the settings name, ready to be entered.

    Args:
        settings: the fleet.
        worker: the worker of this process, for threads.
        executor: an executor that the caller has; it is not shut down.

    Raises:
        ExecutorError: there is no such executor, or what it needs is missing.
    """
    if executor is not None:
        if isinstance(executor, ThreadPoolExecutor):
            return _given(executor, settings, worker)
        return _given(executor, settings, None)
    if settings.executor == THREADS:
        return _threads(settings, worker)
    if settings.executor == PROCESSES:
        return _processes(settings)
    if settings.executor.startswith(DASK):
        return _dask(settings)
    raise ExecutorError(
        f"executor of the fleet is {settings.executor!r}",
        hint="Write threads, processes, or dask://host:8786.",
        place=settings.toml_file,
    )


@contextmanager
def _given(
    executor: Executor, settings: FleetSettings, worker: Worker | None
) -> Iterator[TenantExecutor]:
    run = run_in_worker if worker is None else worker.run
    yield _Pool(lambda: executor, run, settings, is_remote=worker is None)


@contextmanager
def _threads(settings: FleetSettings, worker: Worker) -> Iterator[TenantExecutor]:
    pool = ThreadPoolExecutor(settings.workers, "limbeck-fleet")
    try:
        yield _Pool(lambda: pool, worker.run, settings, is_remote=False)
    finally:
        # what runs is finished: a migration that has begun is not left half done
        pool.shutdown(cancel_futures=True)


@contextmanager
def _processes(settings: FleetSettings) -> Iterator[TenantExecutor]:
    def start() -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            settings.workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=end_with_parent,
        )

    pool = _Pool(start, run_in_process, settings, is_remote=True)
    try:
        yield pool
    finally:
        pool.executor.shutdown(cancel_futures=True)


@contextmanager
def _dask(settings: FleetSettings) -> Iterator[TenantExecutor]:
    try:
        client_class: Any = import_module("distributed").Client
    except ImportError:
        raise ExecutorError(
            "The executor dask needs Dask, which is not installed",
            hint="pip install 'limbeck[dask]', here and where the workers run.",
        ) from None
    address = "tcp://" + settings.executor[len(DASK) :]
    try:
        client = client_class(address, timeout=30)
    except (OSError, ValueError) as error:
        raise ExecutorError(
            f"No Dask scheduler answers at {address}: {error}",
            hint="Start it with `dask scheduler`, or correct the address.",
        ) from error
    with client:
        # the coordinator gives the tenant of a lost worker to another one, and counts its attempts
        executor = client.get_executor(pure=False, retries=0)
        yield _Pool(lambda: executor, run_in_worker, settings, is_remote=True)


class _Pool:
    """An executor with the function that it runs."""

    def __init__(
        self,
        start: Callable[[], Executor],
        run: Callable[..., Any],
        settings: FleetSettings,
        *,
        is_remote: bool,
    ) -> None:
        self._start = start
        self._run = run
        self._is_remote = is_remote
        self._text = settings.to_text() if is_remote else ""
        self._at_once = settings.workers
        self.executor = start()

    def submit(self, id_: str, order: Order) -> Future[Any]:
        """Begin with a tenant."""
        if self._is_remote:
            return self.executor.submit(self._run, self._text, id_, order.to_dict())
        return self.executor.submit(self._run, id_, order)

    def at_once(self) -> int:
        """How many tenants it is given at once."""
        return self._at_once

    def restart(self) -> None:
        """Start again after its workers were lost."""
        self.executor.shutdown(wait=False, cancel_futures=True)
        self.executor = self._start()


def result_of(future: Future[Any]) -> TenantResult:
    """Return the result of a tenant.

    Raises:
        Exception: the worker was lost before it had answered.
    """
    found = future.result()
    return found if isinstance(found, TenantResult) else TenantResult.from_dict(found)


# ── in another process ────────────────────────────────────────────────────


@lru_cache(maxsize=1)
def _worker(settings: str) -> Worker:
    return Worker(FleetSettings.from_text(settings))


def run_in_worker(settings: str, id_: str, order: dict[str, Any]) -> dict[str, Any]:
    """Do for one tenant what is wanted, with the project that this process has loaded.

    Args:
        settings: the fleet, as `FleetSettings.to_text` writes it.
        id_: the tenant.
        order: the order, as `Order.to_dict` writes it.

    Returns:
        The result, as `TenantResult.to_dict` writes it.
    """
    try:
        with _loading:
            worker = _worker(settings)
        result = worker.run(id_, Order.from_dict(order))
    except LimbeckError as error:
        failure = describe_failure(error, None)
        action: Action = order["action"]
        result = TenantResult(
            id_, action, "failed", attempts=1,
            code=failure.code, error=failure.text, hint=failure.hint,
        )  # fmt: skip
    return result.to_dict()


def end_with_parent() -> None:
    """End this process after its current tenant when the process that started it is gone.

    Otherwise it would wait for ever for the next tenant.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        raise FleetError("Only a process that was started for a fleet ends with its parent")

    def wait() -> None:
        parent.join()
        with _busy:
            os._exit(1)

    threading.Thread(target=wait, name="limbeck-parent", daemon=True).start()


def run_in_process(settings: str, id_: str, order: dict[str, Any]) -> dict[str, Any]:
    """Do what `run_in_worker` does, and let the process end between two tenants only."""
    with _busy:
        return run_in_worker(settings, id_, order)
