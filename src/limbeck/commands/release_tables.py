"""The tables and columns that the running release uses: the models at a git reference."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limbeck.commands.git_files import run_git
from limbeck.commands.run_env import Script, run_env
from limbeck.project import Project

if TYPE_CHECKING:
    from limbeck.verification import WorkerRequest

Release = Mapping[str, Sequence[str]]


def tables_of(metadata: Any) -> dict[str, list[str]] | None:
    """Return the columns of each table of the models; None without models.

    Args:
        metadata: a `MetaData`, several of them, or None.
    """
    listed = metadata if isinstance(metadata, Sequence) else [metadata]
    found = {
        str(name): [str(column.name) for column in table.columns]
        for one in listed
        if one is not None
        for name, table in one.tables.items()
    }
    return found or None


def send_model_tables(
    project: Project, send: Callable[[dict[str, Any]], None], *, script: Script | None = None
) -> None:
    """Send the tables of the project's models; env.py runs in offline mode.

    Args:
        project: the project.
        send: a function that sends messages to the parent process.
        script: the `context.script` of env.py.
    """
    found: list[dict[str, list[str]] | None] = []

    def job(_rows: Any, context: Any) -> list[Any]:
        found.append(tables_of(context.opts.get("target_metadata")))
        return []

    run_env(project, job, script=script, as_sql=True, output_buffer=io.StringIO())
    send({"models": next(filter(None, found), None)})


def released(
    reference: str, request: WorkerRequest, worker: Sequence[str]
) -> tuple[Release | None, str | None]:
    """Return the tables of the models at a git reference, or the reason why they are unknown.

    Args:
        reference: a branch, tag or commit.
        request: a request with the configuration of the project.
        worker: the command line of the worker process.
    """
    here = Path.cwd()
    with _checkout(here, reference) as moved:
        if moved is None:
            return None, f"the files at {reference} cannot be read"
        files = tuple(str(moved(Path(name))) for name in request.files)
        asked = replace(request, job="models", files=files)
        paths = [str(moved(Path(one))) for one in sys.path if one]
        done = subprocess.run(  # noqa: S603 - limbeck itself
            [*worker],
            cwd=moved(here) if moved(here).is_dir() else here,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            input=asked.as_json(),
            capture_output=True,
            text=True,
            check=False,
            timeout=request.time_limit + request.startup_limit,
        )
    return _answer(reference, done.stdout)


def _answer(reference: str, text: str) -> tuple[Release | None, str | None]:
    reason = "no models are named there"
    for line in text.splitlines():
        message = json.loads(line)
        if message.get("models"):
            return message["models"], None
        if "error" in message:
            reason = str(message["error"]["message"])
    return None, f"the schema is used, because the models at {reference} were not read: {reason}"


@contextlib.contextmanager
def _checkout(folder: Path, reference: str) -> Iterator[Callable[[Path], Path] | None]:
    """Yield a function that returns the path of a file at a git reference, for a current path."""
    top = run_git(folder, "rev-parse", "--show-toplevel")
    root = None if top is None else Path(top.decode().strip()).resolve()
    packed = None if root is None else run_git(root, "archive", "--format=tar", reference)
    if root is None or packed is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="limbeck-release-") as copy:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            if hasattr(tarfile, "data_filter"):
                archive.extractall(copy, filter="data")
            else:
                archive.extractall(copy)  # noqa: S202 - made by git

        def moved(path: Path) -> Path:
            full = path.resolve()
            return Path(copy) / full.relative_to(root) if full.is_relative_to(root) else path

        yield moved
