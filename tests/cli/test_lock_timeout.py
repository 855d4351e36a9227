"""A time that is none is refused wherever one can be given."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from limbeck.environment import MigrationContext
from limbeck.errors import InvalidValueError
from tests.cli.project_fixture import worksite
from tests.servers import Database

NO_TIMES = ("nan", "inf", "-inf", "-1", "1e400")


@pytest.mark.parametrize("value", NO_TIMES)
def test_options_and_settings(sqlite: Database, tmp_path: Path, value: str) -> None:
    site = worksite(tmp_path, sqlite)
    site.write("a1")
    for command in (("upgrade", "head"), ("downgrade", "base"), ("stamp", "a1")):
        done = site.run(*command, f"--lock-timeout={value}")
        assert done.code == 2
        assert "--lock-timeout" in done.err
    ini = site.folder / "alembic.ini"
    text = ini.read_text("utf-8")
    for name in ("lock_timeout", "table_timeout", "silence_timeout"):
        ini.write_text(text.replace("sqlalchemy.url", f"{name} = {value}\nsqlalchemy.url"), "utf-8")
        done = site.run("upgrade", "head")
        assert (done.code, name in done.out) == (255, True), done.text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1, "soon", []])
def test_options_of_configure(value: object) -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"lock_timeout": value})
        with pytest.raises(InvalidValueError, match="lock_timeout"):
            _ = context.target
    engine.dispose()
