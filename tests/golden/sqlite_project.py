"""A native project on SQLite whose commands run in the test's own process."""

from __future__ import annotations

import getpass
import os
import socket
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

import limbeck.cli
from tests.golden.project import levels_of_a_new_process

_SETTINGS = """\
[tool.limbeck]
script_location = "migrations"
url = "sqlite:///{database}"
metadata = "models:metadata"
prepend_sys_path = ["."]
{more}
"""
_MODELS = """\
from sqlalchemy import *

metadata = MetaData()
"""
REVISION = '''\
"""{message}"""

import sqlalchemy as sa

from limbeck import op

revision = {identifier!r}
down_revision = {down!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
{upgrade}


def downgrade() -> None:
{downgrade}
'''


@dataclass(frozen=True)
class Outcome:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class SqliteProject:
    """A project in a folder, which is the current one while a test uses it."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    @property
    def versions(self) -> Path:
        """The folder of the revision files."""
        return self.folder / "migrations" / "versions"

    def create(self) -> SqliteProject:
        """Set the project up with no models and no revisions."""
        self.run("-q", "init", "-t", "declared", "migrations")
        self.settings("")
        self.models("")
        return self

    def settings(self, more: str) -> None:
        """Replace the settings that differ from those of every project here."""
        settings = _SETTINGS.format(database=self.folder / "data.sqlite", more=more)
        (self.folder / "pyproject.toml").write_text(settings, "utf-8")

    def models(self, text: str) -> None:
        """Replace the models."""
        (self.folder / "models.py").write_text(_MODELS + textwrap.dedent(text), "utf-8")

    def revision(
        self, identifier: str, down: str | None, upgrade: str = "pass", downgrade: str = "pass",
        message: str = "",
    ) -> Path:  # fmt: skip
        """Write a revision file by hand and return its path."""
        path = self.versions / f"{identifier}.py"
        path.write_text(
            REVISION.format(
                message=message or identifier,
                identifier=identifier,
                down=down,
                upgrade=textwrap.indent(upgrade, "    "),
                downgrade=textwrap.indent(downgrade, "    "),
            ),
            "utf-8",
        )
        return path

    def run(self, *arguments: str) -> Outcome:
        """Run a command."""
        self.capture.readouterr()
        code: object = 0
        writes_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        try:
            with levels_of_a_new_process():
                limbeck.cli.main(arguments, prog="limbeck")
        except SystemExit as stopped:
            code = stopped.code
        finally:
            # the next command reads the models again, and no other test gets these
            sys.modules.pop("models", None)
            sys.dont_write_bytecode = writes_bytecode
        printed = self.capture.readouterr()
        return Outcome(int(str(code or 0)), self._neutral(printed.out), self._neutral(printed.err))

    def _neutral(self, text: str) -> str:
        """Take out what differs from machine to machine."""
        text = text.replace(f"{self.folder}{os.sep}", "").replace(str(self.folder), "<folder>")
        text = text.replace(str(Path(limbeck.cli.__file__).parents[1]), "<limbeck>")
        return text.replace(f"{getpass.getuser()}@{socket.gethostname()}", "<user>@<host>")
