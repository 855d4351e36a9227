"""The statements of a command on PostgreSQL, recorded once and sent again with the bare driver."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

_FILE = "statements.json"
# sitecustomize.py of the processes that are recorded
_RECORDER = f"""
import atexit, json, psycopg
steps, numbers = [], {{}}

def note(connection, *step):
    steps.append([numbers.setdefault(id(connection), len(numbers)), *step])

def wrapped(kind, name):
    real = getattr(kind, name)
    def execute(self, query, params=None, *rest, **options):
        text = query.decode() if isinstance(query, bytes) else query
        if not isinstance(text, str):
            text = text.as_string(self.connection)
        note(self.connection, name, text, params, self.connection.autocommit)
        return real(self, query, params, *rest, **options)
    setattr(kind, name, execute)

def ending(name):
    real = getattr(psycopg.Connection, name)
    def end(self):
        note(self, name)
        return real(self)
    setattr(psycopg.Connection, name, end)

real = psycopg.Connection.connect.__func__
def connect(kind, conninfo="", **options):
    made = real(kind, conninfo, **options)
    numbers.pop(id(made), None)
    numbers[id(made)] = len(steps) + 1_000_000
    given = {{k: v for k, v in options.items() if isinstance(v, (str, int))}}
    note(made, "connect", conninfo, given)
    return made
psycopg.Connection.connect = classmethod(connect)
psycopg.connect = psycopg.Connection.connect
for kind in (psycopg.Cursor, psycopg.ServerCursor):
    wrapped(kind, "execute")
for name in ("commit", "rollback", "close"):
    ending(name)

def write():
    if steps:
        with open({_FILE!r}, "w") as file:
            json.dump(steps, file, default=list)
atexit.register(write)
"""
# what sends them again
_SENDER = f"""
import json, psycopg
opened = {{}}
for number, step, *rest in json.load(open({_FILE!r})):
    if step == "connect":
        opened[number] = psycopg.connect(rest[0], **rest[1])
        continue
    connection = opened[number]
    if step != "execute":
        getattr(connection, step)()
        continue
    text, params, autocommit = rest
    if connection.autocommit != autocommit:
        connection.autocommit = autocommit
    try:
        cursor = connection.execute(text, params)
        if cursor.description is not None:
            cursor.fetchall()
    except psycopg.Error:
        pass
"""


def recorded(python: str, command: Sequence[str], folder: Path) -> list[str]:
    """Run a command once; return the command that sends its statements with psycopg alone.

    Args:
        python: the interpreter.
        command: what is run.
        folder: where it is run; it holds the statements afterwards.
    """
    place = folder / "recorder"
    place.mkdir()
    (place / "sitecustomize.py").write_text(_RECORDER)
    subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(place)},
        check=True,
        capture_output=True,
    )
    # as the name of a scratch database whose process has ended, others would remove it
    recording = folder / _FILE
    recording.write_text(recording.read_text().replace("limbeck_scratch_", "limbeck_bench_copy_"))
    return [python, "-c", _SENDER]
