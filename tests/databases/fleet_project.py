"""A project with many tenants, for the tests of fleets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.servers import Database

HEAD = "r3"
# Alembic's recipe for one schema per tenant, as its users have it
COOKBOOK = """
from sqlalchemy import engine_from_config, pool, text

from alembic import context

config = context.config
target_metadata = None


def run_migrations_online():
    connectable = engine_from_config(
        config.get_section(config.config_ini_section), prefix="sqlalchemy.", poolclass=pool.NullPool
    )
    current_tenant = context.get_x_argument(as_dictionary=True).get("tenant")
    with connectable.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text('set search_path to "%s"' % current_tenant))
            connection.commit()
        elif connection.dialect.name in ("mysql", "mariadb"):
            connection.execute(text("USE %s" % current_tenant))
        connection.dialect.default_schema_name = current_tenant
        context.configure(connection=connection, target_metadata=target_metadata)
        with context.begin_transaction():
            context.run_migrations()


run_migrations_online()
"""
REVISION = '''
"""{doc}"""

import time

import sqlalchemy as sa
from {package} import op

revision = {id!r}
down_revision = {down!r}


def upgrade():
{upgrade}


def downgrade():
{downgrade}
'''


@dataclass
class FleetProject:
    """A project in a folder of its own."""

    folder: Path
    database: Database
    package: str = "limbeck"

    def write(self, number: int, upgrade: str | None = None, downgrade: str | None = None) -> None:
        """Write a revision that creates a table, or does something else."""
        up = (
            upgrade
            or f"op.create_table('t{number}', sa.Column('id', sa.Integer, primary_key=True))"
        )
        text = REVISION.format(
            doc=f"step {number}",
            package=self.package,
            id=f"r{number}",
            down=f"r{number - 1}" if number > 1 else None,
            upgrade=textwrap.indent(up, "    "),
            downgrade=textwrap.indent(downgrade or f"op.drop_table('t{number}')", "    "),
        )
        (self.folder / "migrations" / "versions" / f"r{number}.py").write_text(text.lstrip())

    def settings(self, **values: Any) -> None:
        """Write the settings of the fleet."""
        url = self.database.address
        lines = ["[tool.limbeck]", 'script_location = "migrations"', f"url = {json.dumps(url)}"]
        lines += ["connect_timeout = 2", "[tool.limbeck.fleet]"]
        lines += [f"{name} = {_toml(value)}" for name, value in values.items()]
        (self.folder / "pyproject.toml").write_text("\n".join(lines) + "\n")

    def command(self, *arguments: str) -> list[str]:
        """Return a command line."""
        return [sys.executable, "-m", "limbeck", *arguments]

    def run(
        self, *arguments: str, timeout: float = 120, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command, with further variables of the environment."""
        return subprocess.run(
            self.command(*arguments), cwd=self.folder, capture_output=True, text=True,
            timeout=timeout, check=False, env={**os.environ, **environment},
        )  # fmt: skip

    def results(self, *arguments: str) -> tuple[int, dict[str, dict[str, Any]]]:
        """Run a command of `fleet` and return its exit code and the result of each tenant."""
        done = self.run("fleet", *arguments, "--json")
        assert "Traceback" not in done.stderr, done.stderr
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        assert lines, done.stdout + done.stderr
        return done.returncode, {one["tenant"]: one for one in lines if "tenant" in one}

    def states(self, *arguments: str) -> dict[str, str]:
        """Return where each tenant stands."""
        return {id_: one["state"] for id_, one in self.results("status", *arguments)[1].items()}


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)


def fleet_project(folder: Path, database: Database, *, revisions: int = 3) -> FleetProject:
    """Return a project of revisions that each create a table."""
    (folder / "migrations" / "versions").mkdir(parents=True)
    project = FleetProject(folder, database)
    for number in range(1, revisions + 1):
        project.write(number)
    return project


@contextmanager
def schemas(database: Database, names: list[str]) -> Iterator[str]:
    """Create schemas, and return the pattern of their names; MySQL's are databases."""
    with database.engine() as engine, engine.begin() as connection:
        for name in names:
            connection.execute(sa.schema.CreateSchema(name))
    try:
        yield f"{database.url.database}_*"
    finally:
        with database.engine() as engine, engine.begin() as connection:
            found = sa.inspect(connection).get_schema_names()
            for name in found:
                if name.startswith(f"{database.url.database}_"):
                    connection.execute(
                        sa.schema.DropSchema(name, cascade=database.kind == "postgresql")
                    )


def names_of(database: Database, count: int) -> list[str]:
    """Return names of schemas that no other test has."""
    return [f"{database.url.database}_{number:02d}" for number in range(count)]


def tables(database: Database, schema: str) -> set[str]:
    """Return the tables of a schema, limbeck's own left out."""
    with database.engine() as engine:
        names = sa.inspect(engine).get_table_names(schema=schema)
    return {name for name in names if name.startswith("t")}
