"""Invalid times are refused in options, settings and arguments."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from limbeck.environment import MigrationContext
from limbeck.errors import InvalidValueError
from tests.cli.project_fixture import cli_project
from tests.servers import Database

NO_TIMES = ("nan", "inf", "-inf", "-1", "1e400")


@pytest.mark.parametrize("value", NO_TIMES)
def test_options_and_settings(sqlite: Database, tmp_path: Path, value: str) -> None:
    project = cli_project(tmp_path, sqlite)
    project.write("a1")
    for command in (("upgrade", "head"), ("downgrade", "base"), ("stamp", "a1")):
        done = project.run(*command, f"--lock-timeout={value}")
        assert done.code == 2
        assert "--lock-timeout" in done.err
    ini = project.folder / "alembic.ini"
    text = ini.read_text("utf-8")
    for name in ("lock_timeout", "table_timeout", "silence_timeout"):
        ini.write_text(text.replace("sqlalchemy.url", f"{name} = {value}\nsqlalchemy.url"), "utf-8")
        done = project.run("upgrade", "head")
        assert (done.code, name in done.out) == (255, True), done.text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1, "soon", []])
def test_options_of_configure(value: object) -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"lock_timeout": value})
        with pytest.raises(InvalidValueError, match="lock_timeout"):
            _ = context.target
    engine.dispose()


SECOND_ENGINE = """
import sqlalchemy as _sa
_other = _sa.create_engine({url!r}).connect()
_other.connection.cursor().execute("BEGIN IMMEDIATE")
"""


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="NOT TESTED: no list of file locks")
@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_the_writer_of_a_file_is_named(sqlite: Database, tmp_path: Path, mode: str) -> None:
    project = cli_project(tmp_path, sqlite)
    project.write("a1")
    with sqlite.engine() as engine, engine.connect() as connection:
        cursor = connection.connection.cursor()
        cursor.execute(f"PRAGMA journal_mode = {mode}")
        cursor.execute("CREATE TABLE t (id INTEGER)")
        cursor.execute("BEGIN IMMEDIATE")
        done = project.run("upgrade", "head", "--lock-timeout=0.2")
        assert f"process {os.getpid()} is writing to this file" in done.text
    env = project.env_py.read_text("utf-8")
    project.env_py.write_text(SECOND_ENGINE.format(url=sqlite.address) + env, "utf-8")
    done = project.run("upgrade", "head", "--lock-timeout=0.2")
    assert done.code != 0
    assert "another connection of this process" in done.text
