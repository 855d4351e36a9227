"""Run many command lines in one forked process, and search secrets in what they print."""

from __future__ import annotations

import gc
import io
import os
import pickle
import re
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import sqlalchemy as sa

from limbeck.runtime.applied_sources import AppliedSource
from tests.cases.secrets.spellings import Spelling
from tests.cli.project_fixture import HEADER, CliProject, Done, _reset_process_state
from tests.servers import Database

FAILING = " NO SUCH WORD"


@dataclass(frozen=True)
class Job:
    """A command line.

    Args:
        words: its words.
        prepare: what happens before it.
        reads: the files that it writes, which belong to its output.
    """

    words: tuple[str, ...]
    prepare: Callable[[], object] = int
    reads: tuple[str, ...] = ()
    environment: dict[str, str] | None = None


def parts(number: int) -> tuple[str, str]:
    """Return the two parts of the secret of a spelling."""
    return f"Hx{number:02}Qp7", f"Wz{number:02}Lm5"


def revision(
    spelling: Spelling, number: int, name: str, *, down: str | None = None, fails: bool
) -> str:
    """Return the source of a revision file that holds a secret."""
    text = HEADER.format(
        doc=f"spelling {number:02}",
        id=f"s{number:02}",
        down=down,
        upgrade="\n".join(f"    {line}" for line in spelling.body.split("\n")),
        downgrade="    pass",
    )
    # a literal of two lines keeps its second line where it is
    text = text.replace("\n\n\ndef upgrade", f"\n\n{spelling.top}\n\n\ndef upgrade", 1)
    first, second = parts(number)
    words = {"<A>": first, "<B>": second, "<R>": f"{name}_{number:02}"}
    words |= {"<F>": FAILING if fails else "", "<N>": "2" if fails else "1"}
    return re.sub(r"<[ABRFN]>", lambda match: words[match[0]], text)


def leaked(text: str, number: int | None = None) -> list[str]:
    """Return the lines with a part of a secret, of one spelling or of any."""
    one = r"\d\d" if number is None else f"{number:02}"
    pattern = re.compile(rf"hx{one}qp7|wz{one}lm5", re.IGNORECASE)
    return [line[:300] for line in text.splitlines() if pattern.search(line)]


def stored(database: Database) -> str:
    """Return everything in the tables of limbeck, with kept sources unpacked."""
    texts = []
    with database.engine(poolclass=sa.NullPool) as engine, engine.connect() as connection:
        names = [name for name in sa.inspect(connection).get_table_names() if "limbeck" in name]
        for name in names:
            for row in connection.execute(sa.text(f"SELECT * FROM {name}")).mappings():
                texts.append(f"{name}: {dict(row)}")
                if row.get("direction") == "kept":
                    packed = AppliedSource("", "", "", "", "", "", (), row["statement"])
                    texts.append(packed.source.decode())
    return "\n".join(texts)


def run_jobs(site: CliProject, jobs: Sequence[Job], timeout: int = 240) -> list[Done]:
    """Run command lines one after the other in a process of their own."""
    with tempfile.TemporaryFile() as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer Pythons warn of every fork
        pid = os.fork()
        if pid == 0:
            _child(site, jobs, file.fileno(), timeout)
        _, status = os.waitpid(pid, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        file.seek(0)
        done: list[Done] = pickle.loads(file.read())
    assert len(done) == len(jobs)
    return done


def _child(site: CliProject, jobs: Sequence[Job], result: int, timeout: int) -> NoReturn:
    code = 1
    try:
        gc.freeze()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(timeout)
        done = [_run(site, job) for job in jobs]
        os.write(result, pickle.dumps(done))
        code = 0
    except BaseException as error:  # noqa: BLE001 - the child must never return
        os.write(2, f"the child process of the test: {error!r}\n".encode())
    finally:
        os._exit(code)


def _run(site: CliProject, job: Job) -> Done:
    from limbeck.cli import main

    job.prepare()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        _reset_process_state(
            site.folder, job.words, site.environment | (job.environment or {}),
            [out.fileno(), err.fileno()],
        )  # fmt: skip
        sys.excepthook = sys.__excepthook__
        code: object = 0
        try:
            main()
        except SystemExit as left:
            code = left.code
            if isinstance(code, str):
                sys.stderr.write(code)
        except BaseException:  # noqa: BLE001 - as the interpreter would show it
            sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
            code = 1
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):
                stream.flush()
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
    sys.stdin = io.StringIO()
    for name in job.reads:
        path = Path(site.folder, name)
        texts[0] += path.read_text("utf-8") if path.exists() else f"(no {name})"
    for name in job.environment or ():
        del os.environ[name]
    return Done(code if isinstance(code, int) else 1 if code else 0, texts[0], texts[1])
