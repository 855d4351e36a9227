"""A project in a folder, used as people use it: files, commands, exit codes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.servers import Database

LIMBECK = (sys.executable, "-m", "limbeck")
HEADER = '''"""{doc}"""

import time

import sqlalchemy as sa
from limbeck import context, op

revision = {id!r}
down_revision = {down!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
{upgrade}


def downgrade() -> None:
{downgrade}
'''


@dataclass(frozen=True)
class Done:
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Everything that was printed."""
        return self.out + self.err


@cache
def model(template: str) -> Path:
    """A freshly made project, to be copied."""
    folder = Path(tempfile.mkdtemp(prefix="limbeck-model-"))
    subprocess.run(
        [*LIMBECK, "-q", "init", "-t", template, "migs"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder


@dataclass
class Worksite:
    """A project on a database.

    Args:
        folder: where it lies.
        url: the database.
        extra: lines for the section of the ini file.
        settings: text put into the call of `context.configure` for a live database.
    """

    folder: Path
    url: str
    extra: str = ""
    settings: str = ""
    template: str = "generic"
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shutil.copytree(model(self.template), self.folder, dirs_exist_ok=True)
        ini = self.folder / "alembic.ini"
        if ini.exists():
            doubled = self.url.replace("%", "%%")
            text = re.sub(
                r"(?m)^sqlalchemy\.url.*$",
                lambda _: f"sqlalchemy.url = {doubled}\n{self.extra}",
                ini.read_text("utf-8"),
            )
            ini.write_text(text, "utf-8")
        if self.settings:
            text = self.env_py.read_text("utf-8")
            changed = text.replace(
                "connection=connection,", f"connection=connection, {self.settings},"
            )
            assert changed != text
            self.env_py.write_text(changed, "utf-8")

    @property
    def env_py(self) -> Path:
        return self.folder / "migs" / "env.py"

    @property
    def versions(self) -> Path:
        return self.folder / "migs" / "versions"

    def write(
        self,
        id_: str,
        upgrade: str = "pass",
        *,
        down: object = None,
        downgrade: str = "pass",
        doc: str = "",
    ) -> Path:
        """Write a revision file."""
        path = self.versions / f"{id_}_.py"
        text = HEADER.format(
            doc=doc or f"about {id_}",
            id=id_,
            down=down,
            upgrade=textwrap.indent(textwrap.dedent(upgrade).strip(), "    "),
            downgrade=textwrap.indent(textwrap.dedent(downgrade).strip(), "    "),
        )
        path.write_text(text, "utf-8")
        return path

    def start(self, *arguments: str, before: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        """Start a command and leave it running."""
        return subprocess.Popen(
            [*before, *LIMBECK, *arguments],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(self.folder), **self.environment},
        )

    def run(self, *arguments: str, timeout: float = 60, before: tuple[str, ...] = ()) -> Done:
        """Run a command to its end."""
        process = self.start(*arguments, before=before)
        try:
            return finish(process, timeout)
        finally:
            process.kill()

    def good(self, *arguments: str) -> str:
        """Run a command that has to succeed; return its stdout."""
        done = self.run(*arguments)
        assert done.code == 0, done.text
        return done.out


def finish(process: subprocess.Popen[str], timeout: float = 60) -> Done:
    """Wait for a command."""
    out, err = process.communicate(timeout=timeout)
    return Done(process.returncode, out, err)


def worksite(folder: Path, database: Database, **options: str) -> Worksite:
    """A project on a database of a test's own."""
    return Worksite(folder / "project", database.address, **options)
