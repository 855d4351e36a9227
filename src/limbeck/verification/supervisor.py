"""Run revisions in a process of its own, and end it when one of them takes too long."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import IO, Any

from limbeck.errors import ScratchError
from limbeck.verification.findings import Phase, RevisionReport, VerifyFinding, VerifyReport

# what it takes to start Python and to execute env.py is not the revision's fault
STARTUP_SECONDS = 30.0
_END_SECONDS = 5.0
_LAST_LINES = 3


@dataclass(frozen=True, slots=True)
class WorkerRequest:
    """What the worker process is to do.

    Args:
        job: "verify", "lint", or "models" to name the tables of the models.
        files: the configuration files that were named.
        section: the section of the ini file.
        x: the values of `-x`.
        revisions: the range of revisions, as given; None for the heads.
        done: identifiers of revisions that have been verified already.
        kind: the kind of scratch database.
        scratch_url: another server for it.
        build: how the schema before each revision is built.
        rows: the number of rows for each table.
        no_server: connect to nothing.
        time_limit: seconds for each step of a revision.
        startup_limit: seconds in addition, until the upgrade begins.
        release: the tables and columns that the running release knows; None for all.
    """

    job: str = "verify"
    files: tuple[str, ...] = ()
    section: str = "alembic"
    x: tuple[str, ...] = ()
    revisions: str | None = None
    done: tuple[str, ...] = ()
    kind: str = "auto"
    scratch_url: str | None = None
    build: str = "auto"
    rows: int = 50
    no_server: bool = False
    time_limit: float = 60.0
    startup_limit: float = STARTUP_SECONDS
    release: Mapping[str, Sequence[str]] | None = None

    def as_json(self) -> str:
        """Return the request as text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> WorkerRequest:
        """Return the request of a text."""
        given = json.loads(text)
        for name in ("files", "x", "done"):
            given[name] = tuple(given[name])
        return cls(**given)


@dataclass(frozen=True, slots=True)
class BrokenOff:
    """A revision that the process did not come to the end of.

    Args:
        revision: its identifier.
        path: its file.
        phase: what was running.
        code: "time-limit" or "process-ended".
        description: what happened.
        seconds: how long the revision ran.
    """

    revision: str
    path: str | None
    phase: Phase
    code: str
    description: str
    seconds: float


def run_worker(
    command: Sequence[str],
    request: WorkerRequest,
    *,
    listener: Callable[[str, str], None] | None = None,
) -> VerifyReport:
    """Verify revisions in a process of its own.

    Args:
        command: starts the worker.
        request: what it is to do.
        listener: called with a revision and the phase that begins.

    Raises:
        ScratchError: the verification could not begin.
    """
    return VerifyReport(
        tuple(
            _broken_off(one) if isinstance(one, BrokenOff) else RevisionReport.from_json(one)
            for one in supervised(command, request, listener=listener)
        )
    )


def _broken_off(found: BrokenOff) -> RevisionReport:
    finding = VerifyFinding(found.code, "error", found.phase, found.description)
    if found.phase == "build":
        # what came before the revision is no fault of it
        finding = VerifyFinding("not-verified", "warning", "build", found.description)
    return RevisionReport(found.revision, found.path, (finding,), seconds=found.seconds)


def supervised(
    command: Sequence[str],
    request: WorkerRequest,
    *,
    listener: Callable[[str, str], None] | None = None,
) -> Iterator[Mapping[str, Any] | BrokenOff]:
    """Run a worker, and another one after each revision that it did not come to the end of.

    Args:
        command: starts the worker.
        request: what it is to do.
        listener: called with a revision and the phase that begins.

    Yields:
        The report of each revision, as plain values, or how it was broken off.

    Raises:
        ScratchError: the work could not begin.
    """
    done: list[str] = []
    while True:
        worker = _Worker(command, replace(request, done=tuple(done)), listener)
        for report in worker.run():
            done.append(report["revision"])
            yield report
        if worker.is_complete:
            return
        broken = worker.broken_off()
        done.append(broken.revision)
        yield broken


class _Worker:
    """One process: what it has reported, and how it ended."""

    def __init__(
        self,
        command: Sequence[str],
        request: WorkerRequest,
        listener: Callable[[str, str], None] | None,
    ) -> None:
        self._command = command
        self._request = request
        self._listener = listener
        self._revision: str | None = None
        self._path: str | None = None
        self._phase: Phase = "build"
        self._timed_out = False
        self._ended = ""
        self._began = time.perf_counter()
        self.is_complete = False

    def run(self) -> list[Mapping[str, Any]]:
        """Run the process to its end; return the reports of the revisions that it ended."""
        reports: list[Mapping[str, Any]] = []
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(  # noqa: S603 - this interpreter with a module of limbeck
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
                encoding="utf-8",
                start_new_session=True,
            )
            try:
                self._talk(process, reports)
            finally:
                _end(process)
            if not self.is_complete:
                self._ended = _last_lines(output)
        return reports

    def _talk(self, process: subprocess.Popen[str], reports: list[Mapping[str, Any]]) -> None:
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(self._request.as_json())
            process.stdin.close()
        messages: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=_read, args=(process.stdout, messages), daemon=True).start()
        limit = self._request.time_limit
        deadline = time.monotonic() + limit + self._request.startup_limit
        while True:
            try:
                line = messages.get(timeout=max(deadline - time.monotonic(), 0.0))
            except queue.Empty:
                self._timed_out = True
                return
            if line is None:
                return
            message = json.loads(line)
            if "begin" in message:
                self._revision, self._path = message["begin"], message["path"]
                self._began = time.perf_counter()
            elif "report" in message:
                reports.append(message["report"])
                self._revision = None
            else:
                self._other(message)
            # the limit is for each step; what comes before the revision is no fault of it
            is_step = message.get("phase", "build") != "build"
            deadline = time.monotonic() + limit + (0 if is_step else self._request.startup_limit)

    def _other(self, message: Mapping[str, Any]) -> None:
        if "phase" in message:
            self._phase = message["phase"]
            if self._listener is not None:
                self._listener(self._revision or "", self._phase)
        elif "error" in message:
            raise ScratchError(**message["error"])
        elif "end" in message:
            self.is_complete = True

    def broken_off(self) -> BrokenOff:
        """Return how the process ended in the middle of a revision.

        Raises:
            ScratchError: no revision had begun.
        """
        if self._revision is None:
            reason = (
                "env.py did not connect within the time limit" if self._timed_out else self._ended
            )
            raise ScratchError(
                f"The process for revisions could not begin: {reason or 'it ended'}", code="LB622"
            )
        limit = self._request.time_limit
        code, words = "process-ended", f"the process ended in the {self._phase}"
        if self._timed_out:
            code, words = "time-limit", f"the {self._phase} did not end within {limit:g} s"
        seconds = round(time.perf_counter() - self._began, 3)
        return BrokenOff(self._revision, self._path, self._phase, code, words, seconds)


def _read(stream: IO[str], messages: queue.Queue[str | None]) -> None:
    with contextlib.suppress(ValueError):
        for line in stream:
            messages.put(line)
    messages.put(None)


def _end(process: subprocess.Popen[str]) -> None:
    """End a process and all that it has started."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        if process.poll() is not None or process.wait(timeout=0.2) is not None:
            return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait(timeout=_END_SECONDS)


def _last_lines(output: IO[bytes]) -> str:
    output.seek(0)
    lines = output.read().decode("utf-8", "replace").strip().splitlines()
    return " / ".join(lines[-_LAST_LINES:])
