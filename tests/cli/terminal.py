"""A command that runs on a pseudo-terminal, with typed answers."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

_LIMIT = 60


def on_terminal(
    folder: Path, *words: str, answers: Sequence[str] = (), environ: dict[str, str] | None = None
) -> tuple[int, str]:
    """Run limbeck on a pseudo-terminal and return its exit code and what was shown.

    Args:
        folder: where the command runs.
        words: its arguments.
        answers: the lines that a person types, each when the command waits for one.
        environ: further variables of the environment.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "limbeck", *words],
        cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", **(environ or {})},
    )  # fmt: skip
    os.close(theirs)
    shown, waiting, deadline = b"", list(answers), time.monotonic() + _LIMIT
    while time.monotonic() < deadline:
        ready, _, _ = select.select([ours], [], [], 0.3)
        if ready:
            try:
                read = os.read(ours, 65536)
            except OSError:  # the other side is closed
                break
            if not read:
                break
            shown += read
        elif waiting and shown.rstrip(b"\r\n")[-2:] in {b": ", b"] "}:
            os.write(ours, (waiting.pop(0) + "\n").encode())
        elif process.poll() is not None:
            break
    code = process.wait(timeout=10)
    os.close(ours)
    return code, shown.decode(errors="replace").replace("\r\n", "\n")
