"""Whole processes measured from outside: CPU and wall seconds, peak memory, interleaved."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from link import Link

# A child begins with the peak memory of the process that forked it: it gets a small parent.
_LAUNCH = """
import os, sys
out = os.open(sys.argv[1], os.O_WRONLY)
child = os.fork()
if not child:
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.execv(sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(child, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
"""


@dataclass(frozen=True)
class Run:
    """One finished process."""

    cpu: float
    wall: float
    memory: float
    size: float
    round_trips: int | None = None


@dataclass(frozen=True)
class Command:
    """What to run and what is observed.

    Args:
        before: called before each run, to restore what the last one changed.
        link: the link on which turns are counted.
        grows: the folder whose size after the run counts.
    """

    arguments: Sequence[str]
    folder: Path
    before: Callable[[], object] | None = None
    link: Link | None = None
    grows: Path | None = None


@dataclass(frozen=True)
class Figure:
    """The runs of one command."""

    runs: tuple[Run, ...]

    def median(self, field_: str) -> float:
        """Return the median of cpu, wall (seconds), memory or size (MiB)."""
        return statistics.median(getattr(run, field_) for run in self.runs)

    def text(self, field_: str) -> str:
        """Return median with minimum and maximum."""
        values = [getattr(run, field_) for run in self.runs]
        text = f"{statistics.median(values):.3f} ({min(values):.3f}-{max(values):.3f})"
        turns = self.runs[0].round_trips
        return text if turns is None else f"{text}, {turns} round trips"


def once(command: Command) -> Run:
    """Run a command once; the kernel says what it cost."""
    if command.before:
        command.before()
    with tempfile.NamedTemporaryFile() as output:
        turns = command.link.round_trips if command.link else 0
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _LAUNCH, output.name, *command.arguments],
            cwd=command.folder,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        )
        wall = time.perf_counter() - start
        code, cpu, peak = done.stdout.split()
        if int(code):
            words = output.read().decode(errors="replace")[-3000:]
            raise SystemExit(f"{' '.join(command.arguments)} ended with {code}\n{words}")
    round_trips = command.link.round_trips - turns if command.link else None
    return Run(float(cpu), wall, int(peak) / 1024, _size(command.grows), round_trips)


def _size(folder: Path | None) -> float:
    """Return the size of the files below a folder in MiB."""
    files = () if folder is None else (path for path in folder.rglob("*") if path.is_file())
    return sum(path.stat().st_size for path in files) / 2**20


def interleaved(commands: Mapping[str, Command], runs: int, warmup: int = 1) -> dict[str, Figure]:
    """Run the commands in turn, so that a machine that slows down slows all of them."""
    found: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(runs + warmup):
        for name, command in commands.items():
            done = once(command)
            if number >= warmup:
                found[name].append(done)
    return {name: Figure(tuple(done)) for name, done in found.items()}
