"""The worker process in which `verify` and `lint` run migrations."""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import time
from argparse import Namespace
from typing import IO, Any

from limbeck.errors import LimbeckError
from limbeck.project import Project, find_config
from limbeck.startup.gc_tuning import collect_hardly
from limbeck.startup.lazy_imports import install_lazy_imports
from limbeck.verification import WorkerRequest

_PACKAGE = __name__.partition(".")[0]
_LOOKS_EVERY = 1.0


def main() -> None:
    """Process one request from standard input."""
    _end_with_parent(os.getppid())
    collect_hardly()
    install_lazy_imports()
    # the output of migrations must not mix with the messages
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    request = WorkerRequest.from_json(sys.stdin.read())

    def send(message: dict[str, Any]) -> None:
        _write(channel, message)

    try:
        _serve(request, send)
    except LimbeckError as error:
        send(
            {
                "error": {
                    "message": error.message,
                    "hint": error.hint,
                    "place": error.place,
                    "code": error.code,
                }
            }
        )
    channel.close()


def _end_with_parent(parent: int) -> None:
    """Exit when the parent process has ended, even while a migration runs.

    Args:
        parent: the identifier of the process that started this one.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOKS_EVERY)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _serve(request: WorkerRequest, send: Any) -> None:
    from limbeck import commands  # each name imports its module

    importlib.import_module(f"{_PACKAGE}.compat").install()
    options = Namespace(
        config=list(request.files) or None,
        name=request.section,
        x=list(request.x) or None,
        raiseerr=False,
        quiet=True,
    )
    config = find_config(options.config, name=_PACKAGE, section=request.section, cmd_opts=options)
    project = Project.from_config(config)
    face = importlib.import_module(f"{_PACKAGE}.compat.script")
    script = face.ScriptDirectory.from_config(config)
    if request.job == "models":
        commands.send_model_tables(project, send, script=script)
        return
    is_lint = request.job == "lint"
    work = commands.lint_in_worker if is_lint else commands.verify_in_worker
    work(project, request, send, script=script)


def _write(channel: IO[str], message: dict[str, Any]) -> None:
    channel.write(json.dumps(message) + "\n")
    channel.flush()
