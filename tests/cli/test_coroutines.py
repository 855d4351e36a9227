"""Migrations that are coroutine functions, and commands within an event loop."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from tests.cli.project_fixture import CliProject, cli_project
from tests.servers import Database

ASYNC = """

async def upgrade() -> None:
    import asyncio

    op.create_table("one", sa.Column("id", sa.Integer, primary_key=True))
    await asyncio.sleep(0.01)
    op.execute("INSERT INTO one VALUES (1)")
    try:
        await asyncio.wait_for(asyncio.sleep(9), 0.01)
    except asyncio.TimeoutError:
        op.execute("INSERT INTO one VALUES (2)")


async def downgrade() -> None:
    op.drop_table("one")
"""
PROGRAM = """
import asyncio
import limbeck.aio

async def work():
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.005)

    ticking = asyncio.create_task(tick())
    await limbeck.aio.upgrade(config="alembic.ini")
    (found,) = await limbeck.aio.current(config="alembic.ini")
    assert found.is_at_head
    ticking.cancel()
    assert ticks > 1, ticks

asyncio.run(work())
"""


def written(project: CliProject) -> None:
    """Write a revision whose functions are coroutine functions."""
    path = project.write("aaaa")
    text = path.read_text()
    path.write_text(text[: text.index("def upgrade")] + ASYNC)


def ids(database: Database) -> list[int]:
    """Return the rows of the table."""
    with database.engine(poolclass=sa.NullPool) as engine, engine.connect() as connection:
        return list(connection.scalars(sa.text("SELECT id FROM one ORDER BY id")))


def test_a_coroutine_function_is_awaited(database: Database, tmp_path: Path) -> None:
    project = cli_project(tmp_path, database)
    written(project)
    project.check_output("upgrade", "head")
    assert ids(database) == [1, 2]
    project.check_output("downgrade", "base")


def test_a_coroutine_function_is_awaited_on_an_asynchronous_driver(
    sqlite: Database, tmp_path: Path
) -> None:
    address = sqlite.address.replace("sqlite:", "sqlite+aiosqlite:")
    project = CliProject(tmp_path / "project", address, template="async")
    written(project)
    project.check_output("upgrade", "head")
    assert ids(sqlite) == [1, 2]
    project.check_output("downgrade", "base")


def test_commands_run_within_an_event_loop(sqlite: Database, tmp_path: Path) -> None:
    address = sqlite.address.replace("sqlite:", "sqlite+aiosqlite:")
    project = CliProject(tmp_path / "project", address, template="async")
    written(project)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=project.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert ids(sqlite) == [1, 2]


def test_a_cancelled_call_ends_with_its_command() -> None:
    import time

    from limbeck.aio import _awaited

    ended = []

    def work() -> None:
        time.sleep(0.2)
        ended.append(True)

    async def cancel() -> None:
        task = asyncio.create_task(_awaited(work)())
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        assert ended == [True]

    asyncio.run(cancel())
