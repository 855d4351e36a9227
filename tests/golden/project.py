"""A project of the golden tests: the command line, run in this process, and what it writes."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import re
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import limbeck.cli
import limbeck.project

_INI = "[alembic]\nscript_location = {folder}/migrations\n"
_ENV = """\
import {models} as models
from {package} import context

arguments = context.get_x_argument(as_dictionary=True)
release = getattr(models, arguments.get("release", "first"))
options = {{
    "target_metadata": release(arguments["dialect"]),
    # on MySQL and MariaDB the schemas are the databases of others
    "include_schemas": arguments["dialect"] not in ("mysql", "mariadb"),
}}
if context.is_offline_mode():
    context.configure(dialect_name=arguments["dialect"], literal_binds=True, **options)
    with context.begin_transaction():
        context.run_migrations()
else:
    import sqlalchemy as sa

    engine = sa.create_engine(arguments["url"], poolclass=sa.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            context.run_migrations()
"""
_REVISION = '''\
"""{identifier}"""

import sqlalchemy as sa

from {package} import op

revision = {identifier!r}
down_revision = {down!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
{upgrade}


def downgrade() -> None:
{downgrade}
'''
_DATE = re.compile(r"^Create Date: .*$", re.MULTILINE)


@contextlib.contextmanager
def levels_of_a_new_process() -> Iterator[None]:
    """Give all loggers the levels of a new process: tests before this one may have set others."""
    loggers = [
        one for one in logging.root.manager.loggerDict.values() if isinstance(one, logging.Logger)
    ]
    before = {one: one.level for one in (logging.root, *loggers)}
    for one in before:
        one.setLevel(logging.WARNING if one is logging.root else logging.NOTSET)
    try:
        yield
    finally:
        for one, level in before.items():
            one.setLevel(level)


@dataclass(frozen=True)
class GoldenProject:
    """A project in a folder.

    Args:
        folder: where it lies.
        package: "limbeck" for a native project, "alembic" for one of Alembic's.
        dialect: the name of SQLAlchemy's dialect.
        url: the database, if there is one.
        models: the module whose functions `first` and `second` return the models of a dialect.
    """

    folder: Path
    package: str
    dialect: str
    url: str = ""
    models: str = "tests.golden.models"

    def create(self) -> GoldenProject:
        """Write the project's own files."""
        home = self.folder / "migrations"
        (home / "versions").mkdir(parents=True)
        (self.folder / "alembic.ini").write_text(_INI.format(folder=self.folder), "utf-8")
        env = _ENV.format(package=self.package, models=self.models)
        (home / "env.py").write_text(env, "utf-8")
        package = Path(limbeck.project.__file__).parent
        frame = "native_frame" if self.package == "limbeck" else "templates/generic"
        source = package / frame / "script.py.mako"
        (home / "script.py.mako").write_text(source.read_text("utf-8"), "utf-8")
        return self

    def write(self, identifier: str, down: str | None, upgrade: str, downgrade: str) -> None:
        """Write a revision by hand."""
        text = _REVISION.format(
            package=self.package,
            identifier=identifier,
            down=down,
            upgrade=_indented(upgrade),
            downgrade=_indented(downgrade),
        )
        versions = self.folder / "migrations" / "versions"
        (versions / f"{identifier}.py").write_text(text, "utf-8")

    def draft(self, identifier: str, release: str, *options: str) -> str:
        """Draft a revision and return its text, without the date."""
        self.run(release, "revision", "--autogenerate", "-m", release, "--rev-id", identifier,
                 *options)  # fmt: skip
        (path,) = (self.folder / "migrations" / "versions").glob(f"{identifier}_*.py")
        return _DATE.sub("Create Date: today", path.read_text("utf-8"))

    def script(self, *arguments: str) -> str:
        """Return the script that a command writes with `--sql`."""
        return self.run("first", *arguments, "--sql")

    def differences(self, release: str) -> list[str]:
        """Return the differences that the offline check finds."""
        out, err = io.StringIO(), io.StringIO()
        self._main([*self._words(release), "check", "--offline", "--json"], out, err)
        assert out.getvalue().startswith("{"), out.getvalue() + err.getvalue()
        found, _ = json.JSONDecoder().raw_decode(out.getvalue())
        return list(found["differences"])

    def _words(self, release: str) -> list[str]:
        return ["-c", str(self.folder / "alembic.ini"), "-x", f"dialect={self.dialect}",
                "-x", f"release={release}", "-x", f"url={self.url}"]  # fmt: skip

    def run(self, release: str, *arguments: str) -> str:
        """Run a command and return its output.

        Raises:
            AssertionError: the command failed.
        """
        out, err = io.StringIO(), io.StringIO()
        code = self._main([*self._words(release), *arguments], out, err)
        assert not code, out.getvalue() + err.getvalue()
        return out.getvalue()

    def _main(self, words: list[str], out: io.StringIO, err: io.StringIO) -> object:
        code: object = 0
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            levels_of_a_new_process(),
        ):
            # what is drafted and written counts here, warnings have tests of their own
            warnings.simplefilter("ignore")
            try:
                limbeck.cli.main(words, prog="limbeck")
            except SystemExit as stopped:
                code = stopped.code
        return code


def _indented(body: str) -> str:
    return textwrap.indent(body.strip() or "pass", "    ")
